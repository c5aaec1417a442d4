"""What every door can ask for: chat, command line, HTTP and MCP call these and get these facts."""

from __future__ import annotations

from typing import Literal

from agent import facts
from agent.answers import groups, recommendations, replies, reviews, trends, users, watch
from agent.facts import Aim, Stance
from agent.opened import Opened
from tools.monitoring.alerts import Step
from tools.profiling.trends import Length


class Tribune(Opened):
    """One opened workspace and all that can be asked of it.

    A group is given by name or number, a user or item by id (an item also by its title).
    Raises: UnknownName for one that the workspace does not hold; InputError for what cannot be
    asked of this data.
    """

    def find_users(
        self, topic: str, stance: Stance = "likes", group: str | None = None, limit: int = 10
    ) -> facts.UsersFound:
        """Who likes, dislikes or talks about a topic, and which groups they come from."""
        return users.find_users(self, topic, stance, group, limit)

    def describe_user(self, user: str) -> facts.UserProfile:
        """A user's profile, group, and the sentences that place them there."""
        return users.describe_user(self, user)

    def list_groups(self, sort: Literal["size", "rating", "growth"] = "size") -> facts.GroupList:
        """The groups with size and headline traits."""
        return groups.list_groups(self, sort)

    def describe_group(self, group: str) -> facts.GroupProfile:
        """One group's profile: traits beside everyone else's, with evidence."""
        return groups.describe_group(self, group)

    def compare_groups(self, first: str, second: str) -> facts.GroupComparison:
        """How two groups differ: what they do in different shares, tested against each other."""
        return groups.compare_groups(self, first, second)

    def relate_groups(self) -> facts.GroupRelations:
        """How alike the groups are in what they like, pair by pair."""
        return groups.relate_groups(self)

    def recommend(
        self,
        user: str | None = None,
        group: str | None = None,
        limit: int = 10,
        aim: Aim = "average",
        category: str | None = None,
        max_price: float | None = None,
        unseen: bool = False,
    ) -> facts.Recommendations:
        """The items that suit a user or a group best, with reasons."""
        return recommendations.recommend(self, user, group, limit, aim, category, max_price, unseen)

    def explain_recommendation(self, user: str, item: str) -> facts.RecommendationExplained:
        """Why an item suits a user, or does not."""
        return recommendations.explain_recommendation(self, user, item)

    def search_reviews(
        self,
        query: str,
        stance: Stance = "any",
        group: str | None = None,
        user: str | None = None,
        item: str | None = None,
        limit: int = 5,
    ) -> facts.ReviewsFound:
        """The reviews themselves: sentences nearest in meaning, one a review."""
        return reviews.search_reviews(self, query, stance, group, user, item, limit)

    def describe_topic(self, topic: str) -> facts.TopicOpinion:
        """What people, group by group, think of a topic."""
        return reviews.describe_topic(self, topic)

    def sentiment_trend(
        self, topic: str | None = None, group: str | None = None, period: Length = "month"
    ) -> facts.SentimentTrend:
        """How volume, sentiment and topics moved, and whether by more than chance."""
        return trends.sentiment_trend(self, topic, group, period)

    def trace_groups(self) -> facts.GroupSizes:
        """How many users of each group wrote in each period, of a length that fits the data."""
        return trends.trace_groups(self)

    def list_alerts(self, days: int = 30) -> facts.AlertList:
        """Surges and anomalies of the last days of the data, with their states."""
        return watch.list_alerts(self, days)

    def decide_alert(self, alert: str, step: Step, note: str = "") -> facts.Alert:
        """Acknowledge or close an alert, or take that back; no model can call this."""
        return watch.decide_alert(self, alert, step, note)

    def trace_alert(self, alert: str) -> facts.AlertSeries:
        """The series that an alert is of, with what was expected."""
        return watch.trace_alert(self, alert)

    def replay_alerts(self) -> facts.AlertHistory:
        """What the past would have raised, and when."""
        return watch.replay_alerts(self)

    def forecast(self, topic: str | None = None, group: str | None = None) -> facts.ForecastList:
        """Volume and cold share of the next periods, with 80% intervals."""
        return watch.forecast(self, topic, group)

    def write_report(self, group: str) -> facts.ReportWritten:
        """A persona report as a page in the workspace's reports folder."""
        from agent.report import write_report  # it renders what this class answers

        return write_report(self, group)

    def draft_reply(self, message: str, user: str | None = None) -> facts.ReplyDraft:
        """A reply to a customer's message from past answers, and what to know before it is sent."""
        return replies.draft_reply(self, message, user)

    def overview(self) -> facts.Overview:
        """What is loaded."""
        return reviews.overview(self)

    def suggest_questions(self) -> list[str]:
        """Example questions made from the loaded data's own groups and topics."""
        return reviews.suggest_questions(self)
