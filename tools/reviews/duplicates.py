"""Which records say what another one has said already, and ids for those that have none."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_VERDICTS = """
with by_id as (
    select row, words, item_id, first_value(words) over same as first_words,
        first_value(item_id) over same as first_item,
        review_id is not null and row_number() over same > 1 as same_id
    from staged where words is not null
    window same as (partition by review_id order by row)
), by_words as (
    select row, row_number() over (
        partition by user_id, staged.item_id, staged.words order by row) > 1 as repeated
    from staged join by_id using (row) where not same_id
)
select
    coalesce(review_id, 'r' || left(sha256(concat_ws(chr(31), coalesce(user_id, ''),
        coalesce(staged.item_id, ''), staged.words, coalesce(epoch_us(time)::varchar, ''))), 16)
    ) as review_id,
    staged.words is null as empty,
    coalesce(same_id, false) as same_id,
    coalesce(repeated, false) as repeated,
    coalesce(same_id and by_id.words <> first_words, false) as other_words,
    coalesce(same_id and by_id.item_id is distinct from first_item, false) as other_item
from staged left join by_id using (row) left join by_words using (row)
order by row
"""
_COLLISIONS = """
select count(*), count(*) filter (where elsewhere) from (
    select row_number() over same as nth, file <> first_value(file) over same
        and words is distinct from first_value(words) over same as elsewhere
    from staged where review_id is not null
    window same as (partition by review_id order by row)
) where nth > 1
"""


@dataclass(frozen=True)
class Judged:
    """One value a record, in order: its review id (given or made), whether it has no text, and
    whether it is a duplicate; `notes`: sentences on the duplicates."""

    review_id: pa.ChunkedArray
    empty: npt.NDArray[np.bool_]
    duplicate: npt.NDArray[np.bool_]
    notes: list[str]


def judge_records(staged: pa.Table) -> Judged:
    """Find the empty records and the duplicates: a review id given before, or else the same user,
    item and text (where the user is not known, the same item and text); the first one stays.

    A record without an id gets one made of its user, item, text and time, so that reading it again
    gives the same.

    Args:
        staged: row int64, in order; review_id, user_id, item_id, words str or null, words being
            the text without blanks around it, null if empty; time timestamp[us] or null.
    """
    with duckdb.connect() as connection:
        connection.register("staged", staged)
        table = connection.from_query(_VERDICTS).to_arrow_table()
        connection.register("verdicts", table)
        counts = connection.execute("""
            select count(*) filter (where same_id), count(*) filter (where other_words),
                count(*) filter (where other_item), count(*) filter (where repeated) from verdicts
        """).fetchone()
    same_id, other_words, other_item, repeated = counts or (0, 0, 0, 0)
    notes = []
    if same_id:
        note = f"Records left out because they repeat a review id: {same_id:,}"
        differences = [
            f"of these with another {what} than the first: {count:,}"
            for count, what in ((other_words, "text"), (other_item, "item"))
            if count
        ]
        notes.append("; ".join([note, *differences]) + ".")
    if repeated:
        same = "user, item and text"
        if staged["user_id"].null_count:
            same += " (where the user is not known, item and text)"
        notes.append(f"Records left out because they repeat the {same} of another: {repeated:,}.")
    duplicate = pc.or_(table["same_id"], table["repeated"])
    return Judged(table["review_id"], table["empty"].to_numpy(), duplicate.to_numpy(), notes)


def are_row_numbers(staged: pa.Table) -> bool:
    """Whether ids only number the rows of each of several files (`file`, int64): most of those
    that come again do so in another file with another text."""
    with duckdb.connect() as connection:
        connection.register("staged", staged)
        again, elsewhere = connection.execute(_COLLISIONS).fetchone() or (0, 0)
    return bool(elsewhere * 2 > again)
