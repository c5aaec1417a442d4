"""Polarity: learned from ratings where there are some, read from a word list where not."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from agent.use_cases import Tribune
from tools.embedding.sentiment import MIN_TRAINING_REVIEWS, PolarityModel, score_lexicon

# No word list knows these; only their reviews' stars tell what they mean.
PRAISE = ["zorb", "flink", "marvo", "quell", "trisk"]
BLAME = ["grak", "snurt", "wodge", "plim", "vort"]
PLAIN = ["room", "street", "table", "monday", "window", "bus", "corner", "lamp", "key", "stair"]


class Corpus:
    """Reviews of two sentences with invented words; vectors carry no meaning at all."""

    def __init__(self, ratings: list[float], *, seed: int = 0) -> None:
        rng = random.Random(seed)
        self.ratings = np.array(ratings, dtype=np.float32)
        known = [rating for rating in ratings if not np.isnan(rating)]
        middle = (min(known) + max(known)) / 2 if known else 0
        self.sentences: list[str] = []
        self.warm: list[bool] = []
        for rating in ratings:
            warm = rng.random() < 0.5 if np.isnan(rating) else rating > middle
            for _ in range(2):
                self.sentences.append(say(warm, rng))
                self.warm.append(bool(warm))
        self.rows = np.repeat(np.arange(len(ratings)), 2).astype(np.int32)
        noise = np.random.default_rng(seed).normal(size=(len(self.sentences), 16))
        self.vectors = (noise / np.linalg.norm(noise, axis=1, keepdims=True)).astype(np.float32)
        self.lexicon = score_lexicon(self.sentences)

    def teach(self) -> PolarityModel:
        return PolarityModel().fit(
            self.vectors, self.lexicon, self.sentences, self.rows, self.ratings
        )

    def judge(self, model: PolarityModel) -> np.ndarray:
        return model.predict(self.vectors, self.lexicon, self.sentences)


def say(warm: bool, rng: random.Random) -> str:
    words = rng.sample(PLAIN, 4) + rng.sample(PRAISE if warm else BLAME, 2)
    rng.shuffle(words)
    return "The " + " ".join(words) + "."


def stars(low: float, high: float, n: int) -> list[float]:
    return [low, high] * n


def test_words_that_no_list_knows_are_learned_from_the_stars() -> None:
    model = Corpus(stars(1, 5, 200)).teach()
    unseen = Corpus([float("nan")] * 100, seed=1)
    assert model.learned_
    assert model.n_training_ == 400
    polarity = unseen.judge(model)
    assert ((polarity > 0) == unseen.warm).mean() >= 0.95
    assert np.abs(polarity).max() <= 1


@pytest.mark.parametrize(("low", "high"), [(2, 4), (1, 10), (0, 1), (20, 95)])
def test_every_scale_of_ratings_teaches(low: float, high: float) -> None:
    ratings = stars(low, high, 80)
    # The ends of the scale occur too, so that 2 and 4 are read as of five stars.
    corpus = Corpus(ratings + ([1, 5] if high == 4 else []))
    model = corpus.teach()
    assert model.learned_
    assert ((corpus.judge(model) > 0) == corpus.warm).mean() >= 0.9


def test_without_ratings_the_word_list_speaks() -> None:
    corpus = Corpus([float("nan")] * 200)
    corpus.sentences[:2] = ["The staff were wonderful and kind.", "A horrible, dirty room."]
    corpus.lexicon = score_lexicon(corpus.sentences)
    model = corpus.teach()
    assert not model.learned_
    assert model.n_training_ == 0
    polarity = corpus.judge(model)
    np.testing.assert_array_equal(polarity, corpus.lexicon[:, 3])
    assert polarity[0] > 0.5
    assert polarity[1] < -0.5


def test_sixty_reviews_on_each_side_are_enough_and_one_less_is_not() -> None:
    enough = stars(1, 5, MIN_TRAINING_REVIEWS)
    assert Corpus(enough).teach().learned_
    assert not Corpus(enough[1:]).teach().learned_
    assert not Corpus([5.0] * 500).teach().learned_
    assert not Corpus([3.0] * 500 + stars(1, 5, 20)).teach().learned_


def test_a_happy_corpus_does_not_make_plain_sentences_warm() -> None:
    corpus = Corpus([1.0] * 60 + [5.0] * 1140)
    model = corpus.teach()
    plain = ["The lamp by the window.", "The bus on the corner.", "A table and a key."]
    vectors = np.zeros((3, 16), dtype=np.float32)
    polarity = model.predict(vectors, score_lexicon(plain), plain)
    assert np.abs(polarity).max() < 0.25


def test_the_same_corpus_and_seed_give_the_same_polarity() -> None:
    corpus = Corpus(stars(1, 5, 80))
    np.testing.assert_array_equal(corpus.judge(corpus.teach()), corpus.judge(corpus.teach()))


def test_stars_of_other_reviews_teach_more_than_the_word_list_knows(
    sample_tribune: Tribune,
) -> None:
    """300 reviews that the model has not seen, by whether they gave five stars or under three."""
    sentences = sample_tribune.table.query("SELECT review_id, text, rating FROM sentences")
    vectors = np.load(sample_tribune.version / "sentence_vectors.npy").astype(np.float32)
    reviews = pd.factorize(sentences["review_id"])[0].astype(np.int32)
    stars = sentences.groupby(reviews)["rating"].first().to_numpy(np.float32)
    unseen = np.flatnonzero((np.arange(len(stars)) % 4 == 0) & np.isin(stars, (1, 2, 5)))[:300]
    taught = stars.copy()
    taught[unseen] = np.nan
    texts = sentences["text"].tolist()
    lexicon = score_lexicon(texts)
    model = PolarityModel().fit(vectors, lexicon, texts, reviews, taught)

    def tell_apart(polarity: np.ndarray) -> float:
        mean = pd.Series(polarity).groupby(reviews).mean()[unseen]
        return float(roc_auc_score(stars[unseen] == 5, mean))

    learned = tell_apart(model.predict(vectors, lexicon, texts))
    assert learned >= 0.75
    assert learned >= tell_apart(lexicon[:, 3]) + 0.15
