"""What a sentence asserts: figures, names, dates, directions and denials, each with its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from agent.grounding_figures import Figure, join_dates, pairs_of, read_figures
from agent.grounding_reading import Names, Quote, Token, is_proper, read
from agent.grounding_words import (
    ADVERBS_OF_DENIAL,
    EVERYDAY,
    FUNCTION_WORDS,
    NEGATIONS,
    OTHERS,
    TALK,
    UNITS,
    direction_of,
    stem,
    words,
)

CLAUSE_WORDS = words("and but while whereas although though")
LIKE_BEFORE = words(
    "who they users people members we you also really to most particularly especially not do does "
    "don't doesn't didn't never should would might and or both guests groups reviewers i generally"
)
UP_BEFORE = words("go goes went going is are was were be up and , ( by came moved from")
UP_BEHIND = words("from to by on , . ) compared against at versus in")
SETTLED = (
    "not only", "not just", "no doubt", "not to mention", "nothing but", "no wonder",
    "no fewer than", "no more than", "more or less", "once more", "at most", "at least",
    "first of all", "most recent", "most of", "not surprisingly", "last but not least",
)  # fmt: skip
IDIOMS = {tuple(phrase.split()) for phrase in SETTLED}
IDIOM_STARTS = {idiom[0] for idiom in IDIOMS}


@dataclass(frozen=True, slots=True)
class Way:
    """A direction: "love" is ("feeling", 1), "below" ("amount", -1). at: its token."""

    at: int
    axis: str
    sign: int
    text: str


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
        for way in self.ways:
            keys[way.at] = f"{way.axis}{way.sign:+d}"
        for at in self.denials:
            keys[at] = "denial"
        return keys

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
    def steps(self) -> list[float]:
        """Per token its distance from the start: clause borders and figures set words apart."""
        total, steps = 0.0, []
        for at, token in enumerate(self.tokens):
            if token.kind == "mark" or token.low in CLAUSE_WORDS:
                total += 0.5 if token.low in "()-" else 2.0
            elif at in self.figure_tokens or self.keys[at]:
                total += 1.0
            steps.append(total)
        return steps

    def near(self, at: int) -> dict[str, float]:
        """What stands around a token: key → closeness in (0, 1], names and dates doubled."""
        if at not in self._near:
            here = self.steps[at]
            around: dict[str, float] = {}
            for place, key in enumerate(self.keys):
                if key and place != at:
                    weight = 2.0 if key.startswith(("name ", "date ")) else 1.0
                    close = weight / (1.0 + abs(self.steps[place] - here))
                    around[key] = max(close, around.get(key, 0.0))
            self._near[at] = around
        return self._near[at]

    @cached_property
    def _near(self) -> dict[int, dict[str, float]]:
        return {}

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
            if token.kind == "word" and at not in taken and not is_everyday(token.low)
        ]


def plain_words(text: str) -> list[str]:
    return [word.strip(".,;:!?()…\"'“”’") for word in text.casefold().replace("-", " ").split()]


def is_everyday(low: str) -> bool:
    return low in FUNCTION_WORDS or low in UNITS or stem(low) in EVERYDAY


def read_ways(tokens: list[Token], figures: list[Figure]) -> tuple[list[Way], list[int]]:
    """Directions, turned round by a "not" or "n't" up to three words before, and other denials."""
    skip = {at for f in figures for at in range(f.start - 3 * bool(f.hedge), f.end)}
    ways: list[Way] = []
    denials: list[int] = []
    at = 0
    while at < len(tokens):
        low = tokens[at].low
        idiom = idiom_at(tokens, at) if low in IDIOM_STARTS else 0
        if idiom:
            at += idiom
            continue
        if tokens[at].kind in {"word", "number"} and at not in skip:
            if low in NEGATIONS or low.endswith("n't"):
                denials.append(at)
            elif way := way_at(tokens, at):
                axis, sign = way
                adverb = denier_before(tokens, at, denials)
                if adverb is not None:
                    denials.remove(adverb)
                    sign = -sign
                ways.append(Way(at, axis, sign, tokens[at].text))
        at += 1
    return ways, denials


def idiom_at(tokens: list[Token], at: int) -> int:
    for length in (2, 3, 4):
        if tuple(token.low for token in tokens[at : at + length]) in IDIOMS:
            return length
    return 0


def denier_before(tokens: list[Token], at: int, denials: list[int]) -> int | None:
    """The last denial where it is an adverb within three words before, no mark between."""
    if not denials or at - denials[-1] > 3:
        return None
    place = denials[-1]
    low = tokens[place].low
    adverb = low in ADVERBS_OF_DENIAL or low.endswith("n't")
    marked = any(token.kind == "mark" for token in tokens[place:at])
    return place if adverb and not marked else None


def way_at(tokens: list[Token], at: int) -> tuple[str, int] | None:
    """The direction of the word at a place, where its neighbours let it have one."""
    low = tokens[at].low
    before = tokens[at - 1].low if at else ""
    behind = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if low in {"like", "likes", "liked"}:
        verb = before in LIKE_BEFORE or (at > 0 and tokens[at - 1].kind == "name")
        return ("feeling", 1) if low != "like" or verb else None
    if low in {"up", "down"}:
        moves = before in UP_BEFORE or behind in {"from", "to", "by"}
        return ("amount", 1 if low == "up" else -1) if moves and behind not in {"of"} else None
    if low in {"over", "under"}:
        side = behind.startswith("represented") or (before == "-" and behind == "represented")
        side = side or (
            behind == "-" and at + 2 < len(tokens) and "represent" in tokens[at + 2].low
        )
        return ("amount", 1 if low == "over" else -1) if side else None
    if low in {"often", "frequent", "frequently"} and before in {"as", "less", "more", "most"}:
        return None
    if low == "first":
        return (
            ("amount", 1) if before not in {"at", "the"} and behind not in {",", "time"} else None
        )
    if low == "last":
        return ("amount", -1) if before in {"comes", "come", "ranks", "ranked", "is"} else None
    if low == "top" and behind.isdecimal():
        return None
    return direction_of(low)
