"""What a series should have been, given its past alone: dynamic generalised linear models.

West, Harrison and Migon (1985): level, damped slope, weekday and yearly waves move slowly (discount
factors); what is expected of a period is a gamma-Poisson (counts) or beta-binomial (shares) whose
spread holds the state's uncertainty and the series' own overdispersion. Four models of different
memory run side by side, and each series is at any time foreseen by the one that foresaw it best so
far. Nothing looks ahead: a column of the result depends on earlier columns of the input only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, gammaln, logit

from tools.monitoring.series import Counts, Length

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# A yearly season is believed once so many years are behind it.
YEARS_FOR_SEASON = 1.5
DAYS_PER_YEAR = 365.25
# Observations further out than so many standard deviations teach no more than if they were there.
CLIP = 4.0
# A series teaches how scattered it is from its so-manieth period on.
BURN_IN = 4
# The score of a model forgets, so that a series may change its ways.
SCORE_MEMORY = 0.98
# A more changeable model must have foreseen better by so much log probability.
RELUCTANCE = 2.0


@dataclass(frozen=True)
class Pace:
    """For a length of period: its number in a year, the level's memory of the steady and of the
    moving models, in periods, and how much of a slope is left a period later.
    """

    per_year: float
    steady: float
    moving: float
    damping: float


PACES: dict[Length, Pace] = {
    "day": Pace(DAYS_PER_YEAR, 200.0, 28.0, 0.99),
    "week": Pace(DAYS_PER_YEAR / 7, 60.0, 10.0, 0.97),
}
SEASON_MEMORY_YEARS = 4.0


@dataclass(frozen=True)
class Outlook:
    """What was expected of s series h periods before: (h, s, t + h), the last h columns after the
    end of the data; NaN where it was not foreseen that far ahead.

    mean: voices, or the share of them; spread: the squared coefficient of variation beyond
    Poisson's, or the correlation of voices within a period (beta-binomial).
    """

    mean: Doubles
    spread: Doubles


class Family(Protocol):
    """What is counted. Arrays broadcast to (v, s): v models, s series. f, q: mean and variance of
    the linear predictor; extra: overdispersion; n: voices of whom y are counted.
    """

    @property
    def prior(self) -> float:
        """`extra` before anything was seen."""
        ...

    @property
    def certainty(self) -> float:
        """The prior's information: 1 / variance."""
        ...

    def start(self, y: Doubles, n: Doubles) -> Doubles:
        """First guess of the linear predictor."""
        ...

    def expect(self, f: Doubles, q: Doubles, extra: Doubles) -> tuple[Doubles, Doubles]:
        """mean and spread, as `Outlook` has them."""
        ...

    def learn(
        self, f: Doubles, q: Doubles, extra: Doubles, y: Doubles, n: Doubles
    ) -> tuple[Doubles, Doubles]:
        """f and q after y was seen."""
        ...

    def clip(self, mean: Doubles, spread: Doubles, y: Doubles, n: Doubles) -> Doubles:
        """y, no further out than 4 standard deviations."""
        ...

    def weigh_excess(
        self, f: Doubles, q: Doubles, y: Doubles, n: Doubles
    ) -> tuple[Doubles, Doubles]:
        """An estimate of `extra` from one period, and its information."""
        ...

    def score(self, mean: Doubles, spread: Doubles, y: Doubles, n: Doubles) -> Doubles:
        """Log probability of y."""
        ...


