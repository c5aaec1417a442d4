"""Experiments: planted effects, worlds without one, and whether the promised error rates hold."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from tools.errors import InputError, WorkspaceError
from tools.experiments.analysis import Rule, adjust_by_holm, check_ratio, compare_arms
from tools.experiments.assignment import Experiment, assign_arm
from tools.experiments.design import (
    Aim,
    count_days,
    find_mean_effect,
    find_share_effect,
    size_for_mean,
    size_for_share,
)
from tools.experiments.log import Decision, Exposure, Outcome, append, read_log
from tools.experiments.replay import Replay, replay
from tools.experiments.sequential import Bounds, Moments, bound_differences, find_best_scale
from tools.experiments.subjects import Metric, measure_subjects

Doubles = npt.NDArray[np.float64]

ALPHA = 0.05
RUNS = 2000
# Three standard errors of a rate of 5% among so many runs.
SLACK = 3 * math.sqrt(ALPHA * (1 - ALPHA) / RUNS)
START = datetime(2026, 1, 1)
DAY = timedelta(days=1)
EVEN = Experiment("cards", {"plain": 1, "bold": 1})


# Who sees which arm


def test_an_assignment_is_the_same_for_ever() -> None:
    ids = ["u1", "u2", "u3", "", "NA", "用户", "a\0b", "\ud800"]
    plain, bold = "plain", "bold"
    known = [plain, bold, plain, bold, plain, plain, bold, plain]
    assert [assign_arm(EVEN, i) for i in ids] == known
    known = [plain, plain, bold, bold, plain, plain, plain, bold]
    assert [assign_arm(replace(EVEN, salt="2"), i) for i in ids] == known


def test_arms_get_their_shares_of_users() -> None:
    experiment = Experiment("three", {"a": 1, "b": 2, "c": 1})
    arms = pd.Series([assign_arm(experiment, f"user-{n}") for n in range(20_000)])
    counts = arms.value_counts()[["a", "b", "c"]]
    assert stats.chisquare(counts, [5000, 10_000, 5000]).pvalue > 0.001
    assert experiment.shares == {"a": 0.25, "b": 0.5, "c": 0.25}
    assert experiment.control == "a"


def test_experiments_are_assigned_independently_of_each_other() -> None:
    ids = [f"user-{n}" for n in range(20_000)]
    one = [assign_arm(Experiment("ab", {"x": 1, "y": 1}, "c"), i) for i in ids]
    for other in (Experiment("a", EVEN.weights, "bc"), Experiment("ab", EVEN.weights, "d"), EVEN):
        table = pd.crosstab(one, [assign_arm(other, i) for i in ids])
        assert stats.chi2_contingency(table).pvalue > 0.001


def test_arms_that_cannot_be_assigned_are_refused() -> None:
    with pytest.raises(InputError, match=r"at least 2 arms; solo has 1\. Add one"):
        Experiment("solo", {"a": 1})
    for weight in (0, -1, math.nan, math.inf):
        with pytest.raises(InputError, match=r"weight must be above 0 and finite; b has .*\. Give"):
            Experiment("none", {"a": 1, "b": weight})


# How many users it takes


def test_sizes_are_those_of_the_textbooks() -> None:
    once = Aim(peeking=False)
    half = size_for_mean(1, 0.5, once)
    assert (half.control, half.treatment) == (64, 64)  # Cohen (1988), table 2.4.1
    shares = size_for_share(0.1, 0.05, once)
    assert (shares.control, shares.treatment) == (686, 686)  # R's power.prop.test
    uneven = size_for_mean(1, 0.5, Aim(peeking=False, treated=0.2))
    assert uneven.control == pytest.approx(4 * uneven.treatment, abs=4)
    assert uneven.total == pytest.approx(half.total * 0.25 / 0.16, rel=0.02)


@pytest.mark.parametrize("treated", [0.5, 0.2, 0.9])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_looking_once_finds_the_effect_as_often_as_promised(treated: float, power: float) -> None:
    rng = np.random.default_rng(1)
    aim = Aim(power=power, treated=treated, peeking=False)
    sizes = size_for_mean(3, 1, aim)
    first = rng.normal(5, 3, (RUNS, sizes.control))
    second = rng.normal(6, 3, (RUNS, sizes.treatment))
    found = stats.ttest_ind(first, second, axis=1, equal_var=False).pvalue <= ALPHA
    assert found.mean() == pytest.approx(power, abs=0.03)
    sizes = size_for_share(0.1, 0.04, aim)
    hits = [rng.binomial(n, p, RUNS) for n, p in ((sizes.control, 0.1), (sizes.treatment, 0.14))]
    p = compare_hits(hits[0], sizes.control, hits[1], sizes.treatment)
    assert (p <= ALPHA).mean() == pytest.approx(power, abs=0.03)


def compare_hits(
    first: npt.NDArray[np.int64], n1: int, second: npt.NDArray[np.int64], n2: int
) -> Doubles:
    """The chi-square test of two shares, without Yates' correction."""
    common = (first + second) / (n1 + n2)
    error = np.sqrt(common * (1 - common) * (1 / n1 + 1 / n2))
    return np.asarray(2 * stats.norm.sf(np.abs(second / n2 - first / n1) / error))


