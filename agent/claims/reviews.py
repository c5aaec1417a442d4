"""What reviews say of a thing, and what is loaded, as sentences."""

from __future__ import annotations

from agent import facts
from agent.phrases import (
    SPEAK,
    compare_warmth,
    count,
    name_group,
    name_tone,
    percent,
    quote_source,
    tell_span,
    tell_unplaced,
    use_singular,
)

OPINIONS_SHOWN = 4
DIFFERENCES_SHOWN = 3


def tell_reviews(f: facts.ReviewsFound) -> list[str]:
    """How many reviews were found, and the first of them."""
    within = "".join(
        [
            f" in {name_group(f.group)}" if f.group else "",
            f" by {f.user_id}" if f.user_id else "",
            f" on {f.item}" if f.item else "",
        ]
    )
    verb = SPEAK[f.stance]
    query = "it" if f.item and f.query.casefold() == f.item.casefold() else f.query
    if not f.evidence:
        return [f"No review{within} {use_singular(verb)} {query}."]
    mood = (
        f", {name_tone(f.polarity)} on the whole"
        if f.stance == "any" and f.polarity is not None and f.n_sentences
        else ""
    )
    does = use_singular(verb) if f.n_reviews == 1 else verb
    lines = (
        [f"{count(f.n_reviews, 'review')}{within} {does} {query}{mood}."]
        if f.n_reviews
        else [f"No review{within} speaks plainly of {query}; these come nearest."]
    )
    for e in f.evidence:
        who = e.user_id or "A reviewer"
        unit = "star" if e.rating == 1 else "stars"
        stars = f", who gave {e.rating:g} {unit}," if e.rating is not None else ""
        on = f" of {e.item}" if e.item and not f.item else ""
        lines.append(f"{who}{stars} wrote{on}{quote_source(f, [e.n])}.")
    return lines


def tell_opinion(f: facts.TopicOpinion) -> list[str]:
    """How people feel about a topic, in all and by group."""
    if not f.n_sentences:
        nearest = f" The topic nearest to it is {f.nearest_topic}." if f.nearest_topic else ""
        return [f"Nobody speaks of {f.topic} in these reviews.{nearest}"]
    people = f" by {count(f.n_users, 'user')}" if f.n_users else ""
    shares = (
        f": {percent(f.positive_share)} of them are clearly warm and "
        f"{percent(f.negative_share)} clearly cold"
        if f.positive_share is not None and f.negative_share is not None
        else ""
    )
    lines = [f"{f.topic} comes up in {count(f.n_sentences, 'sentence')}{people}{shares}."]
    for g in f.groups[:OPINIONS_SHOWN]:
        lines.append(
            f"{percent(g.share)} of {name_group(g)}, speak of it, {name_tone(g.polarity)} on the "
            f"whole ({g.polarity:+.2f}, likely between {g.low:+.2f} and {g.high:+.2f})"
            f"{quote_source(f, g.cites)}."
        )
    for g in sorted((g for g in f.groups if g.differs), key=lambda g: g.q)[:DIFFERENCES_SHOWN]:
        if g.others is not None:
            beside = compare_warmth(g.polarity, g.others)
            lines.append(f"The warmth of {name_group(g)}, about it is {beside}.")
    if not f.groups:
        lines += [f"One reviewer wrote{quote_source(f, [e.n])}." for e in f.evidence]
    return lines


def tell_overview(f: facts.Overview) -> list[str]:
    """What is loaded."""
    span = tell_span(f.first_time, f.last_time)
    stars = f", {f.rating:.1f} stars on average" if f.rating is not None else ""
    people = f" by {count(f.n_users, 'user')}" if f.n_users else ""
    items = f" on {count(f.n_items, 'item')}" if f.n_items else ""
    are = "is" if f.n_reviews == 1 else "are"
    lines = [f"{count(f.n_reviews, 'review')}{people}{items} {are} loaded{span}{stars}."]
    topics = count(f.n_topics, "topic")
    if f.groups:
        rest = f"; {tell_unplaced(f.n_without_group)}" if f.n_without_group else ""
        lines.append(f"They hold {count(f.n_groups, 'group')} and {topics}{rest}.")
    elif f.n_topics:
        lines.append(f"They hold {topics} and no groups.")
    if f.topics:
        lines.append(f"The largest topics are {'; '.join(f.topics[:5])}.")
    return lines


def tell_report(f: facts.ReportWritten) -> list[str]:
    """That the report is there."""
    return [
        f"The report on {name_group(f.group)}, is written: {f.n_claims} statements, each with its "
        "source."
    ]
