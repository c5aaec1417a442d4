"""Which run of a question's words is its topic, and which the name of a group."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from agent.conversation import Example
from agent.mentions import GROUP_NOUNS, Mention, Reading, Token, read_number, split_words
from agent.vocabulary import find_concepts

LONGEST = 7
KEPT = 12
# A word of the examples' frames is known by itself once this many frames hold it, else by its kind.
MIN_FRAMES = 3
ROLES = ("other", "topic", "group")
ROLE_OF = {"topic": "topic", "query": "topic", "group": "group", "first": "group", "second": "group"}
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

    def fit(self, examples: Sequence[Example], readings: Sequence[Reading]) -> SpanRanker:
        """Learn from the examples whose topics and groups are words of the question itself."""
        told = [pair for pair in zip(examples, readings, strict=True) if pair[0].tool is not None]
        readings = [reading for _, reading in told]
        marked = [mark_arguments(reading, example) for example, reading in told]
        frames = Counter[str]()
        for reading, roles in zip(readings, marked, strict=True):
            inside = {place for first, last in roles for place in range(first, last)}
            frames.update(t.folded for p, t in enumerate(reading.tokens) if p not in inside)
        self._frame = {word for word, n in frames.items() if n >= MIN_FRAMES}
        features, labels = [], []
        for reading, roles in zip(readings, marked, strict=True):
            words = self._name_words(reading)
            inside = {place for first, last in roles for place in range(first, last)}
            for first, last in _list_spans(reading):
                if inside.isdisjoint(range(first, last)) and (first + last) % 2:
                    continue
                features.append(_describe_span(reading, words, first, last))
                labels.append(ROLES.index(roles.get((first, last), "other")))
        # One class against the rest converges twenty times as fast as all three at once.
        one = LogisticRegression(C=1.0, solver="liblinear", tol=1e-2, random_state=0)
        self._model = OneVsRestClassifier(one).fit(self._hasher.transform(features), labels)
        return self

    def rank(self, readings: Sequence[Reading]) -> list[Spans]:
        """For each question, the likeliest topics and groups; none where it has no words for one."""
        spans = [_list_spans(reading) for reading in readings]
        features = []
        for reading, own in zip(readings, spans, strict=True):
            words = self._name_words(reading)
            features += [_describe_span(reading, words, first, last) for first, last in own]
        if not features:
            return [Spans((), ()) for _ in readings]
        chances = self._model.predict_proba(self._hasher.transform(features))
        ranked, start = [], 0
        for own in spans:
            rows = chances[start : start + len(own)]
            start += len(own)
            ranked.append(Spans(_best(own, rows[:, 1]), _best(own, rows[:, 2])))
        return ranked

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


RARE = "<rare>"


def mark_arguments(reading: Reading, example: Example) -> dict[tuple[int, int], str]:
    """The spans of tokens that are the example's topic and groups; not those of its history."""
    folded = [t.folded for t in reading.tokens]
    for mention in reading.of("group"):
        if mention.last == mention.first + 1:
            folded[mention.first] = mention.value.casefold()
    found: dict[tuple[int, int], str] = {}
    for name, value in example.args.items():
        role = ROLE_OF.get(name)
        words = [t.folded for t in split_words(str(value))] if role else []
        for first in range(len(folded) - len(words) + 1) if role and words else ():
            span = (first, first + len(words))
            if folded[span[0] : span[1]] == words and span not in found:
                found[span] = role or ""
                break
    return found


def _best(spans: Sequence[tuple[int, int]], chances: npt.NDArray[np.float64]) -> list[Span]:
    order = np.argsort(-chances, kind="stable")[:KEPT]
    return [Span(*spans[row], float(chances[row])) for row in order]


def _list_spans(reading: Reading) -> list[tuple[int, int]]:
    """Runs of words within one sentence that hold no user, item or message."""
    tokens = reading.tokens
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


def _describe_span(reading: Reading, words: Sequence[str], first: int, last: int) -> list[str]:
    """Features: the words beside the span, its first and last ones, what kinds it is made of."""
    tokens, n = reading.tokens, len(words)

    def word(place: int) -> str:
        return "<start>" if place < 0 else "<end>" if place >= n else words[place]

    def concept(place: int) -> str:
        return (find_concepts(tokens[place].text) or ("",))[0] if 0 <= place < n else ""

    def gap(place: int) -> str:
        """What stands before the token, other than blanks."""
        start = tokens[place - 1].end if place > 0 else 0
        end = tokens[place].start if place < n else len(reading.question)
        return reading.question[start:end].strip()

    left, right = word(first - 1), word(last)
    inside = words[first:last]
    rare = sum(w == RARE for w in inside)
    capitals = sum(t.text[0].isupper() for t in tokens[first:last])
    shape = "all" if capitals == last - first else "some" if capitals else "none"
    features = [
        f"left {left}",
        f"left {word(first - 2)} {left}",
        f"right {right}",
        f"right {right} {word(last + 1)}",
        f"around {left} {right}",
        f"length {last - first}",
        f"rare {min(rare, 3)}",
        f"framing {min(last - first - rare, 3)}",
        f"rare {min(rare, 3)} framing {min(last - first - rare, 3)}",
        f"first {words[first]}",
        f"last {words[last - 1]}",
        f"left of {concept(first - 1)}",
        f"right of {concept(last)}",
        f"first of {concept(first)}",
        f"last of {concept(last - 1)}",
        f"before {gap(first)}",
        f"after {gap(last)}",
        f"capitals {shape} {first == 0}",
    ]
    if first > 0 and words[first - 1] == RARE and not gap(first):
        features.append("cut on the left")
    if last < n and words[last] == RARE and not gap(last):
        features.append("cut on the right")
    if any(gap(place) for place in range(first + 1, last)):
        features.append("broken")
    if (first, last) in reading.quotes:
        features.append("quoted")
    features += [f"within {w}" for w in inside[1:-1]]
    features += [f"has {w}" for w in inside if w.startswith("<") and w != RARE]
    for token in tokens[first:last]:
        features += [f"has {c}" for c in find_concepts(token.text)]
    return features