@pytest.mark.parametrize("treated", [0.5, 0.2, 0.9])
@pytest.mark.parametrize(("base", "effect"), [(0.1, 0.04), (0.03, 0.06), (0.6, 0.3), (0.3, -0.2)])
def test_peeking_finds_the_effect_at_least_as_often_as_promised(
    treated: float, base: float, effect: float
) -> None:
    rng = np.random.default_rng(2)
    sizes = size_for_share(base, effect, Aim(treated=treated))
    first = draw_binary(rng, base, spread_looks(sizes.control))
    second = draw_binary(rng, base + effect, spread_looks(sizes.treatment))
    found = look(first, second, sizes.control, sizes.treatment).p <= ALPHA
    assert found.any(axis=1).mean() >= 0.8


def test_peeking_at_means_finds_them_as_often_as_promised_and_sooner() -> None:
    rng = np.random.default_rng(3)
    for effect in (1.0, 0.4):
        sizes = size_for_mean(1, effect, Aim())
        first = draw_normal(rng, 0, 1, sizes.control)
        second = draw_normal(rng, effect, 1, sizes.treatment)
        found = look(first, second, sizes.control, sizes.treatment).p <= ALPHA
        assert found.any(axis=1).mean() >= 0.8
    assert 1.6 < sizes.total / size_for_mean(1, 0.4, Aim(peeking=False)).total < 2.2
    large = draw_normal(rng, 2 * 0.4, 1, sizes.treatment)
    stopped = (look(first, large, sizes.control, sizes.treatment).p <= ALPHA).argmax(axis=1)
    assert np.median(first.n[0, stopped]) < sizes.control / 2


def test_the_effect_that_so_many_users_find_takes_so_many_users() -> None:
    for aim in (Aim(), Aim(peeking=False), Aim(treated=0.1), Aim(power=0.95, alpha=0.01)):
        for n_users in (2_000, 50_000):
            effect = find_mean_effect(4, n_users, aim)
            assert size_for_mean(4, effect, aim).total == pytest.approx(n_users, abs=2)
            rise = find_share_effect(0.05, n_users, aim)
            assert size_for_share(0.05, rise, aim).total == pytest.approx(n_users, abs=2)


def test_days_are_counted_until_the_last_window_ends() -> None:
    assert count_days(1000, 100) == 10
    assert count_days(1001, 100, window_days=7) == 18


def test_a_plan_that_cannot_be_made_says_why() -> None:
    for plan, sentence in (
        (lambda: Aim(power=1), r"power must lie between 0 and 1; got 1\. Usual are"),
        (lambda: Aim(alpha=0.5, power=0.4), r"power must be above alpha; got 0\.4 and 0\.5\."),
        (lambda: size_for_share(1.2, 0.1, Aim()), r"base share .*got 1\.2\. Give a share"),
        (lambda: size_for_share(0.9, 0.2, Aim()), r"base \+ effect must lie .*0\.9 and 0\.2\."),
        (lambda: size_for_share(0.9, 0, Aim()), r"effect must not be 0"),
        (lambda: size_for_mean(0, 1, Aim()), r"standard deviation must be above 0; got 0\."),
        (lambda: size_for_mean(1, 0, Aim()), r"number other than 0; got 0\."),
        (lambda: find_share_effect(0.01, 50, Aim()), r"At least 3,142 users .*got 50\. Wait"),
        (lambda: find_mean_effect(1, 50, Aim()), r"At least 60 users .*got 50\. Wait"),
        (lambda: count_days(10, 0), r"daily_users must be above 0; got 0\."),
    ):
        with pytest.raises(InputError, match=sentence):
            plan()


# The test that may be looked at


def spread_looks(n: int, looks: int = 50) -> npt.NDArray[np.int64]:
    """Users who came by each look."""
    return np.maximum(2, np.round(np.linspace(0, n, looks + 1)[1:])).astype(np.int64)


def draw_binary(rng: np.random.Generator, p: float, n: npt.ArrayLike) -> Moments:
    """Moments at each look (runs, looks)."""
    n = np.asarray(n)
    hits = rng.binomial(np.diff(n, prepend=0), p, (RUNS, len(n))).cumsum(axis=1)
    users = np.broadcast_to(n.astype(float), hits.shape)
    mean = hits / users
    variance = mean * (1 - mean) * users / (users - 1)
    return Moments(users, mean, variance, np.minimum(hits, users - hits))


