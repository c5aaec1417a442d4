"""Ranking measures by hand, splits, comparisons on planted worlds, lists for groups, and reasons."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.test_recommenders import PARITY, USERS, plant_parity
from tools.errors import InputError
from tools.evaluation.ranking import compare_paired, describe_spread, measure_lists
from tools.evaluation.recommenders import compare_recommenders
from tools.evaluation.splits import leave_last, split_at_random, split_by_time, split_each_user
from tools.recommendation.behaviour import Behaviour
from tools.recommendation.explanation import find_influences, find_place, forget_item
from tools.recommendation.group_ranking import rank_for_group
from tools.recommendation.histories import Histories, Interactions, Ints
from tools.recommendation.neighbours import ItemKNN
from tools.recommendation.popularity import Popularity


def matrix(rows: list[list[float]]) -> sp.csr_matrix:
    return sp.csr_matrix(np.array(rows, dtype=np.float32))


# Measures


def test_measures_by_hand() -> None:
    # Relevant are items 1 and 3; shown are 1, 0, 3, 2: hits at ranks 1 and 3.
    found = measure_lists(np.array([[1, 0, 3, 2]]), matrix([[0, 1, 0, 1, 0]]))
    assert found["precision"][0] == pytest.approx(2 / 4)
    assert found["recall"][0] == pytest.approx(2 / 2)
    assert found["MAP"][0] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert found["NDCG"][0] == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))
    assert found["MRR"][0] == 1
    assert found["hit rate"][0] == 1


def test_more_relevant_items_than_places_can_all_be_right() -> None:
    found = measure_lists(np.array([[0, 1]]), matrix([[1, 1, 1]]))
    assert (found["NDCG"][0], found["MAP"][0], found["precision"][0]) == (1, 1, 1)
    assert found["recall"][0] == pytest.approx(2 / 3)


def test_a_list_without_hits_or_items_is_worth_nothing() -> None:
    found = measure_lists(np.array([[-1, -1], [1, 2]]), matrix([[1, 0, 0], [1, 0, 0]]))
    assert all((values == 0).all() for values in found.values())


def test_spread_by_hand() -> None:
    liked = matrix([[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0]])
    popularity = np.array([3, 1, 1, 0], np.float32)
    found = describe_spread(np.array([[0, 1], [0, 2]]), popularity, 3, liked)
    assert found.coverage == 3 / 4
    assert found.novelty == pytest.approx(
        -np.mean([log2(3.5 / 4), log2(1.5 / 4), log2(3.5 / 4), log2(1.5 / 4)])
    )
    # Items 0 and 1 share one of three and one likers, as do 0 and 2: cosine 1 / √3.
    assert found.diversity == pytest.approx(1 - 1 / np.sqrt(3))
    # Percentiles: item 0 is above three of four, 1 and 2 share the middle.
    assert found.popularity == pytest.approx(np.mean([3.5 / 4, 0.5, 3.5 / 4, 0.5]))
    # Shown 0, 1, 1, 2 times: Gini by its definition, mean absolute difference over twice the mean.
    counts = np.array([0, 1, 1, 2])
    gini = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert found.concentration == pytest.approx(gini)


def test_a_paired_interval_holds_the_truth() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        common = rng.normal(0, 5, 80)  # what makes users differ is in both
        one, other = common + rng.normal(0.3, 1, 80), common + rng.normal(0, 1, 80)
        found = compare_paired(one, other, draws=400, seed=trial)
        held += found.low <= 0.3 <= found.high
    assert 0.9 <= held / 200 <= 0.985


# Splits


def read(rows: list[tuple[str, str, float, int]]) -> Interactions:
    table = pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "day"])
    table["time"] = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(table["day"], unit="D")
    return Interactions.read(table)


DIARY = [
    ("a", "x", 5.0, 1), ("a", "y", 1.0, 2), ("a", "z", 5.0, 3),
    ("b", "x", 5.0, 4), ("b", "y", 4.0, 5), ("b", "z", 1.0, 6),
    ("c", "z", 5.0, 7),
]  # fmt: skip


def name(known: Interactions, rows: Ints) -> set[tuple[str, str]]:
    return {
        (str(known.users[u]), str(known.items[i]))
        for u, i in zip(known.user[rows], known.item[rows], strict=True)
    }


def test_the_last_liked_thing_is_left_out_and_all_after_it() -> None:
    known = read(DIARY)
    split = leave_last(known)
    assert name(known, split.test) == {("a", "z"), ("b", "y")}
    assert name(known, split.training) == {("a", "x"), ("a", "y"), ("b", "x"), ("c", "z")}


def test_a_split_by_time_tests_on_what_came_last() -> None:
    known = read(DIARY)
    split = split_by_time(known, share=0.4)
    assert name(known, split.test) == {("b", "y"), ("c", "z")}  # the last was not liked
    assert name(known, split.training) == name(known, known.time <= known.time[3])
    undated = replace(known, time=np.full(len(known), np.nan))
    with pytest.raises(InputError, match="needs dates"):
        split_by_time(undated)


def test_a_random_split_shares_nothing_and_loses_no_like() -> None:
    known = read(DIARY * 1)
    split = split_at_random(known, share=0.5, seed=1)
    assert not (split.training & split.test).any()
    assert (split.training | split.test | ~known.liked).all()


def test_each_users_last_likes_are_the_test() -> None:
    rows = [("a", f"i{n}", 5.0, n) for n in range(10)] + [("b", "i0", 5.0, 3), ("c", "i1", 1.0, 4)]
    known = read([*rows, ("c", "i2", 5.0, 5)])
    split = split_each_user(known, share=0.2)
    assert name(known, split.test) == {("a", "i8"), ("a", "i9")}


def test_nothing_to_check_on_is_said() -> None:
    with pytest.raises(InputError, match="no user liked an item after another"):
        leave_last(read([("a", "x", 5.0, 1), ("b", "x", 1.0, 2)]))


def test_interactions_are_the_last_of_each_user_and_item() -> None:
    known = read([("a", "x", 1.0, 1), ("a", "x", 5.0, 9), ("a", "y", 5.0, 3), ("b", "y", 3.0, 2)])
    assert len(known) == 3
    everything = np.ones(3, dtype=bool)
    assert known.count(known.liked).toarray().tolist() == [[1, 1], [0, 0]]
    assert known.rank(everything).toarray().tolist() == [[1, 2], [0, 1]]  # x was met last


# Comparison


def plant_reviews(*, shuffled: bool = False) -> tuple[Behaviour, Ints]:
    """Users of two kinds who like the items of their kind, in random order; texts say the kind."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(120):
        own = rng.permutation(np.flatnonzero(np.arange(40) % 2 == user % 2))[:8]
        items = rng.permutation(40)[:8] if shuffled else own
        rows += [(f"u{user:03}", f"i{item:02}", 5.0, day) for day, item in enumerate(items)]
    known = read(rows)
    kinds = known.item % 2
    text = np.eye(2, 5, dtype=np.float32)[kinds] + rng.normal(0, 0.1, (len(known), 5))
    reviews = np.empty((len(known), 5), np.float32)
    reviews[known.review] = text
    return Behaviour(known, reviews), np.arange(120) % 2


