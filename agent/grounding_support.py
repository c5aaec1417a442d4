"""Whether one claim supports one stretch of a sentence, each figure and direction in its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from agent.grounding_figures import Date, Figure, fits, same_kind
from agent.grounding_reading import Token, is_proper
from agent.grounding_sense import AGAINST, Sense, Way, is_border
from agent.grounding_words import (
    COUNTED,
    CURRENCIES,
    EVERYDAY,
    FUNCTION_WORDS,
    NEGATIONS,
    NUMBER_WORDS,
    SUPERLATIVES,
    TALK,
    stem,
    words,
)

Kind = Literal["number", "name", "quote", "citation", "polarity"]

MARGIN = 0.1
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


def read_sources(senses: Iterable[Sense]) -> list[Source]:
    """Claims with what their pronouns carry on: the last subject, the last claim's topics."""
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
        sense.__dict__.pop("pairs", None)
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
    def opening(self) -> set[str]:
        """The first two words or marks of a stretch behind another one."""
        return (
            set()
            if not self.low
            else {token.low for token in self.sense.tokens[self.low : self.low + 2]}
        )

    @cached_property
    def points_back(self) -> bool:
        """Whether an "it" takes up what was said before."""
        return any(t.low in {"it", "its"} for t in self.sense.tokens[self.low : self.high])

    @cached_property
    def denials(self) -> list[int]:
        return [at for at in self.sense.denials if self.holds(at)]


def faults(part: Part, source: Source) -> list[Failure]:
    """Why the claim does not support the stretch; empty where it does."""
    stated = part.figures or any(map(part.holds, part.sense.quote_places))
    return (
        carried_off(part, source)
        or (misattributed(part, source) if stated else [])
        or figure_faults(part, source)
        or comparison_faults(part, source)
        or way_faults(part, source)
        or denial_faults(part, source)
        or content_faults(part, source)
    )


def closeness(one: Sense, at: int, two: Sense, there: int, *, head: Collection[str] = ()) -> float:
    """How much of what stands around one place also stands around the other, nearest first.

    head: words to leave out, since they stand before all places that are compared.
    """
    here, other = one.near(at), two.near(there)
    return sum(min(c, other[key]) for key, c in here.items() if key in other and key not in head)


def head_of(sense: Sense, *places: int) -> set[str]:
    """Words that stand before all these places alone: "The mood was best in …, worst in …"."""
    first = min(places)
    if any(token.low in {":", ";"} for token in sense.tokens[first : max(places)]):
        return set()
    words = set(sense.keys[:first]) - set(sense.keys[first:])
    return {word for word in words if not word.startswith(("name ", "date "))}


# Figures ----------------------------------------------------------------------------------------


def figure_faults(part: Part, source: Source) -> list[Failure]:
    said = part.figures
    if not said:
        return []
    for one, whole in part.sense.pairs:
        if one.value > whole.value:
            return [Failure("number", f"{one.text} of {whole.text}", "A part exceeds its whole.")]
    if failure := overstated(part, source):
        return [failure]
    chosen = assign(part, source)
    if chosen is None:
        text = ", ".join(figure.text for figure in said)
        return [Failure("number", text, "The claim does not hold all of these figures at once.")]
    return (
        disowned(part, source, chosen)
        or misdated(part, source, chosen)
        or unfelt(part, source, chosen)
        or swapped(part, source, chosen)
        or displaced(part, source, chosen)
    )


def overstated(part: Part, source: Source) -> Failure | None:
    """ "All 14" of a whole of which the claim gives a smaller part, not said here."""
    said = {figure.value for figure in part.figures}
    for figure in part.figures:
        before = [token.low for token in part.sense.tokens[max(0, figure.start - 2) : figure.start]]
        if "all" not in before[-1:] and before != ["all", "the"] and before != ["all", "of"]:
            continue
        for some, whole in source.sense.pairs:
            if whole.value == figure.value and some.value < whole.value and some.value not in said:
                return Failure(
                    "number", f"all {figure.text}", f"The claim says {some.text} of them."
                )
    return None


def assign(part: Part, source: Source) -> list[Figure] | None:
    """A different figure of the claim for each one said, or None; close surroundings first."""
    options = []
    said = part.figures
    for figure in said:
        fitting = [true for true in source.figures if fits(figure, true)]
        if len(fitting) > 1:
            fitting.sort(key=lambda true: -near_as(part, figure, source, true))
        options.append(fitting)
    chosen: list[Figure] = []
    taken: list[Figure] = []

    def place(at: int) -> bool:
        if at == len(options):
            return True
        repeats = bool(said[at].hedge) or said[at].loose  # "about a third (34%)"
        for true in options[at][:4]:
            free = repeats or not true.text
            if free or true not in taken:
                chosen.append(true)
                taken.extend([] if free else [true])
                if place(at + 1):
                    return True
                chosen.pop()
                if not free:
                    taken.pop()
        return False

    return chosen if len(options) <= 12 and place(0) else None


