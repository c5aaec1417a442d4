"""What the model is asked when it words an answer, and how its lines are read back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent import prompts

_NUMBERED = re.compile(r"^\s*\d+\.\s+(.*\S)\s*$")


def ask_for_words(facts: Sequence[str], *, shown: bool = False) -> list[BaseMessage]:
    """The facts as numbered lines, to be told in as many.

    shown: whether a few made-up ones come before, for a model that has not learned it.
    """
    messages: list[BaseMessage] = [SystemMessage(prompts.REWORD if shown else prompts.REWORD_TUNED)]
    if shown:
        for given, said in prompts.REWORDED:
            messages += [HumanMessage(number_lines(given)), AIMessage(number_lines(said))]
    return [*messages, HumanMessage(number_lines(facts))]


def number_lines(sentences: Sequence[str]) -> str:
    """1. The first, 2. the second, each on a line of its own."""
    return "\n".join(f"{place}. {text}" for place, text in enumerate(sentences, start=1))


def read_lines(text: str) -> list[str]:
    """The sentences of numbered lines, as far as they are numbered."""
    return [found[1] for line in text.splitlines() if (found := _NUMBERED.match(line))]
