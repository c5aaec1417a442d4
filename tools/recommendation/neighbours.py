"""Users like those who liked the same, and items liked by the same users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes, pack, unpack


class ItemKNN(Recommender):
    """Each item's nearest items, by shrunk cosine over the users who liked them.

    Sarwar et al., Item-based collaborative filtering, WWW 2001, section 3.1.1; shrinkage as in
    Bell and Koren, ICDM 2007, section 4. A score is the sum of an item's similarities to what the
    user liked.
    """

    name = "item-kNN"

    def __init__(self, k: int = 100, shrinkage: float = 5.0) -> None:
        self.k = k
        self.shrinkage = shrinkage

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.popularity_ = count_likes(training)
        together = sp.csr_matrix(training.liked.T @ training.liked)
        together.setdiag(0)
        together.eliminate_zeros()
        norms = np.sqrt(self.popularity_)
        rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
        together.data /= norms[rows] * norms[together.indices] + self.shrinkage
        # Columns are kept, so that every item is reached from its own nearest.
        self.similar_ = sp.csr_matrix(keep_largest(sp.csr_matrix(together.T), self.k).T)
        return self

    def score(self, users: Histories) -> Floats:
        return np.asarray((users.liked @ self.similar_).toarray(), dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, **pack("similar", self.similar_)}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_ = arrays["popularity"]
        self.similar_ = unpack("similar", arrays)
        return self


class UserKNN(Recommender):
    """The nearest users of the training, by cosine; a score is the sum over those who liked it.

    Resnick et al., GroupLens, CSCW 1994, for implicit feedback.
    """

    name = "user-kNN"

    def __init__(self, k: int = 100) -> None:
        self.k = k

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.popularity_ = count_likes(training)
        self.liked_ = training.liked
        return self

    def find_neighbours(self, users: Histories) -> sp.csr_matrix:
        """(n, n_training) cosine to each user's k nearest of the training, themselves included."""
        return keep_largest(
            sp.csr_matrix(_normalise(users.liked) @ _normalise(self.liked_).T), self.k
        )

    def score(self, users: Histories) -> Floats:
        return np.asarray((self.find_neighbours(users) @ self.liked_).toarray(), dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, **pack("liked", self.liked_)}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_ = arrays["popularity"]
        self.liked_ = unpack("liked", arrays)
        return self


def keep_largest(matrix: sp.csr_matrix, k: int) -> sp.csr_matrix:
    """The same with the k largest entries of each row; of equal ones the lower columns."""
    matrix = sp.csr_matrix(matrix, copy=True)
    matrix.sort_indices()
    for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        row = matrix.data[start:end]
        if len(row) <= k:
            continue
        least = np.partition(row, len(row) - k)[len(row) - k]
        equal = np.flatnonzero(row == least)
        row[equal[k - int((row > least).sum()) :]] = 0
        row[row < least] = 0
    matrix.eliminate_zeros()
    return matrix


def _normalise(matrix: sp.csr_matrix) -> sp.csr_matrix:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(norms, 1e-12)) @ matrix, dtype=np.float32)
