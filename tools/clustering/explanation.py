"""Why a user is in a group: what weighs most, and what would tip the balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.clustering.algorithms import measure_membership
from tools.clustering.user_vectors import UserEvidence, UserSpace

# Beyond this many further sentences a user is not said to be near another group.
MOST_SENTENCES = 20

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class OwnEvidence:
    """What one user wrote and did. s sentences, r reviews, t topics, c categories.

    shares: (s, t) topic shares of the sentences; polarity: (s,); categories: (r, c) 1 where the
    review's item is of the category; price, rating: (r,), NaN for unknown.
    """

    shares: Floats
    polarity: Floats
    categories: Floats
    price: Floats
    rating: Floats

    def leave_out(self, sentences: Floats, items: Floats, ratings: Floats) -> UserEvidence:
        """The user n times, each time without some of it.

        sentences: (n, s), items, ratings: (n, r): 1 for what stays, 0 for what goes. An item that
        goes takes its category and price along.
        """
        return UserEvidence(
            mentions=sentences @ self.shares,
            polarity=sentences @ (self.shares * self.polarity[:, None]),
            categories=items @ self.categories,
            price=_mean(items, self.price),
            rating=_mean(ratings, self.rating),
            reviews=np.full(len(sentences), len(self.rating), dtype=np.float32),
        )

    def whole(self) -> UserEvidence:
        """The user as they are, one row."""
        reviews = np.ones((1, len(self.rating)), np.float32)
        return self.leave_out(np.ones((1, len(self.polarity)), np.float32), reviews, reviews)


@dataclass(frozen=True)
class Weights:
    """How much membership in the group falls when a piece of evidence is left out; negative where
    it rises. sentences: (s,); items, ratings: (r,).
    """

    sentences: Floats
    items: Floats
    ratings: Floats


@dataclass(frozen=True)
class Tip:
    """`n_sentences` more on topic `topic`, spoken of as that group does, would move the user."""

    topic: int
    n_sentences: int


def weigh_evidence(own: OwnEvidence, space: UserSpace, centres: Floats, group: int) -> Weights:
    """Leave out each sentence, item and rating in turn and place the user anew.

    centres: (k, d) group centres; group: row of the user's own. Membership is that of
    `measure_membership`, so what weighs most here is what holds the user there.
    """
    s, r = len(own.polarity), len(own.rating)
    n = s + 2 * r
    sentences, items, ratings = (np.ones((n, m), np.float32) for m in (s, r, r))
    sentences[np.arange(s), np.arange(s)] = 0
    items[np.arange(s, s + r), np.arange(r)] = 0
    ratings[np.arange(s + r, n), np.arange(r)] = 0

    def join(user: UserEvidence) -> Floats:
        return measure_membership(space.place(user), centres)[:, group]

    drops = join(own.whole()) - join(own.leave_out(sentences, items, ratings))
    return Weights(drops[:s], drops[s : s + r], drops[s + r :])


def find_tip(
    own: OwnEvidence, space: UserSpace, centres: Floats, group: int, rival: int, warmth: Floats
) -> Tip | None:
    """The topic on which the fewest more sentences would move a user from `group` to `rival`.

    warmth: (t,) the rival group's mean polarity by topic; own has shares of these topics first.
    None if 20 sentences on one topic would not do.
    """
    whole, t = own.whole(), len(warmth)
    counts = np.arange(1, MOST_SENTENCES + 1, dtype=np.float32)
    one = np.eye(t, own.shares.shape[1], dtype=np.float32)
    more = np.kron(counts[:, None], one)  # all topics at 1, at 2, …
    warmth = np.pad(warmth, (0, own.shares.shape[1] - t))

    def repeat(values: Floats) -> Floats:
        return np.repeat(values, len(more), axis=0)

    moved = UserEvidence(
        repeat(whole.mentions) + more,
        repeat(whole.polarity) + more * warmth,
        repeat(whole.categories),
        repeat(whole.price),
        repeat(whole.rating),
        repeat(whole.reviews),
    )
    strengths = measure_membership(space.place(moved), centres)
    tipped = np.flatnonzero(strengths.argmax(axis=1) == rival)
    if not len(tipped):
        return None
    fewest = tipped[tipped // t == tipped[0] // t]
    best = fewest[strengths[fewest, rival].argmax()]
    return Tip(int(best % t), int(best // t) + 1)


def _mean(kept: Floats, values: Floats) -> Floats:
    """(n,) means of the known values that are kept; NaN where none is."""
    known = kept * ~np.isnan(values)
    count = known.sum(axis=1)
    total = known @ np.nan_to_num(values)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
