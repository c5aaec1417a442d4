"""Topics: sentences that belong together found together, and named by their own words."""

from __future__ import annotations

import numpy as np
import pytest

from tests.worlds import LOVE_AND_HATE, list_sentences
from tools.clustering.topics import (
    MIN_SIMILARITY,
    Topics,
    assign_topics,
    choose_terms,
    choose_topic_count,
    find_topics,
    name_topics,
    share_among_topics,
)
from tools.embedding.encoder import Encoder
from tools.profiling.terms import tokenize

SUBJECTS = {
    "wifi": [f"The wifi {w}." for w in (
        "was fast in the lobby", "kept dropping", "reached the garden", "password changed daily",
        "signal was weak upstairs", "let us stream films", "cost extra", "died every evening",
        "was the best on our trip", "worked without a hitch")],
    "parking": [f"Parking {w}." for w in (
        "was free behind the house", "cost twenty a night", "is tight for a van", "was full by six",
        "needs a token from the desk", "on the street is easy", "in the garage felt safe",
        "is a long way off", "was a nightmare", "for disabled drivers is by the door")],
    "breakfast": [f"Breakfast {w}." for w in (
        "had warm rolls and jam", "was served until noon", "was cold eggs again",
        "came with fresh juice", "is worth getting up for", "ran out of coffee",
        "included smoked fish", "was a plain buffet", "in the courtyard was lovely",
        "had nothing for vegans")],
}  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def find_in(
    sentences: list[str], encoder: Encoder, *, n_topics: int | None = None
) -> tuple[Topics, np.ndarray]:
    vectors = encoder.encode(sentences)
    return find_topics(vectors, sentences, encoder.encode, n_topics=n_topics), vectors


def measure_purity(labels: np.ndarray, truth: np.ndarray) -> float:
    """Share of the rows placed in a topic that are of their topic's commonest subject."""
    placed = labels >= 0
    best = sum(np.bincount(truth[labels == topic]).max() for topic in set(labels[placed]))
    return float(best / placed.sum())


def test_sentences_on_one_subject_share_a_topic_that_its_words_name(encoder: Encoder) -> None:
    sentences = [s for said in SUBJECTS.values() for s in said]
    truth = np.repeat(np.arange(3), 10)
    topics, _ = find_in(sentences, encoder, n_topics=3)
    assert measure_purity(topics.labels, truth) >= 0.95
    for subject, word in enumerate(SUBJECTS):
        topic = np.bincount(topics.labels[truth == subject]).argmax()
        assert word in topics.names[topic]
        assert any(word in term for term in topics.terms[topic])


def test_subjects_are_found_in_hundreds_of_sentences_that_do_not_name_them(
    encoder: Encoder,
) -> None:
    said = [list_sentences(topic) for topic in LOVE_AND_HATE]
    sentences = [s for own in said for s in own]
    truth = np.repeat(np.arange(len(said)), [len(own) for own in said])
    topics, _ = find_in(sentences, encoder, n_topics=len(said))
    assert measure_purity(topics.labels, truth) >= 0.85
    again, _ = find_in(sentences, encoder, n_topics=len(said))
    np.testing.assert_array_equal(topics.labels, again.labels)
    assert topics.names == again.names


def test_what_a_topic_says_of_itself_is_true(encoder: Encoder) -> None:
    sentences = list_sentences("spicy food") + list_sentences("live music")
    topics, vectors = find_in(sentences, encoder)
    n = len(topics.names)
    assert choose_topic_count(len(sentences)) == len(topics.centres) >= n == len(topics.terms) > 0
    np.testing.assert_allclose(np.linalg.norm(topics.centres, axis=1), 1, atol=1e-5)
    nearest = np.maximum(topics.labels, 0)
    cosine = np.einsum("ij,ij->i", vectors, topics.centres[nearest])
    placed = topics.labels >= 0
    np.testing.assert_allclose(topics.similarity[placed], cosine[placed], atol=1e-5)
    assert (topics.similarity[placed] >= MIN_SIMILARITY).all()
    elsewhere = (vectors @ topics.centres.T).argmax(axis=1) >= n
    assert (elsewhere | (topics.similarity < MIN_SIMILARITY))[~placed].all()
    assert len(set(topics.names)) == n
    text = {word for s in sentences for word in tokenize(s)}
    for terms in topics.terms:
        assert len(terms) <= 8
        assert {word for term in terms for word in term.split()} <= text


def test_the_largest_topic_comes_first(encoder: Encoder) -> None:
    sentences = SUBJECTS["wifi"] + SUBJECTS["parking"][:6] + SUBJECTS["breakfast"][:3]
    topics, _ = find_in(sentences, encoder, n_topics=3)
    sizes = np.bincount(topics.labels[topics.labels >= 0], minlength=3)
    assert list(sizes) == sorted(sizes, reverse=True)
    assert "wifi" in topics.names[0]


