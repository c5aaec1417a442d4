"""Turns of a conversation, and example questions with the calls that answer them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Args = Mapping[str, str | int]

EXAMPLES = Path(__file__).parent / "tuning" / "data" / "calls" / "train"


@dataclass(frozen=True)
class Turn:
    """A question asked before, the call that answered it, and the answer's text."""

    question: str
    tool: str | None
    args: Args
    answer: str = ""


@dataclass(frozen=True)
class Example:
    """A question, what was said before it, and the call that answers it."""

    question: str
    history: Sequence[Turn]
    tool: str | None
    args: Args


def read_examples(folder: Path = EXAMPLES) -> list[Example]:
    """All examples of a folder's JSON lines {"history", "question", "tool", "args"}."""
    examples = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            history = join_turns(read["history"])
            examples.append(Example(read["question"], history, read["tool"], read["args"]))
    return examples


def join_turns(messages: Iterable[Mapping[str, object]]) -> list[Turn]:
    """Turns from messages {"role", "content", "tool", "args"}: the assistant's close a turn."""
    turns, asked = [], ""
    for message in messages:
        content = str(message.get("content", ""))
        if message.get("role") == "user":
            asked = content
            continue
        tool, args = message.get("tool"), message.get("args")
        kept = {k: v for k, v in args.items() if v is not None} if isinstance(args, Mapping) else {}
        turns.append(Turn(asked, str(tool) if tool else None, kept, content))
    return turns
