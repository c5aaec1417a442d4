"""How likely a past question answers a message: nearness and shared words in one probability.

Its weights are learned from the past questions themselves, where several have the same answer: a
question is taken out and asked, and what is found is right if it gives the same answer. Then all
questions with that answer are taken out, and whatever is found is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from tools.support.calibration import choose_threshold, learn_odds
from tools.support.words import WordIndex

Floats = npt.NDArray[np.float32]
Odds = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CANDIDATES = 50
MIN_ASKED = 100
MAX_ASKED = 500
# So many messages are taken to ask what no past question answers.
ABSENT_SHARE = 0.2
# Of the answers given as sure so many shall be right.
PRECISION = 0.9
NEAREST = 10
# Log-odds for a question that holds the codes of the message, and against one that does not.
CODE_ODDS = 3.0


@dataclass(frozen=True)
class Candidates:
    """n rows of past questions, and of each: its cosine with the message, in [−1, 1]; cover, the
    share of the weight of the message's words that it holds, in [0, 1]; lead, how far its cosine
    lies above that of the nearest candidate with another answer (0 if there is none); codes, from
    −1, it holds none of the codes of the message, to 1, it holds them all.
    """

    rows: Ints
    cosine: Odds
    cover: Odds
    lead: Odds
    codes: Odds


@dataclass(frozen=True)
class MatchWeights:
    """Log-odds that a question answers a message: intercept + a weight · what `Candidates` says of
    it, each; sure: from which probability on an answer is given. The defaults were learned from
    banking77's train split, one question an intent, with some more weight on words, for product
    names; there `learned` is False.
    """

    intercept: float = -4.6
    cosine: float = 4.1
    cover: float = 2.0
    lead: float = 9.2
    codes: float = CODE_ODDS
    sure: float = 0.8
    learned: bool = False

    def weigh(self, found: Candidates) -> Odds:
        """(n,) probability of each candidate."""
        near = self.cosine * found.cosine + self.lead * found.lead
        worded = self.cover * found.cover + self.codes * found.codes
        return np.asarray(expit(self.intercept + near + worded), dtype=np.float64)

    def as_dict(self) -> dict[str, float | bool]:
        """As JSON keeps it."""
        return asdict(self)


def measure_candidates(
    message: str, vector: Floats, rows: Ints, words: WordIndex, vectors: Floats, kinds: Ints
) -> Candidates:
    """vector: (d,) of the message, unit; rows: (m,) those to measure; vectors: (n, d) and kinds:
    (n,) which answer, of all questions.
    """
    cosine = (vectors[rows] @ vector).astype(np.float64)
    return Candidates(
        rows,
        cosine,
        words.measure_cover(message, rows),
        measure_lead(cosine, kinds[rows]),
        words.match_codes(message, rows),
    )


def measure_lead(cosine: Odds, kinds: Ints) -> Odds:
    """(n,) each cosine less the highest one of another kind; 0 where all are of one kind."""
    if len(np.unique(kinds)) < 2:
        return np.zeros(len(cosine))
    nearest = kinds[cosine.argmax()]
    rival = np.where(kinds == nearest, cosine[kinds != nearest].max(), cosine.max())
    return np.asarray(cosine - rival, dtype=np.float64)


def number_answers(answers: Sequence[str]) -> Ints:
    """(n,) the same number for the same answer."""
    return np.unique(np.asarray(answers, dtype=str), return_inverse=True)[1].astype(np.int64)


def learn_weights(
    questions: Sequence[str],
    vectors: Floats,
    answers: Sequence[str],
    words: WordIndex,
    *,
    seed: int = 0,
) -> MatchWeights:
    """Learn from n questions, their (n, d) unit vectors and answers; the defaults where fewer than
    100 questions share their answer with another, or where by what was learned no answer could
    ever be sure. Up to 500 are asked.
    """
    count = Counter(answers)
    shared = [row for row, answer in enumerate(answers) if 1 < count[answer] < len(answers)]
    if len(shared) < MIN_ASKED:
        return MatchWeights()
    asked = np.random.default_rng(seed).permutation(shared)[:MAX_ASKED]
    kinds = number_answers(answers)
    found = list(_ask(asked, questions, vectors, kinds, words))
    features = [np.column_stack([c.cosine, c.cover, c.lead]) for c, _, _ in found]
    near = [np.argsort(-c.cosine, kind="stable")[:NEAREST] for c, _, _ in found]
    learned = learn_odds(
        np.vstack([f[rows] for f, rows in zip(features, near, strict=True)]),
        np.concatenate([right[rows] for (_, right, _), rows in zip(found, near, strict=True)]),
        np.concatenate([np.full(len(r), w) for (_, _, w), r in zip(found, near, strict=True)]),
    )
    cosine, cover, lead = (max(float(part), 0.0) for part in learned[:-1])
    weights = MatchWeights(float(learned[-1]), cosine, cover, lead, learned=True)
    confidence, hit, weight = [], [], []
    for candidates, right, share in found:
        chances = weights.weigh(candidates)
        best = int(chances.argmax())
        confidence.append(chances[best])
        hit.append(right[best])
        weight.append(share)
    sure = choose_threshold(np.array(confidence), np.array(hit), np.array(weight), PRECISION)
    return replace(weights, sure=sure) if sure < 1 else MatchWeights()


def _ask(
    asked: Ints, questions: Sequence[str], vectors: Floats, kinds: Ints, words: WordIndex
) -> Iterator[tuple[Candidates, npt.NDArray[np.bool_], float]]:
    """For each asked row twice: what is found without itself, and without all of its answer; which
    of it is right; and how much that counts.
    """
    for row in asked:
        cosine = vectors @ vectors[row]
        kin = np.flatnonzero(kinds == kinds[row])
        for hidden, weight in ((np.array([row]), 1 - ABSENT_SHARE), (kin, ABSENT_SHARE)):
            left = cosine.copy()
            left[hidden] = -np.inf
            near = np.argsort(-left, kind="stable")[: min(CANDIDATES, len(left) - len(hidden))]
            worded = words.search(questions[row], limit=CANDIDATES, without=hidden)
            rows = np.unique(np.concatenate([near, worded]))
            found = measure_candidates(questions[row], vectors[row], rows, words, vectors, kinds)
            yield found, kinds[rows] == kinds[row], weight
