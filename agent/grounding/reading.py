"""Reading a sentence: its tokens, known names, quotes and citations; and text into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agent.grounding.words import (
    EVERYDAY,
    MONTHS,
    NUMBER_WORDS,
    ORDINALS,
    UNITS,
    direction_of,
    stem,
)

QUOTE_MARK, CITE_MARK = "\ue000", "\ue001"
PRIVATE = re.compile("[\ue000-\uf8ff]")
FOLD = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "´": "'", "−": "-", "–": "-", "—": "-", "‑": "-", "‐": "-"}
)
PER_CENT = re.compile(r"\bper cent\b")
STRAY_QUOTE = re.compile(r"[“”„«»\"]")
CITED = re.compile(r"\[\s*(?P<cites>\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)\s*\]")
QUOTED_OR_CITED = re.compile(
    r"“(?P<q1>[^“”]+)”|\"(?P<q2>[^\"]+)\"|«(?P<q3>[^«»]+)»|„(?P<q4>[^„“”]+)[“”]"
    r"|(?<!\w)['‘](?P<q5>[^\s'‘’][^'‘’]*(?:['’]\w[^'‘’]*)*)['’](?!\w)"
    rf"|{CITED.pattern}"
)
TOKEN = re.compile(
    r"(?P<iso>\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b)"
    r"|(?P<number>(?:(?<![\w.])[+-])?(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    r"|(?<![\w.])\.\d+)(?P<suffix>\s?%|x\b|×|st\b|nd\b|rd\b|th\b|k\b)?(?!\w)"
    r"|(?P<word>\w+(?:'\w+)*)"
    r"|(?P<mark>[^\s\w])"
)


class Token(NamedTuple):
    """kind: word, number, mark, quote, cite, name, date. low: folded text; for a name, the name."""

    kind: str
    text: str
    low: str
    suffix: str = ""


def fold(text: str) -> str:
    """One spelling for equal looks: NFKC, straight apostrophes, plain hyphens."""
    text = unicodedata.normalize("NFKC", text).translate(FOLD)
    return PER_CENT.sub("percent", text)


def tokenize(text: str) -> list[Token]:
    """Tokens of folded text, in order. Linear in the text's length."""
    tokens = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind == "suffix":
            kind = "number"
        word = match.group("number") or match.group()
        if word == QUOTE_MARK:
            kind = "quote"
        elif word == CITE_MARK:
            kind = "cite"
        low = word.casefold()
        if kind == "word":
            low = low.removesuffix("'s").strip("_") or low
        tokens.append(Token(kind, word, low, (match.group("suffix") or "").strip()))
    return tokens


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def is_plain_word(word: str) -> bool:
    """Whether a one-word name would hide an ordinary word of English if it were looked for."""
    return (
        stem(word) in EVERYDAY
        or direction_of(word) is not None
        or any(word in table for table in (UNITS, NUMBER_WORDS, ORDINALS, MONTHS))
    )


