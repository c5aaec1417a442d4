"""Polarity of sentences, learned from the corpus's own ratings; a lexicon where there are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

MIN_TRAINING_SENTENCES = 200
MAX_TRAINING_SENTENCES = 60_000
LEXICON_WEIGHT = 4.0

Floats = npt.NDArray[np.float32]


class PolarityModel:
    """Probability of being positive from a sentence's vector and lexicon scores, as 2p − 1.

    A sentence of a review rated clearly above the corpus's middle counts as positive, clearly
    below as negative: noisy labels, of which there are many. The classes are balanced, so that
    a corpus of mostly happy reviews does not make every sentence warm.
    """

    def __init__(self, *, C: float = 0.1, seed: int = 0) -> None:
        self.C = C
        self.seed = seed

    def fit(self, vectors: Floats, lexicon: Floats, ratings: Floats) -> PolarityModel:
        """Learn from sentences, (n, d) vectors, (n, 4) lexicon scores, (n,) ratings (NaN: none).

        Without enough rated sentences on both sides, `learned_` is False and `predict` returns the
        lexicon's compound score.
        """
        low, high = _thresholds(ratings)
        positive, negative = np.flatnonzero(ratings >= high), np.flatnonzero(ratings <= low)
        self.learned_ = min(len(positive), len(negative)) >= MIN_TRAINING_SENTENCES
        self.n_training_ = 0
        if self.learned_:
            rng = np.random.default_rng(self.seed)
            half = MAX_TRAINING_SENTENCES // 2
            rows = np.concatenate(
                [rng.permutation(positive)[:half], rng.permutation(negative)[:half]]
            )
            labels = (ratings[rows] >= high).astype(np.int8)
            self._scaler = StandardScaler().fit(lexicon[rows])
            self._model = LogisticRegression(C=self.C, class_weight="balanced", max_iter=300)
            self._model.fit(self._features(vectors[rows], lexicon[rows]), labels)
            self.n_training_ = len(rows)
        return self

    def predict(self, vectors: Floats, lexicon: Floats) -> Floats:
        """(n,) polarities in [-1, 1]; 0 is neither."""
        if not self.learned_:
            return lexicon[:, 3].astype(np.float32)
        p = self._model.predict_proba(self._features(vectors, lexicon))[:, 1]
        return (2 * p - 1).astype(np.float32)

    def _features(self, vectors: Floats, lexicon: Floats) -> Floats:
        # A unit vector's components are about 1/sqrt(d): scaled to the size of the lexicon's.
        scale = np.sqrt(vectors.shape[1], dtype=np.float32)
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


def _thresholds(ratings: Floats) -> tuple[float, float]:
    """Ratings at or below the first are negative, at or above the second positive.

    The outer two fifths of the scale's range: 1–2 and 4–5 of five stars.
    """
    known = ratings[~np.isnan(ratings)]
    if not len(known):
        return -np.inf, np.inf
    bottom, top = float(known.min()), float(known.max())
    span = top - bottom
    return bottom + 0.3 * span, top - 0.3 * span if span else np.inf
