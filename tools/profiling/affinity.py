"""Who likes what: from a topic in anyone's words to the users who love or hate it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Stance = Literal["likes", "dislikes", "any"]

# Share of sentences above the cut-off that may be there by chance.
FALSE_DISCOVERY_RATE = 0.15
# Cosine that the best sentence must reach, or nobody speaks of the topic.
NOTHING_BELOW = 0.38
# Sentences of average relevance that a user's opinion is shrunk by.
PRIOR_SENTENCES = 2.0
FEEDBACK = 12

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Relevance:
    """rows: relevant sentences, most relevant first; weights: (len(rows),) in (0, 1];
    cutoff: the cosine they all reach; nearest: the best cosine of any sentence.
    """

    rows: npt.NDArray[np.int64]
    weights: Floats
    cutoff: float
    nearest: float


@dataclass(frozen=True)
class UserAffinity:
    """users: rows of users who speak of the topic and hold the stance, strongest first.

    scores in [-1, 1]: relevance-weighted mean polarity, shrunk towards 0 by two sentences' weight
    (for stance "any": relevance alone, in [0, 1]); mentions, warm, cold: number of relevant
    sentences, of those with polarity ≥ 0.25 and ≤ −0.25.
    """

    users: Ints
    scores: Floats
    mentions: Ints
    warm: Ints
    cold: Ints


def find_relevant(vectors: Floats, query: Floats) -> Relevance:
    """Sentences that speak of a query: (n, d) unit vectors against a (d,) unit vector.

    The cut-off is the query's own. The bulk of a corpus does not speak of the query: its cosines
    are modelled as a normal distribution with the median and the spread of the lower half. The
    cut-off is the lowest at which sentences expected from the bulk are at most 15% of those found.
    The query is first moved towards the 12 sentences nearest to it (Rocchio 1971), so that a topic
    is found in words which the query does not contain.
    """
    none = Relevance(np.empty(0, np.int64), np.empty(0, np.float32), 1.0, 0.0)
    if not len(vectors):
        return none
    first = vectors @ query
    nearest = float(first.max())
    if nearest < NOTHING_BELOW:
        return Relevance(none.rows, none.weights, NOTHING_BELOW, nearest)
    best = np.argsort(-first)[:FEEDBACK]
    best = best[first[best] >= max(NOTHING_BELOW, nearest - 0.2)]
    moved = query + vectors[best].mean(axis=0)
    scores = vectors @ (moved / np.linalg.norm(moved))
    cutoff = _calibrate(scores)
    rows = np.flatnonzero(scores >= cutoff)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    weights = np.clip((scores[rows] - cutoff) / max(1e-6, 1 - cutoff) * 0.8 + 0.2, 0.2, 1)
    return Relevance(rows, weights.astype(np.float32), cutoff, nearest)


def rank_users(
    users: Ints, polarity: Floats, weights: Floats, stance: Stance
) -> UserAffinity:
    """Rank users by what their relevant sentences say.

    users, polarity, weights: user row, polarity and relevance of each relevant sentence; rows of
    users −1 (unknown) are left out.
    """
    known = users >= 0
    users, polarity, weights = users[known], polarity[known], weights[known]
    rows, inverse = np.unique(users, return_inverse=True)
    n = len(rows)
    weight = np.bincount(inverse, weights, n)
    prior = PRIOR_SENTENCES * (float(weights.mean()) if len(weights) else 1.0)
    if stance == "any":
        scores = weight / (weight + prior)
        keep = np.ones(n, dtype=bool)
    else:
        scores = np.bincount(inverse, weights * polarity, n) / (weight + prior)
        keep = scores > 0.08 if stance == "likes" else scores < -0.08
    order = np.argsort(scores if stance == "dislikes" else -scores, kind="stable")
    order = order[keep[order]]
    count = np.bincount(inverse, minlength=n)
    warm = np.bincount(inverse, polarity >= 0.25, n)
    cold = np.bincount(inverse, polarity <= -0.25, n)
    return UserAffinity(
        rows[order].astype(np.int32),
        scores[order].astype(np.float32),
        count[order].astype(np.int32),
        warm[order].astype(np.int32),
        cold[order].astype(np.int32),
    )


def _calibrate(scores: Floats) -> float:
    """Lowest cut-off at which at most 15% of the sentences above it are expected by chance."""
    from scipy.stats import norm

    middle = float(np.median(scores))
    spread = max(1e-6, (middle - float(np.quantile(scores, 0.16))))
    ranked = np.sort(scores)[::-1]
    z = (ranked - middle) / spread
    expected = norm.sf(z) * len(scores)
    found = np.arange(1, len(ranked) + 1)
    passing = np.flatnonzero((expected <= FALSE_DISCOVERY_RATE * found) & (z > 2))
    return float(ranked[passing[-1]]) if len(passing) else float(ranked[0])
