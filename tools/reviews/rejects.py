"""Records that could not be used, and the file they are listed in."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.errors import InputError

_RECORD_SHOWN = 500
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


@dataclass(frozen=True)
class Reject:
    """A record that cannot be used: `line` is 1-based, in Parquet the number of its row."""

    file: str
    line: int
    reason: str
    record: str


def write_rejects(rejects: Sequence[Reject], file: Path) -> None:
    """Write a CSV of file, line, reason and the first 500 characters of each record.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["file", "line", "reason", "record"])
            for reject in rejects:
                record = safe_cell(reject.record.rstrip("\r\n")[:_RECORD_SHOWN])
                writer.writerow([safe_cell(reject.file), reject.line, reject.reason, record])
    except OSError as error:
        raise InputError(f"Rejects cannot be written to {file}: {error.strerror}.") from error


def safe_cell(value: str) -> str:
    """`value` with ' before it if a spreadsheet could take it for a formula."""
    return "'" + value if value.startswith(_FORMULA_STARTS) else value
