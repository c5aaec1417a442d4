"""The contract that every recommender keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import torch

from tools.errors import InputError
from tools.recommendation.histories import Floats, Histories, Ints

# Dense scores of this many users and items are held at once (160 MB).
SCORES_AT_ONCE = 40_000_000
# Small beside any score above 0: it only orders what nothing is known of.
TIE = 1e-6

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Ranking:
    """items: (n, k) rows of items, best first, −1 where nothing is left; scores: (n, k) float32,
    NaN there. Scores of one user can be compared, those of two users cannot.
    """

    items: Ints
    scores: Floats


class Recommender(ABC):
    """Learns from users' histories, and scores every item for any user, one of those or not.

    A user is nothing but a row of `Histories`: who was not there when the recommender learned is
    folded in by what they liked. Attributes that end in _ are learned by `fit`; popularity_: (m,)
    how many users of the training liked each item.
    """

    name: ClassVar[str]
    popularity_: Floats

    @abstractmethod
    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        """Learn from (n, m) histories; item_text: (m, d) mean of the vectors of the sentences
        written on each item, zeros for none. Returns self.

        Raises: InputError if there is too little, or too much, for this method.
        """

    @abstractmethod
    def score(self, users: Histories) -> Floats:
        """(n, m) how much each user would like each item, seen or not; 0 is "nothing known"."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """What was learned, as plain arrays."""

    @abstractmethod
    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Learned anew from what `arrays` gave. Returns self."""

    def recommend(
        self, users: Histories, k: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> Ranking:
        """The k best items that each user has not seen; allowed: (m,) which may be shown.

        Where fewer than k have a score above 0, the most popular come next.
        Raises: InputError for a k below 1, or histories over other items.
        """
        if k < 1:
            raise InputError(f"The number of recommendations must be at least 1; got {k}.")
        if users.n_items != len(self.popularity_):
            raise InputError(
                f"The recommender knows {len(self.popularity_):,} items; got histories over "
                f"{users.n_items:,}. Build the workspace again."
            )
        if not len(users):
            return Ranking(np.zeros((0, k), np.int64), np.zeros((0, k), np.float32))
        parts = [self._rank(part, k, allowed) for part in split_histories(users)]
        return Ranking(
            np.concatenate([part.items for part in parts]),
            np.concatenate([part.scores for part in parts]),
        )

    def find_similar_items(self, items: Ints, k: int) -> Ranking:
        """The k items that one who had liked only this item would be recommended."""
        liked = sp.csr_matrix(
            (np.ones(len(items), np.float32), (np.arange(len(items)), items)),
            shape=(len(items), len(self.popularity_)),
        )
        return self.recommend(Histories.of(liked), k)

    def embed(self, users: Histories) -> Floats | sp.csr_matrix:
        """(n, d) of each user, dense or sparse, of which near ones are users alike: here what they
        liked, an item liked by many counting less.
        """
        rarity = np.log1p(self.popularity_.sum() / np.maximum(self.popularity_, 1))
        return sp.csr_matrix(users.liked @ sp.diags(rarity.astype(np.float32)))

    def find_similar_users(
        self, users: Histories, others: Histories, k: int, own: Ints | None = None
    ) -> tuple[Ints, Floats]:
        """(n, k) rows of `others` nearest to each user by cosine, and the cosines; −1 and NaN where
        nobody has anything in common. own: (n,) row of each user among the others, who is no
        neighbour of their own.
        """
        one, two = (_to_unit_rows(self.embed(of)) for of in (users, others))
        cosines = one @ two.T
        near = np.asarray(cosines.toarray() if sp.issparse(cosines) else cosines)
        if own is not None:
            near[np.arange(len(near)), own] = -np.inf
        k = min(k, near.shape[1])
        order = np.argsort(-near, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(near, order, axis=1)
        none = found <= 0
        return np.where(none, -1, order), np.where(none, np.nan, found).astype(np.float32)

    def _rank(self, users: Histories, k: int, allowed: npt.NDArray[np.bool_] | None) -> Ranking:
        scores = torch.from_numpy(np.ascontiguousarray(self.score(users), dtype=np.float32))
        rows = np.repeat(np.arange(len(users)), np.diff(users.seen.indptr))
        scores[
            torch.from_numpy(rows), torch.from_numpy(users.seen.indices.astype(np.int64))
        ] = -torch.inf
        if allowed is not None:
            scores[:, torch.from_numpy(~allowed)] = -torch.inf
        k_found = min(k, scores.shape[1])
        best = torch.topk(scores, k_found, dim=1)
        unknown = best.values[:, -1] <= 0
        if unknown.any():
            fallback = TIE * self.popularity_ / max(1.0, float(self.popularity_.max()))
            again = torch.topk(scores[unknown] + torch.from_numpy(fallback), k_found, dim=1)
            best.values[unknown], best.indices[unknown] = again.values, again.indices
        found, items = best.values.numpy(), best.indices.numpy()
        none = np.isneginf(found)
        found, items = np.where(none, np.nan, found), np.where(none, -1, items)
        short = k - items.shape[1]
        if short > 0:
            items = np.pad(items, ((0, 0), (0, short)), constant_values=-1)
            found = np.pad(found, ((0, 0), (0, short)), constant_values=np.nan)
        return Ranking(items, found.astype(np.float32))


def is_learned(recommender: Recommender) -> bool:
    """Whether `fit` or `restore` was called."""
    return hasattr(recommender, "popularity_")


def split_histories(users: Histories) -> Iterator[Histories]:
    """The users in parts whose dense scores fit in memory."""
    size = max(1, SCORES_AT_ONCE // max(1, users.n_items))
    for start in range(0, len(users), size):
        yield users.take(slice(start, start + size))


def pack(name: str, matrix: sp.csr_matrix) -> Arrays:
    """A sparse matrix as plain arrays, by name."""
    return {
        f"{name}.data": matrix.data,
        f"{name}.indices": matrix.indices,
        f"{name}.indptr": matrix.indptr,
        f"{name}.shape": np.array(matrix.shape),
    }


def unpack(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> sp.csr_matrix:
    """The sparse matrix that `pack` gave."""
    parts = tuple(arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    return sp.csr_matrix(parts, shape=tuple(arrays[f"{name}.shape"].tolist()))


def count_likes(training: Histories) -> Floats:
    """(m,) users who liked each item.

    Raises: InputError if nobody liked anything.
    """
    likes = np.asarray(training.liked.sum(axis=0), dtype=np.float32).ravel()
    if not likes.any():
        raise InputError(
            "Nothing can be recommended: no user liked any item. Load reviews with users, items "
            "and, where there are ratings, some high ones."
        )
    return likes


def _to_unit_rows(rows: Floats | sp.csr_matrix) -> Floats | sp.csr_matrix:
    if sp.issparse(rows):
        norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        return sp.csr_matrix(sp.diags(1 / np.maximum(norms, 1e-12)) @ rows)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)