def test_what_groups_and_texts_know_is_found_to_help() -> None:
    behaviour, groups = plant_reviews()
    found = compare_recommenders(behaviour, lambda rows: groups, leave_last, name="leave-last")
    assert found.n_users == 120
    by_name = {row.name: row for row in found.rows}
    assert found.winner.name != "popularity"
    assert found.winner.over_popularity.low > 0
    assert "better than popularity" in found.describe()
    assert by_name["group prior"].over_popularity.low > 0
    assert by_name["text hybrid"].over_popularity.low > 0
    for row in found.rows:
        assert sum(n for _, n in row.by_activity.values()) == 120
        assert sum(n for _, n in row.by_group.values()) == 120


def test_where_nothing_can_be_known_popularity_is_kept() -> None:
    behaviour, _ = plant_reviews(shuffled=True)
    groups = np.random.default_rng(1).integers(0, 2, 120)
    found = compare_recommenders(behaviour, lambda rows: groups, leave_last, name="leave-last")
    assert found.winner.name == "popularity"
    assert "no method was clearly better than popularity" in found.describe()


def test_users_are_grouped_by_the_training_alone() -> None:
    behaviour, groups = plant_reviews()
    seen: list[int] = []

    def group_users(rows: np.ndarray) -> Ints:
        seen.append(int(rows.sum()))
        return groups

    compare_recommenders(behaviour, group_users, leave_last, name="leave-last")
    # Eight reviews a user: the last, and in the validation the last two, are not looked at.
    assert sorted(seen) == [120 * 6, 120 * 7]


