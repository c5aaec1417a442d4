"""What every clustering algorithm promises, over worlds whose groups are known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from tests.worlds import Blobs, scatter_blobs
from tools.clustering.algorithms import ALGORITHMS, Clusterer, measure_membership

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


@pytest.fixture(params=ALGORITHMS)
def kind(request: pytest.FixtureRequest) -> type[Clusterer]:
    return ALGORITHMS[request.param]


def agree(model: Clusterer, world: Blobs) -> float:
    belongs = world.truth >= 0
    return float(adjusted_rand_score(world.truth[belongs], model.labels_[belongs]))


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_labels_centres_and_memberships_fit_each_other(kind: type[Clusterer], world: Blobs) -> None:
    k = min(4, len(world.vectors))
    model = kind(k).fit(world.vectors)
    m = min(k, len(np.unique(world.vectors, axis=0)))
    assert model.labels_.shape == (len(world.vectors),)
    assert set(model.labels_) == set(range(m))
    assert model.centres_.shape == (m, world.vectors.shape[1])
    for label, centre in enumerate(model.centres_):
        own = world.vectors[model.labels_ == label]
        np.testing.assert_allclose(centre, own.mean(axis=0), atol=1e-5)
    nearest, strengths = model.assign(world.vectors)
    assert strengths.shape == (len(world.vectors), m)
    np.testing.assert_allclose(strengths.sum(axis=1), 1, atol=1e-5)
    assert ((strengths >= 0) & (strengths <= 1)).all()
    np.testing.assert_array_equal(nearest, strengths.argmax(axis=1))


@pytest.mark.parametrize(
    ("world", "least"),
    [(APART, 1.0), (OVERLAPPING, 0.8), (UNEQUAL, 0.95), (NOISY, 0.9), (TINY, 1.0), (THREE_SAYINGS, 1.0)],
    ids=["apart", "overlapping", "unequal", "noisy", "tiny", "three sayings"],
)  # fmt: skip
def test_planted_groups_are_found(kind: type[Clusterer], world: Blobs, least: float) -> None:
    model = kind(len(set(world.truth[world.truth >= 0]))).fit(world.vectors)
    assert agree(model, world) >= least


def test_the_same_seed_gives_the_same_groups(kind: type[Clusterer]) -> None:
    first, again = (kind(3, seed=7).fit(NOISY.vectors) for _ in range(2))
    np.testing.assert_array_equal(first.labels_, again.labels_)


def test_the_order_of_users_does_not_matter(kind: type[Clusterer]) -> None:
    order = np.random.default_rng(1).permutation(len(OVERLAPPING.vectors))
    first = kind(3).fit(OVERLAPPING.vectors)
    shuffled = kind(3).fit(OVERLAPPING.vectors[order])
    assert adjusted_rand_score(first.labels_[order], shuffled.labels_) >= 0.95


def test_new_users_join_the_nearest_group(kind: type[Clusterer]) -> None:
    model = kind(4).fit(APART.vectors)
    fresh = scatter_blobs([40, 40, 40, 40], seed=9)
    labels, _ = model.assign(fresh.vectors)
    assert adjusted_rand_score(fresh.truth, labels) == 1


@pytest.mark.parametrize("k", [-1, 0, 6])
def test_a_group_count_that_cannot_be_is_refused(kind: type[Clusterer], k: int) -> None:
    with pytest.raises(ValueError, match=rf"k must be from 1 to 5 \(rows\); got {k}"):
        kind(k).fit(TINY.vectors)


def test_membership_falls_with_the_square_of_the_distance() -> None:
    centres = np.array([[0, 0], [3, 0]], np.float32)
    # At (1, 0) the distances are 1 and 2: 1/1 against 1/4. At (0, 0) the first is the place itself.
    strengths = measure_membership(np.array([[1, 0], [0, 0], [1.5, 2]], np.float32), centres)
    np.testing.assert_allclose(strengths, [[0.8, 0.2], [1.0, 0.0], [0.5, 0.5]], atol=1e-6)
