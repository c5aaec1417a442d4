"""k-means of half a million rows as of a few hundred, on GPU or CPU."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from tools.embedding.device import choose_device
from tools.errors import InputError

# Rows a cluster in the first sample; each next one is four times as large, and the last holds all.
# A mean of m rows adds 1/m to its cluster's inertia, so little is left to do for passes over all.
ROWS_PER_CLUSTER, MIN_SAMPLE, GROWTH = 100, 8_000, 4
# On a sample the inertia need only settle to this share of itself.
SAMPLE_TOLERANCE = 1e-3
# After so many steps the better half of the starts goes on.
STEPS_PER_ROUND = 5
# Scores (rows × centres) at once, so that they and their rows stay in the processor's cache.
SCORES_AT_ONCE, MIN_ROWS_AT_ONCE, MAX_ROWS_AT_ONCE = 1 << 18, 512, 8192
# Of their squared lengths, what float32's rounding may add to the squared distance of two rows that
# are alike: seen from the origin in a matrix product, and taken from their difference.
ROUNDING, DIFFERENCE_ROUNDING = 1e-6, 1e-10
# Every coordinate of a centre that has no place yet: no row is nearest to it.
NOWHERE = 1e15

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class KMeansFit:
    """labels: (n,) the nearest centre of each row; centres: (m, d), each nearest to some row;
    inertia: sum of the rows' squared distances to their centres; n_iter: passes over all rows.
    """

    labels: Ints
    centres: Floats
    inertia: float
    n_iter: int


def fit_kmeans(
    vectors: npt.NDArray[np.floating],
    k: int,
    *,
    seed: int = 0,
    n_init: int = 4,
    start: Floats | None = None,
    max_iter: int = 100,
    tolerance: float = 1e-4,
    progress: Callable[[float], None] = lambda share: None,
) -> KMeansFit:
    """Cluster (n, d) rows around m = k centres; m is less only where fewer rows differ.

    `n_init` starts are drawn by greedy k-means++ (Arthur and Vassilvitskii 2007) on a sample and
    moved by Lloyd's algorithm together, the better half of them going on after every five steps
    (successive halving, Jamieson and Talwalkar 2016). The one left is moved on samples of growing
    size (Newling and Fleuret 2016), at last on all rows, until a step lowers the inertia by less
    than `tolerance` of it or after `max_iter` passes. Up to 16,000 rows there is no sample.
    A centre without rows moves to the row farthest from its own.

    vectors: of any float type; they are read in chunks as float32, so a memory map will do.
    start: (k, d) centres to go on from instead, on all rows at once: centre i of the result is what
    start[i] became, provided that m = k.
    progress: told the share done, an estimate that only grows and ends with 1.
    The result is the same for the same seed and number of threads.
    Raises: InputError unless 1 ≤ k ≤ n, n_init and max_iter are at least 1, `start` is (k, d), and
    all numbers are finite.
    """
    n, d = vectors.shape
    _check(n, d, k, n_init, max_iter, start)
    rows = _measure_rows(vectors, _Watch(n, progress))
    if start is None:
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(n, generator=generator).numpy()
        sizes = _list_sample_sizes(n, k)
        sample = rows.take(order[: sizes[0]]) if sizes else rows
        centres = _choose_starts(sample, k, n_init, generator)
        for size in sizes:
            sample = rows.take(order[:size])
            found, _ = _refine(sample, centres, max_iter, max(tolerance, SAMPLE_TOLERANCE))
            centres = found.centres
    else:
        centres = torch.tensor(start[None], dtype=torch.float32, device=rows.origin.device)
    found, n_iter = _refine(rows, centres, max_iter, tolerance)
    used = found.counts[0] > 0
    labels = (torch.cumsum(used, 0) - 1)[found.labels[0]]
    progress(1.0)
    return KMeansFit(
        labels.cpu().numpy().astype(np.int32),
        found.centres[0][used].cpu().numpy(),
        _measure_inertia(rows, found.centres[0], found.labels[0]),
        n_iter,
    )


class _Watch:
    """Tells progress from the rows looked at, without knowing how many steps are to come."""

    def __init__(self, n: int, progress: Callable[[float], None]) -> None:
        self._n = n
        self._seen = 0
        self._progress = progress

    def see(self, rows: int) -> None:
        self._seen += rows
        self._progress(1 - 0.75 ** (self._seen / self._n))


@dataclass(frozen=True)
class _Rows:
    """Rows, read in chunks onto the device.

    Distances are seen from the origin, a mean of rows, where float32 keeps most of their digits;
    norms: (n,) the rows' squared distances to it.
    """

    vectors: npt.NDArray[np.floating]
    norms: Tensor
    origin: Tensor
    watch: _Watch

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, places: npt.NDArray[np.int64]) -> _Rows:
        places = np.sort(places)
        norms = self.norms[torch.from_numpy(places).to(self.norms.device)]
        return _Rows(self.vectors[places], norms, self.origin, self.watch)

    def load(self, places: Tensor) -> Tensor:
        return _load(self.vectors[places.cpu().numpy()], self.origin.device)

    def chunks(self, size: int) -> Iterator[tuple[slice, Tensor]]:
        return _cut(self.vectors, size, self.origin.device)


class _Found(NamedTuple):
    """What a pass finds for r sets of k centres: centres (r, k, d), the nearest one's number and
    score (r, n), how many rows each has (r, k) and their sum (r, k, d), inertia (r,).
    """

    centres: Tensor
    labels: Tensor
    scores: Tensor
    counts: Tensor
    sums: Tensor
    inertia: Tensor

    def keep_best(self) -> _Found:
        best = self.inertia.argmin()
        return _Found(*(part[best, None] for part in self))


def _check(n: int, d: int, k: int, n_init: int, max_iter: int, start: Floats | None) -> None:
    if not 1 <= k <= n:
        raise InputError(f"k must be from 1 to {n:,} (rows); got {k}. Choose another k.")
    if n_init < 1 or max_iter < 1:
        raise InputError(
            f"n_init and max_iter must be at least 1; got {n_init} and {max_iter}. Raise them."
        )
    if start is not None and (start.shape != (k, d) or not np.isfinite(start).all()):
        raise InputError(
            f"start must hold {k} × {d} finite numbers, a centre a row; got shape {start.shape}. "
            "Leave it out, or give the centres of a fit with the same k."
        )


def _measure_rows(vectors: npt.NDArray[np.floating], watch: _Watch) -> _Rows:
    device = torch.device(choose_device())
    spread = np.linspace(0, len(vectors) - 1, min(len(vectors), MIN_SAMPLE)).astype(np.int64)
    mean = vectors[spread].mean(axis=0, dtype=np.float64)
    origin = torch.tensor(mean, dtype=torch.float32, device=device)
    chunks = _cut(vectors, MAX_ROWS_AT_ONCE, device)
    norms = torch.cat([(chunk - origin).square().sum(1) for _, chunk in chunks])
    if not torch.isfinite(norms.sum()):
        raise InputError(
            "k-means needs finite numbers within float32's range; some of the vectors hold others. "
            "Leave those rows out."
        )
    return _Rows(vectors, norms, origin, watch)


def _cut(
    vectors: npt.NDArray[np.floating], size: int, device: torch.device
) -> Iterator[tuple[slice, Tensor]]:
    for begin in range(0, len(vectors), size):
        part = slice(begin, begin + size)
        yield part, _load(vectors[part], device)


def _load(vectors: npt.NDArray[np.floating], device: torch.device) -> Tensor:
    return torch.from_numpy(np.require(vectors, np.float32, ["C", "W"])).to(device)


def _list_sample_sizes(n: int, k: int) -> list[int]:
    sizes, size = [], max(MIN_SAMPLE, ROWS_PER_CLUSTER * k)
    while 2 * size <= n:
        sizes.append(size)
        size *= GROWTH
    return sizes


def _choose_starts(rows: _Rows, k: int, n_init: int, generator: torch.Generator) -> Tensor:
    """(n_init, k, d) starts: rows drawn in proportion to their squared distance to the nearest one
    drawn before, of 2 + ln k draws the one that brings all rows nearest.
    """
    device, n = rows.origin.device, len(rows)
    ((_, raw),) = rows.chunks(n)
    x = raw - rows.origin
    nearest = torch.full((n_init, n), torch.inf, device=device)
    chosen = torch.zeros((n_init, k), dtype=torch.long, device=device)
    spent = torch.zeros((n_init, k), dtype=torch.bool, device=device)
    each = torch.arange(n_init, device=device)
    for step in range(k):
        if step == 0:
            drawn = torch.randint(n, (n_init, 1), generator=generator).to(device)
        else:
            reach = nearest.double().cumsum(1)
            share = torch.rand(
                (n_init, 2 + int(math.log(k))), generator=generator, dtype=torch.float64
            )
            drawn = torch.searchsorted(reach, share.to(device) * reach[:, -1:], right=True)
            drawn = drawn.clamp(max=n - 1)
            spent[:, step] = reach[:, -1] == 0
        lengths = rows.norms[drawn.view(-1), None] + rows.norms
        gaps = torch.addmm(lengths, x[drawn.view(-1)], x.T, alpha=-2)
        gaps[gaps <= ROUNDING * lengths] = 0
        gaps = gaps.view(n_init, -1, n).minimum(nearest[:, None])
        best = gaps.sum(2).argmin(1)
        nearest, chosen[:, step] = gaps[each, best], drawn[each, best]
    starts = raw[chosen]
    starts[spent] = NOWHERE
    return starts


def _refine(rows: _Rows, centres: Tensor, max_iter: int, tolerance: float) -> tuple[_Found, int]:
    """The best of (r, k, d) centres, moved until the inertia settles, and the number of passes."""
    before = torch.full((len(centres),), torch.inf, dtype=torch.float64, device=centres.device)
    for step in range(1, max_iter + 1):
        found = _scan(rows, centres)
        centres = (found.sums / found.counts.clamp(min=1)[:, :, None]).float()
        centres = torch.where(found.counts[:, :, None] > 0, centres, found.centres)
        filled = _fill(rows, found, centres)
        settled = bool((found.inertia >= (1 - tolerance) * before).all())
        if settled and not filled:
            break
        before = found.inertia
        if step % STEPS_PER_ROUND == 0:
            kept = before.argsort()[: (len(before) + 1) // 2]
            before, centres = before[kept], centres[kept]
    return found.keep_best(), step


def _scan(rows: _Rows, centres: Tensor) -> _Found:
    """Each row's nearest centre in each of the r sets: the highest x · c − |c|² / 2."""
    r, k, d = centres.shape
    n, device = len(rows), centres.device
    moved = centres.view(-1, d) - rows.origin
    exact = moved.double()
    offsets = -(exact @ rows.origin.double() + exact.square().sum(1) / 2).float()
    labels = torch.empty((r, n), dtype=torch.int32, device=device)
    scores = torch.empty((r, n), device=device)
    counts = torch.zeros(r * k, dtype=torch.long, device=device)
    sums = torch.zeros((r * k, d), dtype=torch.float64, device=device)
    first = torch.arange(0, r * k, k, device=device)[:, None]
    size = min(max(SCORES_AT_ONCE // (r * k), MIN_ROWS_AT_ONCE), MAX_ROWS_AT_ONCE)
    for part, chunk in rows.chunks(size):
        best, label = torch.addmm(offsets, chunk, moved.T).view(-1, r, k).max(2)
        labels[:, part], scores[:, part] = label.T, best.T
        places = (label.T + first).reshape(-1)
        own = places.bincount(minlength=r * k)
        # Rows in the order of their centres, summed centre by centre: no atomic additions, whose
        # order would vary on a GPU.
        order = places.argsort(stable=True) % len(chunk)
        sums += embedding_bag(order, chunk, own.cumsum(0) - own, mode="sum")
        counts += own
        rows.watch.see(len(chunk))
    inertia = (rows.norms - 2 * scores).sum(1, dtype=torch.float64)
    return _Found(centres, labels, scores, counts.view(r, k), sums.view(r, k, d), inertia)


def _measure_inertia(rows: _Rows, centres: Tensor, labels: Tensor) -> float:
    """From differences, which keep the digits that the comparison of scores has no need of."""
    gaps = [
        (chunk - centres[labels[part]]).square().sum(dtype=torch.float64)
        for part, chunk in rows.chunks(MIN_ROWS_AT_ONCE)
    ]
    return float(torch.stack(gaps).sum())


def _fill(rows: _Rows, found: _Found, centres: Tensor) -> bool:
    """Move centres that have no rows to the rows farthest from theirs; whether any was moved."""
    moved = False
    for start in torch.nonzero((found.counts == 0).any(1))[:, 0].tolist():
        empty = torch.nonzero(found.counts[start] == 0)[:, 0]
        gaps = rows.norms - 2 * found.scores[start]
        far = gaps.topk(min(len(rows), 16 * len(empty))).indices
        raw = rows.load(far)
        own = found.centres[start, found.labels[start, far].long()]
        differ = (raw - own).square().sum(1) > DIFFERENCE_ROUNDING * raw.square().sum(1)
        _, first = np.unique(raw[differ].cpu().numpy(), axis=0, return_index=True)
        fresh = raw[differ][np.sort(first)[: len(empty)]]
        centres[start, empty[: len(fresh)]] = fresh
        moved |= len(fresh) > 0
    return moved
