"""What each tool takes: names, types, defaults and allowed values, for checks and for schemas."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tools.errors import InputError

MAX_LIMIT = 200
MAX_DAYS = 3650

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Group = Annotated[Text, Field(description="a group's name or number")]
User = Annotated[Text, Field(description="a user's id")]
Item = Annotated[Text, Field(description="an item's id or title")]
Topic = Annotated[Text, Field(description="what is spoken of, in the user's own words")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="how many to return at most")]
Stance = Literal["likes", "dislikes", "any"]


class Arguments(BaseModel):
    """Immutable; arguments that a tool doesn't take are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FindUsers(Arguments):
    topic: Topic
    stance: Stance = Field("likes", description="how the users feel about the topic")
    group: Group | None = None
    limit: Limit = 10


class ListGroups(Arguments):
    sort: Literal["size", "rating", "growth"] = Field("size", description="order, largest first")


class DescribeGroup(Arguments):
    group: Group


class CompareGroups(Arguments):
    first: Group
    second: Group


class DescribeUser(Arguments):
    user: User


class Recommend(Arguments):
    user: User | None = None
    group: Group | None = None
    limit: Limit = 10

    @model_validator(mode="after")
    def _name_one(self) -> Self:
        if (self.user is None) == (self.group is None):
            raise ValueError("give either a user or a group")
        return self


class ExplainRecommendation(Arguments):
    user: User
    item: Item


class SearchReviews(Arguments):
    query: Topic
    stance: Stance = Field("any", description="keep only warm or only cold sentences")
    group: Group | None = None
    user: User | None = None
    item: Item | None = None
    limit: Limit = 5


class DescribeTopic(Arguments):
    topic: Topic


class SentimentTrend(Arguments):
    topic: Topic | None = None
    group: Group | None = None
    period: Literal["day", "week", "month", "quarter"] = Field("month", description="step of time")


class ListAlerts(Arguments):
    days: int = Field(30, ge=1, le=MAX_DAYS, description="how many days to look back")


class WriteReport(Arguments):
    group: Group


class DraftReply(Arguments):
    message: Text = Field(description="the customer's message, word for word")
    user: User | None = None


class Overview(Arguments):
    pass


TOOL_ARGUMENTS: dict[str, type[BaseModel]] = {
    "find_users": FindUsers,
    "list_groups": ListGroups,
    "describe_group": DescribeGroup,
    "compare_groups": CompareGroups,
    "describe_user": DescribeUser,
    "recommend": Recommend,
    "explain_recommendation": ExplainRecommendation,
    "search_reviews": SearchReviews,
    "describe_topic": DescribeTopic,
    "sentiment_trend": SentimentTrend,
    "list_alerts": ListAlerts,
    "write_report": WriteReport,
    "draft_reply": DraftReply,
    "overview": Overview,
}

TOOL_SUMMARIES: dict[str, str] = {
    "find_users": "Who loves, hates or talks about a topic, ranked, and the groups they come from.",
    "list_groups": "The groups, with size and headline traits.",
    "describe_group": "One group's profile: who they are, what they like and dislike.",
    "compare_groups": "How two groups differ.",
    "describe_user": "One user's profile, their group, and why they are in it.",
    "recommend": "The items that suit a user or a group best, with reasons.",
    "explain_recommendation": "Why an item suits a user.",
    "search_reviews": "The reviews themselves that speak of something.",
    "describe_topic": "What people, group by group, think of a topic.",
    "sentiment_trend": "How the volume and sentiment of reviews moved over time.",
    "list_alerts": "Surges and anomalies of the last days.",
    "write_report": "A persona report on a group, to download.",
    "draft_reply": "A customer-service reply to a message, fitted to the customer's group.",
    "overview": "What is loaded: how many reviews, users, items and groups, from when to when.",
}


def check_limit(limit: int) -> int:
    """Raises: InputError unless 1 ≤ limit ≤ 200."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InputError(f"limit must be from 1 to {MAX_LIMIT}; got {limit}.")
    return limit
