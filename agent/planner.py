"""Chooses a tool by its nearness to example questions, and fills in what the question names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agent.mentions import Known


@dataclass(frozen=True)
class Turn:
    """A question asked before, the call that answered it, and the answer's text."""

    question: str
    tool: str | None
    args: Mapping[str, str | int]
    answer: str = ""


@dataclass(frozen=True)
class Plan:
    """What to call next."""

    tool: str | None
    args: dict[str, str | int]
    confidence: float
    alternatives: list[tuple[str | None, float]]
    reply: str | None
    planner: Literal["encoder", "model"] = "encoder"


__all__ = ["Known", "Plan", "Turn"]
