"""What an experiment tells at this look: are the arms as large as they should be, and if so, what
does each do, for all users and for each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from tools.errors import InputError
from tools.experiments.assignment import Experiment
from tools.experiments.sequential import Moments, bound_differences

# Below it the arms' sizes are no chance (Fabijan et al. 2019), and no effect is told.
RATIO_P = 0.001

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """Fixed before the experiment starts. planned_users: of all arms together; the bounds are
    narrowest there, and hold at any other number. alpha: how often any effect may be told, at any
    look, where there is none.

    Raises: InputError where planned_users is under 2 or alpha does not lie between 0 and 1.
    """

    planned_users: int
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if self.planned_users < 2:
            raise InputError(
                f"planned_users must be at least 2; got {self.planned_users}. Give the number of "
                "users that the experiment was planned for."
            )
        if not 0 < self.alpha < 1:
            raise InputError(f"alpha must lie between 0 and 1; got {self.alpha}. Usual is 0.05.")


@dataclass(frozen=True)
class RatioCheck:
    """Are the arms as large as their weights say (chi-square)? Where not (p < 0.001), something
    lost users of one arm, and what is left cannot be compared. False alarms come once in a thousand
    looks, in one experiment in a hundred that is looked at fifty times, and more often where an
    arm expects under five users.
    """

    n: dict[str, int]
    expected: dict[str, float]
    p: float

    @property
    def holds(self) -> bool:
        return self.p >= RATIO_P


@dataclass(frozen=True)
class Effect:
    """An arm's mean beside the control's, of all users (group_id None) or of a group's.

    low, high: the confidence sequence of difference (treated − control), wide enough for all m
    effects told together (each at 1 − alpha / m). p: always valid, and adjusted by Holm for the m.
    As Holm is less strict than m intervals, p may be under alpha where they still hold 0. Where an
    arm has too few users to tell, low is −inf, high inf and p 1; means without users are NaN.
    """

    arm: str
    group_id: int | None
    n_control: int
    n_treated: int
    control: float
    treated: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Comparison:
    """No effects are told where the ratio does not hold. n_ungrouped: users of no group, who are in
    effects but not in group_effects. Each of the two is a family of its own.
    """

    ratio: RatioCheck
    effects: tuple[Effect, ...]
    group_effects: tuple[Effect, ...]
    n_ungrouped: int


def compare_arms(experiment: Experiment, rule: Rule, users: pd.DataFrame) -> Comparison:
    """Compare every arm with the control, at this look of however many.

    users: arm, group_id (null for none), value; a row a user (`Subjects.users`).
    """
    counts = users["arm"].value_counts()
    ratio = check_ratio({arm: int(counts.get(arm, 0)) for arm in experiment.weights}, experiment)
    grouped = users.dropna(subset="group_id")
    n_ungrouped = len(users) - len(grouped)
    if not ratio.holds:
        return Comparison(ratio, (), (), n_ungrouped)
    places, groups = pd.factorize(grouped["group_id"], sort=True)
    return Comparison(
        ratio,
        _find_effects(experiment, rule, users.assign(place=0), [None]),
        _find_effects(experiment, rule, grouped.assign(place=places), [int(g) for g in groups]),
        n_ungrouped,
    )


def check_ratio(n: dict[str, int], experiment: Experiment) -> RatioCheck:
    """n: users counted, by arm."""
    total = sum(n.values())
    expected = {arm: total * share for arm, share in experiment.shares.items()}
    if not total:
        return RatioCheck(n, expected, 1.0)
    distance = sum((n[arm] - e) ** 2 / e for arm, e in expected.items())
    return RatioCheck(n, expected, float(stats.chi2.sf(distance, len(n) - 1)))


def adjust_by_holm(p: Doubles) -> Doubles:
    """(m,) p-values so large that p ≤ alpha in no more than a share alpha of families tells any
    effect that is none (Holm 1979), in the order given.

    It holds however the m depend on each other, so that always-valid p stay valid: at whatever
    look a false effect were told, one of the true nulls' own p would have passed alpha / m.
    Benjamini and Hochberg's procedure needs one look and p that depend positively at most; groups
    are few, so little is lost.
    """
    order = np.argsort(p)
    scaled = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return adjusted


def _find_effects(
    experiment: Experiment, rule: Rule, users: pd.DataFrame, groups: Sequence[int | None]
) -> tuple[Effect, ...]:
    """The family of each arm's effect on each group; users have `place`, that of their group."""
    arms = [arm for arm in experiment.weights if arm != experiment.control]
    cells = [(arm, place) for arm in arms for place in range(len(groups))]
    if not cells:
        return ()
    control = _take_moments(users, [(experiment.control, place) for _, place in cells])
    treated = _take_moments(users, cells)
    share = experiment.shares
    both = np.array([1 / share[experiment.control] + 1 / share[arm] for arm, _ in cells])
    horizon = rule.planned_users / len(groups) / both
    found = bound_differences(control, treated, horizon, rule.alpha / len(cells))
    p = adjust_by_holm(found.p)
    return tuple(
        Effect(
            arm,
            groups[place],
            int(control.n[i]),
            int(treated.n[i]),
            float(control.mean[i]),
            float(treated.mean[i]),
            float(found.difference[i]),
            float(found.low[i]),
            float(found.high[i]),
            float(p[i]),
        )
        for i, (arm, place) in enumerate(cells)
    )


def _take_moments(users: pd.DataFrame, cells: list[tuple[str, int]]) -> Moments:
    """Of the values of each (arm, place)."""
    values = users.groupby(["arm", "place"])["value"]
    commonest = users.groupby(["arm", "place", "value"]).size().groupby(level=[0, 1]).max()
    table = values.agg(n="size", mean="mean", variance="var").assign(commonest=commonest)
    rows = table.reindex(pd.MultiIndex.from_tuples(cells))
    n, commonest = (rows[c].fillna(0).to_numpy(dtype=np.float64) for c in ("n", "commonest"))
    mean, variance = (rows[c].to_numpy(dtype=np.float64) for c in ("mean", "variance"))
    return Moments(n, mean, variance, n - commonest)
