"""Groups of users: who is in one, how many there are, and that the order of rows is no matter."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from agent.use_cases import Tribune
from tests.worlds import scatter_blobs
from tools.clustering.group_count import (
    Trial,
    choose_group_count,
    list_counts,
    try_group_counts,
)
from tools.clustering.groups import MIN_SENTENCES, find_groups
from tools.clustering.user_vectors import UserEvidence, UserSpace
from tools.errors import InputError
from tools.reviews import sample

NAN = float("nan")


def enough(n: int) -> np.ndarray:
    return np.full(n, MIN_SENTENCES, dtype=np.int32)


def test_users_who_said_too_little_join_no_group() -> None:
    world = scatter_blobs([30, 30])
    said = enough(60)
    said[[0, 1, 45]] = [4, 0, 1]
    groups = find_groups(world.vectors, said)
    assert set(np.flatnonzero(groups.labels < 0)) == {0, 1, 45}
    without = find_groups(np.delete(world.vectors, [0, 1, 45], axis=0), enough(57))
    np.testing.assert_array_equal(np.delete(groups.labels, [0, 1, 45]), without.labels)


@pytest.mark.parametrize("algorithm", ["kmeans", "ward"])
@pytest.mark.parametrize("sizes", [[30, 30], [20, 20, 20], [30, 25, 20, 15, 10], [14] * 7])
def test_the_planted_number_of_groups_is_chosen(sizes: list[int], algorithm: str) -> None:
    world = scatter_blobs(sizes, spread=0.12)
    groups = find_groups(world.vectors, enough(sum(sizes)), algorithm=algorithm)
    assert len(groups.centres) == len(sizes)
    assert adjusted_rand_score(world.truth, groups.labels) >= 0.99
    assert groups.curve[len(sizes)].stability > 0.95
    assert all(
        groups.curve[len(sizes)].separation >= trial.separation for trial in groups.curve.values()
    )
    assert groups.trusted.all()


def test_the_largest_group_is_the_first() -> None:
    world = scatter_blobs([10, 50, 25])
    groups = find_groups(world.vectors, enough(85), k=3)
    assert list(np.bincount(groups.labels)) == [50, 25, 10]
    for label, centre in enumerate(groups.centres):
        np.testing.assert_allclose(
            centre, world.vectors[groups.labels == label].mean(axis=0), atol=1e-5
        )


def test_the_order_of_users_does_not_matter() -> None:
    world = scatter_blobs([24, 24, 24], spread=0.2, noise=8)
    order = np.random.default_rng(0).permutation(80)
    first = find_groups(world.vectors, enough(80))
    shuffled = find_groups(world.vectors[order], enough(80))
    assert adjusted_rand_score(first.labels[order], shuffled.labels) >= 0.95


def test_too_few_users_form_no_group() -> None:
    for n in (0, 1, 7):
        groups = find_groups(np.ones((n, 3), np.float32), enough(n))
        assert list(groups.labels) == [-1] * n
        assert len(groups.centres) == 0


def test_users_who_are_all_alike_form_one_group() -> None:
    groups = find_groups(np.ones((40, 3), np.float32), enough(40))
    assert set(groups.labels) == {0}
    assert find_groups(np.ones((40, 3), np.float32), enough(40), k=5).centres.shape == (1, 3)


@pytest.mark.parametrize("k", [0, -3, 41])
def test_a_number_of_groups_that_cannot_be_ends_in_one_sentence(k: int) -> None:
    with pytest.raises(InputError, match=rf"from 1 to 40, the users with at least 5 .* got {k}\."):
        find_groups(scatter_blobs([20, 20]).vectors, enough(40), k=k)


def test_every_number_tried_leaves_eight_users_a_group() -> None:
    curve = try_group_counts(scatter_blobs([20, 20]).vectors, largest=20)
    assert list(curve) == [2, 3, 4, 5]
    for trial in curve.values():
        assert -1 <= trial.separation <= 1
        assert -0.5 <= trial.stability <= 1


def test_beyond_twenty_numbers_are_tried_in_steps_of_a_tenth() -> None:
    assert list_counts(10_000, 30) == [*range(2, 21), 22, 24, 26, 29]
    assert list_counts(20, 30) == [2]
    assert list_counts(15, 30) == []


def test_the_most_stable_number_is_taken_that_is_well_separated() -> None:
    curve = {2: Trial(0.14, 0.99), 3: Trial(0.25, 0.9), 4: Trial(0.3, 0.7)}
    assert choose_group_count(curve) == 3  # two are under half as well separated as four
    assert choose_group_count({}) == 1


def test_of_numbers_as_stable_as_the_best_the_largest_is_taken() -> None:
    curve = {5: Trial(0.3, 0.8), 6: Trial(0.3, 0.79, 0.012), 7: Trial(0.3, 0.78, 0.012)}
    assert choose_group_count(curve) == 6


def test_the_number_in_use_stays_unless_another_is_clearly_more_stable() -> None:
    curve = {3: Trial(0.3, 0.8), 4: Trial(0.3, 0.82), 5: Trial(0.3, 0.86)}
    assert choose_group_count(curve, before=4) == 5
    curve[5] = Trial(0.3, 0.84)
    assert choose_group_count(curve, before=4) == 4
    assert choose_group_count(curve, before=9) == 5


def test_a_continuum_is_not_cut_in_two() -> None:
    continuum = {2: Trial(0.09, 0.9), 4: Trial(0.05, 0.9), 5: Trial(0.04, 0.6), 6: Trial(0.05, 0.7)}
    assert choose_group_count(continuum) == 6
    assert choose_group_count({2: Trial(0.09, 0.9), 3: Trial(0.05, 0.8)}) == 2
    assert choose_group_count(continuum | {3: Trial(0.11, 0.95)}) == 3


def test_groups_of_no_one_are_not_trusted() -> None:
    rng = np.random.default_rng(3)
    random = rng.normal(size=(200, 20)).astype(np.float32)
    found = find_groups(random, enough(200))
    assert len(found.centres) > 1
    assert not found.trusted.any()


def test_a_torn_group_is_less_trusted_than_a_whole_one() -> None:
    world = scatter_blobs([160, 30, 30], spread=0.15)
    torn = find_groups(world.vectors, enough(220), k=4)
    halves = np.unique(torn.labels[world.truth == 0])
    whole = np.setdiff1d(np.arange(4), halves)
    assert (len(halves), len(whole)) == (2, 2)
    assert torn.trust[halves].max() < 0.8
    assert torn.trust[whole].min() > 0.9
    assert not torn.trusted[halves].any()
    assert find_groups(world.vectors, enough(220), k=3).trusted.all()


def test_shuffled_users_of_the_sample_world_form_no_trusted_group(sample_tribune: Tribune) -> None:
    vectors = np.load(sample_tribune.version / "user_vectors.npy")
    said = sample_tribune.users["n_sentences"].to_numpy(np.int32)
    shuffled = np.random.default_rng(1).permuted(vectors, axis=0)
    assert not find_groups(shuffled, said).trusted.any()
    assert all(card.trusted for card in sample_tribune.cards)


def test_groups_of_the_sample_world_are_the_planted_ones(sample_tribune: Tribune) -> None:
    with sample.TRUTH.open(encoding="utf-8") as f:
        truth = {row["user_id"]: row["group"] for row in csv.DictReader(f)}
    users = sample_tribune.users
    assert set(users["user_id"]) == set(truth)
    both = users[users["group_id"].notna() & users["user_id"].map(truth).ne("")]
    assert len(both) > 250
    assert adjusted_rand_score(both["user_id"].map(truth), both["group_id"]) >= 0.85
    quiet = users["n_sentences"] < MIN_SENTENCES
    assert users.loc[quiet, "group_id"].isna().all()
    assert users.loc[~quiet, "group_id"].notna().all()


def test_reordered_users_of_the_sample_world_form_the_same_groups(sample_tribune: Tribune) -> None:
    users = sample_tribune.users
    vectors = np.load(sample_tribune.version / "user_vectors.npy")
    order = np.random.default_rng(4).permutation(len(users))
    said = users["n_sentences"].to_numpy(np.int32)[order]
    groups = find_groups(vectors[order], said, k=len(sample_tribune.groups))
    placed = groups.labels >= 0
    published = users["group_id"].to_numpy()[order][placed]
    assert adjusted_rand_score(published, groups.labels[placed]) >= 0.95


# User vectors


def tell(
    mentions: list[list[float]], polarity: list[list[float]] | None = None, **more: object
) -> UserEvidence:
    n = len(mentions)
    given = {
        "categories": np.zeros((n, 0), np.float32),
        "price": np.full(n, np.nan, np.float32),
        "rating": np.full(n, np.nan, np.float32),
        "reviews": np.ones(n, np.float32),
    } | {key: np.array(value, np.float32) for key, value in more.items()}  # fmt: skip
    warmth = polarity if polarity is not None else np.zeros_like(mentions)
    return UserEvidence(np.array(mentions, np.float32), np.array(warmth, np.float32), **given)


def build_user_vectors(evidence: UserEvidence) -> np.ndarray:
    return UserSpace.learn(evidence).place(evidence)


def test_interest_is_a_shrunk_share_beside_the_average_one() -> None:
    vectors = build_user_vectors(tell([[4, 0], [0, 4]]))
    # Shares with 4 pseudo-sentences, half on each topic: 6/8 and 2/8; the average is 1/2.
    high, low = np.sqrt(0.75) - np.sqrt(0.5), np.sqrt(0.25) - np.sqrt(0.5)
    np.testing.assert_allclose(vectors[:, :2], [[high, low], [low, high]], atol=1e-6)
    assert vectors.shape == (2, 2 + 2 + 0 + 2)


def test_warmth_is_beside_what_all_say_and_shrunk() -> None:
    vectors = build_user_vectors(tell([[2, 1], [2, 1]], [[2, 0], [-2, 0]]))
    # On topic 0 all in all 0: (2 − 0) / (2 + 2) = 0.5 of which a quarter counts.
    np.testing.assert_allclose(vectors[:, 2], [0.125, -0.125], atol=1e-6)
    np.testing.assert_allclose(vectors[:, 3], 0, atol=1e-6)


def test_who_said_little_lies_near_the_middle() -> None:
    vectors = build_user_vectors(tell([[20, 0], [1, 0], [0, 20]]))
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths[1] < lengths[0] / 2


def test_price_and_rating_that_nobody_knows_count_for_nothing() -> None:
    unknown = build_user_vectors(tell([[3, 1], [1, 3]]))
    assert np.isfinite(unknown).all()
    assert not unknown[:, -2:].any()
    alike = build_user_vectors(tell([[3, 1], [1, 3]], price=[50, 50], rating=[4, 4]))
    assert not alike[:, -2:].any()
    told = build_user_vectors(
        tell([[3, 1], [1, 3], [2, 2]], price=[10, 1000, NAN], rating=[1, 5, NAN])
    )
    assert told[0, -2] < 0 < told[1, -2]
    assert told[0, -1] < 0 < told[1, -1]
    assert not told[2, -2:].any()


def test_categories_tell_users_apart_who_talk_alike() -> None:
    vectors = build_user_vectors(tell([[2, 2], [2, 2]], categories=[[5, 0], [0, 5]]))
    assert np.linalg.norm(vectors[0] - vectors[1]) > 0.1
    np.testing.assert_allclose(vectors[0, 4:6], -vectors[1, 4:6][::1] * 0 + vectors[1, 4:6][::-1])