@dataclass(frozen=True)
class CountFamily:
    """Gamma-Poisson counts, log link; `extra` is the squared coefficient of variation beyond
    Poisson's.
    """

    prior: float = 0.05
    certainty: float = 100.0

    def start(self, y: Doubles, n: Doubles) -> Doubles:
        return np.log(np.maximum(y, 0.5))

    def expect(self, f: Doubles, q: Doubles, extra: Doubles) -> tuple[Doubles, Doubles]:
        return np.exp(np.clip(f, -7, 20)), q + extra

    def learn(
        self, f: Doubles, q: Doubles, extra: Doubles, y: Doubles, n: Doubles
    ) -> tuple[Doubles, Doubles]:
        mean = np.exp(np.clip(f, -7, 20))
        worth = 1 / (1 + extra * mean)
        moved = np.log1p(q * y * worth) - np.log1p(q * mean * worth)
        return f + moved, q / (1 + q * y * worth)

    def clip(self, mean: Doubles, spread: Doubles, y: Doubles, n: Doubles) -> Doubles:
        return np.minimum(y, mean + CLIP * np.sqrt(mean + mean**2 * spread))

    def weigh_excess(
        self, f: Doubles, q: Doubles, y: Doubles, n: Doubles
    ) -> tuple[Doubles, Doubles]:
        mean = np.exp(np.clip(f, -7, 20))
        weight = mean**2 / (2 * (1 + 0.1 * mean) ** 2 + 1 / mean)
        return ((y - mean) ** 2 - mean) / mean**2 - q, weight

    def score(self, mean: Doubles, spread: Doubles, y: Doubles, n: Doubles) -> Doubles:
        r = 1 / spread
        return np.asarray(
            gammaln(y + r)
            - gammaln(r)
            - gammaln(y + 1)
            - r * np.log1p(mean * spread)
            + y * np.log(mean * spread / (1 + mean * spread))
        )


@dataclass(frozen=True)
class ShareFamily:
    """Beta-binomial shares, logit link; `extra` is the correlation of a period's voices."""

    prior: float = 0.01
    certainty: float = 4000.0

    def start(self, y: Doubles, n: Doubles) -> Doubles:
        return np.asarray(logit((y + 0.5) / (n + 2)))

    def expect(self, f: Doubles, q: Doubles, extra: Doubles) -> tuple[Doubles, Doubles]:
        share = expit(np.clip(f, -7, 7))
        own = q * share * (1 - share)
        return share, np.minimum(own / (1 + own) + extra, 0.9)

    def learn(
        self, f: Doubles, q: Doubles, extra: Doubles, y: Doubles, n: Doubles
    ) -> tuple[Doubles, Doubles]:
        share = expit(np.clip(f, -7, 7))
        worth = 1 / (1 + np.maximum(n - 1, 0) * extra)
        a, b = 1 / (q * (1 - share)), 1 / (q * share)
        after_a, after_b = a + y * worth, b + (n - y) * worth
        moved = np.log(after_a / after_b) - np.log(a / b)
        return f + moved, 1 / after_a + 1 / after_b

    def clip(self, mean: Doubles, spread: Doubles, y: Doubles, n: Doubles) -> Doubles:
        variance = n * mean * (1 - mean) * (1 + np.maximum(n - 1, 0) * spread)
        return np.minimum(y, n * mean + CLIP * np.sqrt(variance))

    def weigh_excess(
        self, f: Doubles, q: Doubles, y: Doubles, n: Doubles
    ) -> tuple[Doubles, Doubles]:
        share, own = self.expect(f, q, np.zeros_like(q))
        one = share * (1 - share)
        pairs = np.maximum(n * (n - 1), 1)
        found = ((y - n * share) ** 2 - n * one) / (pairs * one) - own
        size = np.maximum(n, 1)
        weight = size**2 / (2 * (1 + 0.02 * size) ** 2 + 1 / (size * one))
        return found, np.where(n > 1, weight, 0.0)

    def score(self, mean: Doubles, spread: Doubles, y: Doubles, n: Doubles) -> Doubles:
        a, b = shape_beta(mean, spread)
        return (
            gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)
            + gammaln(a + y) + gammaln(b + n - y) - gammaln(a + b + n)
            + gammaln(a + b) - gammaln(a) - gammaln(b)
        )  # fmt: skip


