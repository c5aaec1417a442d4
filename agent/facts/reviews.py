"""What is told of reviews and topics, and of all that is loaded."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.facts.base import Facts, GroupRef, Stance


class ReviewsFound(Facts):
    kind: Literal["search_reviews"] = "search_reviews"
    query: str
    stance: Stance
    group: GroupRef | None
    user_id: str | None
    item: str | None
    n_sentences: int
    n_reviews: int
    polarity: float | None


class GroupOpinion(GroupRef):
    """polarity in [-1, 1] and its 95% interval from low to high; others: that of the other groups'
    speakers, None where there are none; q the false discovery rate of the difference; differs:
    whether it is both sure and large enough to tell.
    """

    n_users: int
    share: float
    n_sentences: int
    polarity: float
    low: float
    high: float
    others: float | None
    q: float
    differs: bool
    cites: list[int] = Field(default_factory=list)


class TopicOpinion(Facts):
    """groups: share is of the group's users, those who speak of the topic."""

    kind: Literal["describe_topic"] = "describe_topic"
    topic: str
    n_sentences: int
    n_users: int
    polarity: float | None
    positive_share: float | None
    negative_share: float | None
    nearest_topic: str | None
    groups: list[GroupOpinion]


class ReportWritten(Facts):
    kind: Literal["write_report"] = "write_report"
    group: GroupRef
    path: str
    n_claims: int


class Overview(Facts):
    kind: Literal["overview"] = "overview"
    n_reviews: int
    n_sentences: int
    n_users: int
    n_items: int
    n_topics: int
    n_groups: int
    n_without_group: int
    rating: float | None
    first_time: datetime | None
    last_time: datetime | None
    groups: list[GroupRef]
    topics: list[str]