def test_a_sentence_far_from_every_topic_is_in_none() -> None:
    axes = np.eye(4, dtype=np.float32)
    vectors = np.vstack([np.repeat(axes[:1], 20, axis=0), np.repeat(axes[1:2], 20, axis=0)])
    stray = np.full((1, 4), 0.5, dtype=np.float32) - axes[:1] * 0.4 - axes[1:2] * 0.4
    stray /= np.linalg.norm(stray)
    everything = np.vstack([vectors, stray]).astype(np.float32)
    words = ["pool water"] * 20 + ["train ticket"] * 20 + ["lonely remark"]
    topics = find_topics(
        everything, words, lambda texts: axes[np.zeros(len(texts), int)], n_topics=2
    )
    assert topics.labels[-1] == -1
    assert sorted(np.bincount(topics.labels[:-1])) == [20, 20]
    assert {t for terms in topics.terms for t in terms} <= {"pool water", "train ticket", "pool",
                                                           "water", "train", "ticket"}  # fmt: skip


def test_a_manner_of_speaking_is_no_topic(encoder: Encoder) -> None:
    remarks = [
        "We would recommend, returning soon!", "Recommend, try, returning again!",
        "Would recommend and try again soon.", "We keep returning, recommend to try!",
    ]  # fmt: skip
    scattered = [f"{w}, {w[::-1]}!" for w in (
        "seriously honestly whatever frankly anyway indeed hooray alas gosh blimey crikey phew "
        "yikes bravo hmm cheers hurray eek shush jeez golly gee wham bingo whoops yahoo boo ahem "
        "psst eureka tut zounds ouch dang darn nope yep nah meh huh").split()]  # fmt: skip
    sentences = SUBJECTS["parking"] * 3 + remarks * 8 + scattered
    labels = np.repeat([0, 1, 2], [30, 32, 40]).astype(np.int32)
    vectors = encoder.encode(sentences)
    centres = np.stack([vectors[labels == cluster].mean(axis=0) for cluster in range(3)])
    _, subject = choose_terms(sentences, labels, centres, encoder.encode)
    assert subject.tolist() == [True, False, False]


def test_what_is_nearest_to_a_cluster_without_a_subject_is_in_no_topic() -> None:
    labels, nearest = assign_topics(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32), 2)
    assert labels.tolist() == [0, 1, -1]
    assert nearest.tolist() == [1, 1, 1]


def test_one_sentence_and_none_are_no_trouble(encoder: Encoder) -> None:
    one, _ = find_in(["The pool was lovely."], encoder)
    assert list(one.labels) == [0]
    assert "pool" in one.names[0]
    none, _ = find_in([], encoder)
    assert none.names == []
    assert len(none.labels) == 0


def test_the_same_sentence_a_hundred_times_is_one_topic(encoder: Encoder) -> None:
    topics, _ = find_in(["Great pool."] * 100, encoder)
    assert set(topics.labels) == {0}
    assert len(topics.names) == 1


def test_chinese_topics_are_named_by_whole_words(encoder: Encoder) -> None:
    sentences = [
        "早餐很丰富味道不错。", "早餐种类太少了。", "酒店的早餐很好吃。", "早餐一般般。",
        "停车场很方便。", "停车场太小了。", "免费停车场不错。", "停车场离得远。",
    ]  # fmt: skip
    centres = encoder.encode(["早餐", "停车场"])
    labels = np.repeat(np.arange(2), 4).astype(np.int32)
    terms, _ = choose_terms(sentences, labels, centres, encoder.encode)
    assert "早餐" in terms[0]
    assert "停车场" in terms[1]
    assert sum("停车场" in term for term in terms[1]) == 1


@pytest.mark.parametrize(
    ("sentences", "topics"), [(0, 1), (1, 1), (8, 1), (16, 2), (40, 5), (8000, 75), (10**6, 150)]
)
def test_the_number_of_topics_follows_the_number_of_sentences(sentences: int, topics: int) -> None:
    assert choose_topic_count(sentences) == topics


def test_a_sentence_is_shared_by_the_topics_it_lies_between() -> None:
    centres = np.eye(3, dtype=np.float32)
    half = np.sqrt(np.float32(0.5))
    shares = share_among_topics(np.array([[1, 0, 0], [half, half, 0]], np.float32), centres)
    # Softmax of (1, 0, 0) / 0.05 and of (0.707, 0.707, 0) / 0.05.
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(shares[0], [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(shares[1], [0.5, 0.5, 0], atol=1e-5)


def test_names_that_would_clash_grow_longer_and_then_get_a_number() -> None:
    assert name_topics([["pool", "sun", "sea"], ["pool", "sun", "bar"], ["tram"], ["tram"], []]) == [
        "pool & sun",
        "pool & sun & bar",
        "tram",
        "tram (3)",
        "topic 4",
    ]  # fmt: skip
