"""What every result is made of: evidence, references to groups and topics."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

AnyFacts = TypeVar("AnyFacts", bound="Facts")


Stance = Literal["likes", "dislikes", "any"]


class Fact(BaseModel):
    """Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Fact):
    """One cited review sentence, or a past answer. `n` is the number that [n] in an answer refers
    to. Of a past answer review_id is its question's id, item the question, and polarity 0.
    """

    n: int
    source: Literal["review", "answer"] = "review"
    review_id: str
    user_id: str | None
    item_id: str | None
    item: str | None
    quote: str
    rating: float | None
    time: datetime | None
    polarity: float


class GroupRef(Fact):
    id: int
    name: str


class TopicRef(Fact):
    id: int
    name: str


class Facts(Fact):
    """Base of every tool's result. notes: sentences the user must also be told."""

    evidence: list[Evidence] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


def renumber(found: AnyFacts, *, by: int) -> AnyFacts:
    """The facts with every citation number raised, so that several results fit in one answer."""

    def raise_numbers(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {k: raise_numbers(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [raise_numbers(v, key) for v in value]
        return value + by if key in ("n", "cites", "quotes") and isinstance(value, int) else value

    return found if not by else type(found).model_validate(raise_numbers(found.model_dump()))
