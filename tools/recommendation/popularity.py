"""What most users liked, for everyone: the bar that every other recommender has to clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes


class Popularity(Recommender):
    """Items by the number of users who liked them."""

    name = "popularity"

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.popularity_ = count_likes(training)
        return self

    def score(self, users: Histories) -> Floats:
        return np.tile(self.popularity_, (len(users), 1))

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_ = arrays["popularity"]
        return self
