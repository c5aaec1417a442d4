"""Polarity of sentences, learned from the corpus's own ratings; a lexicon where there are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from tools.pooling import average_parts

# Beyond these polarities a sentence is called warm or cold.
WARM, COLD = 0.25, -0.25

MIN_TRAINING_REVIEWS = 60
MAX_TRAINING_SENTENCES = 100_000
# The lexicon counts as much as what this many rated reviews teach.
LEXICON_REVIEWS = 2000
LEXICON_ODDS = 2.0

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)*|[!?]")


class PolarityModel:
    """Probability p of being positive, as 2p − 1, from two readers of log-odds:

    1. a logistic regression over reviews' mean vectors and lexicon scores. A sentence lies about √l
       times as far from the middle as the mean of a review of l sentences, so its odds are divided
       by √l, with l the corpus's mean;
    2. a logistic regression over sentences' words and word pairs, each weighted by the log-ratio of
       its shares in positive and negative reviews' sentences (Wang and Manning 2012, NBSVM).

    Their sum is mixed with the lexicon's compound score, which leads where reviews are few: with n
    rated reviews the readers weigh n / (n + 2000).

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
        low, high = find_rating_sides(ratings)
        told = np.where(ratings >= high, 1, np.where(ratings <= low, 0, -1))
        counts = np.bincount(reviews, minlength=len(ratings))
        rows = np.flatnonzero((told >= 0) & (counts > 0))
        smaller = min(np.count_nonzero(told[rows] == side) for side in (0, 1))
        self.learned_ = bool(smaller >= MIN_TRAINING_REVIEWS)
        self.n_training_ = len(rows) if self.learned_ else 0
        if not self.learned_:
            return self
        spread = lexicon.std(axis=0)
        self._lexicon = np.stack([lexicon.mean(axis=0), np.where(spread > 0, spread, 1)])
        means = average_parts(self._features(vectors, lexicon), reviews, len(ratings))
        by_review = _regression(0.01).fit(means[rows], told[rows])
        self._review_odds = _join_odds(by_review) / np.sqrt(counts[rows].mean())
        labels = told[reviews]
        rng = np.random.default_rng(self.seed)
        chosen = rng.permutation(np.flatnonzero(labels >= 0))[:MAX_TRAINING_SENTENCES]
        self._words = CountVectorizer(analyzer=_words_and_pairs, min_df=3, binary=True)
        counted = self._words.fit_transform([sentences[row] for row in chosen])
        weights = _weigh_words(counted, labels[chosen])
        by_words = _regression(0.1).fit(counted @ sparse.diags(weights), labels[chosen])
        self._word_odds = _join_odds(by_words) * np.append(weights, 1)
        return self

    def predict(self, vectors: Floats, lexicon: Floats, sentences: Sequence[str]) -> Floats:
        """(n,) polarities in [-1, 1]; 0 is neither."""
        if not self.learned_:
            return lexicon[:, 3].astype(np.float32)
        by_review = self._features(vectors, lexicon) @ self._review_odds[:-1]
        by_words = self._words.transform(sentences) @ self._word_odds[:-1]
        odds = by_review + self._review_odds[-1] + by_words + self._word_odds[-1]
        trust = self.n_training_ / (self.n_training_ + LEXICON_REVIEWS)
        mixed = trust * odds + (1 - trust) * LEXICON_ODDS * lexicon[:, 3]
        return np.asarray(2 * expit(mixed) - 1, dtype=np.float32)

    def save(self, file: Path) -> None:
        """Write what was learned as plain arrays (.npz)."""
        learned: dict[str, Any] = {}
        if self.learned_:
            words = "\n".join(self._words.get_feature_names_out()).encode()
            learned = {
                "lexicon": self._lexicon,
                "review_odds": self._review_odds,
                "word_odds": self._word_odds,
                "words": np.frombuffer(words, dtype=np.uint8),
            }
        np.savez_compressed(file, n_training=np.array(self.n_training_), **learned)

    @classmethod
    def load(cls, file: Path) -> PolarityModel:
        """The model that `save` wrote."""
        model = cls()
        with np.load(file, allow_pickle=False) as arrays:
            model.n_training_ = int(arrays["n_training"])
            model.learned_ = model.n_training_ > 0
            if model.learned_:
                model._lexicon = arrays["lexicon"]
                model._review_odds = arrays["review_odds"]
                model._word_odds = arrays["word_odds"]
                words = arrays["words"].tobytes().decode().split("\n")
                model._words = CountVectorizer(
                    analyzer=_words_and_pairs, vocabulary=words, binary=True
                )
        return model

    def _features(self, vectors: Floats, lexicon: Floats) -> Floats:
        # A unit vector's components are about 1/sqrt(d): scaled to the size of the lexicon's.
        scale = np.float32(np.sqrt(vectors.shape[1]))
        mean, spread = self._lexicon
        return np.hstack([vectors * scale, (lexicon - mean) / spread]).astype(np.float32)


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


def _join_odds(model: LogisticRegression) -> npt.NDArray[np.float64]:
    """Its weights and, last, its intercept."""
    return np.append(model.coef_[0], model.intercept_[0])


def _weigh_words(counted: sparse.csr_matrix, positive: Ints) -> npt.NDArray[np.float64]:
    """The log-ratios of the shares of either side's sentences that hold a word. To both shares one
    sentence of the smaller side is added, so that a word seen on neither side much leans nowhere.
    """
    sizes = [np.count_nonzero(positive == side) for side in (1, 0)]
    warm, cold = (
        np.asarray(counted[positive == side].sum(axis=0)).ravel() / size + 1 / min(sizes)
        for side, size in zip((1, 0), sizes, strict=True)
    )
    return np.asarray(np.log(warm / cold))


def _words_and_pairs(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def find_rating_sides(ratings: Floats) -> tuple[float, float]:
    """Ratings at or below the first are negative, at or above the second positive: 1–2 and 4–5 of
    five stars, and the outer three tenths of another scale's range.
    """
    known = ratings[~np.isnan(ratings)]
    if not len(known) or known.min() == known.max():
        return -np.inf, np.inf
    bottom, top = float(known.min()), float(known.max())
    return bottom + 0.3 * (top - bottom), top - 0.3 * (top - bottom)
