"""What every clustering algorithm promises, over worlds whose groups are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from tests.worlds import Blobs, scatter_blobs
from tools.clustering.algorithms import (
    ALGORITHMS,
    NOISE_JOINS,
    Clusterer,
    KMeansGroups,
    measure_membership,
)

APART = scatter_blobs([40, 40, 40, 40])
OVERLAPPING = scatter_blobs([60, 60, 60], spread=0.3)
UNEQUAL = scatter_blobs([120, 30, 10])
NOISY = scatter_blobs([50, 50, 50], noise=15)
TINY = scatter_blobs([3, 2], dimensions=3)
ONE_USER = scatter_blobs([1])
ALL_ALIKE = Blobs(np.full((30, 6), 0.25, np.float32), np.zeros(30, np.int32))
THREE_SAYINGS = Blobs(np.repeat(np.eye(3, dtype=np.float32), 9, axis=0), np.repeat([0, 1, 2], 9))
WORLDS = {
    "apart": APART,
    "overlapping": OVERLAPPING,
    "unequal": UNEQUAL,
    "noisy": NOISY,
    "tiny": TINY,
    "one user": ONE_USER,
    "all alike": ALL_ALIKE,
    "three sayings": THREE_SAYINGS,
}


@pytest.fixture(params=["kmeans", "ward"])
def kind(request: pytest.FixtureRequest) -> type[Clusterer]:
    return ALGORITHMS[request.param]


@pytest.fixture(params=ALGORITHMS)
def any_kind(request: pytest.FixtureRequest) -> Callable[..., Clusterer]:
    """Number of groups to a model; HDBSCAN finds the number itself."""
    kind = ALGORITHMS[request.param]
    return (lambda k, seed=0: kind(seed=seed)) if request.param == "hdbscan" else kind


def agree(model: Clusterer, world: Blobs) -> float:
    belongs = world.truth >= 0
    return float(adjusted_rand_score(world.truth[belongs], model.labels_[belongs]))


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_as_many_groups_as_asked_for_or_as_rows_differ(kind: type[Clusterer], world: Blobs) -> None:
    k = min(4, len(world.vectors))
    model = kind(k).fit(world.vectors)
    assert set(model.labels_) == set(range(min(k, len(np.unique(world.vectors, axis=0)))))


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_labels_centres_and_memberships_fit_each_other(
    any_kind: Callable[..., Clusterer], world: Blobs
) -> None:
    model = any_kind(min(4, len(world.vectors))).fit(world.vectors)
    m = len(model.centres_)
    assert model.labels_.shape == (len(world.vectors),)
    assert m >= 1
    assert set(model.labels_) - {-1} == set(range(m))
    assert model.centres_.shape == (m, world.vectors.shape[1])
    for label, centre in enumerate(model.centres_):
        own = world.vectors[model.labels_ == label]
        np.testing.assert_allclose(centre, own.mean(axis=0), atol=1e-5)
    nearest, strengths = model.assign(world.vectors)
    assert strengths.shape == (len(world.vectors), m)
    np.testing.assert_allclose(strengths.sum(axis=1), 1, atol=1e-5)
    assert ((strengths >= 0) & (strengths <= 1)).all()
    joined = nearest >= 0
    np.testing.assert_array_equal(nearest[joined], strengths.argmax(axis=1)[joined])


@pytest.mark.parametrize(
    ("world", "least"),
    [(APART, 1.0), (OVERLAPPING, 0.8), (UNEQUAL, 0.95), (NOISY, 0.9), (TINY, 1.0), (THREE_SAYINGS, 1.0)],
    ids=["apart", "overlapping", "unequal", "noisy", "tiny", "three sayings"],
)  # fmt: skip
def test_planted_groups_are_found(kind: type[Clusterer], world: Blobs, least: float) -> None:
    model = kind(len(set(world.truth[world.truth >= 0]))).fit(world.vectors)
    assert agree(model, world) >= least


@pytest.mark.parametrize("world", [APART, UNEQUAL, NOISY], ids=["apart", "unequal", "noisy"])
def test_density_finds_planted_groups_and_their_number(world: Blobs) -> None:
    assert agree(ALGORITHMS["hdbscan"]().fit(world.vectors), world) >= 0.9


def test_the_same_seed_gives_the_same_groups(any_kind: Callable[..., Clusterer]) -> None:
    first, again = (any_kind(3, seed=7).fit(NOISY.vectors) for _ in range(2))
    np.testing.assert_array_equal(first.labels_, again.labels_)


def test_the_order_of_users_does_not_matter(any_kind: Callable[..., Clusterer]) -> None:
    order = np.random.default_rng(1).permutation(len(OVERLAPPING.vectors))
    first = any_kind(3).fit(OVERLAPPING.vectors)
    shuffled = any_kind(3).fit(OVERLAPPING.vectors[order])
    assert adjusted_rand_score(first.labels_[order], shuffled.labels_) >= 0.95


def test_new_users_join_the_nearest_group(any_kind: Callable[..., Clusterer]) -> None:
    model = any_kind(4).fit(APART.vectors)
    fresh = scatter_blobs([40, 40, 40, 40], seed=9)
    labels, _ = model.assign(fresh.vectors)
    assert adjusted_rand_score(fresh.truth, labels) == 1


@pytest.mark.parametrize("k", [-1, 0, 6])
def test_a_group_count_that_cannot_be_is_refused(kind: type[Clusterer], k: int) -> None:
    with pytest.raises(ValueError, match=rf"k must be from 1 to 5 \(rows\); got {k}"):
        kind(k).fit(TINY.vectors)


def test_density_leaves_out_who_lies_between_the_groups() -> None:
    world = scatter_blobs([60, 60, 60], noise=60, dimensions=6)
    model = ALGORITHMS["hdbscan"]().fit(world.vectors)
    left_out = model.labels_ < 0
    assert left_out[world.truth < 0].mean() > 0.3
    assert left_out[world.truth >= 0].mean() < 0.02
    _, strengths = model.assign(world.vectors)
    assert strengths[left_out].max() < NOISE_JOINS / len(model.centres_)


def test_beyond_the_trees_sample_rows_join_the_nearest_group() -> None:
    world = scatter_blobs([2000, 1500, 1000], spread=0.2)
    for algorithm in ("kmeans", "ward"):
        assert agree(ALGORITHMS[algorithm](3).fit(world.vectors), world) >= 0.99


def test_groups_that_go_on_keep_their_order() -> None:
    world = scatter_blobs([40, 40, 40])
    start = np.eye(12, dtype=np.float32)[[2, 0, 1]] + 0.1
    model = KMeansGroups(3).fit_from(world.vectors, start)
    np.testing.assert_array_equal(model.labels_, np.array([1, 2, 0])[world.truth])


def test_membership_falls_with_the_square_of_the_distance() -> None:
    centres = np.array([[0, 0], [3, 0]], np.float32)
    # At (1, 0) the distances are 1 and 2: 1/1 against 1/4. At (0, 0) the first is the place itself.
    strengths = measure_membership(np.array([[1, 0], [0, 0], [1.5, 2]], np.float32), centres)
    np.testing.assert_allclose(strengths, [[0.8, 0.2], [1.0, 0.0], [0.5, 0.5]], atol=1e-6)
