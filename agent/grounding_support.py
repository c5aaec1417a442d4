"""Whether one claim supports one stretch of a sentence, each figure and direction in its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from agent.grounding_figures import Figure, fits, same_kind
from agent.grounding_sense import CLAUSE_WORDS, Sense, Way
from agent.grounding_words import FUNCTION_WORDS, STRICT, SUPERLATIVES, TALK, stem, words

Kind = Literal["number", "name", "quote", "citation", "polarity"]

AGAINST = words("against versus vs than compared")
CARRYING = words("they their them it its here there")


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
    def comparisons(self) -> list[tuple[str, str, int]]:
        return comparisons_of(self.sense) or ordered_names(self.sense)

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
        for one, two in zip(sense.figures, sense.figures[1:], strict=False):
            between = {token.low for token in sense.tokens[one.end : two.start]}
            if between & AGAINST and one.value != two.value:
                ways.add(("amount", 1 if one.value > two.value else -1))
        if self.comparisons:
            ways |= {("amount", 1), ("amount", -1)}
        return frozenset(ways)


def implied(figure: Figure) -> set[tuple[str, int]]:
    """What a figure says without words: 4.2 times is more, +0.8 warmth and 4.4 stars are good."""
    if figure.role == "times" and figure.value != 1:
        return {("amount", 1 if figure.value > 1 else -1)}
    if figure.role == "rank" and figure.value == 1:
        return {("amount", 1)}
    if figure.role == "warmth" and figure.value:
        return {("feeling", 1 if figure.value > 0 else -1)}
    if figure.role == "stars" and figure.value >= 4:
        return {("feeling", 1)}
    if figure.role == "stars" and 1 <= figure.value <= 2.5:
        return {("feeling", -1)}
    return set()


def read_sources(senses: Iterable[Sense]) -> list[Source]:
    """Claims with what their pronouns carry on: the last subject, the last claim's topics."""
    sources: list[Source] = []
    subject: set[str] = set()
    for sense in senses:
        carried: set[str] = set()
        if any(token.low in CARRYING for token in sense.tokens):
            proper = {name for _, name in sources[-1].sense.proper} if sources else set()
            carried = subject | ((sources[-1].names - proper) if sources else frozenset())
        if sense.proper and sense.proper[0][0] <= 3:
            subject = {sense.proper[0][1]}
        sources.append(Source(sense, frozenset(carried)))
    return sources


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
    def denials(self) -> list[int]:
        return [at for at in self.sense.denials if self.holds(at)]


def faults(part: Part, source: Source) -> list[Failure]:
    """Why the claim does not support the stretch; empty where it does."""
    return (
        figure_faults(part, source)
        or comparison_faults(part, source)
        or way_faults(part, source)
        or denial_faults(part, source)
        or content_faults(part, source)
    )


def closeness(one: Sense, at: int, two: Sense, there: int) -> float:
    """How much of what stands around one place also stands around the other, nearest first."""
    here, other = one.near(at), two.near(there)
    return sum(close * other[key] for key, close in here.items() if key in other)


# Figures ----------------------------------------------------------------------------------------


def figure_faults(part: Part, source: Source) -> list[Failure]:
    said = part.figures
    if not said:
        return []
    for one, whole in part.sense.pairs:
        if one.value > whole.value:
            return [Failure("number", f"{one.text} of {whole.text}", "A part exceeds its whole.")]
    chosen = assign(part, source)
    if chosen is None:
        text = ", ".join(figure.text for figure in said)
        return [Failure("number", text, "The claim does not hold all of these figures at once.")]
    return swapped(part, source, chosen) or displaced(part, source, chosen)


def assign(part: Part, source: Source) -> list[Figure] | None:
    """A different figure of the claim for each one said, or None; close surroundings first."""
    options = []
    for figure in part.figures:
        fitting = [true for true in source.figures if fits(figure, true)]
        fitting.sort(
            key=lambda true: -closeness(part.sense, figure.start, source.sense, true.start)
        )
        options.append(fitting)
    chosen: list[Figure] = []

    def place(at: int) -> bool:
        if at == len(options):
            return True
        for true in options[at][:4]:
            if not true.text or true not in chosen:
                chosen.append(true)
                if place(at + 1):
                    return True
                chosen.pop()
        return False

    return chosen if len(options) <= 12 and place(0) else None


