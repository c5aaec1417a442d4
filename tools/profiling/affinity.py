"""Who likes what: from a topic in anyone's words to the users who love or hate it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from tools.embedding.sentiment import COLD, WARM
from tools.pooling import sum_parts
from tools.profiling.terms import tokenize

Stance = Literal["likes", "dislikes", "any"]

# Share of sentences above the cut-off that may be there by chance.
FALSE_DISCOVERY_RATE = 0.05
# Standard deviations over the bulk that the cut-off must at least be, and how far below the best
# sentence's cosine it may lie.
MIN_DEVIATIONS, MAX_DISTANCE = 2.5, 0.45
# Cosine that the best sentence must reach, or else the fifth best, or nobody speaks of the topic.
NOTHING_BELOW, FIFTH_BELOW = 0.38, 0.34
# Sentences of average relevance that a user's opinion is shrunk by.
PRIOR_SENTENCES = 8.0
# The query moves towards up to this many sentences, nearly as near as the nearest one: what is
# named (dogs) stays narrow, and what is only described (budget travel) is widened.
FEEDBACK, NEARLY = 20, 0.12
CONTEXT = 0.5
# Sentences that hold the query's words and are enough to tell how near to it those in other words
# must be.
MIN_NAMED = 10
# Share of those than which a sentence in other words must be nearer to the query.
BEYOND = 0.6
# Area under the curve from which the encoder tells them from the others, and can tell of others at
# all: on English reviews it is 0.93 to 0.99; with an encoder that knows no Chinese 0.4 for 早餐.
TOLD_APART = 0.8
# A user likes or dislikes a topic if their mean tone on it is beyond ±0.1, and a sentence is clear.
LEANING = 0.1

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Relevance:
    """rows: relevant sentences, most relevant first; weights: (len(rows),) in (0, 1], above a half
    for those that name the query; named: (len(rows),) whether they do; cutoff: the cosine that all
    others reach; nearest: the best cosine of any sentence.
    """

    rows: npt.NDArray[np.int64]
    weights: Floats
    named: npt.NDArray[np.bool_]
    cutoff: float
    nearest: float


@dataclass(frozen=True)
class UserAffinity:
    """users: rows of users who speak of the topic and hold the stance, strongest first.

    scores in [-1, 1]: of what the user says with feeling, how much is warm rather than cold, shrunk
    towards 0 by the weight of eight average sentences, so that one lukewarm sentence does not beat
    five warm ones and neutral ones neither add nor take away (for stance "any": relevance alone,
    in [0, 1]); mentions, warm, cold: number of relevant sentences, of those with
    polarity ≥ 0.25 and ≤ −0.25.
    """

    users: Ints
    scores: Floats
    mentions: Ints
    warm: Ints
    cold: Ints


def add_context(vectors: Floats, reviews: Ints) -> Floats:
    """Unit vectors of sentences moved towards their review's: (n, d) and (n,) review rows.

    A sentence alone often does not say what it is about ("Seven euros, and worth it."). On the
    sample world, the share of sentences found for a topic that come from users of that topic's
    group rises from 0.55 to 0.68 with half a review's weight.
    """
    mean = sum_parts(vectors, reviews, int(reviews.max(initial=-1)) + 1)
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
    moved = vectors + CONTEXT * mean[reviews]
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))


def find_named(texts: pd.Series[str], query: str) -> npt.NDArray[np.bool_]:
    """(n,) sentences that hold every word of the query but its stop words, plural or singular.

    texts: lower-case.
    """
    return np.asarray(share_named(texts, query) == 1)


def share_named(texts: pd.Series[str], query: str) -> Floats:
    """(n,) share of the query's words but its stop words, plural or singular, that each holds.

    texts: lower-case.
    """
    words = tokenize(query)
    held = np.zeros(len(texts), dtype=np.float32)
    for word in words:
        stem = re.escape(word.removesuffix("s"))
        pattern = rf"\b{stem}s?\b" if word.isascii() else stem
        held += texts.str.contains(pattern, regex=True).to_numpy(dtype=np.float32)
    return held / np.float32(max(1, len(words)))


def find_relevant(vectors: Floats, query: Floats, named: npt.NDArray[np.bool_]) -> Relevance:
    """Sentences that speak of a query: (n, d) unit vectors, with context, against a (d,) one.

    named: (n,) sentences that hold the query's words: all of them speak of it. Where these are ten
    or more, a sentence in other words must be nearer to the query than most of them (`BEYOND`),
    and if the encoder does not tell them apart from the rest (`TOLD_APART`), no other counts.
    Where they are fewer the cut-off is told by the corpus. The bulk of a corpus does not speak of
    the query: its cosines are modelled as a normal distribution with the median and the spread of
    the lower half. The cut-off is the lowest at which sentences expected from the bulk are at most
    5% of those found.
    The query is first moved towards the sentences nearest to it and half as far away from the
    average one (Rocchio 1971), so that a topic is found in words which the query does not contain,
    and what all sentences share does not widen the bulk.
    """
    nothing = np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.bool_)
    if not len(vectors):
        return Relevance(*nothing, NOTHING_BELOW, 0.0)
    first = vectors @ query
    if named.sum() >= MIN_NAMED:
        known = named.all() or roc_auc_score(named, first) >= TOLD_APART
        cutoff = float(np.quantile(first[named], BEYOND)) if known else np.inf
        return _rank(first, cutoff, named, float(first.max()))
    best = np.argsort(-first)[:FEEDBACK]
    nearest = float(first[best[0]])
    unknown = nearest < NOTHING_BELOW and not (len(best) > 4 and first[best[4]] >= FIFTH_BELOW)
    if unknown and not named.any():
        return Relevance(*nothing, NOTHING_BELOW, nearest)
    best = best[first[best] >= nearest - NEARLY]
    moved = query + vectors[best].mean(axis=0) - vectors.mean(axis=0) / 2
    scores = vectors @ (moved / np.linalg.norm(moved))
    return _rank(scores, np.inf if unknown else _calibrate(scores), named, nearest)


def _rank(scores: Floats, cutoff: float, named: npt.NDArray[np.bool_], nearest: float) -> Relevance:
    """The sentences beyond the cut-off and those that name the query, most relevant first."""
    rows = np.flatnonzero((scores >= cutoff) | named)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    least = float(scores[rows].min(initial=cutoff))
    weights = np.clip((scores[rows] - least) / max(1e-6, float(scores.max()) - least), 0.1, 1)
    weights = np.where(named[rows], (1 + weights) / 2, weights)
    return Relevance(rows, weights.astype(np.float32), named[rows], cutoff, nearest)


def rank_users(
    users: Ints, polarity: Floats, tone: Floats, weights: Floats, stance: Stance
) -> UserAffinity:
    """Rank users by what their relevant sentences say.

    users, polarity, tone, weights: user row, polarity, tone (`evidence.measure_tone`) and relevance
    of each relevant sentence; rows of users −1 (unknown) are left out.
    """
    known = users >= 0
    users, weights = users[known], weights[known]
    polarity, tone = polarity[known], tone[known]
    rows, inverse = np.unique(users, return_inverse=True)
    n = len(rows)
    weight = np.bincount(inverse, weights, n)
    warm = np.bincount(inverse, polarity >= WARM, n)
    cold = np.bincount(inverse, polarity <= COLD, n)
    if stance == "any":
        prior = PRIOR_SENTENCES * float(weights.mean() if len(weights) else 1)
        scores, keep = weight / (weight + prior), np.ones(n, dtype=bool)
    else:
        outspoken = weights * np.abs(tone)
        prior = PRIOR_SENTENCES * max(1e-9, float(outspoken.mean() if len(outspoken) else 1))
        total = np.bincount(inverse, weights * tone, n)
        scores = total / (np.bincount(inverse, outspoken, n) + prior)
        mean = total / np.maximum(weight, 1e-9)
        leaning, clear = (mean, warm) if stance == "likes" else (-mean, cold)
        keep = (leaning > LEANING) & (clear > 0)
    order = np.argsort(scores if stance == "dislikes" else -scores, kind="stable")
    order = order[keep[order]]
    count = np.bincount(inverse, minlength=n)
    return UserAffinity(
        rows[order].astype(np.int32),
        scores[order].astype(np.float32),
        count[order].astype(np.int32),
        warm[order].astype(np.int32),
        cold[order].astype(np.int32),
    )


def _calibrate(scores: Floats) -> float:
    """Lowest cut-off at which at most 5% of the sentences above it are expected by chance."""
    middle = float(np.median(scores))
    spread = max(1e-6, middle - float(np.quantile(scores, 0.16)))
    ranked = np.sort(scores)[::-1]
    deviations = (ranked - middle) / spread
    expected = norm.sf(deviations) * len(scores)
    chance = expected / np.arange(1, len(ranked) + 1)
    passing = np.flatnonzero((chance <= FALSE_DISCOVERY_RATE) & (deviations > MIN_DEVIATIONS))
    lowest = float(ranked[passing[-1]]) if len(passing) else float(ranked[0])
    return max(lowest, float(ranked[0]) - MAX_DISTANCE)
