"""Recommended items as HTML: what they are, why, and what people said of them."""

from __future__ import annotations

from collections.abc import Mapping

from agent import facts
from agent.claims.recommendations import say_reason
from tools.recommendation.feedback import Verdict
from tools.recommendation.popularity import Popularity
from ui.pages import cards
from ui.pages.cards import bar, cites, count, escape, percent, stars

BUTTONS: tuple[tuple[Verdict, str], ...] = (("good", "Fits"), ("bad", "Doesn’t fit"))


def list_recommendations(
    found: facts.Recommendations, place: str, feedback: Mapping[str, Verdict] | None = None
) -> str:
    """The items, best first. feedback: the last word on items; None shows no buttons."""
    if not found.items:
        return '<p class="muted">Nothing is left to recommend with these filters.</p>'
    items = "".join(_show_item(found, item, place, feedback) for item in found.items)
    personal = found.method != Popularity.name
    covered = (
        f'<p class="muted">For {percent(found.covered)} of the members at least one of these is '
        "among the tenth that suits them best.</p>"
        if found.covered is not None and personal
        else ""
    )
    return f'<ol class="suggestions">{items}</ol>{covered}{_tell_method(found.verdict)}'


def show_explanation(found: facts.RecommendationExplained, place: str) -> str:
    """One item for one user, with every reason."""
    standing = f"Place {found.place:,} of {count(found.n_open, 'item')} for {found.user_id}."
    met = ""
    if found.met:
        met = f" They have met it and {'liked it' if found.liked else 'did not like it'}."
    reasons = _list_reasons(found.item, found.user_id, place) or (
        '<p class="muted">Nothing in what they liked or wrote leads to it by more than chance.</p>'
    )
    about = _tell_about(found.item)
    return (
        f'<p><b>{cards.item(found.item.title)}</b> <span class="muted">{about}</span></p>'
        f"<p>{escape(standing + met)}</p>{reasons}{_tell_method(found.verdict)}"
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
        share, shown = item.n_likes / max(i.n_likes for i in found.items), "popular"
    elif item.suits is not None:
        share, shown = item.suits, f"suits {percent(item.suits)} of members"
    else:
        shown = f"score {item.score:.2f}".replace("-", "−")
    buttons = ""
    if feedback is not None:
        buttons = '<span class="verdicts">' + "".join(
            f'<button type="button" data-item="{escape(item.id)}" data-verdict="{verdict}" '
            f'aria-pressed="{str(feedback.get(item.id) == verdict).lower()}" '
            f'aria-label="{said}: {escape(item.title)}">{said}</button>'
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
    parts = [
        item.category,
        f"price level {item.price:,.0f}" if item.price is not None else None,
        f"{stars(item.rating)} from {count(item.n_reviews, 'review')}"
        if item.rating is not None
        else count(item.n_reviews, "review"),
        f"liked by {count(item.n_likes, 'user')}",
        f"met by {count(item.n_met, 'member')}" if item.n_met else None,
    ]
    return escape(" · ".join(part for part in parts if part))


def _list_reasons(item: facts.RecommendedItem, user: str | None, place: str) -> str:
    lines = "".join(
        f"<li>{escape(_capital(say_reason(reason, user)))} {cites(reason.cites, place)}</li>"
        for reason in item.reasons
    )
    if item.cites and not any(reason.cites for reason in item.reasons):
        lines += f"<li>A review praises it {cites(item.cites, place)}</li>"
    return f'<ul class="why">{lines}</ul>' if lines else ""


def _tell_method(verdict: str) -> str:
    return f'<p class="note">{escape(verdict)}</p>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
