"""What an experiment showed and what came of it, kept as JSON lines in a folder of the workspace.

    FOLDER/exposures.jsonl   who was shown which arm
    FOLDER/outcomes.jsonl    what users did
    FOLDER/decisions.jsonl   what a recommender showed, how likely it was to, and the reward

Lines are appended and never changed. A kill may leave a torn line behind; the next append begins
on a line of its own, and a reader leaves torn lines out and counts them.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from tools.errors import InputError, WorkspaceError

_DTYPES = {
    "str": "str",
    "float": "float64",
    "datetime": "datetime64[us]",
    "int | None": "Int64",
}


@dataclass(frozen=True)
class Exposure:
    """A user was shown an arm. time: UTC where it names no zone; group_id: the group that the user
    was in at that time.
    """

    experiment: str
    user_id: str
    arm: str
    time: datetime
    group_id: int | None = None


@dataclass(frozen=True)
class Outcome:
    """A user did something: name says what, as `bought`, and value how much, 1 where it has no
    measure of its own.
    """

    experiment: str
    user_id: str
    name: str
    value: float
    time: datetime


@dataclass(frozen=True)
class Decision:
    """A user was shown an item, which had that probability to be shown, and gave that reward.

    Raises: InputError where the propensity is not above 0 and at most 1.
    """

    user_id: str
    item_id: str
    propensity: float
    reward: float
    time: datetime

    def __post_init__(self) -> None:
        if not 0 < self.propensity <= 1:
            raise InputError(
                f"A propensity must be above 0 and at most 1; got {self.propensity}. Log the "
                "probability that the item was shown with."
            )


@dataclass(frozen=True)
class Entries:
    """A row a whole line, in the order written, columns as the record's fields; times are naive
    UTC. n_torn: how many lines are not whole.
    """

    frame: pd.DataFrame
    n_torn: int


_FILES: dict[type, str] = {
    Exposure: "exposures.jsonl",
    Outcome: "outcomes.jsonl",
    Decision: "decisions.jsonl",
}


def append(folder: Path, records: Sequence[Exposure | Outcome | Decision]) -> None:
    """Add records to the log; they are on disk on return. Several processes may append at once.

    Raises:
        InputError: a number is not finite, or a string is not Unicode text.
        WorkspaceError: the log cannot be written.
    """
    for kind, name in _FILES.items():
        lines = [_write_line(r) for r in records if type(r) is kind]
        if lines:
            _append_bytes(folder / name, b"\n" + b"".join(lines))


def read_log(folder: Path, kind: type[Exposure | Outcome | Decision]) -> Entries:
    """All records of a kind; none where nothing was logged."""
    try:
        data = (folder / _FILES[kind]).read_bytes()
    except FileNotFoundError:
        data = b""
    names = {field.name for field in fields(kind)}
    rows, torn = [], 0
    for line in data.split(b"\n"):
        if line:
            row = _read_line(line)
            if row is not None and row.keys() == names:
                rows.append(row)
            else:
                torn += 1
    columns = {
        field.name: _type_column([row[field.name] for row in rows], str(field.type))
        for field in fields(kind)
    }
    return Entries(pd.DataFrame(columns), torn)


def to_utc(time: datetime) -> datetime:
    """Naive UTC; a time without zone is taken to be UTC."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def _write_line(record: Exposure | Outcome | Decision) -> bytes:
    row = asdict(record)
    for name, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(
                f"The {name} of user {record.user_id!r} must be a finite number; got {value}. "
                "Leave the record out."
            )
    row["time"] = to_utc(record.time).isoformat()
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:
        raise InputError(
            f"Ids and names that are logged must be Unicode text; got {record.user_id!r} with half "
            "a surrogate pair. Decode the id as the encoding that it was written in."
        ) from None


def _append_bytes(file: Path, data: bytes) -> None:
    """One write, so that the lines of processes that append at once do not mix."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab", buffering=0) as out:
            if out.write(data) != len(data):
                raise OSError("the disk is full")
            os.fsync(out.fileno())
    except OSError as error:
        raise WorkspaceError(
            f"{file} cannot be written ({error.strerror or error}). Make room or check the "
            "folder's rights."
        ) from error


def _read_line(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _type_column(values: list[Any], kind: str) -> pd.Series:
    if kind == "datetime":
        return pd.Series(pd.to_datetime(values, format="ISO8601")).astype(_DTYPES[kind])
    return pd.Series(values, dtype=_DTYPES[kind])
