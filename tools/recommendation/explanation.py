"""Why an item is recommended: what of a user's history moves it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Recommender


@dataclass(frozen=True)
class Influence:
    """A liked item without which the recommended one would stand `places` lower among all items
    that the user has not met; below 0, higher.
    """

    item: int
    places: int


def find_influences(
    recommender: Recommender, user: Histories, items: Sequence[int]
) -> list[list[Influence]]:
    """How far each of the items would fall for a (1, m) user, who has met none of them, without
    each thing they liked; furthest first.

    The recommender is asked anew with each left out, so this is what it does: a counterfactual
    explanation (Ghazimatin et al., PRINCE, WSDM 2020), for any recommender that folds users in.
    """
    liked = user.liked.indices
    if not len(liked):
        return [[] for _ in items]
    without = np.repeat(user.liked.toarray(), len(liked), axis=0)
    without[np.arange(len(liked)), liked] = 0
    changed = Histories(
        sp.csr_matrix(without),
        sp.csr_matrix(sp.vstack([user.seen] * len(liked))),
        np.repeat(user.text, len(liked), axis=0),
        np.repeat(user.groups, len(liked)),
    )
    before, after = (_score_unmet(recommender, of) for of in (user, changed))
    found = []
    for item in items:
        falls = (after > after[:, [item]]).sum(axis=1) - (before > before[:, [item]]).sum(axis=1)
        moved = [Influence(int(o), int(f)) for o, f in zip(liked, falls, strict=True)]
        found.append(sorted(moved, key=lambda i: (-i.places, i.item)))
    return found


def find_place(recommender: Recommender, user: Histories, item: int) -> int:
    """The item's place, from 1, among those that a (1, m) user has not met; as if they had not met
    it, where they have.
    """
    scores = _score_unmet(recommender, forget_item(user, item))
    return int((scores > scores[:, [item]]).sum()) + 1


def _score_unmet(recommender: Recommender, users: Histories) -> Floats:
    """(n, m) scores; −inf for what was met."""
    return np.where(users.seen.toarray() > 0, -np.inf, recommender.score(users))


def forget_item(user: Histories, item: int) -> Histories:
    """The same user, had they never met the item."""
    liked, seen = user.liked.tolil(), user.seen.tolil()
    liked[:, item] = 0
    seen[:, item] = 0
    return replace(user, liked=sp.csr_matrix(liked), seen=sp.csr_matrix(seen))