def disowned(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that stands with one name here and with another in the claim."""
    own = {name for _, name in source.sense.proper}
    for figure, true in zip(part.figures, chosen, strict=True):
        mine, theirs = part.sense.owners(figure), source.sense.owners(true)
        if mine and theirs and not mine & theirs and mine & own:
            text = " ".join(sorted(mine))
            return [Failure("name", text, f"The claim gives {figure.text} to another name.")]
    return []


def carried_off(part: Part, source: Source) -> list[Failure]:
    """A name that the claim's "they" stands for, set where the claim has another name."""
    said = {name for _, name in part.sense.names}
    own = {name for _, name in source.sense.proper}
    carried = said & source.carried - own
    if carried and own and not said & own and PEOPLE & {t.low for t in part.sense.tokens}:
        return [Failure("name", min(carried), f"The claim says this of {min(own)}.")]
    return []


def misattributed(part: Part, source: Source) -> list[Failure]:
    """A group given the figures or the words of one member: "b07 of Thrifty Backpackers"."""
    said = {name for _, name in part.sense.names}
    for member, group in source.sense.members:
        if group in said and member not in said and not part.sense.speaks_of_one:
            return [Failure("name", group, f"The claim says this of {member} alone.")]
    return []


def near_as(part: Part, said: Figure, source: Source, true: Figure) -> float:
    return closeness(part.sense, said.start, source.sense, true.start)


def swapped(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """Two figures that would each stand better in the other's place."""
    said = part.figures
    for i in range(len(said)):
        for j in range(i):
            a, b = chosen[i], chosen[j]
            moves = [motion(part.sense, f) for f in (said[i], said[j])]
            moved = [motion(source.sense, f) for f in (a, b)]
            if any(x and y and x != y for x, y in zip(moves, moved, strict=True)):
                text = f"{said[j].text} … {said[i].text}"
                return [Failure("number", text, "These figures have changed places.")]
            if any(x and x == y for x, y in zip(moves, moved, strict=True)):
                continue
            ordered = (said[i].start > said[j].start) == (a.start > b.start)
            if ordered and part.sense.settles(said[i], said[j]) and source.sense.settles(a, b):
                continue
            if a.value == b.value or not (same_kind(said[i], b) and same_kind(said[j], a)):
                continue
            one, two = part.sense, source.sense
            head = head_of(two, a.start, b.start)
            straight = closeness(one, said[i].start, two, a.start, head=head)
            straight += closeness(one, said[j].start, two, b.start, head=head)
            crossed = closeness(one, said[i].start, two, b.start, head=head)
            crossed += closeness(one, said[j].start, two, a.start, head=head)
            if crossed > straight + MARGIN:
                text = f"{said[j].text} … {said[i].text}"
                return [Failure("number", text, "These figures have changed places.")]
    return []


def misdated(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure with a date right behind it, where the claim has it with another date."""
    for figure, true in zip(part.figures, chosen, strict=True):
        said, theirs = date_behind(part.sense, figure), date_behind(source.sense, true)
        if said and theirs and not (said.covers(theirs) or theirs.covers(said)):
            return [Failure("number", figure.text, "The claim has this figure at another date.")]
    return []


def unfelt(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that is of the warm here and of the cold in the claim."""
    for figure, true in zip(part.figures, chosen, strict=True):
        if part.sense.felt(figure) * source.sense.felt(true) < 0:
            return [Failure("polarity", figure.text, "The claim has this figure the other way.")]
    return []


def date_behind(sense: Sense, figure: Figure) -> Date | None:
    for token in sense.tokens[figure.end : figure.end + 2]:
        if token.kind == "date":
            return sense.dates[int(token.low)]
        if token.low not in {"in", "on", "of", "("}:
            return None
    return None


def motion(sense: Sense, figure: Figure) -> str:
    """ "from" or "to" where it stands right before the figure."""
    before = sense.tokens[figure.start - 1].low if figure.start else ""
    return before if before in {"from", "to"} else ""


def displaced(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that says of one thing what the claim says of another."""
    pairs = list(zip(part.figures, chosen, strict=True))
    for figure, true in pairs:
        others = [
            other
            for other in source.sense.figures
            if other not in chosen and rivals(figure, true, other)
        ]
        if not others:
            continue
        partners = [
            theirs
            for other, theirs in pairs
            if other != figure and part.sense.settles(figure, other)
        ]
        for rival in others:
            bound = [source.sense.settles(true, partner) for partner in partners]
            loose = [source.sense.settles(rival, partner) for partner in partners]
            head = head_of(source.sense, true.start, rival.start)
            own = closeness(part.sense, figure.start, source.sense, true.start, head=head)
            theirs = closeness(part.sense, figure.start, source.sense, rival.start, head=head)
            if loose >= bound and theirs > own + MARGIN:
                reason = f"The claim says {rival.text} here, and {figure.text} of something else."
                return [Failure("number", figure.text, reason)]
    return []


def rivals(said: Figure, true: Figure, other: Figure) -> bool:
    """Whether another figure of the claim could stand where this one is said."""
    alike = same_kind(said, other) and bool(other.decimals) == bool(true.decimals)
    return alike and other.value != true.value


# Directions -------------------------------------------------------------------------------------


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


def comparison_faults(part: Part, source: Source) -> list[Failure]:
    """More and less, seen from the one or from the other of two names compared."""
    known = source.orders
    if not known or not part.sense.proper:
        return []
    subjects = {comparison.way.at: comparison.subject for comparison in part.sense.comparisons}
    for way in part.ways:
        near = min(part.sense.proper, key=lambda place: abs(place[0] - way.at))[1]
        subject = subjects.get(way.at, near)
        bare = not part.figures and len(part.names) == sum(map(part.holds, part.sense.name_places))
        unsaid = (way.axis, way.sign) not in source.ways
        if way.axis == "amount" and unsaid and bare and way not in part.sense.reckoned:
            return [Failure("polarity", way.text, "The claim compares something else.")]
        if way.axis == "amount" and known.get(subject, way.sign) != way.sign:
            return [Failure("polarity", way.text, f"The claim says the opposite of {subject}.")]
    return []


def way_faults(part: Part, source: Source) -> list[Failure]:
    """A direction that the claim has on both sides, said of the thing on the other side."""
    own = {name for _, name in source.sense.proper}
    compared = part.sense.comparisons or source.sense.comparisons
    for way in part.ways:
        sides = [true.at for true in source.sense.ways if true.axis == way.axis]
        head = head_of(source.sense, *sides) if sides else set[str]()
        held: dict[int, list[frozenset[str]]] = {1: [], -1: []}
        best = {1: 0.0, -1: 0.0}
        for true in source.sense.ways:
            if true.axis == way.axis:
                held[true.sign].append(source.sense.holder(true.at))
                close = closeness(part.sense, way.at, source.sense, true.at, head=head)
                best[true.sign] = max(best[true.sign], close)
        if not (held[1] and held[-1]):
            continue
        mine = part.sense.holder(way.at) & own
        here = any(names & mine for names in held[way.sign])
        there = any(names & mine for names in held[-way.sign])
        if mine and not compared and here != there and all(held[way.sign]):
            if there:
                return [Failure("polarity", way.text, "The claim says this of another name.")]
        elif best[-way.sign] > best[way.sign] + MARGIN:
            return [Failure("polarity", way.text, "The claim says this of something else.")]
    return []


def clause(sense: Sense, at: int) -> frozenset[str]:
    """Words and names of the clause around a place, function words left out."""
    ends = [
        place
        for place, token in enumerate(sense.tokens)
        if is_border(token) and token.low not in {"(", ")"} and not sense.steps[2][place]
    ]
    low = max((end for end in ends if end < at), default=-1) + 1
    high = min((end for end in ends if end > at), default=len(sense.tokens))
    asides = sense.steps[2]
    inside = [
        token
        for place, token in enumerate(sense.tokens[low:high], start=low)
        if token.kind in {"word", "name", "number"} and not asides[place]
    ]
    return frozenset(scope_key(token.kind, token.low) for token in inside) - {""}


def is_light(key: str) -> bool:
    """Whether a key of a clause is an everyday word, "talk" or a figure."""
    return key in EVERYDAY or key == "talk" or key.startswith("figure ")


def scope_key(kind: str, low: str) -> str:
    if kind == "name":
        return "name " + low
    if kind == "number" or low in NUMBER_WORDS:
        value = NUMBER_WORDS.get(low) or low.replace(",", "")
        return f"figure {value}" if low not in NEGATIONS | {"one"} else ""
    if low in FUNCTION_WORDS or low.endswith("n't"):
        return ""
    return "talk" if stem(low) in TALK else stem(low)


def denial_faults(part: Part, source: Source) -> list[Failure]:
    """A "no" that was dropped, or that was moved to something which the claim affirms."""
    all_keys = {scope_key(t.kind, t.low) for t in part.sense.tokens}
    for at in source.sense.denials:
        scope = clause(source.sense, at) - NEGATIONS
        figures = frozenset(key for key in scope if key.startswith("figure "))
        scope -= figures
        light = all(map(is_light, scope)) and not figures & all_keys
        share = len(scope & all_keys) / max(len(scope), 1)
        if scope and not part.denials and (share == 1 or (share > 0.5 and not light)):
            word = source.sense.tokens[at].text
            return [Failure("polarity", word, f"The claim denies this: its “{word}” is gone.")]
    if len(part.denials) > len(source.sense.denials):
        text = part.sense.tokens[part.denials[-1]].text
        return [Failure("polarity", text, "The claim denies less than this.")]
    denied = {key for at in source.sense.denials for key in clause(source.sense, at)}
    for at in part.denials:
        mine = clause(part.sense, at)
        names = {key for key in mine if key.startswith("name ")}
        moved = names - denied - {"name " + name for name in source.carried}
        counted = {key for key in mine if key.startswith("figure ")}
        core = {key for key in denied if not is_light(key)} or denied
        misplaced = counted and not counted & denied
        if denied and (moved or misplaced or not mine & denied or not all_keys & core):
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
