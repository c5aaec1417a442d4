"""Figures and names taken out of sentences and put back: what the model writes holds neither."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase

# A figure with what belongs to it: "66%", "+0.45", "1,204", "Q1 2024", "2024-05-31".
FIGURE = re.compile(r"\bQ\d \d{4}\b|(?<![\w#@.,])[+\-−]?\d+(?:[.,:/-]\d+)*%?(?!\w)")
MARK = re.compile(r"[#@][a-z](?![a-z])")


@dataclass(frozen=True)
class Masked:
    """Sentences whose figures read #a, #b, … and whose names read @a, @b, …

    values: what each mark stands for. A name has one mark throughout, a figure one each time.
    """

    sentences: Sequence[str]
    values: dict[str, str]

    def fill(self, sentence: str) -> str | None:
        """The sentence with its values; None where it holds a mark that stands for nothing."""
        if any(mark not in self.values for mark in MARK.findall(sentence)):
            return None
        return MARK.sub(lambda found: self.values[found[0]], sentence)


def mask(sentences: Sequence[str], names: Collection[str]) -> Masked | None:
    """The sentences without figures and known names; None where they hold more than 26 of either.

    A name in plain lower-case words stays: it is read as the words that it is made of.
    """
    held = find_proper_names(" ".join(sentences), names)
    pattern = "|".join([*map(match_name, held), FIGURE.pattern])
    figures, letters = count(), count()
    marks: dict[str, str] = {}
    values: dict[str, str] = {}

    def take(found: re.Match[str]) -> str:
        text = found[0]
        if text in marks:
            return marks[text]
        named = text in held
        place = next(letters if named else figures)
        mark = f"{'@' if named else '#'}{ascii_lowercase[place % 26]}"
        values[mark] = "" if place >= 26 else text
        if named:
            marks[text] = mark
        return mark

    masked = [re.sub(pattern, take, sentence) for sentence in sentences]
    if "" in values.values() or any(MARK.search(sentence) for sentence in sentences):
        return None
    return Masked(masked, values)


def find_names(text: str, names: Collection[str]) -> list[str]:
    """The names that stand in the text as words of their own."""
    return [name for name in names if name in text and re.search(match_name(name), text)]


def find_proper_names(text: str, names: Collection[str]) -> list[str]:
    """The same, the longest first, without names in plain lower-case words."""
    proper = [n for n in find_names(text, names) if not re.fullmatch(r"[a-z]+( [a-z]+)*", n)]
    return sorted(proper, key=len, reverse=True)


def match_name(name: str) -> str:
    """A pattern of the name as words of its own."""
    return rf"(?<!\w){re.escape(name)}(?!\w)"