def swapped(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """Two figures that would each stand better in the other's place."""
    said = part.figures
    for i in range(len(said)):
        for j in range(i):
            a, b = chosen[i], chosen[j]
            if a.value == b.value or not (same_kind(said[i], b) and same_kind(said[j], a)):
                continue
            one, two = part.sense, source.sense
            straight = closeness(one, said[i].start, two, a.start)
            straight += closeness(one, said[j].start, two, b.start)
            crossed = closeness(one, said[i].start, two, b.start)
            crossed += closeness(one, said[j].start, two, a.start)
            if crossed > 1.2 * straight + 0.1:
                text = f"{said[j].text} … {said[i].text}"
                return [Failure("number", text, "These figures have changed places.")]
    return []


def displaced(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that says of one thing what the claim says of another."""
    for figure, true in zip(part.figures, chosen, strict=True):
        own = closeness(part.sense, figure.start, source.sense, true.start)
        for rival in source.sense.figures:
            if rival in chosen or rival.value == true.value or not same_kind(figure, rival):
                continue
            theirs = closeness(part.sense, figure.start, source.sense, rival.start)
            if theirs > 1.5 * own + 0.2:
                reason = f"The claim says {rival.text} here, and {figure.text} of something else."
                return [Failure("number", figure.text, reason)]
    return []


# Directions -------------------------------------------------------------------------------------


def comparisons_of(sense: Sense) -> list[tuple[str, str, int]]:
    """(subject, object, sign) for each "more … than NAME"."""
    found = []
    for way in sense.ways:
        if way.axis not in STRICT:
            continue
        than = next(
            (at for at in range(way.at, min(way.at + 14, len(sense.tokens)))
             if sense.tokens[at].low == "than"), None,
        )  # fmt: skip
        if than is None:
            continue
        subject = [name for at, name in sense.proper if at < than]
        other = [name for at, name in sense.proper if than < at <= than + 4]
        if subject and other and subject[-1] != other[0]:
            found.append((subject[-1], other[0], way.sign))
    return found


def ordered_names(sense: Sense) -> list[tuple[str, str, int]]:
    """(one, other, sign) where two names have two figures of one kind: "A rate 4.4, B 3.9"."""
    if len(sense.proper) != 2 or len(sense.figures) != 2:
        return []
    one, two = sense.figures
    (first, a), (second, b) = sense.proper
    if not same_kind(one, two) or one.value == two.value or a == b:
        return []
    steps = sense.steps
    straight = abs(steps[one.start] - steps[first]) + abs(steps[two.start] - steps[second])
    crossed = abs(steps[one.start] - steps[second]) + abs(steps[two.start] - steps[first])
    sign = 1 if (one.value > two.value) == (straight <= crossed) else -1
    return [(a, b, sign)]


def comparison_faults(part: Part, source: Source) -> list[Failure]:
    """More and less, seen from the one or from the other of two names compared."""
    known: dict[str, int] = {}
    for subject, other, sign in source.comparisons:
        known.setdefault(subject, sign)
        known.setdefault(other, -sign)
    if not known:
        return []
    said = {subject: sign for subject, _, sign in comparisons_of(part.sense)}
    for way in part.ways:
        if way.axis != "amount" or not part.sense.proper:
            continue
        near = min(part.sense.proper, key=lambda place: abs(place[0] - way.at))[1]
        subject = next(iter(said), near)
        if subject in known and known[subject] != said.get(subject, way.sign):
            return [Failure("polarity", way.text, f"The claim says the opposite of {subject}.")]
    return []


def way_faults(part: Part, source: Source) -> list[Failure]:
    """A direction that the claim has on both sides, said of the thing on the other side."""
    for way in part.ways:
        best = {1: 0.0, -1: 0.0}
        signs = set()
        for true in source.sense.ways:
            if true.axis == way.axis:
                signs.add(true.sign)
                close = closeness(part.sense, way.at, source.sense, true.at)
                best[true.sign] = max(best[true.sign], close)
        if len(signs) == 2 and best[-way.sign] > 1.2 * best[way.sign] + 0.1:
            return [Failure("polarity", way.text, "The claim says this of something else.")]
    return []


def clause(sense: Sense, at: int) -> frozenset[str]:
    """Words and names of the clause around a place, function words left out."""
    ends = [
        place
        for place, token in enumerate(sense.tokens)
        if (token.kind == "mark" and token.low != "-") or token.low in CLAUSE_WORDS
    ]
    low = max((end for end in ends if end < at), default=-1) + 1
    high = min((end for end in ends if end > at), default=len(sense.tokens))
    inside = [t for t in sense.tokens[low:high] if t.kind in {"word", "name", "number"}]
    return frozenset(scope_key(t.kind, t.low) for t in inside) - {""}


def scope_key(kind: str, low: str) -> str:
    if kind == "name":
        return "name " + low
    if low in FUNCTION_WORDS or low.endswith("n't"):
        return ""
    return "talk" if stem(low) in TALK else stem(low)


def denial_faults(part: Part, source: Source) -> list[Failure]:
    """A "no" that was dropped, or that was moved to something which the claim affirms."""
    all_keys = {scope_key(t.kind, t.low) for t in part.sense.tokens}
    for at in source.sense.denials:
        scope = clause(source.sense, at) - {"none", "nobody", "nothing"}
        if scope and not part.denials and len(scope & all_keys) > len(scope) / 2:
            word = source.sense.tokens[at].text
            return [Failure("polarity", word, f"The claim denies this: its “{word}” is gone.")]
    denied = {key for at in source.sense.denials for key in clause(source.sense, at)}
    for at in part.denials:
        names = {key for key in clause(part.sense, at) if key.startswith("name ")}
        moved = names - denied - {"name " + name for name in source.carried}
        if moved and denied:
            text = part.sense.tokens[at].text
            return [Failure("polarity", text, "The claim denies something else.")]
    return []


def content_faults(part: Part, source: Source) -> list[Failure]:
    """Words that other claims know, and this one does not: facts from elsewhere."""
    content = [(at, root) for at, root in part.sense.content if part.holds(at)]
    foreign = [at for at, root in content if root not in source.roots]
    if len(foreign) >= 2 and len(foreign) > 0.6 * (len(content) + len(part.figures)):
        text = " ".join(part.sense.tokens[at].text for at in foreign)
        return [Failure("name", text, "The claim knows nothing of this.")]
    return []
