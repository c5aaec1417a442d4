"""Every item's score as one linear model of all others, in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.linalg

from tools.errors import InputError
from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes

# A dense item × item matrix of this size takes 1.6 GB.
MAX_ITEMS = 20_000


class EASE(Recommender):
    """Ridge regression of each item on the others, an item's own weight held at 0.

    Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019, equation 8.
    """

    name = "EASE"

    def __init__(self, ridge: float = 200.0) -> None:
        self.ridge = ridge

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        if training.n_items > MAX_ITEMS:
            raise InputError(
                f"EASE takes at most {MAX_ITEMS:,} items, whose weights are a dense square; got "
                f"{training.n_items:,}. Take the graph filter, which has no such limit."
            )
        self.popularity_ = count_likes(training)
        gram = np.asarray((training.liked.T @ training.liked).toarray(), dtype=np.float64)
        gram[np.diag_indices_from(gram)] += self.ridge
        inverse = scipy.linalg.inv(gram, overwrite_a=True, check_finite=False)
        weights = -inverse / np.diag(inverse)
        weights[np.diag_indices_from(weights)] = 0
        self.weights_ = weights.astype(np.float32)
        return self

    def score(self, users: Histories) -> Floats:
        return np.asarray(users.liked @ self.weights_, dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, "weights": self.weights_}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_, self.weights_ = arrays["popularity"], arrays["weights"]
        return self
