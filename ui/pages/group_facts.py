"""Groups as HTML: one, all, two side by side, and what each thinks of a topic."""

from __future__ import annotations

from collections.abc import Sequence

from agent import facts
from ui import plots
from ui.pages import cards
from ui.pages.cards import badge, bar, cites, count, escape, percent, stars, table, warmth
from ui.pages.palette import colour_of
from ui.wording import say

FORMATS = {"pdf": "PDF", "docx": "Word", "html": "HTML", "md": "Markdown"}


def show_profile(profile: facts.GroupProfile, place: str) -> str:
    """A group's figures, what it likes and dislikes, and what it reviews."""
    card = profile.group
    price = [(say("price_level"), f"{card.price:,.0f}")] if card.price is not None else []
    growth = [(say("reviews_lately"), cards.change(card.growth))] if card.growth is not None else []
    shown = cards.figures(
        [
            (say("users"), f"{card.n_users:,}"),
            (say("of_all"), percent(card.share)),
            (say("trust"), f"{card.trust:.2f}"),
            (say("voices"), f"{card.voices:,.0f}"),
            (say("rating"), stars(card.rating)),
            (say("warmth"), warmth(card.polarity)),
            (say("reviews_each"), f"{card.reviews_per_user:g}"),
            *price,
            *growth,
        ]
    )
    lists = "".join(
        _list_traits(title, [t for t in profile.traits if t.kind in kinds], place)
        for title, kinds in (
            (say("likes"), ("like",)),
            (say("dislikes"), ("dislike",)),
            (say("talks_about"), ("topic",)),
            (say("reviewed"), ("item", "category")),
        )
    )
    aspects = _list_aspects(profile.aspects, place) + _list_subgroups(profile, place)
    traits = (
        f'<p class="muted">{say("shares_key")}</p><div class="traits">{lists}</div>'
        if lists
        else ""
    )
    warning = cards.warn_group(card)
    return f"{badge(card)}{warning}<p>{escape(card.headline)}</p>{shown}{traits}{aspects}"


def list_groups(found: facts.GroupList) -> str:
    """All groups, with their size and words."""
    largest = max((g.share for g in found.groups), default=1.0)
    rows = [
        [
            badge(g),
            _size(g.share / largest, g),
            stars(g.rating),
            escape(", ".join(g.terms[:4])),
        ]
        for g in found.groups
    ]
    rest = f'<p class="muted">{say("n_without_group", found.n_without_group)}</p>'
    heads = [say("group"), say("users"), f"#{say('rating')}", say("words")]
    return table(heads, rows, say("groups_title")) + rest


def compare_groups(pair: facts.GroupComparison, place: str) -> str:
    """How two groups differ, topic by topic."""

    def line(name: str, first: str, second: str) -> list[str]:
        return [escape(name), first, second, ""]

    a, b = pair.first, pair.second
    rows = [
        line(say("users"), f"{a.n_users:,}", f"{b.n_users:,}"),
        line(say("rating"), stars(a.rating), stars(b.rating)),
        line(say("warmth"), warmth(a.polarity), warmth(b.polarity)),
        *(
            [
                escape(say(plots.KINDS[d.kind], name=d.name)),
                percent(d.share_first),
                percent(d.share_second),
                cites(d.cites, place),
            ]
            for d in pair.differences
        ),
    ]
    heads = [say("share_who"), f"#{a.id}", f"#{b.id}", say("quote")]
    return f"<p>{badge(a)} {badge(b)}</p>" + table(heads, rows, say("differences"))


def list_opinions(opinion: facts.TopicOpinion, place: str) -> str:
    """How warmly each group speaks of a topic."""
    shown = cards.figures(
        [
            (say("warmth"), warmth(opinion.polarity)),
            (say("positive"), percent(opinion.positive_share)),
            (say("negative"), percent(opinion.negative_share)),
        ]
    )
    no_difference = f'<br><span class="muted">{say("no_difference")}</span>'
    rows = [
        [
            badge(g),
            _size(g.share, g),
            f"{warmth(g.polarity)} {_interval(g.low, g.high)}",
            f"{warmth(g.others)}{'' if g.differs else no_difference}",
            cites(g.cites, place),
        ]
        for g in opinion.groups
    ]
    heads = [
        say("group"), say("who_speak"), say("warmth_interval"), say("the_others"), say("quote"),
    ]  # fmt: skip
    return shown + (table(heads, rows, say("opinions")) if rows else "")


def list_reports(group_ids: Sequence[int] = (), text: str = "report_in") -> str:
    """Links that download the report on these groups, or on all of them."""
    asked = "&amp;".join(f"group={group_id}" for group_id in group_ids)
    links = "".join(
        f'<a class="button" href="/download/report.{kind}{"?" if asked else ""}{asked}" download>'
        f"{say(text, format=name)}</a>"
        for kind, name in FORMATS.items()
    )
    return f'<p class="downloads">{links}</p>'


def _list_traits(title: str, traits: Sequence[facts.Trait], place: str) -> str:
    if not traits:
        return ""
    items = "".join(
        f"<li><span>{_name_trait(t)} {cites(t.cites, place)}</span>"
        f'<span class="muted">{_compare_shares(t)}</span></li>'
        for t in traits
    )
    return f"<div><h4>{title}</h4><ul>{items}</ul></div>"


def _compare_shares(trait: facts.Trait) -> str:
    return say("shares_beside", share=percent(trait.share_in), others=percent(trait.share_out))


def _name_trait(trait: facts.Trait) -> str:
    if trait.kind == "category":
        return escape(trait.name)
    return cards.item(trait.name) if trait.kind == "item" else cards.topic(trait.name)


def _list_aspects(aspects: Sequence[facts.Aspect], place: str) -> str:
    """Topics that the group feels otherwise about than the others."""
    if not aspects:
        return ""
    rows = [
        [
            f"{cards.topic(a.topic)} {cites(a.cites, place)}",
            f"{warmth(a.polarity)} {_interval(a.low, a.high)}",
            f"{a.n_users:,}",
            warmth(a.others),
            f"{a.n_others:,}",
        ]
        for a in aspects
    ]
    users = f"#{say('users')}"
    heads = [say("topic"), say("warmth_interval"), users, say("the_others"), users]
    title = say("aspects")
    return f"<h4>{title}</h4>" + table(heads, rows, title)


def _list_subgroups(profile: facts.GroupProfile, place: str) -> str:
    """The parts that the group divides into, or that it doesn't."""
    if not profile.subgroups:
        return f'<p class="muted">{say("no_subgroups")}</p>'
    parts = "".join(
        f"<details><summary><b>{escape(p.name)}</b> {count(p.n_users, 'user')} · "
        f"{say('of_the_group', share=percent(p.share))}</summary><p>{escape(p.headline)}</p>"
        f"{_list_traits(say('beside_the_rest'), p.traits, place)}</details>"
        for p in profile.subgroups
    )
    return f"<h4>{say('subgroups')}</h4>{parts}"


def _interval(low: float, high: float) -> str:
    shown = say("interval", low=f"{low:+.2f}", high=f"{high:+.2f}").replace("-", "−")
    return f'<span class="muted nowrap">{shown}</span>'


def _size(filled: float, group: facts.GroupCard | facts.GroupOpinion) -> str:
    shown = f"{group.n_users:,} · {percent(group.share)}"
    return f'<span class="nowrap">{bar(filled, colour_of(group.id))}{shown}</span>'
