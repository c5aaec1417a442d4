"""Where the real data sets lie that benchmarks read: beside the project, never in it."""

from __future__ import annotations

import sys
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "data"


def find_data(name: str) -> Path:
    """The file, or an exit with a sentence that says what is missing."""
    path = SHARED / name
    if not path.exists():
        sys.exit(f"This benchmark needs {path}, which is not there.")
    return path