def draw_normal(rng: np.random.Generator, mean: float, sd: float, n: int) -> Moments:
    return take_moments(rng.normal(mean, sd, (RUNS, n)))


def take_moments(values: Doubles) -> Moments:
    """(runs, users), in the order they came; 0 is taken to be the commonest value if there."""
    n = spread_looks(values.shape[1])
    last = n - 1
    total, squares = (v.cumsum(axis=1)[:, last] for v in (values, values**2))
    unlike = (values != 0).cumsum(axis=1)[:, last].astype(float)
    variance = np.maximum(squares - total**2 / n, 0) / (n - 1)
    return Moments(np.broadcast_to(n.astype(float), total.shape), total / n, variance, unlike)


def look(control: Moments, treatment: Moments, n_control: int, n_treated: int) -> Bounds:
    horizon = n_control * n_treated / (n_control + n_treated)
    return bound_differences(control, treatment, horizon, ALPHA)


def find_welch_p(control: Moments, treatment: Moments) -> Doubles:
    """Welch's test with normal tails, at each look."""
    error = np.sqrt(control.variance / control.n + treatment.variance / treatment.n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2 * stats.norm.sf(np.abs(treatment.mean - control.mean) / error))


def draw_worlds(rng: np.random.Generator) -> dict[str, tuple[Moments, Moments, float]]:
    """Control and treatment at 50 looks and the true difference: even arms and uneven ones, common
    outcomes and rare ones, values with a long tail, with an effect and without.
    """
    many, few = spread_looks(1800), spread_looks(200)
    half = spread_looks(1000)
    tail = math.exp(0.5)
    spent = [
        take_moments((rng.random((RUNS, 1000)) < 0.05) * rng.lognormal(0, 1, (RUNS, 1000)))
        for _ in range(2)
    ]
    return {
        "normal": (draw_normal(rng, 0, 1, 1000), draw_normal(rng, 0, 1, 1000), 0.0),
        "normal, moved": (draw_normal(rng, 0, 1, 1000), draw_normal(rng, 0.5, 2, 1000), 0.5),
        "common": (draw_binary(rng, 0.3, half), draw_binary(rng, 0.3, half), 0.0),
        "common, uneven": (draw_binary(rng, 0.3, many), draw_binary(rng, 0.3, few), 0.0),
        "rare": (draw_binary(rng, 0.02, half), draw_binary(rng, 0.02, half), 0.0),
        "rare, uneven": (draw_binary(rng, 0.05, many), draw_binary(rng, 0.05, few), 0.0),
        "rare, moved": (draw_binary(rng, 0.01, half), draw_binary(rng, 0.05, half), 0.04),
        "rare, uneven, moved": (draw_binary(rng, 0.02, many), draw_binary(rng, 0.15, few), 0.13),
        "spent": (*spent, 0.0),
        "long tail": (
            take_moments(rng.lognormal(0, 1, (RUNS, 1600))),
            take_moments(1.5 * rng.lognormal(0, 1, (RUNS, 400))),
            0.5 * tail,
        ),
    }


@pytest.fixture(scope="module")
def worlds() -> dict[str, tuple[Moments, Moments, float]]:
    return draw_worlds(np.random.default_rng(4))


def test_bounds_hold_the_truth_at_all_fifty_looks_together(
    worlds: dict[str, tuple[Moments, Moments, float]],
) -> None:
    for name, (control, treatment, truth) in worlds.items():
        found = look(control, treatment, int(control.n.max()), int(treatment.n.max()))
        missed = (found.low > truth) | (found.high < truth)
        assert missed.any(axis=1).mean() <= ALPHA + SLACK, name


def test_peeking_raises_no_more_false_alarms_than_promised(
    worlds: dict[str, tuple[Moments, Moments, float]],
) -> None:
    for name, (control, treatment, truth) in worlds.items():
        if truth == 0:
            found = look(control, treatment, int(control.n.max()), int(treatment.n.max()))
            assert (found.p <= ALPHA).any(axis=1).mean() <= ALPHA + SLACK, name
            assert (find_welch_p(control, treatment) <= ALPHA).any(axis=1).mean() > 0.15, name


def test_a_horizon_that_was_passed_long_ago_keeps_the_error_rate(
    worlds: dict[str, tuple[Moments, Moments, float]],
) -> None:
    control, treatment, _ = worlds["normal"]
    for planned in (100, 100_000):
        found = look(control, treatment, planned, planned)
        assert (found.p <= ALPHA).any(axis=1).mean() <= ALPHA + SLACK


