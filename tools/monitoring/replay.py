"""What would have been found when: the past played again, without looking ahead.

Groups, topics and polarity are those of the present build; only the reviews are cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from tools.errors import InputError
from tools.monitoring.series import (
    Counts,
    Length,
    Moment,
    Subject,
    choose_length,
    count_voices,
    find_last,
    gather_speech,
    read_moment,
)
from tools.monitoring.surges import Surge, Verdicts, judge, list_surges


def replay(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    since: Moment,
    until: Moment,
    *,
    length: Length | None = None,
) -> Iterator[tuple[pd.Timestamp, list[Surge]]]:
    """Every Monday from `since` to `until`, and what `find_surges(…, until=Monday)` then gives.

    The length of a period is the one that fits what was known at the first Monday with reviews.
    Raises: InputError as `find_surges` does, or if `since` is after `until`.
    """
    first, last = read_moment(since), read_moment(until)
    if first > last:
        raise InputError(
            f"A replay must begin before it ends; got {first:%Y-%m-%d} to {last:%Y-%m-%d}."
        )
    speech = gather_speech(reviews, sentences, users, last)
    mondays = pd.date_range(first.normalize(), last, freq="W-MON")
    known = [day for day in mondays if (speech["time"] < day).any()]
    if not known:
        yield from ((day, []) for day in mondays)
        return
    length = length or choose_length(speech[speech["time"] < known[0]])
    verdicts = judge(count_voices(speech, length, find_last(speech, length, known[-1])))
    for day in mondays:
        past = speech[speech["time"] < day]
        n = int((verdicts.counts.periods.end_time < day).sum())
        yield day, list_surges(_cut(verdicts, n), past) if n else []


def trace_alarms(
    verdicts: Verdicts, speech: pd.DataFrame, name: Callable[[Subject], str] = Subject.describe
) -> Iterator[tuple[pd.Timestamp, list[Surge]]]:
    """Each day a period ended with something new in it, and the surges that began there, as they
    were known that day. A surge that began earlier and went on is not told again.
    """
    for at in np.flatnonzero(verdicts.surges.sum(axis=(0, 1))):
        start = verdicts.counts.periods[at].start_time
        day = verdicts.counts.periods[at].end_time.normalize() + pd.Timedelta(days=1)
        known = list_surges(_cut(verdicts, int(at) + 1), speech[speech["time"] < day], name)
        began = [surge for surge in known if surge.start == start]
        if began:
            yield day, began


def _cut(verdicts: Verdicts, n: int) -> Verdicts:
    counts = verdicts.counts
    shorter = Counts(
        counts.length,
        counts.subjects,
        counts.periods[:n],
        *(part[:, :n] for part in (counts.reviews, counts.voices, counts.told, counts.negative)),
    )
    parts = (part[..., :n] for part in (verdicts.expected, verdicts.p, verdicts.q))
    return Verdicts(shorter, verdicts.observed[..., :n], *parts)
