"""Which run of a question's words is its topic, and which the name of a group."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from agent.conversation import Example
from agent.mentions import GROUP_NOUNS, Mention, Reading, Token, read_number, split_words
from agent.vocabulary import find_concepts

LONGEST = 7
# Of a question that quotes a whole letter, the start is enough.
MOST_WORDS = 200
RARE = "<rare>"
KEPT = 12
# A word of the examples' frames is known by itself once this many frames hold it, else by its kind.
MIN_FRAMES = 3
ROLES = ("other", "topic", "group")
ROLE_OF = {
    "topic": "topic",
    "query": "topic",
    "group": "group",
    "first": "group",
    "second": "group",
}
Place = tuple[int, int]

_STOP = re.compile(r"[?!;:]|\.\s")
# No topic or name begins or ends with one of these.
_OUTSIDE = frozenset(
    "a an the teh of to for with w about abt and or but is are was were be been am im do does did "
    "has have had i i'd i'm we we're you he she it its it's they them their this that these those "
    "who whom whose what which when where why how please pls plz my our your me us 's than as any "
    "some so on in at by from into among within towards toward regarding concerning according "
    "since if because".split()
)


@dataclass(frozen=True)
class Span:
    """Tokens first … last - 1, and the probability that they are this."""

    first: int
    last: int
    probability: float


@dataclass(frozen=True)
class Spans:
    """The likeliest spans of one question, best first."""

    topics: Sequence[Span]
    groups: Sequence[Span]


class SpanRanker:
    """Scores every run of up to seven words by the words around and within it.

    A logistic regression over hashed features, three classes (topic, group, neither), learned from
    the examples' arguments. Words that only topics are made of are all alike to it, so that what it
    learns are the frames: it has to find topics that it has never seen.
    """

    def __init__(self) -> None:
        self._hasher = FeatureHasher(
            2**16, input_type="string", dtype=np.float32, alternate_sign=False
        )

    def fit_rank(self, examples: Sequence[Example], readings: Sequence[Reading]) -> list[Spans]:
        """Learn from the examples whose arguments are words of their questions, and rank the spans
        of all of them.
        """
        marked = [mark_arguments(r, e) for r, e in zip(readings, examples, strict=True)]
        frames = Counter[str]()
        for reading, roles in zip(readings, marked, strict=True):
            inside = {place for first, last in roles for place in range(first, last)}
            frames.update(t.folded for p, t in enumerate(reading.tokens) if p not in inside)
        self._frame = {word for word, n in frames.items() if n >= MIN_FRAMES}
        spans, X = self._describe(readings)
        rows, labels, row = [], [], 0
        for example, own, roles in zip(examples, spans, marked, strict=True):
            inside = {place for first, last in roles for place in range(first, last)}
            for first, last in own:
                # Half of what has nothing to do with an argument is enough to learn from.
                apart = inside.isdisjoint(range(first, last))
                if example.tool is not None and not (apart and (first + last) % 2):
                    rows.append(row)
                    labels.append(ROLES.index(roles.get((first, last), "other")))
                row += 1
        # One class against the rest converges twenty times as fast as all three at once.
        one = LogisticRegression(C=1.0, solver="liblinear", tol=1e-2, random_state=0)
        self._model = OneVsRestClassifier(one).fit(X[rows], labels)
        return self._rank(spans, X)

    def rank(self, readings: Sequence[Reading]) -> list[Spans]:
        """For each question, the likeliest topics and groups; none where no words are for one."""
        return self._rank(*self._describe(readings))

    def _rank(self, spans: Sequence[Sequence[Place]], X: sp.csr_matrix) -> list[Spans]:
        if not X.shape[0]:
            return [Spans((), ()) for _ in spans]
        chances = self._model.predict_proba(X)
        ranked, start = [], 0
        for own in spans:
            rows = chances[start : start + len(own)]
            start += len(own)
            ranked.append(Spans(_best(own, rows[:, 1]), _best(own, rows[:, 2])))
        return ranked

    def _describe(self, readings: Sequence[Reading]) -> tuple[list[list[Place]], sp.csr_matrix]:
        """The spans of each question, and a row of hashed features for each span of all."""
        spans = [list_spans(reading) for reading in readings]
        features = []
        for reading, own in zip(readings, spans, strict=True):
            context = _Context(reading, self._name_words(reading))
            features += [context.describe(first, last) for first, last in own]
        return spans, self._hasher.transform(features) if features else sp.csr_matrix((0, 1))

    def _name_words(self, reading: Reading) -> list[str]:
        kinds = _find_kinds(reading.mentions)
        return [self._name_word(t, kinds.get(place)) for place, t in enumerate(reading.tokens)]

    def _name_word(self, token: Token, kind: str | None) -> str:
        if kind:
            return f"<{kind}>"
        if token.folded in GROUP_NOUNS:
            return "<group noun>"
        if read_number(token.text) is not None:
            return "<number>"
        if token.folded in self._frame:
            return token.folded
        concepts = find_concepts(token.text)
        return f"<{concepts[0]}>" if concepts else RARE


class _Context:
    """One question's words, what they tell of, and what stands between them."""

    def __init__(self, reading: Reading, words: Sequence[str]) -> None:
        tokens, question = reading.tokens, reading.question
        self.n = len(words)
        self.quotes = frozenset(reading.quotes)
        self.words = [*words, "<end>", "<end>", "<start>", "<start>"]
        self.concepts = [find_concepts(token.text) for token in tokens]
        self.first_concepts = [*((c or ("",))[0] for c in self.concepts), "", ""]
        starts = [0, *(token.end for token in tokens)]
        ends = [*(token.start for token in tokens), len(question)]
        self.gaps = [question[s:e].strip() for s, e in zip(starts, ends, strict=True)]
        self.capital = [token.text[0].isupper() for token in tokens]

    def describe(self, first: int, last: int) -> list[str]:
        """Features: the words beside the span, its first and last ones, what it is made of."""
        words, concepts = self.words, self.first_concepts
        # Places before the first word count back from the end of the list, to "<start>".
        left, right, inside = words[first - 1], words[last], words[first:last]
        rare = min(inside.count(RARE), 3)
        framing = min(last - first - inside.count(RARE), 3)
        capitals = sum(self.capital[first:last])
        shape = "all" if capitals == last - first else "some" if capitals else "none"
        features = [
            f"left {left}",
            f"left {words[first - 2]} {left}",
            f"right {right}",
            f"right {right} {words[last + 1]}",
            f"around {left} {right}",
            f"length {last - first}",
            f"rare {rare}",
            f"framing {framing}",
            f"rare {rare} framing {framing}",
            f"first {words[first]}",
            f"last {words[last - 1]}",
            f"left of {concepts[first - 1]}",
            f"right of {concepts[last]}",
            f"first of {concepts[first]}",
            f"last of {concepts[last - 1]}",
            f"before {self.gaps[first]}",
            f"after {self.gaps[last]}",
            f"capitals {shape} {first == 0}",
        ]
        if left == RARE and not self.gaps[first]:
            features.append("cut on the left")
        if right == RARE and not self.gaps[last]:
            features.append("cut on the right")
        if any(self.gaps[first + 1 : last]):
            features.append("broken")
        if (first, last) in self.quotes:
            features.append("quoted")
        features += [f"within {w}" for w in inside[1:-1]]
        features += [f"has {w}" for w in inside if w[0] == "<" and w != RARE]
        features += [f"has {c}" for told in self.concepts[first:last] for c in told]
        return features