def test_p_is_below_alpha_where_the_bounds_exclude_no_difference(
    worlds: dict[str, tuple[Moments, Moments, float]],
) -> None:
    control, treatment, _ = worlds["normal, moved"]
    found = look(control, treatment, 1000, 1000)
    excluded = (found.low > 0) | (found.high < 0)
    assert 0.2 < excluded.mean() < 0.9
    assert (excluded == (found.p <= ALPHA)).all()


def test_the_test_of_many_users_is_the_mixture_of_normals_by_hand() -> None:
    n, variance, wide = 10**6, 0.25, find_best_scale(ALPHA)
    control, treatment = (
        Moments(np.array([n]), np.array([m]), np.array([variance]), np.array([n / 2]))
        for m in (0.5, 0.5025)
    )
    found = bound_differences(control, treatment, n, ALPHA)
    error2, scale = 2 * variance / n, wide / 2  # half the horizon is reached
    tau2 = scale * error2
    ratio = math.sqrt(error2 / (error2 + tau2)) * math.exp(
        0.0025**2 * tau2 / (2 * error2 * (error2 + tau2))
    )
    assert found.p[0] == pytest.approx(1 / ratio, rel=1e-3)
    reach = math.sqrt(
        error2 * (error2 + tau2) / tau2 * math.log((error2 + tau2) / (error2 * ALPHA**2))
    )
    assert found.high[0] - found.low[0] == pytest.approx(2 * reach, rel=1e-4)
    assert found.difference[0] == pytest.approx(0.0025)


def test_the_best_scale_gives_the_narrowest_bounds() -> None:
    best = find_best_scale(ALPHA)
    scales = np.linspace(best / 2, best * 2, 301)
    widths = (1 + scales) / scales * np.log((1 + scales) / ALPHA**2)
    assert scales[widths.argmin()] == pytest.approx(best, rel=0.02)
    assert widths.min() == pytest.approx(1 + best, rel=1e-3)


def test_too_few_users_or_outcomes_exclude_nothing() -> None:
    n, mean = np.array([0.0, 1, 29, 400, 400]), np.array([np.nan, 1, 0.5, 1, 0.02])
    variance = np.array([np.nan, np.nan, 0.25, 0, 0.0196])
    few = Moments(n, mean, variance, np.array([0.0, 0, 14, 0, 8]))
    one = np.ones(5)
    plenty = Moments(500 * one, 0.3 * one, 0.21 * one, 150 * one)
    for found in (
        bound_differences(few, plenty, 200, ALPHA),
        bound_differences(plenty, few, 200, ALPHA),
    ):
        assert (found.low == -np.inf)[1:].all()
        assert (found.high == np.inf)[1:].all()
        assert (found.p == 1).all()


# What an experiment tells


def test_arms_of_the_right_size_alarm_once_in_a_thousand() -> None:
    rng = np.random.default_rng(5)
    experiment = Experiment("sizes", {"a": 2, "b": 1, "c": 1})
    drawn = rng.multinomial(2_000, list(experiment.shares.values()), 5_000)
    checks = [check_ratio(dict(zip("abc", row, strict=True)), experiment) for row in drawn.tolist()]
    false_alarms = np.mean([not check.holds for check in checks])
    assert false_alarms <= 0.001 + 3 * math.sqrt(0.001 / 5_000)
    assert np.mean([check.p <= 0.5 for check in checks]) == pytest.approx(0.5, abs=0.03)
    lost = rng.binomial(drawn[:, 1], 0.7).tolist()
    checks = [
        check_ratio({"a": a, "b": b, "c": c}, experiment)
        for (a, _, c), b in zip(drawn.tolist()[:1000], lost, strict=False)
    ]
    assert np.mean([not check.holds for check in checks]) > 0.95


def test_no_effect_is_told_where_an_arm_lost_users() -> None:
    users = make_users(np.random.default_rng(6), {None: (0.1, 0.3)}, 1000)
    lost = users[(users["arm"] == "plain") | (users["value"] == 1) | (users.index % 4 > 0)]
    rule = Rule(2000)
    told = compare_arms(EVEN, rule, lost)
    assert not told.ratio.holds
    assert told.ratio.p < 0.001
    assert told.effects == told.group_effects == ()
    whole = compare_arms(EVEN, rule, users)
    assert whole.ratio.holds
    assert whole.ratio.n == {"plain": 1000, "bold": 1000}
    assert whole.ratio.expected == {"plain": 1000.0, "bold": 1000.0}
    assert whole.n_ungrouped == 2000
    assert whole.group_effects == ()
    (effect,) = whole.effects
    assert (effect.arm, effect.group_id, effect.n_control, effect.n_treated) == (
        "bold", None, 1000, 1000,
    )  # fmt: skip
    means = users.groupby("arm")["value"].mean()
    assert effect.control == means["plain"]
    assert effect.treated == means["bold"]
    assert effect.difference == pytest.approx(means["bold"] - means["plain"])
    assert effect.low < 0.2 < effect.high
    assert effect.p < 0.001


