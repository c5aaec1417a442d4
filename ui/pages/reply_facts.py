"""What a draft reply rests on, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from agent import facts
from ui.pages import cards
from ui.pages.cards import badge, bar, cites, count, escape, percent, stars, table, warmth

TONES = {"high": "urgent", "normal": "not urgent", "low": "no hurry"}


def show_reply(found: facts.ReplyDraft, place: str) -> str:
    """The whole panel. place: what makes the ids of its quote cards unique."""
    return (
        f"<h4>Who writes</h4>{_show_customer(found, place)}"
        f"<h4>What about</h4>{_show_message(found)}"
        f"<h4>Similar past questions</h4>{_list_matches(found, place)}"
        f"{_list_guidelines(found, place)}"
    )


def _show_customer(found: facts.ReplyDraft, place: str) -> str:
    c = found.customer
    if c is None:
        told = (
            "This customer wrote none of the loaded reviews, so the draft is for anyone."
            if found.unknown_user
            else "No customer is named, so the draft is for anyone."
        )
        return f'<p class="muted">{told}</p>'
    shaky = "" if c.trusted is not False else ' <span class="warning">Not stable</span>'
    strength = f" {percent(c.strength)}" if c.strength else ""
    shown = cards.figures(
        [
            ("customer", escape(c.user_id)),
            ("group", f"{badge(c.group)}{strength}{shaky}"),
            ("reviews", f"{c.n_reviews:,}"),
            ("rating", f"{stars(c.rating)} <small>all: {stars(c.rating_all)}</small>"),
            *([("last wrote", cards.day(c.last_time))] if c.last_time else []),
        ]
    )
    lines = [
        _list_topics("Likes", c.likes, place),
        _list_topics("Dislikes", c.dislikes, place),
        _list_complaints(c.complaints, place),
    ]
    return shown + "".join(lines)


def _list_topics(title: str, topics: Sequence[facts.UserTopic], place: str) -> str:
    if not topics:
        return ""
    named = ", ".join(f"{escape(t.name)} {cites(t.cites, place)}" for t in topics)
    return f"<p><b>{title}</b> {named}</p>"


def _list_complaints(complaints: Sequence[facts.Complaint], place: str) -> str:
    if not complaints:
        return ""
    named = ", ".join(
        f"{escape(c.item or c.topic or 'something')}"
        f"{f' ({c.time:%B %Y})' if c.time else ''} {cites(c.cites, place)}"
        for c in complaints
    )
    return f"<p><b>Complained of</b> {named}</p>"


def _show_message(found: facts.ReplyDraft) -> str:
    urgency = found.urgency
    told = [("urgency", TONES[urgency.level]), ("tone", urgency.tone)]
    if found.topic:
        told.append(("topic", escape(found.topic.name)))
    if found.intent:
        sure = "" if found.intent.sure else ", not sure"
        tag = escape(found.intent.tag.replace("_", " "))
        told.append(("asks for", f"{tag} <small>{percent(found.intent.confidence)}{sure}</small>"))
    why = "; ".join(f"{escape(s.kind)}: {escape(', '.join(s.words))}" for s in urgency.signals)
    return cards.figures(told) + (f'<p class="muted">Told by {why}</p>' if why else "")


def _list_matches(found: facts.ReplyDraft, place: str) -> str:
    if not found.n_questions:
        return '<p class="muted">No past questions are loaded.</p>'
    if not found.matches:
        return '<p class="muted">No past question is anything like this message.</p>'
    rows = [
        [
            f"{escape(m.question)} {cites(m.cites, place)}"
            f'<br><small class="muted">{escape(", ".join(m.tags[:3]))}</small>',
            f'<span class="nowrap">{bar(m.confidence)}{percent(m.confidence)}</span>',
        ]
        for m in found.matches
    ]
    asked = count(found.n_questions, "past_question")
    verdict = (
        "The first one answers the message."
        if found.sure
        else f"None is sure: {percent(found.threshold)} are asked for, so the draft promises "
        "nothing."
    )
    listed = table(["question", "fits"], rows, "Similar past questions")
    return f'{listed}<p class="muted">Of {asked}. {verdict}</p>'


def _list_guidelines(found: facts.ReplyDraft, place: str) -> str:
    group = found.customer.group if found.customer else None
    if group is None or not (found.guidelines or found.habit):
        return ""
    parts = []
    for title, do in (("Do bring up, where it fits", True), ("Don’t make light of", False)):
        items = [_guideline(g, place) for g in found.guidelines if g.do == do]
        if do and found.habit:
            items.append(_habit(found.habit))
        if items:
            parts.append(f"<div><h4>{title}</h4><ul>{''.join(items)}</ul></div>")
    key = "Shares are of the group’s users, beside all other groups’ users."
    return (
        f'<h4>With {badge(group)}</h4><p class="muted">{key}</p>'
        f'<div class="traits">{"".join(parts)}</div>'
    )


def _guideline(g: facts.Guideline, place: str) -> str:
    if g.share_in is not None:
        shown = f"{percent(g.share_in)} vs {percent(g.share_out)}"
    else:
        shown = f"{warmth(g.polarity)} vs {warmth(g.others)}"
    return (
        f"<li><span>{escape(g.topic)} {cites(g.cites, place)}</span>"
        f'<span class="muted">{shown}</span></li>'
    )


def _habit(habit: facts.Habit) -> str:
    advice = (
        "brevity: their reviews are short" if habit.brief else "details: their reviews are long"
    )
    return (
        f"<li><span>{advice}</span>"
        f'<span class="muted">{habit.words} vs {habit.others} words</span></li>'
    )
