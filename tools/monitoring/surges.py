"""Surges: when more speak of something, or more of them coldly, than its past lets expect.

False discoveries are held to 5% among all tests (series × kind × period) of the month that ends
with the period judged, after Benjamini and Hochberg (1995). Series that hold each other (a topic,
its part in a group, all) go up together, which that procedure bears (positive dependence: Benjamini
and Yekutieli 2001). A month, and not all of the past, so that alarms do not get harder to raise the
longer one watches; periods up to the one judged, and not later ones, so that what was found stays
found as it was, whatever comes after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, gammaln

from tools.embedding.sentiment import COLD
from tools.monitoring.causes import Cause, find_causes
from tools.monitoring.expectation import (
    Outlook,
    find_births,
    foresee_counts,
    foresee_shares,
    shape_beta,
)
from tools.monitoring.series import (
    Counts,
    Length,
    Moment,
    Subject,
    choose_length,
    count_voices,
    find_last,
    gather_speech,
    judge_voices,
    number_periods,
    select_series,
    select_speech,
)

Kind = Literal["volume", "negative"]
KINDS: tuple[Kind, Kind] = ("volume", "negative")

SIGNIFICANT = 0.05
# A rise by less than this factor, or of fewer voices, is no surge, however sure.
MIN_RATIO = 1.3
MIN_VOICES = 4
# A series is judged after so many periods.
HISTORY: dict[Length, int] = {"day": 28, "week": 8}
# False discoveries are counted among the tests of so many periods, a month.
WINDOW: dict[Length, int] = {"day": 28, "week": 4}
# A topic's part in a group, or an item, is judged where so many voices spoke of it before, in all
# and in a period.
MIN_PAST, MIN_PACE = 8, 0.25
# What a surge is about is compared with so many periods before it.
BEFORE: dict[Length, int] = {"day": 91, "week": 26}

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Surge:
    """id: of what, kind and start, the same for ever; start: first day; end: last day; observed,
    expected: voices (volume) or cold voices (negative) over all its periods; ratio: of the two;
    negative_share: of the voices whose polarity is known (NaN: none); p, q: of the surest period;
    lasts: whether it goes on in the last period known; review_ids: that
    speak of it (negative: coldly); user_ids: who wrote them; groups: how many of these are in each
    group, largest first (users of no group are left out); causes: may be none.
    """

    id: str
    subject: Subject
    kind: Kind
    length: Length
    start: pd.Timestamp
    end: pd.Timestamp
    observed: int
    expected: float
    ratio: float
    negative_share: float
    p: float
    q: float
    lasts: bool
    review_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    groups: tuple[tuple[int, int], ...]
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Verdicts:
    """Every series that is tested in some period, by kind (volume, negative): arrays (2, s, t).

    observed, expected: voices; p: of so many or more (1 where no more than expected, NaN where not
    tested); q: p's false discovery rate (exact up to 0.1, else 1).
    """

    counts: Counts
    observed: Ints
    expected: Doubles
    p: Doubles
    q: Doubles

    @property
    def surges(self) -> Flags:
        """(2, s, t) whether it is one."""
        return (
            (self.q < SIGNIFICANT)
            & (self.observed >= MIN_VOICES)
            & (self.observed >= MIN_RATIO * self.expected)
        )


def find_surges(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    *,
    until: Moment | None = None,
    length: Length | None = None,
) -> list[Surge]:
    """All surges, latest first, in one period the surest first.

    reviews: review_id, user_id, item_id, time (UTC; null: unknown); sentences: review_id, topic_id,
    polarity; users: user_id, group_id; until: what would have been found then, from what was
    written before alone, and taking each period that had ended for whole; length: of a period; by
    itself days where at least 20 voices speak on a middling day, else weeks.
    No surges where the data are shorter than the history a series needs (8 weeks or 28 days).
    Raises: InputError if no review has a date, a column is missing, or `until` is no date.
    """
    speech = gather_speech(reviews, sentences, users, until)
    if speech.empty:
        return []
    length = length or choose_length(speech)
    counts = count_voices(speech, length, find_last(speech, length, until))
    return list_surges(judge(counts), speech)


def judge(counts: Counts) -> Verdicts:
    """Test every series in every period against what its own past lets expect.

    Volume: the tail of a negative binomial. Negative: of a beta-binomial, given how many spoke; or
    of a negative binomial of the cold voices alone, if the share is up as well (p < 0.05), which
    sees sooner that cold voices came on top of the usual ones. The two p are made one by Cauchy's
    combination (Liu and Xie 2020), which bears that they depend: about twice the lesser at most,
    and that p where they agree. Series that are tested
    in no period are left out.
    """
    ripe, tested = _choose_tests(counts)
    # A series that is never tested teaches the others nothing either: most of them are such.
    watched = np.flatnonzero(tested.any(axis=1))
    counts, ripe, tested = select_series(counts, watched), ripe[watched], tested[watched]
    shape = (2, *counts.voices.shape)
    observed = np.stack([counts.voices, counts.negative])
    if not counts.voices.size:
        empty = np.full(shape, np.nan)
        return Verdicts(counts, observed, empty, empty, empty)
    volume = foresee_counts(counts, counts.voices, ripe)
    cold = foresee_counts(counts, counts.negative, ripe)
    share = foresee_shares(counts, ripe)
    n = shape[2]
    expected = np.stack([volume.mean[0, :, :n], share.mean[0, :, :n] * counts.told])
    p = np.full(shape, np.nan)
    p[0][tested] = _find_count_tails(counts.voices, volume, tested)
    # With so few voices a share tells nothing.
    spoken = tested & (counts.told >= MIN_VOICES)
    by_share = _find_share_tails(counts, share, spoken)
    by_count = _find_count_tails(counts.negative, cold, spoken)
    by_count[by_share >= SIGNIFICANT] = 1
    p[1][spoken] = _combine(by_share, by_count)
    return Verdicts(counts, observed, expected, p, _adjust(p, WINDOW[counts.length]))


def list_surges(
    verdicts: Verdicts, speech: pd.DataFrame, name: Callable[[Subject], str] = Subject.describe
) -> list[Surge]:
    """Neighbouring periods of one series joined, with who and what they hold.

    name: what tells subjects apart, to make ids of; topics' numbers, which it is made of by itself,
    do not outlast a rebuild.
    """
    counts = verdicts.counts
    at = number_periods(speech, counts.length) - counts.periods[0].ordinal if len(speech) else None
    found = []
    for kind, row in np.argwhere(verdicts.surges.any(axis=2)):
        flags = verdicts.surges[kind, row]
        own = select_speech(speech.assign(at=at), counts.subjects[row])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
        for start, end in edges.reshape(-1, 2):
            place = slice(int(start), int(end))
            found.append(_describe(verdicts, own, name, int(kind), int(row), place))
    return sorted(found, key=lambda s: (-s.start.value, s.p, s.subject.describe(), s.kind))


def identify(what: str, kind: Kind, start: pd.Timestamp) -> str:
    """The id of a surge: 12 hexadecimal digits of a hash of what, kind and first day."""
    text = f"{what}|{kind}|{start:%Y-%m-%d}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _describe(
    verdicts: Verdicts,
    own: pd.DataFrame,
    name: Callable[[Subject], str],
    kind: int,
    row: int,
    span: slice,
) -> Surge:
    counts, start, end = verdicts.counts, span.start, span.stop
    before = own[(own["at"] >= start - BEFORE[counts.length]) & (own["at"] < start)]
    within = own[(own["at"] >= start) & (own["at"] < end)]
    if KINDS[kind] == "negative":
        before, within = _keep_cold(before), _keep_cold(within)
    subject = counts.subjects[row]
    observed = int(verdicts.observed[kind, row, span].sum())
    expected = float(verdicts.expected[kind, row, span].sum())
    told = int(counts.told[row, span].sum())
    first = counts.periods[start].start_time
    members = within.dropna(subset=["user_id"]).drop_duplicates("user_id")
    sizes = members.loc[members["group_id"] >= 0, "group_id"].value_counts()
    other = (side[side["topic_id"] != subject.topic_id] for side in (within, before))
    return Surge(
        id=identify(name(subject), KINDS[kind], first),
        subject=subject,
        kind=KINDS[kind],
        length=counts.length,
        start=first,
        end=counts.periods[end - 1].end_time.normalize(),
        observed=observed,
        expected=expected,
        ratio=observed / expected,
        negative_share=float(counts.negative[row, span].sum() / told) if told else np.nan,
        p=float(np.nanmin(verdicts.p[kind, row, span])),
        q=float(verdicts.q[kind, row, span].min()),
        lasts=end == len(counts.periods),
        review_ids=tuple(within["review_id"].unique()),
        user_ids=tuple(sorted(members["user_id"])),
        groups=tuple(sorted(((int(g), int(n)) for g, n in sizes.items()), key=lambda g: -g[1])),
        causes=find_causes(*other),
    )


def _keep_cold(own: pd.DataFrame) -> pd.DataFrame:
    """What the voices said who were cold in their period, as far as it was cold."""
    judged = judge_voices(own, own["at"].to_numpy(dtype=np.int64))
    cold = judged.loc[judged["polarity"] <= COLD, ["at", "voice"]]
    return own[own["polarity"] <= COLD].merge(cold, on=["at", "voice"])


def _choose_tests(counts: Counts) -> tuple[Flags, Flags]:
    """(s, t) each: series that were spoken of enough before to teach how scattered series are;
    series that are tested: these, and topics, groups and all from their first voice on.
    """
    births = find_births(counts)[:, None]
    age = np.arange(len(counts.periods)) - births
    past = np.cumsum(counts.voices, axis=1) - counts.voices
    old = age >= HISTORY[counts.length]
    ripe = old & (past >= MIN_PAST) & (past >= MIN_PACE * age)
    broad = np.array([s.is_broad for s in counts.subjects], dtype=np.bool_)[:, None]
    return ripe, ripe | (old & broad & (past + counts.voices > 0))


def _find_count_tails(voices: Ints, outlook: Outlook, tested: Flags) -> Doubles:
    n = voices.shape[1]
    y = voices[tested].astype(np.float64)
    mean, spread = outlook.mean[0, :, :n][tested], outlook.spread[0, :, :n][tested]
    odds = mean * spread
    tail = betainc(np.maximum(y, 1), 1 / spread, odds / (1 + odds))
    return np.where(y > mean, tail, 1.0)


def _find_share_tails(counts: Counts, outlook: Outlook, tested: Flags) -> Doubles:
    """The sum of beta-binomial probabilities from y to n, over cells with more than expected."""
    n_periods = len(counts.periods)
    y, n = counts.negative[tested], counts.told[tested]
    a, b = shape_beta(
        outlook.mean[0, :, :n_periods][tested], outlook.spread[0, :, :n_periods][tested]
    )
    tail = np.ones(len(y))
    more = np.flatnonzero(y > n * a / (a + b))
    sizes = (n - y + 1)[more]
    cell = np.repeat(more, sizes)
    starts = np.cumsum(sizes) - sizes
    k = y[cell] + np.arange(len(cell)) - np.repeat(starts, sizes)
    m, a, b = n[cell], a[cell], b[cell]
    log = (
        gammaln(m + 1) - gammaln(k + 1) - gammaln(m - k + 1)
        + gammaln(a + k) + gammaln(b + m - k) - gammaln(a + b + m)
        + gammaln(a + b) - gammaln(a) - gammaln(b)
    )  # fmt: skip
    if len(more):
        tail[more] = np.minimum(np.add.reduceat(np.exp(log), starts), 1.0)
    return tail


def _combine(one: Doubles, other: Doubles) -> Doubles:
    # A p near 1 would drown any other.
    parts = [1 / np.tan(np.clip(p, 1e-300, 0.99) * np.pi) for p in (one, other)]
    return np.asarray(np.arctan2(2, parts[0] + parts[1]) / np.pi)


def _adjust(p: Doubles, window: int) -> Doubles:
    """q of each test among those of the `window` periods up to its own; 1 where over 0.1."""
    q = np.ones_like(p)
    tested = ~np.isnan(p)
    many = np.concatenate([[0], np.cumsum(tested.sum(axis=(0, 1)))])
    kind, row, at = np.nonzero(tested & (p <= 2 * SIGNIFICANT))
    order = np.argsort(at, kind="stable")
    kind, row, at = kind[order], row[order], at[order]
    small = p[kind, row, at]
    for t in np.unique(at):
        since = max(0, t + 1 - window)
        low, here, high = np.searchsorted(at, [since, t, t + 1])
        pool = small[low:high]
        rank = np.argsort(pool, kind="stable")
        rates = pool[rank] * (many[t + 1] - many[since]) / np.arange(1, len(pool) + 1)
        adjusted = np.empty_like(pool)
        adjusted[rank] = np.minimum.accumulate(rates[::-1])[::-1]
        own = slice(here, high)
        q[kind[own], row[own], t] = np.minimum(adjusted[here - low :], 1.0)
    return np.where(q <= 2 * SIGNIFICANT, q, 1.0)
