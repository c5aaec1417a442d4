"""Items for a group: what suits its members together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tools.recommendation.histories import Histories, Ints
from tools.recommendation.recommender import Recommender

Aim = Literal["average", "least misery", "fair"]
# An item that is among this share of a member's best suits them.
SUITS = 0.1
# Members beyond this are drawn, so that a list takes a second.
MAX_MEMBERS = 500

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GroupRanking:
    """items: (k,) rows, best first; suits: (k,) share of the members who have not met the item for
    whom it is among their best tenth; met: (k,) members who have met it; covered: share of all
    members who have at least one item of the list among their best tenth; n_members: how many were
    looked at.
    """

    items: Ints
    suits: Doubles
    met: Ints
    covered: float
    n_members: int


def rank_for_group(
    recommender: Recommender,
    members: Histories,
    k: int,
    *,
    aim: Aim = "average",
    allowed: npt.NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> GroupRanking:
    """The k best items for (n, m) members together.

    Each member ranks all items; a place in [0, 1] is the share of the others ranked below. What a
    member has met does not count for them, and what all have met is not shown. average: by the
    mean place; least misery: by the lowest place, the mean deciding between equals (Masthoff,
    Group recommender systems, 2011, section 22.3); fair: again and again the item that suits most
    of the members who have nothing yet, the mean deciding (greedy cover, as SPGreedy of Serbos et
    al., WWW 2017, section 4.1).
    """
    if len(members) > MAX_MEMBERS:
        rng = np.random.default_rng(seed)
        members = members.take(np.sort(rng.choice(len(members), MAX_MEMBERS, replace=False)))
    scores = recommender.score(members)
    n_items = scores.shape[1]
    ranks = scores.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    places = ranks / max(1, n_items - 1)
    met = members.seen.toarray() > 0
    open_ = ~met
    n_open = open_.sum(axis=0)
    possible = n_open > 0
    if allowed is not None:
        possible &= allowed
    suits = (places >= 1 - SUITS) & open_
    mean = np.where(open_, places, 0).sum(axis=0) / np.maximum(n_open, 1)
    order = _order(places, open_, suits, mean, possible, k, aim)
    return GroupRanking(
        order,
        suits[:, order].sum(axis=0) / np.maximum(n_open[order], 1),
        met.sum(axis=0)[order],
        float(suits[:, order].any(axis=1).mean()),
        len(members),
    )


def _order(
    places: Doubles,
    open_: npt.NDArray[np.bool_],
    suits: npt.NDArray[np.bool_],
    mean: Doubles,
    possible: npt.NDArray[np.bool_],
    k: int,
    aim: Aim,
) -> Ints:
    candidates = np.flatnonzero(possible)
    if aim == "average":
        return candidates[np.argsort(-mean[candidates], kind="stable")][:k]
    if aim == "least misery":
        lowest = np.where(open_, places, 1).min(axis=0)
        return candidates[np.lexsort((-mean[candidates], -lowest[candidates]))][:k]
    chosen: list[int] = []
    waiting = np.ones(len(places), dtype=bool)
    while len(chosen) < min(k, len(candidates)):
        left = np.setdiff1d(candidates, chosen)
        gain = suits[waiting][:, left].sum(axis=0)
        if not gain.any() and not waiting.all():
            waiting[:] = True  # everyone who can be suited is: the next round begins
            continue
        best = int(left[np.lexsort((-mean[left], -gain))[0]])
        chosen.append(best)
        waiting &= ~suits[:, best]
    return np.array(chosen, dtype=np.int64)
