"""Times as people and programs write them, to UTC.

Read are ISO 8601 and its looser kin (2016/9/1, 2016年9月1日), year and month alone, Unix seconds,
milliseconds, microseconds and nanoseconds, month names in any order ("Sep 1, 2016", "Sun Jul 30
07:44:10 -0700 2017"), Amazon's "09 1, 2016", and day and month as numbers. Whether 03/04 is March
or April is decided for the whole column, by the values that can only be read one way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_EPOCH = datetime(1970, 1, 1)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e\+?\d+)?", re.IGNORECASE)
_CHINESE = str.maketrans({"年": "-", "月": "-", "日": " ", "时": ":", "分": ":", "秒": " "})
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)[-/. ](\d\d?)(?:[-/. ](\d\d?))?(?!\d),?")
_AMAZON = re.compile(r"(\d\d?) (\d\d?), ((?:19|20)\d\d)")
_NUMERIC = re.compile(r"(\d\d?)([-/.])(\d\d?)\2((?:19|20)?\d\d)(?!\d),?")
_MONTH_YEAR = re.compile(r"(\d\d?)[-/.]((?:19|20)\d\d)")
_NAMED_MONTH = re.compile(
    rf"(?<![a-z])({'|'.join(_MONTHS)})(?:r?uary|ch|il|e|y|ust|t|t?ember|ober)?(?![a-z])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d:])(?:19|20)\d\d(?![\d:])")
_DAY = re.compile(r"(?<![\d:])(\d\d?)(?:st|nd|rd|th)?(?![\d:])", re.IGNORECASE)
_CLOCK = re.compile(
    r"[T\s]*(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?:?\s*([ap]\.?m\.?)?", re.IGNORECASE
)
_ZONE = re.compile(r"\s*(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?)\s*", re.IGNORECASE)
_FILLER = re.compile(r"[\s,.]*")
_MISSING = frozenset(["", "na", "n/a", "nan", "nat", "null", "none", "missing", "-", "\\n", "0"])


@dataclass(frozen=True)
class ParsedTimes:
    """`times`: naive UTC, one per value, None where there is none; `unreadable`: how many values
    could not be read, `example` one of them; `notes`: sentences on how day and month were told."""

    times: list[datetime | None]
    unreadable: int
    example: str
    notes: list[str]


def parse_times(values: Sequence[str | None]) -> ParsedTimes:
    """Read one column of times. A time without a zone is taken as UTC; years 1900 to 2100."""
    known: dict[str | None, datetime | None] = {None: None}
    day_first, notes = _tell_order([value for value in values if value])
    unreadable, example = 0, ""
    times = []
    for value in values:
        if value not in known:
            known[value] = _parse(value, day_first) if value else None
        time = known[value]
        times.append(time)
        if time is None and value is not None and value.strip().lower() not in _MISSING:
            unreadable += 1
            example = example or value.strip()
    return ParsedTimes(times, unreadable, example, notes)


def _tell_order(values: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether the day stands before the month, and what to say about it."""
    day_first = month_first = 0
    example, dotted = "", False
    for value in values:
        match = _NUMERIC.match(value.strip())
        if match:
            first, second = int(match[1]), int(match[3])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
            example, dotted = example or value.strip(), match[2] == "."
    if not example:
        return False, []
    if day_first and month_first:
        kind, other = ("day", "month") if day_first > month_first else ("month", "day")
        few, many = sorted((day_first, month_first))
        note = f"Dates like {example} are mixed: {kind} first {many:,}, {other} first {few:,} times"
        return kind == "day", [f"{note}; those that fit both are read with the {kind} first."]
    if day_first or month_first:
        return bool(day_first), []
    kind = "day" if dotted else "month"
    note = f"Dates like {example} do not show whether day or month comes first; "
    return dotted, [f"{note}they are read with the {kind} first."]


def _parse(value: str, day_first: bool) -> datetime | None:
    value = value.strip()
    try:
        if _NUMBER.fullmatch(value):
            return _sane(_parse_number(value))
        if value[4:5] == "-" and len(value) >= 10:
            return _sane(_to_utc(datetime.fromisoformat(value)))
    except (ValueError, OverflowError):
        pass
    try:
        return _sane(_parse_written(value.translate(_CHINESE), day_first))
    except (ValueError, OverflowError):
        return None


def _sane(time: datetime | None) -> datetime | None:
    return time if time and 1900 <= time.year <= 2100 else None


def _to_utc(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def _parse_number(value: str) -> datetime | None:
    """20160901102030, 20160901, 201609, 2016; or a Unix time, whose size tells the unit."""
    if value.isdigit() and value[:2] in ("19", "20"):
        if len(value) == 4:
            return datetime(int(value), 1, 1)
        if len(value) == 6 and 1 <= int(value[4:]) <= 12:
            return datetime(int(value[:4]), int(value[4:]), 1)
        if len(value) == 8:
            return datetime(int(value[:4]), int(value[4:6]), int(value[6:]))
        if len(value) == 14:
            return datetime.strptime(value, "%Y%m%d%H%M%S")
    number = int(value) if value.isdigit() else float(value)
    for unit in (1, 10**3, 10**6, 10**9):
        if 10**8 <= number / unit < 10**10:
            return _EPOCH + timedelta(microseconds=number * 10**6 // unit)
    return None


def _parse_written(value: str, day_first: bool) -> datetime | None:
    if match := _YEAR_FIRST.match(value):
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    elif match := _AMAZON.match(value):
        month, day, year = int(match[1]), int(match[2]), int(match[3])
    elif match := _NUMERIC.match(value):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        month, day = (second, first) if day_first else (first, second)
        if month > 12 >= day:
            month, day = day, month
    elif match := _MONTH_YEAR.fullmatch(value):
        month, year, day = int(match[1]), int(match[2]), 1
    else:
        return _parse_named(value)
    return _add_clock(datetime(year, month, day), value[match.end() :])


def _parse_named(value: str) -> datetime | None:
    """A date with a month's name and a year of four digits, wherever they stand."""
    name, year = _NAMED_MONTH.search(value), _YEAR.search(value)
    if not name or not year:
        return None
    month = _MONTHS.index(name[1].lower()) + 1
    clock = _CLOCK.search(value)
    rest = value if clock is None else value[: clock.start()] + " " + value[clock.end() :]
    rest = re.sub(r"(?:UTC|GMT)?[+-]\d\d:?\d\d", " ", rest)
    days = [found[1] for found in _DAY.finditer(rest)]
    date = datetime(int(year[0]), month, int(days[0]) if days else 1)
    if clock is None:
        return date
    zone = _ZONE.match(value, clock.end())
    return _add_clock(date, clock[0] + (zone[0] if zone else ""))


def _add_clock(date: datetime, rest: str) -> datetime | None:
    """`date` at the time of day that `rest` gives; None if it holds anything else."""
    if _FILLER.fullmatch(rest):
        return date
    clock = _CLOCK.match(rest)
    if not clock:
        return None
    hour, half = int(clock[1]), (clock[5] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    fraction = int((clock[4] or "0").ljust(6, "0"))
    time = date.replace(
        hour=hour, minute=int(clock[2]), second=int(clock[3] or 0), microsecond=fraction
    )
    rest = rest[clock.end() :]
    zone = _ZONE.fullmatch(rest)
    if not zone:
        return time if _FILLER.fullmatch(rest) else None
    if zone[2]:
        offset = timedelta(hours=int(zone[3]), minutes=int(zone[4] or 0))
        shift = offset if zone[2] == "+" else -offset
        return _to_utc(time.replace(tzinfo=timezone(shift)))
    return time
