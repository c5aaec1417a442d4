"""How things moved over time: who was active, how warmly they spoke, and of what.

Periods are of UTC, weeks begin on Monday. A period without sentences has no polarity: it is a gap,
not a zero. Users are what chance is about: whatever one user says counts as one voice in every
interval and test (see `intervals`); reviews without a user stand for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.embedding.sentiment import COLD
from tools.profiling.evidence import choose_evidence
from tools.profiling.intervals import (
    bound_share,
    contrast_means,
    measure_means,
    measure_shares,
)
from tools.profiling.traits import (
    MIN_LIFT,
    MIN_USERS,
    SIGNIFICANT,
    adjust,
    compare_shares,
)

Length = Literal["day", "week", "month", "quarter"]

CODES: dict[Length, str] = {"day": "D", "week": "W", "month": "M", "quarter": "Q"}
# A chart takes the longest periods of which there are at least this many.
MIN_PERIODS = 6
# What is lately new or fading is looked for in the last quarter of the sentences.
RECENT = 0.25
# Sentences that the time before and the time after must each hold for topics to be compared.
MIN_SENTENCES = 100
# A topic whose share rose by this factor is new.
NEW_LIFT = 5.0
# The last period is unfinished if this many reviews would have been expected after its last one:
# a Poisson stream is that silent less than once in twenty times.
EXPECTED = 3.0

Later = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """Polarity before and after: sentences and mean of each, low and high: the 95% interval of
    after − before, p: two-sided.
    """

    n_before: int
    n_after: int
    before: float
    after: float
    low: float
    high: float
    p: float


def choose_length(times: pd.Series[pd.Timestamp]) -> Length:
    """The longest period of which the times span at least 6, or else a day."""
    first, last = times.min(), times.max()
    for length in ("quarter", "month", "week"):
        code = CODES[length]
        if last.to_period(code).ordinal - first.to_period(code).ordinal + 1 >= MIN_PERIODS:
            return length
    return "day"


def trace_polarity(said: pd.DataFrame, length: Length) -> pd.DataFrame:
    """One row a period from the first dated sentence to the last, indexed by period.

    said: time (UTC, null: unknown), user_id (or null), review_id, polarity.
    Columns: n_sentences, n_users; polarity in [-1, 1] (the sentences' mean), polarity_low,
    polarity_high; negative_share (polarity ≤ −0.25), negative_low, negative_high: NaN in a gap, and
    the bounds also where one user alone spoke; others: the polarity of all other periods; q: that
    of a test between the two, after Benjamini and Hochberg (1995) over periods, NaN where there are
    fewer than 3 users on a side.
    """
    dated = said.dropna(subset=["time"])
    if dated.empty:
        return pd.DataFrame()
    periods = dated["time"].dt.to_period(CODES[length])
    span = pd.period_range(periods.min(), periods.max(), freq=CODES[length])
    at = (span.get_indexer(pd.PeriodIndex(periods)), number_voices(dated), len(span))
    polarity = dated["polarity"].to_numpy(dtype=np.float64)
    warmth, cold = measure_means(polarity, *at), measure_shares(polarity <= COLD, *at)
    beside = contrast_means(polarity, *at, among_many=True)
    q = np.full(len(span), np.nan)
    tested = ~np.isnan(beside.p)
    q[tested] = adjust(beside.p[tested])
    return pd.DataFrame(
        {
            "n_sentences": warmth.n,
            "n_users": warmth.n_clusters,
            "polarity": warmth.mean,
            "polarity_low": np.clip(warmth.low, -1, 1),
            "polarity_high": np.clip(warmth.high, -1, 1),
            "negative_share": cold.mean,
            "negative_low": cold.low,
            "negative_high": cold.high,
            "others": beside.rest,
            "q": q,
        },
        index=span,
    )


def trace_sizes(reviews: pd.DataFrame, length: Length) -> pd.DataFrame:
    """One row a group and period, from the first dated review to the last.

    reviews: time, user_id, group_id (null for none).
    Columns: group_id; period; n_users: of the group, who wrote in the period; n_reviews; n_active:
    all users who wrote in it; share of them, low, high: Wilson's 95% interval (NaN where nobody
    wrote).
    """
    dated = reviews.dropna(subset=["time", "user_id"])
    groups = sorted(int(g) for g in reviews["group_id"].dropna().unique())
    if dated.empty:
        return pd.DataFrame()
    dated = dated.assign(period=dated["time"].dt.to_period(CODES[length]))
    span = pd.period_range(dated["period"].min(), dated["period"].max(), freq=CODES[length])
    whole = pd.MultiIndex.from_product([groups, span], names=["group_id", "period"])
    by = dated.dropna(subset=["group_id"]).groupby(["group_id", "period"])["user_id"]
    rows = by.agg(n_users="nunique", n_reviews="size").reindex(whole, fill_value=0).reset_index()
    rows["n_active"] = rows["period"].map(dated.groupby("period")["user_id"].nunique())
    rows["n_active"] = rows["n_active"].fillna(0).astype("int64")
    rows["share"] = rows["n_users"] / rows["n_active"].where(rows["n_active"] > 0)
    rows["low"], rows["high"] = bound_share(rows["n_users"], rows["n_active"])
    return rows


def find_unfinished(times: pd.Series[pd.Timestamp], length: Length) -> pd.Period | None:
    """The last period, if the data seem to end before it does: at the pace of the last four
    periods, more than 3 reviews would have come after the last one. times: one a review.
    """
    days = times.dropna().dt.normalize()
    if days.empty:
        return None
    last = days.max()
    period = last.to_period(CODES[length])
    left = (period.end_time.normalize() - last).days
    start = max((period - 3).start_time, days.min())
    pace = int((days >= start).sum()) / ((last - start).days + 1)
    return period if pace * left > EXPECTED else None


def split_time(
    times: pd.Series[pd.Timestamp], length: Length, after: float = 0.5
) -> pd.Period | None:
    """The period that begins the later part, chosen so that this part holds as nearly as can be
    the share `after` of the times; None where all lie in one period.
    """
    counts = times.dropna().dt.to_period(CODES[length]).value_counts().sort_index()
    if len(counts) < 2:
        return None
    later = 1 - (counts.cumsum() - counts) / counts.sum()  # from each period on
    return counts.index[1:][int((later.iloc[1:] - after).abs().argmin())]


def compare_polarity(said: pd.DataFrame, later: Later) -> Change | None:
    """How polarity changed from the other sentences to the later ones; None where fewer than 3
    users spoke before or after. said: user_id, review_id, polarity.
    """
    polarity = said["polarity"].to_numpy(dtype=np.float64)
    found = contrast_means(polarity, later.astype(np.int64), number_voices(said), 2)
    if np.isnan(found.p[1]):
        return None
    before, low, high, p = (float(v[1]) for v in (found.rest, found.low, found.high, found.p))
    return Change(
        int((~later).sum()), int(later.sum()), before, before + float(found.difference[1]),
        low, high, p,
    )  # fmt: skip


def find_moves(said: pd.DataFrame, later: Later) -> pd.DataFrame:
    """One row a topic that at least 3 users speak of: whether it takes up more or less of the
    later sentences than of those before.

    said: topic_id (−1 for none), review_id, user_id, sentence_id, text, similarity, polarity.
    Columns: topic_id; n_before, n_after: sentences on it; share_before, share_after: of all
    sentences (of reviews it would move with their length); n_users who speak of it where its share
    is higher; p; q: p after Benjamini and Hochberg (1995) over topics; move: "new" (five times the
    share or more, or none before), "rising" or "fading" (each with q < 0.05, by a factor of at
    least 1.2 and 3 users), or "steady"; evidence: up to 3 sentence ids from where the share of a
    topic that moved is higher.

    p is the two-sided hypergeometric test of sentences, their counts divided by the design effect
    of users who write several (Rao and Scott 1992), so that one keen user makes no trend. No rows
    where there are fewer than 100 sentences before or after.
    """
    said = said.assign(voice=number_voices(said), group_id=later.astype(np.int64))
    about = said[said["topic_id"] >= 0]
    n = np.bincount(said["group_id"], minlength=2)
    if n.min() < MIN_SENTENCES or about.empty:
        return pd.DataFrame(columns=["topic_id", "move", "q"])
    counts = about.groupby(["topic_id", "group_id"]).size().unstack(fill_value=0)
    users = about.groupby(["topic_id", "group_id"])["voice"].nunique().unstack(fill_value=0)
    counts, users = (c.reindex(columns=[0, 1], fill_value=0) for c in (counts, users))
    spoken = about.groupby("topic_id")["voice"].nunique() >= MIN_USERS
    counts, users = counts[spoken], users[spoken]
    hits = counts.to_numpy(dtype=np.float64)
    share = hits / n
    rises = share[:, 1] > share[:, 0]
    effect = _weigh_voices(said, about, n).reindex(counts.index).to_numpy(dtype=np.float64)
    before, after = np.rint(hits / effect[:, None]).astype(np.int64).T
    n_before, n_after = np.rint(n / effect[:, None]).astype(np.int64).T
    _, p = compare_shares(after, before, n_after, n_before)
    moves = pd.DataFrame(
        {
            "topic_id": counts.index,
            "n_before": counts[0].to_numpy(),
            "n_after": counts[1].to_numpy(),
            "share_before": share[:, 0],
            "share_after": share[:, 1],
            "n_users": np.where(rises, users[1], users[0]),
            "p": p,
            "q": adjust(p),
        }
    )
    moves["move"] = _name_moves(moves)
    moved = moves[moves["move"] != "steady"]
    evidence = choose_evidence(about[about["topic_id"].isin(moved["topic_id"])], "topic_id")
    places = zip(rises.astype(int), moves["topic_id"], strict=True)
    return moves.assign(evidence=[evidence.get(place, []) for place in places])


def number_voices(said: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Whose each sentence is, from 0 up: users, then reviews without one."""
    users, known = pd.factorize(said["user_id"])
    reviews, _ = pd.factorize(said["review_id"])
    voices = np.where(users >= 0, users, len(known) + reviews)
    return np.unique(voices, return_inverse=True)[1].astype(np.int64)


