"""Plain, true sentences made from a tool's facts: what every answer is built and checked from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent import facts
from agent.facts import Facts, Trait
from agent.phrases import (
    count,
    name_group,
    name_tone,
    percent,
    quote_source,
    tell_change,
    tell_distrust,
    tell_lift,
    tell_p,
    tell_rating,
    tell_shares,
    tell_size,
    tell_span,
    use_singular,
)
from tools.clustering.groups import MIN_SENTENCES
from tools.profiling.profiles import LOUD
from tools.profiling.traits import SIGNIFICANT

USERS_SHOWN = 5
GROUPS_SHOWN = 3
ASPECTS_SHOWN = 3
OUTLIERS_SHOWN = 2
MOVES_SHOWN = 2
_VERBS = {"likes": "speak warmly of", "dislikes": "speak coldly of", "any": "speak of"}

_QUOTED = re.compile(r": “[^”]*” \[\d+\]")


@dataclass(frozen=True)
class Claim:
    """One sentence that code wrote from a tool's result.

    text: ends in its citations, "… 14 of the 20 come from Budget Hostels [1][2]."
    Quotes stand between typographic quotation marks “…” and are runs of words of the cited review.
    """

    text: str


def write_claims(found: Facts) -> list[Claim]:
    """The facts as sentences, the answer first. Every number, name and quote is `found`'s."""
    lines = _WRITERS[type(found)](found)
    return [Claim(line) for line in _quote_once(lines) if line]


def _quote_once(lines: Sequence[str]) -> list[str]:
    """The lines, with a quote that an earlier one had left out but for its citation."""
    seen: set[str] = set()
    told = []
    for line in lines:
        for quote in _QUOTED.findall(line):
            if quote in seen:
                line = line.replace(quote, quote[quote.rindex(" [") :])
            seen.add(quote)
        told.append(line)
    return told


def _users_found(f: facts.UsersFound) -> list[str]:
    verb = _VERBS[f.stance]
    where = f" in {name_group(f.group)}," if f.group else ""
    if not f.users:
        if not f.n_speakers:
            nearest = f" The topic nearest to it is {f.nearest_topic}." if f.nearest_topic else ""
            return [f"Nobody{where} speaks of {f.topic} in these reviews.{nearest}"]
        speakers = count(f.n_speakers, "user")
        if f.n_speakers == 1:
            return [f"{speakers}{where} mentions {f.topic}, but does not {verb} it."]
        return [f"{speakers}{where} mention {f.topic}, but none of them {use_singular(verb)} it."]
    does = verb if f.n_users > 1 else use_singular(verb)
    found, told = count(f.n_users, "user"), count(f.n_sentences, "sentence")
    if f.stance == "any":
        lines = [f"{found}{where} {does} {f.topic}, in {told}."]
    else:
        mention = f"{f.n_speakers} who mention it in {told}"
        lines = [f"{found}{where} {does} {f.topic}, out of {mention}."]
    for g in f.groups[:GROUPS_SHOWN]:
        if g.lift > 1.2 and g.p < 0.05:
            lines.append(
                f"{g.n_users} of them ({percent(g.share)}) are in {name_group(g)}, "
                f"{tell_lift(g.lift)} what that group's size would give ({tell_p(g.p)})."
            )
    if f.groups and len(lines) == 1:
        g = max(f.groups, key=lambda g: g.n_users)
        lines.append(
            f"No group stands out: the most of them, {g.n_users}, are in {name_group(g)}, "
            "and the difference may be chance."
        )
    lines += [_user_line(f, u, first=not i) for i, u in enumerate(f.users[:USERS_SHOWN])]
    return lines


def _user_line(f: facts.UsersFound, u: facts.UserHit, *, first: bool) -> str:
    of = f", of {name_group(u.group)}," if u.group and not f.group else ""
    if f.stance == "any":
        said = f"with {count(u.mentions, 'sentence')} on it"
    else:
        n = u.warm if f.stance == "likes" else u.cold
        tone = "warm" if f.stance == "likes" else "cold"
        said = f"with {count(u.mentions, 'sentence')} on it, {n or 'none'} clearly {tone}"
    return f"{u.user_id}{of} {'leads' if first else 'follows'} {said}{quote_source(f, u.cites)}."


def _group_list(f: facts.GroupList) -> list[str]:
    order = {
        "size": "largest first",
        "rating": "best rated first",
        "growth": "fastest growing first",
    }[f.sort]
    inside = f.n_users - f.n_without_group
    are = "is" if len(f.groups) == 1 else "are"
    lines = [
        f"There {are} {count(len(f.groups), 'group')} with {inside} of the {f.n_users} users in "
        f"them, {order}."
    ]
    for g in f.groups:
        growth = (
            f" and {tell_change(g.growth)} reviews in the last 90 days"
            if f.sort == "growth" and g.growth is not None
            else ""
        )
        shaky = "" if g.trusted else f", {tell_distrust(g)}"
        lines.append(
            f"{name_group(g, capital=True)}: {tell_size(g)}{tell_rating(g.rating)}{growth}{shaky}."
        )
    if f.n_without_group:
        lines.append(f"{_tell_unplaced(f.n_without_group)}.")
    return lines


