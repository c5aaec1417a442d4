"""Interactions divided into what a recommender learns from and what it is to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.errors import InputError
from tools.recommendation.histories import Interactions

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """(n_interactions,) which to learn from, and which liked ones to find. What was met but not
    liked is in neither where it is held out: it is no goal, and it lies in the future.
    """

    training: Bools
    test: Bools


def leave_last(interactions: Interactions) -> Split:
    """Hold out the last thing that each user of two or more interactions liked, and all after it.

    Raises: InputError if there is no such user.
    """
    place = np.arange(len(interactions))
    n_users = len(interactions.users)
    last = np.full(n_users, -1)
    np.maximum.at(last, interactions.user[interactions.liked], place[interactions.liked])
    first = np.full(n_users, len(place))
    np.minimum.at(first, interactions.user, place)
    enough = (last >= 0) & (first < last)
    cut = np.where(enough, last, len(place))[interactions.user]
    return _check(Split(place < cut, (place == cut) & interactions.liked))


def split_by_time(interactions: Interactions, share: float = 0.2) -> Split:
    """Hold out what came in the last `share` of all interactions.

    Raises: InputError without dates, or if nothing is left on either side.
    """
    if np.isnan(interactions.time).all():
        raise InputError(
            "A split by time needs dates, and the reviews have none. Take a random split."
        )
    cut = np.nanquantile(interactions.time, 1 - share)
    later = interactions.time > cut
    return _check(Split(~later, later & interactions.liked))


def split_at_random(interactions: Interactions, share: float = 0.2, seed: int = 0) -> Split:
    """Hold out a random `share` of each interaction, whoever's.

    Raises: InputError if nothing is left on either side.
    """
    held = np.random.default_rng(seed).random(len(interactions)) < share
    return _check(Split(~held, held & interactions.liked))


def split_each_user(interactions: Interactions, share: float = 0.2) -> Split:
    """Hold out the last `share` of each user's liked interactions, at least one of two or more.

    Raises: InputError if nothing is left on either side.
    """
    liked = np.flatnonzero(interactions.liked)
    order = liked[np.argsort(interactions.user[liked], kind="stable")]
    sizes = np.bincount(interactions.user[liked], minlength=len(interactions.users))
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(order)) - starts[interactions.user[order]]
    own = sizes[interactions.user[order]]
    kept = own - np.maximum(np.floor(own * share).astype(int), (own > 1).astype(int))
    test = np.zeros(len(interactions), dtype=bool)
    test[order[place >= kept]] = True
    return _check(Split(~test, test))


def _check(split: Split) -> Split:
    if not split.test.any() or not split.training.any():
        raise InputError(
            "There is nothing to check recommendations on: no user liked an item after another. "
            "Load more reviews by the same users."
        )
    return split


SPLITS: dict[str, Callable[[Interactions], Split]] = {
    "leave-last": leave_last,
    "time": split_by_time,
    "random": split_at_random,
}
