"""A sentence cut into stretches that may each rest on a claim of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.grounding.reading import Names, is_proper
from agent.grounding.sense import Sense
from agent.grounding.sources import Part
from agent.grounding.words import words

RESPECTIVELY = re.compile(r",? ?\brespectively\b")
RELATIVE = words("who which whose where")
ELABORATING = words("with ( ) :")
INSERTING = RELATIVE | words("the with")
JOINTS = words("and but while whereas although though ; :")


def splits(sense: Sense) -> Iterator[list[Part]]:
    """The sentence whole, then cut at one and at two of its joints."""
    end = len(sense.tokens)
    joints = [at for at in range(1, end) if is_joint(sense, at)][:8]
    yield [Part(sense, 0, end)]
    for cut in joints:
        yield [Part(sense, 0, cut), Part(sense, cut, end)]
    for i, one in enumerate(joints):
        for two in joints[i + 1 :]:
            yield [Part(sense, 0, one), Part(sense, one, two), Part(sense, two, end)]


def is_joint(sense: Sense, at: int) -> bool:
    """Whether a new statement may begin here.

    That is at "and", "while" or a semicolon; at a comma before a name, "the", "which", "with"; at
    the comma that closes "Happy Families, the largest group, …"; and, where a name went before, at
    "with" and at "(". The comma of "Group 2, Thrifty Backpackers" is none.
    """
    token, before = sense.tokens[at], sense.tokens[at - 1]
    if token.low in JOINTS:
        return all(other.low != "between" for other in sense.tokens[max(0, at - 4) : at])
    if token.low in {"(", ")", "with"}:
        named = any(place < at for place, _ in sense.proper)
        beside = before.kind == "name" and is_proper(before.low)
        figures = any(figure.start - 5 < at < figure.start for figure in sense.figures)
        return named and (figures if token.low == "with" else beside or token.low == ")")
    if token.low != "," or at + 1 == len(sense.tokens) or sense.tokens[at - 2].low == "group":
        return False
    behind = sense.tokens[at + 1]
    return behind.kind == "name" or behind.low in INSERTING or opens_before(sense, at)


def opens_before(sense: Sense, at: int) -> bool:
    """Whether a ", the …" or ", which …" began shortly before, which the comma here closes."""
    return any(
        sense.tokens[place].low == "," and sense.tokens[place + 1].low in INSERTING
        for place in range(max(0, at - 9), at - 1)
    )


def told_apart(sentence: str, names: Names) -> list[str]:
    """ "A and B have 38 and 52 users respectively" as two sentences; else nothing."""
    if not RESPECTIVELY.search(sentence):
        return []
    sense = Sense(sentence, names)
    if len(sense.proper) != 2 or len(sense.figures) != 2:
        return []
    pairs = [
        [sense.tokens[at].text for at, _ in sense.proper],
        [figure.text for figure in sense.figures],
    ]
    if any(f"{one} and {two}" not in sentence for one, two in pairs):
        return []
    halves = []
    for side in (0, 1):
        half = RESPECTIVELY.sub("", sentence)
        for pair in pairs:
            half = half.replace(f"{pair[0]} and {pair[1]}", pair[side])
        halves.append(half)
    return halves
