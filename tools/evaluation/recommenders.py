"""Recommenders compared on what their users liked next, and the one that a workspace will use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tools.errors import InputError
from tools.evaluation.ranking import (
    MEASURES,
    Difference,
    Spread,
    compare_paired,
    describe_spread,
    measure_lists,
)
from tools.evaluation.splits import Split
from tools.recommendation.behaviour import Behaviour, GroupUsers
from tools.recommendation.blends import GroupPrior, TextHybrid
from tools.recommendation.ease import EASE
from tools.recommendation.factorisation import ALS
from tools.recommendation.graph_filter import GraphFilter
from tools.recommendation.histories import Floats, Histories, Interactions, Ints
from tools.recommendation.lightgcn import LightGCN
from tools.recommendation.neighbours import ItemKNN, UserKNN
from tools.recommendation.popularity import Popularity
from tools.recommendation.recommender import Recommender, is_learned
from tools.recommendation.saving import describe, make

K = 10
# More users than this are drawn, so that a check of a large workspace takes minutes.
MAX_USERS = 3000
MIN_USERS = 20
# EASE's square of weights takes seconds up to here.
MAX_EASE_ITEMS = 6000
# LightGCN takes minutes on two cores beyond.
MAX_LIGHTGCN_LIKES = 20_000
# Bands of activity: likes in the training, up to and including.
BANDS = {"0": 0, "1": 1, "2-5": 5, "6-20": 20, "more than 20": np.inf}
COLD = 5
BOTH = "text and group"

Bools = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Scene:
    """One split, ready to be learned from: all users' histories, the items' text, and the (n, m)
    liked items to be found by the users in `rows`.
    """

    training: Histories
    item_text: Floats
    test: sp.csr_matrix
    rows: Ints

    @classmethod
    def arrange(
        cls, behaviour: Behaviour, split: Split, group_users: GroupUsers, *, seed: int = 0
    ) -> Scene:
        """At most `MAX_USERS` users are checked, drawn at random; they are grouped by the reviews
        of the training alone.
        """
        known = behaviour.interactions
        reviews = np.zeros(len(behaviour.review_text), dtype=bool)
        reviews[known.review[split.training]] = True
        training, item_text = behaviour.gather(split.training, group_users(reviews))
        test = known.count(split.test)
        # What was met in the training is never shown, so it cannot be found.
        test = sp.csr_matrix(test - test.multiply(training.seen > 0))
        test.eliminate_zeros()
        rows = np.flatnonzero(np.diff(test.indptr))
        if len(rows) > MAX_USERS:
            rows = np.sort(np.random.default_rng(seed).choice(rows, MAX_USERS, replace=False))
        return cls(training, item_text, test, rows)

    def teach(self, recommender: Recommender) -> Recommender:
        """The recommender, having learned; what it builds upon has learned already in a search."""
        if isinstance(recommender, TextHybrid | GroupPrior) and is_learned(recommender.base):
            return recommender.fit_upon(self.training, self.item_text)
        return recommender.fit(self.training, self.item_text)

    def measure(self, recommender: Recommender, k: int = K) -> tuple[dict[str, Any], Ints]:
        """(n_rows,) of each measure for a recommender that has learned; its (n_rows, k) lists."""
        lists = recommender.recommend(self.training.take(self.rows), k).items
        return measure_lists(lists, self.test[self.rows]), lists


@dataclass(frozen=True)
class Row:
    """One recommender's line: what it is, its NDCG in the validation and whether that was clearly
    better than popularity's, its means on the test, by band of activity and by group (NDCG and
    users), and the difference of its NDCG to popularity and to the best that knows likes alone.
    """

    name: str
    settings: dict[str, Any]
    validation: float
    validated: bool
    measures: dict[str, float]
    spread: Spread
    by_activity: dict[str, tuple[float, int]]
    by_group: dict[int, tuple[float, int]]
    over_popularity: Difference
    over_likes: Difference
    cold_over_likes: Difference | None


@dataclass(frozen=True)
class Comparison:
    """rows: best first by the validation; n_users: how many were checked, n_cold of them with at
    most 5 likes; k: length of the lists.
    """

    split: str
    k: int
    n_users: int
    n_cold: int
    rows: list[Row]

    @property
    def winner(self) -> Row:
        """The best in the validation, if it was clearly better there than popularity; else that."""
        plain = next(row for row in self.rows if row.name == Popularity.name)
        best = self.rows[0]
        return best if best.validated else plain

    def describe(self) -> str:
        """What came of it, in one sentence."""
        row, gap = self.winner, self.winner.over_popularity
        found = (
            f"On what {self.n_users:,} users liked next, {row.name} has an NDCG@{self.k} of "
            f"{row.measures['NDCG']:.3f}"
        )
        if row.name == Popularity.name:
            return (
                f"{found}: no method was clearly better than popularity, so what is popular is "
                "recommended."
            )
        said = f"{gap.mean:+.3f}, interval {gap.low:+.3f} to {gap.high:+.3f}"
        if gap.low > 0:
            return f"{found}, better than popularity ({said})."
        return f"{found}: no lift over popularity is shown ({said})."


def list_families(n_items: int, n_likes: int) -> dict[str, list[Recommender]]:
    """The recommenders that know likes alone, each with the settings to be searched; those that
    would take minutes for so many items or likes are left out.
    """
    families: dict[str, list[Recommender]] = {
        Popularity.name: [Popularity()],
        ItemKNN.name: [ItemKNN(k, shrinkage) for k in (20, 200) for shrinkage in (0.0, 5.0)],
        UserKNN.name: [UserKNN(k) for k in (20, 100, 500)],
        ALS.name: [ALS(f, r, 10.0) for f in (16, 64) for r in (0.1, 3.0)],
        GraphFilter.name: [
            GraphFilter(users, source, target, sharpness)
            for users, source, target, sharpness in (
                (0.5, 0.5, 0.5, 1.0),
                (0.5, 0.7, 0.3, 1.0),
                (0.5, 0.5, 0.1, 1.0),
                (0.5, 0.7, 0.25, 1.5),
                (1.0, 0.5, 0.0, 1.0),
                (0.5, 0.3, 0.0, 0.7),
            )
        ],
    }
    if n_likes <= MAX_LIGHTGCN_LIKES:
        families[LightGCN.name] = [LightGCN(epochs=epochs) for epochs in (20, 80)]
    if n_items <= MAX_EASE_ITEMS:
        families[EASE.name] = [
            EASE(3.0), EASE(30.0), EASE(300.0), EASE(30.0, 0.5, 30.0), EASE(300.0, 0.5, 30.0),
        ]  # fmt: skip
    return families


def list_hybrids(base: Recommender) -> list[TextHybrid]:
    """What adds the reviews' text to a recommender that has learned, with settings to search."""
    weights = ((0.2, 0.0), (0.5, 0.0), (1.0, 0.0), (0.0, 0.3), (0.3, 0.3), (1.0, 1.0))
    return [TextHybrid(base, own, liked) for own, liked in weights]


