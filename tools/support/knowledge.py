"""The knowledge base: past questions with their best answers, found by meaning and by words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import Encoder, embed
from tools.errors import InputError, WorkspaceError
from tools.reviews.store import QUESTIONS, SentenceStore
from tools.support.dialogues import fold
from tools.support.intents import Intent, IntentClassifier
from tools.support.matching import (
    CANDIDATES,
    MatchWeights,
    learn_weights,
    measure_candidates,
    number_answers,
)
from tools.support.words import WordIndex

RECORD, VECTORS, INTENTS, WEIGHTS = (
    "questions.parquet", "question_vectors.npy", "intents.npz", "matching.json"
)  # fmt: skip
FILES = (RECORD, VECTORS, INTENTS, WEIGHTS)

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Match:
    """A past question with the answer that was given to it most often.

    confidence: probability that it answers the message, in [0, 1]; cosine: of the two vectors;
    cover: share of the weight of the message's words that the question holds; shared: the
    weightiest of them; times: records that gave this answer; n_answers: different answers given.
    """

    question_id: str
    question: str
    answer: str
    tags: tuple[str, ...]
    confidence: float
    cosine: float
    cover: float
    shared: tuple[str, ...]
    times: int
    n_answers: int


@dataclass(frozen=True)
class Findings:
    """sure: whether the first match is to be given as an answer, its confidence being at least
    `threshold`; calibrated: whether confidence was learned from this knowledge base or is that of
    another.
    """

    message: str
    matches: list[Match]
    sure: bool
    threshold: float
    calibrated: bool

    def explain(self) -> str:
        """One sentence: is there an answer, and how sure is it."""
        if not self.matches:
            return "No past question is anything like this message."
        best = self.matches[0].confidence
        if self.sure:
            return f"A past question answers this message with a probability of {best:.0%}."
        return (
            f"No past question surely answers this message: the best match has a probability of "
            f"{best:.0%}, and {self.threshold:.0%} are asked for."
        )


class KnowledgeBase:
    """Answered questions in the record and the index, and the intents that tagged ones teach.

    intents: None where too few questions have tags.
    """

    def __init__(
        self,
        questions: pd.DataFrame,
        vectors: Floats,
        store: SentenceStore,
        encoder: Encoder,
        weights: MatchWeights,
        intents: IntentClassifier | None,
    ) -> None:
        self.questions = questions
        self.vectors = vectors
        self.store = store
        self.encoder = encoder
        self.weights = weights
        self.intents = intents
        self._words = WordIndex(questions["question"].tolist())
        self._kinds = number_answers(questions["answer"].map(fold).tolist())

    def find_answers(self, message: str, limit: int = 5) -> Findings:
        """Up to `limit` past questions, the likeliest to answer the message first.

        The 50 nearest by vector and the 50 best by BM25 are weighed together (`MatchWeights`).
        Raises: InputError if limit is below 1.
        """
        if limit < 1:
            raise InputError(f"limit must be at least 1; got {limit}.")
        vector = self.encoder.encode([message])[0]
        near = [int(i) for i, _ in self.store.search(vector, limit=CANDIDATES, equal={})]
        worded = self._words.search(message, limit=CANDIDATES)
        rows = np.unique(np.concatenate([np.array(near, dtype=np.int64), worded]))
        if not fold(message) or not len(rows):
            return self._gather(message, [])
        found = measure_candidates(message, vector, rows, self._words, self.vectors, self._kinds)
        confidence = self.weights.weigh(found)
        order = np.argsort(-confidence, kind="stable")[:limit]
        matches = [
            self._describe(message, int(rows[place]), float(confidence[place]),
                           float(found.cosine[place]), float(found.cover[place]))
            for place in order
        ]  # fmt: skip
        return self._gather(message, matches)

    def tell_intent(self, message: str) -> Intent | None:
        """What the message asks for; None where nothing was learned."""
        if self.intents is None or not fold(message):
            return None
        return self.intents.predict([message], self.encoder.encode([message]))[0]

    def close(self) -> None:
        """Let go of the index."""
        self.store.close()

    def _gather(self, message: str, matches: list[Match]) -> Findings:
        sure = bool(matches) and matches[0].confidence >= self.weights.sure
        return Findings(message, matches, sure, self.weights.sure, self.weights.learned)

    def _describe(
        self, message: str, row: int, confidence: float, cosine: float, cover: float
    ) -> Match:
        record = self.questions.iloc[row]
        return Match(
            str(record["question_id"]),
            str(record["question"]),
            str(record["answer"]),
            tuple(record["tags"]),
            confidence,
            cosine,
            cover,
            self._words.share_words(message, row),
            int(record["times"]),
            int(record["n_answers"]),
        )


def choose_answers(dialogues: pd.DataFrame) -> pd.DataFrame:
    """One row a question that was answered, in order: the answer that most records gave, of equals
    the last one; `n_answers`, how many different ones were given. dialogues: `read_dialogues`.
    """
    answered = dialogues[dialogues["answer"].notna()].reset_index(drop=True)
    key = answered["question"].map(fold)
    n_answers = answered["answer"].map(fold).groupby(key).nunique()
    ranked = answered.assign(key=key, row=range(len(answered))).sort_values(["times", "row"])
    best = ranked.drop_duplicates("key", keep="last").sort_values("row")
    best["n_answers"] = best["key"].map(n_answers)
    return best.drop(columns=["key", "row"]).reset_index(drop=True)


def build_knowledge(
    dialogues: pd.DataFrame,
    folder: Path,
    encoder: Encoder,
    cache: EmbeddingCache,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> None:
    """Write a knowledge base to a folder: the record of answered questions (Parquet), their
    vectors, their index (Chroma), the weights of a match, and the intents if there are tags.

    dialogues: one row a record of `read_dialogues`. A question's first tag is its intent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = dialogues["question"].tolist()
    everything = embed(texts, encoder, cache, progress=progress)
    of = {text: row for row, text in enumerate(texts)}
    questions = choose_answers(dialogues)
    vectors = everything[[of[text] for text in questions["question"]]]
    questions.to_parquet(folder / RECORD, index=False)
    np.save(folder / VECTORS, vectors.astype(np.float16))
    index_questions(folder, progress)
    words = WordIndex(questions["question"].tolist())
    answers = questions["answer"].map(fold).tolist()
    weights = learn_weights(questions["question"].tolist(), vectors, answers, words, seed=seed)
    (folder / WEIGHTS).write_text(json.dumps(weights.as_dict()) + "\n", encoding="utf-8")
    tags = [next(iter(tags), "") for tags in dialogues["tags"]]
    try:
        IntentClassifier(seed=seed).fit(texts, everything, tags).save(folder / INTENTS)
    except InputError:
        (folder / INTENTS).unlink(missing_ok=True)


