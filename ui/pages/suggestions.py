"""Recommended items as HTML: what they are, why, and what people said of them."""

from __future__ import annotations

from collections.abc import Mapping

from agent import facts
from agent.claims.recommendations import say_reason
from tools.recommendation.feedback import Verdict
from tools.recommendation.popularity import Popularity
from ui.pages import cards
from ui.pages.cards import bar, cites, count, escape, percent, stars
from ui.wording import say

BUTTONS: tuple[tuple[Verdict, str], ...] = (("good", "fits"), ("bad", "fits_not"))


def list_recommendations(
    found: facts.Recommendations, place: str, feedback: Mapping[str, Verdict] | None = None
) -> str:
    """The items, best first. feedback: the last word on items; None shows no buttons."""
    if not found.items:
        return f'<p class="muted">{say("nothing_left")}</p>'
    items = "".join(_show_item(found, item, place, feedback) for item in found.items)
    personal = found.method != Popularity.name
    covered = (
        f'<p class="muted">{say("covered", share=percent(found.covered))}</p>'
        if found.covered is not None and personal
        else ""
    )
    return f'<ol class="suggestions">{items}</ol>{covered}{_tell_method(found.verdict)}'


def show_explanation(found: facts.RecommendationExplained, place: str) -> str:
    """One item for one user, with every reason."""
    items = count(found.n_open, "item")
    standing = say("standing", place=found.place, items=items, user=found.user_id)
    if found.met:
        standing += " " + say("met_liked" if found.liked else "met_not_liked")
    reasons = _list_reasons(found.item, found.user_id, place) or (
        f'<p class="muted">{say("no_reasons")}</p>'
    )
    about = _tell_about(found.item)
    return (
        f'<p><b>{cards.item(found.item.title)}</b> <span class="muted">{about}</span></p>'
        f"<p>{escape(standing)}</p>{reasons}{_tell_method(found.verdict)}"
    )


def _show_item(
    found: facts.Recommendations,
    item: facts.RecommendedItem,
    place: str,
    feedback: Mapping[str, Verdict] | None,
) -> str:
    best = max(i.score for i in found.items)
    worst = min(0.0, *(i.score for i in found.items))
    share = (item.score - worst) / (best - worst) if best > worst else 1.0
    if found.method == Popularity.name:
        share, shown = item.n_likes / max(i.n_likes for i in found.items), say("popular")
    elif item.suits is not None:
        share, shown = item.suits, say("suits", share=percent(item.suits))
    else:
        shown = say("score_is", score=f"{item.score:.2f}".replace("-", "−"))
    buttons = ""
    if feedback is not None:
        buttons = '<span class="verdicts">' + "".join(
            f'<button type="button" data-item="{escape(item.id)}" data-verdict="{verdict}" '
            f'aria-pressed="{str(feedback.get(item.id) == verdict).lower()}" '
            f'aria-label="{say("verdict_on", verdict=say(said), item=escape(item.title))}">'
            f"{say(said)}</button>"
            for verdict, said in BUTTONS
        )
        buttons += "</span>"
    return (
        f'<li><div class="top"><b>{cards.item(item.title)}</b>{buttons}</div>'
        f'<div class="muted about">{_tell_about(item)}</div>'
        f'<div class="score">{bar(share)}<span class="muted">{shown}</span></div>'
        f"{_list_reasons(item, found.user_id, place)}</li>"
    )


def _tell_about(item: facts.RecommendedItem) -> str:
    reviews = count(item.n_reviews, "review")
    parts = [
        item.category,
        say("price_level_is", price=f"{item.price:,.0f}") if item.price is not None else None,
        say("rating_from", rating=stars(item.rating), reviews=reviews)
        if item.rating is not None
        else reviews,
        say("liked_by", users=count(item.n_likes, "user")),
        say("met_by", members=count(item.n_met, "member")) if item.n_met else None,
    ]
    return escape(" · ".join(part for part in parts if part))


def _list_reasons(item: facts.RecommendedItem, user: str | None, place: str) -> str:
    lines = "".join(
        f"<li>{escape(_capital(say_reason(reason, user)))} {cites(reason.cites, place)}</li>"
        for reason in item.reasons
    )
    if item.cites and not any(reason.cites for reason in item.reasons):
        lines += f"<li>{say('review_praises')} {cites(item.cites, place)}</li>"
    return f'<ul class="why">{lines}</ul>' if lines else ""


def _tell_method(verdict: str) -> str:
    return f'<p class="note">{escape(verdict)}</p>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
