"""What a message asks for: intents learned from tagged questions over the encoder's frozen vectors.

Kernel ridge regression onto the tags, which has its leave-one-out predictions in closed form: how
sure to be, and from where on to trust an intent, are learned from predictions of questions that
had no part in them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import spotri
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer

from tools.errors import InputError
from tools.support.calibration import choose_threshold, learn_odds
from tools.support.words import split_words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MIN_TAGS = 2
# A tag with fewer questions is not learned.
MIN_PER_TAG = 3
ROWS_AT_ONCE = 1000
# Of known questions so many are as far from all others as an unknown kind of message is.
STRANGE_SHARE = 0.01


@dataclass(frozen=True)
class IntentSettings:
    """sharpness: how fast nearness falls with the angle, as exp(sharpness · (cosine − 1)); words:
    what shared words and letters count beside it; ridge: how much every question is doubted;
    precision: share of the intents called sure that shall be right; most: so many questions are
    learned from, since time grows with their third power and memory with their square.
    """

    sharpness: float = 4.0
    words: float = 0.5
    ridge: float = 0.1
    precision: float = 0.95
    most: int = 12_000


@dataclass(frozen=True)
class Intent:
    """confidence: probability that `tag` is right, in [0, 1]; sure: whether to act on it;
    runner_up: the next best tag.
    """

    tag: str
    confidence: float
    sure: bool
    runner_up: str


class IntentClassifier:
    """Message → one of the tags.

    The kernel is exp(sharpness · (cosine − 1)) of the vectors plus TF-IDF cosines of words and word
    pairs and of pieces of 2 to 5 letters, which catch slips of the pen. Leave-one-out scores:
    Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, eq. 5.12.
    """

    def __init__(self, settings: IntentSettings | None = None, *, seed: int = 0) -> None:
        self.settings = settings or IntentSettings()
        self.seed = seed

    def fit(
        self, questions: Sequence[str], vectors: Floats, tags: Sequence[str]
    ) -> IntentClassifier:
        """Learn from n questions, their (n, d) unit vectors and the tag of each ("" for none).

        Raises: InputError without two tags of three questions each.
        """
        count = Counter(tags)
        known = sorted(tag for tag, n in count.items() if tag and n >= MIN_PER_TAG)
        if len(known) < MIN_TAGS:
            raise InputError(
                f"Intents are learned from at least {MIN_TAGS} tags with {MIN_PER_TAG} questions "
                f"each; got {len(known)}. Tag more questions."
            )
        of = {tag: position for position, tag in enumerate(known)}
        rows = np.array([row for row, tag in enumerate(tags) if tag in of])
        if len(rows) > self.settings.most:
            drawn = np.random.default_rng(self.seed).permutation(len(rows))
            rows = np.sort(rows[drawn[: self.settings.most]])
        truth = np.array([of[tags[row]] for row in rows])
        self.tags_ = known
        self._remember([questions[row] for row in rows], vectors[rows].astype(np.float32))
        self._learn(truth)
        return self

    def predict(self, messages: Sequence[str], vectors: Floats) -> list[Intent]:
        """One intent a message, given their (n, d) unit vectors, row i for messages[i]."""
        found: list[Intent] = []
        for start in range(0, len(messages), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            kernel, nearness = self._compare(messages[part], vectors[part])
            scores = kernel @ self.weights_
            confidence = expit(_describe(scores) @ self.odds_[:-1] + self.odds_[-1])
            sure = (confidence >= self.threshold_) & (nearness >= self.strange_)
            best = np.argsort(-scores, axis=1)[:, :2]
            found += [
                Intent(self.tags_[first], float(p), bool(s), self.tags_[second])
                for (first, second), p, s in zip(best, confidence, sure, strict=True)
            ]
        return found

    def save(self, file: Path) -> None:
        """Write what was learned as plain arrays (.npz)."""
        words = json.dumps({"tags": self.tags_, "questions": self._questions}).encode()
        np.savez_compressed(
            file,
            words=np.frombuffer(words, dtype=np.uint8),
            vectors=self._vectors.astype(np.float16),
            weights=self.weights_,
            odds=self.odds_,
            limits=np.array([self.threshold_, self.strange_]),
            kernel=np.array([self.settings.sharpness, self.settings.words]),
        )

    @classmethod
    def load(cls, file: Path) -> IntentClassifier:
        """The classifier that `save` wrote, to predict with."""
        with np.load(file, allow_pickle=False) as arrays:
            words = json.loads(arrays["words"].tobytes())
            sharpness, share = map(float, arrays["kernel"])
            model = cls(IntentSettings(sharpness=sharpness, words=share))
            model.tags_ = words["tags"]
            model._remember(words["questions"], arrays["vectors"].astype(np.float32))
            model.weights_, model.odds_ = arrays["weights"], arrays["odds"]
            model.threshold_, model.strange_ = map(float, arrays["limits"])
        return model

    def _remember(self, questions: list[str], vectors: Floats) -> None:
        self._questions, self._vectors = questions, vectors
        self._words = TfidfVectorizer(analyzer=split_words, sublinear_tf=True, dtype=np.float32)
        self._letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32
        )
        self._lexical = sparse.hstack(
            [self._words.fit_transform(questions), self._letters.fit_transform(questions)]
        ).tocsr()

    def _compare(self, messages: Sequence[str], vectors: Floats) -> tuple[Floats, Floats]:
        """(n, n_questions) kernel, and (n,) cosine of the nearest question."""
        lexical = sparse.hstack(
            [self._words.transform(messages), self._letters.transform(messages)]
        )
        cosine = vectors.astype(np.float32) @ self._vectors.T
        return self._mix(cosine, (lexical.tocsr() @ self._lexical.T).toarray()), cosine.max(axis=1)

    def _mix(self, cosine: Floats, lexical: Floats) -> Floats:
        near = np.exp(self.settings.sharpness * (cosine - 1))
        return np.asarray(near + self.settings.words / 2 * lexical, dtype=np.float32)

    def _learn(self, truth: Ints) -> None:
        """Weights (n, n_tags), and from their leave-one-out scores the odds and the limits."""
        n = len(truth)
        cosine = self._vectors @ self._vectors.T
        kernel = self._mix(cosine, (self._lexical @ self._lexical.T).toarray())
        np.fill_diagonal(cosine, -1)
        self.strange_ = float(np.quantile(cosine.max(axis=1), STRANGE_SHARE))
        del cosine
        kernel[np.diag_indices(n)] += self.settings.ridge
        factor, lower = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        targets = np.eye(len(self.tags_), dtype=np.float32)[truth]
        self.weights_: Floats = cho_solve((factor, lower), targets)
        inverse, _ = spotri(factor, lower=True, overwrite_c=True)
        scores = targets - self.weights_ / np.diag(inverse)[:, None]
        right = scores.argmax(axis=1) == truth
        self.left_out_accuracy_ = float(right.mean())
        features, ones = _describe(scores), np.ones(n)
        self.odds_ = learn_odds(features, right, ones)
        confidence = expit(features @ self.odds_[:-1] + self.odds_[-1])
        self.threshold_ = choose_threshold(confidence, right, ones, self.settings.precision)


def _describe(scores: Floats) -> npt.NDArray[np.float64]:
    """(n, 2): the best score, and how far it lies above the second."""
    best = -np.partition(-scores, 1, axis=1)[:, :2]
    return np.column_stack([best[:, 0], best[:, 0] - best[:, 1]]).astype(np.float64)
