"""How many speak of what, and how many coldly, day by day or week by week.

A user is one voice in a period, however much they write; a review without a user is a voice of its
own. Topics, groups and polarity are the build's: a replay of the past takes them as they are now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.embedding.sentiment import COLD
from tools.errors import InputError
from tools.profiling.trends import CODES, EXPECTED, number_voices

Length = Literal["day", "week"]
Moment = str | date

# Days are taken where at least this many voices speak on a middling day, and for so many days.
VOICES_PER_DAY = 20
MIN_DAYS = 56
# A group's part in a topic, or an item, that so few voices speak of in all is no series.
MIN_TOTAL = 8
# So many periods before it tell whether the last one is whole.
RECENT = 4

Ints = npt.NDArray[np.int64]

_NEEDED = {
    "reviews": ("review_id", "user_id", "item_id", "time"),
    "sentences": ("review_id", "topic_id", "polarity"),
    "users": ("user_id", "group_id"),
}


@dataclass(frozen=True, order=True)
class Subject:
    """What a series is of: a topic, a group, a topic in a group, an item, or (all None) all."""

    topic_id: int | None = None
    group_id: int | None = None
    item_id: str | None = None

    @property
    def is_broad(self) -> bool:
        """Whether it is there from the first review on: all, a topic or a group."""
        return self.item_id is None and (self.topic_id is None or self.group_id is None)

    @property
    def precision(self) -> int:
        """How many of topic, group and item it names."""
        return sum(part is not None for part in (self.topic_id, self.group_id, self.item_id))

    def describe(self) -> str:
        """ "topic 3, group 2", "item b7" or "all"; two subjects never read the same."""
        named = {"topic": self.topic_id, "group": self.group_id, "item": self.item_id}
        return ", ".join(f"{k} {v}" for k, v in named.items() if v is not None) or "all"


@dataclass(frozen=True)
class Counts:
    """Series over the finished periods, without gaps.

    subjects: s of them; periods: t; reviews, voices, negative: (s, t): reviews that speak of it,
    voices that do, and voices whose sentences on it have a mean polarity ≤ −0.25; told: (s, t)
    voices whose polarity is known.
    """

    length: Length
    subjects: tuple[Subject, ...]
    periods: pd.PeriodIndex
    reviews: Ints
    voices: Ints
    told: Ints
    negative: Ints


def gather_speech(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    until: Moment | None = None,
) -> pd.DataFrame:
    """One row a sentence of a dated review (one row for a review without sentences): review_id,
    user_id, item_id, time, group_id (−1: none), topic_id (−1), polarity (NaN), voice.

    reviews: review_id, user_id, item_id, time (null: unknown); sentences: review_id, topic_id,
    polarity; users: user_id, group_id (null: none); until: only what was written before.
    Raises: InputError if a column is missing, no review has a date, or `until` is no date.
    """
    for name, frame in (("reviews", reviews), ("sentences", sentences), ("users", users)):
        if missing := [column for column in _NEEDED[name] if column not in frame]:
            raise InputError(
                f"The table of {name} has no column {', '.join(missing)}. "
                "Build the workspace again."
            )
    if len(reviews) and reviews["time"].isna().all():
        raise InputError(
            "The reviews have no dates, so nothing can be watched. Map a time column and build "
            "again."
        )
    dated = reviews[list(_NEEDED["reviews"])].dropna(subset=["time"])
    if until is not None:
        dated = dated[dated["time"] < read_moment(until)]
    said = dated.merge(sentences[list(_NEEDED["sentences"])], on="review_id", how="left")
    groups = users.dropna(subset=["group_id"]).drop_duplicates("user_id")
    group_of = groups.set_index("user_id")["group_id"].astype("int64")
    return said.assign(
        group_id=said["user_id"].map(group_of).fillna(-1).astype("int64"),
        topic_id=said["topic_id"].fillna(-1).astype("int64"),
        polarity=said["polarity"].astype("float64"),
        voice=number_voices(said),
    )


def read_moment(value: Moment) -> pd.Timestamp:
    """A day or moment as UTC without zone. Raises: InputError if it is none."""
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError):
        moment = pd.NaT
    if pd.isna(moment):
        raise InputError(f"A date must read like 2026-03-31; got {value!r}.")
    return moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment


def choose_length(speech: pd.DataFrame) -> Length:
    """Days where they are dense enough to tell one from another, or else weeks."""
    if speech.empty:
        return "week"
    days = speech["time"].dt.normalize()
    voices = speech.groupby(days)["voice"].nunique()
    voices = voices.reindex(pd.date_range(days.min(), days.max()), fill_value=0)
    dense = len(voices) >= MIN_DAYS and voices.median() >= VOICES_PER_DAY
    return "day" if dense else "week"


def find_last(speech: pd.DataFrame, length: Length, until: Moment | None = None) -> pd.Period:
    """The last finished period. With `until` the clock decides; without, the last one is taken for
    unfinished if in the four before it more than 3 reviews on average came as late in the period as
    nothing yet has (a Poisson stream is that silent less than once in twenty times).
    """
    code = CODES[length]
    if until is not None:
        return read_moment(until).to_period(code) - 1
    times = speech.drop_duplicates("review_id")["time"]
    last = times.max()
    period = last.to_period(code)
    since = times[(times >= (period - RECENT).start_time) & (times < period.start_time)]
    later = since - since.dt.to_period(code).dt.start_time > last - period.start_time
    n_before = min(RECENT, period.ordinal - times.min().to_period(code).ordinal)
    return period - 1 if later.sum() > EXPECTED * max(n_before, 1) else period


def count_voices(speech: pd.DataFrame, length: Length, last: pd.Period) -> Counts:
    """Every series up to the last period: all, topics, groups, topics in groups, and items; the
    latter two where at least 8 voices speak of them in all.

    speech: as `gather_speech` gives it.
    """
    first = speech["time"].min().to_period(CODES[length]).ordinal if len(speech) else last.ordinal
    n = max(0, last.ordinal - first + 1)
    at = number_periods(speech, length) - first
    kept, at = speech[at < n], at[at < n]
    blocks = [
        block
        for keys in ([], ["topic_id"], ["group_id"], ["topic_id", "group_id"], ["item_id"])
        for block in _count_subjects(kept, at, n, keys)
    ]
    subjects = tuple(subject for subject, _ in blocks)
    stacked = np.stack([counted for _, counted in blocks], axis=1) if blocks else None
    reviews, voices, told, negative = (
        np.zeros((4, 0, n), dtype=np.int64) if stacked is None else stacked
    )
    periods = pd.period_range(end=last, periods=n, freq=CODES[length])
    return Counts(length, subjects, periods, reviews, voices, told, negative)


def select_series(counts: Counts, rows: Sequence[int] | Ints) -> Counts:
    """Some of the series, in the order of `rows`."""
    parts = (counts.reviews, counts.voices, counts.told, counts.negative)
    subjects = tuple(counts.subjects[row] for row in rows)
    return Counts(counts.length, subjects, counts.periods, *(part[rows] for part in parts))


def number_periods(speech: pd.DataFrame, length: Length) -> Ints:
    """Each row's period as pandas' ordinal."""
    periods = speech["time"].dt.to_period(CODES[length])
    return np.asarray(pd.PeriodIndex(periods).asi8, dtype=np.int64)


def select_speech(speech: pd.DataFrame, subject: Subject) -> pd.DataFrame:
    """The rows that speak of it."""
    for column in ("topic_id", "group_id", "item_id"):
        value = getattr(subject, column)
        if value is not None:
            speech = speech[speech[column] == value]
    return speech


def judge_voices(speech: pd.DataFrame, at: Ints) -> pd.DataFrame:
    """One row a voice and period: at, voice, polarity (the mean of its sentences; NaN: none)."""
    rows = pd.DataFrame(
        {"at": at, "voice": speech["voice"].to_numpy(), "polarity": speech["polarity"].to_numpy()}
    )
    return rows.groupby(["at", "voice"])["polarity"].mean().reset_index()


def _count_subjects(
    speech: pd.DataFrame, at: Ints, n: int, keys: list[str]
) -> Iterator[tuple[Subject, Ints]]:
    """Each subject of one sort with its (4, n) reviews, voices, told and negative."""
    if speech.empty:
        return
    known = np.full(len(speech), True)
    for key in keys:
        known &= (speech[key].notna() if key == "item_id" else speech[key] >= 0).to_numpy()
    own = speech[known]
    if own.empty:
        return
    code = own.groupby(keys).ngroup().to_numpy() if keys else np.zeros(len(own), dtype=np.int64)
    names = own.assign(code=code).drop_duplicates("code").sort_values("code")[keys]
    cell = code.astype(np.int64) * n + at[known]
    size = len(names) * n
    judged = judge_voices(own, cell)
    polarity, place = judged["polarity"].to_numpy(), judged["at"].to_numpy()
    pairs = pd.DataFrame({"cell": cell, "review": own["review_id"].to_numpy()}).drop_duplicates()
    counted = np.stack(
        [
            np.bincount(chosen, minlength=size).reshape(len(names), n)
            for chosen in (
                pairs["cell"].to_numpy(),
                place,
                place[~np.isnan(polarity)],
                place[polarity <= COLD],
            )
        ]
    ).astype(np.int64)
    for row, values in enumerate(names.itertuples(index=False)):
        named = dict(zip(keys, values, strict=True))
        topic, group, item = (named.get(k) for k in ("topic_id", "group_id", "item_id"))
        subject = Subject(
            None if topic is None else int(topic),
            None if group is None else int(group),
            None if item is None else str(item),
        )
        if subject.is_broad or counted[1, row].sum() >= MIN_TOTAL:
            yield subject, counted[:, row]
