"""Groups as sentences: all of them, one, and two beside each other."""

from __future__ import annotations

from agent import facts
from agent.facts import Stance, Trait
from agent.phrases import (
    compare_warmth,
    count,
    name_group,
    percent,
    quote_source,
    tell_change,
    tell_rating,
    tell_size,
    tell_trust,
    tell_unplaced,
)
from tools.profiling.profiles import LOUD

ASPECTS_SHOWN = 3
BRIDGES_SHOWN = 2
DEEDS = {
    "topic": "talk about",
    "like": "speak warmly of",
    "dislike": "speak coldly of",
    "item": "reviewed",
    "category": "reviewed the category",
}
TRAITS_SHOWN = {"topic": 3, "like": 2, "dislike": 2, "item": 2, "category": 2}


def tell_groups(f: facts.GroupList) -> list[str]:
    """The groups in the order asked for, with size and whether to rely on them."""
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
        shaky = "" if g.trusted else f", {tell_trust(g)}"
        lines.append(
            f"{name_group(g, capital=True)}: {tell_size(g)}{tell_rating(g.rating)}{growth}{shaky}."
        )
    if f.n_without_group:
        lines.append(f"{tell_unplaced(f.n_without_group)}.")
    return lines


def tell_group(f: facts.GroupProfile) -> list[str]:
    """A group's size, whether to rely on it, and what sets it apart."""
    g = f.group
    lines = [
        f"{name_group(g, capital=True)}, has {tell_size(g)}, {g.n_reviews} "
        f"reviews{tell_rating(g.rating)}."
    ]
    lines.append(f"{name_group(g, capital=True)}, is {tell_trust(g)}.")
    if g.top_user_share > LOUD:
        lines.append(f"One user wrote {percent(g.top_user_share)} of the group's sentences.")
    for kind, n in TRAITS_SHOWN.items():
        lines += [_trait_line(f, t) for t in [t for t in f.traits if t.kind == kind][:n]]
    lines += [_aspect_line(f, a) for a in f.aspects[:ASPECTS_SHOWN]]
    lines += [line for part in f.subgroups for line in _subgroup_lines(f, part)]
    if not f.traits and not f.aspects:
        lines.append("Nothing sets this group clearly apart from the others.")
    return lines


def tell_group_feelings(f: facts.GroupProfile, asked: Stance) -> list[str]:
    """What more of a group's users like or dislike than of the others, and feel otherwise about."""
    kind, way = ("like", "warmly") if asked == "likes" else ("dislike", "coldly")
    lines = [_trait_line(f, t) for t in f.traits if t.kind == kind]
    if not lines:
        lines = [
            f"There is nothing that clearly more users of {name_group(f.group)}, speak {way} of "
            "than of the others."
        ]
    warmer = asked == "likes"
    lines += [_aspect_line(f, a) for a in f.aspects if (a.polarity > a.others) == warmer]
    if not f.group.trusted:
        lines.append(f"{name_group(f.group, capital=True)}, is {tell_trust(f.group)}.")
    return lines


def _aspect_line(f: facts.GroupProfile, a: facts.Aspect) -> str:
    return (
        f"Its warmth about {a.topic} is {compare_warmth(a.polarity, a.others)}"
        f"{quote_source(f, a.cites)}."
    )


def _subgroup_lines(f: facts.GroupProfile, part: facts.Subgroup) -> list[str]:
    size = f"{count(part.n_users, 'user')} ({percent(part.share)} of the group)"
    lines = [f"Within it, subgroup {part.name} has {size}."]
    for t in part.traits[:1]:
        lines.append(
            f"{percent(t.share_in)} of subgroup {part.name} {DEEDS[t.kind]} {t.name}, against "
            f"{percent(t.share_out)} of the rest of the group{quote_source(f, t.cites)}."
        )
    return lines


def _trait_line(f: facts.GroupProfile, t: Trait) -> str:
    return (
        f"{percent(t.share_in)} of its users {DEEDS[t.kind]} {t.name}, against "
        f"{percent(t.share_out)} of the others{quote_source(f, t.cites)}."
    )


def tell_comparison(f: facts.GroupComparison) -> list[str]:
    """Two groups' sizes, and what they do in different shares."""
    a, b = f.first, f.second
    lines = [
        f"{name_group(a, capital=True)}, has {tell_size(a)}{tell_rating(a.rating)}; "
        f"{name_group(b)}, has {tell_size(b)}{tell_rating(b.rating)}."
    ]
    lines += [
        f"{name_group(g, capital=True)}, is {tell_trust(g)}." for g in (a, b) if not g.trusted
    ]
    for d in f.differences:
        more, less = (a, b) if d.share_first >= d.share_second else (b, a)
        high, low = sorted((d.share_first, d.share_second), reverse=True)
        lines.append(
            f"{percent(high)} of {more.name} {DEEDS[d.kind]} {d.name}, against "
            f"{percent(low)} of {less.name}{quote_source(f, d.cites)}."
        )
    if not f.differences:
        lines.append("No difference between the two is beyond chance.")
    for bridge in f.likeness.bridges[:BRIDGES_SHOWN]:
        verb = "like" if bridge.kind == "item" else "speak warmly of"
        lines.append(
            f"Both {verb} {bridge.name} more than everyone does: {count(bridge.n_first, 'user')} "
            f"of {a.name} and {bridge.n_second} of {b.name}."
        )
    if not f.likeness.bridges:
        lines.append("Nothing is liked clearly more by both than by everyone.")
    return lines
