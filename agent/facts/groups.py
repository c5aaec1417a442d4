"""What is told of groups: lists, profiles, comparisons, relations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent.facts.base import Fact, Facts, GroupRef


class Trait(Fact):
    """Something more (or less) common in a group than among all other groups' users.

    share_in, share_out in [0, 1]; lift is their ratio; q the false discovery rate of the test;
    cites: numbers of the evidence.
    """

    kind: Literal["topic", "like", "dislike", "item", "category"]
    name: str
    n_users: int
    share_in: float
    share_out: float
    lift: float
    q: float
    cites: list[int] = Field(default_factory=list)


class Aspect(Fact):
    """How a group feels about a topic beside the other groups' speakers: polarity and others in
    [-1, 1], means over users; low, high: the 95% interval of polarity; n_users speak of it in the
    group, n_others in the others; q the false discovery rate of the test.
    """

    topic: str
    n_users: int
    n_others: int
    polarity: float
    low: float
    high: float
    others: float
    q: float
    cites: list[int] = Field(default_factory=list)


class GroupCard(GroupRef):
    """share: of all users; rating: mean stars or None; polarity in [-1, 1]; top_user_share: of the
    group's sentences, those of its most talkative user; voices: how many equally talkative users
    would make the group as one-sided; trust in [0, 1]: how well it is found again among users drawn
    anew; trusted: whether it can be acted on; growth: reviews in the last 90 days of the
    data over those of the 90 days before, minus 1, None where the latter are under 5.
    """

    headline: str
    terms: list[str]
    n_users: int
    share: float
    n_reviews: int
    reviews_per_user: float
    rating: float | None
    polarity: float
    price: float | None
    top_user_share: float
    voices: float
    trust: float
    trusted: bool
    growth: float | None


class GroupLift(GroupRef):
    """n_users of the group among those found; share of all found; lift over the group's share of
    all users; p: two-sided hypergeometric."""

    n_users: int
    share: float
    lift: float
    p: float


class GroupList(Facts):
    kind: Literal["list_groups"] = "list_groups"
    sort: Literal["size", "rating", "growth"]
    n_users: int
    n_without_group: int
    groups: list[GroupCard]


class Subgroup(Fact):
    """A part of a group: share of the group's users; traits beside the rest of the group."""

    name: str
    n_users: int
    share: float
    headline: str
    traits: list[Trait]


class GroupProfile(Facts):
    kind: Literal["describe_group"] = "describe_group"
    group: GroupCard
    traits: list[Trait]
    aspects: list[Aspect]
    subgroups: list[Subgroup]
    quotes: list[int]


class TraitPair(Fact):
    """One thing two groups differ in: the share of each group's users that do it."""

    kind: Literal["topic", "like", "dislike", "item", "category"]
    name: str
    share_first: float
    share_second: float
    n_first: int
    n_second: int
    p: float
    cites: list[int] = Field(default_factory=list)


class Bridge(Fact):
    """An item that clearly more users of both groups like than of everyone, or a topic that they
    speak warmly of: how many of each group do.
    """

    kind: Literal["item", "topic"]
    name: str
    n_first: int
    n_second: int


class GroupPair(Fact):
    """items_alike, topics_alike: cosine in [-1, 1] of how much more than the other groups both like
    each item, and speak warmly of each topic; 0 is chance, None where one of them likes nothing.
    """

    first: GroupRef
    second: GroupRef
    items_alike: float | None
    topics_alike: float | None
    bridges: list[Bridge]


class GroupRelations(Facts):
    """Every pair of groups, the most alike first."""

    kind: Literal["group_relations"] = "group_relations"
    groups: list[GroupRef]
    pairs: list[GroupPair]


class GroupComparison(Facts):
    """likeness: what the two have in common, beside how they differ."""

    kind: Literal["compare_groups"] = "compare_groups"
    first: GroupCard
    second: GroupCard
    differences: list[TraitPair]
    likeness: GroupPair
