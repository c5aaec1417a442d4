"""Polarity of sentences, learned from the corpus's own ratings; a lexicon where there are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

# Beyond these polarities a sentence is called warm or cold.
WARM, COLD = 0.25, -0.25

MIN_TRAINING_REVIEWS = 60
MAX_TRAINING_SENTENCES = 60_000
# The lexicon counts as much as what this many rated reviews teach.
LEXICON_REVIEWS = 2000
LEXICON_ODDS = 2.0

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)*|[!?]")


class PolarityModel:
    """Probability p of being positive, as 2p − 1. Three readers' log-odds are averaged:

    1. a logistic regression over sentence vectors and lexicon scores, learned from sentences, each
       labelled by its review's rating (noisy labels, of which there are many);
    2. the same over reviews' mean vectors and scores (clean labels, of which there are fewer);
    3. a logistic regression over TF-IDF words and word pairs of whole reviews.

    The average is mixed with the lexicon's compound score, which leads where reviews are few: with
    n rated reviews the readers weigh n / (n + 2000).

    Reviews rated clearly above the middle of the scale are positive, clearly below negative.
    Classes are balanced, so that a corpus of happy reviews does not make every sentence warm.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def fit(
        self,
        vectors: Floats,
        lexicon: Floats,
        sentences: Sequence[str],
        reviews: Ints,
        ratings: Floats,
    ) -> PolarityModel:
        """Learn from n sentences of m rated reviews.

        vectors: (n, d); lexicon: (n, 4); reviews: (n,) review row of each sentence, ascending;
        ratings: (m,), NaN for none. Without 60 reviews on each side, `learned_` is False and
        `predict` returns the lexicon's compound score.
        """
        low, high = _thresholds(ratings)
        told = np.where(ratings >= high, 1, np.where(ratings <= low, 0, -1))
        written = np.bincount(reviews, minlength=len(ratings)) > 0
        rows = np.flatnonzero((told >= 0) & written)
        smaller = min(np.count_nonzero(told[rows] == side) for side in (0, 1))
        self.learned_ = bool(smaller >= MIN_TRAINING_REVIEWS)
        self.n_training_ = len(rows) if self.learned_ else 0
        if not self.learned_:
            return self
        self._scaler = StandardScaler().fit(lexicon)
        features = self._features(vectors, lexicon)
        labels = told[reviews]
        rng = np.random.default_rng(self.seed)
        chosen = rng.permutation(np.flatnonzero(labels >= 0))[:MAX_TRAINING_SENTENCES]
        self._by_sentence = _regression(0.01).fit(features[chosen], labels[chosen])
        means = _average(features, reviews, len(ratings))
        self._by_review = _regression(0.01).fit(means[rows], told[rows])
        texts = _join(sentences, reviews, len(ratings))
        self._words = TfidfVectorizer(
            analyzer=_words_and_pairs, min_df=3, sublinear_tf=True, max_features=100_000
        )
        counted = self._words.fit_transform([texts[r] for r in rows])
        self._by_words = _regression(5.0).fit(counted, told[rows])
        return self

    def predict(self, vectors: Floats, lexicon: Floats, sentences: Sequence[str]) -> Floats:
        """(n,) polarities in [-1, 1]; 0 is neither."""
        if not self.learned_:
            return lexicon[:, 3].astype(np.float32)
        features = self._features(vectors, lexicon)
        odds = (
            self._by_sentence.decision_function(features)
            + self._by_review.decision_function(features)
            + self._by_words.decision_function(self._words.transform(sentences))
        ) / 3
        trust = self.n_training_ / (self.n_training_ + LEXICON_REVIEWS)
        mixed = trust * odds + (1 - trust) * LEXICON_ODDS * lexicon[:, 3]
        return np.asarray(2 * expit(mixed) - 1, dtype=np.float32)

    def _features(self, vectors: Floats, lexicon: Floats) -> Floats:
        # A unit vector's components are about 1/sqrt(d): scaled to the size of the lexicon's.
        scale = np.float32(np.sqrt(vectors.shape[1]))
        return np.hstack([vectors * scale, self._scaler.transform(lexicon)]).astype(np.float32)


def score_lexicon(sentences: Sequence[str]) -> Floats:
    """(n, 4) VADER scores: negative, neutral, positive shares and compound in [-1, 1].

    Hutto and Gilbert, VADER, ICWSM 2014.
    """
    analyzer = SentimentIntensityAnalyzer()
    scores = np.zeros((len(sentences), 4), dtype=np.float32)
    for row, sentence in enumerate(sentences):
        s = analyzer.polarity_scores(sentence)
        scores[row] = s["neg"], s["neu"], s["pos"], s["compound"]
    return scores


def _regression(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=500)


def _average(features: Floats, reviews: Ints, n_reviews: int) -> Floats:
    sums = np.zeros((n_reviews, features.shape[1]), dtype=np.float32)
    np.add.at(sums, reviews, features)
    counts = np.bincount(reviews, minlength=n_reviews)
    return np.asarray(sums / np.maximum(counts, 1)[:, None], dtype=np.float32)


def _join(sentences: Sequence[str], reviews: Ints, n_reviews: int) -> list[str]:
    texts = [""] * n_reviews
    for sentence, review in zip(sentences, reviews, strict=True):
        texts[review] += " " + sentence
    return texts


def _words_and_pairs(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def _thresholds(ratings: Floats) -> tuple[float, float]:
    """Ratings at or below the first are negative, at or above the second positive: 1–2 and 4–5 of
    five stars, and the outer three tenths of another scale's range.
    """
    known = ratings[~np.isnan(ratings)]
    if not len(known) or known.min() == known.max():
        return -np.inf, np.inf
    bottom, top = float(known.min()), float(known.max())
    return bottom + 0.3 * (top - bottom), top - 0.3 * (top - bottom)
