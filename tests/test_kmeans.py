"""k-means: the groups it finds, what it promises of them, and how near the best it comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from tests.worlds import scatter_blobs
from tools.clustering.kmeans import KMeansFit, fit_kmeans
from tools.errors import Cancelled, InputError

LINE = np.array([[0], [1], [10], [11], [12]], np.float32)


def mix(n: int, d: int, k: int, *, spread: float, seed: int = 0) -> np.ndarray:
    """Unit vectors around k directions of unequal weight, overlapping the more they spread."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(k, d))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    own = rng.choice(k, n, p=rng.dirichlet(np.full(k, 2.0)))
    rows = centres[own] + rng.normal(0, spread / np.sqrt(d), (n, d))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def measure_gaps(fit: KMeansFit, rows: np.ndarray) -> np.ndarray:
    """(n, m) squared distances, in float64 and from differences."""
    return np.stack([((rows.astype(np.float64) - c) ** 2).sum(axis=1) for c in fit.centres], axis=1)


def test_five_points_on_a_line_fall_into_the_two_clusters_that_a_hand_would_draw() -> None:
    fit = fit_kmeans(LINE, 2)
    assert adjusted_rand_score([0, 0, 1, 1, 1], fit.labels) == 1
    np.testing.assert_allclose(np.sort(fit.centres[:, 0]), [0.5, 11])
    assert fit.inertia == pytest.approx(0.25 + 0.25 + 1 + 0 + 1)


def test_one_cluster_lies_at_the_mean_and_as_many_as_rows_lie_on_them() -> None:
    one = fit_kmeans(LINE, 1)
    assert set(one.labels) == {0}
    np.testing.assert_allclose(one.centres, [[6.8]], rtol=1e-6)
    assert one.inertia == pytest.approx(366 - 5 * 6.8**2)
    every = fit_kmeans(LINE, 5)
    np.testing.assert_allclose(every.centres[every.labels], LINE, atol=1e-5)
    assert every.inertia == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("n", [600, 40_000], ids=["all rows at once", "samples first"])
