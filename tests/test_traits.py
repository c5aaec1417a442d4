"""What sets a group apart, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tools.profiling.profiles import name_groups, profile_groups, profile_items, profile_users
from tools.profiling.terms import count_terms, tokenize, weigh_terms
from tools.profiling.traits import (
    adjust,
    compare_shares,
    find_traits,
    find_words,
    is_trait,
)

Row = Mapping[str, object]


def test_lift_and_two_sided_hypergeometric_p() -> None:
    lift, p = compare_shares(*(np.array(v) for v in ([5, 5, 3, 1], [1, 0, 3, 5], [6] * 4, [6] * 4)))
    # 5 of 6 against 1 of 6; against none, counted as half a user; equal; the reverse.
    np.testing.assert_allclose(lift, [5, 10, 1, 0.2])
    # Of C(12, 6) = 924 ways, C(6,5)·C(6,1) + C(6,6)·C(6,0) = 37 have 5 or more inside.
    assert p[0] == pytest.approx(2 * 37 / 924)
    # All 5 of 12 inside: C(5,5)·C(7,1) = 7 of 924.
    assert p[1] == pytest.approx(2 * 7 / 924)
    assert p[2] == 1
    assert p[3] == pytest.approx(p[0])


def test_false_discovery_rates_of_benjamini_and_hochberg() -> None:
    # Sorted .005 .01 .03 .04, times 4/1 4/2 4/3 4/4, never above a later one.
    np.testing.assert_allclose(
        adjust(np.array([0.01, 0.04, 0.03, 0.005])), [0.02, 0.04, 0.04, 0.02]
    )
    assert len(adjust(np.array([]))) == 0


def test_class_based_tf_idf() -> None:
    counts = sparse.csr_matrix([[2, 0, 0], [0, 1, 0], [0, 1, 2], [9, 9, 9]])
    weights = weigh_terms(counts, np.array([0, 0, 1, -1], np.int32), 2)
    # Both classes have 3 words, and each term occurs twice in them; the last text is in no class.
    idf = log(1 + 3 / 2)
    np.testing.assert_allclose(
        weights, [[2 / 3 * idf, idf / 3, 0], [0, idf / 3, 2 / 3 * idf]], rtol=1e-6
    )


def test_terms_are_words_and_pairs_without_stop_words() -> None:
    assert tokenize("The pool's edge wasn’t 25 m from OUR hotel!") == ["pool", "edge", "hotel"]
    counts, terms = count_terms(["night bus", "night bus", "the night"], min_count=2)
    assert list(terms) == ["bus", "night", "night bus"]
    assert counts.toarray().tolist() == [[1, 1, 1], [1, 1, 1], [0, 1, 0]]
    nothing, none = count_terms(["the", "a"], min_count=1)
    assert nothing.shape == (2, 0)
    assert len(none) == 0


def test_chinese_is_cut_into_words() -> None:
    assert tokenize("酒店的停车场很方便") == ["酒店", "停车场", "方便"]


# Traits of two groups of six users and two users of no group


def users_of(*groups: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"user_id": [f"u{n}" for n in range(len(groups))], "group_id": pd.array(groups, "Int64")}
    )


def say(rows: Sequence[Row]) -> pd.DataFrame:
    plain = {"item_id": "i1", "topic_id": 0, "polarity": 0.0, "similarity": 0.5}
    text = "sentence {} of a good and middling length"
    told = [{**plain, "text": text.format(n), **row} for n, row in enumerate(rows)]
    frame = pd.DataFrame(told)
    ids = [f"s{n}" for n in range(len(frame))]
    return frame.assign(sentence_id=ids, naming=0.0, tone=frame["polarity"])


USERS = users_of(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, None, None)
ITEMS = pd.DataFrame({"item_id": ["i1", "i2"], "title": ["One", "Two"], "category": ["bar", None]})


def find(rows: Sequence[Row]) -> pd.DataFrame:
    return find_traits(say(rows), ITEMS, USERS)


def one(traits: pd.DataFrame, group: int, kind: str, key: str) -> pd.Series:
    found = traits[
        (traits["group_id"] == group) & (traits["kind"] == kind) & (traits["key"] == key)
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_users_are_counted_not_sentences() -> None:
    rows = [{"user_id": f"u{u}"} for u in (0, 1, 2, 3, 4, 6, 12, 13)]
    trait = one(find(rows + rows[:1] * 5), 1, "topic", "0")
    assert trait["n_users"] == 5
    assert trait["share_in"] == pytest.approx(5 / 6)
    assert trait["share_out"] == pytest.approx(1 / 6)
    assert trait["lift"] == pytest.approx(5)
    assert trait["p"] == pytest.approx(2 * 37 / 924)


def test_what_under_three_users_do_is_no_trait() -> None:
    traits = find([{"user_id": f"u{u}"} for u in (0, 1, 6, 7, 8)])
    assert set(traits["group_id"]) == {2}


def test_likes_and_dislikes_need_clear_words() -> None:
    warm = [{"user_id": f"u{u}", "polarity": 0.25} for u in range(4)]
    tepid = [{"user_id": f"u{u}", "polarity": 0.24} for u in range(6, 10)]
    cold = [{"user_id": f"u{u}", "topic_id": 1, "polarity": -0.25} for u in range(6, 9)]
    traits = find(warm + tepid + cold)
    assert one(traits, 1, "like", "0")["n_users"] == 4
    assert one(traits, 2, "dislike", "1")["n_users"] == 3
    assert one(traits, 2, "topic", "0")["n_users"] == 4
    assert not ((traits["group_id"] == 2) & (traits["kind"] == "like")).any()


def test_a_group_does_not_like_what_it_is_cold_about_on_the_whole() -> None:
    warm = [{"user_id": f"u{u}", "polarity": 0.5} for u in range(4)]
    cold = [{"user_id": f"u{u}", "polarity": -0.9} for u in range(4)]
    traits = find(warm + cold)
    assert one(traits, 1, "dislike", "0")["n_users"] == 4
    assert not (traits["kind"] == "like").any()


def test_items_and_categories_are_traits_whatever_the_topic() -> None:
    rows = [{"user_id": f"u{u}", "topic_id": -1, "item_id": f"i{1 + u % 2}"} for u in range(12)]
    traits = find(rows)
    assert one(traits, 1, "item", "i1")["n_users"] == 3
    assert one(traits, 1, "category", "bar")["n_users"] == 3
    assert set(traits["kind"]) == {"item", "category"}


def test_evidence_is_of_different_users_and_shows_the_trait_best() -> None:
    rows = [{"user_id": f"u{u}", "similarity": 0.4 + u / 10} for u in range(4)]
    rows += [
        {"user_id": "u3", "similarity": 0.95},
        {"user_id": "u2", "similarity": 0.99, "text": "ok"},
    ]
    evidence = one(find(rows), 1, "topic", "0")["evidence"]
    # A scrap loses 0.4, so u2 is shown by its longer sentence.
    assert evidence == ["s4", "s2", "s1"]


def test_rates_are_adjusted_over_all_traits_of_a_kind() -> None:
    rows: list[Row] = [{"user_id": f"u{u}"} for u in range(6)]
    rows += [{"user_id": f"u{u}", "topic_id": 1} for u in (0, 1, 2, 6, 7, 8)]
    topics = find(rows).query("kind == 'topic'").sort_values("p")
    # 6 of 6 against none: 2 · 1/924; and 3 against 3, twice.
    np.testing.assert_allclose(topics["p"], [2 / 924, 1, 1])
    np.testing.assert_allclose(topics["q"], [3 * 2 / 924, 1, 1])
    assert is_trait(topics).tolist() == [True, False, False]


def test_no_groups_have_no_traits() -> None:
    nobody = users_of(None, None)
    assert find_traits(say([{"user_id": "u0"}]), ITEMS, nobody).empty


# Words and names


def test_words_of_a_group_are_those_that_more_of_its_users_use() -> None:
    texts = ["bunk kitchen"] * 30 + ["kitchen"] * 10 + ["silk kitchen"] * 40
    groups = np.repeat([0, 1], 40).astype(np.int32)
    assert find_words(texts, groups, 2) == [["bunk"], ["silk"]]


def test_a_word_said_often_by_one_user_is_not_the_groups() -> None:
    texts = ["bunk " * 50] + ["soup"] * 39 + ["silk"] * 40
    words = find_words(texts, np.repeat([0, 1], 40).astype(np.int32), 2)
    assert words == [["soup"], ["silk"]]


@pytest.mark.parametrize("text", ["pool", "the and of", ""])
def test_users_who_all_write_the_same_have_no_words_of_their_own(text: str) -> None:
    groups = np.repeat([0, 1], 5).astype(np.int32)
    assert find_words([text] * 10, groups, 2) == [[], []]
    assert find_words([text] * 10, np.zeros(10, np.int32), 1) == [[]]


def test_names_are_distinct_and_avoid_variants_of_one_word() -> None:
    words = {1: ["hostel", "hostels", "bunk", "soup"], 2: ["spa"], 3: [], 7: ["hostel", "bunk"]}
    assert name_groups(words, {}) == ["Hostel & Bunk", "Group 2", "Group 3", "Hostel & Bunk 7"]


def test_a_group_keeps_its_name_and_no_other_gets_it() -> None:
    words = {2: ["spa", "sauna"], 5: ["hostel", "bunk", "soup"]}
    assert name_groups(words, {2: "Hostel & Bunk"}) == ["Hostel & Bunk", "Hostel & Soup"]


# Profiles

DAY = pd.Timestamp("2025-01-01")
REVIEWS = pd.DataFrame(
    {
        "review_id": ["r0", "r1", "r2", "r3", "r4"],
        "user_id": ["bob", "ann", "bob", None, "ann"],
        "item_id": ["007", "7", "7", "7", None],
        "rating": [5.0, 2.0, 4.0, 1.0, float("nan")],
        "polarity": [0.5, -0.5, 0.1, -0.9, 0.3],
        "text": ["good bunk", "bad silk", "fine bunk", "bad", "so so"],
        "time": [DAY, DAY + pd.Timedelta(days=3), pd.NaT, DAY, DAY],
    }
)
SAID = pd.DataFrame(
    {
        "user_id": ["bob", "ann", "ann", None],
        "text": ["good bunk", "bad silk", "so so", "bad"],
        "polarity": [0.5, -0.5, 0.1, -0.9],
        "group_id": [1, 2, 2, None],
    }
)
GIVEN = pd.DataFrame(
    {
        "item_id": ["007", "7", "unseen"],
        "title": ["Bond Bar", None, "Quiet Inn"],
        "category": ["bar", None, "inn"],
        "price": [10.0, float("nan"), 5.0],
        "city": ["Rome", "Oslo", "Bonn"],
    }
)


def test_users_are_summed_up_from_their_own_reviews() -> None:
    users = profile_users(REVIEWS, SAID, GIVEN).set_index("user_id")
    assert list(users.index) == ["ann", "bob"]
    assert users["n_reviews"].tolist() == [2, 2]
    assert users["n_sentences"].tolist() == [2, 1]
    assert users["rating"].tolist() == [2.0, 4.5]
    np.testing.assert_allclose(users["polarity"], [-0.2, 0.5])
    assert users["price"].tolist()[1] == 10
    assert np.isnan(users["price"].tolist()[0])
    assert users.loc["ann", "last_time"] == DAY + pd.Timedelta(days=3)
    assert users.loc["bob", "first_time"] == users.loc["bob", "last_time"] == DAY


def test_items_keep_what_is_given_and_count_what_is_said() -> None:
    items = profile_items(REVIEWS, GIVEN).set_index("item_id")
    assert set(items.index) == {"007", "7", "unseen"}
    assert items.loc["7", ["title", "n_reviews", "n_users"]].tolist() == ["7", 3, 2]
    assert items.loc["7", "rating"] == pytest.approx(7 / 3)
    assert items.loc["unseen", "n_reviews"] == 0
    assert items.loc["007", "city"] == "Rome"
    bare = profile_items(REVIEWS, None).set_index("item_id")
    assert bare["title"].tolist() == ["007", "7"]
    assert bare["price"].isna().all()


def test_a_group_is_named_by_nouns_though_verbs_set_it_apart_more() -> None:
    n = 40
    cooks = ["We cooked the soup in a pot, and cooked again"] * n + ["They cooked, and left"]
    dancers = ["We danced at the party with a band"] * n
    names = [f"u{u:02}" for u in range(len(cooks) + len(dancers))]
    texts = [*cooks, *dancers]
    ids = np.repeat([1, 2], [len(cooks), len(dancers)])
    reviews = pd.DataFrame({"user_id": names, "text": texts, "review_id": names, "rating": 4.0})
    reviews = reviews.assign(item_id="7", time=DAY)
    said = pd.DataFrame({"user_id": names, "text": texts, "polarity": 0.1, "group_id": ids})
    users = profile_users(reviews, said, GIVEN)
    users["group_id"] = pd.array(ids, "Int64")
    topics = pd.DataFrame({"topic_id": [0], "name": ["soup"]})
    groups = profile_groups(users, reviews, said, NO_TRAITS, topics)
    assert groups["terms"].iloc[0][0] == "cooked"
    assert groups["name"].tolist() == ["Pot & Soup", "Band & Party"]


def test_a_group_without_words_of_its_own_is_named_by_its_topic() -> None:
    users = profile_users(REVIEWS, SAID, GIVEN)
    users["group_id"] = pd.array([2, 1], "Int64")
    topics = pd.DataFrame({"topic_id": [0], "name": ["bunk & pillow"]})
    held = {
        "group_id": [1],
        "kind": ["topic"],
        "key": ["0"],
        "lift": [3.0],
        "q": [0.01],
        "p": [0.01],
    }
    groups = profile_groups(users, REVIEWS, SAID, pd.DataFrame(held), topics)
    assert groups["name"].tolist() == ["Bunk & Pillow", "Group 2"]


def test_groups_are_summed_up_over_reviews_not_over_users_means() -> None:
    users = profile_users(REVIEWS, SAID, GIVEN)
    users["group_id"] = pd.array([2, 1], "Int64")
    topics = pd.DataFrame({"topic_id": [0], "name": ["bunk & soup"]})
    groups = profile_groups(users, REVIEWS, SAID, NO_TRAITS, topics)
    assert groups["group_id"].tolist() == [1, 2]
    assert groups["n_users"].tolist() == [1, 1]
    assert groups["share"].tolist() == [0.5, 0.5]
    assert groups["rating"].tolist() == [4.5, 2.0]
    assert groups["n_reviews"].tolist() == [2, 2]
    np.testing.assert_allclose(groups["polarity"], [0.5, -0.2])
    assert groups["top_user_share"].tolist() == [1, 1]
    assert set(groups["headline"]) == {"Nothing sets them clearly apart from the others."}


NO_TRAITS = pd.DataFrame({"group_id": [], "kind": [], "key": [], "lift": [], "q": [], "p": []})


def test_the_headline_names_what_is_tested_and_held() -> None:
    users = profile_users(REVIEWS, SAID, GIVEN)
    users["group_id"] = pd.array([2, 1], "Int64")
    held = {"lift": 3.0, "q": 0.01, "p": 0.001}
    traits = pd.DataFrame(
        [
            {"group_id": 1, "kind": "topic", "key": "0", **held},
            {"group_id": 1, "kind": "topic", "key": "1", **held},
            {"group_id": 1, "kind": "like", "key": "0", **held},
            {"group_id": 1, "kind": "dislike", "key": "1", **held},
            {"group_id": 2, "kind": "topic", "key": "0", **held, "q": 0.2},
        ]
    )
    topics = pd.DataFrame({"topic_id": [0, 1], "name": ["bunk & soup", "noise"]})
    groups = profile_groups(users, REVIEWS, SAID, traits, topics)
    assert groups["headline"].tolist() == [
        "Talk more than others about “bunk & soup” and “noise”; warm about “bunk & soup”; "
        "critical of “noise”.",
        "Nothing sets them clearly apart from the others.",
    ]
