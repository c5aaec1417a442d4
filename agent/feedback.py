"""What readers said of the chat's calls, as questions to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from agent.memory import open_memory

Verdict = Literal["right", "wrong"]


def gather_questions(memory: Path) -> list[dict[str, Any]]:
    """The questions whose calls were confirmed, with what was said before, in the form that
    `tribune train planner --questions` reads: those that a reader marked as right, and those where
    one of two readings was picked.

    memory: the workspace's conversations.sqlite, which is made where there is none.
    """
    return [line for turns in _read_conversations(memory) for line in _confirm(turns)]


def _read_conversations(memory: Path) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The turns of each conversation as it stands now."""
    seen = set()
    for kept in open_memory(memory).list(None):  # the latest first
        conversation = kept.config["configurable"]["thread_id"]
        if conversation not in seen:
            seen.add(conversation)
            yield kept.checkpoint["channel_values"].get("turns", [])


def _confirm(turns: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for place, turn in enumerate(turns):
        asked, before = turn, turns[:place]
        if turn.get("planner") == "user" and before:
            # A reading was picked: it answers the question that was put before the two.
            asked, before = before[-1], before[:-1]
        elif turn.get("verdict") != "right":
            continue
        yield {
            "question": asked["question"],
            "history": [message for earlier in before for message in _write_turn(earlier)],
            "tool": turn["tool"],
            "args": dict(turn["args"]),
        }


def _write_turn(turn: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = {"content": turn["answer"], "tool": turn["tool"], "args": dict(turn["args"])}
    return [{"role": "user", "content": turn["question"]}, {"role": "assistant", **answer}]
