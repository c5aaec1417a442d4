"""From files of reviews or items to one clean table, with an account of every record.

Every record of every file ends as loaded, as a duplicate, or as rejected with its line and reason.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tools.errors import InputError
from tools.reviews import assembly
from tools.reviews.accounts import ReadReport, Verdicts, add_up, keep_sound, name_faults
from tools.reviews.assembly import Part
from tools.reviews.columns import ITEM_NAMES, REVIEW_NAMES
from tools.reviews.duplicates import are_row_numbers, judge_records
from tools.reviews.files import LoadedFile, load_file

Progress = Callable[[str, float], None]
_READING_SHARE = 0.8
_ABSENT = {
    "user_id": "No user column was found: reviews can be searched and sorted by topic, but there "
    "are no users to group or recommend to. Map one with user_id=COLUMN if there is one.",
    "item_id": "No item column was found: nothing can be recommended.",
    "rating": "No rating column was found: what people like is told from their words alone.",
}


def read_reviews(
    files: Sequence[Path],
    *,
    mapping: Mapping[str, str] | None = None,
    rejects_to: Path | None = None,
    progress: Progress | None = None,
) -> tuple[pa.Table, ReadReport]:
    """Read reviews from CSV, JSON or Parquet files, whose columns may differ.

    Args:
        files: text files may be gzipped.
        mapping: our column -> the file's, before any guess; "" for a column not to be guessed.
        rejects_to: CSV file for the rejects, written only if a record was loaded.
        progress: called with the step and the share done, in [0, 1].

    Returns:
        One row a loaded review, file order kept: review_id str, user_id and item_id str or null,
        rating float64 or null, text str, time timestamp[us] (UTC) or null, then the files' other
        columns as str or null. And the account.

    Raises:
        InputError: no files, or a mapping that names an unknown column.
        ReadError: a file that cannot be used, no text column, or no record that could be loaded.
    """
    progress = progress or (lambda step, share: None)
    mapping = dict(mapping or {})
    loaded = _load(files, progress)
    parts, notes = assembly.choose_columns(loaded, REVIEW_NAMES, mapping, "text")
    times, time_notes = assembly.gather_times(parts)
    staged = _stage(parts, times)
    if _ids_are_guessed(parts, mapping) and are_row_numbers(staged):
        mapping["review_id"] = ""
        parts, notes = assembly.choose_columns(loaded, REVIEW_NAMES, mapping, "text")
        staged = _stage(parts, times)
        notes.append("Column id only numbers the rows of each file and is kept as an attribute.")
    progress("looking for duplicates", _READING_SHARE)
    judged = judge_records(staged)
    ratings, rating_notes = assembly.gather_ratings(parts)
    columns = {
        "review_id": judged.review_id,
        "user_id": staged["user_id"],
        "item_id": staged["item_id"],
        "rating": ratings,
        "text": assembly.gather(parts, "text"),
        "time": times,
        **assembly.gather_attributes(parts, REVIEW_NAMES),
    }
    verdicts = Verdicts(name_faults(judged.empty, "empty text"), judged.duplicate)
    table = keep_sound(parts, columns, verdicts)
    notes += judged.notes + rating_notes + time_notes + _describe_gaps(parts, table)
    return table, add_up(parts, verdicts, notes, rejects_to)


def read_items(
    file: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    rejects_to: Path | None = None,
) -> tuple[pa.Table, ReadReport]:
    """Read what the items are from one CSV, JSON or Parquet file; arguments as `read_reviews`.

    Returns:
        One row an item, file order kept: item_id str, title and category str or null, price
        float64 or null, then the file's other columns as str or null. And the account; an item id
        that comes again is a duplicate.

    Raises:
        InputError: a mapping that names an unknown column.
        ReadError: a file that cannot be used, no item_id column, or no record that could be loaded.
    """
    loaded = _load([file], lambda step, share: None)
    parts, notes = assembly.choose_columns(loaded, ITEM_NAMES, mapping or {}, "item_id")
    ids = assembly.gather_ids(parts, "item_id")
    prices, price_notes = assembly.gather_prices(parts)
    columns = {
        "item_id": ids,
        "title": assembly.gather(parts, "title"),
        "category": assembly.gather_categories(parts),
        "price": prices,
        **assembly.gather_attributes(parts, ITEM_NAMES),
    }
    first: dict[str | None, int] = {}
    again = [first.setdefault(item, row) != row for row, item in enumerate(ids.to_pylist())]
    empty = ids.is_null().to_numpy()
    repeated = np.array(again, dtype=bool) & ~empty
    verdicts = Verdicts(name_faults(empty, "empty item id"), repeated)
    table = keep_sound(parts, columns, verdicts)
    if verdicts.duplicate.any():
        notes.append(
            f"Records left out because they repeat an item id: {verdicts.duplicate.sum():,}."
        )
    return table, add_up(parts, verdicts, notes + price_notes, rejects_to)


def _load(files: Sequence[Path], progress: Progress) -> list[LoadedFile]:
    if not files:
        raise InputError("No file was given. Give at least one file of reviews.")
    sizes = [file.stat().st_size if file.is_file() else 0 for file in files]
    loaded = []
    for position, file in enumerate(files):
        before, size = sum(sizes[:position]), sizes[position]

        def tell(share: float, file: Path = file, before: int = before, size: int = size) -> None:
            done = (before + share * size) / max(1, sum(sizes))
            progress(f"reading {file.name}", _READING_SHARE * done)

        loaded.append(load_file(file, tell))
    return loaded


def _stage(parts: Sequence[Part], times: pa.Array) -> pa.Table:
    sizes = [part.file.table.num_rows for part in parts]
    return pa.table(
        {
            "row": np.arange(sum(sizes)),
            "file": np.repeat(np.arange(len(parts)), sizes),
            "review_id": assembly.gather_ids(parts, "review_id"),
            "user_id": assembly.gather_ids(parts, "user_id"),
            "item_id": assembly.gather_ids(parts, "item_id"),
            "words": assembly.trim(assembly.gather(parts, "text")),
            "time": times,
        }
    )


def _ids_are_guessed(parts: Sequence[Part], mapping: Mapping[str, str]) -> bool:
    """Whether several files have their review ids from columns that are just called id."""
    names = {part.chosen.get("review_id", "").lower() for part in parts}
    return len(parts) > 1 and names == {"id"} and "review_id" not in mapping


def _describe_gaps(parts: Sequence[Part], reviews: pa.Table) -> list[str]:
    found = {ours for part in parts for ours in part.chosen}
    notes = [sentence for ours, sentence in _ABSENT.items() if ours not in found]
    missing = reviews["user_id"].null_count
    if missing and "user_id" in found:
        notes.append(
            f"Reviews that name no user: {missing:,}. They count for topics, not for groups."
        )
    return notes
