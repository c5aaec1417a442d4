"""What users did and wrote, as matrices over items."""

from __future__ import annotations

from dataclasses import dataclass

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

    liked: (n, m) CSR float32, 1 where the user liked the item; seen: (n, m) CSR, 1 where the user
    met it, liked or not, which is never recommended again; text: (n, d) mean of the vectors of the
    user's sentences, zeros for none; groups: (n,) row of the user's group, −1 for none.
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

    def count(self, rows: npt.NDArray[np.bool_]) -> sp.csr_matrix:
        """(n_users, n_items) CSR float32 with 1 for each of these interactions."""
        ones = np.ones(int(rows.sum()), np.float32)
        shape = (len(self.users), len(self.items))
        return sp.csr_matrix((ones, (self.user[rows], self.item[rows])), shape=shape)
