"""How many users an experiment takes, how many days, and what it could find with fewer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import optimize, stats

from tools.errors import InputError
from tools.experiments.sequential import MIN_UNLIKE, MIN_USERS, find_best_scale


@dataclass(frozen=True)
class Aim:
    """alpha: how often an effect may be told where there is none; power: how often one as large as
    named is to be found; treated: the treatment's share of the two arms' users. peeking: whether
    the test may be looked at at any time (`sequential`) or once, at the end (t or chi-square): it
    takes nearly twice the users if the effect is as small as named, and ends sooner if it is
    larger. With k treatments beside one control, give alpha / k.

    Raises: InputError where one of the three does not lie between 0 and 1.
    """

    alpha: float = 0.05
    power: float = 0.8
    treated: float = 0.5
    peeking: bool = True

    def __post_init__(self) -> None:
        for name in ("alpha", "power", "treated"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise InputError(
                    f"{name} must lie between 0 and 1; got {value}. Usual are an alpha of 0.05, a "
                    "power of 0.8 and a treated share of 0.5."
                )
        if self.alpha >= self.power:
            raise InputError(
                f"power must be above alpha; got {self.power} and {self.alpha}. Usual are 0.8 and "
                "0.05."
            )


@dataclass(frozen=True)
class Sizes:
    """Users of each arm."""

    control: int
    treatment: int

    @property
    def total(self) -> int:
        return self.control + self.treatment


def size_for_share(base: float, effect: float, aim: Aim) -> Sizes:
    """Users to find that a share of base, such as that of users who buy, has moved by effect.

    Fleiss, Levin and Paik (2003, 4.3), for the chi-square test; under peeking with that test's
    variance, and enough users for each arm to show ten of its rarer outcomes.
    Raises: InputError where base or base + effect does not lie between 0 and 1, or effect is 0.
    """
    _check_share(base)
    if effect == 0 or not 0 < base + effect < 1:
        raise InputError(
            f"The effect must not be 0 and base + effect must lie between 0 and 1; got {base} and "
            f"{effect}. Give the effect as a difference of shares, such as 0.02."
        )
    return _split(_find_total_for_share(base, effect, aim), aim)


def size_for_mean(sd: float, effect: float, aim: Aim) -> Sizes:
    """Users to find that a mean has moved by effect, where users' values have that sd in both arms.

    Chow, Shao and Wang (2008, 3.2.1), with a correction as the variance must be estimated.
    Raises: InputError where sd is not above 0 or effect is 0.
    """
    _check_sd(sd)
    if effect == 0 or not math.isfinite(effect):
        raise InputError(
            f"The effect must be a number other than 0; got {effect}. Give the smallest that would "
            "be worth finding."
        )
    spread = sd**2 / (aim.treated * (1 - aim.treated))
    total = _find_total(spread, spread, effect, aim) + _find_extra(aim)
    return _split(max(total, _find_floor(aim)), aim)


def find_share_effect(base: float, n_users: int, aim: Aim) -> float:
    """The smallest rise of a share of base that n_users, both arms together, would find.

    Raises: InputError where base does not lie between 0 and 1, or the users would not find even a
    rise to nearly 1.
    """
    _check_share(base)

    def lack(effect: float) -> float:
        return _find_total_for_share(base, effect, aim) - n_users

    low, high = (1 - base) * 1e-9, (1 - base) * 0.999
    best = optimize.minimize_scalar(lack, bounds=(low, high), method="bounded")
    if best.fun > 0:
        needed = math.ceil(n_users + best.fun)
        raise InputError(
            f"At least {needed:,} users are needed to find any rise of a share of {base}; got "
            f"{n_users:,}. Wait for more users or take an outcome that is more common."
        )
    return float(optimize.brentq(lack, low, float(best.x)))


def find_mean_effect(sd: float, n_users: int, aim: Aim) -> float:
    """The smallest move of a mean that n_users, both arms together, would find.

    Raises: InputError where sd is not above 0 or the users would not find any effect.
    """
    _check_sd(sd)
    extra = _find_extra(aim)
    needed = math.ceil(max(extra + 4, _find_floor(aim)))
    if n_users < needed:
        raise InputError(
            f"At least {needed:,} users are needed to find any effect; got {n_users:,}. Wait for "
            "more users."
        )
    spread = sd**2 / (aim.treated * (1 - aim.treated))
    return math.sqrt(_find_total(spread, spread, 1.0, aim) / (n_users - extra))


def count_days(n_users: int, daily_users: float, window_days: float = 0) -> int:
    """Days until so many users have come and the window of the last one has ended.

    daily_users: new users a day who would be in the experiment.
    Raises: InputError where daily_users is not above 0.
    """
    if not daily_users > 0:
        raise InputError(
            f"daily_users must be above 0; got {daily_users}. Give the number of new users a day."
        )
    return math.ceil(n_users / daily_users + window_days)


def _find_total_for_share(base: float, effect: float, aim: Aim) -> float:
    parts = (1 - aim.treated, base), (aim.treated, base + effect)
    spread = sum(p * (1 - p) / part for part, p in parts)
    halves = sum(1 / part for part, _ in parts)
    within = sum(p * (1 - p) * part for part, p in parts)
    if not aim.peeking:
        # The shares' common variance is within + treated · (1 − treated) · effect².
        return _find_total(within * halves + effect**2, spread, effect, aim)
    # So many expected, ten are seen nearly always (a Poisson's tail).
    expected = float(stats.gamma.ppf(1 - (1 - aim.power) / 4, MIN_UNLIKE))
    shown = max(expected / (part * min(p, 1 - p)) for part, p in parts)
    total = _find_total(max(within * halves, spread), spread, effect, aim)
    return max(total, shown, _find_floor(aim))


def _find_total(tested: float, spread: float, effect: float, aim: Aim) -> float:
    """(z √tested + z_power √spread)² / effect²: users of both arms, of whom N give an estimate with
    the variance spread / N, and a test that takes it to be tested / N.
    """
    power = float(stats.norm.ppf(aim.power))
    return (_find_z(aim) * math.sqrt(tested) + power * math.sqrt(spread)) ** 2 / effect**2


def _find_extra(aim: Aim) -> float:
    """Users that it takes more as the variance is estimated: z² N / 2ν, ν Welch's degrees of
    freedom (Schouten 1999, for both arms together).
    """
    parts = 1 - aim.treated, aim.treated
    return _find_z(aim) ** 2 * sum(w**-3 for w in parts) / (2 * sum(1 / w for w in parts) ** 2)


def _find_z(aim: Aim) -> float:
    if aim.peeking:
        return math.sqrt(1 + find_best_scale(aim.alpha))
    return float(stats.norm.isf(aim.alpha / 2))


def _find_floor(aim: Aim) -> float:
    return MIN_USERS / min(aim.treated, 1 - aim.treated) if aim.peeking else 0.0


def _split(total: float, aim: Aim) -> Sizes:
    return Sizes(
        max(2, math.ceil(total * (1 - aim.treated))), max(2, math.ceil(total * aim.treated))
    )


def _check_share(base: float) -> None:
    if not 0 < base < 1:
        raise InputError(
            f"The base share must lie between 0 and 1; got {base}. Give a share, such as 0.05 for "
            "5%."
        )


def _check_sd(sd: float) -> None:
    if not (sd > 0 and math.isfinite(sd)):
        raise InputError(
            f"The standard deviation must be above 0; got {sd}. Give that of the users' values."
        )
