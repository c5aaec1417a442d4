"""Clustering algorithms behind one contract."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering, KMeans

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class Clusterer(ABC):
    """fit on (n, d) vectors; learns `labels_` (n,), 0 … m − 1, and `centres_` (m, d), the mean of
    each label's rows. m is k, or the number of different rows where that is smaller.
    """

    def __init__(self, k: int, *, seed: int = 0) -> None:
        self.k = k
        self.seed = seed

    def fit(self, vectors: Floats) -> Clusterer:
        """Raises: ValueError unless 1 ≤ k ≤ n."""
        if not 1 <= self.k <= len(vectors):
            raise ValueError(f"k must be from 1 to {len(vectors)} (rows); got {self.k}.")
        k = min(self.k, len(np.unique(vectors, axis=0)))
        parts = self._partition(vectors, k) if k > 1 else np.zeros(len(vectors))
        found, labels = np.unique(parts, return_inverse=True)
        self.labels_ = labels.astype(np.int32)
        self.centres_ = np.stack(
            [vectors[labels == c].mean(axis=0) for c in range(len(found))]
        ).astype(np.float32)
        return self

    def assign(self, vectors: Floats) -> tuple[Ints, Floats]:
        """Nearest centre of each row, and (n, k) membership strengths that sum to 1."""
        strengths = measure_membership(vectors, self.centres_)
        return strengths.argmax(axis=1).astype(np.int32), strengths

    @abstractmethod
    def _partition(self, vectors: Floats, k: int) -> Ints: ...


class KMeansGroups(Clusterer):
    """Lloyd's k-means with 10 starts."""

    def _partition(self, vectors: Floats, k: int) -> Ints:
        model = KMeans(k, n_init=10, random_state=self.seed)
        return np.asarray(model.fit_predict(vectors), dtype=np.int32)


class WardGroups(Clusterer):
    """Agglomerative clustering by Ward's criterion; memory grows with n², so up to ~20,000 rows."""

    def _partition(self, vectors: Floats, k: int) -> Ints:
        model = AgglomerativeClustering(k, linkage="ward")
        return np.asarray(model.fit_predict(vectors), dtype=np.int32)


ALGORITHMS: dict[str, type[Clusterer]] = {"kmeans": KMeansGroups, "ward": WardGroups}


def measure_membership(vectors: Floats, centres: Floats) -> Floats:
    """(n, k) memberships, rows summing to 1: fuzzy c-means with fuzzifier 2.

    Bezdek 1981, u_ij = 1 / Σ_l (d_ij / d_il)².
    """
    squared = (
        (vectors**2).sum(axis=1, keepdims=True) - 2 * vectors @ centres.T + (centres**2).sum(axis=1)
    )
    inverse = 1.0 / np.maximum(squared, 1e-12)
    return np.asarray(inverse / inverse.sum(axis=1, keepdims=True), dtype=np.float32)