def make_users(
    rng: np.random.Generator, rates: dict[int | None, tuple[float, float]], n: int
) -> pd.DataFrame:
    """n users of each arm in each group, who buy at the rates of plain and bold."""
    parts = [
        pd.DataFrame(
            {
                "user_id": [f"{group}-{arm}-{i}" for i in range(n)],
                "arm": arm,
                "group_id": pd.Series([group] * n, dtype="Int64"),
                "value": (rng.random(n) < p).astype(float),
            }
        )
        for group, pair in rates.items()
        for arm, p in zip(("plain", "bold"), pair, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def test_each_group_is_told_with_a_p_adjusted_by_holm() -> None:
    rng = np.random.default_rng(7)
    rates = {4: (0.1, 0.1), 2: (0.1, 0.25), 9: (0.1, 0.2), None: (0.1, 0.1)}
    users = make_users(rng, rates, 1000)
    rule = Rule(8000)
    told = compare_arms(EVEN, rule, users)
    assert [e.group_id for e in told.group_effects] == [2, 4, 9]
    assert told.n_ungrouped == 2000
    assert told.effects[0].n_control == 4000
    alone = [
        compare_arms(EVEN, Rule(round(8000 / 3), ALPHA / 3), users[users["group_id"] == g])
        for g in (2, 4, 9)
    ]
    own = [a.effects[0] for a in alone]
    assert [e.p for e in told.group_effects] == pytest.approx(
        list(adjust_by_holm(np.array([e.p for e in own]))), rel=1e-2
    )
    assert [e.low for e in told.group_effects] == pytest.approx([e.low for e in own], rel=1e-2)
    assert [e.p <= ALPHA for e in told.group_effects] == [True, False, True]
    few = pd.concat([users, make_users(rng, {7: (0.5, 0.5)}, 20)])
    small = {e.group_id: e for e in compare_arms(EVEN, rule, few).group_effects}[7]
    assert (small.low, small.high, small.p) == (-math.inf, math.inf, 1.0)


def test_holm_by_hand() -> None:
    assert adjust_by_holm(np.array([0.04, 0.01, 0.03, 0.5])) == pytest.approx(
        [0.09, 0.04, 0.09, 0.5]
    )
    assert not len(adjust_by_holm(np.empty(0)))


def test_two_treatments_share_one_control_and_one_alpha() -> None:
    rng = np.random.default_rng(8)
    experiment = Experiment("three", {"plain": 2, "bold": 1, "red": 1})
    users = pd.concat(
        [
            make_users(rng, {1: (0.3, 0.3)}, 1000),
            make_users(rng, {1: (0.3, 0.5)}, 1000).replace({"arm": {"bold": "red"}}),
        ]
    )
    bold, red = compare_arms(experiment, Rule(4000), users).effects
    assert (bold.arm, red.arm) == ("bold", "red")
    assert bold.n_control == red.n_control == 2000
    assert bold.p > ALPHA
    assert red.p < 0.001
    pair = Experiment("pair", {"plain": 2, "red": 1})
    (alone,) = compare_arms(pair, Rule(3000, ALPHA / 2), users[users["arm"] != "bold"]).effects
    assert (red.low, red.high) == pytest.approx((alone.low, alone.high))


@pytest.mark.parametrize("n_moved", [0, 4])
def test_few_experiments_ever_tell_a_group_an_effect_that_is_none(n_moved: int) -> None:
    rng = np.random.default_rng(9)
    n_groups, n_looks, runs = 8, 20, 1000
    per_look = rng.integers(5, 30, n_groups)[:, None]
    moved = np.arange(n_groups) < n_moved
    arms = []
    for lift in (0.0, 0.2):
        p = (0.3 + lift * moved)[:, None]
        hits = rng.binomial(per_look, p, (runs, n_groups, n_looks)).cumsum(axis=2)
        n = np.broadcast_to((per_look * np.arange(1, n_looks + 1)).astype(float), hits.shape)
        variance = hits / n * (1 - hits / n) * n / (n - 1)
        arms.append(Moments(n, hits / n, variance, np.minimum(hits, n - hits)))
    found = bound_differences(*arms, 150, ALPHA / n_groups)
    adjusted = np.apply_along_axis(adjust_by_holm, 1, found.p)
    told = adjusted <= ALPHA
    false = told[:, ~moved].any(axis=1)
    assert false.any(axis=1).mean() <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)
    share = told[:, ~moved].sum(axis=1) / np.maximum(told.sum(axis=1), 1)
    assert share.mean(axis=0).max() <= ALPHA
    if n_moved:
        assert told[:, moved, -1].mean() > 0.5


def test_rules_that_cannot_be_kept_are_refused() -> None:
    with pytest.raises(InputError, match=r"planned_users must be at least 2; got 0\. Give"):
        Rule(0)
    with pytest.raises(InputError, match=r"alpha must lie between 0 and 1; got 1\. Usual"):
        Rule(100, 1)


# The log


def expose(user_id: str, arm: str, day: float, group_id: int | None = None) -> Exposure:
    return Exposure("cards", user_id, arm, START + day * DAY, group_id)


def act(user_id: str, value: float, day: float, name: str = "bought") -> Outcome:
    return Outcome("cards", user_id, name, value, START + day * DAY)


def test_what_is_logged_is_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "experiments"
    eastern = timezone(timedelta(hours=8))
    seen = [
        expose("NA", "plain", 0, 3),
        Exposure("cards", 'q"\n\u2028用户', "bold", datetime(2026, 1, 1, 8, tzinfo=eastern)),
        Exposure("cards", "007", "bold", datetime(2026, 1, 1, tzinfo=UTC)),
    ]
    append(folder, [*seen, act("NA", 2, 1.5), Decision("NA", "i1", 0.25, 1, START)])
    append(folder, [act("007", -0.5, 2), expose("x", "plain", 3)])
    exposures = read_log(folder, Exposure)
    assert exposures.n_torn == 0
    assert list(exposures.frame) == ["experiment", "user_id", "arm", "time", "group_id"]
    assert list(exposures.frame["user_id"]) == ["NA", 'q"\n\u2028用户', "007", "x"]
    assert list(exposures.frame["time"]) == [START, START, START, START + 3 * DAY]
    assert list(exposures.frame["group_id"].isna()) == [False, True, True, True]
    assert exposures.frame["group_id"][0] == 3
    outcomes = read_log(folder, Outcome).frame
    assert list(outcomes["value"]) == [2.0, -0.5]
    assert list(outcomes["time"]) == [START + 1.5 * DAY, START + 2 * DAY]
    decisions = read_log(folder, Decision).frame
    assert decisions.loc[0, ["item_id", "propensity", "reward"]].to_list() == ["i1", 0.25, 1.0]


def test_an_empty_log_has_the_columns_of_a_full_one(tmp_path: Path) -> None:
    full = tmp_path / "full"
    append(full, [expose("a", "plain", 0), act("a", 1, 0), Decision("a", "i", 1, 0, START)])
    for kind in (Exposure, Outcome, Decision):
        empty = read_log(tmp_path / "none", kind)
        assert empty.frame.empty
        assert list(empty.frame.dtypes) == list(read_log(full, kind).frame.dtypes)
    assert not (tmp_path / "none").exists()


def test_wherever_a_line_is_torn_only_that_line_is_lost(tmp_path: Path) -> None:
    append(tmp_path, [expose("first", "plain", 0), expose("second", "bold", 1)])
    file = tmp_path / "exposures.jsonl"
    kept = len(file.read_bytes())
    append(tmp_path, [expose("third 用", "bold", 2)])
    whole = file.read_bytes()
    for end in range(kept, len(whole) + 1):
        file.write_bytes(whole[:end])
        survives = end >= len(whole) - 1
        before = read_log(tmp_path, Exposure)
        assert len(before.frame) == 2 + survives
        append(tmp_path, [expose("fourth", "plain", 3)])
        after = read_log(tmp_path, Exposure)
        assert list(after.frame["user_id"])[-1] == "fourth"
        assert len(after.frame) == 3 + survives
        assert after.n_torn == before.n_torn == (end > kept + 1 and not survives)


def test_writers_that_log_at_once_keep_each_others_lines(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for n in range(40):
            pool.submit(append, tmp_path, [expose(f"u{n}-{i}", "bold", 0) for i in range(50)])
    entries = read_log(tmp_path, Exposure)
    assert entries.n_torn == 0
    assert entries.frame["user_id"].nunique() == 2000


def test_what_cannot_be_logged_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"value of user 'a' must be a finite number; got nan\."):
        append(tmp_path, [act("a", math.nan, 0)])
    with pytest.raises(InputError, match=r"must be Unicode text; got '.ud800' with half"):
        append(tmp_path, [act("\ud800", 1, 0)])
    for propensity in (0, 1.1, math.nan):
        with pytest.raises(InputError, match=r"above 0 and at most 1; got .*\. Log the prob"):
            Decision("a", "i", propensity, 1, START)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match=r"cannot be written .*\. Make room or check"):
        append(tmp_path / "file", [act("a", 1, 0)])


