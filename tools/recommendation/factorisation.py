"""Users and items as vectors of a few numbers: weighted matrix factorisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes

FOLD_IN_STEPS = 4


class ALS(Recommender):
    """Alternating least squares on implicit feedback, by the `implicit` library.

    Hu, Koren and Volinsky, ICDM 2008, equations 3 to 5; `confidence` is the c of what was liked,
    that of the rest is 1. A user is folded in by solving equation 4 with the items as they are.
    """

    name = "ALS"

    def __init__(
        self,
        factors: int = 64,
        regularization: float = 1.0,
        confidence: float = 20.0,
        iterations: int = 15,
        seed: int = 0,
    ) -> None:
        self.factors = factors
        self.regularization = regularization
        self.confidence = confidence
        self.iterations = iterations
        self.seed = seed

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.popularity_ = count_likes(training)
        # The library's threads and those of BLAS would get in each other's way.
        with threadpool_limits(1, "blas"):
            model = self._make()
            model.fit(training.liked, show_progress=False)
        self.items_ = np.asarray(model.item_factors, dtype=np.float32)
        return self

    def embed(self, users: Histories) -> Floats:
        """(n, factors) of each user, from what they liked; zeros for nothing.

        Equation 4 by conjugate gradients for all users at once (Takács et al., Applications of the
        conjugate gradient method for implicit feedback, RecSys 2011), as the library learns.
        """
        own = sp.csr_matrix(users.liked, copy=True)
        rows = np.repeat(np.arange(own.shape[0]), np.diff(own.indptr))
        given = self.items_[own.indices]
        square = self.items_.T @ self.items_
        square[np.diag_indices_from(square)] += self.regularization

        def multiply(vectors: Floats) -> Floats:
            own.data = (self.confidence - 1) * np.einsum("ij,ij->i", vectors[rows], given)
            return np.asarray(vectors @ square + own @ self.items_, dtype=np.float32)

        found = np.zeros((own.shape[0], self.items_.shape[1]), np.float32)
        left = np.asarray((users.liked * self.confidence) @ self.items_, dtype=np.float32)
        towards = left.copy()
        size = (left**2).sum(axis=1)
        for _ in range(FOLD_IN_STEPS):
            step = multiply(towards)
            length = size / np.maximum((towards * step).sum(axis=1), 1e-20)
            found += length[:, None] * towards
            left -= length[:, None] * step
            next_size = (left**2).sum(axis=1)
            towards = left + (next_size / np.maximum(size, 1e-20))[:, None] * towards
            size = next_size
        return found

    def score(self, users: Histories) -> Floats:
        return np.asarray(self.embed(users) @ self.items_.T, dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, "items": self.items_}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_, self.items_ = arrays["popularity"], arrays["items"]
        return self

    def _make(self) -> AlternatingLeastSquares:
        return AlternatingLeastSquares(
            factors=self.factors,
            regularization=self.regularization,
            alpha=self.confidence,
            iterations=self.iterations,
            random_state=self.seed,
        )