def mark_arguments(reading: Reading, example: Example) -> dict[Place, str]:
    """The spans of tokens that are the example's topic and groups; not those of its history."""
    folded = [t.folded for t in reading.tokens]
    for mention in reading.of("group"):
        if mention.last == mention.first + 1:
            folded[mention.first] = mention.value.casefold()
    found: dict[Place, str] = {}
    for name, value in example.args.items():
        role = ROLE_OF.get(name)
        words = [t.folded for t in split_words(str(value))] if role else []
        for first in range(len(folded) - len(words) + 1) if role and words else ():
            span = (first, first + len(words))
            if folded[span[0] : span[1]] == words and span not in found:
                found[span] = role or ""
                break
    return found


def _best(spans: Sequence[Place], chances: npt.NDArray[np.float64]) -> list[Span]:
    order = np.argsort(-chances, kind="stable")[:KEPT]
    return [Span(spans[row][0], spans[row][1], float(chances[row])) for row in order]


def list_spans(reading: Reading) -> list[Place]:
    """Runs of words within one sentence that hold no user, item or message."""
    tokens = reading.tokens[:MOST_WORDS]
    shut = {
        place
        for m in reading.mentions
        if m.kind in ("user", "item", "message")
        for place in range(m.first, m.last)
    }
    spans = []
    for first, token in enumerate(tokens):
        if token.folded in _OUTSIDE or first in shut:
            continue
        for last in range(first + 1, min(len(tokens), first + LONGEST) + 1):
            if last - 1 in shut:
                break
            if tokens[last - 1].folded not in _OUTSIDE:
                spans.append((first, last))
            after = tokens[last].start if last < len(tokens) else len(reading.question)
            if _STOP.search(reading.question, tokens[last - 1].end, after):
                break
    return spans


def _find_kinds(mentions: Sequence[Mention]) -> dict[int, str]:
    return {place: m.kind for m in mentions for place in range(m.first, m.last)}
