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
from ui.pages.suggestions import list_recommendations, show_explanation

FORMATS = {"pdf": "PDF", "docx": "Word", "html": "HTML", "md": "Markdown"}
NO_DIFFERENCE = '<br><span class="muted">no clear difference</span>'


def summarise(found: Facts) -> str:
    """One plain sentence on what a tool brought."""
    match found:
        case facts.UsersFound():
            verb = {"likes": "like", "dislikes": "dislike", "any": "speak of"}[found.stance]
            return (
                f"{count(found.n_users, 'user')} {verb} “{found.topic}”, "
                f"of {count(found.n_speakers, 'user')} who speak of it "
                f"in {count(found.n_sentences, 'sentence')}."
            )
        case facts.GroupList():
            return f"{count(len(found.groups), 'group')} among {count(found.n_users, 'user')}."
        case facts.GroupProfile():
            return (
                f"Group {found.group.id}, {found.group.name}: {count(found.group.n_users, 'user')}."
            )
        case facts.GroupComparison():
            return f"{found.first.name} beside {found.second.name}."
        case facts.UserProfile():
            return f"User {found.user_id}: {count(found.n_reviews, 'review')}."
        case facts.Recommendations():
            whom = found.user_id or (found.group.name if found.group else "")
            return f"{count(len(found.items), 'item')} for {whom}."
        case facts.RecommendationExplained():
            return f"{found.item.title} for {found.user_id}."
        case facts.ReviewsFound():
            return (
                f"{count(found.n_sentences, 'sentence')} in {count(found.n_reviews, 'review')} "
                f"speak of “{found.query}”."
            )
        case facts.TopicOpinion():
            by = f" by {count(found.n_users, 'user')}" if found.n_users else ""
            return f"“{found.topic}” comes up in {count(found.n_sentences, 'sentence')}{by}."
        case facts.SentimentTrend():
            return f"{count(len(found.periods), found.period)} of sentiment."
        case facts.ReportWritten():
            return f"Report on group {found.group.id}, {found.group.name}, ready to download."
        case facts.Overview():
            return f"{count(found.n_reviews, 'review')} by {count(found.n_users, 'user')}."
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
            return _compare(found, place) + list_reports(pair, "Comparison")
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
    price = [("price level", f"{card.price:,.0f}")] if card.price is not None else []
    growth = (
        [("reviews, last 90 days", cards.change(card.growth))] if card.growth is not None else []
    )
    shown = cards.figures(
        [
            ("users", f"{card.n_users:,}"),
            ("of all", percent(card.share)),
            ("trust", f"{card.trust:.2f}"),
            ("voices", f"{card.voices:,.0f}"),
            ("rating", stars(card.rating)),
            ("warmth", warmth(card.polarity)),
            ("reviews each", f"{card.reviews_per_user:g}"),
            *price,
            *growth,
        ]
    )
    lists = "".join(
        _list_traits(title, [t for t in profile.traits if t.kind in kinds], place)
        for title, kinds in (
            ("Likes", ("like",)),
            ("Dislikes", ("dislike",)),
            ("Talks about", ("topic",)),
            ("Reviews", ("item", "category")),
        )
    )
    aspects = _list_aspects(profile.aspects, place) + _list_subgroups(profile, place)
    key = "Shares are of this group’s users, beside all other groups’ users."
    traits = f'<p class="muted">{key}</p><div class="traits">{lists}</div>' if lists else ""
    warning = cards.warn_group(card)
    return f"{badge(card)}{warning}<p>{escape(card.headline)}</p>{shown}{traits}{aspects}"


def list_moves(trend: facts.SentimentTrend, place: str) -> str:
    """The topics that are new, rising or fading, as a table."""
    if trend.recent is None:
        return ""
    if not trend.moves:
        return (
            f'<p class="muted">Since {trend.recent} no topic is new, rising or fading by more than '
            "chance.</p>"
        )
    rows = [
        [
            f"{m.move}",
            escape(m.name),
            percent_finely(m.share_before),
            percent_finely(m.share_after),
            f"{m.n_users:,}",
            cites(m.cites, place),
        ]
        for m in trend.moves
    ]
    heads = ["", "topic", "#before", f"#since {trend.recent}", "#users", "quote"]
    note = '<p class="muted">Shares of all sentences; each change is more than chance.</p>'
    return note + table(heads, rows, "New, rising and fading topics")


def list_reports(group_ids: Sequence[int] = (), label: str = "Report") -> str:
    """Links that download the report on these groups, or on all of them."""
    asked = "&amp;".join(f"group={group_id}" for group_id in group_ids)
    links = "".join(
        f'<a class="button" href="/download/report.{kind}{"?" if asked else ""}{asked}" download>'
        f"{label} ({name})</a>"
        for kind, name in FORMATS.items()
    )
    return f'<p class="downloads">{links}</p>'


def _list_traits(title: str, traits: Sequence[facts.Trait], place: str) -> str:
    if not traits:
        return ""
    items = "".join(
        f"<li><span>{escape(t.name)} {cites(t.cites, place)}</span>"
        f'<span class="muted">{percent(t.share_in)} vs {percent(t.share_out)}</span></li>'
        for t in traits
    )
    return f"<div><h4>{title}</h4><ul>{items}</ul></div>"


