"""What users did and wrote, as matrices over items."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from tools.embedding.pairs import band_ratings

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """n users over m items.

    liked: (n, m) CSR float32, 1 where the user liked the item; seen: (n, m) CSR float32, above 0
    where the user met it, liked or not, which is never recommended again: 1 for the last thing they
    met, 2 for the one before (all 1 where the order is not known); text: (n, d) mean of the vectors
    of the user's sentences, zeros for none; groups: (n,) row of the user's group, −1 for none.
    """

    liked: sp.csr_matrix
    seen: sp.csr_matrix
    text: Floats
    groups: Ints

    @classmethod
    def of(cls, liked: sp.csr_matrix) -> Histories:
        """Histories of which nothing but the liked items is known."""
        liked = sp.csr_matrix(liked, dtype=np.float32)
        n = liked.shape[0]
        return cls(liked, liked, np.zeros((n, 0), np.float32), np.full(n, -1, dtype=np.int64))

    def __len__(self) -> int:
        return int(self.liked.shape[0])

    @property
    def n_items(self) -> int:
        return int(self.liked.shape[1])

    def weigh(self, met: float, half_life: float | None = None) -> sp.csr_matrix:
        """(n, m) CSR float32: 1 for liked items, `met` for those met but not liked; halved with
        every `half_life` things that the user met since.
        """
        weights = sp.csr_matrix(self.seen > 0, dtype=np.float32) * met + self.liked * (1 - met)
        weights = sp.csr_matrix(weights, dtype=np.float32)
        if half_life is not None:
            age = self.seen.copy()
            age.data = np.exp2(-(age.data - 1) / half_life)
            weights = sp.csr_matrix(weights.multiply(age), dtype=np.float32)
        weights.eliminate_zeros()
        return weights

    def take(self, rows: Ints | slice) -> Histories:
        """The histories of some users, in the order given."""
        return Histories(self.liked[rows], self.seen[rows], self.text[rows], self.groups[rows])


@dataclass(frozen=True)
class Interactions:
    """Reviews as interactions, one a user and item (the last one), ordered by time.

    users, items: ids by row; user, item: (n,) rows of each interaction; liked: (n,) whether its
    rating is in the upper third of the scale (4 and 5 of five stars), or there are no ratings;
    time: (n,) seconds, NaN for unknown; review: (n,) row of the review in the table given.
    """

    users: npt.NDArray[np.str_]
    items: npt.NDArray[np.str_]
    user: Ints
    item: Ints
    liked: npt.NDArray[np.bool_]
    time: npt.NDArray[np.float64]
    review: Ints

    @classmethod
    def read(cls, reviews: pd.DataFrame) -> Interactions:
        """From a table with user_id, item_id, rating and time; reviews without user or item are no
        interactions, but their users and items are known.
        """
        ratings = reviews["rating"].to_numpy(dtype=np.float64)
        bands = band_ratings(ratings)
        times = pd.to_datetime(reviews["time"], utc=True)
        seconds = (times - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
        table = pd.DataFrame(
            {
                "user_id": reviews["user_id"],
                "item_id": reviews["item_id"],
                "liked": (bands == 2) | bool((bands < 0).all()),
                "time": seconds.to_numpy(dtype=np.float64),
                "review": np.arange(len(reviews)),
            }
        ).dropna(subset=["user_id", "item_id"])
        table = table.sort_values("time", kind="stable", na_position="first")
        table = table.drop_duplicates(["user_id", "item_id"], keep="last")
        users = np.sort(reviews["user_id"].dropna().unique())
        items = np.sort(reviews["item_id"].dropna().unique())
        return cls(
            users.astype(str),
            items.astype(str),
            np.searchsorted(users, table["user_id"].to_numpy()).astype(np.int64),
            np.searchsorted(items, table["item_id"].to_numpy()).astype(np.int64),
            table["liked"].to_numpy(dtype=bool),
            table["time"].to_numpy(dtype=np.float64),
            table["review"].to_numpy(dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: Ints | npt.NDArray[np.bool_]) -> Interactions:
        """Some of the interactions, over the same users and items."""
        return replace(
            self,
            user=self.user[rows],
            item=self.item[rows],
            liked=self.liked[rows],
            time=self.time[rows],
            review=self.review[rows],
        )

    def count(self, rows: npt.NDArray[np.bool_]) -> sp.csr_matrix:
        """(n_users, n_items) CSR float32 with 1 for each of these interactions."""
        return self._place(rows, np.ones(int(rows.sum()), np.float32))

    def rank(self, rows: npt.NDArray[np.bool_]) -> sp.csr_matrix:
        """(n_users, n_items) CSR float32 with the place of each of these interactions among the
        user's, from 1 for the last one.
        """
        users = self.user[rows]
        order = np.argsort(users, kind="stable")
        sizes = np.bincount(users, minlength=len(self.users))
        ends = np.cumsum(sizes)
        places = np.empty(len(users), np.float32)
        places[order] = ends[users[order]] - np.arange(len(users))
        return self._place(rows, places)

    def _place(self, rows: npt.NDArray[np.bool_], values: Floats) -> sp.csr_matrix:
        shape = (len(self.users), len(self.items))
        return sp.csr_matrix((values, (self.user[rows], self.item[rows])), shape=shape)
