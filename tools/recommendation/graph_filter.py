"""A filter on the graph of users and items, with nothing to train."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes, pack, unpack


class GraphFilter(Recommender):
    """Low-pass filter of a user's likes over the item–item graph.

    With `users` = 1, `source` = `target` = 0.5 and `sharpness` = 1 it is the linear filter of GF-CF
    (Shen et al., How powerful is graph convolution for recommendation?, CIKM 2021, equation 15).
    The exponents of the degrees are free (as in LinkProp, Fu et al., WSDM 2022, equation 5), and
    weights are raised to a power (as in Turbo-CF, Park et al., SIGIR 2024, equation 6).

    users: how much a user of many likes counts less; source, target: how much a popular item
    counts less among what the user liked, and among what is recommended; sharpness: above 1,
    strong ties count more; floor: ties under so many times the mean of an item's are dropped, which
    makes scoring faster.
    """

    name = "graph filter"

    def __init__(
        self,
        users: float = 0.5,
        source: float = 0.8,
        target: float = 0.2,
        sharpness: float = 1.5,
        floor: float = 0.0,
    ) -> None:
        self.users = users
        self.source = source
        self.target = target
        self.sharpness = sharpness
        self.floor = floor

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.popularity_ = count_likes(training)
        liked = training.liked
        likes = np.maximum(np.asarray(liked.sum(axis=1)).ravel(), 1)
        spread = sp.csr_matrix(sp.diags(likes**-self.users) @ liked, dtype=np.float32)
        ties = sp.csr_matrix(liked.T @ spread, dtype=np.float32)
        degrees = np.maximum(self.popularity_, 1)
        source = (degrees**-self.source).astype(np.float32)
        target = (degrees**-self.target).astype(np.float32)
        ties.data *= np.repeat(source, np.diff(ties.indptr)) * target[ties.indices]
        np.power(ties.data, self.sharpness, out=ties.data)
        if self.floor:
            sizes = np.diff(ties.indptr)
            means = np.asarray(ties.sum(axis=1)).ravel() / np.maximum(sizes, 1)
            ties.data[ties.data < self.floor * np.repeat(means, sizes)] = 0
            ties.eliminate_zeros()
        self.ties_ = ties
        return self

    def score(self, users: Histories) -> Floats:
        return np.asarray((users.liked @ self.ties_).toarray(), dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, **pack("ties", self.ties_)}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_, self.ties_ = arrays["popularity"], unpack("ties", arrays)
        return self
