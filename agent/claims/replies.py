"""A draft reply and what it rests on, as sentences."""

from __future__ import annotations

from agent import facts
from agent.phrases import (
    compare_warmth,
    count,
    name_group,
    percent,
    quote_source,
    tell_rating,
)

TASTES_SHOWN = 2


def tell_reply(f: facts.ReplyDraft) -> list[str]:
    """What else a desk needs to know: similar questions, the customer, do's and don'ts."""
    return [
        *[_match_line(f, match) for match in f.matches],
        *(_customer_lines(f, f.customer) if f.customer else []),
        *[_guideline_line(f, guideline) for guideline in f.guidelines],
        *_habit_lines(f),
    ]


def tell_message(f: facts.ReplyDraft) -> list[str]:
    """Who writes, what about, and whether a past answer fits: what comes before the draft."""
    return [_who(f), _what(f), _answered(f)]


def _who(f: facts.ReplyDraft) -> str:
    c = f.customer
    if c is None:
        return (
            "The customer named is not among the loaded users, so the draft is for anyone."
            if f.unknown_user
            else "No customer is named, so the draft is for anyone."
        )
    wrote = f"{c.user_id} wrote {count(c.n_reviews, 'review')}{tell_rating(c.rating)}"
    if c.group is None:
        return f"{wrote}, and is in no group."
    shaky = "" if c.trusted else ", which is not stable enough to act on"
    return f"{wrote}, and is in {name_group(c.group)}{shaky}."


def _what(f: facts.ReplyDraft) -> str:
    about = [f"is nearest to the topic {f.topic.name}"] if f.topic else []
    if f.intent:
        sure = "" if f.intent.sure else ", not sure"
        tag = f.intent.tag.replace("_", " ")
        about.append(f"asks for {tag} ({percent(f.intent.confidence)} likely{sure})")
    about.append(f"its urgency is {f.urgency.level} and its tone {f.urgency.tone}")
    told = "; ".join(f"{s.kind}: {', '.join(s.words)}" for s in f.urgency.signals)
    return f"The message {'; '.join(about)}{f' ({told})' if told else ''}."


def _answered(f: facts.ReplyDraft) -> str:
    if not f.n_questions:
        return "There are no past answers to draft from, so the draft promises nothing."
    if not f.matches:
        return "No past question is like this message, so the draft promises nothing."
    best = f.matches[0]
    if f.sure:
        cites = "".join(f" [{n}]" for n in best.cites)
        return (
            f"A past question answers it with a probability of {percent(best.confidence)}{cites}."
        )
    return (
        f"No past question surely answers it: the best match has a probability of "
        f"{percent(best.confidence)}, and {percent(f.threshold)} are asked for; so the draft "
        "promises nothing."
    )


def _match_line(f: facts.ReplyDraft, match: facts.PastAnswer) -> str:
    return (
        f"With a probability of {percent(match.confidence)}, this past answer fits"
        f"{quote_source(f, match.cites)}."
    )


def _customer_lines(f: facts.ReplyDraft, c: facts.Customer) -> list[str]:
    lines = []
    for topics, tone in ((c.likes, "warmly"), (c.dislikes, "coldly")):
        for t in topics[:TASTES_SHOWN]:
            lines.append(
                f"{c.user_id} speaks {tone} of {t.name}, in {count(t.n_sentences, 'sentence')}"
                f"{quote_source(f, t.cites)}."
            )
    for complaint in c.complaints:
        of = f" of {complaint.item}" if complaint.item else ""
        when = f" in {complaint.time:%B %Y}" if complaint.time else ""
        lines.append(f"{c.user_id} complained{of}{when}{quote_source(f, complaint.cites)}.")
    return lines


def _guideline_line(f: facts.ReplyDraft, g: facts.Guideline) -> str:
    advice = f"{'Do bring up' if g.do else 'Don’t make light of'} {g.topic} where it fits"
    if g.share_in is not None and g.share_out is not None:
        tone = "warmly" if g.do else "coldly"
        return (
            f"{advice}: {percent(g.share_in)} of the customer's group speak {tone} of it, against "
            f"{percent(g.share_out)} of the others{quote_source(f, g.cites)}."
        )
    beside = compare_warmth(g.polarity or 0.0, g.others or 0.0)
    return f"{advice}: the group's warmth about it is {beside}{quote_source(f, g.cites)}."


def _habit_lines(f: facts.ReplyDraft) -> list[str]:
    if f.habit is None:
        return []
    advice = "Do keep it short" if f.habit.brief else "Do take the room to explain"
    return [
        f"{advice}: half of the group's reviews have at most {f.habit.words} words, half of the "
        f"others' at most {f.habit.others}."
    ]