def _group_profile(f: facts.GroupProfile) -> list[str]:
    g = f.group
    lines = [
        f"{name_group(g, capital=True)}, has {tell_size(g)}, {g.n_reviews} "
        f"reviews{tell_rating(g.rating)}."
    ]
    if not g.trusted:
        lines.append(f"{name_group(g, capital=True)}, is {tell_distrust(g)}.")
    if g.top_user_share > LOUD:
        lines.append(f"One user wrote {percent(g.top_user_share)} of the group's sentences.")
    told = {
        "topic": "talk about {name}",
        "like": "speak warmly of {name}",
        "dislike": "speak coldly of {name}",
        "item": "reviewed {name}",
        "category": "reviewed the category {name}",
    }
    shown = {"topic": 3, "like": 2, "dislike": 2, "item": 2, "category": 2}
    for kind, n in shown.items():
        for t in [t for t in f.traits if t.kind == kind][:n]:
            lines.append(_trait_line(f, t, told[kind]))
    for a in f.aspects[:ASPECTS_SHOWN]:
        lines.append(
            f"Its warmth about {a.topic} is {_compare(a.polarity, a.others)}"
            f"{quote_source(f, a.cites)}."
        )
    lines += [line for part in f.subgroups for line in _subgroup_lines(f, part)]
    if not f.traits and not f.aspects:
        lines.append("Nothing sets this group clearly apart from the others.")
    return lines


def _subgroup_lines(f: facts.GroupProfile, part: facts.Subgroup) -> list[str]:
    size = f"{count(part.n_users, 'user')} ({percent(part.share)} of the group)"
    lines = [f"Within it, subgroup {part.name} has {size}."]
    told = {"topic": "talk about", "like": "speak warmly of", "dislike": "speak coldly of"}
    for t in part.traits[:1]:
        lines.append(
            f"{percent(t.share_in)} of subgroup {part.name} {told[t.kind]} {t.name}, against "
            f"{percent(t.share_out)} of the rest of the group{quote_source(f, t.cites)}."
        )
    return lines


def _trait_line(f: facts.GroupProfile, t: Trait, told: str) -> str:
    return (
        f"{percent(t.share_in)} of its users {told.format(name=t.name)}, against "
        f"{percent(t.share_out)} of the others{quote_source(f, t.cites)}."
    )


def _group_comparison(f: facts.GroupComparison) -> list[str]:
    a, b = f.first, f.second
    lines = [
        f"{name_group(a, capital=True)}, has {tell_size(a)}{tell_rating(a.rating)}; "
        f"{name_group(b)}, has {tell_size(b)}{tell_rating(b.rating)}."
    ]
    lines += [
        f"{name_group(g, capital=True)}, is {tell_distrust(g)}." for g in (a, b) if not g.trusted
    ]
    told = {
        "topic": "talk about {}",
        "like": "speak warmly of {}",
        "dislike": "speak coldly of {}",
        "item": "reviewed {}",
        "category": "reviewed the category {}",
    }
    for d in f.differences:
        more, less = (a, b) if d.share_first >= d.share_second else (b, a)
        high, low = sorted((d.share_first, d.share_second), reverse=True)
        lines.append(
            f"{percent(high)} of {more.name} {told[d.kind].format(d.name)}, against "
            f"{percent(low)} of {less.name}{quote_source(f, d.cites)}."
        )
    if not f.differences:
        lines.append("No difference between the two is beyond chance.")
    return lines


