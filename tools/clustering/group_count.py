"""How many groups there are: the number whose groups are found again, and lie apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_mutual_info_score, pairwise_distances, silhouette_score

from tools.clustering.algorithms import WardTree, measure_membership

MIN_ROWS_PER_GROUP = 8
# So many rows a group are looked at, and at least and at most so many in all.
ROWS_PER_GROUP, LEAST_ROWS, MOST_ROWS = 80, 1000, 4000
SPLITS = 16
# Beyond 20 groups numbers are tried in steps of a tenth: they differ little.
STEP = 1.1
FINE = 20

CLEAR_SEPARATION = 0.1
MIN_GROUPS_OF_CONTINUUM = 5
# Another number replaces the one in use only if its stability is higher by this much.
CLEAR_GAIN = 0.03

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Trial:
    """A number of groups as it turned out. separation: mean silhouette (Rousseeuw 1987), in
    [-1, 1]; stability: in [-1, 1], 0 for chance, 1 for groups that are found again exactly; error:
    standard error of how far the stability is from the best number's.
    """

    separation: float
    stability: float
    error: float = 0.0


def list_counts(n_rows: int, largest: int) -> list[int]:
    """2 … 20, then steps of a tenth up to `largest`, while they leave 8 rows a group."""
    last = min(largest, n_rows // MIN_ROWS_PER_GROUP)
    counts = list(range(2, min(FINE, last) + 1))
    while counts and counts[-1] >= FINE and (after := round(counts[-1] * STEP)) <= last:
        counts.append(after)
    return counts


def try_group_counts(
    vectors: Floats,
    *,
    largest: int,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[int, Trial]:
    """Separation and stability of every number of groups from `list_counts`.

    Stability: the rows are halved at random 16 times; each half's groups (Ward's tree, cut) are
    compared with those that the other half's centres predict, by adjusted mutual information (Vinh
    et al. 2010), and the mean is taken. Predicting one half from the other is the idea of Lange et
    al. 2004 and of Tibshirani and Walther 2005. Of many rows a sample is looked at (`draw_rows`).
    """
    rng = np.random.default_rng(seed)
    vectors = draw_rows(vectors, largest, rng)
    counts = list_counts(len(np.unique(vectors, axis=0)), largest)
    if not counts:
        return {}
    agreed = np.zeros((SPLITS, len(counts)))
    for split in range(SPLITS):
        agreed[split] = _agree(vectors, counts, rng)
        progress((split + 1) / (SPLITS + 1))
    tree = WardTree(vectors, seed=seed)
    rows = vectors[tree.rows]
    distances = pairwise_distances(rows)
    progress(1.0)
    stability = agreed.mean(axis=0)
    behind = agreed - agreed[:, [stability.argmax()]]
    errors = behind.std(axis=0, ddof=1) / np.sqrt(SPLITS)
    return {
        k: Trial(
            float(silhouette_score(distances, tree.cut(k), metric="precomputed")),
            float(stability[column]),
            float(errors[column]),
        )
        for column, k in enumerate(counts)
    }


def measure_stability(vectors: Floats, k: int, *, seed: int = 0, shuffled: bool = False) -> float:
    """Stability of k groups as in `try_group_counts`.

    shuffled: of rows that are no one's: every column is shuffled by itself, which keeps what each
    column is like and undoes what goes together. What groups of the rows as they are have beyond
    that is not chance.
    """
    rng = np.random.default_rng(seed)
    vectors = draw_rows(vectors, k, rng)
    rows = (rng.permuted(vectors, axis=0) if shuffled else vectors for _ in range(SPLITS))
    return float(np.mean([_agree(drawn, [k], rng) for drawn in rows]))


def draw_rows(vectors: Floats, k: int, rng: np.random.Generator) -> Floats:
    """All rows, or as many drawn at random as tell k groups apart."""
    enough = count_sample(k)
    if len(vectors) <= enough:
        return vectors
    return vectors[rng.choice(len(vectors), enough, replace=False)]


def count_sample(k: int) -> int:
    """How many rows tell k groups apart."""
    return min(max(LEAST_ROWS, ROWS_PER_GROUP * k), MOST_ROWS)


def _agree(vectors: Floats, counts: Sequence[int], rng: np.random.Generator) -> Floats:
    """For each number of groups, how well either half of the rows predicts the other's groups."""
    order = rng.permutation(len(vectors))
    halves = vectors[order[::2]], vectors[order[1::2]]
    seed = int(rng.integers(2**31))
    one, other = (WardTree(half, seed=seed) for half in halves)
    both = [
        [_predict(halves[0], one, other, k), _predict(halves[1], other, one, k)] for k in counts
    ]
    return np.asarray(np.mean(both, axis=1), dtype=np.float32)


def _predict(half: Floats, tree: WardTree, others: WardTree, k: int) -> float:
    """How well the other half's centres predict this half's groups."""
    predicted = measure_membership(half[tree.rows], others.find_centres(k)).argmax(axis=1)
    return float(adjusted_mutual_info_score(tree.cut(k), predicted))


def choose_group_count(curve: Mapping[int, Trial], before: int | None = None) -> int:
    """The largest number as stable as the most stable one, up to a standard error, of those at
    least half as well separated as the best; 1 for an empty curve. The largest, because stability
    is measured on halves, in which small groups are too few to be seen.

    Where no number separates rows clearly (separation under 0.1 throughout), they form a continuum,
    and two halves of it would win while telling nothing: then at least five groups are made, if
    that many were tried. before: the number in use, kept unless another's stability is higher by
    0.03, so that groups do not come and go with a few reviews.
    """
    if not curve:
        return 1
    best = max(trial.separation for trial in curve.values())
    apart = {k: t for k, t in curve.items() if 2 * t.separation >= best}
    if not is_clear_cut(curve):
        apart = {k: t for k, t in curve.items() if k >= MIN_GROUPS_OF_CONTINUUM} or dict(curve)
    highest = max(trial.stability for trial in apart.values())
    if before in apart and apart[before].stability + CLEAR_GAIN >= highest:
        return before
    return max(k for k, trial in apart.items() if trial.stability + trial.error >= highest)


def is_clear_cut(curve: Mapping[int, Trial]) -> bool:
    """Whether some number of groups separates rows with a silhouette of at least 0.1."""
    return any(trial.separation >= CLEAR_SEPARATION for trial in curve.values())