def test_planted_blobs_are_found_from_any_seed(n: int) -> None:
    world = scatter_blobs([n // 10] * 4 + [n // 5] * 3, spread=0.1)
    for seed in range(3):
        fit = fit_kmeans(world.vectors, 7, seed=seed)
        assert adjusted_rand_score(world.truth, fit.labels) > 0.999


@pytest.mark.parametrize(("n", "k"), [(500, 12), (40_000, 30)])
def test_labels_name_the_nearest_centre_and_inertia_adds_up(n: int, k: int) -> None:
    rows = mix(n, 16, 20, spread=0.8)
    fit = fit_kmeans(rows, k)
    gaps = measure_gaps(fit, rows)
    assert fit.labels.dtype == np.int32
    assert fit.centres.shape == (k, 16)
    assert set(fit.labels) == set(range(k))
    own = gaps[np.arange(n), fit.labels]
    np.testing.assert_allclose(own, gaps.min(axis=1), atol=1e-5)
    assert fit.inertia == pytest.approx(own.sum(), rel=1e-5)


def test_centres_settle_at_the_means_of_their_rows() -> None:
    rows = mix(800, 16, 8, spread=0.8)
    fit = fit_kmeans(rows, 8, tolerance=0)
    means = [rows[fit.labels == c].mean(axis=0) for c in range(8)]
    np.testing.assert_allclose(fit.centres, means, atol=1e-5)


def test_small_data_come_as_near_the_best_as_ten_runs_of_scikit_learn() -> None:
    ratios = []
    for k in (3, 8, 15):
        rows = mix(500, 30, 12, spread=1.2, seed=k)
        ours = [fit_kmeans(rows, k, seed=s, n_init=20).inertia for s in range(8)]
        theirs = [KMeans(k, n_init=10, random_state=s).fit(rows).inertia_ for s in range(8)]
        ratios.append(np.mean(ours) / np.mean(theirs))
    assert np.mean(ratios) < 1.001
    assert max(ratios) < 1.003


@pytest.mark.parametrize("spread", [0.6, 2.0], ids=["overlapping", "hardly any groups"])
def test_samples_cost_no_more_than_two_percent_of_inertia(spread: float) -> None:
    rows = mix(60_000, 24, 40, spread=spread)
    theirs = KMeans(40, random_state=0).fit(rows).inertia_
    assert fit_kmeans(rows, 40).inertia < 1.02 * theirs


def test_the_same_seed_gives_the_same_clusters() -> None:
    rows = mix(20_000, 16, 20, spread=1.5)
    first, again = (fit_kmeans(rows, 20, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.labels, again.labels)
    np.testing.assert_array_equal(first.centres, again.centres)


@pytest.mark.parametrize("value", [0.0, 0.1, -273.15])
def test_rows_all_alike_are_one_cluster(value: float) -> None:
    rows = np.full((300, 7), value, np.float32)
    fit = fit_kmeans(rows, 4)
    assert set(fit.labels) == {0}
    np.testing.assert_allclose(fit.centres, rows[:1], rtol=1e-5)
    assert 0 <= fit.inertia <= 1e-10 * (rows**2).sum()


def test_three_sayings_repeated_are_three_clusters_of_however_many_are_asked() -> None:
    truth = np.repeat([0, 1, 2], 90)
    rows = np.array([[0.1, 0.2], [0.3, 0.1], [0.9, 0.7]], np.float32)[truth]
    fit = fit_kmeans(rows, 10)
    assert fit.centres.shape == (3, 2)
    assert adjusted_rand_score(truth, fit.labels) == 1


def test_rare_rows_among_many_alike_are_found_though_the_sample_misses_them() -> None:
    rng = np.random.default_rng(0)
    rows = np.full((60_000, 8), 0.3, np.float32)
    rare = rng.choice(len(rows), 25, replace=False)
    rows[rare] = rng.normal(size=(25, 8))
    fit = fit_kmeans(rows, 26)
    assert len(fit.centres) == 26
    assert fit.inertia == pytest.approx(0, abs=1e-2)
    assert len(set(fit.labels[rare])) == 25


def test_far_from_zero_the_same_clusters_are_found() -> None:
    world = scatter_blobs([100, 100, 50], spread=0.1)
    fit = fit_kmeans(world.vectors + 1000, 3)
    assert adjusted_rand_score(world.truth, fit.labels) == 1
    assert fit.inertia == pytest.approx(fit_kmeans(world.vectors, 3).inertia, rel=0.01)


def test_half_precision_on_disk_is_read_as_it_lies(tmp_path: Path) -> None:
    rows = mix(20_000, 16, 10, spread=0.5).astype(np.float16)
    np.save(tmp_path / "rows.npy", rows)
    fit = fit_kmeans(np.load(tmp_path / "rows.npy", mmap_mode="r"), 10)
    np.testing.assert_array_equal(fit.labels, fit_kmeans(rows.astype(np.float32), 10).labels)


def test_a_warm_start_keeps_the_number_of_each_cluster_when_rows_are_added() -> None:
    rows = mix(30_000, 16, 12, spread=0.6)
    first = fit_kmeans(rows[:28_500], 12)
    again = fit_kmeans(rows, 12, start=first.centres)
    assert (again.labels[:28_500] == first.labels).mean() > 0.98
    assert again.n_iter <= 5


def test_warm_starts_far_from_every_row_move_to_rows() -> None:
    world = scatter_blobs([60, 60, 60, 60], spread=0.1)
    start = np.vstack([world.vectors[:1], np.full((3, 12), 40)]).astype(np.float32)
    fit = fit_kmeans(world.vectors, 4, start=start)
    assert adjusted_rand_score(world.truth, fit.labels) == 1
    assert fit.labels[0] == 0


def test_progress_only_grows_and_ends_with_one() -> None:
    told: list[float] = []
    fit_kmeans(mix(40_000, 8, 10, spread=1), 10, progress=told.append)
    assert len(told) > 20
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_long_run_can_be_cancelled_from_its_progress() -> None:
    def cancel(share: float) -> None:
        if share > 0.3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        fit_kmeans(mix(40_000, 8, 10, spread=1), 10, progress=cancel)


@pytest.mark.parametrize("k", [-1, 0, 6])
def test_a_number_of_clusters_that_cannot_be_is_refused(k: int) -> None:
    with pytest.raises(InputError, match=rf"k must be from 1 to 5 \(rows\); got {k}"):
        fit_kmeans(LINE, k)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="finite numbers"):
        fit_kmeans(np.array([[0], [np.nan], [1]], np.float32), 2)
    with pytest.raises(InputError, match="finite numbers"):
        fit_kmeans(LINE, 2, start=np.array([[0], [np.inf]], np.float32))


def test_a_start_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match=r"start must hold 2 × 1 .* got shape \(3, 1\)"):
        fit_kmeans(LINE, 2, start=LINE[:3])