def _weigh_voices(
    said: pd.DataFrame, about: pd.DataFrame, n: npt.NDArray[np.int64]
) -> pd.Series[float]:
    """Each topic's design effect, at least 1: the variance of its change in share with users as
    the units, over that of as many sentences by as many users.
    """
    sign = np.array([-1, 1]) / n
    weight = said["group_id"].map(dict(enumerate(sign))).groupby(said["voice"]).sum()
    hits = about.assign(weight=about["group_id"].map(dict(enumerate(sign))))
    own = hits.groupby(["topic_id", "voice"])["weight"].sum().reset_index()
    own["cross"] = own["weight"] * own["voice"].map(weight)
    own["square"] = own["weight"] ** 2
    sums = own.groupby("topic_id")[["square", "cross"]].sum()
    share = about.groupby("topic_id").size() / n.sum()
    spread = sums["square"] - 2 * share * sums["cross"] + share**2 * float((weight**2).sum())
    plain = share * (1 - share) * float((1 / n).sum())
    return (spread / plain.where(plain > 0)).fillna(1.0).clip(lower=1.0)


def _name_moves(moves: pd.DataFrame) -> npt.NDArray[np.str_]:
    before, after = moves["share_before"], moves["share_after"]
    sure = (moves["q"] < SIGNIFICANT) & (moves["n_users"] >= MIN_USERS)
    return np.select(
        [
            sure & (after >= NEW_LIFT * before),
            sure & (after >= MIN_LIFT * before),
            sure & (before >= MIN_LIFT * after),
        ],
        ["new", "rising", "fading"],
        "steady",
    )
