"""What was decided about surges, kept beside the versions of a workspace and outliving them.

    alerts.jsonl   {"time", "surge_id", "state", "note"}, a line a decision, only ever appended

A surge without a line is new. Its last line holds; "undone" takes back the one before it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from tools.errors import InputError
from tools.monitoring.folding import Event, fold
from tools.monitoring.surges import Surge

FILE = "alerts.jsonl"

State = Literal["new", "acknowledged", "closed"]
Step = Literal["acknowledged", "closed", "undone"]


@dataclass(frozen=True)
class Decision:
    """state; note: why it was closed, or what was noted; time: when, UTC, None while new."""

    state: State
    note: str
    time: datetime | None


@dataclass(frozen=True)
class Alert:
    """An event and what was decided about it, under whichever of its surges' ids it was."""

    event: Event
    decision: Decision
    decided_id: str


NEW = Decision("new", "", None)


def decide(workspace: Path, surge_id: str, step: Step, note: str = "") -> Decision:
    """Append one line, on the disk when this returns; what now holds.

    Raises: InputError if the step is none of the three, a surge is closed without a note, or there
    is nothing to undo.
    """
    if step not in get_args(Step):
        raise InputError(
            f"An alert can be acknowledged, closed or undone; got {step!r}. Choose one of these."
        )
    if step == "closed" and not note.strip():
        raise InputError("Closing an alert needs a note that says why. Add one.")
    if step == "undone" and surge_id not in read_decisions(workspace):
        raise InputError(f"Nothing was decided about alert {surge_id}, so nothing can be undone.")
    line = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "surge_id": surge_id,
        "state": step,
        "note": note.strip(),
    }
    path = workspace / FILE
    with path.open("ab+") as file:
        _end_torn_line(file.fileno(), path)
        file.write(json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return read_decisions(workspace).get(surge_id, NEW)


def read_decisions(workspace: Path) -> dict[str, Decision]:
    """Surge id → what holds; new ones are not in it. A line torn by a kill is left out."""
    path = workspace / FILE
    if not path.is_file():
        return {}
    told: dict[str, list[Decision]] = {}
    for line in path.read_bytes().split(b"\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        history = told.setdefault(entry["surge_id"], [])
        if entry["state"] != "undone":
            time = datetime.fromisoformat(entry["time"])
            history.append(Decision(entry["state"], entry["note"], time))
        elif history:
            history.pop()
    return {surge_id: history[-1] for surge_id, history in told.items() if history}


def list_alerts(workspace: Path, surges: Iterable[Surge]) -> list[Alert]:
    """Each event with its state, latest first."""
    decisions = read_decisions(workspace)
    return [_look_up(event, decisions) for event in fold(surges)]


def _look_up(event: Event, decisions: Mapping[str, Decision]) -> Alert:
    """As more is known, another of an event's surges may become the surest: what was decided about
    any of them holds, the latest if several were.
    """
    decided = [i for i in event.ids if i in decisions]
    if not decided:
        return Alert(event, NEW, event.head.id)
    latest = max(decided, key=lambda i: (decisions[i].time, -event.ids.index(i)))
    return Alert(event, decisions[latest], latest)


def _end_torn_line(handle: int, path: Path) -> None:
    """A line that a kill cut short would swallow the next one."""
    size = os.fstat(handle).st_size
    if size and path.read_bytes()[-1:] != b"\n":
        os.write(handle, b"\n")
