"""Ratings and prices as people and programs write them, to numbers."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_RATING = re.compile(
    r"(-?\d+(?:[.,]\d+)?)\s*"
    r"(?:/\s*\d+(?:[.,]\d+)?|(?:out\s+)?of\s+\d+(?:[.,]\d+)?)?\s*(?:stars?|points?|★|⭐️?|\*)?",
    re.IGNORECASE,
)
_STARS = re.compile(r"([★⭐]\ufe0f?){1,10}[☆\s]*")
_NUMBER = re.compile(r"\d+(?:[.,' \u00a0]\d{3})*(?:[.,]\d{1,2})?(?!\d)|\d+(?:\.\d+)?")
_MISSING = frozenset(["", "na", "n/a", "nan", "null", "none", "missing", "-", "\\n"])


@dataclass(frozen=True)
class ParsedNumbers:
    """`numbers`: finite, one per value, None where there is none; `unreadable`: how many values
    could not be read, `example` one of them."""

    numbers: list[float | None]
    unreadable: int
    example: str


def parse_ratings(values: Sequence[str | None]) -> ParsedNumbers:
    """Read "4", "4.5", "4,5", "4/5", "4 out of 5 stars", "★★★★☆"; the scale is left as it is."""
    return _parse(values, price=False)


def parse_prices(values: Sequence[str | None]) -> ParsedNumbers:
    """Read "12.99", "$1,234.50", "1.234,50 €"; price levels ("$$") and ranges are unreadable."""
    return _parse(values, price=True)


def describe_scale(ratings: Sequence[float]) -> str | None:
    """A sentence if ratings do not lie on one usual scale (to 5, 10 or 100), "" if they do.

    None if they do not look like ratings at all: over a tenth below 0 or above 100, or 0 and 1.
    """
    outside = sum(not 0 <= rating <= 100 for rating in ratings)
    if outside * 10 > len(ratings) or (set(ratings) <= {0.0, 1.0, -1.0} and min(ratings) < 1):
        return None
    most = sorted(ratings)[int(0.99 * (len(ratings) - 1))]
    top = next((scale for scale in (5, 10, 100) if most <= scale), 100)
    beyond = [rating for rating in ratings if not 0 <= rating <= top]
    if not beyond:
        return ""
    return (
        f"Ratings outside 0 to {top}, where nearly all others lie: {len(beyond):,} "
        f"(for example {beyond[0]:g}). Check them."
    )


def _parse(values: Sequence[str | None], *, price: bool) -> ParsedNumbers:
    known: dict[str | None, float | None] = {None: None}
    unreadable, example, numbers = 0, "", []
    for value in values:
        if value not in known:
            text = (value or "").strip()
            known[value] = _price(text) if price else _rating(text)
        number = known[value]
        numbers.append(number)
        if number is None and value is not None and value.strip().lower() not in _MISSING:
            unreadable += 1
            example = example or value.strip()
    return ParsedNumbers(numbers, unreadable, example)


def _rating(text: str) -> float | None:
    if _STARS.fullmatch(text):
        return float(text.count("★") + text.count("⭐"))
    match = _RATING.fullmatch(text)
    try:
        number = float(match[1].replace(",", ".") if match else text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _price(text: str) -> float | None:
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    digits = re.sub(r"[' \u00a0]", "", found[0])
    mark = max(digits.rfind("."), digits.rfind(","))
    if mark >= 0 and len(digits) - mark - 1 in (1, 2):
        return float(re.sub(r"[.,]", "", digits[:mark]) + "." + digits[mark + 1 :])
    if digits.count(".") == 1 and "," not in digits:
        return float(digits)
    return float(re.sub(r"[.,]", "", digits))
