"""An answer as every door gives it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.facts.base import Fact


class Citation(Fact):
    n: int
    source: Literal["review", "answer"] = "review"
    review_id: str
    user_id: str | None
    item_id: str | None
    quote: str
    rating: float | None
    time: datetime | None


# The encoder; a language model, at its first try or its second; the user, between two readings.
Chooser = Literal["encoder", "model", "model again", "user"]


class ToolCall(Fact):
    """One call of a tool: `seconds` it took; `planner`: who chose it."""

    name: str
    args: dict[str, str | int | None]
    ok: bool
    seconds: float
    planner: Chooser


class Choice(Fact):
    """One of two readings of a question: asked back, `label` is taken as just this call."""

    label: str
    name: str
    args: dict[str, str | int]


class Checks(Fact):
    """Failures that the checks found in the model's drafts, by kind (none of them is in the
    answer), and the number of sentences that were replaced by plain facts."""

    numbers: int = 0
    quotes: int = 0
    citations: int = 0
    names: int = 0
    polarity: int = 0
    fallback: int = 0


class Seconds(Fact):
    first: float
    total: float


class Answer(Fact):
    """What `tribune ask --json` prints. choices: two readings, where the user should say which."""

    question: str
    answer: str
    model: str
    tool_calls: list[ToolCall]
    facts: dict[str, object]
    citations: list[Citation]
    checks: Checks
    seconds: Seconds
    notes: list[str] = Field(default_factory=list)
    choices: list[Choice] = Field(default_factory=list)
