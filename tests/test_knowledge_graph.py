"""The knowledge graph: its edges by hand, and paths, vectors and relations in planted worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tools.errors import InputError, UnknownName
from tools.recommendation.graph_edges import build_graph
from tools.recommendation.graph_neighbourhood import to_networkx
from tools.recommendation.graph_paths import PathFinder, Step
from tools.recommendation.graph_vectors import embed_nodes, find_nearest
from tools.recommendation.group_relations import compare_tastes, relate_groups
from tools.recommendation.knowledge_graph import KnowledgeGraph
from tools.reviews import sample

Rating = tuple[str | None, str | None, float]
Said = tuple[str | None, str | None, int, float]


@dataclass(frozen=True)
class Tables:
    reviews: pd.DataFrame
    sentences: pd.DataFrame
    users: pd.DataFrame
    items: pd.DataFrame
    topics: pd.DataFrame
    groups: pd.DataFrame

    def build(self) -> KnowledgeGraph:
        return build_graph(**vars(self))


def tabulate(
    ratings: Sequence[Rating],
    said: Sequence[Said] = (),
    member: Mapping[str, int] | None = None,
    category: Mapping[str, str] | None = None,
    topics: Sequence[str] = (),
) -> Tables:
    """A version's tables. ratings: user, item and stars, one review each; said: user, item, topic
    (its place among the topics, −1 for none) and polarity, one sentence each.
    """
    member, category = member or {}, category or {}
    reviews = pd.DataFrame(ratings, columns=["user_id", "item_id", "rating"])
    reviews["rating"] = reviews["rating"].astype("float64")
    reviews["time"] = pd.Timestamp("2025-01-01")
    sentences = pd.DataFrame(said, columns=["user_id", "item_id", "topic_id", "polarity"])
    sentences["review_id"] = [f"{user} on {item}" for user, item, _, _ in said]
    users = pd.DataFrame({"user_id": sorted({user for user, _, _ in ratings if user})})
    users["group_id"] = pd.Series([member.get(u) for u in users["user_id"]], dtype="Int64")
    users["strength"] = [0.5 if u in member else np.nan for u in users["user_id"]]
    items = pd.DataFrame({"item_id": sorted({item for _, item, _ in ratings if item})})
    items["title"] = [f"Hotel {item}" for item in items["item_id"]]
    items["category"] = pd.Series([category.get(i) for i in items["item_id"]], dtype=object)
    groups = sorted(set(member.values()))
    return Tables(
        reviews,
        sentences.astype({"topic_id": "int32", "polarity": "float32"}),
        users,
        items,
        pd.DataFrame({"topic_id": np.arange(len(topics)), "name": list(topics)}),
        pd.DataFrame(
            {"group_id": pd.Series(groups, dtype="Int64"), "name": [f"Group {g}" for g in groups]}
        ),
    )


def list_edges(graph: KnowledgeGraph) -> dict[tuple[str, str, str], tuple[float, int]]:
    columns = ("source", "relation", "target", "weight", "n")
    return {
        (source, relation, target): (pytest.approx(weight, abs=1e-6), n)
        for source, relation, target, weight, n in zip(
            *(graph.edges[column] for column in columns), strict=True
        )
    }


# By hand

RATINGS: list[Rating] = [
    ("a", "x", 5), ("a", "y", 5), ("b", "x", 4), ("b", "y", 5),
    ("c", "x", 5), ("c", "z", 1), ("d", "z", 5), ("d", "y", 3),
]  # fmt: skip
SAID: list[Said] = [
    ("a", "x", 0, 0.8), ("a", "x", 0, 0.4), ("a", "y", 0, 0.0),  # warm on average: 0.4
    ("b", "x", 0, -0.6),
    ("c", "z", 1, 0.9), ("c", "z", 1, -0.9), ("c", "x", -1, 0.9),
    ("d", "z", 1, 0.8), ("d", "z", 1, 0.8),
]  # fmt: skip


@pytest.fixture(scope="module")
def small() -> KnowledgeGraph:
    return tabulate(
        RATINGS,
        SAID,
        member={"a": 1, "b": 1, "c": 2},
        category={"x": "hotel", "y": "hotel"},
        topics=["pool", "staff"],
    ).build()


def test_edges_by_hand(small: KnowledgeGraph) -> None:
    likes = {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "x"), ("d", "z")}
    assert list_edges(small) == {
        **{(f"user:{user}", "likes", f"item:{item}"): (1, 1) for user, item in likes},
        ("user:c", "dislikes", "item:z"): (1, 1),
        ("user:a", "speaks warmly of", "topic:0"): (0.4, 2),
        ("user:b", "speaks coldly of", "topic:0"): (0.6, 1),
        ("user:d", "speaks warmly of", "topic:1"): (0.8, 2),
        # x: a's review 0.6 and b's −0.6; z: c's review 0 and d's 0.8, each one voice.
        ("item:z", "is praised for", "topic:1"): (0.4, 1),
        ("item:x", "is in", "category:hotel"): (1, 1),
        ("item:y", "is in", "category:hotel"): (1, 1),
        ("user:a", "is a member of", "group:1"): (0.5, 1),
        ("user:b", "is a member of", "group:1"): (0.5, 1),
        ("user:c", "is a member of", "group:2"): (0.5, 1),
        ("group:1", "likes", "item:x"): (1, 2),
        ("group:1", "likes", "item:y"): (1, 2),
        ("group:2", "likes", "item:x"): (1, 1),
        ("group:1", "speaks warmly of", "topic:0"): (0.5, 1),
    }


def test_nodes_have_names(small: KnowledgeGraph) -> None:
    names = dict(zip(small.nodes["node"], small.nodes["name"], strict=True))
    assert len(small) == len(names) == 4 + 3 + 1 + 2 + 2
    assert names["user:a"] == "a"
    assert names["item:x"] == "Hotel x"
    assert names["category:hotel"] == "hotel"
    assert names["topic:1"] == "staff"
    assert names["group:2"] == "Group 2"


def test_without_ratings_to_be_met_is_to_be_liked() -> None:
    graph = tabulate([("a", "x", np.nan), ("b", "x", np.nan)]).build()
    assert set(graph.edges["relation"]) == {"likes"}


def test_ids_that_no_table_holds_have_no_edges() -> None:
    tables = tabulate([("a", "x", 5), ("b", "y", 1)], [("a", "x", 0, 0.9)], topics=["pool"])
    graph = build_graph(
        tables.reviews,
        tables.sentences,
        tables.users[tables.users["user_id"] == "b"],
        tables.items[tables.items["item_id"] == "x"],
        tables.topics,
        tables.groups,
    )
    assert list(list_edges(graph)) == [("item:x", "is praised for", "topic:0")]


def test_a_path_by_hand(small: KnowledgeGraph) -> None:
    (path,) = PathFinder(small).find_paths("c", "y")
    assert path.shape == "also liked"
    assert path.nodes == ("user:c", "item:x", "item:y")
    assert path.name == "Hotel x"
    # Both others who like x like y, as do 2 of the 3 others who like anything.
    assert path.steps == (Step(2, 2, pytest.approx(4 / 3)),)
    assert path.weight == pytest.approx(log(3 / (4 / 3 + 1)))


def test_what_the_user_did_with_the_item_is_no_reason(small: KnowledgeGraph) -> None:
    # Besides a: b likes y, and is of a's group; x is liked by 2 of 3. All that is liked and has a
    # category is a hotel.
    found = PathFinder(small).find_paths("a", "x")
    assert {path.shape: path.steps for path in found} == {
        "also liked": (Step(1, 1, pytest.approx(2 / 3)),),
        "group": (Step(1, 1, pytest.approx(2 / 3)),),
    }


def test_a_path_of_a_group_by_hand(small: KnowledgeGraph) -> None:
    (path,) = PathFinder(small).find_group_paths("1", "y")
    # Both members like y, as does half of everyone.
    assert (path.shape, path.nodes) == ("group", ("group:1", "item:y"))
    assert path.steps == (Step(2, 2, 1.0),)
    assert path.weight == pytest.approx(log(3 / 2))


def test_a_category_is_weighed_by_what_others_like() -> None:
    ratings = [("a", "x", 5), ("a", "y", 5), ("b", "w", 5), ("b", "z", 5), ("c", "z", 5)]
    category = {"x": "hotel", "y": "hotel", "z": "hotel", "w": "bar"}
    finder = PathFinder(tabulate(ratings, category=category).build())
    (path,) = finder.find_paths("a", "z")
    assert path.nodes == ("user:a", "category:hotel", "item:z")
    # Both likes of a are of hotels, and 2 of 3 of the others'.
    assert path.steps == (Step(2, 2, pytest.approx(4 / 3)),)
    assert finder.find_paths("a", "w") == []


def test_a_topic_that_everyone_praises_is_a_weaker_reason_than_a_rare_one() -> None:
    ratings: list[Rating] = [("me", "home", 5), ("guest", "inn", 5)]
    said: list[Said] = [(u, i, topic, 0.9) for u, i, _ in ratings for topic in (0, 1)]
    for row in range(8):
        ratings.append((f"u{row}", f"i{row}", 5))
        said += [(f"u{row}", f"i{row}", topic, 0.9) for topic in (0, 2)]
    said.append(("u0", "i0", 1, 0.9))
    graph = tabulate(ratings, said, topics=["nice", "climbing wall", "rest"]).build()
    rare, common = PathFinder(graph).find_paths("me", "inn")
    assert rare.nodes == ("user:me", "topic:1", "item:inn")
    assert (rare.name, common.name) == ("climbing wall", "nice")
    # Either is half of what I say, and of what the inn is praised for; of the 19 other sentences
    # the one is 2, the other 9.
    assert rare.steps == (Step(1, 2, pytest.approx(4 / 19)),) * 2
    assert common.steps == (Step(1, 2, pytest.approx(18 / 19)),) * 2
    assert rare.weight == pytest.approx(log(2 / (4 / 19 + 1)))
    assert common.weight == pytest.approx(log(2 / (18 / 19 + 1)))


def test_a_path_is_as_strong_as_its_weakest_step() -> None:
    # I praise the wall again and again, but of ten reviews of the inn one does, as do all others.
    ratings: list[Rating] = [("me", "home", 5)] + [(f"u{row}", "inn", 5) for row in range(10)]
    said: list[Said] = [("me", "home", 1, 0.9)] * 5 + [("u0", "inn", 1, 0.9)]
    said += [(f"u{row}", "inn", 0, 0.9) for row in range(1, 10)]
    finder = PathFinder(tabulate(ratings, said, topics=["nice", "climbing wall"]).build())
    assert finder.find_paths("me", "inn") == []


def test_where_there_is_nobody_else_nothing_is_more_than_chance() -> None:
    said: list[Said] = [("a", "x", 0, 0.9), ("a", "y", 0, 0.9)]
    category = {"x": "hotel", "y": "hotel"}
    tables = tabulate([("a", "x", 5), ("a", "y", 5)], said, {"a": 1}, category, ["pool"])
    finder = PathFinder(tables.build())
    assert finder.find_paths("a", "x") == []
    assert finder.find_group_paths("1", "x") == []


def test_paths_of_a_group_go_by_its_topics_and_categories() -> None:
    ratings = [("a", "x", 5), ("b", "x", 5), ("c", "y", 5), ("d", "bar", 5), ("e", "bar", 5)]
    said = [("a", "x", 0, 0.9), ("b", "x", 0, 0.9), ("c", "y", 0, 0.9), ("d", "bar", 1, 0.9)]
    category = {"x": "hotel", "y": "hotel", "bar": "bar"}
    member = {"a": 1, "b": 1}
    graph = tabulate(ratings, said, member, category, ["pool", "music"]).build()
    found = {path.shape: path for path in PathFinder(graph).find_group_paths("1", "y")}
    assert set(found) == {"topic", "category"}
    # Both members speak warmly of the pool, and 3 of all 5; all praise of y is for it, and of the
    # praise of others 2 reviews' of 3.
    assert found["topic"].nodes == ("group:1", "topic:0", "item:y")
    assert found["topic"].steps == (
        Step(2, 2, pytest.approx(6 / 5)),
        Step(1, 1, pytest.approx(2 / 3)),
    )
    # Both likes are of hotels, and one of the others' three.
    assert found["category"].steps == (Step(2, 2, pytest.approx(2 / 3)),)


# A world in which even users like even items, and say why

USERS, ITEMS = 40, 24


def plant_parity(seed: int = 0) -> Tables:
    """Each user liked about half of the items of their own parity, and disliked a few others."""
    rng = np.random.default_rng(seed)
    ratings: list[Rating] = []
    said: list[Said] = []
    for user, item in np.argwhere(rng.random((USERS, ITEMS)) < 0.5).tolist():
        own = user % 2 == item % 2
        if own or rng.random() < 0.2:
            who, what = f"u{user:02d}", f"i{item:02d}"
            ratings.append((who, what, 5 if own else 1))
            said.append((who, what, item % 2, 0.8 if own else -0.8))
            said.append((who, what, 2, 0.8))
    return tabulate(
        ratings,
        said,
        member={f"u{user:02d}": user % 2 for user in range(USERS)},
        category={f"i{item:02d}": ("even", "odd")[item % 2] for item in range(ITEMS)},
        topics=["evenness", "oddness", "weather"],
    )


@pytest.fixture(scope="module")
def parity() -> KnowledgeGraph:
    return plant_parity().build()


def test_even_items_are_reached_from_even_users(parity: KnowledgeGraph) -> None:
    finder = PathFinder(parity)
    for user, item in np.ndindex(USERS, 4):
        found = finder.find_paths(f"u{user:02d}", f"i{item:02d}", 20)
        # Everyone speaks of the weather about as often as others do.
        shared = [path for path in found if path.name == "weather"]
        assert all(path.weight < 0.2 for path in shared)
        own = [path for path in found if path not in shared]
        if user % 2 != item % 2:
            assert own == []
            continue
        assert {path.shape for path in own} == {"also liked", "topic", "group", "category"}
        assert all(is_even(path.nodes[1]) == (item % 2 == 0) for path in own)
        (topic,) = (path for path in own if path.shape == "topic")
        assert all(path.weight < topic.weight for path in shared)


def is_even(node: str) -> bool:
    """Whether a node of the world of parity is on the even side."""
    key = node.partition(":")[2]
    return key == "even" or (key != "odd" and int(key.lstrip("ui")) % 2 == 0)


def test_the_strongest_come_first_and_counts_are_right(parity: KnowledgeGraph) -> None:
    reviews = plant_parity().reviews
    liked = reviews[reviews["rating"] == 5].groupby("item_id")["user_id"].agg(set)
    everyone = set().union(*liked)
    found = PathFinder(parity).find_paths("u00", "i00", 100)
    weights = [path.weight for path in found]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    assert PathFinder(parity).find_paths("u00", "i00", 3) == found[:3]
    ways = [path for path in found if path.shape == "also liked"]
    assert ways
    for path in ways:
        others = liked[path.nodes[1].removeprefix("item:")] - {"u00"}
        wanted = liked["i00"] - {"u00"}
        share = len(wanted) / (len(everyone) - 1)
        assert path.steps == (
            Step(len(others & wanted), len(others), pytest.approx(len(others) * share)),
        )


def test_unknown_ids_and_bad_limits_are_told(parity: KnowledgeGraph) -> None:
    finder = PathFinder(parity)
    with pytest.raises(UnknownName, match=r"There is no node 'user:ghost' among 71 nodes\."):
        finder.find_paths("ghost", "i00")
    with pytest.raises(UnknownName, match="no node 'item:u00'"):
        finder.find_paths("u00", "u00")
    with pytest.raises(InputError, match="paths must be at least 1; got 0"):
        finder.find_paths("u00", "i00", 0)
    with pytest.raises(UnknownName, match="no node 'ghost'"):
        to_networkx(parity, "ghost")
    with pytest.raises(InputError, match="hops must be at least 1; got 0"):
        to_networkx(parity, "user:u00", 0)
    with pytest.raises(InputError, match="nodes must be at least 1; got 0"):
        to_networkx(parity, "user:u00", limit=0)
    with pytest.raises(InputError, match="neighbours must be at least 1; got 0"):
        find_nearest(parity, np.eye(len(parity), dtype=np.float32), "user:u00", "item", 0)


# Exploring


def test_a_neighbourhood_by_hand(small: KnowledgeGraph) -> None:
    near = to_networkx(small, "user:c", hops=1)
    assert dict(near.nodes(data="hops")) == {
        "user:c": 0, "item:x": 1, "item:z": 1, "group:2": 1,
    }  # fmt: skip
    assert near.nodes["item:x"] == {"kind": "item", "key": "x", "name": "Hotel x", "hops": 1}
    assert {(a, d["relation"], b) for a, b, d in near.edges(data=True)} == {
        ("user:c", "likes", "item:x"),
        ("user:c", "dislikes", "item:z"),
        ("user:c", "is a member of", "group:2"),
        ("group:2", "likes", "item:x"),
    }
    assert near.edges["group:2", "item:x"] == {"relation": "likes", "weight": 1.0, "n": 1}
    assert len(to_networkx(small, "user:c", hops=6)) == len(small)


def test_a_neighbourhood_keeps_to_its_limit_and_hangs_together(parity: KnowledgeGraph) -> None:
    near = to_networkx(parity, "user:u00", hops=3, limit=30)
    assert len(near) == 30
    for node, hops in near.nodes(data="hops"):
        neighbours = set(near.predecessors(node)) | set(near.successors(node))
        assert node == "user:u00" or hops - 1 in {near.nodes[n]["hops"] for n in neighbours}


def test_of_the_equally_far_those_with_most_in_common_come_first() -> None:
    ratings: list[Rating] = [(user, item, 5) for user in ("me", "twin") for item in "xyz"]
    ratings += [(f"u{row}", "x", 5) for row in range(5)]
    near = to_networkx(tabulate(ratings).build(), "user:me", limit=5)
    assert set(near) == {"user:me", "item:x", "item:y", "item:z", "user:twin"}


# Vectors


def test_near_nodes_are_of_ones_own_kind(parity: KnowledgeGraph) -> None:
    vectors = embed_nodes(parity)
    assert vectors.shape == (len(parity), 64)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    for item in range(ITEMS):
        for kind, k in (("item", 5), ("user", 5), ("group", 1), ("category", 1)):
            found = find_nearest(parity, vectors, f"item:i{item:02d}", kind, k)
            assert len(found) == k
            assert f"item:i{item:02d}" not in {near.node for near in found}
            right = [near for near in found if is_even(near.node) == (item % 2 == 0)]
            assert len(right) == k
            cosines = [near.cosine for near in found]
            assert cosines == sorted(cosines, reverse=True)


def test_vectors_are_the_same_again_and_depend_on_the_seed(parity: KnowledgeGraph) -> None:
    np.testing.assert_array_equal(embed_nodes(parity, 1), embed_nodes(parity, 1))
    assert not np.allclose(embed_nodes(parity, 1), embed_nodes(parity, 2))


def test_what_nothing_ties_to_another_is_near_nothing() -> None:
    graph = tabulate([("a", "x", 5), ("b", "x", 5), ("c", "x", 1), ("c", "y", 1)]).build()
    vectors = embed_nodes(graph)
    known = dict(zip(graph.nodes["node"], vectors.any(axis=1), strict=True))
    assert known == {
        "user:a": True, "user:b": True, "user:c": False, "item:x": True, "item:y": False,
    }  # fmt: skip
    assert [near.node for near in find_nearest(graph, vectors, "user:a", "user")] == ["user:b"]
    assert find_nearest(graph, vectors, "user:c", "item") == []


# Groups


def plant_groups(seed: int = 0) -> Tables:
    """Groups 1 and 2 share two of their four items, and the topic "ab"; group 3 shares none; all
    like item i10, and speak warmly of the topic "all".
    """
    rng = np.random.default_rng(seed)
    tastes = {1: [0, 1, 2, 3], 2: [2, 3, 4, 5], 3: [6, 7, 8, 9]}
    topics = {1: [0, 1, 4], 2: [1, 2, 4], 3: [3, 4]}
    ratings: list[Rating] = []
    said: list[Said] = []
    member = {}
    for row in range(180):
        user, group = f"u{row:03d}", row % 3 + 1
        member[user] = group
        for item in range(11):
            if rng.random() < (0.7 if item in tastes[group] or item == 10 else 0.05):
                ratings.append((user, f"i{item:02d}", 5))
        ratings.append((user, "bad", 1))
        said += [(user, "bad", topic, 0.9) for topic in topics[group] if rng.random() < 0.7]
    return tabulate(ratings, said, member, topics=["a", "ab", "b", "c", "all"])


def test_groups_planted_alike_are_nearest_and_their_bridge_is_found() -> None:
    tables = plant_groups()
    first, *others = relate_groups(tables.build())
    assert (first.first, first.second) == ("group:1", "group:2")
    assert (first.first_name, first.second_name) == ("Group 1", "Group 2")
    for other in others:
        assert other.items_alike < first.items_alike
        assert other.topics_alike < first.topics_alike
        assert other.items == other.topics == ()
    assert {bridge.node for bridge in first.items} == {"item:i02", "item:i03"}
    (topic,) = first.topics
    assert (topic.node, topic.name) == ("topic:1", "ab")
    liked = tables.reviews[tables.reviews["rating"] == 5].merge(tables.users, on="user_id")
    for bridge in first.items:
        fans = liked[liked["item_id"] == bridge.node.removeprefix("item:")]
        counts = fans["group_id"].value_counts()
        assert (bridge.n_first, bridge.n_second) == (counts[1], counts[2])
        assert bridge.n_everyone == len(fans)
        assert bridge.share_first == pytest.approx(counts[1] / 60)
        assert bridge.share_second == pytest.approx(counts[2] / 60)
        assert bridge.share_everyone == pytest.approx(len(fans) / 180)
        assert bridge.lift == pytest.approx(3 * min(counts[1], counts[2]) / len(fans))
    assert [b.lift for b in first.items] == sorted((b.lift for b in first.items), reverse=True)


def test_tastes_by_hand() -> None:
    # Each group has 6 likes and each thing 4 of 12, so that by chance 2 of each would be there.
    alike = compare_tastes(np.array([[4, 0, 2], [0, 4, 2]]))
    one, two = np.log([5 / 3, 1 / 3, 1.0]), np.log([1 / 3, 5 / 3, 1.0])
    expected = one @ two / (one @ one)
    np.testing.assert_allclose(alike, [[1, expected], [expected, 1]])


def test_a_thing_that_two_users_like_makes_no_groups_alike() -> None:
    alike = compare_tastes(np.array([[3, 0, 1], [0, 3, 1]]))
    np.testing.assert_allclose(alike, compare_tastes(np.array([[3, 0], [0, 3]])))


def test_groups_of_which_nothing_is_known_are_alike_in_nothing() -> None:
    graph = tabulate([("a", "x", 1), ("b", "x", 5)], member={"a": 1, "b": 2}).build()
    (relation,) = relate_groups(graph)
    assert np.isnan(relation.items_alike)
    assert np.isnan(relation.topics_alike)
    assert relation.items == relation.topics == ()


# The sample world, grouped as it was planted


def test_who_is_alike_in_the_sample_world_likes_the_same_items() -> None:
    reviews = pd.read_csv(sample.REVIEWS, parse_dates=["date"]).rename(columns={"date": "time"})
    truth = pd.read_csv(sample.TRUTH).set_index("user_id")["group"]
    names = sorted(truth.dropna().unique())
    users = pd.DataFrame({"user_id": sorted(reviews["user_id"].unique())})
    users["group_id"] = users["user_id"].map(truth).map(names.index, na_action="ignore")
    groups = pd.DataFrame({"group_id": np.arange(len(names)), "name": names})
    nothing = tabulate([])
    items = pd.read_csv(sample.ITEMS)
    graph = build_graph(
        reviews, nothing.sentences, users.assign(strength=1.0), items, nothing.topics, groups
    )
    first, second, *others = relate_groups(graph)
    assert (first.first_name, first.second_name) == ("business", "remote work")
    assert (second.first_name, second.second_name) == ("accessibility", "families")
    assert len(others) == 43
    assert {"Desk & Drip", "Gueliz Executive Suites"} <= {bridge.name for bridge in first.items}


# What is missing, and what is kept


EMPTY: dict[str, Tables] = {
    "no reviews": tabulate([]),
    "no users": tabulate([(None, "x", 5), (None, "y", 1)], [(None, "x", 0, 0.9)], topics=["pool"]),
    "no items": tabulate([("a", None, 5), ("b", None, 1)], [("a", None, 0, 0.9)], topics=["pool"]),
    "no groups": tabulate(RATINGS, SAID, topics=["pool", "staff"]),
    "no topics": tabulate(RATINGS, member={"a": 1, "b": 2}, category={"x": "hotel"}),
    "one user": tabulate([("a", "x", 5), ("a", "y", 5)], [("a", "x", 0, 0.9)], {"a": 1}, topics=["pool"]),
    "one like": tabulate([("a", "x", 1), ("b", "x", 5)], member={"a": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", EMPTY)
def test_what_is_missing_leaves_a_valid_graph(name: str, tmp_path: Path) -> None:
    tables = EMPTY[name]
    tables.build().save(tmp_path)
    graph = KnowledgeGraph.load(tmp_path)
    assert graph.nodes["node"].is_unique
    assert not graph.edges.duplicated(["source", "target"]).any()
    assert graph.edges[["source", "target"]].isin(set(graph.nodes["node"])).all(axis=None)
    assert ((graph.edges["weight"] > 0) & (graph.edges["weight"] <= 1)).all()
    assert (graph.edges["n"] >= 1).all()
    assert embed_nodes(graph).shape == (len(graph), 64)
    n = len(tables.groups)
    assert len(relate_groups(graph)) == n * (n - 1) // 2
    finder = PathFinder(graph)
    for item in tables.items["item_id"]:
        found = [finder.find_paths(user, item) for user in tables.users["user_id"]]
        found += [finder.find_group_paths(str(group), item) for group in tables.groups["group_id"]]
        assert all(path.weight > 0 for paths in found for path in paths)
    for node in graph.nodes["node"]:
        assert node in to_networkx(graph, node)


def test_what_is_saved_is_loaded(parity: KnowledgeGraph, tmp_path: Path) -> None:
    parity.save(tmp_path)
    loaded = KnowledgeGraph.load(tmp_path)
    pd.testing.assert_frame_equal(loaded.nodes, parity.nodes)
    pd.testing.assert_frame_equal(loaded.edges, parity.edges)
    assert PathFinder(loaded).find_paths("u00", "i00") == PathFinder(parity).find_paths(
        "u00", "i00"
    )
    with pytest.raises(FileNotFoundError):
        KnowledgeGraph.load(tmp_path / "nowhere")
