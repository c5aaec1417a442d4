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
    bar,
    cites,
    count,
    escape,
    percent,
    percent_finely,
    stars,
    table,
    warmth,
)
from ui.pages.palette import colour_of, tone_of
from ui.pages.reply_facts import TONES, URGENCIES, show_reply
from ui.pages.suggestions import list_recommendations, show_explanation
from ui.wording import say

FORMATS = {"pdf": "PDF", "docx": "Word", "html": "HTML", "md": "Markdown"}
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
            return _list_users(found, place)
        case facts.GroupList():
            return _list_groups(found)
        case facts.GroupProfile():
            return show_profile(found, place)
        case facts.GroupComparison():
            pair = [found.first.id, found.second.id]
            return _compare(found, place) + list_reports(pair, "comparison_in")
        case facts.UserProfile():
            return _show_user(found, place)
        case facts.Recommendations():
            return list_recommendations(found, place)
        case facts.RecommendationExplained():
            return show_explanation(found, place)
        case facts.TopicOpinion():
            return _list_opinions(found, place)
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


def show_profile(profile: facts.GroupProfile, place: str) -> str:
    """A group's figures, what it likes and dislikes, and what it reviews."""
    card = profile.group
    price = [(say("price_level"), f"{card.price:,.0f}")] if card.price is not None else []
    growth = [(say("reviews_lately"), cards.change(card.growth))] if card.growth is not None else []
    shown = cards.figures(
        [
            (say("users"), f"{card.n_users:,}"),
            (say("of_all"), percent(card.share)),
            (say("trust"), f"{card.trust:.2f}"),
            (say("voices"), f"{card.voices:,.0f}"),
            (say("rating"), stars(card.rating)),
            (say("warmth"), warmth(card.polarity)),
            (say("reviews_each"), f"{card.reviews_per_user:g}"),
            *price,
            *growth,
        ]
    )
    lists = "".join(
        _list_traits(title, [t for t in profile.traits if t.kind in kinds], place)
        for title, kinds in (
            (say("likes"), ("like",)),
            (say("dislikes"), ("dislike",)),
            (say("talks_about"), ("topic",)),
            (say("reviewed"), ("item", "category")),
        )
    )
    aspects = _list_aspects(profile.aspects, place) + _list_subgroups(profile, place)
    traits = (
        f'<p class="muted">{say("shares_key")}</p><div class="traits">{lists}</div>'
        if lists
        else ""
    )
    warning = cards.warn_group(card)
    return f"{badge(card)}{warning}<p>{escape(card.headline)}</p>{shown}{traits}{aspects}"


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


def list_reports(group_ids: Sequence[int] = (), text: str = "report_in") -> str:
    """Links that download the report on these groups, or on all of them."""
    asked = "&amp;".join(f"group={group_id}" for group_id in group_ids)
    links = "".join(
        f'<a class="button" href="/download/report.{kind}{"?" if asked else ""}{asked}" download>'
        f"{say(text, format=name)}</a>"
        for kind, name in FORMATS.items()
    )
    return f'<p class="downloads">{links}</p>'


def _list_traits(title: str, traits: Sequence[facts.Trait], place: str) -> str:
    if not traits:
        return ""
    items = "".join(
        f"<li><span>{_name_trait(t)} {cites(t.cites, place)}</span>"
        f'<span class="muted">{_compare_shares(t)}</span></li>'
        for t in traits
    )
    return f"<div><h4>{title}</h4><ul>{items}</ul></div>"


def _compare_shares(trait: facts.Trait) -> str:
    return say("shares_beside", share=percent(trait.share_in), others=percent(trait.share_out))


def _name_trait(trait: facts.Trait) -> str:
    if trait.kind == "category":
        return escape(trait.name)
    return cards.item(trait.name) if trait.kind == "item" else cards.topic(trait.name)


def _list_aspects(aspects: Sequence[facts.Aspect], place: str) -> str:
    """Topics that the group feels otherwise about than the others."""
    if not aspects:
        return ""
    rows = [
        [
            f"{cards.topic(a.topic)} {cites(a.cites, place)}",
            f"{warmth(a.polarity)} {_interval(a.low, a.high)}",
            f"{a.n_users:,}",
            warmth(a.others),
            f"{a.n_others:,}",
        ]
        for a in aspects
    ]
    users = f"#{say('users')}"
    heads = [say("topic"), say("warmth_interval"), users, say("the_others"), users]
    title = say("aspects")
    return f"<h4>{title}</h4>" + table(heads, rows, title)


def _list_subgroups(profile: facts.GroupProfile, place: str) -> str:
    """The parts that the group divides into, or that it doesn't."""
    if not profile.subgroups:
        return f'<p class="muted">{say("no_subgroups")}</p>'
    parts = "".join(
        f"<details><summary><b>{escape(p.name)}</b> {count(p.n_users, 'user')} · "
        f"{say('of_the_group', share=percent(p.share))}</summary><p>{escape(p.headline)}</p>"
        f"{_list_traits(say('beside_the_rest'), p.traits, place)}</details>"
        for p in profile.subgroups
    )
    return f"<h4>{say('subgroups')}</h4>{parts}"


def _interval(low: float, high: float) -> str:
    shown = say("interval", low=f"{low:+.2f}", high=f"{high:+.2f}").replace("-", "−")
    return f'<span class="muted nowrap">{shown}</span>'


