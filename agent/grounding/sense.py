"""What a sentence asserts: figures, names, dates, directions and denials, each with its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from agent.grounding.dates import join_dates
from agent.grounding.figures import read_figures
from agent.grounding.fitting import joined, pairs_of, same_kind
from agent.grounding.numerals import Figure
from agent.grounding.reading import Names, Quote, Token, is_proper, read
from agent.grounding.ways import Way, read_ways
from agent.grounding.words import (
    EVERYDAY,
    FUNCTION_WORDS,
    OTHERS,
    STRICT,
    TALK,
    UNITS,
    direction_of,
    stem,
    words,
)

APART = words("and or but than while whereas")
AGAINST = words("against versus vs than compared")
LINKS = words("from to than against versus compared")
LINKING = (FUNCTION_WORDS - APART) | {",", "group", "member", "user"}
CLAUSE_WORDS = words("and but while whereas although though")
GENERIC = {"talk", "others"}
MEMBERSHIPS = [["of"], ["from"], ["in"], ["is", "in"], ["who", "is", "in"]]
ONE_OF_THEM = words("one member user guest reviewer someone traveller customer another")
BORDER = 3.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """ "A … more … than B": subject A, other B; than: its token."""

    way: Way
    subject: str
    other: str
    than: int


class Sense:
    """A sentence read for what it asserts. Places (`at`, `start`) are token numbers."""

    def __init__(self, text: str, names: Names, plain: Collection[str] = ()) -> None:
        reading = read(text, names, plain)
        self.text = reading.text
        self.quotes: list[Quote] = reading.quotes
        self.cited = reading.cited
        self.stray_quote = reading.stray_quote
        self.tokens, self.dates = join_dates(reading.tokens)
        self.figures = read_figures(self.tokens)
        self.names = [(at, t.low) for at, t in enumerate(self.tokens) if t.kind == "name"]
        self.name_places = [at for at, _ in self.names]
        self.quote_places = [at for at, t in enumerate(self.tokens) if t.kind == "quote"]
        self.date_places = [at for at, t in enumerate(self.tokens) if t.kind == "date"]
        self.ways, self.denials = read_ways(self.tokens, self.figures)

    @cached_property
    def pairs(self) -> list[tuple[Figure, Figure]]:
        return pairs_of(self.tokens, self.figures)

    @cached_property
    def figure_tokens(self) -> set[int]:
        return {at for figure in self.figures for at in range(figure.start, figure.end)}

    @cached_property
    def keys(self) -> list[str]:
        """Per token what it stands for when figures and directions are told apart, or ""."""
        keys = [self.key_of(token) for token in self.tokens]
        for at in self.figure_tokens:
            keys[at] = ""
        for figure in self.figures:
            keys[figure.start] = f"figure {figure.value:g}"
        for way in self.ways:
            keys[way.at] = f"{way.axis}{way.sign:+d}"
        for at in self.denials:
            keys[at] = "denial"
        for at, token in enumerate(self.tokens):
            if token.low in {"it", "its"} and (meant := self.antecedent(at)):
                keys[at] = "name " + meant
        return keys

    def antecedent(self, at: int) -> str:
        """Whom an "it" means: after "about" or "of" the last topic, else the only proper name."""
        names = [name for place, name in self.names if place < at]
        topics = [name for name in names if not is_proper(name)]
        if at and self.tokens[at - 1].low in {"about", "of", "on"} and topics:
            return topics[-1]
        proper = {name for _, name in self.proper}
        return names[0] if len(proper) == 1 and names and is_proper(names[0]) else ""

    def key_of(self, token: Token) -> str:
        if token.kind == "name":
            return "name " + token.low
        if token.kind == "date":
            date = self.dates[int(token.low)]
            return f"date {date.year}-{date.month}"
        root = stem(token.low)
        if token.kind != "word" or token.low in FUNCTION_WORDS or token.low in UNITS:
            return ""
        return "talk" if root in TALK else "others" if root in OTHERS else root

    @cached_property
    def steps(self) -> tuple[list[float], list[float], list[bool]]:
        """Per token: its distance from the start, the same without asides, whether in an aside."""
        total = outside = 0.0
        inside = False
        along: list[float] = []
        around: list[float] = []
        asides: list[bool] = []
        for at, token in enumerate(self.tokens):
            step = 0.0
            if token.low in {"(", ")"}:
                inside = token.low == "("
                step = 0.5
            elif is_border(token):
                step = BORDER
            elif self.keys[at] or token.low in LINKS:
                step = 1.0
            total += step
            outside += 0.0 if inside or token.low == ")" else step
            along.append(total)
            around.append(outside)
            asides.append(inside)
        return along, around, asides

    def distance(self, one: int, two: int) -> float:
        """Steps between two tokens: words, borders of clauses; an aside between is passed over."""
        along, around, asides = self.steps
        way = along if asides[one] or asides[two] else around
        return abs(way[one] - way[two])

    def near(self, at: int) -> dict[str, float]:
        """What stands around a token: key → closeness in (0, 4]; names and dates weigh most.

        Figures stand around directions, but not around other figures.
        """
        if at not in self._near:
            around: dict[str, float] = {}
            hidden = "figure " if self.keys[at].startswith("figure ") else "\n"
            shared = self.shared
            for place, key in enumerate(self.keys):
                if key and place != at and not key.startswith(hidden):
                    close = (0.3 if key in GENERIC else 1.0) / (1.0 + self.distance(place, at))
                    if key.startswith(("name ", "date ")) and key not in shared:
                        close *= 4.0 * close
                    around[key] = max(close, around.get(key, 0.0))
            self._near[at] = around
        return self._near[at]

    @cached_property
    def shared(self) -> set[str]:
        """The keys of proper names where there is but one company: it tells little apart."""
        names = {name for _, name in self.proper}
        one = not self.proper or self.company(self.proper[0][0]) == names
        return {"name " + name for name in names} if one else set()

    @cached_property
    def _near(self) -> dict[int, dict[str, float]]:
        return {}

    @cached_property
    def comparisons(self) -> list[Comparison]:
        found = []
        for way in self.ways:
            reach = range(way.at, min(way.at + 14, len(self.tokens)))
            than = next((at for at in reach if self.tokens[at].low == "than"), None)
            if than is None or way.axis not in STRICT:
                continue
            subject = [name for at, name in self.proper if at < than]
            other = [name for at, name in self.proper if than < at <= than + 4]
            if subject and other and subject[-1] != other[0]:
                found.append(Comparison(way, subject[-1], other[0], than))
        return found

    @cached_property
    def reckoned(self) -> list[Way]:
        """Directions that two figures prove: up from 80 to 120, 3.4 is less than 3.7."""
        ways = [way for way in self.ways if way.axis == "amount"]
        found = []
        for way in ways:
            for one, two in zip(self.figures, self.figures[1:], strict=False):
                between = {token.low for token in self.tokens[one.end : two.start]}
                if not same_kind(one, two) or not between & (AGAINST | {"to", "from"}):
                    continue
                rise = two.value - one.value if "to" in between else one.value - two.value
                if rise * way.sign > 0:
                    found.append(way)
        return found

    def owners(self, figure: Figure) -> frozenset[str]:
        """The names beside a figure, or none: "b07 of Thrifty Backpackers" stand there together.

        After "A … more … than B" the only two figures of a kind belong to A and to B.
        """
        if figure not in self._owners:
            self._owners[figure] = self._find_owners(figure)
        return self._owners[figure]

    @cached_property
    def _owners(self) -> dict[Figure, frozenset[str]]:
        return {}

    def _find_owners(self, figure: Figure) -> frozenset[str]:
        if not self.proper:
            return frozenset()
        alike = [other for other in self.figures if same_kind(other, figure)]
        for than in self.comparisons:
            if len(alike) == 2 and alike[0].start > than.than and figure in alike:
                return frozenset({than.subject if figure == alike[0] else than.other})
        near = [(self.distance(at, figure.start), at) for at, _ in self.proper]
        reach = min(min(near)[0] + 1, 3)  # "Stall 31 got 5 stars from b07" is of both
        return frozenset().union(*(self.company(at) for way, at in near if way <= reach))

    @cached_property
    def members(self) -> list[tuple[str, str]]:
        """(member, group) for each "b07 of Thrifty Backpackers", "b07 is in …"."""
        found = []
        for (one, member), (two, group) in zip(self.proper, self.proper[1:], strict=False):
            apart = self.tokens[one + 1 : two]
            between = [t.low for t in apart if t.kind == "word" and t.low != "group"]
            if between in MEMBERSHIPS:
                found.append((member, group))
        return found

    @cached_property
    def speaks_of_one(self) -> bool:
        """Whether someone unnamed of a group is meant: one of them, a member of …"""
        return any(
            token.low in ONE_OF_THEM and behind.low in {"of", "from", "in"}
            for token, behind in zip(self.tokens, self.tokens[1:], strict=False)
        )

    def holder(self, at: int) -> frozenset[str]:
        """The names that a direction is said of: those nearest within its clause, or none."""
        near = [(abs(place - at), place) for place, _ in self.proper if self.same_clause(place, at)]
        return self.company(min(near)[1]) if near else frozenset()

    def same_clause(self, one: int, two: int) -> bool:
        between = self.tokens[min(one, two) + 1 : max(one, two)]
        return not any(is_border(token) for token in between)

    def felt(self, figure: Figure) -> int:
        """+1 or -1 where a figure is said to be of a feeling: "46% positive", "5 cold sentences".

        That is the first feeling behind it in its clause, or one just before: "negative … 31%".
        """
        feelings = {way.at: way.sign for way in self.ways if way.axis == "feeling"}
        stops = self.figure_tokens - set(range(figure.start, figure.end))
        for at in range(figure.end, min(figure.end + 9, len(self.tokens))):
            if at in feelings:
                return feelings[at]
            if is_border(self.tokens[at]) or (at in stops and self.tokens[at - 1].low != "of"):
                break
        for at in range(figure.start - 1, max(figure.start - 5, -1), -1):
            if at in feelings:
                return feelings[at]
            if is_border(self.tokens[at]) or at in stops:
                break
        return 0

    def is_part(self, one: Figure, two: Figure) -> bool:
        return any({one, two} == {part, whole} for part, whole in self.pairs)

    def of_others(self, figure: Figure) -> bool:
        """Whether a figure is said to be of the others: "against 13% of the others"."""
        stops = self.figure_tokens - set(range(figure.start, figure.end))
        for reach in (
            range(figure.end, figure.end + 4),
            range(figure.start - 1, figure.start - 5, -1),
        ):
            for at in reach:
                if not 0 <= at < len(self.tokens) or at in stops:
                    break
                if self.keys[at] == "others":
                    return True
        return False

    def adjoin(self, one: Figure, two: Figure) -> bool:
        """Whether few words and no mark stand between: "81% of 63", "52 users against 38"."""
        first, last = sorted((one, two), key=lambda figure: figure.start)
        return joined(self.tokens, first.end, last.start)

    def binds(self, one: Figure, two: Figure) -> bool:
        return self.settles(one, two) or self.adjoin(one, two)

    @cached_property
    def subject(self) -> str:
        """The only proper name of the sentence, or ""."""
        names = {name for _, name in self.proper}
        return names.pop() if len(names) == 1 else ""

    def settles(self, one: Figure, two: Figure) -> bool:
        """Whether the sentence itself tells two figures apart: part and whole, or A's and B's."""
        if self.is_part(one, two):
            return True
        mine, theirs = self.owners(one), self.owners(two)
        return bool(mine and theirs and not mine & theirs)

    def company(self, at: int) -> frozenset[str]:
        """A name with those that only light words join to it: b07 of …, b07, who is in …"""
        groups: list[list[tuple[int, str]]] = []
        for place, name in self.proper:
            between = self.tokens[groups[-1][-1][0] + 1 : place] if groups else []
            light = all(t.low in LINKING or t.kind == "number" for t in between)
            if groups and light:
                groups[-1].append((place, name))
            else:
                groups.append([(place, name)])
        mine = next(group for group in groups if any(place == at for place, _ in group))
        return frozenset(name for _, name in mine)

    @cached_property
    def roots(self) -> frozenset[str]:
        """Stems and lower-case forms of every word, also of those inside names and quotes."""
        tokens = [token.low for token in self.tokens if token.kind in {"word", "number"}]
        inside = [name for _, name in self.names] + [quote.text for quote in self.quotes]
        tokens += [w for text in inside for w in plain_words(text)]
        return frozenset(tokens) | frozenset(stem(word) for word in tokens)

    @cached_property
    def proper(self) -> list[tuple[int, str]]:
        return [(at, name) for at, name in self.names if is_proper(name)]

    @cached_property
    def content(self) -> list[tuple[int, str]]:
        """(place, stem) of the words that could state a fact of their own."""
        taken = self.figure_tokens | {way.at for way in self.ways} | set(self.denials)
        return [
            (at, stem(token.low))
            for at, token in enumerate(self.tokens)
            if token.kind == "word"
            and at not in taken
            and not is_everyday(token.low)
            and not direction_of(token.low)
        ]


def is_border(token: Token) -> bool:
    """Whether a clause ends here: a mark that is no hyphen, "and", "but", "while"."""
    return (token.kind == "mark" and token.low != "-") or token.low in CLAUSE_WORDS


def plain_words(text: str) -> list[str]:
    return [word.strip(".,;:!?()…\"'“”’") for word in text.casefold().replace("-", " ").split()]


def is_everyday(low: str) -> bool:
    adverb = low.endswith("ly") and len(low) > 5 and low != "family"
    return adverb or low in FUNCTION_WORDS or low in UNITS or stem(low) in EVERYDAY
