"""One contract over every recommender, on a world whose answer is known: even users like even
items, odd users odd ones, and what they write says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from tools.errors import InputError
from tools.recommendation.blends import Blend, GroupPrior, TextHybrid
from tools.recommendation.ease import EASE, MAX_ITEMS
from tools.recommendation.factorisation import ALS
from tools.recommendation.graph_filter import GraphFilter
from tools.recommendation.histories import Histories
from tools.recommendation.lightgcn import LightGCN
from tools.recommendation.neighbours import ItemKNN, UserKNN, keep_largest
from tools.recommendation.popularity import Popularity
from tools.recommendation.recommender import Recommender
from tools.recommendation.saving import KINDS, describe, load, make, save

USERS, ITEMS = 60, 24
PARITY = np.arange(ITEMS) % 2

MAKERS: dict[str, Callable[[], Recommender]] = {
    "popularity": Popularity,
    "item-kNN": lambda: ItemKNN(k=12),
    "user-kNN": lambda: UserKNN(k=20),
    "ALS": lambda: ALS(factors=2, confidence=2.0),
    "EASE": lambda: EASE(ridge=5.0),
    "graph filter": GraphFilter,
    "LightGCN": lambda: LightGCN(factors=8, epochs=60, rate=0.05),
    "blend": lambda: Blend(GraphFilter(), ALS(factors=4)),
    "text hybrid": lambda: TextHybrid(ItemKNN(k=12)),
    "group prior": lambda: GroupPrior(ItemKNN(k=12)),
}
PERSONAL = [name for name in MAKERS if name != "popularity"]


def plant_parity(seed: int = 0) -> tuple[Histories, np.ndarray]:
    """Each user liked about half of the items of their own parity."""
    rng = np.random.default_rng(seed)
    own = (np.arange(USERS) % 2)[:, None] == PARITY
    liked = sp.csr_matrix((own & (rng.random((USERS, ITEMS)) < 0.5)).astype(np.float32))
    directions = np.eye(2, 6, dtype=np.float32)
    text = directions[np.arange(USERS) % 2] + rng.normal(0, 0.1, (USERS, 6)).astype(np.float32)
    item_text = directions[PARITY] + rng.normal(0, 0.1, (ITEMS, 6)).astype(np.float32)
    return Histories(liked, liked, text, np.arange(USERS) % 2), item_text


@pytest.fixture(scope="module")
def learned() -> dict[str, Recommender]:
    training, item_text = plant_parity()
    return {name: maker().fit(training, item_text) for name, maker in MAKERS.items()}


def test_every_kind_is_under_contract() -> None:
    assert {kind.name for kind in KINDS} == set(MAKERS)


@pytest.mark.parametrize("name", PERSONAL)
def test_even_users_are_shown_even_items(name: str, learned: dict[str, Recommender]) -> None:
    users, _ = plant_parity()
    shown = learned[name].recommend(users, 4).items
    right = PARITY[shown] == (np.arange(USERS) % 2)[:, None]
    assert right.mean() > 0.95


@pytest.mark.parametrize("name", PERSONAL)
def test_new_users_are_folded_in(name: str, learned: dict[str, Recommender]) -> None:
    users, _ = plant_parity(seed=9)
    # Of what they wrote and their groups nothing is known.
    strangers = Histories.of(users.liked)
    shown = learned[name].recommend(strangers, 4).items
    right = PARITY[shown] == (np.arange(USERS) % 2)[:, None]
    assert right.mean() > 0.9


@pytest.mark.parametrize("name", MAKERS)
def test_what_was_seen_is_not_shown(name: str, learned: dict[str, Recommender]) -> None:
    users, _ = plant_parity()
    met = users.liked.tolil()
    met[:, 0] = 1  # seen by all, whether liked or not
    seen = sp.csr_matrix(met)
    shown = learned[name].recommend(replace(users, seen=seen), ITEMS)
    for row, items in enumerate(shown.items):
        own = items[items >= 0]
        assert not seen[row, own].toarray().any()
        assert len(own) == ITEMS - seen[row].nnz == len(set(own.tolist()))
        assert np.isnan(shown.scores[row, len(own) :]).all()
        assert (np.diff(shown.scores[row, : len(own)]) <= 0).all()


@pytest.mark.parametrize("name", MAKERS)
def test_of_a_user_without_likes_the_most_popular_is_shown(
    name: str, learned: dict[str, Recommender]
) -> None:
    training, _ = plant_parity()
    nobody = Histories.of(sp.csr_matrix((1, ITEMS), dtype=np.float32))
    top = learned[name].recommend(nobody, 1).items[0, 0]
    popularity = np.asarray(training.liked.sum(axis=0)).ravel()
    assert popularity[top] == popularity.max()


@pytest.mark.parametrize("name", MAKERS)
def test_filters_are_kept(name: str, learned: dict[str, Recommender]) -> None:
    users, _ = plant_parity()
    allowed = np.arange(ITEMS) < 3
    shown = learned[name].recommend(users, 5, allowed).items
    assert set(np.unique(shown)) <= {-1, 0, 1, 2}
    assert (shown[:, 3:] == -1).all()


@pytest.mark.parametrize("name", PERSONAL)
def test_similar_items_are_of_the_same_parity(name: str, learned: dict[str, Recommender]) -> None:
    items = np.arange(ITEMS)
    found = learned[name].find_similar_items(items, 3).items
    assert not (found == items[:, None]).any()
    assert (PARITY[found] == PARITY[:, None]).mean() > 0.9


@pytest.mark.parametrize("name", PERSONAL)
def test_similar_users_are_of_the_same_parity(name: str, learned: dict[str, Recommender]) -> None:
    users, _ = plant_parity()
    found, cosines = learned[name].find_similar_users(users, users, 5, np.arange(USERS))
    assert not (found == np.arange(USERS)[:, None]).any()
    assert (found % 2 == (np.arange(USERS) % 2)[:, None]).mean() > 0.95
    assert (np.diff(cosines, axis=1) <= 0).all()


@pytest.mark.parametrize("name", MAKERS)
def test_saved_and_loaded_it_says_the_same(
    name: str, learned: dict[str, Recommender], tmp_path: Path
) -> None:
    users, _ = plant_parity(seed=9)
    save(learned[name], tmp_path)
    again = load(tmp_path)
    assert describe(again) == describe(learned[name])
    np.testing.assert_allclose(again.score(users), learned[name].score(users), rtol=1e-5)
    with np.load(tmp_path / "recommender.npz", allow_pickle=False) as arrays:
        assert all(arrays[key].dtype != object for key in arrays.files)


@pytest.mark.parametrize("name", MAKERS)
def test_edges_end_in_an_answer(name: str) -> None:
    maker = MAKERS[name]
    one_item = Histories.of(sp.csr_matrix(np.ones((3, 1), np.float32)))
    shown = maker().fit(one_item).recommend(one_item, 2)
    assert (shown.items == -1).all()  # everything was seen
    some = np.zeros((4, 5), np.float32)
    some[0, :2] = some[1, 1] = 1  # two users liked nothing, three items are liked by nobody
    empty = Histories.of(sp.csr_matrix(some))
    assert (maker().fit(empty).recommend(empty, 3).items[3] >= 0).all()
    assert maker().fit(empty).recommend(empty.take(np.array([], dtype=int)), 3).items.shape == (
        0,
        3,
    )
    with pytest.raises(InputError, match="no user liked any item"):
        maker().fit(Histories.of(sp.csr_matrix((3, 4), dtype=np.float32)))


@pytest.mark.parametrize("name", MAKERS)
def test_bad_input_is_told(name: str, learned: dict[str, Recommender]) -> None:
    users, _ = plant_parity()
    with pytest.raises(InputError, match="at least 1; got 0"):
        learned[name].recommend(users, 0)
    with pytest.raises(InputError, match=f"knows {ITEMS} items; got histories over 2"):
        learned[name].recommend(Histories.of(sp.csr_matrix((2, 2), dtype=np.float32)), 1)


def test_ease_refuses_more_items_than_its_square_can_hold() -> None:
    wide = sp.csr_matrix(([1.0], ([0], [0])), shape=(1, MAX_ITEMS + 1))
    with pytest.raises(InputError, match="at most 20,000 items"):
        EASE().fit(Histories.of(wide))


# By hand


def test_item_knn_by_hand() -> None:
    # Item 0 is liked by users 0 and 1, item 1 by 0 and 1, item 2 by user 1 alone.
    liked = sp.csr_matrix(np.array([[1, 1, 0], [1, 1, 1]], np.float32))
    model = ItemKNN(k=2, shrinkage=0.0).fit(Histories.of(liked))
    one = Histories.of(sp.csr_matrix(np.array([[1, 0, 0]], np.float32)))
    np.testing.assert_allclose(model.score(one), [[0, 1, 1 / np.sqrt(2)]], rtol=1e-6)


def test_graph_filter_by_hand() -> None:
    liked = sp.csr_matrix(np.array([[1, 1, 0], [0, 1, 1]], np.float32))
    model = GraphFilter(users=1.0, source=0.5, target=0.5, sharpness=1.0).fit(Histories.of(liked))
    one = Histories.of(sp.csr_matrix(np.array([[1, 0, 0]], np.float32)))
    # Users count 1/2; item 1 has degree 2: from item 0 to it 1/2 · 1/√1 · 1/√2.
    np.testing.assert_allclose(model.score(one), [[1 / 2, 1 / (2 * np.sqrt(2)), 0]], rtol=1e-6)


def test_a_user_is_folded_into_als_by_its_equation() -> None:
    training, _ = plant_parity()
    model = ALS(factors=3, regularization=0.5, confidence=5.0).fit(training)
    items = model.items_.astype(np.float64)
    for user in range(5):
        own = training.liked[user].toarray().ravel() > 0
        weights = np.where(own, 5.0, 1.0)
        exact = np.linalg.solve(
            items.T @ (items * weights[:, None]) + 0.5 * np.eye(3), items.T @ (weights * own)
        )
        found = model.embed(training.take(np.array([user])))[0]
        np.testing.assert_allclose(found, exact, rtol=0.01, atol=1e-4)


def test_group_prior_by_hand() -> None:
    # Group 0 likes item 0, group 1 item 1; a user without likes follows their group.
    liked = sp.csr_matrix(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32))
    training = Histories(liked, liked, np.zeros((4, 0), np.float32), np.array([0, 0, 1, 1]))
    model = GroupPrior(Popularity(), trust=1.0, smoothing=1.0).fit(training)
    assert model.recommend(training.take(np.array([3])), 1).items[0, 0] == 1
    alone = replace(training.take(np.array([3])), groups=np.array([-1]))
    assert model.recommend(alone, 1).items[0, 0] == 0


def test_what_was_met_and_when_counts_by_hand() -> None:
    liked = sp.csr_matrix(np.array([[1, 0, 1, 0]], np.float32))
    seen = sp.csr_matrix(np.array([[3, 2, 1, 0]], np.float32))  # item 2 was the last
    user = replace(Histories.of(liked), seen=seen)
    assert user.weigh(0.0).toarray().tolist() == [[1, 0, 1, 0]]
    assert user.weigh(0.5).toarray().tolist() == [[1, 0.5, 1, 0]]
    assert user.weigh(0.5, half_life=1.0).toarray().tolist() == [[0.25, 0.25, 1, 0]]


def test_of_equal_neighbours_the_first_are_kept() -> None:
    matrix = sp.csr_matrix(np.array([[1, 2, 2, 0], [0, 0, 0, 3]], np.float32))
    kept = keep_largest(matrix, 2).toarray()
    assert kept.tolist() == [[0, 2, 2, 0], [0, 0, 0, 3]]
    assert keep_largest(matrix, 1).toarray().tolist() == [[0, 2, 0, 0], [0, 0, 0, 3]]


def test_a_description_makes_the_same_recommender() -> None:
    given = GroupPrior(TextHybrid(GraphFilter(sharpness=2.0), own=0.7), trust=4.0)
    assert describe(make(describe(given))) == describe(given)
