"""Clustering algorithms behind one contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA

from tools.clustering.kmeans import fit_kmeans
from tools.clustering.neighbours import average_neighbours
from tools.pooling import average_parts

# Ward's tree takes time and memory that grow with n²: beyond this it is grown on a sample.
MAX_ROWS_OF_TREE = 3000
# Density means little in hundreds of dimensions.
DIMENSIONS_OF_DENSITY = 10
MIN_DENSE_GROUP = 8
# What HDBSCAN calls noise joins the nearest group where its membership is at least this many times
# an even split's.
NOISE_JOINS = 1.5

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class Clusterer(ABC):
    """fit on (n, d) vectors; learns `labels_` (n,), 0 … m − 1 or −1 for no group, and `centres_`
    (m, d), the mean of each label's rows. m is k, or fewer where fewer rows differ; an algorithm
    that finds the number itself takes no k.
    """

    def __init__(self, k: int | None = None, *, seed: int = 0) -> None:
        self.k = k
        self.seed = seed

    def fit(self, vectors: Floats) -> Self:
        """Raises: ValueError unless 1 ≤ k ≤ n."""
        if self.k is None or not 1 <= self.k <= len(vectors):
            raise ValueError(f"k must be from 1 to {len(vectors)} (rows); got {self.k}.")
        self._learn(vectors, self._partition(vectors, self.k))
        return self

    @classmethod
    def resume(cls, centres: Floats) -> Self:
        """A model that was fitted before, to assign further rows with."""
        model = cls()
        model.centres_ = centres
        return model

    def assign(self, vectors: Floats) -> tuple[Ints, Floats]:
        """Group of each row, nearest centre's, or −1 where the algorithm leaves it out; and (n, m)
        membership strengths that sum to 1.
        """
        strengths = measure_membership(vectors, self.centres_)
        return strengths.argmax(axis=1).astype(np.int32), strengths

    def _learn(self, vectors: Floats, parts: Ints) -> None:
        found, labels = np.unique(parts[parts >= 0], return_inverse=True)
        self.labels_ = np.full(len(vectors), -1, dtype=np.int32)
        self.labels_[parts >= 0] = labels
        self.centres_ = average_parts(vectors, self.labels_, len(found))

    @abstractmethod
    def _partition(self, vectors: Floats, k: int) -> Ints:
        """(n,) part of each row; any numbers, negative for none."""


class KMeansGroups(Clusterer):
    """Lloyd's k-means, begun at the centres that Ward's tree gives, so that chance has no part.

    On rows with little noise that finds what ten random starts find; on noisy ones, better groups
    (benchmarks/groups.py).
    """

    def fit_from(self, vectors: Floats, start: Floats) -> Self:
        """Begin at (m, d) centres known from before: groups move only as far as they must."""
        self._learn(vectors, fit_kmeans(vectors, len(start), seed=self.seed, start=start).labels)
        return self

    def _partition(self, vectors: Floats, k: int) -> Ints:
        start = WardTree(vectors, seed=self.seed).find_centres(k)
        return fit_kmeans(vectors, len(start), seed=self.seed, start=start).labels


class WardGroups(Clusterer):
    """Agglomerative clustering by Ward's criterion, of rows averaged with their neighbours; rows
    beyond the tree's sample join the nearest centre.
    """

    def _partition(self, vectors: Floats, k: int) -> Ints:
        tree = WardTree(vectors, seed=self.seed)
        parts = measure_membership(vectors, tree.find_centres(k)).argmax(axis=1)
        parts[tree.rows] = tree.cut(k)
        return np.asarray(parts, dtype=np.int32)


class DensityGroups(Clusterer):
    """HDBSCAN (Campello et al. 2013) on up to 10 principal components of rows averaged with their
    neighbours. It finds the number of groups itself, so it takes no k. What it calls noise joins
    the nearest group if its membership there is at least 1.5 times an even split's; the rest is in
    no group, −1.
    """

    def fit(self, vectors: Floats) -> Self:
        self._learn(vectors, self._partition(vectors, 0))
        joined = np.where(self.labels_ >= 0, self.labels_, self.assign(vectors)[0])
        self._learn(vectors, joined)
        return self

    def assign(self, vectors: Floats) -> tuple[Ints, Floats]:
        nearest, strengths = super().assign(vectors)
        least = min(NOISE_JOINS / strengths.shape[1], 1.0)
        return np.where(strengths.max(axis=1) >= least, nearest, -1).astype(np.int32), strengths

    def _partition(self, vectors: Floats, k: int) -> Ints:
        tree = WardTree(vectors, seed=self.seed)
        parts = np.full(len(vectors), -1, dtype=np.int32)
        size = max(MIN_DENSE_GROUP, len(tree.rows) // 50)
        if len(tree.rows) >= 2 * size and np.ptp(tree.averaged, axis=0).any():
            d = min(DIMENSIONS_OF_DENSITY, *tree.averaged.shape)
            plane = PCA(d, random_state=self.seed).fit_transform(tree.averaged)
            model = HDBSCAN(min_cluster_size=size, min_samples=5, copy=True)
            parts[tree.rows] = model.fit_predict(plane)
        if (parts < 0).all():  # nowhere denser than elsewhere: one group of all
            parts[:] = 0
        return parts


ALGORITHMS: dict[str, type[Clusterer]] = {
    "kmeans": KMeansGroups,
    "ward": WardGroups,
    "hdbscan": DensityGroups,
}


class WardTree:
    """Ward's tree over rows averaged with their neighbours, for one or many cuts.

    rows: the rows it is grown on, all of them up to 3,000, else a sample; averaged: their averages.
    """

    def __init__(self, vectors: Floats, *, seed: int = 0) -> None:
        n = len(vectors)
        self.rows = np.arange(n)
        if n > MAX_ROWS_OF_TREE:
            drawn = np.random.default_rng(seed).choice(n, MAX_ROWS_OF_TREE, replace=False)
            self.rows = np.sort(drawn)
        self._vectors = vectors[self.rows]
        self._distinct = len(np.unique(self._vectors, axis=0))
        self.averaged = average_neighbours(self._vectors)
        self._merges = linkage(self.averaged, "ward") if n > 1 else None

    def cut(self, k: int) -> Ints:
        """Part of each of `rows`, 0 … k − 1, or fewer parts where fewer rows differ."""
        if self._merges is None:
            return np.zeros(len(self.rows), dtype=np.int32)
        parts = fcluster(self._merges, min(k, self._distinct), criterion="maxclust")
        return np.asarray(parts - 1, dtype=np.int32)

    def find_centres(self, k: int) -> Floats:
        """Means, of the rows as they were, of the parts that `cut` gives."""
        parts = self.cut(k)
        return average_parts(self._vectors, parts, int(parts.max()) + 1)


def measure_membership(vectors: Floats, centres: Floats) -> Floats:
    """(n, k) memberships, rows summing to 1: fuzzy c-means with fuzzifier 2.

    Bezdek 1981, u_ij = 1 / Σ_l (d_ij / d_il)².
    """
    squared = (
        (vectors**2).sum(axis=1, keepdims=True) - 2 * vectors @ centres.T + (centres**2).sum(axis=1)
    )
    inverse = 1.0 / np.maximum(squared, 1e-12)
    return np.asarray(inverse / inverse.sum(axis=1, keepdims=True), dtype=np.float32)