def _user_profile(f: facts.UserProfile) -> list[str]:
    span = tell_span(f.first_time, f.last_time)
    mean = (
        f", with {f.rating:.1f} stars on average against {f.rating_all:.1f} for all users"
        if f.rating is not None and f.rating_all is not None
        else ""
    )
    lines = [f"{f.user_id} wrote {count(f.n_reviews, 'review')}{span}{mean}."]
    if f.group:
        second = (
            f"; the next nearest is {name_group(f.runner_up)}, at {f.runner_up_strength:.2f}"
            if f.runner_up and f.runner_up_strength is not None
            else ""
        )
        lines.append(
            f"{f.user_id} is in {name_group(f.group)}, with a membership of "
            f"{f.strength:.2f}{second}."
        )
        lines += [_reason_line(f, r) for r in f.reasons]
        if f.tip and f.runner_up:
            lines.append(
                f"About {count(f.tip.n_sentences, 'sentence')} more on {f.tip.topic} would move "
                f"{f.user_id} to {name_group(f.runner_up)}."
            )
        if f.trusted is False:
            lines.append(f"{name_group(f.group, capital=True)}, is not stable enough to act on.")
    else:
        why = (
            "wrote too little to be placed in a group"
            if f.n_sentences < MIN_SENTENCES
            else "is in no group: none is clearly nearest, or too few users wrote enough for any"
        )
        lines.append(f"{f.user_id} {why}.")
    for t in f.topics[:3]:
        lines.append(
            f"{f.user_id} speaks of {t.name} in {count(t.n_sentences, 'sentence')}, "
            f"{name_tone(t.polarity)} on the whole{quote_source(f, t.cites)}."
        )
    return lines


def _reason_line(f: facts.UserProfile, r: facts.Reason) -> str:
    if r.kind == "sentence":
        on = f"A sentence on {r.what}" if r.what else "A sentence"
        return f"{on} weighs for that group{quote_source(f, r.cites)}."
    if r.kind == "item":
        return f"Having reviewed {r.what} weighs for that group."
    return f"The {r.stars:g} stars given to {r.what} weigh for that group."


def _reviews_found(f: facts.ReviewsFound) -> list[str]:
    within = "".join(
        [
            f" in {name_group(f.group)}" if f.group else "",
            f" by {f.user_id}" if f.user_id else "",
            f" on {f.item}" if f.item else "",
        ]
    )
    verb = _VERBS[f.stance]
    if not f.evidence:
        return [f"No review{within} {use_singular(verb)} {f.query}."]
    mood = (
        f", {name_tone(f.polarity)} on the whole"
        if f.stance == "any" and f.polarity is not None and f.n_sentences
        else ""
    )
    does = use_singular(verb) if f.n_reviews == 1 else verb
    lines = (
        [f"{count(f.n_reviews, 'review')}{within} {does} {f.query}{mood}."]
        if f.n_reviews
        else [f"No review{within} speaks plainly of {f.query}; these come nearest."]
    )
    for e in f.evidence:
        who = e.user_id or "A reviewer"
        unit = "star" if e.rating == 1 else "stars"
        stars = f", who gave {e.rating:g} {unit}," if e.rating is not None else ""
        on = f" of {e.item}" if e.item and not f.item else ""
        lines.append(f"{who}{stars} wrote{on}{quote_source(f, [e.n])}.")
    return lines


def _topic_opinion(f: facts.TopicOpinion) -> list[str]:
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
    for g in f.groups[:4]:
        lines.append(
            f"{percent(g.share)} of {name_group(g)}, speak of it, {name_tone(g.polarity)} on the "
            f"whole ({g.polarity:+.2f}, likely between {g.low:+.2f} and {g.high:+.2f})"
            f"{quote_source(f, g.cites)}."
        )
    for g in sorted((g for g in f.groups if g.differs), key=lambda g: g.q)[:ASPECTS_SHOWN]:
        if g.others is not None:
            lines.append(
                f"The warmth of {name_group(g)}, about it is {_compare(g.polarity, g.others)}."
            )
    if not f.groups:
        lines += [f"One reviewer wrote{quote_source(f, [e.n])}." for e in f.evidence]
    return lines


def _compare(polarity: float, others: float) -> str:
    side = "higher" if polarity > others else "lower"
    return f"{side} ({polarity:+.2f}) than that of the others ({others:+.2f})"


def _sentiment_trend(f: facts.SentimentTrend) -> list[str]:
    about = f"about {f.topic}" if f.topic else "in all"
    who = f" from {name_group(f.group)}" if f.group else ""
    told = [p for p in f.periods if p.n_sentences]
    if not told:
        return [f"There are no dated sentences {about}{who}."]
    total = sum(p.n_sentences for p in told)
    lines = [
        f"There are {total} dated sentences {about}{who}, from {told[0].label} to {told[-1].label}."
    ]
    if f.change:
        lines.append(_tell_mood_change(f.change))
    lines += _tell_volume(f)
    solid = [p for p in told if p.n_sentences >= 10] or told
    most = max(told, key=lambda p: p.n_sentences)
    lines.append(f"Most were written in {most.label}: {count(most.n_sentences, 'sentence')}.")
    best = max(solid, key=lambda p: p.polarity or 0)
    worst = min(solid, key=lambda p: p.polarity or 0)
    if best is not worst:
        lines.append(
            f"The mood was best in {best.label} ({best.polarity:+.2f}) and worst in {worst.label} "
            f"({worst.polarity:+.2f}, {percent(worst.negative_share or 0)} clearly cold)."
        )
    lines += _tell_outliers(f)
    if f.step:
        lines.append(_tell_step(f.step))
    return lines + _tell_moves(f)