def list_priors(base: Recommender) -> list[GroupPrior]:
    """What adds the user's group to a recommender that has learned, with settings to search."""
    return [GroupPrior(base, t, smoothing) for t in (0.5, 2.0, 10.0) for smoothing in (10.0, 100.0)]


def compare_recommenders(
    behaviour: Behaviour,
    group_users: GroupUsers,
    split: Callable[[Interactions], Split],
    *,
    name: str,
    k: int = K,
    seed: int = 0,
    progress: Progress = lambda share: None,
) -> Comparison:
    """Search each family's settings on a validation split of the training, then measure each
    family's best, learned anew from all of the training, on the test.

    split: how to divide interactions, for the test and again for the validation.
    Raises: InputError if fewer than `MIN_USERS` users can be checked.
    """
    whole = split(behaviour.interactions)
    inner = _split_within(behaviour.interactions, whole.training, split)
    validation = Scene.arrange(behaviour, inner, group_users, seed=seed)
    test = Scene.arrange(behaviour, whole, group_users, seed=seed)
    if len(test.rows) < MIN_USERS or len(validation.rows) < MIN_USERS:
        raise InputError(
            f"Only {min(len(test.rows), len(validation.rows))} users liked enough items in turn to "
            f"check recommendations on; at least {MIN_USERS} are needed. Load more reviews by the "
            "same users."
        )
    known = behaviour.interactions
    families = list_families(len(known.items), int(known.liked.sum()))
    chosen: dict[str, tuple[Doubles, Recommender]] = {}
    for place, (family, candidates) in enumerate(families.items()):
        chosen[family] = search(candidates, validation, k)
        progress(0.5 * (place + 1) / len(families))
    likes = max(chosen, key=lambda family: chosen[family][0].mean())
    base = validation.teach(make(describe(chosen[likes][1])))
    chosen[TextHybrid.name] = search(list_hybrids(base), validation, k)
    chosen[GroupPrior.name] = search(list_priors(base), validation, k)
    hybrid = validation.teach(make(describe(chosen[TextHybrid.name][1])))
    chosen[BOTH] = search(list_priors(hybrid), validation, k)
    progress(0.7)
    measured: dict[str, tuple[dict[str, Any], Ints]] = {}
    for place, (family, (_, recommender)) in enumerate(chosen.items()):
        measured[family] = test.measure(test.teach(recommender), k)
        progress(0.7 + 0.3 * (place + 1) / len(chosen))
    order = sorted(chosen, key=lambda family: -chosen[family][0].mean())
    plain = chosen[Popularity.name][0]
    activity = np.asarray(test.training.liked.sum(axis=1), np.float32).ravel()[test.rows]
    rows = [
        _describe_row(family, chosen[family], plain, measured, likes, test, activity, seed)
        for family in order
    ]
    return Comparison(name, k, len(test.rows), int((activity <= COLD).sum()), rows)


