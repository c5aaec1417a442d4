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

    met: how much a thing that was met but not liked counts beside a liked one: to have met it tells
    of taste too. half_life: after how many further things one counts half in a user's score (None:
    the order does not matter).
    """

    name = "EASE"

    def __init__(
        self, ridge: float = 200.0, met: float = 0.0, half_life: float | None = None
    ) -> None:
        self.ridge = ridge
        self.met = met
        self.half_life = half_life

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        if training.n_items > MAX_ITEMS:
            raise InputError(
                f"EASE takes at most {MAX_ITEMS:,} items, whose weights are a dense square; got "
                f"{training.n_items:,}. Take the graph filter, which has no such limit."
            )
        self.popularity_ = count_likes(training)
        weights = training.weigh(self.met)
        gram = np.asarray((weights.T @ weights).toarray(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += self.ridge
        inverse = scipy.linalg.inv(gram, overwrite_a=True, check_finite=False)
        ties = -inverse / np.diag(inverse)
        ties[np.diag_indices_from(ties)] = 0
        self.ties_ = ties
        return self

    def score(self, users: Histories) -> Floats:
        return np.asarray(users.weigh(self.met, self.half_life) @ self.ties_, dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, "ties": self.ties_}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_, self.ties_ = arrays["popularity"], arrays["ties"]
        return self