def test_too_few_users_are_said() -> None:
    rows = [(user, f"i{n}", 5.0, n) for user in "abc" for n in range(4)]
    behaviour = Behaviour(read(rows), np.zeros((len(rows), 2), np.float32))
    groups = np.full(3, -1)
    with pytest.raises(InputError, match=r"Only \d users .* at least 20 are needed"):
        compare_recommenders(behaviour, lambda rows: groups, split_each_user, name="each")


# Groups


def test_a_group_is_shown_what_its_members_like() -> None:
    training, item_text = plant_parity()
    model = ItemKNN(k=12).fit(training, item_text)
    even = training.take(np.arange(0, USERS, 2))
    shown = rank_for_group(model, even, 5)
    assert (PARITY[shown.items] == 0).all()
    assert (shown.suits > 0.2).all()


def planted_tastes() -> tuple[Popularity, Histories]:
    """Three members like items as given; everybody has met item 5."""
    scores = np.array(
        [[9, 5, 0, 4, 3, 8], [9, 5, 0, 4, 3, 8], [0, 5, 9, 4, 3, 8]], dtype=np.float32
    )

    class Given(Popularity):
        def score(self, users: Histories) -> np.ndarray:
            return scores[: len(users)]

    liked = matrix([[0, 0, 0, 0, 0, 1]] * 3)
    return Given().fit(Histories.of(liked)), Histories.of(liked)


def test_average_least_misery_and_fairness_by_hand() -> None:
    model, members = planted_tastes()
    assert rank_for_group(model, members, 2).items.tolist() == [0, 1]
    # Item 0 is somebody's worst, item 1 nobody's.
    assert rank_for_group(model, members, 1, aim="least misery").items.tolist() == [1]
    fair = rank_for_group(model, members, 2, aim="fair")
    assert fair.items.tolist() == [0, 2]  # then the third member gets something
    assert fair.covered == 1
    assert rank_for_group(model, members, 2).covered == pytest.approx(2 / 3)


def test_what_every_member_has_met_is_not_shown() -> None:
    model, members = planted_tastes()
    assert 5 not in rank_for_group(model, members, 6).items
    allowed = np.arange(6) >= 3
    assert rank_for_group(model, members, 6, allowed=allowed).items.tolist() == [3, 4]


# Reasons


def test_what_moves_an_item_up_is_what_it_is_liked_with() -> None:
    # Items 0 and 1 are liked together, and 2 and 3; a user of 0 and 2 is shown 1 because of 0.
    liked = matrix([[1, 1, 0, 0, 0]] * 4 + [[0, 0, 1, 1, 0]] * 3 + [[0, 0, 0, 0, 1]] * 5)
    model = ItemKNN(k=3, shrinkage=0.0).fit(Histories.of(liked))
    user = Histories.of(matrix([[1, 0, 1, 0, 0]]))
    assert find_place(model, user, 1) == 1
    (found,) = find_influences(model, user, [1])
    assert [(i.item, i.places > 0) for i in found] == [(0, True), (2, False)]


def test_an_item_that_was_met_is_placed_as_if_it_had_not_been() -> None:
    user = Histories.of(matrix([[1, 1, 0]]))
    without = forget_item(user, 1)
    assert without.liked.toarray().tolist() == [[1, 0, 0]]
    assert without.seen.toarray().tolist() == [[1, 0, 0]]
    assert user.liked.toarray().tolist() == [[1, 1, 0]]
