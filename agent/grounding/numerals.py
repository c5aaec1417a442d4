"""Numbers as they are written: in digits, in words, as fractions, multiples and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.grounding.reading import Token
from agent.grounding.words import (
    COUNTED,
    FRACTIONS,
    MULTIPLES,
    NUMBER_WORDS,
    ORDINALS,
    SCALES,
    UNITS,
    words,
)

ARTICLES = words("the these those its their his her our all other such")
MAJORITY = 50.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as said. Tokens start..end-1 say it.

    role: what it counts (a role of UNITS; percent, stars, times, warmth, p, rank, group, top, all);
    "count" when a noun is meant but not named; "bare" when nothing follows.
    guess: for those two, the role that the words before suggest. hedge: "", about, nearly, over,
    from (at least), under or to (at most). loose: a fraction in words, "a third". delta: a
    difference, "0.7 above".
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
        share = before != "the" or low == "majority"
        share = share and (following[0] == "of" or UNITS.get(following[0]) in COUNTED)
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
