"""What people said of recommendations, kept beside the versions of a workspace."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

FILE = "feedback.jsonl"

Verdict = Literal["good", "bad", "withdrawn"]


def add_feedback(workspace: Path, whom: str, item_id: str, verdict: Verdict) -> None:
    """Append one line, on the disk when this returns. whom: "user:ID" or "group:NUMBER"."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "whom": whom,
        "item_id": item_id,
        "verdict": verdict,
    }
    with (workspace / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_feedback(workspace: Path, whom: str) -> dict[str, Verdict]:
    """Item → the last word on it for this user or group; a line torn by a kill is left out."""
    path = workspace / FILE
    if not path.is_file():
        return {}
    found: dict[str, Verdict] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        if entry["whom"] == whom:
            found[entry["item_id"]] = entry["verdict"]
    return {item: verdict for item, verdict in found.items() if verdict != "withdrawn"}
