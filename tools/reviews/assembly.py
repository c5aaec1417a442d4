"""Files with different columns made into one: which column is which, and its values typed.

Functions that gather give one value a record, over all parts, in order, and null where a part has
no such column.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from tools.reviews.columns import check_mapping, map_columns, require_column
from tools.reviews.files import LoadedFile
from tools.reviews.ratings import ParsedNumbers, describe_scale, parse_prices, parse_ratings
from tools.reviews.times import parse_times


@dataclass(frozen=True)
class Part:
    """A file and which of its columns is which of ours (our column -> the file's)."""

    file: LoadedFile
    chosen: dict[str, str]


def choose_columns(
    files: Sequence[LoadedFile], names: Mapping[str, str], mapping: Mapping[str, str], required: str
) -> tuple[list[Part], list[str]]:
    """Map the columns of each file, and say what was not used.

    Raises:
        InputError: `mapping` names a column that is not ours or in no file.
        ReadError: a file with records but without the required column.
    """
    everywhere = dict.fromkeys(name for file in files for name in file.table.column_names)
    check_mapping(mapping, names, list(everywhere))
    parts: list[Part] = []
    notes: list[str] = []
    for file in files:
        chosen, found = map_columns(file.table, names, mapping)
        if file.table.num_rows:
            require_column(required, chosen, file.facts.path.name, file.table.column_names)
        parts.append(Part(file, chosen))
        notes += found
    return parts, notes


def gather(parts: Sequence[Part], ours: str) -> pa.ChunkedArray:
    """Strings as they stand in the files."""
    return _gather_named(parts, [part.chosen.get(ours, "") for part in parts])


def gather_ids(parts: Sequence[Part], ours: str) -> pa.ChunkedArray:
    """Strings without blanks around them, null where nothing is left."""
    return trim(gather(parts, ours))


def trim(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Strings without white space around them, null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def gather_ratings(parts: Sequence[Part]) -> tuple[pa.Array, list[str]]:
    """Ratings as float64, and what to say about them."""
    parsed = parse_ratings(gather(parts, "rating").to_pylist())
    given = [number for number in parsed.numbers if number is not None]
    scale = describe_scale(given) if given else ""
    if scale is None:
        scale = "The ratings are mostly below 0 or above 100, or only 0 and 1: check the column."
    notes = _unreadable(parsed, "Ratings") + ([scale] if scale else [])
    return pa.array(parsed.numbers, pa.float64()), notes


def gather_prices(parts: Sequence[Part]) -> tuple[pa.Array, list[str]]:
    """Prices as float64, and what to say about them."""
    parsed = parse_prices(gather(parts, "price").to_pylist())
    return pa.array(parsed.numbers, pa.float64()), _unreadable(parsed, "Prices")


def gather_times(parts: Sequence[Part]) -> tuple[pa.Array, list[str]]:
    """Times as timestamp[us] in UTC, and what to say about them."""
    times: list[datetime | None] = []
    notes: list[str] = []
    unreadable, example = 0, ""
    for part in parts:
        # File by file: each has its own habit of writing day and month.
        parsed = parse_times(gather([part], "time").to_pylist())
        times += parsed.times
        notes += parsed.notes
        unreadable, example = unreadable + parsed.unreadable, example or parsed.example
    if unreadable:
        notes.append(_left_empty(unreadable, "Times", example))
    return pa.array(times, pa.timestamp("us")), notes


def gather_categories(parts: Sequence[Part]) -> pa.Array:
    """Strings; a JSON list of names becomes the names with commas between."""
    return pa.array(map(_join_list, gather(parts, "category").to_pylist()), pa.string())


def gather_attributes(
    parts: Sequence[Part], names: Mapping[str, str]
) -> dict[str, pa.ChunkedArray]:
    """All columns that are none of ours, by name. Case does not count; one that has the name of
    one of ours, but was not chosen for it, gets `_in_file` behind it."""
    spelled: dict[str, str] = {}
    by_part = []
    for part in parts:
        rest = [name for name in part.file.table.column_names if name not in part.chosen.values()]
        by_part.append({name.lower(): name for name in rest})
        for name in rest:
            spelled.setdefault(name.lower(), f"{name}_in_file" if name.lower() in names else name)
    return {
        shown: _gather_named(parts, [columns.get(folded, "") for columns in by_part])
        for folded, shown in spelled.items()
    }


def _gather_named(parts: Sequence[Part], columns: Sequence[str]) -> pa.ChunkedArray:
    chunks: list[pa.Array] = []
    for part, column in zip(parts, columns, strict=True):
        table = part.file.table
        chunks += table[column].chunks if column else [pa.nulls(table.num_rows, pa.string())]
    return pa.chunked_array(chunks, pa.string())


def _unreadable(parsed: ParsedNumbers, what: str) -> list[str]:
    return [_left_empty(parsed.unreadable, what, parsed.example)] if parsed.unreadable else []


def _left_empty(count: int, what: str, example: str) -> str:
    return (
        f"{what} that could not be read and are left empty: {count:,} (for example {example[:40]})."
    )


def _join_list(text: str | None) -> str | None:
    if not text or not text.startswith('["'):
        return text
    try:
        names = json.loads(text)
    except json.JSONDecodeError:
        return text
    return ", ".join(name for name in names if isinstance(name, str)) or None
