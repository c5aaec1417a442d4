"""Figures and dates of a sentence: every number with what it counts, also when written in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from agent.grounding_reading import Token
from agent.grounding_words import (
    COUNTED,
    CURRENCIES,
    FRACTIONS,
    FUNCTION_WORDS,
    MONTHS,
    MULTIPLES,
    NUMBER_WORDS,
    ORDINALS,
    SCALES,
    UNITS,
    words,
)

ARTICLES = words("the these those its their his her our all other such")
THEM = words("them these those whom which")
RATING_WORDS = words(
    "rating rate rates rated average averages averaging averaged score scores give gives gave "
    "giving stars"
)
WARMTH_WORDS = words("warmth tone sentiment polarity mood")
RANK_WORDS = words("# number rank ranks ranked")
SAME_IN_PLURAL = words("people fold percent pct folks")
YEAR_BEFORE = words("in since of from to until by during before after (")
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
MAJORITY = 50.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as said. Tokens start..end-1 say it.

    role: what it counts (a role of UNITS; percent, stars, times, warmth, p, rank, group, top, all);
    "count" when a noun is meant but not named; "bare" when nothing follows.
    guess: for those two, the role that the words before suggest. hedge: "", about, nearly, over,
    from (at least), under or to (at most). loose: a fraction in words, "a third". delta: "0.7 above".
    """

    start: int
    end: int
    value: float
    decimals: int
    role: str
    text: str
    guess: str = ""
    hedge: str = ""
    loose: bool = False
    delta: bool = False


class Date(NamedTuple):
    """A date as said; 0 for parts not said. quarter: 1-4."""

    year: int = 0
    month: int = 0
    day: int = 0
    quarter: int = 0

    def covers(self, other: Date) -> bool:
        """Whether each part that this date says is said by the other, and the same."""
        return all(mine in (0, theirs) for mine, theirs in zip(self, other, strict=True))


# Dates ------------------------------------------------------------------------------------------


def number_in(token: Token, low: int, high: int) -> int:
    """The token's whole number between low and high, else 0. A leading zero is fine: 05 May."""
    if token.kind != "number" or not token.low.isdecimal() or token.suffix in {"%", "x", "×", "k"}:
        return 0
    return int(token.low) if len(token.low) < 5 and low <= int(token.low) <= high else 0


def join_dates(tokens: Sequence[Token]) -> tuple[list[Token], list[Date]]:
    """The tokens with each date as one token of kind "date", and the dates in order."""
    joined: list[Token] = []
    dates: list[Date] = []
    at = 0
    while at < len(tokens):
        date, end = date_at(tokens, at)
        if end > at:
            text = " ".join(token.text for token in tokens[at:end])
            joined.append(Token("date", text, str(len(dates))))
            dates.append(date)
        else:
            joined.append(tokens[at])
        at = max(end, at + 1)
    for place in range(len(dates) - 2, -1, -1):  # "from February to March 2025" is one year
        if not dates[place].year and dates[place] != Date():
            dates[place] = dates[place]._replace(year=dates[place + 1].year)
    return joined, dates


def date_at(tokens: Sequence[Token], at: int) -> tuple[Date, int]:
    """The date that starts at token `at` and the place behind it; at itself where there is none."""
    token = tokens[at]
    if token.kind == "iso":
        parts = [int(part) for part in token.low.split("-")]
        return Date(*parts), at + 1
    ordinal = ORDINALS.get(token.low, 0) or (number_in(token, 1, 4) if token.suffix else 0)
    quarter = int(token.low[1]) if token.low in {"q1", "q2", "q3", "q4"} else 0
    if ordinal in range(1, 5) and at + 1 < len(tokens) and tokens[at + 1].low == "quarter":
        year, end = year_after(tokens, at + 2)
        return Date(year, quarter=ordinal), end
    if quarter:
        year, end = year_after(tokens, at + 1)
        return Date(year, quarter=quarter), end
    day = number_in(token, 1, 31)
    if day and at + 1 < len(tokens):
        of = at + 1 + (tokens[at + 1].low == "of")
        if of < len(tokens) and (month := month_of(tokens, of)):
            year, end = year_after(tokens, of + 1)
            return Date(year, month, day), end
    if month := month_of(tokens, at):
        end = at + 1 + (at + 2 < len(tokens) and tokens[at + 1].low == "." and token.low != "may")
        day = number_in(tokens[end], 1, 31) if end < len(tokens) else 0
        year, end = year_after(tokens, end + bool(day))
        return Date(year, month, day), end
    before = tokens[at - 1].low if at else ""
    year = number_in(token, 1900, 2100)
    listed = before == "and" and at > 1 and bool(number_in(tokens[at - 2], 1900, 2100))
    if year and (listed or before in YEAR_BEFORE):
        counts = at + 1 < len(tokens) and tokens[at + 1].low in UNITS
        return (Date(), at) if counts else (Date(year), at + 1)
    return Date(), at


