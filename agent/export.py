"""Tables to take elsewhere: members, users, items and reviews as CSV or Parquet."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from agent.use_cases import Tribune
from tools.errors import InputError
from tools.reviews.rejects import safe_cell

What = Literal["members", "users", "items", "reviews"]
TOPICS_SHOWN = 5


def export(tribune: Tribune, what: What, out: Path) -> int:
    """Write one table to `out`, .csv or .parquet by its suffix; returns the number of rows.

    members: user_id, group_id, group, strength (membership in [0, 1]), trusted (whether the group
    can be acted on); all but the first are empty for users of no group. users: their figures, group
    and the 5 topics they speak of most. items: their figures and the 5 topics their reviews speak
    of most. reviews: as read, with polarity in [-1, 1], or empty where there is no text, and the
    topics of all their sentences. Topics are names, joined by "; ".

    CSV is UTF-8 with empty cells for missing values; text that a spreadsheet could take for a
    formula begins with '. Parquet holds the values as they are.

    Raises: InputError for another table or suffix, no rows, or a file that cannot be written.
    """
    if what not in get_args(What):
        raise InputError(f"What to export must be one of {', '.join(get_args(What))}; got {what}.")
    with open_draft(out, (".csv", ".parquet")) as draft:
        table = _select(tribune, what)
        if table.empty:
            raise InputError(
                f"There are no {what} to export: the reviews name none. Map the column that does "
                "(--map user_id=COLUMN or item_id=COLUMN) and build again."
            )
        if out.suffix.lower() == ".csv":
            _write_csv(table, draft)
        else:
            table.to_parquet(draft, index=False)
    return len(table)


@contextmanager
def open_draft(out: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """Yield a file to write beside `out`; it takes `out`'s place, whole, if the block succeeds.

    Raises: InputError if the suffix is none of `suffixes`, the folder does not exist, or the file
    cannot be written.
    """
    if out.suffix.lower() not in suffixes:
        raise InputError(f"The file must end in {' or '.join(suffixes)}; got {out.name}.")
    if not out.parent.is_dir():
        raise InputError(f"The folder {out.parent} does not exist. Make it first, or give another.")
    if out.is_dir():
        raise InputError(f"{out} is a folder. Give the name of a file.")
    draft = out.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        yield draft
        draft.replace(out)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _select(tribune: Tribune, what: What) -> pd.DataFrame:
    query = tribune.table.query
    if what == "members":
        return query(
            """SELECT user_id, group_id, g.name AS "group", strength, g.trusted
               FROM users LEFT JOIN groups g USING (group_id) ORDER BY user_id"""
        )
    if what == "users":
        users = query(
            """SELECT u.user_id, u.n_reviews, u.n_sentences, u.rating, u.polarity, u.price,
                      u.first_time, u.last_time, u.group_id, g.name AS "group", u.strength,
                      u.runner_up AS runner_up_id, r.name AS runner_up, u.runner_up_strength
               FROM users u LEFT JOIN groups g USING (group_id)
                            LEFT JOIN groups r ON r.group_id = u.runner_up ORDER BY u.user_id"""
        )
        return _add_topics(tribune, users, "user_id", limit=TOPICS_SHOWN)
    if what == "items":
        items = query(
            "SELECT * REPLACE (category::VARCHAR AS category) FROM items ORDER BY item_id"
        )
        return _add_topics(tribune, items, "item_id", limit=TOPICS_SHOWN)
    return _add_topics(tribune, query("SELECT * FROM reviews"), "review_id", limit=None)


def _add_topics(
    tribune: Tribune, table: pd.DataFrame, key: str, *, limit: int | None
) -> pd.DataFrame:
    """`table` with a column `topics`, most spoken of first; empty where no topic is spoken of."""
    names = tribune.table.query(
        f"""WITH said AS (SELECT {key}, topic_id, count(*) AS n FROM sentences
                          WHERE topic_id >= 0 GROUP BY {key}, topic_id),
                 ranked AS (SELECT *, row_number() OVER (PARTITION BY {key}
                                                         ORDER BY n DESC, topic_id) AS place
                            FROM said)
            SELECT {key}, string_agg(name, '; ' ORDER BY place) AS topics
            FROM ranked JOIN topics USING (topic_id)
            WHERE {key} IS NOT NULL AND place <= coalesce(?::INTEGER, place) GROUP BY {key}""",
        [limit],
    )
    table = table.rename(columns={"topics": "topics_in_file"})
    return table.merge(names, on=key, how="left", validate="one_to_one")


def _write_csv(table: pd.DataFrame, file: Path) -> None:
    safe = table.rename(columns=safe_cell)
    for column in safe.columns[[pd.api.types.is_string_dtype(t) for t in safe.dtypes]]:
        safe[column] = safe[column].map(safe_cell, na_action="ignore")
    safe.to_csv(file, index=False, encoding="utf-8", quoting=csv.QUOTE_MINIMAL)