def search(
    candidates: Sequence[Recommender], scene: Scene, k: int = K
) -> tuple[Doubles, Recommender]:
    """(n_rows,) NDCG@k of the best of the candidates, and a recommender with its settings, yet to
    learn.
    """
    best, found = np.full(1, -1.0), candidates[0]
    for candidate in candidates:
        ndcg = scene.measure(scene.teach(candidate), k)[0]["NDCG"]
        if ndcg.mean() > best.mean():
            best, found = ndcg, make(describe(candidate))
    return best, found


def _split_within(
    interactions: Interactions, rows: Bools, split: Callable[[Interactions], Split]
) -> Split:
    """The split of some of the interactions, as rows of all."""
    inner = split(interactions.take(rows))
    training, test = np.zeros_like(rows), np.zeros_like(rows)
    training[rows], test[rows] = inner.training, inner.test
    return Split(training, test)


def _describe_row(
    family: str,
    chosen: tuple[Doubles, Recommender],
    plain: Doubles,
    measured: Mapping[str, tuple[dict[str, Any], Ints]],
    likes: str,
    test: Scene,
    activity: Floats,
    seed: int,
) -> Row:
    validation, recommender = chosen
    measures, lists = measured[family]
    ndcg = measures["NDCG"]
    groups = test.training.groups[test.rows]
    cold = activity <= COLD
    lower = -1.0
    bands = {}
    for band, upper in BANDS.items():
        inside = (activity > lower) & (activity <= upper)
        if inside.any():
            bands[band] = (float(ndcg[inside].mean()), int(inside.sum()))
        lower = upper
    rival = measured[likes][0]["NDCG"]
    return Row(
        family,
        describe(recommender),
        float(validation.mean()),
        compare_paired(validation, plain, seed=seed).low > 0,
        {name: float(measures[name].mean()) for name in MEASURES},
        describe_spread(lists, recommender.popularity_, len(test.training), test.training.liked),
        bands,
        {
            int(group): (float(ndcg[groups == group].mean()), int((groups == group).sum()))
            for group in np.unique(groups)
        },
        compare_paired(ndcg, measured[Popularity.name][0]["NDCG"], seed=seed),
        compare_paired(ndcg, rival, seed=seed),
        compare_paired(ndcg[cold], rival[cold], seed=seed) if cold.any() else None,
    )