def _list_aspects(aspects: Sequence[facts.Aspect], place: str) -> str:
    """Topics that the group feels otherwise about than the others."""
    if not aspects:
        return ""
    rows = [
        [
            f"{escape(a.topic)} {cites(a.cites, place)}",
            f"{warmth(a.polarity)} {_interval(a.low, a.high)}",
            f"{a.n_users:,}",
            warmth(a.others),
            f"{a.n_others:,}",
        ]
        for a in aspects
    ]
    heads = ["topic", "warmth, 95% interval", "#users", "the others", "#users"]
    title = "Feels otherwise than the others about"
    return f"<h4>{title}</h4>" + table(heads, rows, title)


def _list_subgroups(profile: facts.GroupProfile, place: str) -> str:
    """The parts that the group divides into, or that it doesn't."""
    if not profile.subgroups:
        return '<p class="muted">It divides into no subgroups that could be relied on.</p>'
    parts = "".join(
        f"<details><summary><b>{escape(p.name)}</b> {count(p.n_users, 'user')} · "
        f"{percent(p.share)} of the group</summary><p>{escape(p.headline)}</p>"
        f"{_list_traits('Beside the rest of the group', p.traits, place)}</details>"
        for p in profile.subgroups
    )
    return f"<h4>Subgroups</h4>{parts}"


def _interval(low: float, high: float) -> str:
    shown = f"{low:+.2f} to {high:+.2f}".replace("-", "−")
    return f'<span class="muted nowrap">{shown}</span>'


def _list_users(found: facts.UsersFound, place: str) -> str:
    if not found.users:
        near = f" The nearest topic is “{found.nearest_topic}”." if found.nearest_topic else ""
        return f'<p class="muted">Nobody was found.{escape(near)}</p>'
    rows = [
        [
            f"<b>{escape(u.user_id)}</b>",
            badge(u.group),
            f'<span class="score">{bar(abs(u.score), tone_of(u.score))}'
            f"{f'{u.score:+.2f}'.replace('-', '−')}</span>",
            f"{u.warm:,} / {u.cold:,}",
            cites(u.cites, place),
        ]
        for u in found.users
    ]
    return table(["user", "group", "score", "#warm / cold", "quote"], rows, "Users found")


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
    rest = f'<p class="muted">{count(found.n_without_group, "user")} in no group.</p>'
    return table(["group", "users", "#rating", "words"], rows, "Groups") + rest


def _compare(pair: facts.GroupComparison, place: str) -> str:
    def line(name: str, first: str, second: str) -> list[str]:
        return [escape(name), first, second, ""]

    a, b = pair.first, pair.second
    rows = [
        line("users", f"{a.n_users:,}", f"{b.n_users:,}"),
        line("rating", stars(a.rating), stars(b.rating)),
        line("warmth", warmth(a.polarity), warmth(b.polarity)),
        *(
            [
                escape(f"{plots.KINDS[d.kind]} {d.name}"),
                percent(d.share_first),
                percent(d.share_second),
                cites(d.cites, place),
            ]
            for d in pair.differences
        ),
    ]
    heads = ["share of users who", f"#{a.id}", f"#{b.id}", "quote"]
    return f"<p>{badge(a)} {badge(b)}</p>" + table(heads, rows, "Differences")


def _show_user(user: facts.UserProfile, place: str) -> str:
    place_in = badge(user.group) + (f" {percent(user.strength)}" if user.strength else "")
    next_best = (
        [("next nearest", f"{badge(user.runner_up)} {percent(user.runner_up_strength)}")]
        if user.runner_up
        else []
    )
    period = " – ".join(
        dict.fromkeys(filter(None, (cards.day(user.first_time), cards.day(user.last_time))))
    )
    shown = cards.figures(
        [
            ("group", place_in),
            *next_best,
            ("reviews", f"{user.n_reviews:,}"),
            ("rating", f"{stars(user.rating)} <small>all: {stars(user.rating_all)}</small>"),
            ("warmth", warmth(user.polarity)),
            *([("active", escape(period))] if period else []),
        ]
    )
    rows = [
        [escape(t.name), f"{t.n_sentences:,}", warmth(t.polarity), cites(t.cites, place)]
        for t in user.topics
    ]
    topics = table(["topic", "#sentences", "warmth", "quote"], rows, "Topics")
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
    heads = ["why in this group", "#points of membership it holds"]
    tip = (
        f'<p class="muted">About {count(user.tip.n_sentences, "more sentence")} on '
        f"“{escape(user.tip.topic)}” would move them to {badge(user.runner_up)}</p>"
        if user.tip
        else ""
    )
    return table(heads, rows, "Reasons") + tip


def _name_reason(reason: facts.Reason) -> str:
    what = escape(reason.what or "no topic of its own")
    if reason.kind == "sentence":
        return f"a sentence on {what}"
    return f"reviewed {what}" if reason.kind == "item" else f"{reason.stars:g} ★ for {what}"


def _list_opinions(opinion: facts.TopicOpinion, place: str) -> str:
    shown = cards.figures(
        [
            ("warmth", warmth(opinion.polarity)),
            ("positive", percent(opinion.positive_share)),
            ("negative", percent(opinion.negative_share)),
        ]
    )
    rows = [
        [
            badge(g),
            _size(g.share, g),
            f"{warmth(g.polarity)} {_interval(g.low, g.high)}",
            f"{warmth(g.others)}{'' if g.differs else NO_DIFFERENCE}",
            cites(g.cites, place),
        ]
        for g in opinion.groups
    ]
    heads = ["group", "users who speak of it", "warmth, 95% interval", "the others", "quote"]
    return shown + (table(heads, rows, "Opinions") if rows else "")


def _show_overview(overview: facts.Overview) -> str:
    groups = " ".join(badge(g) for g in overview.groups)
    return f"{cards.count_loaded(overview)}<p>{groups}</p>"
