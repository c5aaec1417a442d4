"""What is learned from: questions with their calls, and results with their answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from langchain_core.messages import BaseMessage

from agent.conversation import Args, Example, read_examples
from agent.evaluation import read_questions
from agent.phrasing import ask_for_words, number_lines
from agent.placeholders import MARK, Masked, mask
from agent.writer import find_losses

DATA = Path(__file__).parent / "data"
Split = Literal["train", "validation"]


@dataclass(frozen=True)
class Lesson:
    """What the model is told, and what it should say."""

    messages: Sequence[BaseMessage]
    answer: str


def read_asked(split: Split, own: Sequence[Path] = (), data: Path = DATA) -> list[Example]:
    """The questions of a split with their calls, and those of `own` files.

    Raises: InputError for a file of questions that cannot be used.
    """
    asked = [
        Example(q.question, q.history, q.calls[0].tool, _drop_empty(q.calls[0].args))
        for path in own
        for q in read_questions(path)
    ]
    return [*read_examples(data / "calls" / split), *asked]


def _drop_empty(args: Mapping[str, str | int | None]) -> Args:
    return {name: value for name, value in args.items() if value is not None}


def teach_words(split: Split, data: Path = DATA) -> Iterator[Lesson]:
    """One lesson a result: its facts, masked, and the same facts as a person would tell them.

    Sentences that the writer would not let pass are left out with their facts.
    """
    for path in sorted((data / "words" / split).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            pairs = zip(read["facts"], read["answer"], strict=True)
            kept = [
                (fact, said) for fact, said in pairs if not find_losses(fact, said, read["names"])
            ]
            masked = mask([fact for fact, _ in kept], read["names"])
            told = masked and remask([said for _, said in kept], masked)
            if masked and told:
                yield Lesson(ask_for_words(masked.sentences), number_lines(told))


def remask(answer: Sequence[str], masked: Masked) -> list[str] | None:
    """The answer's sentences with the marks of their facts; None where one has others."""
    told = []
    for sentence, fact in zip(answer, masked.sentences, strict=True):
        marks = set(MARK.findall(fact))
        for mark in sorted(marks, key=lambda m: (-len(masked.values[m]), m)):
            value = re.escape(masked.values[mark])
            times = 1 if mark[0] == "#" else 0
            sentence = re.sub(rf"(?<![\w#@.,]){value}(?!\w|%)", mark, sentence, count=times)
        if set(MARK.findall(sentence)) != marks or re.search(r"\d", sentence):
            return None
        told.append(sentence)
    return told


def hash_data(kind: Literal["calls", "words"], data: Path = DATA) -> str:
    """The first 16 digits of the SHA-256 of the training files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted((data / kind / "train").glob("*.jsonl")):
        digest.update(path.relative_to(data).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
