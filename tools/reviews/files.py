"""One file of CSV, JSON or Parquet as a table of strings, beside the records it had to reject."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tools.errors import ReadError
from tools.reviews.delimited import read_rows
from tools.reviews.encodings import FileFacts, inspect_file, read_lines
from tools.reviews.objects import read_objects
from tools.reviews.rejects import Reject

_BATCH = 20_000
_JSON_START = re.compile(r"\s*(?:\{|\[\s*(?:[{\]]|$))")


@dataclass(frozen=True)
class LoadedFile:
    """`table`: the sound records in file order, all columns strings, empty values null; `lines`:
    the line that each starts on; `rejects`: the others; `format`: csv, json or parquet;
    `delimiter`: "" where there is none."""

    facts: FileFacts
    format: str
    delimiter: str
    table: pa.Table
    lines: list[int]
    rejects: list[Reject]


def load_file(path: Path, progress: Callable[[float], None] = lambda share: None) -> LoadedFile:
    """Read one file whole; `progress` is called with the share read, in [0, 1].

    Raises:
        ReadError: not a file of records, as `inspect_file` says, or a broken header.
    """
    facts = inspect_file(path)
    if facts.kind == "parquet":
        return _load_parquet(facts)
    lines = read_lines(facts, progress)
    start: list[str] = []
    for line in lines:
        start.append(line)
        if line.strip():
            break
    load = _load_json if _JSON_START.match(start[-1]) else _load_csv
    return load(facts, chain(start, lines))


def _load_csv(facts: FileFacts, text: Iterable[str]) -> LoadedFile:
    dialect, header, rows = read_rows(text)
    if header.reason:
        raise ReadError(f"{facts.path.name} has a broken header: {header.reason}. Mend its line 1.")
    names = _unique_names(header.fields)
    batches = [_to_table({name: [] for name in names})]
    lines: list[int] = []
    rejects: list[Reject] = []
    while batch := list(islice(rows, _BATCH)):
        sound = [row for row in batch if not row.reason]
        columns = zip(*(row.fields for row in sound), strict=True)
        if sound:
            batches.append(_to_table(dict(zip(names, columns, strict=True))))
        lines += [row.line for row in sound]
        rejects += [
            Reject(facts.path.name, row.line, row.reason, row.raw) for row in batch if row.reason
        ]
    table = pa.concat_tables(batches)
    return LoadedFile(facts, "csv", dialect.delimiter, table, lines, rejects)


def _load_json(facts: FileFacts, text: Iterable[str]) -> LoadedFile:
    entries = read_objects(text)
    batches: list[pa.Table] = []
    lines: list[int] = []
    rejects: list[Reject] = []
    while batch := list(islice(entries, _BATCH)):
        sound = [entry for entry in batch if not entry.reason]
        keys = list(dict.fromkeys(key for entry in sound for key in entry.members))
        columns = [[to_text(entry.members.get(key)) for entry in sound] for key in keys]
        if sound:
            names = [to_text(key) or "" for key in keys]
            batches.append(_to_table(dict(zip(names, columns, strict=True))))
        lines += [entry.line for entry in sound]
        rejects += [
            Reject(facts.path.name, entry.line, entry.reason, entry.raw)
            for entry in batch
            if entry.reason
        ]
    table = pa.concat_tables(batches, promote_options="default") if batches else pa.table({})
    table = table.rename_columns(_unique_names(table.column_names))
    return LoadedFile(facts, "json", "", table, lines, rejects)


def _load_parquet(facts: FileFacts) -> LoadedFile:
    try:
        # Not read_table: that would take a folder named year=2020 for a column.
        raw = pq.ParquetFile(facts.path).read()
    except (pa.ArrowException, OSError) as error:
        raise ReadError(
            f"{facts.path.name} is a damaged Parquet file ({str(error).splitlines()[0]}). "
            "Write it again."
        ) from error
    names = _unique_names(raw.column_names)
    columns = [_to_strings(column) for column in raw.columns]
    table = pa.table(dict(zip(names, columns, strict=True)))
    return LoadedFile(facts, "parquet", "", table, list(range(1, raw.num_rows + 1)), [])


def to_text(value: object) -> str | None:
    """A JSON or Parquet value as text: whole floats without .0, since pandas turns ids with gaps
    into floats; nested values as JSON; NaN and null as None."""
    if value is None or value != value:
        return None
    if isinstance(value, str):
        # A lone surrogate, as "\ud83d" in JSON, cannot be stored.
        clean = value.replace("\0", "")
        if not clean.isascii():
            clean = clean.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return clean
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").replace("\0", "")
    if isinstance(value, dict | list):
        return to_text(json.dumps(value, ensure_ascii=False, default=str))
    return str(value)


def _to_strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    simple = pa.types.is_integer(column.type) or pa.types.is_temporal(column.type)
    if simple and not pa.types.is_duration(column.type):
        return column.cast(pa.string())
    return _nullify_empty(
        pa.chunked_array([pa.array(map(to_text, column.to_pylist()), pa.string())])
    )


def _to_table(columns: dict[str, Sequence[str | None]]) -> pa.Table:
    arrays = [_nullify_empty(pa.array(values, pa.string())) for values in columns.values()]
    return pa.table(arrays, names=list(columns))


def _nullify_empty(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _unique_names(names: Iterable[str]) -> list[str]:
    """Names without blanks around them, none empty, none twice even with case folded."""
    unique: list[str] = []
    taken: set[str] = set()
    for position, given in enumerate(names, start=1):
        name = base = given.strip() or f"column_{position}"
        count = 1
        while name.lower() in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name.lower())
        unique.append(name)
    return unique
