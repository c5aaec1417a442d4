"""Whether a group is there, or only drawn: is it found again when users are drawn anew?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tools.clustering.algorithms import Clusterer
from tools.clustering.group_count import count_sample

RESAMPLES = 24
# Hennig 2007: under 0.6 a cluster should not be trusted.
TRUSTED = 0.6

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


def measure_trust(
    vectors: Floats,
    labels: Ints,
    fit: Callable[[Floats, int], Clusterer],
    *,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> Floats:
    """(m,) mean Jaccard similarity, in [0, 1], of each group 0 … m − 1 to the nearest group found
    among rows drawn anew, with replacement, 24 times.

    fit: rows and a seed to a fitted model. Similarity is taken over the rows drawn (Hennig 2007,
    "Cluster-wise assessment of cluster stability", scheme 1). Of many rows as many a time are drawn
    as tell the groups apart.
    """
    rng = np.random.default_rng(seed)
    m, n = int(labels.max(initial=-1)) + 1, len(vectors)
    overlaps = np.zeros((RESAMPLES, m))
    for turn in range(RESAMPLES):
        drawn = rng.integers(0, n, min(n, count_sample(m)))
        model = fit(vectors[drawn], int(rng.integers(2**31)))
        rows, first = np.unique(drawn, return_index=True)
        overlaps[turn] = _overlap(labels[rows], model.labels_[first], m)
        progress((turn + 1) / RESAMPLES)
    return np.asarray(overlaps.mean(axis=0), dtype=np.float32)


def _overlap(labels: Ints, found: Ints, m: int) -> Floats:
    """(m,) Jaccard similarity of each group to the found one nearest to it; 0 where none is."""
    k = int(found.max(initial=-1)) + 1
    both = np.zeros((m + 1, k + 1))  # the last row and column take −1
    np.add.at(both, (labels, found), 1)
    inside, here = both[:m, :k], both.sum(axis=1)[:m, None]
    union = here + both.sum(axis=0)[None, :k] - inside
    shares = inside / np.maximum(union, 1)
    return np.asarray(shares.max(axis=1, initial=0.0), dtype=np.float32)
