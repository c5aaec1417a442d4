"""Groups of users: how many there are, who is in which, and which of them can be relied on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from tools.clustering.algorithms import (
    ALGORITHMS,
    Clusterer,
    KMeansGroups,
)
from tools.clustering.group_count import (
    MIN_ROWS_PER_GROUP,
    Trial,
    choose_group_count,
    measure_stability,
    try_group_counts,
)
from tools.clustering.trust import TRUSTED, measure_trust
from tools.errors import InputError
from tools.pooling import average_parts

MIN_SENTENCES = 5
# More groups than this nobody keeps in mind.
MAX_GROUPS = 20
# A grouping must be found again this much better than one of shuffled users.
BEYOND_CHANCE = 0.1
# Groups begun afresh replace those that go on from before only if they fit this much better.
CLEAR_GAIN = 0.99

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Groups:
    """labels: (n_users,) group of each user, largest group first, −1 for no group;
    centres: (k, d); curve: k → how every number tried turned out; trust: (k,) in [0, 1], how well
    each group is found again among users drawn anew; stability: how well either half of the users
    predicts the other's groups, and chance: the same for as many groups of shuffled users.
    """

    labels: Ints
    centres: Floats
    trust: Floats
    curve: dict[int, Trial] = field(default_factory=dict)
    stability: float = 0.0
    chance: float = 0.0

    @property
    def beyond_chance(self) -> bool:
        """Whether the grouping is found again clearly better than one of shuffled users."""
        return self.stability >= self.chance + BEYOND_CHANCE

    def reorder(self, order: npt.NDArray[np.int64]) -> Groups:
        """The same groups in another order: row `order[i]` becomes row i."""
        place = np.append(np.argsort(order), -1)
        return replace(
            self,
            labels=place[self.labels].astype(np.int32),
            centres=self.centres[order],
            trust=self.trust[order],
        )

    @property
    def trusted(self) -> npt.NDArray[np.bool_]:
        """(k,) groups that can be acted on: trust of at least 0.6, in a grouping beyond chance."""
        return (self.trust >= TRUSTED) & self.beyond_chance


def find_groups(
    vectors: Floats,
    n_sentences: Ints,
    *,
    algorithm: str = "kmeans",
    k: int | None = None,
    before: Ints | None = None,
    largest: int = MAX_GROUPS,
    seed: int = 0,
    progress: Progress = lambda share: None,
) -> Groups:
    """Group users by their (n, d) vectors; k is chosen, up to `largest`, where none is given.

    before: (n,) each user's group in the version before, 0 … m − 1, −1 for none or a new user;
    k-means begins there, and the number stays unless another is clearly better.
    Users with under 5 sentences have said too little: they get −1.
    Raises: InputError for a k below 1 or beyond the number of users who said enough, or a k for
    HDBSCAN, which finds it.
    """
    enough = np.flatnonzero(n_sentences >= MIN_SENTENCES)
    known = vectors[enough]
    labels = np.full(len(vectors), -1, dtype=np.int32)
    if len(known) < MIN_ROWS_PER_GROUP:
        return Groups(labels, vectors[:0], np.zeros(0, np.float32))
    if k is not None and algorithm == "hdbscan":
        raise InputError(
            "HDBSCAN finds the number of groups itself. Leave the number out, or take kmeans or "
            "ward."
        )
    earlier = before[enough] if before is not None else None
    curve: dict[int, Trial] = {}
    if k is None and algorithm != "hdbscan":
        curve = try_group_counts(
            known, largest=largest, seed=seed, progress=lambda share: progress(0.6 * share)
        )
        in_use = len(np.unique(earlier[earlier >= 0])) if earlier is not None else None
        k = choose_group_count(curve, in_use)
    if k is not None and not 1 <= k <= len(known):
        raise InputError(
            f"The number of groups must be from 1 to {len(known):,}, the users with at least "
            f"{MIN_SENTENCES} sentences; got {k}."
        )
    model = _go_on(_fit(algorithm, k, known, seed), known, earlier)
    m = len(model.centres_)
    trust = measure_trust(
        known,
        model.labels_,
        lambda rows, seed: _fit(algorithm, k and min(k, len(rows)), rows, seed),
        seed=seed,
        progress=lambda share: progress(0.6 + 0.3 * share),
    )
    chance = measure_stability(known, m, shuffled=True, seed=seed)
    stability = curve[m].stability if m in curve else measure_stability(known, m, seed=seed)
    progress(1.0)
    labels[enough] = model.labels_
    sizes = np.bincount(labels[labels >= 0], minlength=m)
    groups = Groups(labels, model.centres_, trust, curve, stability, chance)
    return groups.reorder(np.argsort(-sizes, kind="stable"))


def _fit(algorithm: str, k: int | None, rows: Floats, seed: int) -> Clusterer:
    return ALGORITHMS[algorithm](k, seed=seed).fit(rows)


def _go_on(fresh: Clusterer, rows: Floats, earlier: Ints | None) -> Clusterer:
    """The groups from before, moved to where their users are now, unless fresh ones fit better."""
    if earlier is None or not isinstance(fresh, KMeansGroups):
        return fresh
    present, parts = np.unique(earlier, return_inverse=True)
    if -1 in present:
        present, parts = present[1:], parts - 1
    if len(present) != len(fresh.centres_):
        return fresh
    start = average_parts(rows, parts.astype(np.int32), len(present))
    moved = KMeansGroups(fresh.k, seed=fresh.seed).fit_from(rows, start)
    return fresh if _spread(fresh, rows) < CLEAR_GAIN * _spread(moved, rows) else moved


def _spread(model: Clusterer, rows: Floats) -> float:
    return float(((rows - model.centres_[model.labels_]) ** 2).sum())
