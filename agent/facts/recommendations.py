"""What is told of items that suit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent.facts.base import Fact, Facts, GroupRef


class ItemRef(Fact):
    id: str
    title: str


Aim = Literal["average", "least misery", "fair"]


class Because(Fact):
    """One reason for an item; `what` names the thing that leads to it.

    moved: without `what`, which the user liked, the item would stand n places lower. users: n of
    the n_of other users who like `what` like the item too, where chance would have it that
    `expected` do. topic: n reviews praise the item for `what`, of which the user speaks warmly in
    n_own sentences (of a group: n_own members do). group: n of the n_of other members of the
    user's group, `what`, like the item, where chance would have it that `expected` do. category:
    n of the n_of items that the user likes are in the category, where chance would have it that
    `expected` are. cites: a sentence on the item.
    """

    kind: Literal["moved", "users", "topic", "group", "category"]
    what: str
    n: int
    n_of: int | None = None
    n_own: int | None = None
    expected: float | None = None
    cites: list[int] = Field(default_factory=list)


class RecommendedItem(ItemRef):
    """score: of this list alone, higher is better; rating: mean stars; n_likes: users who like it;
    suits: of a group, the share of members who have not met it for whom it is among their best
    tenth; n_met: members who have met it.
    """

    rank: int
    score: float
    category: str | None
    price: float | None
    rating: float | None
    n_reviews: int
    n_likes: int
    suits: float | None
    n_met: int | None
    reasons: list[Because]
    cites: list[int] = Field(default_factory=list)


class Recommendations(Facts):
    """For a user or a group. method: the recommender's name; verdict: what its check on this
    workspace's data gave; n_likes: items that the user likes, None for a group; aim, covered: of a
    group: how members are put together, and the share of them who have one item of the list among
    their best tenth; n_open: items that could have been listed.
    """

    kind: Literal["recommend"] = "recommend"
    user_id: str | None
    group: GroupRef | None
    n_likes: int | None
    aim: Aim | None
    covered: float | None
    method: str
    verdict: str
    n_open: int
    items: list[RecommendedItem]


class RecommendationExplained(Facts):
    """place: of the item among the n_open items that the user has not met (as if they had not met
    this one); met: whether they have, liked: and liked it.
    """

    kind: Literal["explain_recommendation"] = "explain_recommendation"
    user_id: str
    item: RecommendedItem
    place: int
    n_open: int
    met: bool
    liked: bool
    n_likes: int
    method: str
    verdict: str
