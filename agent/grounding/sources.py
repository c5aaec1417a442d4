"""Claims read for what they support, and the stretches of a sentence to be supported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from agent.grounding.fitting import same_kind
from agent.grounding.numerals import Figure
from agent.grounding.reading import Token, is_proper
from agent.grounding.sense import AGAINST, Sense
from agent.grounding.ways import Way
from agent.grounding.words import COUNTED, CURRENCIES, SUPERLATIVES, stem, words

Kind = Literal["number", "name", "quote", "citation", "polarity"]

OPENING = words("group user item the among in for")
PEOPLE = words("they their them it its")
PLACES = words("here")


@dataclass(frozen=True)
class Failure:
    """Why a sentence does not stand. found: the offending words. reason: one sentence."""

    kind: Kind
    found: str
    reason: str


@dataclass(frozen=True)
class Source:
    """A claim, read. carried: names that its "they" or "it" stands for."""

    sense: Sense
    carried: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> frozenset[str]:
        return self.carried | {name for _, name in self.sense.names}

    @cached_property
    def proper(self) -> set[str]:
        return {name for name in self.names if is_proper(name)}

    @cached_property
    def figures(self) -> list[Figure]:
        """The claim's figures, and behind them the percents that its pairs amount to (no text)."""
        shares = [
            replace(part, value=100 * part.value / whole.value, decimals=2, role="percent", text="")
            for part, whole in self.sense.pairs
            if 0 < part.value <= whole.value
        ]
        return self.sense.figures + shares

    @cached_property
    def roots(self) -> frozenset[str]:
        carried = {w for name in self.carried for w in name.casefold().replace("-", " ").split()}
        return self.sense.roots | carried | {stem(word) for word in carried}

    @cached_property
    def orders(self) -> dict[str, int]:
        return orders(self.sense)

    @cached_property
    def ways(self) -> frozenset[tuple[str, int]]:
        """The directions that the claim states, and those that its figures amount to."""
        sense = self.sense
        ways = {(way.axis, way.sign) for way in sense.ways}
        lows = {stem(token.low) for token in sense.tokens}
        if lows & SUPERLATIVES or any(token.low == "first" for token in sense.tokens):
            ways.add(("amount", 1))
        for figure in sense.figures:
            ways |= implied(figure)
            behind = [token.low for token in sense.tokens[figure.end : figure.end + 2]]
            if figure.role in CURRENCIES.values() and figure.delta:
                ways.add(("price", 1 if "more" in behind else -1))
        for one, two in zip(sense.figures, sense.figures[1:], strict=False):
            between = {token.low for token in sense.tokens[one.end : two.start]}
            if between & AGAINST and one.value != two.value:
                ways.add(("amount", 1 if one.value > two.value else -1))
        return frozenset(ways)


def implied(figure: Figure) -> set[tuple[str, int]]:
    """What a figure says without words: 4.2 times is more, +0.8 warmth and 4.4 stars are good."""
    if figure.role == "times" and figure.value != 1:
        sign = 1 if figure.value > 1 else -1
        return {("amount", sign), ("frequency", sign)}
    if figure.role == "rank":
        return {("amount", 1)} if figure.value == 1 else {("order", -1)}
    if figure.role == "warmth" and figure.value:
        return {("feeling", 1 if figure.value > 0 else -1)}
    if figure.role == "stars" and figure.value >= 4:
        return {("feeling", 1)}
    if figure.role == "stars" and 1 <= figure.value <= 2.5:
        return {("feeling", -1)}
    return set()


def orders(sense: Sense) -> dict[str, int]:
    """Name → +1 or -1 where two names are compared: "A … more … than B", or "A 4.4, B 3.9"."""
    known: dict[str, int] = {}
    for comparison in sense.comparisons:
        known.setdefault(comparison.subject, comparison.way.sign)
        known.setdefault(comparison.other, -comparison.way.sign)
    for one, two in zip(sense.figures, sense.figures[1:], strict=False):
        a, b = sense.owners(one), sense.owners(two)
        if len(a) == len(b) == 1 and a != b and same_kind(one, two) and one.value != two.value:
            sign = 1 if one.value > two.value else -1
            known.setdefault(min(a), sign)
            known.setdefault(min(b), -sign)
    return known


