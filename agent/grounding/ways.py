"""Directions and denials of a sentence: love and hate, more and less, not and nobody."""

from __future__ import annotations

from dataclasses import dataclass

from agent.grounding.figures import HEDGES
from agent.grounding.numerals import Figure
from agent.grounding.reading import Token
from agent.grounding.words import ADVERBS_OF_DENIAL, NEGATIONS, direction_of, words

LIKE_BEFORE = words(
    "who they users people members we you also really to most particularly especially not do does "
    "don't doesn't didn't never should would might and or both guests groups reviewers i generally"
)
UP_BEFORE = words("go goes went going is are was were be up and , ( by moved from")
UP_BEHIND = words("from to by on , . ) compared against at versus in")
RANK_BEFORE = words("comes come came ranks ranked rank is placed put")
RANK_BEHIND = words(". for with among in ) ;") | {""}
RANKED = words("pick choice place match recommendation suggestion option position rank")
BECOMING = words("became become becomes becoming got get gets getting grew turned")
CHANGED = {"warmer": 1, "happier": 1, "better": 1, "colder": -1, "cooler": -1, "worse": -1}
HEDGE_WORDS = {word for phrase in HEDGES for word in phrase} - {"about", "some"}
SETTLED = (
    "not only", "not just", "no doubt", "not to mention", "nothing but", "no wonder",
    "more or less", "once more", "at most", "at least",
    "first of all", "most recent", "most of", "not surprisingly", "not everyone", "not all",
    "last but not least",
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


def read_ways(tokens: list[Token], figures: list[Figure]) -> tuple[list[Way], list[int]]:
    """Directions, turned round by a "not" or "n't" up to three words before, and other denials."""
    skip = {at for figure in figures for at in hedged(tokens, figure)}
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
            behind = {token.low for token in tokens[at + 1 : at + 4]}
            if low in NEGATIONS or low.endswith("n't") or (low == "too" and "to" in behind):
                denials.append(at)
            elif way := way_at(tokens, at):
                axis, sign = way
                adverb = denier_before(tokens, at, denials)
                if adverb is not None and axis == "feeling":
                    sign = -sign
                    denials.remove(adverb)
                if axis == "feeling" and ways and ways[-1].at == at - 1 and is_less(ways[-1]):
                    ways.pop()
                    sign = -sign
                ways.append(Way(at, axis, sign, tokens[at].text))
        at += 1
    return ways, denials


def hedged(tokens: list[Token], figure: Figure) -> range:
    """The places of a figure's words and of the hedge before it: more than four."""
    start = figure.start
    while figure.hedge and start and tokens[start - 1].low in HEDGE_WORDS:
        start -= 1
    return range(start, figure.end)


def is_less(way: Way) -> bool:
    return way.text.casefold() in {"less", "least"}


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
    if before in BECOMING and low in CHANGED:
        return ("amount", CHANGED[low])
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
    if low in {"first", "last"}:
        ranks = before not in {"at", "the"} and (behind in RANK_BEHIND or before in RANK_BEFORE)
        ranks = ranks or behind in RANKED
        return ("amount" if ranks else "order", 1 if low == "first" else -1)
    if low == "top" and behind.isdecimal():
        return None
    if low.startswith("fall") and behind in {"into", "under", "within"}:
        return None
    if low.startswith("favo") and behind in {"subject", "subjects", "topic", "topics", "theme"}:
        return ("amount", 1)
    return direction_of(low)
