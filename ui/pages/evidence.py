"""What stands beside the chat: an answer's facts as a table or chart, and the reviews it quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pandas as pd
import plotly.graph_objects as go

from agent import facts
from agent.facts import Evidence, Facts
from agent.use_cases import Tribune
from ui import plots, timelines
from ui.pages import cards
from ui.pages.cards import (
    Source,
    badge,
    cites,
    count,
    escape,
    percent_finely,
    table,
)
from ui.pages.group_facts import (
    compare_groups,
    list_groups,
    list_opinions,
    list_reports,
    show_profile,
)
from ui.pages.reply_facts import TONES, URGENCIES, show_reply
from ui.pages.suggestions import list_recommendations, show_explanation
from ui.pages.user_facts import list_users, show_user
from ui.wording import say

FOUND = {"likes": "found_likes", "dislikes": "found_dislikes", "any": "found_any"}
MOVES = {"new": "move_new", "rising": "move_rising", "fading": "move_fading"}


def summarise(found: Facts) -> str:
    """One plain sentence on what a tool brought."""
    match found:
        case facts.UsersFound():
            return say(
                FOUND[found.stance],
                users=count(found.n_users, "user"),
                topic=found.topic,
                speakers=count(found.n_speakers, "user"),
                sentences=count(found.n_sentences, "sentence"),
            )
        case facts.GroupList():
            groups, users = count(len(found.groups), "group"), count(found.n_users, "user")
            return say("found_groups", groups=groups, users=users)
        case facts.GroupProfile(group=card):
            users = count(card.n_users, "user")
            return say("found_group", group=card.id, name=card.name, users=users)
        case facts.GroupComparison():
            return say("found_pair", first=found.first.name, second=found.second.name)
        case facts.UserProfile():
            return say("found_user", user=found.user_id, reviews=count(found.n_reviews, "review"))
        case facts.Recommendations():
            whom = found.user_id or (found.group.name if found.group else "")
            return say("found_items", items=count(len(found.items), "item"), whom=whom)
        case facts.RecommendationExplained():
            return say("found_reason", item=found.item.title, user=found.user_id)
        case facts.ReviewsFound():
            return say(
                "found_reviews",
                sentences=count(found.n_sentences, "sentence"),
                reviews=count(found.n_reviews, "review"),
                query=found.query,
            )
        case facts.TopicOpinion():
            return say(
                "found_opinion_by" if found.n_users else "found_opinion",
                topic=found.topic,
                sentences=count(found.n_sentences, "sentence"),
                users=count(found.n_users, "user"),
            )
        case facts.SentimentTrend():
            return say("found_trend", periods=count(len(found.periods), found.period))
        case facts.ReportWritten():
            return say("found_report", group=found.group.id, name=found.group.name)
        case facts.ReplyDraft(urgency=urgency):
            given = "found_holding" if found.holding else "found_reply"
            return say(given, urgency=say(URGENCIES[urgency.level]), tone=say(TONES[urgency.tone]))
        case facts.Overview():
            reviews, users = count(found.n_reviews, "review"), count(found.n_users, "user")
            return say("found_overview", reviews=reviews, users=users)
        case _:
            return ""


def draw(found: Facts) -> go.Figure | None:
    """The chart that fits a tool's facts, or None where a table says it better."""
    match found:
        case facts.UsersFound(groups=[_, *_]):
            return plots.chart_group_lifts(found)
        case facts.GroupProfile(traits=[_, *_]):
            return plots.chart_traits(found.group, found.traits)
        case facts.GroupComparison(differences=[_, *_]):
            return plots.chart_comparison(found)
        case facts.TopicOpinion(groups=[_, *_]):
            return plots.chart_opinions(found)
        case facts.SentimentTrend(periods=[_, *_]):
            return timelines.chart_trend(found)
        case _:
            return None


def tabulate(found: Facts, place: str) -> str:
    """The facts as HTML. place: what makes the ids of this answer's quote cards unique."""
    match found:
        case facts.UsersFound():
            return list_users(found, place)
        case facts.GroupList():
            return list_groups(found)
        case facts.GroupProfile():
            return show_profile(found, place)
        case facts.GroupComparison():
            pair = [found.first.id, found.second.id]
            return compare_groups(found, place) + list_reports(pair, "comparison_in")
        case facts.UserProfile():
            return show_user(found, place)
        case facts.Recommendations():
            return list_recommendations(found, place)
        case facts.RecommendationExplained():
            return show_explanation(found, place)
        case facts.TopicOpinion():
            return list_opinions(found, place)
        case facts.SentimentTrend():
            return list_moves(found, place)
        case facts.ReportWritten():
            return list_reports([found.group.id])
        case facts.ReplyDraft():
            return show_reply(found, place)
        case facts.Overview():
            return _show_overview(found)
        case _:
            return ""


def show_facts(all_facts: Sequence[Facts], place: str) -> str:
    """Every tool's facts of one answer, one below the other."""
    return "".join(
        f'<section class="facts"><h3>{escape(summarise(found))}</h3>'
        f"{tabulate(found, place)}</section>"
        for found in all_facts
    )


def show_quotes(evidence: Sequence[Evidence], tribune: Tribune, place: str) -> str:
    """The quoted reviews as numbered cards."""
    return cards.quote_cards(evidence, find_sources(tribune, evidence), place)


def find_sources(tribune: Tribune, evidence: Sequence[Evidence]) -> dict[str, Source]:
    """Review id → its text and its writer's group."""
    ids = list({e.review_id for e in evidence})
    rows = tribune.table.query(
        "SELECT review_id, text, group_id FROM reviews LEFT JOIN users USING (user_id) "
        "WHERE review_id IN (SELECT unnest(?))",
        [ids],
    )
    by_id = {g.id: g for g in tribune.groups}
    return {
        str(review): Source(None if pd.isna(g) else by_id.get(int(cast("int", g))), str(text))
        for review, text, g in rows.itertuples(index=False)
    }


def list_moves(trend: facts.SentimentTrend, place: str) -> str:
    """The topics that are new, rising or fading, as a table."""
    if trend.recent is None:
        return ""
    if not trend.moves:
        return f'<p class="muted">{say("no_moves", since=trend.recent)}</p>'
    rows = [
        [
            say(MOVES[m.move]),
            cards.topic(m.name),
            percent_finely(m.share_before),
            percent_finely(m.share_after),
            f"{m.n_users:,}",
            cites(m.cites, place),
        ]
        for m in trend.moves
    ]
    since = say("since", since=trend.recent)
    heads = ["", say("topic"), f"#{say('before')}", f"#{since}", f"#{say('users')}", say("quote")]
    return f'<p class="muted">{say("moves_key")}</p>' + table(heads, rows, say("moves"))


def _show_overview(overview: facts.Overview) -> str:
    groups = " ".join(badge(g) for g in overview.groups)
    return f"{cards.count_loaded(overview)}<p>{groups}</p>"