def open_knowledge(folder: Path, encoder: Encoder) -> KnowledgeBase:
    """What `build_knowledge` wrote; `encoder`: the one it was built with.

    Raises: WorkspaceError if there is none, or if the index holds other questions than the record.
    """
    if not (folder / WEIGHTS).is_file():
        raise WorkspaceError(f"There is no knowledge base in {folder}. Build one from answers.")
    questions = pd.read_parquet(folder / RECORD)
    vectors = np.load(folder / VECTORS).astype(np.float32)
    store = SentenceStore(folder, QUESTIONS)
    indexed = len(store)
    if not len(questions) == len(vectors) == indexed:
        store.close()
        raise WorkspaceError(
            f"The knowledge base in {folder} is damaged: {len(questions):,} questions are on "
            f"record and {indexed:,} in the index. Build it again."
        )
    weights = MatchWeights(**json.loads((folder / WEIGHTS).read_text(encoding="utf-8")))
    intents = IntentClassifier.load(folder / INTENTS) if (folder / INTENTS).is_file() else None
    return KnowledgeBase(questions, vectors, store, encoder, weights, intents)


def index_questions(folder: Path, progress: Progress | None = None) -> None:
    """Build the index anew from the record."""
    questions = pd.read_parquet(folder / RECORD)
    vectors = np.load(folder / VECTORS).astype(np.float32)
    store = SentenceStore(folder, QUESTIONS)
    ids = [str(row) for row in range(len(questions))]
    metadata = [{"tag": next(iter(tags), "")} for tags in questions["tags"]]
    store.add(ids, vectors, metadata, progress=progress)
    store.close()
