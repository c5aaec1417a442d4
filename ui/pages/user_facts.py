"""Users as HTML: those found, and one of them."""

from __future__ import annotations

from agent import facts
from ui.pages import cards
from ui.pages.cards import badge, bar, cites, count, escape, percent, stars, table, warmth
from ui.pages.palette import tone_of
from ui.wording import say


def list_users(found: facts.UsersFound, place: str) -> str:
    """Who was found, best first."""
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


def show_user(user: facts.UserProfile, place: str) -> str:
    """A user's figures, group and likes."""
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