def _list_users(found: facts.UsersFound, place: str) -> str:
    if not found.users:
        near = say("nearest_topic", topic=found.nearest_topic) if found.nearest_topic else ""
        return f'<p class="muted">{say("nobody")} {escape(near)}</p>'
    rows = [
        [
            cards.user(u.user_id),
            badge(u.group),
            f'<span class="score">{bar(abs(u.score), tone_of(u.score))}'
            f"{f'{u.score:+.2f}'.replace('-', '−')}</span>",
            f"{u.warm:,} / {u.cold:,}",
            cites(u.cites, place),
        ]
        for u in found.users
    ]
    heads = [say("user"), say("group"), say("score"), f"#{say('warm_cold')}", say("quote")]
    return table(heads, rows, say("users_found"))


def _size(filled: float, group: facts.GroupCard | facts.GroupOpinion) -> str:
    shown = f"{group.n_users:,} · {percent(group.share)}"
    return f'<span class="nowrap">{bar(filled, colour_of(group.id))}{shown}</span>'


def _list_groups(found: facts.GroupList) -> str:
    largest = max((g.share for g in found.groups), default=1.0)
    rows = [
        [
            badge(g),
            _size(g.share / largest, g),
            stars(g.rating),
            escape(", ".join(g.terms[:4])),
        ]
        for g in found.groups
    ]
    rest = f'<p class="muted">{say("n_without_group", found.n_without_group)}</p>'
    heads = [say("group"), say("users"), f"#{say('rating')}", say("words")]
    return table(heads, rows, say("groups_title")) + rest


def _compare(pair: facts.GroupComparison, place: str) -> str:
    def line(name: str, first: str, second: str) -> list[str]:
        return [escape(name), first, second, ""]

    a, b = pair.first, pair.second
    rows = [
        line(say("users"), f"{a.n_users:,}", f"{b.n_users:,}"),
        line(say("rating"), stars(a.rating), stars(b.rating)),
        line(say("warmth"), warmth(a.polarity), warmth(b.polarity)),
        *(
            [
                escape(say(plots.KINDS[d.kind], name=d.name)),
                percent(d.share_first),
                percent(d.share_second),
                cites(d.cites, place),
            ]
            for d in pair.differences
        ),
    ]
    heads = [say("share_who"), f"#{a.id}", f"#{b.id}", say("quote")]
    return f"<p>{badge(a)} {badge(b)}</p>" + table(heads, rows, say("differences"))


def _show_user(user: facts.UserProfile, place: str) -> str:
    place_in = badge(user.group) + (f" {percent(user.strength)}" if user.strength else "")
    next_best = (
        [(say("next_nearest"), f"{badge(user.runner_up)} {percent(user.runner_up_strength)}")]
        if user.runner_up
        else []
    )
    period = " – ".join(
        dict.fromkeys(filter(None, (cards.day(user.first_time), cards.day(user.last_time))))
    )
    everyone = say("all_rating", rating=stars(user.rating_all))
    shown = cards.figures(
        [
            (say("group"), place_in),
            *next_best,
            (say("reviews"), f"{user.n_reviews:,}"),
            (say("rating"), f"{stars(user.rating)} <small>{everyone}</small>"),
            (say("warmth"), warmth(user.polarity)),
            *([(say("active"), escape(period))] if period else []),
        ]
    )
    rows = [
        [cards.topic(t.name), f"{t.n_sentences:,}", warmth(t.polarity), cites(t.cites, place)]
        for t in user.topics
    ]
    heads = [say("topic"), f"#{say('sentences')}", say("warmth"), say("quote")]
    topics = table(heads, rows, say("topics_title"))
    return shown + _list_reasons(user, place) + topics


def _list_reasons(user: facts.UserProfile, place: str) -> str:
    """What weighs most for the user's group, and what would tip the balance."""
    if not user.reasons:
        return ""
    largest = max(r.weight for r in user.reasons)
    rows = [
        [
            f"{_name_reason(r)} {cites(r.cites, place)}",
            f"{bar(r.weight / largest)} {100 * r.weight:.2f}",
        ]
        for r in user.reasons
    ]
    heads = [say("why_here"), f"#{say('points')}"]
    return table(heads, rows, say("reasons")) + _show_tip(user)


def _show_tip(user: facts.UserProfile) -> str:
    if user.tip is None:
        return ""
    told = say(
        "tip",
        sentences=count(user.tip.n_sentences, "more_sentence"),
        topic=escape(user.tip.topic),
        group=badge(user.runner_up),
    )
    return f'<p class="muted">{told}</p>'


def _name_reason(reason: facts.Reason) -> str:
    what = escape(reason.what or say("no_topic"))
    if reason.kind == "sentence":
        return say("why_sentence", what=what)
    if reason.kind == "item":
        return say("why_item", what=what)
    return say("why_rating", stars=f"{reason.stars:g}", what=what)


def _list_opinions(opinion: facts.TopicOpinion, place: str) -> str:
    shown = cards.figures(
        [
            (say("warmth"), warmth(opinion.polarity)),
            (say("positive"), percent(opinion.positive_share)),
            (say("negative"), percent(opinion.negative_share)),
        ]
    )
    no_difference = f'<br><span class="muted">{say("no_difference")}</span>'
    rows = [
        [
            badge(g),
            _size(g.share, g),
            f"{warmth(g.polarity)} {_interval(g.low, g.high)}",
            f"{warmth(g.others)}{'' if g.differs else no_difference}",
            cites(g.cites, place),
        ]
        for g in opinion.groups
    ]
    heads = [
        say("group"), say("who_speak"), say("warmth_interval"), say("the_others"), say("quote"),
    ]  # fmt: skip
    return shown + (table(heads, rows, say("opinions")) if rows else "")


def _show_overview(overview: facts.Overview) -> str:
    groups = " ".join(badge(g) for g in overview.groups)
    return f"{cards.count_loaded(overview)}<p>{groups}</p>"
