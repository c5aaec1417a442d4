"""Who likes what: users found by what they mean, ranked by how much and how warmly they say it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from agent.use_cases import Tribune
from tests.worlds import LOVE_AND_HATE, Opinions, list_sentences, plant_opinions, write_csv
from tools.pipeline import build
from tools.profiling.affinity import (
    Stance,
    add_context,
    find_named,
    find_relevant,
    rank_users,
)
from tools.workspace import Workspace

World = tuple[Opinions, Tribune]


@pytest.fixture(scope="module")
def opinions(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("opinions")
    planted = plant_opinions()
    workspace = Workspace(folder / "workspace")
    build([write_csv(folder / "reviews.csv", planted.rows)], workspace)
    return planted, Tribune(workspace)


def test_no_planted_sentence_contains_a_word_of_its_topic() -> None:
    for topic in LOVE_AND_HATE:
        said = " ".join(list_sentences(topic)).lower()
        for word in topic.split():
            assert word[:4] not in said


def test_the_planted_world_is_large_enough(opinions: World) -> None:
    planted, tribune = opinions
    assert len({row["user_id"] for row in planted.rows}) == len(tribune.users) >= 60
    for topic in LOVE_AND_HATE:
        assert len(planted.lovers[topic]) >= 15
        assert len(planted.haters[topic]) == 15
        assert not planted.lovers[topic] & planted.haters[topic]
    assert tribune.manifest["polarity"]["learned"]


@pytest.mark.parametrize("topic", LOVE_AND_HATE)
@pytest.mark.parametrize("stance", ["likes", "dislikes"])
def test_nine_of_the_first_ten_hold_the_stance(opinions: World, topic: str, stance: Stance) -> None:
    planted, tribune = opinions
    truth = planted.lovers if stance == "likes" else planted.haters
    found = tribune.find_users(topic, stance, limit=10).users
    right = [user.user_id for user in found if user.user_id in truth[topic]]
    assert len(right) / 10 >= 0.9


@pytest.mark.parametrize("topic", LOVE_AND_HATE)
def test_who_talks_about_a_topic_is_found_whatever_the_stance(opinions: World, topic: str) -> None:
    planted, tribune = opinions
    speakers = planted.lovers[topic] | planted.haters[topic]
    found = [user.user_id for user in tribune.find_users(topic, "any", limit=20).users]
    assert len(speakers.intersection(found)) / 20 >= 0.9


def test_one_lukewarm_sentence_does_not_beat_five_warm_ones(opinions: World) -> None:
    planted, tribune = opinions
    found = [u.user_id for u in tribune.find_users("budget travel", limit=100).users]
    assert planted.devoted in found[:3]
    assert planted.lukewarm not in found[: found.index(planted.devoted) + 5]


def test_a_topic_that_nobody_mentions_gives_nobody_and_the_nearest_topic(
    opinions: World,
) -> None:
    _, tribune = opinions
    for topic in ("quantum physics", "divorce lawyers", "vaccines"):
        found = tribune.find_users(topic, "any")
        assert (found.n_users, found.n_sentences, found.users) == (0, 0, [])
        assert found.nearest_topic in tribune.topic_names


NAMED = {
    "dogs": "dog", "swimming pool": "pool", "umbrella": "umbrella", "wine": "wine",
    "bicycle": "bike bicycle cycl", "wifi": "wifi wi-fi", "breakfast": "breakfast",
    "invoice": "invoice", "wheelchair": "wheelch", "hairdryer": "hairdryer",
}  # fmt: skip


def test_what_reviews_name_by_its_word_stays_narrow(sample_tribune: Tribune) -> None:
    """Most sentences with the word are found, and not many times as many without it."""
    texts = sample_tribune.sentences["text"].str.lower()
    precision, recall = [], []
    for topic, words in NAMED.items():
        named = texts.str.contains("|".join(words.split())).to_numpy()
        _, rows = sample_tribune.find_sentences(topic)
        precision.append(named[rows].mean())
        recall.append(named[rows].sum() / named.sum())
    assert np.mean(precision) >= 0.6
    assert np.mean(recall) >= 0.9


# Ranking, by hand


def rank(said: list[tuple[int, float, float]], stance: Stance) -> list[tuple[int, float]]:
    """said: user, polarity, weight of each sentence."""
    users, polarity, weights = (np.array(column) for column in zip(*said, strict=True))
    polarity = polarity.astype(np.float32)
    ranked = rank_users(
        users.astype(np.int32), polarity, polarity, weights.astype(np.float32), stance
    )
    pairs = zip(ranked.users, ranked.scores, strict=True)
    return [(int(user), round(float(score), 4)) for user, score in pairs]


def test_scores_are_warmth_beside_feeling_shrunk_by_eight_sentences() -> None:
    said = [(0, 0.8, 1.0), (0, 0.4, 0.5), (1, 0.6, 1.0), (2, -0.6, 1.0)]
    # Feeling: .8, .2, .6 and .6, on average .55; the prior is 8 · .55 = 4.4.
    assert rank(said, "likes") == [(0, round(1.0 / 5.4, 4)), (1, round(0.6 / 5.0, 4))]
    assert rank(said, "dislikes") == [(2, round(-0.6 / 5.0, 4))]


def test_relevance_alone_ranks_who_talks_about_it() -> None:
    said = [(0, 0.9, 0.2), (1, -0.9, 1.0), (1, 0.0, 0.6), (2, 0.5, 0.6)]
    # Weights are .6 on average; the prior is 4.8.
    assert rank(said, "any") == [
        (1, round(1.6 / 6.4, 4)),
        (2, round(0.6 / 5.4, 4)),
        (0, round(0.2 / 5.0, 4)),
    ]


def test_five_warm_sentences_beat_one_that_is_warmer() -> None:
    said = [(0, 0.95, 1.0)] + [(1, 0.5, 0.8)] * 5
    assert [user for user, _ in rank(said, "likes")] == [1, 0]


def test_who_is_of_two_minds_is_in_neither_list() -> None:
    said = [(0, 0.9, 1.0), (0, -0.9, 1.0), (1, 0.05, 1.0)]
    assert rank(said, "likes") == []
    assert rank(said, "dislikes") == []


def test_sentences_of_unknown_users_count_for_nobody() -> None:
    assert [user for user, _ in rank([(-1, 0.9, 1.0), (4, 0.9, 1.0)], "likes")] == [4]
    none = np.empty(0, np.float32)
    nobody = rank_users(np.empty(0, np.int32), none, none, none, "likes")
    assert len(nobody.users) == len(nobody.scores) == 0


def test_mentions_and_clear_words_are_counted() -> None:
    users = np.zeros(5, np.int32)
    polarity = np.array([0.25, 0.24, -0.24, -0.25, 0.9], np.float32)
    ranked = rank_users(users, polarity, polarity, np.ones(5, np.float32), "any")
    assert (ranked.mentions[0], ranked.warm[0], ranked.cold[0]) == (5, 2, 1)


def test_who_has_no_clear_sentence_or_whose_tone_is_denied_is_not_listed() -> None:
    users = np.array([0, 0, 1, 2], np.int32)
    polarity = np.array([0.2, 0.2, 0.9, 0.5], np.float32)
    tone = np.array([0.2, 0.2, 0.0, 0.5], np.float32)
    ranked = rank_users(users, polarity, tone, np.ones(4, np.float32), "likes")
    assert ranked.users.tolist() == [2]


# Relevance, over vectors that carry their own truth


def plant_vectors(
    n_on: int, n_off: int = 2000, *, cosine: float = 0.6, n_named: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise, of whose vectors the first n_on lean towards the query; the first n_named name it."""
    rng = np.random.default_rng(0)
    query = np.eye(64)[0]
    noise = rng.normal(size=(n_on + n_off, 64))
    noise[:, 0] = 0
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    lean = np.where(np.arange(n_on + n_off) < n_on, cosine, rng.normal(0, 0.05, n_on + n_off))
    vectors = noise * np.sqrt(1 - lean**2)[:, None] + lean[:, None] * query
    named = np.arange(len(vectors)) < n_named
    return vectors.astype(np.float32), query.astype(np.float32), named


