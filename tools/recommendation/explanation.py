"""Why an item is recommended: what of a user's history moves it up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from tools.recommendation.histories import Histories
from tools.recommendation.recommender import Recommender


@dataclass(frozen=True)
class Influence:
    """A liked item without which the recommended one would stand `places` lower among all items
    that the user has not met; below 0, higher.
    """

    item: int
    places: int


def find_influences(recommender: Recommender, user: Histories, item: int) -> list[Influence]:
    """How far an item would fall for a (1, m) user without each item they liked, furthest first.

    The recommender is asked anew with each left out, so this is what it does: a counterfactual
    explanation (Ghazimatin et al., PRINCE, WSDM 2020), for any recommender that folds users in.
    """
    liked = user.liked.indices
    if not len(liked):
        return []
    without = np.repeat(user.liked.toarray(), len(liked), axis=0)
    without[np.arange(len(liked)), liked] = 0
    changed = Histories(
        sp.csr_matrix(without),
        sp.csr_matrix(sp.vstack([user.seen] * len(liked))),
        np.repeat(user.text, len(liked), axis=0),
        np.repeat(user.groups, len(liked)),
    )
    before = find_place(recommender, user, item)
    after = _find_places(recommender, changed, item)
    found = [
        Influence(int(one), int(place - before)) for one, place in zip(liked, after, strict=True)
    ]
    return sorted(found, key=lambda i: (-i.places, i.item))


def find_place(recommender: Recommender, user: Histories, item: int) -> int:
    """The item's place, from 1, among those that a (1, m) user has not met; as if they had not met
    it, where they have.
    """
    return int(_find_places(recommender, user, item)[0])


def _find_places(recommender: Recommender, users: Histories, item: int) -> np.ndarray:
    scores = recommender.score(users)
    own = scores[:, item : item + 1]
    met = users.seen.toarray() > 0
    met[:, item] = False
    return np.asarray(((scores > own) & ~met).sum(axis=1) + 1)


def forget_item(user: Histories, item: int) -> Histories:
    """The same user, had they never met the item."""
    liked, seen = user.liked.tolil(), user.seen.tolil()
    liked[:, item] = 0
    seen[:, item] = 0
    return replace(user, liked=sp.csr_matrix(liked), seen=sp.csr_matrix(seen))
