"""Plain, true sentences made from a tool's facts: what every answer is built and checked from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent import facts
from agent.claims.groups import tell_comparison, tell_group, tell_group_feelings, tell_groups
from agent.claims.recommendations import tell_explanation, tell_recommendations
from agent.claims.replies import tell_message, tell_reply
from agent.claims.reviews import tell_opinion, tell_overview, tell_report, tell_reviews
from agent.claims.trends import tell_trend
from agent.claims.users import tell_user, tell_user_feelings, tell_users
from agent.claims.watch import tell_alerts, tell_forecasts
from agent.facts import Facts, Stance

_QUOTED = re.compile(r": “[^”]*” \[\d+\]")


@dataclass(frozen=True)
class Claim:
    """One sentence that code wrote from a tool's result.

    text: ends in its citations, "… 14 of the 20 come from Budget Hostels [1][2]."
    Quotes stand between typographic quotation marks “…” and are runs of words of the cited review.
    paragraph: of a draft that the sentence belongs to, from 0; None where it is no part of one.
    """

    text: str
    paragraph: int | None = None


def write_claims(found: Facts, asked: Stance | None = None) -> list[Claim]:
    """The facts as sentences, the answer first. Every number, name and quote is `found`'s.

    asked: likes or dislikes, where the question is of these alone: of a group or a user nothing
    else is told then.
    """
    if asked in ("likes", "dislikes") and type(found) in _FEELINGS:
        lines = _FEELINGS[type(found)](found, asked)
    else:
        lines = _WRITERS[type(found)](found)
    if isinstance(found, facts.ReplyDraft):
        return _put_draft(found, lines)
    return [Claim(line) for line in _quote_once(lines) if line]


def _put_draft(found: facts.ReplyDraft, lines: Sequence[str]) -> list[Claim]:
    """What the message is, the draft, and the lines on what it rests on."""
    draft = [
        Claim(sentence, paragraph)
        for paragraph, sentences in enumerate(found.paragraphs)
        for sentence in sentences
    ]
    opening = [Claim(line) for line in tell_message(found)]
    return [*opening, *draft, *(Claim(line) for line in _quote_once(lines))]


def _quote_once(lines: Sequence[str]) -> list[str]:
    """The lines, with a quote that an earlier one had left out but for its citation."""
    seen: set[str] = set()
    told = []
    for line in lines:
        for quote in _QUOTED.findall(line):
            if quote in seen:
                line = line.replace(quote, quote[quote.rindex(" [") :])
            seen.add(quote)
        told.append(line)
    return told


_WRITERS: dict[type[Facts], Callable[[Any], list[str]]] = {
    facts.UsersFound: tell_users,
    facts.GroupList: tell_groups,
    facts.GroupProfile: tell_group,
    facts.GroupComparison: tell_comparison,
    facts.UserProfile: tell_user,
    facts.Recommendations: tell_recommendations,
    facts.RecommendationExplained: tell_explanation,
    facts.ReviewsFound: tell_reviews,
    facts.TopicOpinion: tell_opinion,
    facts.SentimentTrend: tell_trend,
    facts.AlertList: tell_alerts,
    facts.ForecastList: tell_forecasts,
    facts.ReportWritten: tell_report,
    facts.ReplyDraft: tell_reply,
    facts.Overview: tell_overview,
}
_FEELINGS: dict[type[Facts], Callable[[Any, Stance], list[str]]] = {
    facts.GroupProfile: tell_group_feelings,
    facts.UserProfile: tell_user_feelings,
}
