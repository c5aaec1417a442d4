"""Plain, true sentences made from a tool's facts: what every answer is built and checked from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent import facts
from agent.facts import Facts, GroupCard, GroupRef, Trait

USERS_SHOWN = 5
GROUPS_SHOWN = 3
QUOTE_LENGTH = 160

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
    verb = {"likes": "speak warmly of", "dislikes": "speak coldly of", "any": "speak of"}[f.stance]
    where = f" in {_named(f.group)}" if f.group else ""
    if not f.users:
        if not f.n_speakers:
            nearest = f" The topic nearest to it is {f.nearest_topic}." if f.nearest_topic else ""
            return [f"Nobody{where} speaks of {f.topic} in these reviews.{nearest}"]
        return [f"{_count(f.n_speakers, 'user')}{where} speak of {f.topic}, but none of them {_one(verb)} it."]
    lines = [
        f"{_count(f.n_users, 'user')}{where} {verb if f.n_users > 1 else _one(verb)} {f.topic}, out of "
        f"{f.n_speakers} who mention it in {_count(f.n_sentences, 'sentence')}."
        if f.stance != "any"
        else f"{_count(f.n_users, 'user')}{where} {verb} {f.topic}, in {_count(f.n_sentences, 'sentence')}."
    ]
    for g in f.groups[:GROUPS_SHOWN]:
        if g.lift > 1.2 and g.p < 0.05:
            lines.append(
                f"{g.n_users} of them ({_percent(g.share)}) are in {_named(g)}, {_times(g.lift)} what that "
                f"group's size would give ({_p(g.p)})."
            )
    if f.groups and len(lines) == 1:
        g = max(f.groups, key=lambda g: g.n_users)
        lines.append(
            f"No group stands out: the most of them, {g.n_users}, are in {_named(g)}, "
            "and the difference may be chance."
        )
    lines += [_user_line(f, u, first=not i) for i, u in enumerate(f.users[:USERS_SHOWN])]
    return lines


def _user_line(f: facts.UsersFound, u: facts.UserHit, *, first: bool) -> str:
    of = f" of {_named(u.group)}" if u.group and not f.group else ""
    if f.stance == "any":
        said = f"with {_count(u.mentions, 'sentence')} on it"
    else:
        n = u.warm if f.stance == "likes" else u.cold
        tone = "warm" if f.stance == "likes" else "cold"
        said = f"with {_count(u.mentions, 'sentence')} on it, {n or 'none'} clearly {tone}"
    return f"{u.user_id}{of} {'leads' if first else 'follows'} {said}{_quote(f, u.cites)}."


def _group_list(f: facts.GroupList) -> list[str]:
    order = {
        "size": "largest first",
        "rating": "best rated first",
        "growth": "fastest growing first",
    }[f.sort]
    inside = f.n_users - f.n_without_group
    lines = [
        f"There are {_count(len(f.groups), 'group')} with {inside} of the {f.n_users} users in them, {order}."
    ]
    for g in f.groups:
        growth = f" and {_change(g.growth)} reviews in the last 90 days" if f.sort == "growth" and g.growth is not None else ""
        lines.append(f"{_named(g, capital=True)}: {_size(g)}{_stars(g.rating)}{growth}.")
    if f.n_without_group:
        lines.append(f"{f.n_without_group} users wrote too little to be placed in a group.")
    return lines


def _group_profile(f: facts.GroupProfile) -> list[str]:
    g = f.group
    lines = [
        f"{_named(g, capital=True)}, has {_size(g)}, {g.n_reviews} reviews{_stars(g.rating)}."
    ]
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
    if not f.traits:
        lines.append("Nothing sets this group clearly apart from the others.")
    if g.top_user_share > 0.3:
        lines.append(f"One user wrote {_percent(g.top_user_share)} of the group's sentences.")
    return lines


def _trait_line(f: facts.GroupProfile, t: Trait, told: str) -> str:
    return (
        f"{_percent(t.share_in)} of its users {told.format(name=t.name)}, against {_percent(t.share_out)} "
        f"of the others{_quote(f, t.cites)}."
    )


def _group_comparison(f: facts.GroupComparison) -> list[str]:
    a, b = f.first, f.second
    lines = [
        f"{_named(a, capital=True)}, has {_size(a)}{_stars(a.rating)}; "
        f"{_named(b)}, has {_size(b)}{_stars(b.rating)}."
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
            f"{_percent(high)} of {more.name} {told[d.kind].format(d.name)}, against {_percent(low)} "
            f"of {less.name}{_quote(f, d.cites)}."
        )
    if not f.differences:
        lines.append("No difference between the two is beyond chance.")
    return lines


def _user_profile(f: facts.UserProfile) -> list[str]:
    span = f", from {_day(f.first_time)} to {_day(f.last_time)}" if f.first_time and f.last_time else ""
    mean = (
        f", with {f.rating:.1f} stars on average against {f.rating_all:.1f} for all users"
        if f.rating is not None and f.rating_all is not None
        else ""
    )
    lines = [f"{f.user_id} wrote {_count(f.n_reviews, 'review')}{span}{mean}."]
    if f.group:
        second = (
            f"; the next nearest is {_named(f.runner_up)}, at {f.runner_up_strength:.2f}"
            if f.runner_up and f.runner_up_strength is not None
            else ""
        )
        lines.append(
            f"{f.user_id} is in {_named(f.group)}, with a membership of {f.strength:.2f}{second}."
        )
        lines += [f"What places them there{_quote(f, [n])}." for n in f.because[:2]]
    else:
        lines.append(f"{f.user_id} wrote too little to be placed in a group.")
    for t in f.topics[:3]:
        lines.append(
            f"{f.user_id} speaks of {t.name} in {_count(t.n_sentences, 'sentence')}, "
            f"{_tone(t.polarity)} on the whole{_quote(f, t.cites)}."
        )
    return lines


def _reviews_found(f: facts.ReviewsFound) -> list[str]:
    within = "".join(
        [
            f" in {_named(f.group)}" if f.group else "",
            f" by {f.user_id}" if f.user_id else "",
            f" on {f.item}" if f.item else "",
        ]
    )
    if not f.evidence:
        return [f"No review{within} speaks of {f.query}."]
    mood = f", {_tone(f.polarity)} on the whole" if f.polarity is not None and f.n_sentences else ""
    lines = (
        [f"{_count(f.n_reviews, 'review')}{within} speak{'' if f.n_reviews != 1 else 's'} of {f.query}{mood}."]
        if f.n_reviews
        else [f"No review{within} speaks plainly of {f.query}; these come nearest."]
    )
    for e in f.evidence:
        who = e.user_id or "A reviewer"
        stars = f", who gave {e.rating:g} stars," if e.rating is not None else ""
        on = f" of {e.item}" if e.item and not f.item else ""
        lines.append(f"{who}{stars} wrote{on}{_quote(f, [e.n])}.")
    return lines


def _topic_opinion(f: facts.TopicOpinion) -> list[str]:
    if not f.n_sentences:
        nearest = f" The topic nearest to it is {f.nearest_topic}." if f.nearest_topic else ""
        return [f"Nobody speaks of {f.topic} in these reviews.{nearest}"]
    people = f" by {_count(f.n_users, 'user')}" if f.n_users else ""
    shares = (
        f": {_percent(f.positive_share)} of them are clearly warm and {_percent(f.negative_share)} clearly cold"
        if f.positive_share is not None and f.negative_share is not None
        else ""
    )
    lines = [f"{f.topic} comes up in {_count(f.n_sentences, 'sentence')}{people}{shares}."]
    for g in f.groups[:4]:
        lines.append(
            f"{_percent(g.share)} of {_named(g)}, speak of it, {_tone(g.polarity)} on the whole "
            f"({g.polarity:+.2f}){_quote(f, g.cites)}."
        )
    if not f.groups:
        lines += [f"One reviewer wrote{_quote(f, [e.n])}." for e in f.evidence]
    return lines


def _sentiment_trend(f: facts.SentimentTrend) -> list[str]:
    about = f"about {f.topic}" if f.topic else "in all"
    who = f" from {_named(f.group)}" if f.group else ""
    told = [p for p in f.periods if p.n_sentences]
    if not told:
        return [f"There are no dated sentences {about}{who}."]
    total = sum(p.n_sentences for p in told)
    lines = [
        f"There are {total} dated sentences {about}{who}, from {told[0].label} to {told[-1].label}."
    ]
    solid = [p for p in told if p.n_sentences >= 10] or told
    most = max(told, key=lambda p: p.n_sentences)
    lines.append(f"Most were written in {most.label}: {_count(most.n_sentences, 'sentence')}.")
    best = max(solid, key=lambda p: p.polarity or 0)
    worst = min(solid, key=lambda p: p.polarity or 0)
    if best is not worst:
        lines.append(
            f"The mood was best in {best.label} ({best.polarity:+.2f}) and worst in {worst.label} "
            f"({worst.polarity:+.2f}, {_percent(worst.negative_share or 0)} clearly cold)."
        )
    if len(solid) > 1:
        before, last = solid[-2], solid[-1]
        moved = (last.polarity or 0) - (before.polarity or 0)
        verb = "rose" if moved > 0.05 else "fell" if moved < -0.05 else "held steady"
        lines.append(
            f"From {before.label} to {last.label} it {verb}, from {before.polarity:+.2f} to {last.polarity:+.2f}."
        )
    return lines


def _report_written(f: facts.ReportWritten) -> list[str]:
    return [f"The report on {_named(f.group)}, is written: {f.n_claims} statements, each with its source."]


def _overview(f: facts.Overview) -> list[str]:
    span = f", from {_day(f.first_time)} to {_day(f.last_time)}" if f.first_time and f.last_time else ""
    stars = f", {f.rating:.1f} stars on average" if f.rating is not None else ""
    people = f" by {f.n_users} users" if f.n_users else ""
    items = f" on {f.n_items} items" if f.n_items else ""
    lines = [f"{f.n_reviews} reviews{people}{items} are loaded{span}{stars}."]
    if f.groups:
        lines.append(
            f"They hold {_count(f.n_groups, 'group')} and {f.n_topics} topics; {f.n_without_group} users wrote "
            "too little to be placed in a group."
        )
    elif f.n_topics:
        lines.append(f"They hold {f.n_topics} topics and no groups.")
    if f.topics:
        lines.append(f"The largest topics are {'; '.join(f.topics[:5])}.")
    return lines


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


def shorten(quote: str, length: int = QUOTE_LENGTH) -> str:
    """The quote's first words, up to `length` characters, with an ellipsis where it was cut."""
    if len(quote) <= length:
        return quote
    cut = quote[:length]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:-") + " …"


def _quote(f: Facts, cites: Sequence[int]) -> str:
    if not cites:
        return ""
    n = cites[0]
    text = shorten(f.evidence[n - 1].quote).replace("“", "'").replace("”", "'").rstrip(".")
    return f": “{text}” [{n}]"


def _named(group: GroupRef, *, capital: bool = False) -> str:
    return f"{'Group' if capital else 'group'} {group.id}, {group.name}"


def _size(g: GroupCard) -> str:
    return f"{_count(g.n_users, 'user')} ({_percent(g.share)} of all)"


def _stars(rating: float | None) -> str:
    return "" if rating is None else f", {rating:.1f} stars on average"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 or share == 0 else f"{share:.1%}"


def _times(lift: float) -> str:
    return f"{lift:.1f} times"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _change(growth: float) -> str:
    return f"{abs(growth):.0%} {'more' if growth >= 0 else 'fewer'}"


def _tone(polarity: float) -> str:
    if polarity >= 0.25:
        return "warm"
    if polarity <= -0.25:
        return "cold"
    return "mixed"


def _one(verb: str) -> str:
    return verb.replace("speak", "speaks")


def _day(moment: Any) -> str:
    return f"{moment.day} {moment:%B %Y}"