def month_of(tokens: Sequence[Token], at: int) -> int:
    """The month that the word names: "may" and "march" only as a month is written."""
    token = tokens[at]
    month = MONTHS.get(token.low, 0)
    if not month or token.kind != "word":
        return 0
    if token.low in {"may", "march", "mar", "sept", "sep", "dec", "jan"}:
        near = [tokens[at - 1]] if at else []
        near += tokens[at + 1 : at + 2]
        dated = any(number_in(other, 1, 2100) for other in near)
        return month if dated or (token.text[0].isupper() and at > 0) else 0
    return month


def year_after(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """A year behind a month, with "of" or a comma between or not: the year (or 0), and where on."""
    skip = at + (at < len(tokens) and tokens[at].low in {",", "of"})
    if skip < len(tokens) and (year := number_in(tokens[skip], 1900, 2100)):
        return year, skip + 1
    return 0, at


# Figures ----------------------------------------------------------------------------------------


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


def figure_at(tokens: Sequence[Token], at: int) -> Figure | None:
    """The figure that starts at token `at`, its role still open unless its own words settle it."""
    token = tokens[at]
    if token.kind == "number":
        return None if token.low == "0" and not token.suffix else digits_at(tokens, at)
    if token.kind not in {"word", "mark"}:
        return None
    return words_at(tokens, at)


def digits_at(tokens: Sequence[Token], at: int) -> Figure:
    token = tokens[at]
    value = float(token.low.replace(",", ""))
    decimals = len(token.low.partition(".")[2])
    role = {"%": "percent", "x": "times", "×": "times"}.get(token.suffix, "")
    end = at + 1
    if token.suffix in {"st", "nd", "rd", "th"}:
        role = "rank"
    elif token.suffix == "k":
        value, decimals = value * 1000, 0
    elif token.low[0] in "+-":
        role = "warmth"
    while end < len(tokens) and tokens[end].low in SCALES:
        value, end = value * SCALES[tokens[end].low], end + 1
    if not role and decimals == 0 and (fraction := fraction_at(tokens, end, value)):
        return replace(fraction, start=at, text=token.text + " " + fraction.text)
    return Figure(at, end, value, decimals, role, token.text + token.suffix)


def words_at(tokens: Sequence[Token], at: int) -> Figure | None:
    """A figure in words: fourteen, twenty-two, a dozen, two thirds, twice, second, most of them."""
    low = tokens[at].low
    following = [token.low for token in tokens[at + 1 : at + 4]] + ["", "", ""]
    if low == "half":
        if following[0] == "as":
            return Figure(at, at + 1, 0.5, 1, "times", "half")
        return Figure(at, at + 1, 50.0, 0, "percent", "half", loose=True)
    if low in MULTIPLES and (low not in {"double", "triple"} or following[0] in ARTICLES | {"as"}):
        return Figure(at, at + 1, MULTIPLES[low], 0, "times", low)
    if low in {"a", "an"}:
        if following[0] == "dozen":
            return Figure(at, at + 2, 12, 0, "", "a dozen")
        if following[0] in SCALES:
            return Figure(at, at + 2, SCALES[following[0]], 0, "", "a " + following[0])
        fraction = fraction_at(tokens, at + 1, 1)
        return fraction and replace(fraction, start=at, text="a " + fraction.text)
    if low in {"most", "majority"}:
        before = tokens[at - 1].low if at else ""
        share = following[0] == "of" or (UNITS.get(following[0]) in COUNTED and before != "the")
        return Figure(at, at + 1, MAJORITY, 0, "percent", low, hedge="most") if share else None
    if low in ORDINALS and low != "first" and following[0] != ",":
        return Figure(at, at + 1, ORDINALS[low], 0, "rank", low)
    if low in NUMBER_WORDS and low != "zero":
        return number_words_at(tokens, at)
    return None


def number_words_at(tokens: Sequence[Token], at: int) -> Figure:
    total, part, end = 0, 0, at
    while end < len(tokens):
        low = tokens[end].low
        after = tokens[end + 1].low if end + 1 < len(tokens) else ""
        if (
            low in NUMBER_WORDS
            and (part % 10 == 0 or end == at)
            and part % 100 < 20 + 80 * (NUMBER_WORDS[low] < 10)
        ):
            part += NUMBER_WORDS[low]
        elif low == "hundred":
            part = max(part, 1) * 100
        elif low in {"thousand", "million"}:
            total, part = total + max(part, 1) * SCALES[low], 0
        elif not (
            (low == "-" and after in NUMBER_WORDS)
            or (
                low == "and"
                and end > at
                and tokens[end - 1].low in SCALES
                and after in NUMBER_WORDS
            )
        ):
            break
        end += 1
    text = " ".join(token.text for token in tokens[at:end])
    value = float(total + part)
    following = [token.low for token in tokens[end : end + 2]]
    if value == 1 and following[:1] == ["in"] and following[1:] and following[1] in NUMBER_WORDS:
        among = NUMBER_WORDS[following[1]] or 1
        return Figure(at, end + 2, 100 / among, 0, "percent", f"one in {following[1]}", loose=True)
    fraction = fraction_at(tokens, end, value)
    if fraction:
        return replace(fraction, start=at, text=text + " " + fraction.text)
    return Figure(at, end, value, 0, "", text)


def fraction_at(tokens: Sequence[Token], at: int, parts: float) -> Figure | None:
    """The fraction word at `at` ("thirds", with a hyphen before it or not) as percent, or None."""
    at += at < len(tokens) and tokens[at].low == "-"
    low = tokens[at].low if at < len(tokens) else ""
    if low not in FRACTIONS or (parts == 1) == low.endswith("s") or parts >= FRACTIONS[low]:
        return None
    value = 100 * parts / FRACTIONS[low]
    return Figure(at, at + 1, value, 0, "percent", low, loose=True)


def settle(tokens: Sequence[Token], figure: Figure, later: Sequence[Figure]) -> Figure:
    """The figure with its hedge and role; `later` are the settled figures behind it."""
    before = [token.low for token in tokens[max(0, figure.start - 4) : figure.start]]
    if "from" in before[:-1] and before[-1:] == ["to"]:  # "from 4.5 down to 3.8" is no limit
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
    rated = RATING_WORDS & set(before[-3:] if figure.decimals else before[-2:])
    if (rated and behind[:1] != ["a"]) or behind == ["on", "average"]:
        return "stars"
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


def pairs_of(tokens: Sequence[Token], figures: Sequence[Figure]) -> list[tuple[Figure, Figure]]:
    """(part, whole) for each "9 of the 14", "5 warm sentences out of 6", "14 …, 9 of them"."""
    pairs: list[tuple[Figure, Figure]] = []
    counts = [f for f in figures if f.role in COUNTED or f.role in {"bare", "count"}]
    for place, figure in enumerate(counts):
        before = [token.low for token in tokens[max(0, figure.start - 3) : figure.start]]
        while before and before[-1] in ARTICLES:
            before.pop()
        behind = [token.low for token in tokens[figure.end : figure.end + 2]]
        if before and before[-1] == "of":
            opening = len(before) == 1 or before[-2] in {",", ";", ":", "and", "but", "."}
            if opening:
                pairs += [(other, figure) for other in counts[place + 1 :]]
            elif place and joined(tokens, counts[place - 1].end, figure.start):
                pairs.append((counts[place - 1], figure))
        elif len(behind) == 2 and behind[0] == "of" and behind[1] in THEM:
            whole = [other for other in counts[:place] if other.value >= figure.value]
            pairs += [(figure, whole[-1])] if whole else []
    return [(part, whole) for part, whole in pairs if not part.decimals and not whole.decimals]


def joined(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether few words, and no mark or other figure, stand between."""
    return end - start <= 6 and all(token.kind in {"word", "name"} for token in tokens[start:end])


# Comparing --------------------------------------------------------------------------------------


def same_kind(said: Figure, true: Figure) -> bool:
    """Whether both count the same thing, as far as each says what it counts."""
    if said.role == true.role:
        return True
    unnamed = {"bare", "count"}
    if said.role in unnamed and true.role in unnamed:
        return True
    if said.role == "bare":
        return true.role not in {"p", "group", "rank", "top", "percent", "times"}
    if said.role == "count":
        return true.role in COUNTED
    if true.role not in unnamed:
        return False
    if true.decimals and true.guess not in COUNTED:
        return said.role in {true.guess, "stars", "warmth", "points"}
    return said.role == true.guess if true.guess else said.role in COUNTED


def fits(said: Figure, true: Figure) -> bool:
    """Whether the figure as said is true: equal, rightly rounded, or rightly hedged."""
    if not same_kind(said, true):
        return False
    if true.delta != said.delta and "stars" in {said.role, true.role} and said.decimals:
        return False
    if true.hedge and true.hedge != "about":
        return said.hedge == true.hedge and said.value == true.value
    gap = said.value - true.value
    percent = true.role == "percent"
    scale = true.role in {"stars", "warmth"}
    near = (3.0 if said.loose else 2.0) if percent else 0.1001 if scale else 0.06 * abs(true.value)
    wide = 15.0 if percent else 0.25 * abs(true.value)
    if said.hedge == "about":
        return abs(gap) <= near
    if said.hedge == "nearly":
        return 0 < gap <= near
    if said.hedge == "most":
        return true.value > MAJORITY
    if said.hedge in {"over", "from"}:
        return -wide <= gap <= (0 if said.hedge == "from" else -1e-9)
    if said.hedge in {"under", "to"}:
        return (0 if said.hedge == "to" else 1e-9) <= gap <= wide
    if said.loose:
        return abs(gap) <= 0.7
    return abs(gap) < 1e-9 or is_rounded(said, true)


def is_rounded(said: Figure, true: Figure) -> bool:
    """3.87 as 3.9, and 9.1% as 9%; but 3.9 as 4 must say "about"."""
    if said.decimals >= true.decimals or (said.decimals == 0 and true.role != "percent"):
        return False
    half: float = 0.5 * 10.0**-said.decimals
    return abs(said.value - true.value) <= half + 1e-9
