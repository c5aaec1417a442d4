"""What the next periods will bring, with intervals that were tried on the series' own past.

The distribution foreseen h periods before (`expectation`) is corrected by where earlier values fell
in theirs: the quantiles of those probability integral transforms, beside an even grid that stands
for the model being right, are the levels at which the new interval is cut (Dawid 1984; Kuleshov,
Fenner and Ermon 2018).
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from scipy.special import betainc, gammaln

from tools.errors import InputError
from tools.monitoring.expectation import Outlook, foresee_counts, foresee_shares, shape_beta
from tools.monitoring.series import Counts, Length, Subject, select_series
from tools.monitoring.surges import KINDS, Kind

COVERAGE = 0.8
# Fewer periods, or voices in a period, tell nothing of the next one.
SHORT: dict[Length, int] = {"day": 42, "week": 16}
MIN_PACE = 1.0
# Values that the model being right counts for beside the series' own past.
GRID = 20
# Values of the past that the intervals are tried on, at most.
TRIED: dict[Length, int] = {"day": 180, "week": 104}

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """kind volume: voices; negative: the share of them that is cold, in [0, 1].

    starts, middle, low, high: of each period to come: its first day, the median and the 80%
    interval; n_tried, held: past values that next-period intervals made before them were tried on,
    and the share that these held (NaN where none); lacks: why there is no forecast, or "".
    """

    subject: Subject
    kind: Kind
    length: Length
    starts: tuple[pd.Timestamp, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_tried: int
    held: float
    lacks: str


def forecast(counts: Counts, ahead: int = 4) -> list[Forecast]:
    """Volume and negative share of all, each group, each topic and each topic in a group, for the
    `ahead` periods after the last of `counts`; items are left out.

    Raises: InputError if `ahead` is not from 1 to 12.
    """
    if not 1 <= ahead <= 12:
        raise InputError(f"A forecast looks 1 to 12 periods ahead; got {ahead}.")
    own = select_series(counts, [k for k, s in enumerate(counts.subjects) if s.item_id is None])
    if not own.voices.size:
        return []
    last = own.periods[-1]
    starts = tuple((last + h).start_time for h in range(1, ahead + 1))
    taught = own.voices.cumsum(axis=1) >= np.arange(1, len(own.periods) + 1) * MIN_PACE
    lacks = [[_find_lack(own, row, kind) for kind in KINDS] for row in range(len(own.subjects))]
    # Most series are too sparse to be foreseen, or to teach others.
    lasting = np.array([not all(lack) for lack in lacks], dtype=np.bool_)
    told = np.flatnonzero(lasting | (taught.sum(axis=1) > 0))
    known, taught = select_series(own, told), taught[told]
    volume = foresee_counts(known, known.voices, taught, ahead)
    share = foresee_shares(known, taught, ahead)
    row_of = {int(row): place for place, row in enumerate(told)}
    return [
        Forecast(own.subjects[row], kind, own.length, starts, (), (), (), 0, np.nan, lack)
        if lack
        else _forecast_one(known, row_of[row], kind, starts, volume, share)
        for row in range(len(own.subjects))
        for kind, lack in zip(KINDS, lacks[row], strict=True)
    ]


def _forecast_one(
    counts: Counts,
    row: int,
    kind: Kind,
    starts: tuple[pd.Timestamp, ...],
    volume: Outlook,
    share: Outlook,
) -> Forecast:
    subject, length = counts.subjects[row], counts.length
    n = len(counts.periods)
    begin = max(SHORT[length] // 2, n - TRIED[length])
    bounds = []
    n_tried, held = 0, float("nan")
    for h in range(len(starts)):
        past = np.arange(max(begin, h + 1), n)
        if kind == "negative":
            past = past[counts.told[row, past] > 0]
        places = np.append(past, n + h)
        # Intervals of the past are tried for the next period alone.
        cut_from = 0 if h == 0 else len(past)
        law = volume if kind == "volume" else share
        mean, spread = law.mean[h, row, places], law.spread[h, row, places]
        if kind == "negative":
            size = np.maximum(np.rint(volume.mean[h, row, places]), 1)
            values = counts.negative[row, past] / counts.told[row, past]
            steps = _add_up(mean, spread, size)
            levels = _cut_levels(_find_middle(steps[:-1], values * size[:-1]), cut_from)
            cut = _find_step(steps[cut_from:], levels) / size[cut_from:]
        else:
            values = counts.voices[row, past].astype(np.float64)
            levels = _cut_levels(_transform_counts(values, mean[:-1], spread[:-1]), cut_from)
            cut = _find_count(levels.T, mean[cut_from:], spread[cut_from:])
        bounds.append(cut[:, -1])
        if h == 0 and len(values):
            n_tried = len(values)
            held = float(np.mean((cut[0, :-1] <= values) & (values <= cut[2, :-1])))
    low, middle, high = (tuple(float(b[k]) for b in bounds) for k in range(3))
    return Forecast(subject, kind, length, starts, middle, low, high, n_tried, held, "")


def _cut_levels(fallen: Doubles, first: int) -> Doubles:
    """(n + 1 − first, 3): levels of low, median and high for each past value from `first` on, from
    those before it alone, and for the period to come. fallen: (n,) where each value fell in its
    distribution.
    """
    known = sorted([*((k + 0.5) / GRID for k in range(GRID)), *fallen[:first].tolist()])
    levels = np.empty((len(fallen) + 1 - first, 3))
    for k in range(len(levels)):
        for column, wanted in enumerate(((1 - COVERAGE) / 2, 0.5, (1 + COVERAGE) / 2)):
            place, rest = divmod((len(known) - 1) * wanted, 1)
            below, above = known[int(place)], known[int(place) + 1]
            levels[k, column] = below + rest * (above - below)
        if first + k < len(fallen):
            insort(known, float(fallen[first + k]))
    return np.clip(levels, 0.001, 0.999)


def _transform_counts(seen: Doubles, mean: Doubles, spread: Doubles) -> Doubles:
    """The middle of the step that the negative binomial makes at each value."""
    r, chance = 1 / spread, 1 / (1 + mean * spread)
    upper = betainc(r, seen + 1, chance)
    lower = np.where(seen > 0, betainc(r, np.maximum(seen, 1), chance), 0.0)
    return np.asarray((upper + lower) / 2)


def _find_count(level: Doubles, mean: Doubles, spread: Doubles) -> Doubles:
    """The least count that so much probability lies at or below."""
    return np.asarray(stats.nbinom.ppf(level, 1 / spread, 1 / (1 + mean * spread)))


def _add_up(share: Doubles, spread: Doubles, n: Doubles) -> Doubles:
    """(cells, largest n + 1): beta-binomial probability of so many or fewer; 1 beyond n."""
    a, b = (part[:, None] for part in shape_beta(share, spread))
    n = n[:, None]
    k = np.minimum(np.arange(int(n.max()) + 1), n)
    log = (
        gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        + gammaln(a + k) + gammaln(b + n - k) - gammaln(a + b + n)
        + gammaln(a + b) - gammaln(a) - gammaln(b)
    )  # fmt: skip
    chances = np.where(np.arange(k.shape[1]) <= n, np.exp(log), 0.0)
    return np.asarray(np.minimum(np.cumsum(chances, axis=1), 1.0))


def _find_middle(steps: Doubles, seen: Doubles) -> Doubles:
    """The middle of the step at each value; between two steps the height there. seen: (cells,)
    what was seen, as if of as many voices as were foreseen, so not always whole.
    """
    rows = np.arange(len(seen))
    at, before = np.floor(seen + 1e-9).astype(np.int64), np.ceil(seen - 1e-9).astype(np.int64) - 1
    below = np.where(before >= 0, steps[rows, np.maximum(before, 0)], 0.0)
    return np.asarray((steps[rows, at] + below) / 2)


def _find_step(steps: Doubles, levels: Doubles) -> Doubles:
    """(3, cells): the least count that each level of probability, (cells, 3), lies at or below."""
    return np.stack([(steps < level[:, None]).sum(axis=1) for level in levels.T]).astype(np.float64)


def _find_lack(counts: Counts, row: int, kind: Kind) -> str:
    n, least = len(counts.periods), SHORT[counts.length]
    if n < least:
        return f"A forecast needs {least} {counts.length}s of history; there are {n}."
    voices = counts.voices[row] if kind == "volume" else counts.told[row]
    pace = float(voices[-least:].mean())
    if pace < MIN_PACE:
        return (
            f"A forecast needs {MIN_PACE:g} voice a {counts.length}; over the last {least} "
            f"there were {pace:.1f}."
        )
    return ""