class Names(Collection[str]):
    """Known names, found in tokens by their first word. Build it once per workspace and share it.

    A name of several words is found in any case, singular or plural; a capitalised word only as it
    is written; digits only if they can't be a figure ("007", six digits or more) or follow "user"
    or "item". A one-word name that is an everyday word ("love", "three") is never looked for.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(name for name in names if name.strip())
        self.starts: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in sorted(self.names, key=len, reverse=True):
            words = tuple(token.low for token in tokenize(fold(PRIVATE.sub("", name))))
            if words and not (len(words) == 1 and name.islower() and is_plain_word(words[0])):
                self.starts.setdefault(singular(words[0]), []).append((words, name))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def find(self, tokens: list[Token]) -> list[Token]:
        """The tokens, each known name now one token of kind "name"."""
        found: list[Token] = []
        at = 0
        while at < len(tokens):
            for words, name in self.starts.get(singular(tokens[at].low), ()):
                if self.stands(tokens, at, words, name):
                    text = " ".join(token.text for token in tokens[at : at + len(words)])
                    found.append(Token("name", text, name))
                    at += len(words)
                    break
            else:
                found.append(tokens[at])
                at += 1
        return found

    def begin(self, text: str) -> bool:
        """Whether the text begins with a known name."""
        tokens = self.find(tokenize(fold(text[:200])))
        return bool(tokens) and tokens[0].kind == "name"

    @staticmethod
    def stands(tokens: list[Token], at: int, words: tuple[str, ...], name: str) -> bool:
        part = tokens[at : at + len(words)]
        if len(part) < len(words) or any(token.suffix for token in part):
            return False
        if [token.low for token in part[:-1]] != list(words[:-1]):
            return False
        if singular(part[-1].low) != singular(words[-1]):
            return False
        if len(words) > 1:
            return True
        if name.isdigit():
            called = at > 0 and tokens[at - 1].low in {"user", "item", "customer", "reviewer"}
            return part[0].low == words[0] and (called or len(name) > 5 or name[0] == "0")
        return part[0].text[0].isupper() or not name[0].isupper()


def is_proper(name: str) -> bool:
    """A group, user or item (capitals or digits); all-lower-case names are taken for topics."""
    return any(letter.isupper() or letter.isdigit() or letter == "_" for letter in name)


@dataclass(frozen=True)
class Quote:
    """text: as written; cites: the citation numbers that it stands with."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """A sentence taken apart. `cited` is every citation number; quotes are in token order."""

    text: str
    tokens: list[Token]
    quotes: list[Quote]
    cited: list[int]
    stray_quote: bool


def numbers_of(cites: str) -> list[int]:
    """The inside of [1], [1, 2] or [1-3]; a range longer than twenty counts as its two ends."""
    numbers: list[int] = []
    for part in re.split(r"[,;]", cites):
        ends = [int(end) for end in re.split(r"[–-]", part)]
        span = range(ends[0], ends[-1] + 1)
        numbers += span if len(ends) == 2 and len(span) <= 20 else ends
    return numbers


def read(text: str, names: Names, plain: Collection[str] = ()) -> Reading:
    """Take a sentence apart.

    plain: folded passages that, between quotation marks, are mentions and not quotes of a review.
    """
    marks: list[str | list[int]] = []

    def cut(match: re.Match[str]) -> str:
        if match["cites"]:
            marks.append(numbers_of(match["cites"]))
            return f" {CITE_MARK} "
        inner = next(match[side] for side in ("q1", "q2", "q3", "q4", "q5") if match[side])
        least = 3 if match["q5"] else 2
        if len(inner.split()) < least or mention(inner) in plain:
            return match.group() if match["q5"] else f" {inner} "
        marks.append(CITED.sub("", inner))
        marks.extend(numbers_of(cited["cites"]) for cited in CITED.finditer(inner))
        return f" {QUOTE_MARK} "

    rest = QUOTED_OR_CITED.sub(cut, PRIVATE.sub("", text).strip())
    tokens = names.find(tokenize(fold(rest)))
    cited = [number for mark in marks if not isinstance(mark, str) for number in mark]
    return Reading(text, tokens, quotes_of(marks), cited, bool(STRAY_QUOTE.search(rest)))


def quotes_of(marks: list[str | list[int]]) -> list[Quote]:
    """Each quote with its citations: those behind it, else those before it, else all there are."""
    quotes = []
    for at, mark in enumerate(marks):
        if isinstance(mark, str):
            stands_with = cites_first(marks[at + 1 :]) or cites_first(marks[:at][::-1])
            stands_with = stands_with or [n for m in marks if not isinstance(m, str) for n in m]
            quotes.append(Quote(mark, tuple(stands_with)))
    return quotes


def cites_first(marks: list[str | list[int]]) -> list[int]:
    """The citation numbers that stand before the first quote."""
    numbers: list[int] = []
    for mark in marks:
        if isinstance(mark, str):
            break
        numbers += mark
    return numbers


def mention(text: str) -> str:
    """Folded text for comparing passages that are not quotes."""
    return " ".join(fold(text).casefold().split())