def shape_beta(mean: Doubles, spread: Doubles) -> tuple[Doubles, Doubles]:
    """a and b of the beta distribution with that mean, whose binomial draws so correlate."""
    size = 1 / spread - 1
    return mean * size, (1 - mean) * size


def find_births(counts: Counts) -> Ints:
    """(s,) the period each series begins with: an item's with its first voice (before, it may not
    have been on offer), all others' with the data.
    """
    first = np.argmax(counts.voices > 0, axis=1)
    broad = np.array([s.item_id is None for s in counts.subjects], dtype=np.bool_)
    return np.where(broad, 0, first).astype(np.int64)


def foresee_counts(counts: Counts, voices: Ints, taught: Flags, ahead: int = 1) -> Outlook:
    """Voices expected of each series and period.

    voices: (s, t) all of them, or the cold ones; taught: (s, t) whether the series tells at that
    time how scattered such series are; ahead: how many periods before, at most.
    """
    seasonal = len(counts.periods) >= YEARS_FOR_SEASON * PACES[counts.length].per_year
    rows = _describe_periods(counts.periods, counts.length, ahead, seasonal=seasonal)
    weekdays = 6 if counts.length == "day" else 0
    plan = _plan_models(PACES[counts.length], weekdays, 4 if seasonal else 0)
    y = voices.astype(np.float64)
    return _foresee(CountFamily(), y, y, rows, plan, counts, taught, ahead)


def foresee_shares(counts: Counts, taught: Flags, ahead: int = 1) -> Outlook:
    """Share of negative among the voices whose polarity is known. taught, ahead: as for
    `foresee_counts`. Level and slope alone, for a share tells too little to find a season in.
    """
    rows = np.zeros((len(counts.periods) + ahead, 2))
    rows[:, 0] = 1
    y, n = counts.negative.astype(np.float64), counts.told.astype(np.float64)
    plan = _plan_models(PACES[counts.length], 0, 0)
    return _foresee(ShareFamily(), y, n, rows, plan, counts, taught, ahead)


def _describe_periods(
    periods: pd.PeriodIndex, length: Length, ahead: int, *, seasonal: bool
) -> Doubles:
    """(t + ahead, d): level, slope, then for days six weekdays beside Sunday, centred, then two
    yearly waves where the data are long enough.
    """
    n = len(periods) + ahead
    span = pd.period_range(periods[0], periods=n, freq=periods.freq)
    columns = [np.ones(n), np.zeros(n)]
    if length == "day":
        weekday = np.asarray(span.day_of_week)
        columns += [(weekday == day) * 1.0 - (weekday == 6) for day in range(6)]
    if seasonal:
        angle = 2 * np.pi * np.asarray(span.start_time.day_of_year) / DAYS_PER_YEAR
        columns += [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]
    return np.stack(columns, axis=1)


def _plan_models(pace: Pace, weekdays: int, waves: int) -> tuple[Doubles, Doubles]:
    """Variances before anything was seen and memories, each (v, d): steady; moving; moving with a
    slope; and this with yearly waves, if there are such columns.
    """
    slope = (1.0 / pace.moving / 2) ** 2
    variance, memory = [], []
    for level, slopes, yearly in (
        (pace.steady, 0.0, 0.0),
        (pace.moving, 0.0, 0.0),
        (pace.moving, slope, 0.0),
        (2 * pace.moving, slope, 0.3**2),
    )[: 4 if waves else 3]:
        variance.append([1.0, slopes, *[0.4**2] * weekdays, *[yearly] * waves])
        season = SEASON_MEMORY_YEARS * pace.per_year
        memory.append([level, 2 * level, *[season] * (weekdays + waves)])
    return np.array(variance), np.array(memory)