def read_sources(senses: Iterable[Sense]) -> list[Source]:
    """Claims with what their pronouns carry on: the last subject, the last claim's topics.

    "It" may also mean the answer's first subject. "leads" and "follows" count as ranks.
    """
    sources: list[Source] = []
    subject: set[str] = set()
    counted: dict[float, str] = {}
    rank = 0
    theme: set[str] = set()
    for sense in senses:
        lows = {token.low for token in sense.tokens}
        opens = bool(sense.proper) and all(map(is_opening, sense.tokens[: sense.proper[0][0]]))
        carried: set[str] = set()
        if lows & PLACES or (lows & PEOPLE and not opens):
            carried |= subject | (theme if lows & {"it", "its"} else set())
        if sources and lows & PLACES | lows & {"it"} and len(sense.proper) == len(sense.names):
            carried |= {name for name in sources[-1].names if not is_proper(name)}
        if opens:
            subject = {sense.proper[0][1]}
            theme = theme or subject
        if "leads" in lows:
            rank = 1
        elif "follows" in lows and rank:
            rank += 1
            sense.figures.append(Figure(0, 0, rank, 0, "rank", ""))
        sense.figures = recalled(sense, counted)
        del sense.pairs  # worked out anew from the figures just named
        counted |= {f.value: f.role for f in sense.figures if f.role in COUNTED}
        sources.append(Source(sense, frozenset(carried)))
    return sources


def recalled(sense: Sense, counted: Mapping[float, str]) -> list[Figure]:
    """The figures, "Of the 14, 5 are …" with the noun that an earlier claim gave the 14."""
    guesses: dict[Figure, str] = {}
    for part, whole in sense.pairs:
        noun = whole.role if whole.role in COUNTED else whole.guess or counted.get(whole.value, "")
        guesses[whole] = guesses[part] = noun
    return [
        replace(figure, guess=guesses[figure])
        if figure in guesses and figure.role in {"bare", "count"}
        else figure
        for figure in sense.figures
    ]


def is_opening(token: Token) -> bool:
    """Whether a subject may stand behind the token: "Group 2, Thrifty Backpackers, …"."""
    return token.kind in {"mark", "number"} or token.low in OPENING


@dataclass(frozen=True)
class Part:
    """A stretch of a sentence: its tokens from low up to high."""

    sense: Sense
    low: int
    high: int

    def holds(self, at: int) -> bool:
        return self.low <= at < self.high

    @cached_property
    def figures(self) -> list[Figure]:
        return [figure for figure in self.sense.figures if self.holds(figure.start)]

    @cached_property
    def ways(self) -> list[Way]:
        return [way for way in self.sense.ways if self.holds(way.at)]

    @cached_property
    def names(self) -> list[str]:
        return [name for at, name in self.sense.proper if self.holds(at)]

    @cached_property
    def content(self) -> list[tuple[int, str]]:
        return [(at, root) for at, root in self.sense.content if self.holds(at)]

    @cached_property
    def opening(self) -> set[str]:
        """The first two words or marks of a stretch behind another one."""
        first = self.sense.tokens[self.low : self.low + 2]
        return {token.low for token in first} if self.low else set()

    @cached_property
    def points_back(self) -> bool:
        """Whether an "it" takes up what was said before."""
        return any(t.low in {"it", "its"} for t in self.sense.tokens[self.low : self.high])

    @cached_property
    def points_out(self) -> bool:
        """Whether a "them" stands for people named before."""
        return any(
            t.low in {"them", "these", "those"} for t in self.sense.tokens[self.low : self.high]
        )

    @cached_property
    def denials(self) -> list[int]:
        return [at for at in self.sense.denials if self.holds(at)]