# Who counts, with what value


def test_only_first_exposures_and_what_came_after_them_count(tmp_path: Path) -> None:
    append(
        tmp_path,
        [
            expose("late line", "plain", 5, 2), expose("late line", "plain", 1, 1),
            expose("both", "plain", 1), expose("both", "bold", 4),
            expose("new", "bold", 25), expose("quiet", "bold", 2, 3), expose("zero", "plain", 3),
            Exposure("other", "late line", "x", START), expose("edge", "bold", 0),
            act("late line", 9, 0.5), act("late line", 2, 1), act("late line", 4, 7.9),
            act("late line", 50, 8), act("late line", 5, 3, "returned"), act("both", 1, 2),
            act("zero", 0, 4), act("edge", 1, 3), act("stranger", 1, 3), act("new", 1, 26),
            Outcome("other", "quiet", "bought", 1, START + 3 * DAY),
        ],
    )  # fmt: skip
    frames = read_log(tmp_path, Exposure).frame, read_log(tmp_path, Outcome).frame
    now = (START + 30 * DAY).replace(tzinfo=UTC)
    expected = {
        "any": {"edge": 1, "late line": 1, "quiet": 0, "zero": 0},
        "sum": {"edge": 1, "late line": 6, "quiet": 0, "zero": 0},
        "mean": {"edge": 1, "late line": 3, "zero": 0},
    }
    for how in ("any", "sum", "mean"):
        found = measure_subjects(EVEN, Metric("bought", how, 7 * DAY), *frames, now)
        assert found.users.set_index("user_id")["value"].to_dict() == expected[how]
        assert (found.n_exposed, found.n_crossed, found.n_waiting) == (6, 1, 1)
        assert found.n_silent == (how == "mean")
    rows = found.users.set_index("user_id")
    assert rows["arm"].to_dict() == {"edge": "bold", "late line": "plain", "zero": "plain"}
    assert rows["group_id"]["late line"] == 1
    assert rows["group_id"].isna().sum() == 2


