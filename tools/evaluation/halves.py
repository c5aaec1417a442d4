"""Do two halves of somebody's reviews find each other? A check of vectors that needs no labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score

from tools.clustering.algorithms import ALGORITHMS

MIN_REVIEWS = 4
MAX_REVIEWS_PER_HALF = 3
RESAMPLES = 2000
USERS_PER_GROUP = 8
MAX_GROUPS = 10

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Halves:
    """Review rows of n users (or items): first[i] and second[i] share no review."""

    first: list[Ints]
    second: list[Ints]

    def __len__(self) -> int:
        return len(self.first)


def hold_out(labels: Ints, share: float, rng: np.random.Generator) -> Ints:
    """At most that share of the labels (−1: none) with at least four rows, drawn at random, and of
    all rows: a label that would pass it is left out.
    """
    counts = np.bincount(labels[labels >= 0])
    eligible = np.flatnonzero(counts >= MIN_REVIEWS)
    taken: list[int] = []
    rows = 0
    for label in rng.permutation(eligible):
        if len(taken) < round(share * len(eligible)) and rows + counts[label] <= share * len(
            labels
        ):
            taken.append(int(label))
            rows += counts[label]
    return np.sort(np.array(taken, dtype=np.int64))


def split_halves(labels: Ints, chosen: Ints, rng: np.random.Generator) -> Halves:
    """Divide the rows of each chosen label at random, at most three on each side."""
    first, second = [], []
    for label in chosen:
        rows = rng.permutation(np.flatnonzero(labels == label))
        half = min(len(rows) // 2, MAX_REVIEWS_PER_HALF)
        first.append(rows[:half])
        second.append(rows[half : 2 * half])
    return Halves(first, second)


def average_halves(vectors: Floats, parts: Sequence[Ints]) -> Floats:
    """(n, d) unit vectors, the mean of each part's rows of (n_reviews, d) vectors."""
    means = np.stack([vectors[rows].mean(axis=0) for rows in parts])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


def rank_partners(first: Floats, second: Floats) -> npt.NDArray[np.float64]:
    """(n, 2) rank, from 1, of each half's partner among all halves of the other side, by cosine.

    Column 0: first halves ask; column 1: second halves ask. Ties count against the partner.
    """
    cosines = first @ second.T
    own = np.diag(cosines)
    return np.column_stack(
        [(cosines >= own[:, None]).sum(axis=1), (cosines >= own[None, :]).sum(axis=0)]
    ).astype(np.float64)


def group_halves(first: Floats, second: Floats, *, seed: int) -> tuple[Ints, Ints]:
    """(n,) group of each user by their first and by their second half.

    k-means groups of the first halves, one for eight users and ten at most, to which the second
    halves are assigned: groups that say something about users are the same in both.
    """
    k = max(2, min(MAX_GROUPS, len(first) // USERS_PER_GROUP))
    model = ALGORITHMS["kmeans"](k, seed=seed).fit(first)
    return model.labels_.astype(np.int64), model.assign(second)[0].astype(np.int64)


def agree(labels: tuple[Ints, Ints], rows: Ints) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985, eq. 5) between two labellings of `rows`."""
    return float(adjusted_rand_score(labels[0][rows], labels[1][rows]))


def bootstrap_difference(
    measure: Callable[[int, Ints], float], n: int, *, coverage: float, seed: int
) -> tuple[float, float]:
    """Percentile interval of measure(1, rows) − measure(0, rows) over n things drawn with
    replacement, the same rows for both (paired bootstrap, Efron and Tibshirani 1993).
    """
    rng = np.random.default_rng(seed)
    differences = []
    for _ in range(RESAMPLES):
        rows = rng.integers(n, size=n)
        differences.append(measure(1, rows) - measure(0, rows))
    tail = (1 - coverage) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return float(low), float(high)
