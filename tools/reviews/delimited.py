"""CSV and its kin, split into rows without ever shifting, folding or losing one.

Python's csv module folds hundreds of rows into one after an unclosed quote, and reads on after a
closing quote with text behind it. Here a row counts only when its quotes close before a delimiter
or the line's end and it has as many fields as the header; otherwise that row alone is reported,
and reading goes on at the next sound one.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

# A record longer than this, in characters, has an unclosed quote.
MAX_RECORD = 16 << 20
DELIMITERS = ",;\t|"
_SAMPLE_LINES = 500
_SAMPLE_ROWS = 100
_RAW_SHOWN = 1000
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)" *')
_QUOTED_BACKSLASH = re.compile(r'"([^"\\]*+(?:(?:""|\\.)[^"\\]*+)*+)" *', re.DOTALL)
_ESCAPE = re.compile(r'\\(.)|""', re.DOTALL)
_DOUBLED = re.compile('""')
_SEP_LINE = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """`delimiter` is "" for a single column; `backslash` if quotes are escaped as \\" inside."""

    delimiter: str
    backslash: bool = False


@dataclass(slots=True)
class Row:
    """One record: the 1-based number of the line it starts on, and its fields; or, with a
    `reason`, what it was rejected for, and the start of its text in `raw`."""

    line: int
    fields: list[str]
    reason: str = ""
    raw: str = ""


def read_rows(lines: Iterable[str]) -> tuple[Dialect, Row, Iterator[Row]]:
    """The dialect, the header, and then every record after it, sound or rejected.

    Args:
        lines: with their line endings; blank ones are no records. May be read lazily.
    """
    source = iter(lines)
    start = list(islice(source, _SAMPLE_LINES))
    first = 1
    declared = _SEP_LINE.fullmatch(start[0]) if start else None
    if declared:
        start, first = start[1:], 2
    dialect = _sniff(start, declared[1] if declared else DELIMITERS)
    whole = _Lines(chain(start, source), first)
    header = next(_split(whole, dialect, 0), Row(first, []))
    return dialect, header, _split(whole, dialect, len(header.fields))


def _sniff(lines: Sequence[str], delimiters: str) -> Dialect:
    """The dialect in which most rows are as wide as the header, and the widest of those."""
    best, best_score = Dialect(""), (0.0, 0)
    backslashes = [False, True] if any('\\"' in line for line in lines) else [False]
    for dialect in (Dialect(mark, back) for mark in delimiters for back in backslashes):
        whole = _Lines(lines, 1)
        header = next(_split(whole, dialect, 0), None)
        width = len(header.fields) if header else 0
        if width < 2:
            continue
        rows = list(islice(_split(whole, dialect, width), _SAMPLE_ROWS))
        sound = sum(not row.reason for row in rows) / len(rows) if rows else 1.0
        if (round(sound, 1), width) > best_score:
            best, best_score = dialect, (round(sound, 1), width)
    return best


class _Lines:
    """Numbered lines that can be given back."""

    def __init__(self, lines: Iterable[str], first: int) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self.number = first - 1

    def take(self) -> str:
        """The next line, "" at the end."""
        line = self._back.popleft() if self._back else next(self._lines, "")
        self.number += bool(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _split(lines: _Lines, dialect: Dialect, width: int) -> Iterator[Row]:
    """Rows of `width` fields (0: any), and the others with a reason.

    Behind a broken row whose quotes do not pair, lines with too few fields are its text.
    """
    delimiter = dialect.delimiter or "\0"
    broken: Row | None = None
    while line := lines.take():
        start, taken, reason = lines.number, [line], ""
        if '"' in line:
            taken, fields, reason = _complete(line, lines, dialect)
        else:
            body = line.rstrip("\r\n")
            fields = body.split(delimiter) if body.strip(" ") else []
        if not fields and not broken:
            continue
        if not reason and width and len(fields) != width:
            reason = f"{len(fields)} fields where the header has {width}"
        lines.give_back(taken[1:] if reason else [])
        goes_on = bool(reason) and _quotes_are_odd(line, dialect)
        if broken and reason and len(fields) < width:
            if len(broken.raw) < _RAW_SHOWN:
                broken.raw += line
            if goes_on:
                yield broken
                broken = None
            continue
        if broken:
            yield broken
            broken = None
        if reason and goes_on:
            broken = Row(start, [], reason, line)
        else:
            yield Row(start, [] if reason else fields, reason, line if reason else "")
    if broken:
        yield broken


def _quotes_are_odd(line: str, dialect: Dialect) -> bool:
    escaped = line.count('\\"') if dialect.backslash else 0
    return (line.count('"') - escaped) % 2 == 1


def _complete(line: str, lines: _Lines, dialect: Dialect) -> tuple[list[str], list[str], str]:
    """Take the lines that belong to the record that `line` starts: lines, fields, reason."""
    start, taken, size = lines.number, [line], len(line)
    escaped = _ESCAPE if dialect.backslash else _DOUBLED
    while True:
        fields, reason = _tokenize("".join(taken), dialect)
        if reason != "open":
            return taken, fields, reason
        closes = False
        while not closes and size <= MAX_RECORD and (more := lines.take()):
            taken.append(more)
            size += len(more)
            closes = '"' in more and '"' in escaped.sub("", more)
        if not closes:
            return taken, fields, f"the quote opened on line {start} is never closed"


def _tokenize(record: str, dialect: Dialect) -> tuple[list[str], str]:
    """The fields, and "" or what is wrong: "open" if the record's text ends within quotes."""
    body = record[: -2 if record.endswith("\r\n") else -1 if record[-1] in "\r\n" else None]
    delimiter = dialect.delimiter or "\0"
    quoted = _QUOTED_BACKSLASH if dialect.backslash else _QUOTED
    fields: list[str] = []
    position, end = 0, len(body)
    while True:
        # Blanks before a quote are dropped only if what follows is a whole quoted field.
        skipped = position
        while body.startswith(" ", skipped):
            skipped += 1
        match = quoted.match(body, skipped) if body.startswith('"', skipped) else None
        if match and (match.end() == end or body[match.end()] == delimiter):
            fields.append(_unescape(match[1], dialect))
            position = match.end()
        elif body.startswith('"', position):
            fields.append(body[position:])
            if match is None:
                return fields, "open"
            return fields, "text after a closing quote (a quote inside must be doubled)"
        else:
            stop = body.find(delimiter, position)
            fields.append(body[position:] if stop < 0 else body[position:stop])
            position = end if stop < 0 else stop
        if position == end:
            return fields, ""
        position += 1


def _unescape(field: str, dialect: Dialect) -> str:
    if dialect.backslash:
        return _ESCAPE.sub(lambda found: found[1] or '"', field)
    return field.replace('""', '"') if '""' in field else field
