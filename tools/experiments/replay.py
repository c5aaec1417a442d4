"""What would another recommender have earned? Told from what the present one showed, by weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from tools.errors import InputError

CONFIDENCE = 0.95

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A mean reward, its standard error over users and its 95% interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Replay:
    """logged: what was earned; ips and snips: what the target would have earned a decision.

    n_effective: as many decisions of the target's own would tell as much, (Σ w)² / Σ w² (Kish
    1965). mean_weight: near 1 where the propensities are right and the target shows nothing that
    could not have been shown. clip: the largest weight let through (None: all are); n_clipped
    decisions had a larger one, and with rewards of at least 0 the estimates are too low by what
    was cut off.
    """

    n_decisions: int
    n_users: int
    logged: Estimate
    ips: Estimate
    snips: Estimate
    n_effective: float
    mean_weight: float
    clip: float | None
    n_clipped: int


def replay(
    propensity: Doubles,
    reward: Doubles,
    target: Doubles,
    users: Ints,
    *,
    clip: float | None = None,
) -> Replay:
    """Weigh logged rewards by how much likelier the target was to show the item, w = target /
    propensity.

    propensity: (n,) in (0, 1], the probability that each logged item was shown with; reward: (n,);
    target: (n,) in [0, 1], the probability that the target policy shows the same item there; users:
    (n,) from 0 up, whose decision it was: one user is one voice. clip: cuts larger weights to this
    (Ionides 2008), less spread for some bias.

    IPS, Σ wr / n (Horvitz and Thompson 1952), is unbiased where nothing is clipped; SNIPS,
    Σ wr / Σ w (Swaminathan and Joachims 2015), nearly so, and mostly closer. Errors are of a ratio,
    over users (Cochran 1977, 6.4); t has one degree of freedom less than effective users.

    Raises: InputError where the arrays differ in length, a number is out of its range, there are
    fewer than two users, or the target shows nothing that was logged.
    """
    _check(propensity, reward, target, users)
    if clip is not None and not clip > 0:
        raise InputError(f"clip must be above 0; got {clip}. Usual are 10 to 100, or leave it out.")
    weight = target / propensity
    n_clipped = 0 if clip is None else int((weight > clip).sum())
    if clip is not None:
        weight = np.minimum(weight, clip)
    if not weight.any():
        raise InputError(
            "The target policy must show something that was logged; it gives every logged item a "
            "probability of 0. Replay a policy whose choices overlap, or log more decisions."
        )
    user = np.unique(users, return_inverse=True)[1]
    one = np.ones(len(reward))
    return Replay(
        len(reward),
        int(user.max()) + 1,
        _estimate(one, reward, one, user),
        _estimate(weight, reward, one, user),
        _estimate(weight, reward, weight, user),
        float(weight.sum() ** 2 / (weight**2).sum()),
        float(weight.mean()),
        clip,
        n_clipped,
    )


def _estimate(weight: Doubles, reward: Doubles, base: Doubles, user: Ints) -> Estimate:
    """Σ weight · reward / Σ base, with the error of a ratio of users' sums."""
    gained, based, weighed = (np.bincount(user, v) for v in (weight * reward, base, weight))
    value = float(gained.sum() / based.sum())
    n = len(gained)
    error = np.sqrt(n / (n - 1) * ((gained - value * based) ** 2).sum()) / based.sum()
    freedom = max(1.0, weighed.sum() ** 2 / (weighed**2).sum() - 1)
    reach = float(stats.t.ppf(0.5 + CONFIDENCE / 2, freedom) * error)
    return Estimate(value, float(error), value - reach, value + reach)


def _check(propensity: Doubles, reward: Doubles, target: Doubles, users: Ints) -> None:
    lengths = [len(v) for v in (propensity, reward, target, users)]
    if len(set(lengths)) > 1:
        raise InputError(
            "Propensities, rewards, target probabilities and users must be as many; got "
            f"{', '.join(map(str, lengths))}. Give one of each a decision."
        )
    wrong = ~((propensity > 0) & (propensity <= 1))
    if wrong.any():
        raise InputError(
            f"A propensity must be above 0 and at most 1; got {propensity[wrong][0]:g} in "
            f"{wrong.sum():,} of {len(wrong):,} decisions. Log the probability that the item was "
            "shown with, or leave those decisions out."
        )
    outside = ~((target >= 0) & (target <= 1))
    if outside.any():
        raise InputError(
            f"A target probability must lie in 0 to 1; got {target[outside][0]:g}. Give how likely "
            "the target policy shows the logged item."
        )
    if not np.isfinite(reward).all():
        raise InputError(
            f"Rewards must be finite numbers; got {reward[~np.isfinite(reward)][0]:g}. Leave "
            "decisions without a reward out."
        )
    n_users = len(np.unique(users))
    if n_users < 2:
        raise InputError(
            f"At least 2 users are needed to tell how sure a replay is; got {n_users}. Log more "
            "decisions."
        )