def test_an_experiment_that_nobody_saw_has_no_subjects_and_no_effect(tmp_path: Path) -> None:
    frames = read_log(tmp_path, Exposure).frame, read_log(tmp_path, Outcome).frame
    for how in ("any", "sum", "mean"):
        found = measure_subjects(EVEN, Metric("bought", how, DAY), *frames, START)
        assert found.n_exposed == len(found.users) == 0
        told = compare_arms(EVEN, Rule(100), found.users)
        assert told.ratio.p == 1
        assert told.effects[0].p == 1
        assert math.isnan(told.effects[0].difference)


def test_an_arm_that_the_experiment_has_not_is_refused(tmp_path: Path) -> None:
    append(tmp_path, [expose("a", "plain", 0), expose("b", "italic", 0)])
    frames = read_log(tmp_path, Exposure).frame, read_log(tmp_path, Outcome).frame
    with pytest.raises(InputError, match=r"are plain, bold; the log has italic too\. Give"):
        measure_subjects(EVEN, Metric("bought", "any", DAY), *frames, START)


def test_an_effect_planted_in_one_group_is_found_from_the_log(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    records: list[Exposure | Outcome] = []
    for n in range(6000):
        user, group = f"user-{n}", n % 3
        arm = assign_arm(EVEN, user)
        records.append(expose(user, arm, n / 500, group))
        if rng.random() < (0.3 if group == 1 and arm == "bold" else 0.1):
            records.append(act(user, 1, n / 500 + 0.5))
    append(tmp_path, records)
    frames = read_log(tmp_path, Exposure).frame, read_log(tmp_path, Outcome).frame
    found = measure_subjects(EVEN, Metric("bought", "any", DAY), *frames, START + 20 * DAY)
    told = compare_arms(EVEN, Rule(6000), found.users)
    assert told.ratio.holds
    assert [e.p <= ALPHA for e in told.group_effects] == [False, True, False]
    assert told.group_effects[1].low < 0.2 < told.group_effects[1].high
    assert told.effects[0].low < 0.2 / 3 < told.effects[0].high
    early = measure_subjects(EVEN, Metric("bought", "any", DAY), *frames, START + 3 * DAY)
    assert early.n_waiting == 6000 - len(early.users) > 4000


# Replay


def draw_decisions(
    rng: np.random.Generator, n_users: int = 200
) -> tuple[Doubles, Doubles, Doubles, npt.NDArray[np.int64], float]:
    """propensity, reward, target, user of 3 decisions by each of some users among 5 items, and what
    the target earns in truth. Users differ in how easily they are pleased; the target leans to the
    items that please, the logged policy away from them.
    """
    users = np.repeat(np.arange(n_users), 3)
    liking = np.array([0.1, 0.2, 0.3, 0.4, 0.6])
    logged, wanted = np.array([0.35, 0.25, 0.2, 0.1, 0.1]), np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    item = rng.choice(5, len(users), p=logged)
    pleased = rng.uniform(0.5, 1.5, n_users)[users]
    reward = (rng.random(len(users)) < liking[item] * pleased).astype(float)
    return logged[item], reward, wanted[item], users, float(wanted @ liking)


def test_replay_is_unbiased_and_its_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(11)
    runs = 1000
    found, truth = [], 0.0
    for _ in range(runs):
        *logged, truth = draw_decisions(rng)
        found.append(replay(*logged))
    for estimates, least in (([f.ips for f in found], 0.0), ([f.snips for f in found], 0.003)):
        values, errors = (np.array([getattr(e, k) for e in estimates]) for k in ("value", "error"))
        bias = abs(values.mean() - truth)
        assert bias <= least + 3 * values.std() / math.sqrt(runs)
        assert errors.mean() == pytest.approx(values.std(), rel=0.1)
        held = np.mean([e.low <= truth <= e.high for e in estimates])
        assert 0.93 <= held <= 0.98
    assert np.mean([f.mean_weight for f in found]) == pytest.approx(1, abs=0.01)
    assert np.std([f.snips.value for f in found]) < np.std([f.ips.value for f in found])


def test_replaying_the_policy_that_was_logged_gives_what_was_earned() -> None:
    propensity, reward, _, users, _ = draw_decisions(np.random.default_rng(12))
    found = replay(propensity, reward, propensity, users)
    assert found.ips == found.snips == found.logged
    assert found.logged.value == pytest.approx(reward.mean())
    assert found.n_effective == pytest.approx(len(reward))
    assert (found.mean_weight, found.n_clipped, found.clip) == (1, 0, None)
    by_user = reward.reshape(-1, 3).mean(axis=1)
    assert found.logged.error == pytest.approx(by_user.std(ddof=1) / math.sqrt(len(by_user)))


def small_replay(clip: float | None = None) -> Replay:
    propensity, reward = np.array([0.5, 0.1, 0.25]), np.array([1.0, 1, 0])
    return replay(propensity, reward, np.array([0.5, 1, 0.5]), np.array([0, 1, 2]), clip=clip)


def test_replay_by_hand() -> None:
    found = small_replay()
    assert found.ips.value == pytest.approx(11 / 3)
    assert found.snips.value == pytest.approx(11 / 13)
    assert found.n_effective == pytest.approx(13**2 / (1 + 100 + 4))
    assert found.ips.error == pytest.approx(np.std([1, 10, 0], ddof=1) / math.sqrt(3))
    residuals = np.array([1, 10, 0]) - 11 / 13 * np.array([1, 10, 2])
    assert found.snips.error == pytest.approx(math.sqrt(1.5 * (residuals**2).sum()) / 13)
    clipped = small_replay(clip=4)
    assert (clipped.n_clipped, clipped.clip) == (1, 4)
    assert clipped.ips.value == pytest.approx(5 / 3)
    assert clipped.snips.value == pytest.approx(5 / 7)


def test_a_chatty_user_is_one_voice() -> None:
    propensity, reward, target, users, _ = draw_decisions(np.random.default_rng(13))
    once = replay(propensity, reward, target, users)
    copies = [np.repeat(v, 10) for v in (propensity, reward, target, users)]
    assert replay(*copies).snips.error == pytest.approx(once.snips.error)
    apart = replay(*copies[:3], np.arange(len(copies[0])))
    assert apart.snips.error < 0.5 * once.snips.error


def test_what_cannot_be_replayed_is_refused_in_a_sentence() -> None:
    ones, users = np.ones(4), np.arange(4)
    zero = np.array([0.5, 0, 0.5, 0])
    for arguments, sentence in (
        ((zero, ones, ones, users), r"above 0 and at most 1; got 0 in 2 of 4 decisions\. Log"),
        ((ones + 1, ones, ones, users), r"at most 1; got 2 in 4 of 4"),
        ((ones, ones, ones * np.nan, users), r"target probability must lie in 0 to 1; got nan\."),
        ((ones, ones * np.inf, ones, users), r"finite numbers; got inf\."),
        ((ones, ones, ones * 0, users), r"must show something that was logged; .*overlap"),
        ((ones, ones, ones, users[:3]), r"must be as many; got 4, 4, 4, 3\. Give"),
        ((ones, ones, ones, users * 0), r"At least 2 users are needed .*; got 1\. Log more"),
    ):
        with pytest.raises(InputError, match=sentence):
            replay(*arguments)
    with pytest.raises(InputError, match=r"clip must be above 0; got 0\. Usual are 10 to 100"):
        replay(ones, ones, ones, users, clip=0)
