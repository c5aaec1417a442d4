"""Dates of a sentence: days, months, quarters and years, as they are said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agent.grounding.reading import Token
from agent.grounding.words import MONTHS, ORDINALS, UNITS, words

YEAR_BEFORE = words("in since from to until by during before after (")


class Date(NamedTuple):
    """A date as said; 0 for parts not said. quarter: 1-4."""

    year: int = 0
    month: int = 0
    day: int = 0
    quarter: int = 0

    def covers(self, other: Date) -> bool:
        """Whether each part that this date says is said by the other, and the same."""
        return all(mine in (0, theirs) for mine, theirs in zip(self, other, strict=True))


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
    month_behind = any(month_of(tokens, place) for place in range(at + 1, len(tokens))[:2])
    if year and (listed or before in YEAR_BEFORE) and not month_behind:
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


def number_in(token: Token, low: int, high: int) -> int:
    """The token's whole number between low and high, else 0. A leading zero is fine: 05 May."""
    if token.kind != "number" or not token.low.isdecimal() or token.suffix in {"%", "x", "×", "k"}:
        return 0
    return int(token.low) if len(token.low) < 5 and low <= int(token.low) <= high else 0
