"""What became of every record of every file: loaded, a duplicate, or rejected with its reason."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tools.errors import ReadError
from tools.reviews.assembly import Part
from tools.reviews.files import LoadedFile
from tools.reviews.rejects import Reject, write_rejects

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FileReport:
    """What became of one file: `bytes` is its size on disk; `format` is csv, json or parquet;
    `encoding` and `delimiter` are "" where there is none; `read` is the sum of the last three."""

    name: str
    sha256: str
    bytes: int
    encoding: str
    format: str
    delimiter: str
    read: int
    loaded: int
    duplicates: int
    rejected: int


@dataclass(frozen=True)
class ReadReport:
    """What became of all records: `read` is the sum of the next three. `mapping`: our column ->
    the file's (where files differ, joined by " or "); `notes`: sentences to show."""

    read: int
    loaded: int
    duplicates: int
    rejected: int
    mapping: dict[str, str]
    files: list[FileReport]
    notes: list[str]

    def __post_init__(self) -> None:
        if self.read != self.loaded + self.duplicates + self.rejected:
            raise ValueError(f"records went missing while reading: {self}")


@dataclass(frozen=True)
class Verdicts:
    """One entry a record, over all parts in order: why it is rejected, "" where it is not, and
    whether it is a duplicate.
    """

    faults: Sequence[str]
    duplicate: Bools

    @property
    def rejected(self) -> Bools:
        """Which records are."""
        return np.array([bool(fault) for fault in self.faults], dtype=bool)


def name_faults(rejected: Bools, reason: str) -> list[str]:
    """The reason for each rejected record, "" for the others."""
    return [reason if one else "" for one in rejected]


def keep_sound(
    parts: Sequence[Part], columns: Mapping[str, pa.Array | pa.ChunkedArray], verdicts: Verdicts
) -> pa.Table:
    """The records that are neither rejected nor duplicates.

    Raises:
        ReadError: there are none.
    """
    table = pa.table(dict(columns)).filter(pa.array(~(verdicts.rejected | verdicts.duplicate)))
    if table.num_rows:
        return table
    names = ", ".join(part.file.facts.path.name for part in parts)
    reasons = Counter(reject.reason for part in parts for reject in part.file.rejects)
    reasons += Counter(fault for fault in verdicts.faults if fault)
    if not reasons:
        raise ReadError(f"{names} holds a header and no records. Give a file with records.")
    reason, count = reasons.most_common(1)[0]
    raise ReadError(
        f"No record of {names} could be loaded: {reason} ({count:,} of {reasons.total():,}). "
        "Mend the file, or map other columns."
    )


def add_up(
    parts: Sequence[Part], verdicts: Verdicts, notes: Sequence[str], rejects_to: Path | None
) -> ReadReport:
    """Write the rejects and add up the records, file by file."""
    reports: list[FileReport] = []
    rejects: list[Reject] = []
    mapping: dict[str, list[str]] = {}
    start = 0
    for part in parts:
        file, stop = part.file, start + part.file.table.num_rows
        faults = verdicts.faults[start:stop]
        late = [_reject_row(file, row, fault) for row, fault in enumerate(faults) if fault]
        rejects += sorted([*file.rejects, *late], key=lambda reject: reject.line)
        duplicates = int(verdicts.duplicate[start:stop].sum())
        reports.append(
            FileReport(
                name=file.facts.path.name,
                sha256=file.facts.sha256,
                bytes=file.facts.bytes,
                encoding=file.facts.encoding,
                format=file.format,
                delimiter=file.delimiter,
                read=stop - start + len(file.rejects),
                loaded=stop - start - duplicates - len(late),
                duplicates=duplicates,
                rejected=len(file.rejects) + len(late),
            )
        )
        for ours, theirs in part.chosen.items():
            mapping.setdefault(ours, []).append(theirs)
        start = stop
    if rejects_to:
        write_rejects(rejects, rejects_to)
    encodings = [part.file.facts.note for part in parts if part.file.facts.note]
    return ReadReport(
        read=sum(report.read for report in reports),
        loaded=sum(report.loaded for report in reports),
        duplicates=sum(report.duplicates for report in reports),
        rejected=sum(report.rejected for report in reports),
        mapping={ours: " or ".join(dict.fromkeys(names)) for ours, names in mapping.items()},
        files=reports,
        notes=list(dict.fromkeys([*encodings, *notes])),
    )


def _reject_row(file: LoadedFile, row: int, reason: str) -> Reject:
    values = file.table.slice(row, 1).to_pylist()[0]
    if file.format == "csv":
        record = file.delimiter.join(value or "" for value in values.values())
    else:
        given = {name: value for name, value in values.items() if value is not None}
        record = json.dumps(given, ensure_ascii=False)
    return Reject(file.facts.path.name, file.lines[row], reason, record)
