"""How sure a mean or a share is where values hang together: what one user says is one voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

CONFIDENCE = 0.95
# With fewer users on a side, a difference is not tested.
MIN_CLUSTERS = 3
_Z = float(stats.norm.ppf(0.5 + CONFIDENCE / 2))

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Means:
    """One entry a cell, each array (n_cells,): how many values and clusters it holds, their mean
    and its 95% interval. NaN: no values; no interval where all are of one cluster.
    """

    n: Ints
    n_clusters: Ints
    mean: Doubles
    low: Doubles
    high: Doubles


@dataclass(frozen=True)
class Contrasts:
    """One entry a cell, each array (n_cells,): the mean of all other cells' values, how much
    higher the cell's own mean is, the 95% interval of that and its two-sided p. NaN where either
    side has fewer than 3 clusters.
    """

    rest: Doubles
    difference: Doubles
    low: Doubles
    high: Doubles
    p: Doubles


def bound_share(hits: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Doubles, Doubles]:
    """Wilson's (1927) 95% score interval of hits out of n, in [0, 1]; NaN where n is 0.

    Either may be fractional, as an effective sample size is.
    """
    total = np.asarray(n, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(hits, dtype=np.float64) / total
        middle = share + _Z**2 / (2 * total)
        reach = _Z * np.sqrt(share * (1 - share) / total + (_Z / (2 * total)) ** 2)
        low, high = (middle + side * reach for side in (-1, 1))
        scale = 1 + _Z**2 / total
    return np.clip(low / scale, 0, 1), np.clip(high / scale, 0, 1)


def measure_means(values: Doubles, cells: Ints, clusters: Ints, n_cells: int) -> Means:
    """The mean of each cell's values, with an interval that one cluster's values cannot narrow.

    values: (n,); cells: (n,) in 0 … n_cells − 1; clusters: (n,) from 0 up, e.g. whose value it is.
    The variance is the jackknife's over clusters (CV3 in MacKinnon, Nielsen and Webb 2023); t has
    one degree of freedom less than the effective number of clusters, n² / Σ n_g² (Kish 1965).
    """
    cell = _jackknife(values, cells, clusters, n_cells)
    reach = _find_t(cell.voices - 1) * np.sqrt(cell.variance)
    return Means(cell.n, cell.n_clusters, cell.mean, cell.mean - reach, cell.mean + reach)


def measure_shares(hits: npt.NDArray[np.bool_], cells: Ints, clusters: Ints, n_cells: int) -> Means:
    """The share of each cell's values that are hits, with Wilson's interval at the effective
    sample size: n over the design effect (Kish 1965), less where few clusters tell that effect
    (Korn and Graubard 1998). Where all values are hits, or none, the effect cannot be seen, and
    each effective cluster counts as one value. Arguments as for `measure_means`.
    """
    cell = _jackknife(hits.astype(np.float64), cells, clusters, n_cells)
    share = cell.mean
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.minimum(share * (1 - share) / cell.variance, cell.n)
        size = np.where((share > 0) & (share < 1), size, cell.voices)
    size = size * np.minimum(1, _Z / _find_t(cell.voices - 1)) ** 2
    low, high = bound_share(share * size, size)
    return Means(cell.n, cell.n_clusters, share, low, high)


def contrast_means(
    values: Doubles, cells: Ints, clusters: Ints, n_cells: int, *, among_many: bool = False
) -> Contrasts:
    """Each cell's mean beside the mean of all other cells' values. Arguments as for
    `measure_means`.

    The jackknife leaves a cluster out of both sides at once, so that users who are in both are
    compared with themselves. t has one degree of freedom less than the side with fewer effective
    clusters.

    among_many: whether the cells are searched for one that stands out. Then none is taken to vary
    less than cells do on average: of many, the one that looks surest is the one whose values happen
    to lie close.
    """
    pairs = _sum_clusters(values, cells, clusters)
    n_all = int(clusters.max(initial=-1)) + 1
    total = np.bincount(pairs["cluster"], pairs["total"], n_all)
    count = np.bincount(pairs["cluster"], pairs["n"], n_all)
    n_seen = int((count > 0).sum())
    unseen = _find_hidden_variance(values, cells, clusters, n_cells) * among_many
    rest, gap, error, freedom = np.full((4, n_cells), np.nan)
    cell, cluster = pairs["cell"].to_numpy(), pairs["cluster"].to_numpy()
    edges = np.searchsorted(cell, np.arange(n_cells + 1))
    for place, rows in enumerate(map(slice, edges, edges[1:])):
        own_total, own_count = np.zeros((2, n_all))
        own_total[cluster[rows]] = pairs["total"].to_numpy()[rows]
        own_count[cluster[rows]] = pairs["n"].to_numpy()[rows]
        others = count - own_count
        if min(rows.stop - rows.start, int((others > 0).sum())) < MIN_CLUSTERS:
            continue
        mean, moved = _leave_out(own_total, own_count)
        rest[place], shifted = _leave_out(total - own_total, others)
        gap[place] = mean - rest[place]
        freedom[place] = min(_count_voices(own_count), _count_voices(others)) - 1
        variance = (n_seen - 1) / n_seen * float(((moved - shifted) ** 2).sum())
        error[place] = np.sqrt(variance + unseen[place])
    reach = _find_t(freedom) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(gap == 0, 1.0, 2 * stats.t.sf(np.abs(gap) / error, freedom))
    return Contrasts(rest, gap, gap - reach, gap + reach, p)


@dataclass(frozen=True)
class _Cells:
    """voices: the effective number of clusters; variance: of the mean."""

    n: Ints
    n_clusters: Ints
    voices: Doubles
    mean: Doubles
    variance: Doubles


def _jackknife(values: Doubles, cells: Ints, clusters: Ints, n_cells: int) -> _Cells:
    pairs = _sum_clusters(values, cells, clusters)
    cell, total, size = (pairs[c].to_numpy() for c in ("cell", "total", "n"))
    n = np.bincount(cell, size, n_cells)
    n_clusters = np.bincount(cell, minlength=n_cells).astype(np.int64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(cell, total, n_cells) / n
        moved = (total - mean[cell] * size) / (n[cell] - size)
        variance = (n_clusters - 1) / n_clusters * np.bincount(cell, moved**2, n_cells)
        voices = n**2 / np.bincount(cell, size**2, n_cells)
    variance[n_clusters < 2] = np.nan
    return _Cells(n.astype(np.int64), n_clusters, voices, mean, variance)


def _find_hidden_variance(values: Doubles, cells: Ints, clusters: Ints, n_cells: int) -> Doubles:
    """By how much each cell's mean varies less than that of as many average voices."""
    cell = _jackknife(values, cells, clusters, n_cells)
    known = cell.voices > 1
    if not known.any():
        return np.zeros(n_cells)
    one = np.average((cell.variance * cell.voices)[known], weights=(cell.voices - 1)[known])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.maximum(0.0, one / cell.voices - cell.variance), posinf=0.0)


def _leave_out(total: Doubles, count: Doubles) -> tuple[float, Doubles]:
    """The mean, and by how much it is higher with each cluster than without it."""
    n = float(count.sum())
    mean = float(total.sum()) / n
    return mean, (total - mean * count) / (n - count)


def _count_voices(count: Doubles) -> float:
    return float(count.sum()) ** 2 / float((count**2).sum())


def _sum_clusters(values: Doubles, cells: Ints, clusters: Ints) -> pd.DataFrame:
    said = pd.DataFrame({"cell": cells, "cluster": clusters, "value": values})
    return said.groupby(["cell", "cluster"])["value"].agg(total="sum", n="size").reset_index()


def _find_t(freedom: Doubles) -> Doubles:
    """Student's quantile; NaN at no degree of freedom."""
    return np.asarray(stats.t.ppf(0.5 + CONFIDENCE / 2, np.where(freedom > 0, freedom, np.nan)))