def _tell_mood_change(c: facts.MoodChange) -> str:
    told = f"Since {c.since} the mood is {c.after:+.2f}, against {c.before:+.2f} before"
    if c.p >= SIGNIFICANT:
        return f"{told}, which may be chance ({tell_p(c.p)})."
    verb = "rose" if c.after > c.before else "fell"
    return (
        f"{told}: it {verb} by more than chance ({tell_p(c.p)}), a change that lies between "
        f"{c.low:+.2f} and {c.high:+.2f} with {percent(c.confidence)} confidence."
    )


def _tell_volume(f: facts.SentimentTrend) -> list[str]:
    v = f.volume
    if not v:
        return []
    sure = "by more than chance" if v.p < SIGNIFICANT else "which may be chance"
    after, before = tell_shares(v.share_after, v.share_before)
    return [
        f"Since {v.since}, {after} of all sentences are about {f.topic}, against {before} before, "
        f"{sure} ({tell_p(v.p)})."
    ]


def _tell_outliers(f: facts.SentimentTrend) -> list[str]:
    tested = [p for p in f.periods if p.q is not None]
    out = sorted((p for p in tested if (p.q or 0) < SIGNIFICANT), key=lambda p: p.q or 0)
    if len(tested) > 1 and not out:
        return [f"No {f.period} stands out from the others by more than chance."]
    lines = []
    for p in out[:OUTLIERS_SHOWN]:
        if p.polarity is not None and p.others is not None:
            tone = "warmer" if p.polarity > p.others else "colder"
            lines.append(
                f"The mood of {p.label} stands out as {tone} by more than chance, at "
                f"{p.polarity:+.2f} against {p.others:+.2f} at all other times."
            )
    return lines


def _tell_step(c: facts.MoodChange) -> str:
    moved = f"from {c.before:+.2f} to {c.after:+.2f}"
    if c.p >= SIGNIFICANT:
        return f"From {c.versus} to {c.since} it went {moved}, which may be chance."
    verb = "rose" if c.after > c.before else "fell"
    return f"From {c.versus} to {c.since} it {verb}, {moved}, by more than chance."


def _tell_moves(f: facts.SentimentTrend) -> list[str]:
    if f.recent and not f.moves:
        return [f"Since {f.recent} no topic is new, rising or fading by more than chance."]
    verbs = {"new": "is new", "rising": "rose", "fading": "faded"}
    lines = []
    for kind, verb in verbs.items():
        for m in [m for m in f.moves if m.move == kind][:MOVES_SHOWN]:
            after, before = tell_shares(m.share_after, m.share_before)
            lines.append(
                f"Talk of {m.name} {verb} since {f.recent}, with {after} of sentences against "
                f"{before} before{quote_source(f, m.cites)}."
            )
    return lines


def _report_written(f: facts.ReportWritten) -> list[str]:
    return [
        f"The report on {name_group(f.group)}, is written: {f.n_claims} statements, each with its "
        "source."
    ]


def _overview(f: facts.Overview) -> list[str]:
    span = tell_span(f.first_time, f.last_time)
    stars = f", {f.rating:.1f} stars on average" if f.rating is not None else ""
    people = f" by {count(f.n_users, 'user')}" if f.n_users else ""
    items = f" on {count(f.n_items, 'item')}" if f.n_items else ""
    are = "is" if f.n_reviews == 1 else "are"
    lines = [f"{count(f.n_reviews, 'review')}{people}{items} {are} loaded{span}{stars}."]
    topics = count(f.n_topics, "topic")
    if f.groups:
        rest = f"; {_tell_unplaced(f.n_without_group)}" if f.n_without_group else ""
        lines.append(f"They hold {count(f.n_groups, 'group')} and {topics}{rest}.")
    elif f.n_topics:
        lines.append(f"They hold {topics} and no groups.")
    if f.topics:
        lines.append(f"The largest topics are {'; '.join(f.topics[:5])}.")
    return lines


def _tell_unplaced(n_users: int) -> str:
    return f"{count(n_users, 'user')} wrote too little to be placed in a group"


_WRITERS: dict[type[Facts], Callable[[Any], list[str]]] = {
    facts.UsersFound: _users_found,
    facts.GroupList: _group_list,
    facts.GroupProfile: _group_profile,
    facts.GroupComparison: _group_comparison,
    facts.UserProfile: _user_profile,
    facts.ReviewsFound: _reviews_found,
    facts.TopicOpinion: _topic_opinion,
    facts.SentimentTrend: _sentiment_trend,
    facts.ReportWritten: _report_written,
    facts.Overview: _overview,
}
