"""JSON objects, one a line, one behind another, or in one array, each with its line.

A broken object is reported alone: reading goes on at the next place where one can start.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,]*")
_BETWEEN_IN_ARRAY = re.compile(r"[\s,\[\]]*")
_NEXT_START = re.compile(r"\n[ \t]*(?=\{)|\}[ \t]*,?[ \t]*(?=\{)")


@dataclass(slots=True)
class Entry:
    """One record: the 1-based line it starts on and its members; or, with a `reason`, what it
    was rejected for and its text as it stands in `raw`."""

    line: int
    members: dict[str, object] = field(default_factory=dict)
    reason: str = ""
    raw: str = ""


def read_objects(lines: Iterable[str]) -> Iterator[Entry]:
    """Every object in the text, sound or rejected, in order. Only an array is read at one go."""
    for line, text in _groups(lines):
        yield from _split(text, line, _BETWEEN_IN_ARRAY if _is_array(text) else _BETWEEN)


def _is_array(text: str) -> bool:
    return text.lstrip().startswith("[")


def _groups(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines, each with those behind it that start no object, under the number of the first."""
    start, group = 1, list[str]()
    for number, line in enumerate(lines, start=1):
        if group and line.startswith("{") and not _is_array(group[0]):
            yield start, "".join(group)
            group = []
        if group or line.strip():
            start = start if group else number
            group.append(line)
    if group:
        yield start, "".join(group)


def _split(text: str, line: int, between: re.Pattern[str]) -> Iterator[Entry]:
    position = counted = 0
    while True:
        gap = between.match(text, position)
        start = gap.end() if gap else position
        if start == len(text):
            return
        line += text.count("\n", counted, start)
        counted = start
        reason = ""
        try:
            value, position = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            reason = f"not valid JSON: {error.msg}"
        except (ValueError, RecursionError):
            reason = "not valid JSON: a number too long or a nesting too deep"
        if not reason and isinstance(value, dict) and value:
            yield Entry(line, value)
            continue
        if reason:
            resume = _NEXT_START.search(text, start + 1)
            position = resume.end() if resume else len(text)
        yield Entry(
            line, {}, reason or "not a JSON object with members", text[start:position].strip()
        )
