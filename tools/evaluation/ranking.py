"""How good lists of recommended items are: for each user, and as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MEASURES = ("precision", "recall", "MAP", "NDCG", "MRR", "hit rate")


def measure_lists(items: Ints, relevant: sp.csr_matrix) -> dict[str, Floats]:
    """(n,) of each of `MEASURES`, in [0, 1], for (n, k) lists, best first, −1 for nothing.

    relevant: (n, m), 1 for the items that should be found, at least one a user. With r relevant
    items: precision is hits / k, recall hits / r, average precision is over min(r, k), NDCG has
    gains of 1 and the ideal list of min(r, k), reciprocal rank is of the first hit (0 for none).
    Manning, Raghavan and Schütze, Introduction to Information Retrieval, section 8.4.
    """
    n, k = items.shape
    shown = items >= 0
    m = relevant.shape[1]
    wanted_pairs = np.repeat(np.arange(n), np.diff(relevant.indptr)) * m + relevant.indices
    found = np.isin(np.arange(n)[:, None] * m + np.maximum(items, 0), wanted_pairs)
    hits = (found & shown).astype(np.float64)
    wanted = np.diff(relevant.indptr)
    reachable = np.minimum(wanted, k)
    ranks = np.arange(1, k + 1)
    discounts = 1 / np.log2(ranks + 1)
    ideal = np.cumsum(discounts)[reachable - 1]
    first = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, np.inf)
    return {
        "precision": hits.sum(axis=1) / k,
        "recall": hits.sum(axis=1) / wanted,
        "MAP": (hits * np.cumsum(hits, axis=1) / ranks).sum(axis=1) / reachable,
        "NDCG": (hits * discounts).sum(axis=1) / ideal,
        "MRR": 1 / first,
        "hit rate": hits.any(axis=1).astype(np.float64),
    }


@dataclass(frozen=True)
class Spread:
    """What lists are like beside being right.

    coverage: share of all items shown to anyone; diversity: mean of 1 − cosine between the items
    of one list, in [0, 2]; novelty: mean of −log2 of the share of users who like an item, in bits;
    popularity: mean percentile of the shown items' popularity among all items, in [0, 1], where
    0.5 is that of items drawn evenly; concentration: Gini coefficient of how often items are
    shown, 0 if all alike, near 1 if few take all.
    """

    coverage: float
    diversity: float
    novelty: float
    popularity: float
    concentration: float


def describe_spread(
    items: Ints, popularity: npt.NDArray[np.float32], n_users: int, liked: sp.csr_matrix
) -> Spread:
    """Of (n, k) lists. popularity: (m,) users who liked each item, of n_users in all; liked:
    (n_users, m), by whose columns items are alike.
    """
    m = len(popularity)
    shown = items[items >= 0]
    if not len(shown):
        return Spread(0.0, 0.0, 0.0, 0.0, 0.0)
    counts = np.bincount(shown, minlength=m)
    share = (popularity[shown] + 0.5) / (n_users + 1)
    # Equally popular items share their mean rank.
    order = np.sort(popularity)
    below = np.searchsorted(order, popularity, side="left")
    rank = (below + np.searchsorted(order, popularity, side="right")) / (2 * m)
    rising = np.sort(counts)
    gini = 2 * (np.arange(1, m + 1) * rising).sum() / (m * rising.sum()) - (m + 1) / m
    return Spread(
        coverage=float((counts > 0).mean()),
        diversity=_measure_diversity(items, liked),
        novelty=float(-np.log2(share).mean()),
        popularity=float(rank[shown].mean()),
        concentration=float(gini),
    )


def _measure_diversity(items: Ints, liked: sp.csr_matrix) -> float:
    norms = np.sqrt(np.asarray(liked.multiply(liked).sum(axis=0)).ravel())
    columns = sp.csr_matrix((liked @ sp.diags(1 / np.maximum(norms, 1e-9))).T)
    alike = []
    for row in items:
        own = columns[row[row >= 0]]
        if own.shape[0] > 1:
            cosines = (own @ own.T).toarray()
            alike.append(cosines[np.triu_indices(len(cosines), 1)].mean())
    return float(1 - np.mean(alike)) if alike else 0.0


@dataclass(frozen=True)
class Difference:
    """Mean of one measure minus another's on the same users, with a bootstrap interval of 95%."""

    mean: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def compare_paired(one: Floats, other: Floats, *, draws: int = 2000, seed: int = 0) -> Difference:
    """Mean of (n,) `one` − `other`, users drawn anew (Efron and Tibshirani 1993, section 13.3)."""
    gap = one - other
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [
            gap[rng.integers(len(gap), size=(part, len(gap)))].mean(axis=1)
            for part in np.full(draws // 100, 100)
        ]
    )
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(float(gap.mean()), float(low), float(high))
