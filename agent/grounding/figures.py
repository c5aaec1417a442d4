"""Figures of a sentence: every number with what it counts, also when written in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.grounding.numerals import ARTICLES, Figure, figure_at
from agent.grounding.reading import Token
from agent.grounding.words import COUNTED, CURRENCIES, FUNCTION_WORDS, UNITS, words

RATING_WORDS = words(
    "rating rate rates rated average averages averaging averaged score scores give gives gave "
    "giving stars"
)
WARMTH_WORDS = words("warmth tone sentiment polarity mood")
RANK_WORDS = words("# number rank ranks ranked")
SAME_IN_PLURAL = words("people fold percent pct folks")
MORE_OR_LESS = words("above below more less higher lower better worse")
COPULAS = words("is are was were")
HEDGES: dict[tuple[str, ...], str] = {
    ("about",): "about",
    ("around",): "about",
    ("roughly",): "about",
    ("approximately",): "about",
    ("approx", "."): "about",
    ("approx",): "about",
    ("circa",): "about",
    ("some",): "about",
    ("~",): "about",
    ("nearly",): "nearly",
    ("almost",): "nearly",
    ("close", "to"): "nearly",
    ("just", "under"): "nearly",
    ("over",): "over",
    ("above",): "over",
    ("more", "than"): "over",
    ("at", "least"): "from",
    ("under",): "under",
    ("less", "than"): "under",
    ("fewer", "than"): "under",
    ("at", "most"): "to",
    ("up", "to"): "to",
    ("no", "more", "than"): "to",
    ("no", "fewer", "than"): "from",
}


def read_figures(tokens: Sequence[Token]) -> list[Figure]:
    """Every figure in order; roles are settled from the right, as in "9 of the 14 users"."""
    raw: list[Figure] = []
    at = 0
    while at < len(tokens):
        figure = figure_at(tokens, at)
        if figure:
            raw.append(figure)
        at = figure.end if figure else at + 1
    settled: list[Figure] = []
    for figure in reversed(raw):
        settled.insert(0, settle(tokens, figure, settled))
    settled = [figure for figure in settled if not is_article(tokens, figure)]
    return guess_roles(tokens, drop_scales(tokens, settled))


def settle(tokens: Sequence[Token], figure: Figure, later: Sequence[Figure]) -> Figure:
    """The figure with its hedge and role; `later` are the settled figures behind it."""
    before = [token.low for token in tokens[max(0, figure.start - 4) : figure.start]]
    earlier = {token.low for token in tokens[max(0, figure.start - 12) : figure.start]}
    if "from" in earlier and before[-1:] == ["to"]:  # "from 4.5 down to 3.8" is no limit
        before = before[:-2]
    hedge = figure.hedge or next(
        (HEDGES[ending] for n in (3, 2, 1) if (ending := tuple(before[-n:])) in HEDGES), ""
    )
    role = figure.role or role_of(tokens, figure, before, later)
    behind = {token.low for token in tokens[figure.end : figure.end + 2]}
    return replace(figure, hedge=hedge, role=role, delta=bool(behind & MORE_OR_LESS))


def role_of(
    tokens: Sequence[Token], figure: Figure, before: list[str], later: Sequence[Figure]
) -> str:
    last = before[-1] if before else ""
    if last in CURRENCIES:
        return CURRENCIES[last]
    if "p" in before[-3:] and last in {"<", "=", ">", "of", "below", "under", "than"}:
        return "p"
    if last == "group" or (last == "." and before[-2:-1] == ["no"]):
        return "group" if last == "group" else "rank"
    counts = last == "number" and before[-2:-1] and before[-2] not in {"is", "at", "as", "the"}
    if last in RANK_WORDS and figure.decimals == 0 and not counts:
        return "rank"
    if last == "top":
        return "top"
    noun = noun_behind(tokens, figure, later)
    if noun:
        return noun
    if figure.decimals and WARMTH_WORDS & set(before[-3:]):
        return "warmth"
    behind = [token.low for token in tokens[figure.end : figure.end + 2]]
    if "chance" in before:  # "where chance would give 1.9" are no stars
        return "count"
    rated = RATING_WORDS & set(before[-3:] if figure.decimals else before[-2:])
    if (rated and behind[:1] != ["a"]) or behind == ["on", "average"]:
        return "stars"
    if before[-2:] == ["out", "of"]:
        return "count"
    dated = figure.start and tokens[figure.start - 1].kind == "date"
    if dated and (not behind or tokens[figure.end].kind == "mark" or behind[0] in {"and", "to"}):
        return "year"
    light = not behind or tokens[figure.end].kind != "word" or behind[0] in FUNCTION_WORDS - {"of"}
    return "bare" if light or figure.decimals else "count"


def noun_behind(tokens: Sequence[Token], figure: Figure, later: Sequence[Figure]) -> str:
    """The role named behind a figure, past at most two other words: "5 warm sentences"."""
    starts = {other.start: other for other in later}
    passed, through_of, named = 0, False, ""
    for at in range(figure.end, min(len(tokens), figure.end + 7)):
        token = tokens[at]
        if at in starts:
            role = starts[at].role if through_of else ""
            return role if role in COUNTED else named
        if token.kind == "mark" and token.low == "★":
            return "stars"
        if token.kind in {"mark", "quote", "cite", "date", "number"} and token.low != "-":
            return CURRENCIES.get(token.low, named)
        if token.kind == "name" and at == figure.end and is_plural_name(token.low):
            named = "users"  # "38 Thrifty Backpackers", unless a noun follows
        role = UNITS.get(token.low, "")
        plural = token.low.endswith("s") or token.low in SAME_IN_PLURAL
        hyphened = at == figure.end + 1 and tokens[figure.end].low == "-"
        if role and (plural or figure.value == 1 or hyphened):
            of_some = through_of and figure.decimals  # "the 3.7 of all users"
            return "" if of_some else role
        if token.low == "of":
            through_of = True
        elif token.low == "out" or token.low in ARTICLES or token.low == "-":
            continue
        elif token.low in COPULAS and at == figure.end:  # "6 were duplicates"
            return UNITS.get(tokens[at + 1].low, "") if at + 1 < len(tokens) else ""
        elif token.low in FUNCTION_WORDS or passed == 2:
            break
        else:
            passed += 1
    return named


def is_plural_name(name: str) -> bool:
    return name[0].isupper() and name.endswith("s")


def is_article(tokens: Sequence[Token], figure: Figure) -> bool:
    """Whether "one" or "two" only points: one of them, the one, the two groups, one thing."""
    low = tokens[figure.start].low
    if figure.end - figure.start > 1 or low not in {"one", "two"} or figure.role == "percent":
        return False
    before = tokens[figure.start - 1].low if figure.start else ""
    if low == "two" and figure.role not in {"groups", "bare", "count"}:
        return False
    if before in {"the", "these", "this", "that", "no", "another", "any", "each", "every", "which"}:
        return True
    if low == "one" and figure.role == "users" and set(behind_noun(tokens, figure)) & {",", "name"}:
        return True  # "one guest, f03, …"
    return low == "one" and figure.role in {"bare", "count"} and not counts_one(tokens, figure)


def behind_noun(tokens: Sequence[Token], figure: Figure) -> list[str]:
    """What follows the noun behind a figure: its text, and its kind."""
    behind = tokens[figure.end + 1 : figure.end + 2]
    return [text for token in behind for text in (token.low, token.kind)]


def counts_one(tokens: Sequence[Token], figure: Figure) -> bool:
    """ "Only one of the 23" counts; "one thing" and "one of them says" do not."""
    before = tokens[figure.start - 1].low if figure.start else ""
    return before in {"only", "just", "exactly"}


def drop_scales(tokens: Sequence[Token], figures: list[Figure]) -> list[Figure]:
    """Without the 5 of "3.9 out of 5" and "3.9/5", which makes the figure before it stars."""
    kept: list[Figure] = []
    for figure in figures:
        joint = "" if not kept else " ".join(t.low for t in tokens[kept[-1].end : figure.start])
        rated = kept and (kept[-1].decimals > 0 or figure.role == "stars")
        if rated and figure.value == 5 and joint in {"out of", "/", "of", "stars out of"}:
            kept[-1] = replace(kept[-1], role="stars")
        else:
            kept.append(figure)
    return kept


def guess_roles(tokens: Sequence[Token], figures: list[Figure]) -> list[Figure]:
    """Fill `guess`: "120 sentences, up from 80" → 80 sentences; "4.4 stars, … 3.9" → stars."""
    counted = measured = ""
    guessed = []
    for figure in figures:
        if figure.role in {"bare", "count"}:
            each = figure.end < len(tokens) and tokens[figure.end].low in {"each", "per", "apiece"}
            guess = measured if figure.decimals and not each else counted
            figure = replace(figure, guess=guess)
        elif figure.role in COUNTED:
            counted = figure.role
        elif figure.decimals:
            measured = figure.role
        guessed.append(figure)
    return guessed
