"""Text into sentences, for answers: quotes, citations, decimals, abbreviations and bullets."""

from __future__ import annotations

import re

from agent.grounding.reading import Names
from agent.grounding.words import words

END = re.compile(r"[.!?…]+[)\]*_”\"'’»]*(?=\s|$)|[。！？]+[”」』]?")
TRAILING_CITES = re.compile(r"(?:\s*\[\s*\d[\d\s,;–-]{0,40}\])+(?:\s*[.!?](?=\s|$))?")
QUOTED = re.compile(r"“[^“”]*”|«[^«»]*»|\"[^\"\n]*\"")
CLOSED_BY_STOP = re.compile(r"[.!?…][”»\"]$")
ABBREVIATIONS = words(
    "mr mrs ms dr prof st no nos vs e.g i.e etc approx inc ltd co corp jr sr mt ft ave jan feb mar "
    "apr jun jul aug sep sept oct nov dec u.s u.k p.m a.m cf ca fig vol resp incl excl min max avg"
)
# Abbreviations that a sentence may end with: only a small letter or a digit behind them joins on.
SOFT = words("etc inc ltd co corp jr sr p.m a.m u.s u.k")


def split_sentences(text: str, names: Names | None = None) -> list[str]:
    """The sentences of an answer, each with its citations; lines and bullets end sentences too.

    Nothing but white space between sentences is lost. A full stop inside “…” ends a sentence only
    where the quote ends with it. A sentence begins with a capital, a digit or an id; with `names`,
    also with a known name in small letters.
    """
    return [part for line in text.splitlines() for part in split_line(line, names) if part]


def split_line(line: str, names: Names | None) -> list[str]:
    inside = bytearray(len(line) + 1)
    for quoted in QUOTED.finditer(line):
        closed = bool(CLOSED_BY_STOP.search(quoted.group()))
        end = quoted.end() - (2 if closed else 0)
        inside[quoted.start() : end] = b"\1" * (end - quoted.start())
    parts: list[str] = []
    start = 0
    for match in END.finditer(line):
        if match.start() < start or inside[match.start()]:
            continue
        cites = TRAILING_CITES.match(line, match.end())
        end = cites.end() if cites else match.end()
        if ends_sentence(line, match, end, names):
            parts.append(line[start:end].strip())
            start = end
    parts.append(line[start:].strip())
    return parts


def ends_sentence(line: str, match: re.Match[str], end: int, names: Names | None) -> bool:
    """Whether the stop is more than an abbreviation's, an initial's, a list number's or a "...\""""
    behind = line[end:].lstrip(" \t*_")
    if not behind or match.group()[0] in "。！？":
        return True
    head = line[: match.start()].split()
    last = head[-1].lstrip("(“\"'*_").casefold() if head else ""
    if match.group().startswith(".") and len(match.group()) == 1:
        if last in ABBREVIATIONS - SOFT or (len(last) == 1 and last.isalpha()):
            return False
        if len(head) == 1 and (last.isdigit() or not last.strip("-*#")):
            return False
    first = behind[0]
    if first.islower():
        return is_id(behind.split()[0]) or (names is not None and names.begin(behind))
    return first not in ",;:" and not (last in SOFT and first.isdigit())


def is_id(word: str) -> bool:
    return any(letter.isdigit() or letter == "_" for letter in word)
