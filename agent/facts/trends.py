"""What is told of how things moved."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.facts.base import Fact, Facts, GroupRef, TopicRef


class Period(Fact):
    """A stretch of time. polarity in [-1, 1] and negative_share in [0, 1], each with its 95%
    interval (None where one user alone spoke), are None in a gap; share: of all the period's
    sentences, where a topic was asked for; q: the false discovery rate of a test of polarity
    against all other periods', others.
    """

    start: datetime
    label: str
    n_sentences: int
    n_users: int
    share: float | None
    polarity: float | None
    polarity_low: float | None
    polarity_high: float | None
    negative_share: float | None
    negative_low: float | None
    negative_high: float | None
    others: float | None
    q: float | None


class MoodChange(Fact):
    """How polarity changed from what was written before `since` (a period's label) to what was
    written from then on, or in that period beside the period `versus`: each one's sentences and
    mean; low, high: the interval that holds the change with this confidence; p: two-sided.
    """

    since: str
    versus: str | None
    n_before: int
    n_after: int
    before: float
    after: float
    low: float
    high: float
    confidence: float
    p: float


class ShareChange(Fact):
    """Of all sentences the share on a topic, before `since` and from then on; n_before, n_after:
    those on it; p: two-sided.
    """

    since: str
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    p: float


class TopicMove(TopicRef):
    """A topic whose share of all sentences is another lately than it was before; n_before, n_after:
    sentences on it; n_users who spoke of it where the share is higher; q the false discovery rate.
    """

    move: Literal["new", "rising", "fading"]
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    n_users: int
    q: float
    cites: list[int] = Field(default_factory=list)


class SentimentTrend(Facts):
    """change: between the earlier and the later half of the sentences; step: between the last two
    finished periods that hold enough sentences; volume: of a topic that was asked for; recent: the
    label of the period since which topics are called new, rising or fading, None where none was
    looked for; unfinished: the label of the last period if the data seem to end before it does.
    """

    kind: Literal["sentiment_trend"] = "sentiment_trend"
    topic: str | None
    group: GroupRef | None
    period: Literal["day", "week", "month", "quarter"]
    periods: list[Period]
    change: MoodChange | None
    step: MoodChange | None
    volume: ShareChange | None
    recent: str | None
    moves: list[TopicMove]
    unfinished: str | None


class GroupActivity(GroupRef):
    """One entry a period: n_users of the group who wrote, n_reviews, share of all users who wrote
    then and its 95% interval (None where nobody did).
    """

    n_users: list[int]
    n_reviews: list[int]
    share: list[float | None]
    low: list[float | None]
    high: list[float | None]


class GroupSizes(Facts):
    """starts, labels, n_active: one entry a period, the last the users who wrote in it."""

    kind: Literal["group_sizes"] = "group_sizes"
    period: Literal["day", "week", "month", "quarter"]
    starts: list[datetime]
    labels: list[str]
    n_active: list[int]
    groups: list[GroupActivity]
    unfinished: str | None
