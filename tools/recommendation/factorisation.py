"""Users and items as vectors of a few numbers: weighted matrix factorisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes


class ALS(Recommender):
    """Alternating least squares on implicit feedback, by the `implicit` library.

    Hu, Koren and Volinsky, ICDM 2008, equations 3 to 5: `confidence` is their α. A user is folded
    in by solving equation 4 with the items as they are.
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
        """(n, factors) of each user, from what they liked; zeros for nothing."""
        with threadpool_limits(1, "blas"):
            model = self._make()
            model.item_factors = self.items_
            found = model.recalculate_user(np.arange(len(users)), users.liked)
        vectors = np.asarray(found, dtype=np.float32).reshape(len(users), -1)
        vectors[np.diff(users.liked.indptr) == 0] = 0
        return vectors

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
