"""What a draft reply rests on, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from agent import facts
from ui.pages import cards
from ui.pages.cards import badge, bar, cites, count, escape, percent, stars, table, warmth
from ui.wording import say

URGENCIES = {"high": "urgent", "normal": "not_urgent", "low": "no_hurry"}
TONES = {
    "angry": "tone_angry",
    "unhappy": "tone_unhappy",
    "neutral": "tone_neutral",
    "pleased": "tone_pleased",
}


def show_reply(found: facts.ReplyDraft, place: str) -> str:
    """The whole panel. place: what makes the ids of its quote cards unique."""
    return (
        f"<h4>{say('who_writes')}</h4>{_show_customer(found, place)}"
        f"<h4>{say('what_about')}</h4>{_show_message(found)}"
        f"<h4>{say('similar_questions')}</h4>{_list_matches(found, place)}"
        f"{_list_guidelines(found, place)}"
    )


def _show_customer(found: facts.ReplyDraft, place: str) -> str:
    c = found.customer
    if c is None:
        told = say("unknown_customer" if found.unknown_user else "no_customer")
        return f'<p class="muted">{told}</p>'
    shaky = "" if c.trusted is not False else f' <span class="warning">{say("not_stable")}</span>'
    strength = f" {percent(c.strength)}" if c.strength else ""
    everyone = say("all_rating", rating=stars(c.rating_all))
    shown = cards.figures(
        [
            (say("customer"), cards.user(c.user_id)),
            (say("group"), f"{badge(c.group)}{strength}{shaky}"),
            (say("reviews"), f"{c.n_reviews:,}"),
            (say("rating"), f"{stars(c.rating)} <small>{everyone}</small>"),
            *([(say("last_wrote"), cards.day(c.last_time))] if c.last_time else []),
        ]
    )
    lines = [
        _list_topics(say("likes"), c.likes, place),
        _list_topics(say("dislikes"), c.dislikes, place),
        _list_complaints(c.complaints, place),
    ]
    return shown + "".join(lines)


def _list_topics(title: str, topics: Sequence[facts.UserTopic], place: str) -> str:
    if not topics:
        return ""
    named = ", ".join(f"{cards.topic(t.name)} {cites(t.cites, place)}" for t in topics)
    return f"<p><b>{title}</b> {named}</p>"


def _list_complaints(complaints: Sequence[facts.Complaint], place: str) -> str:
    if not complaints:
        return ""
    named = ", ".join(
        f"{_name_complaint(c)}{f' ({cards.day(c.time)})' if c.time else ''} {cites(c.cites, place)}"
        for c in complaints
    )
    return f"<p><b>{say('complained_of')}</b> {named}</p>"


def _name_complaint(complaint: facts.Complaint) -> str:
    if complaint.item:
        return cards.item(complaint.item)
    return cards.topic(complaint.topic) if complaint.topic else say("something")


def _show_message(found: facts.ReplyDraft) -> str:
    urgency = found.urgency
    told = [
        (say("urgency"), say(URGENCIES[urgency.level])),
        (say("tone"), say(TONES[urgency.tone])),
    ]
    if found.topic:
        told.append((say("topic"), cards.topic(found.topic.name)))
    if found.intent:
        sure = "" if found.intent.sure else say("not_sure")
        tag = escape(found.intent.tag.replace("_", " "))
        told.append(
            (say("asks_for"), f"{tag} <small>{percent(found.intent.confidence)}{sure}</small>")
        )
    why = "; ".join(f"{escape(s.kind)}: {escape(', '.join(s.words))}" for s in urgency.signals)
    return cards.figures(told) + (f'<p class="muted">{say("told_by", why=why)}</p>' if why else "")


def _list_matches(found: facts.ReplyDraft, place: str) -> str:
    if not found.n_questions:
        return f'<p class="muted">{say("no_past_questions")}</p>'
    if not found.matches:
        return f'<p class="muted">{say("no_similar")}</p>'
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
        say("first_answers") if found.sure else say("none_sure", share=percent(found.threshold))
    )
    heads = [say("question"), say("match")]
    listed = table(heads, rows, say("similar_questions"))
    return f'{listed}<p class="muted">{say("of_past", asked=asked)} {verdict}</p>'


def _list_guidelines(found: facts.ReplyDraft, place: str) -> str:
    group = found.customer.group if found.customer else None
    if group is None or not (found.guidelines or found.habit):
        return ""
    parts = []
    for title, do in ((say("do_bring_up"), True), (say("dont_make_light"), False)):
        items = [_guideline(g, place) for g in found.guidelines if g.do == do]
        if do and found.habit:
            items.append(_habit(found.habit))
        if items:
            parts.append(f"<div><h4>{title}</h4><ul>{''.join(items)}</ul></div>")
    return (
        f"<h4>{say('with_group', group=badge(group))}</h4>"
        f'<p class="muted">{say("shares_key")}</p>'
        f'<div class="traits">{"".join(parts)}</div>'
    )


def _guideline(g: facts.Guideline, place: str) -> str:
    if g.share_in is not None:
        own, others = percent(g.share_in), percent(g.share_out)
    else:
        own, others = warmth(g.polarity), warmth(g.others)
    return (
        f"<li><span>{cards.topic(g.topic)} {cites(g.cites, place)}</span>"
        f'<span class="muted">{say("shares_beside", share=own, others=others)}</span></li>'
    )


def _habit(habit: facts.Habit) -> str:
    advice = say("brevity" if habit.brief else "details")
    words = say("words_beside", words=habit.words, others=habit.others)
    return f'<li><span>{advice}</span><span class="muted">{words}</span></li>'
