"""What is told of a customer's message, and the draft of a reply."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from agent.facts.base import Fact, Facts, GroupRef, TopicRef
from agent.facts.users import UserTopic


class PastAnswer(Fact):
    """A past question with the answer that was given to it most often; confidence: probability that
    it answers the message.
    """

    question: str
    answer: str
    tags: list[str]
    confidence: float
    cites: list[int]


class Intent(Fact):
    """What a message asks for, one of the tags of past questions; sure: whether to act on it."""

    tag: str
    confidence: float
    sure: bool
    runner_up: str


class Signal(Fact):
    """What tells of urgency: harm, stuck, deadline, threat, repeated, loud or anger; the words."""

    kind: str
    words: list[str]


class Urgency(Fact):
    level: Literal["low", "normal", "high"]
    tone: Literal["angry", "unhappy", "neutral", "pleased"]
    signals: list[Signal]


class Complaint(Fact):
    """A cold sentence of a customer's; nearness: its cosine with the message."""

    topic: str | None
    item: str | None
    time: datetime | None
    nearness: float
    cites: list[int]


class Customer(Fact):
    """Who writes; likes, dislikes: topics that they are clearly warm or cold about; complaints:
    their last ones, the one that is on the message's subject first.
    """

    user_id: str
    group: GroupRef | None
    strength: float | None
    trusted: bool | None
    n_reviews: int
    rating: float | None
    rating_all: float | None
    first_time: datetime | None
    last_time: datetime | None
    likes: list[UserTopic]
    dislikes: list[UserTopic]
    complaints: list[Complaint]


class Guideline(Fact):
    """A do or a don't: a topic that more (share_in) of the group's users than of the others
    (share_out) speak warmly or coldly of, or of which the group speaks more warmly or coldly
    (polarity) than the others do; nearness: the topic's cosine with the message.
    """

    do: bool
    topic: str
    n_users: int
    share_in: float | None
    share_out: float | None
    polarity: float | None
    others: float | None
    nearness: float
    cites: list[int]


class Habit(Fact):
    """Median words of a review in the group and among the others."""

    brief: bool
    words: int
    others: int


class ReplyDraft(Facts):
    """customer: None where none was named or the one named is unknown; topic: the workspace's that
    the message is nearest to; sure: whether the first match answers the message, its confidence
    being at least `threshold`; holding: whether the draft gives no answer; draft: the text, and
    paragraphs: its sentences.
    """

    kind: Literal["draft_reply"] = "draft_reply"
    message: str
    unknown_user: bool
    customer: Customer | None
    topic: TopicRef | None
    intent: Intent | None
    urgency: Urgency
    n_questions: int
    matches: list[PastAnswer]
    sure: bool
    threshold: float
    guidelines: list[Guideline]
    habit: Habit | None
    holding: bool
    draft: str
    paragraphs: list[list[str]]