def _foresee(
    family: Family,
    y: Doubles,
    n: Doubles,
    rows: Doubles,
    plan: tuple[Doubles, Doubles],
    counts: Counts,
    taught: Flags,
    ahead: int,
) -> Outlook:
    pace, births = PACES[counts.length], find_births(counts)
    n_series, n_periods = y.shape
    variance, memory = plan
    n_models, width = variance.shape
    fade = 1 / np.sqrt(1 - 1 / memory)
    step = np.eye(width)
    step[0, 1] = 1.0
    damped = step.copy()
    damped[1, 1] = pace.damping
    state = np.zeros((n_models, n_series, width))
    doubt = np.tile((variance[:, None, :, None] * np.eye(width)), (1, n_series, 1, 1))
    merit = np.zeros((n_models, n_series))
    handicap = RELUCTANCE * np.arange(n_models)[:, None]
    excess, weight = np.zeros((2, n_models, n_series))
    pooled = np.full((n_models, 2), [family.prior * family.certainty, family.certainty])
    mean, spread = np.full((2, ahead, n_series, n_periods + ahead), np.nan)
    series = np.arange(n_series)

    for t in range(n_periods + 1):
        common = pooled[:, :1] / pooled[:, 1:]
        extra = (excess + family.certainty * common) / (weight + family.certainty)
        extra = np.maximum(extra, 0.0) + 1e-4
        barred = t < YEARS_FOR_SEASON * pace.per_year
        best = np.argmax((merit - handicap)[: 3 if barred else None], axis=0)
        later_state, later_doubt = state, doubt
        for h in range(ahead):
            x = rows[t + h]
            f, q = _predict(later_state, later_doubt, x)
            each = family.expect(f, q, extra)
            mean[h, :, t + h], spread[h, :, t + h] = (value[best, series] for value in each)
            if h + 1 < ahead:
                later_state = later_state @ damped.T
                later_doubt = _forget(damped @ later_doubt @ damped.T, fade, variance)
        if t == n_periods:
            break
        born = births == t
        if born.any():
            state[:, born, 0] = family.start(y[born, t], n[born, t])
        lives = births <= t
        x, now_y, now_n = rows[t], y[:, t], n[:, t]
        f, q = _predict(state, doubt, x)
        expected, spreads = family.expect(f, q, extra)
        merit = SCORE_MEMORY * merit + np.where(
            lives & (births < t), family.score(expected, spreads, now_y, now_n), 0.0
        )
        clipped = family.clip(expected, spreads, now_y, now_n)
        if t:
            found, worth = family.weigh_excess(f, q, clipped, now_n)
            worth = worth * (t >= births + BURN_IN)
            excess, weight = excess + found * worth, weight + worth
            pooled[:, 0] += (found * worth) @ taught[:, t]
            pooled[:, 1] += worth @ taught[:, t]
        after_f, after_q = family.learn(f, q, extra, clipped, now_n)
        gain = doubt @ x
        move, less = (after_f - f) / q, (1 - after_q / q) / q
        keep = lives[None, :, None]
        state = np.where(keep, state + gain * move[..., None], state)
        taken = gain[..., :, None] * gain[..., None, :] * less[..., None, None]
        doubt = np.where(keep[..., None], doubt - taken, doubt)
        state = np.where(keep, state @ step.T, state)
        doubt = np.where(keep[..., None], _forget(step @ doubt @ step.T, fade, variance), doubt)
    return Outlook(mean, spread)


def _forget(doubt: Doubles, fade: Doubles, variance: Doubles) -> Doubles:
    """Covariances (v, s, d, d) grown by a period's forgetting, where less is in doubt than was
    before anything was seen: a series that is silent for years would otherwise grow without end.

    fade, variance: (v, d).
    """
    known = np.einsum("vsii->vsi", doubt) < variance[:, None, :]
    factor = np.where(known, fade[:, None, :], 1.0)
    return np.asarray(doubt * factor[..., :, None] * factor[..., None, :])


def _predict(state: Doubles, doubt: Doubles, x: Doubles) -> tuple[Doubles, Doubles]:
    """Mean and variance of the linear predictor, each (v, s)."""
    return state @ x, np.maximum(np.einsum("vsij,i,j->vs", doubt, x, x), 1e-8)