@pytest.mark.parametrize("n_on", [1, 3, 40, 400])
def test_all_that_lies_beyond_the_bulk_is_found_however_many(n_on: int) -> None:
    found = find_relevant(*plant_vectors(n_on))
    assert len(set(found.rows) & set(range(n_on))) >= 0.95 * n_on
    assert len(set(found.rows) - set(range(n_on))) <= max(2, 0.1 * n_on)
    assert (np.diff(found.weights) <= 0).all()
    assert ((found.weights > 0) & (found.weights <= 1)).all()


def test_what_is_nearest_of_the_bulk_is_not_found() -> None:
    found = find_relevant(*plant_vectors(0))
    assert len(found.rows) == 0
    assert 0 < found.nearest < 0.38
    nothing = np.empty((0, 64), np.float32), np.ones(64, np.float32), np.empty(0, np.bool_)
    assert len(find_relevant(*nothing).rows) == 0


def test_a_topic_that_several_sentences_come_near_is_found_where_one_would_not_be() -> None:
    assert len(find_relevant(*plant_vectors(6, cosine=0.36)).rows) >= 6
    assert len(find_relevant(*plant_vectors(2, cosine=0.36)).rows) == 0


def test_who_names_the_topic_speaks_of_it_however_far_the_vector() -> None:
    found = find_relevant(*plant_vectors(0, n_named=3))
    assert set(found.rows) == {0, 1, 2}
    # An encoder that does not tell these apart cannot tell who else speaks of it.
    far = find_relevant(*plant_vectors(0, n_named=20))
    assert set(far.rows) == set(range(20))
    assert far.named.all()


def test_in_other_words_a_sentence_must_be_as_near_as_most_of_those_that_name_it() -> None:
    vectors, query, named = plant_vectors(40, n_named=20)
    nearness = vectors @ query
    found = find_relevant(vectors, query, named)
    near = np.quantile(nearness[named], 0.6)
    expected = set(np.flatnonzero(named | (nearness >= near)))
    assert set(found.rows) == expected
    assert 20 < len(expected) <= 40


def test_words_are_named_whole_in_the_singular_or_the_plural() -> None:
    texts = pd.Series(["two dogs barked", "a hot-dog stand", "dogma", "the dog's bowl", "早餐很好"])
    assert find_named(texts, "Dogs").tolist() == [True, True, False, True, False]
    assert find_named(texts, "the dog").tolist() == [True, True, False, True, False]
    assert find_named(texts, "dog bowl").tolist() == [False, False, False, True, False]
    assert find_named(texts, "早餐").tolist() == [False] * 4 + [True]
    assert not find_named(texts, "of the").any()


def test_a_sentence_moves_half_towards_its_review() -> None:
    axes = np.eye(3, dtype=np.float32)
    moved = add_context(axes, np.array([0, 0, 1], np.int32))
    # The first review's mean points to (1, 1, 0) / √2, half of which is added.
    shift = 0.5 / np.sqrt(2)
    first = np.array([1 + shift, shift, 0]) / np.hypot(1 + shift, shift)
    np.testing.assert_allclose(moved[0], first, atol=1e-6)
    np.testing.assert_allclose(moved[2], axes[2], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-6)
