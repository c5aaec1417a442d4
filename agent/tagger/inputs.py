"""A question and what was said before it, as the tagger's network takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from agent.arguments import TOOL_ARGUMENTS
from agent.conversation import Example, Turn
from agent.mentions import Reading, split_words

TOOLS: tuple[str | None, ...] = (None, *TOOL_ARGUMENTS)
ROLES = ("topic", "group", "second", "user", "item")
ROLE_OF = {
    "topic": "topic",
    "query": "topic",
    "group": "group",
    "first": "group",
    "second": "second",
    "user": "user",
    "item": "item",
}
STANCES = ("likes", "dislikes", "any")
# The stance that a tool takes where none is told.
USUAL_STANCE = {"find_users": "likes", "search_reviews": "any"}
MAX_TOKENS = 160
TURNS = 2
# How a word is written, which the encoder's lower-case vocabulary does not tell.
SHAPES = ("none", "lower", "capital", "upper", "number", "mixed")

Place = tuple[int, int]
NOWHERE: Place = (0, 0)


@dataclass(frozen=True)
class Encoded:
    """Word pieces of "what was called before" and of the question: all lists of one length.

    asked: which of them are the question's; starts, ends: for each word of the question its first
    and last piece, -1 for words beyond the 160 pieces that are read.
    """

    ids: list[int]
    segments: list[int]
    shapes: list[int]
    asked: list[bool]
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True)
class Target:
    """What an example teaches: indices into TOOLS and STANCES (-1: nothing), and for each role the
    first and last piece of its words, NOWHERE where the question has none.
    """

    tool: int
    stance: int
    places: tuple[Place, ...]


def encode(
    reading: Reading, history: Sequence[Turn], tokenizer: PreTrainedTokenizerBase
) -> Encoded:
    """The pieces of a question that follows the turns of `history`, the oldest first."""
    read = tokenizer(
        _tell_calls(history),
        reading.question,
        truncation="only_second",
        max_length=MAX_TOKENS,
        return_offsets_mapping=True,
    )
    asked = [part == 1 for part in read.sequence_ids()]
    starts, ends = [-1] * len(reading.tokens), [-1] * len(reading.tokens)
    shapes = [0] * len(asked)
    word = 0
    for piece, (start, end) in enumerate(read["offset_mapping"]):
        if not asked[piece]:
            continue
        while word < len(reading.tokens) and reading.tokens[word].end <= start:
            word += 1
        if word < len(reading.tokens) and reading.tokens[word].start < end:
            ends[word] = piece
            starts[word] = piece if starts[word] < 0 else starts[word]
            shapes[piece] = SHAPES.index(_tell_shape(reading.tokens[word].text))
    return Encoded(read["input_ids"], read["token_type_ids"], shapes, asked, starts, ends)


def mark(encoded: Encoded, reading: Reading, example: Example) -> Target:
    """Where the example's arguments stand in its question, and what else it teaches."""
    places = dict.fromkeys(ROLES, NOWHERE)
    taken: set[Place] = set()
    for name, value in example.args.items():
        role = ROLE_OF.get(name)
        words = _find_words(reading, str(value), role or "", taken) if role else None
        if role and words and places[role] == NOWHERE:
            taken.add(words)
            first, last = encoded.starts[words[0]], encoded.ends[words[1] - 1]
            places[role] = (first, last) if first >= 0 and last >= 0 else NOWHERE
    usual = USUAL_STANCE.get(example.tool or "")
    stance = STANCES.index(str(example.args.get("stance", usual))) if usual else -1
    return Target(TOOLS.index(example.tool), stance, tuple(places[role] for role in ROLES))


def _tell_calls(history: Sequence[Turn]) -> str:
    """The last calls in words: what a follow-up leans on."""
    calls = [
        f"{(turn.tool or 'no tool').replace('_', ' ')} "
        + " ".join(f"{name} {value}" for name, value in turn.args.items())
        for turn in history[-TURNS:]
    ]
    return " ; ".join(calls) or "none"


def _tell_shape(word: str) -> str:
    if word.isdigit():
        return "number"
    if any(c.isdigit() for c in word) or "_" in word:
        return "mixed"
    if word.isupper() and len(word) > 1:
        return "upper"
    return "capital" if word[:1].isupper() else "lower"


def _find_words(reading: Reading, value: str, role: str, taken: set[Place]) -> Place | None:
    """The words of the question that are this value; for a group's number also "five"."""
    folded = [token.folded for token in reading.tokens]
    wanted = [token.folded for token in split_words(value)]
    for first in range(len(folded) - len(wanted) + 1) if wanted else ():
        place = (first, first + len(wanted))
        if folded[first : place[1]] == wanted and place not in taken:
            return place
    for mention in reading.of("group") if role in ("group", "second") else ():
        place = (mention.first, mention.last)
        if mention.value.casefold() == value.casefold() and place not in taken:
            return place
    return None
