"""What is told of users."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.facts.base import Fact, Facts, GroupRef, Stance, TopicRef
from agent.facts.groups import GroupLift


class UserHit(Fact):
    """score in [-1, 1]; mentions: relevant sentences, warm and cold ones among them."""

    user_id: str
    group: GroupRef | None
    score: float
    mentions: int
    warm: int
    cold: int
    cites: list[int] = Field(default_factory=list)


class UsersFound(Facts):
    kind: Literal["find_users"] = "find_users"
    topic: str
    stance: Stance
    group: GroupRef | None
    n_sentences: int
    n_speakers: int
    n_users: int
    nearest_topic: str | None
    users: list[UserHit]
    groups: list[GroupLift]


class UserTopic(TopicRef):
    n_sentences: int
    polarity: float
    cites: list[int] = Field(default_factory=list)


class Reason(Fact):
    """What holds a user in their group: leaving it out would lower their membership by `weight`.

    kind: a sentence they wrote, an item they reviewed (its category and price), or a rating they
    gave it; what: the sentence's topic, or the item; stars: of a rating; cites: the sentence.
    """

    kind: Literal["sentence", "item", "rating"]
    what: str | None
    stars: float | None
    weight: float
    cites: list[int] = Field(default_factory=list)


class Tip(Fact):
    """What would move a user to the runner-up group: so many more sentences on a topic."""

    topic: str
    n_sentences: int


class UserProfile(Facts):
    """strength: membership in the user's group, in [0, 1]; trusted: whether that group can be acted
    on; reasons: what weighs most, heaviest first; tip: what would tip the balance.
    """

    kind: Literal["describe_user"] = "describe_user"
    user_id: str
    n_reviews: int
    n_sentences: int
    rating: float | None
    rating_all: float | None
    polarity: float | None
    first_time: datetime | None
    last_time: datetime | None
    group: GroupRef | None
    strength: float | None
    runner_up: GroupRef | None
    runner_up_strength: float | None
    trusted: bool | None
    topics: list[UserTopic]
    reasons: list[Reason]
    tip: Tip | None
