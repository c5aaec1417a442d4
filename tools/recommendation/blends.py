"""Recommenders that join what two of them know, and what users wrote and whom they resemble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from tools.recommendation.histories import Floats, Histories, Ints
from tools.recommendation.recommender import Arrays, Ranking, Recommender, count_likes


class Blend(Recommender):
    """Two recommenders' scores, each user's brought to length 1, the second's times `weight`."""

    name = "blend"

    def __init__(self, first: Recommender, second: Recommender, weight: float = 0.5) -> None:
        self.first = first
        self.second = second
        self.weight = weight

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.first.fit(training, item_text)
        self.second.fit(training, item_text)
        self.popularity_ = self.first.popularity_
        return self

    def score(self, users: Histories) -> Floats:
        first, second = (_to_length_one(of.score(users)) for of in (self.first, self.second))
        found: Floats = first.add_(second, alpha=self.weight).numpy()
        return found

    def arrays(self) -> Arrays:
        return {**_prefix("first", self.first.arrays()), **_prefix("second", self.second.arrays())}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.first.restore(_strip("first", arrays))
        self.second.restore(_strip("second", arrays))
        self.popularity_ = self.first.popularity_
        return self


class TextHybrid(Recommender):
    """A recommender on likes, and how near an item's reviews lie to what the user wrote.

    A score is the sum of three, each user's brought to mean 0 and deviation 1: the other
    recommender's; `own` times the cosine of the user's sentences and the item's; `liked` times the
    mean cosine of the items they liked and the item. Vectors are taken from the mean item, for all
    reviews have much in common.
    """

    name = "text hybrid"

    def __init__(self, base: Recommender, own: float = 0.3, liked: float = 0.3) -> None:
        self.base = base
        self.own = own
        self.liked = liked

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.base.fit(training, item_text)
        return self.fit_upon(training, item_text)

    def fit_upon(self, training: Histories, item_text: Floats | None = None) -> Self:
        """As `fit`, upon a base that has learned from the same."""
        self.popularity_ = self.base.popularity_
        text = item_text if item_text is not None else np.zeros((training.n_items, 0), np.float32)
        written = np.linalg.norm(text, axis=1) > 0
        self.centre_ = text[written].mean(axis=0) if written.any() else np.zeros(text.shape[1])
        self.centre_ = self.centre_.astype(np.float32)
        self.items_ = self._place(text)
        return self

    def score(self, users: Histories) -> Floats:
        scores = standardise(self.base.score(users))
        if users.text.shape[1] == self.items_.shape[1]:
            scores += self.own * standardise(self._place(users.text) @ self.items_.T)
        tastes = np.asarray(users.liked @ self.items_, dtype=np.float32)
        scores += self.liked * standardise(tastes @ self.items_.T)
        return scores

    def arrays(self) -> Arrays:
        own = {"centre": self.centre_, "items": self.items_}
        return {**own, **_prefix("base", self.base.arrays())}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.base.restore(_strip("base", arrays))
        self.popularity_ = self.base.popularity_
        self.centre_, self.items_ = arrays["centre"], arrays["items"]
        return self

    def _place(self, text: Floats) -> Floats:
        """Unit vectors from the mean item; zeros where nothing was written."""
        written = np.linalg.norm(text, axis=1, keepdims=True) > 0
        moved = np.where(written, text - self.centre_, 0)
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(norms, 1e-9), dtype=np.float32)


class GroupPrior(Recommender):
    """A recommender on likes, leaning on what the user's group likes where the user liked little.

    With n likes the group's part is `trust` / (`trust` + n). The group's is the log of the item's
    share of the group's likes, smoothed with `smoothing` likes shared as everyone shares theirs
    (Dirichlet prior); users of no group have everyone's. Each part is brought to mean 0 and
    deviation 1 a user.
    """

    name = "group prior"

    def __init__(self, base: Recommender, trust: float = 3.0, smoothing: float = 50.0) -> None:
        self.base = base
        self.trust = trust
        self.smoothing = smoothing

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.base.fit(training, item_text)
        return self.fit_upon(training, item_text)

    def fit_upon(self, training: Histories, item_text: Floats | None = None) -> Self:
        """As `fit`, upon a base that has learned from the same."""
        self.popularity_ = count_likes(training)
        n_groups = int(training.groups.max(initial=-1)) + 1
        # The last row, without a count, is of users of no group.
        counts = np.zeros((n_groups + 1, training.n_items), np.float32)
        for group in range(n_groups):
            counts[group] = training.liked[training.groups == group].sum(axis=0)
        everyone = (self.popularity_ + 0.5) / (self.popularity_ + 0.5).sum()
        smoothed = counts + self.smoothing * everyone
        self.priors_ = standardise(np.log(smoothed / smoothed.sum(axis=1, keepdims=True)))
        return self

    def score(self, users: Histories) -> Floats:
        likes = np.asarray(users.liked.sum(axis=1), dtype=np.float32)
        lean = self.trust / (self.trust + likes)
        known = users.groups < len(self.priors_) - 1
        prior = self.priors_[np.where(known, users.groups, -1)]
        return np.asarray(
            (1 - lean) * standardise(self.base.score(users)) + lean * prior, dtype=np.float32
        )

    def find_similar_items(self, items: Ints, k: int) -> Ranking:
        """As the recommender on likes tells: an item is in no group."""
        return self.base.find_similar_items(items, k)

    def arrays(self) -> Arrays:
        own = {"popularity": self.popularity_, "priors": self.priors_}
        return {**own, **_prefix("base", self.base.arrays())}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.base.restore(_strip("base", arrays))
        self.popularity_, self.priors_ = arrays["popularity"], arrays["priors"]
        return self


def standardise(scores: Floats) -> Floats:
    """Each row to mean 0 and deviation 1; zeros where all are alike."""
    spread = scores.std(axis=1, keepdims=True)
    moved = scores - scores.mean(axis=1, keepdims=True)
    return np.asarray(moved / np.where(spread > 1e-9, spread, np.inf), dtype=np.float32)


def _to_length_one(scores: Floats) -> torch.Tensor:
    """In place, where the array is a fresh one of the recommender's."""
    rows = torch.from_numpy(scores)
    return rows.div_(torch.linalg.vector_norm(rows, dim=1, keepdim=True).clamp_min(1e-9))


def _prefix(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}/{key}": of for key, of in arrays.items()}


def _strip(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    start = f"{name}/"
    return {key.removeprefix(start): of for key, of in arrays.items() if key.startswith(start)}
