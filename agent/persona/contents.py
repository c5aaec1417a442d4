"""From a workspace to what a persona report says of one group, every figure with its counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from agent.facts import GroupCard
from agent.persona.aspects import tell_aspects
from agent.persona.group import Group, open_group
from agent.persona.habits import tell_habits
from agent.persona.method import tell_cautions, tell_certainty
from agent.persona.parts import (
    Block,
    Chapter,
    Note,
    Section,
    Statement,
    Table,
    Tile,
    Voices,
    tell_chance,
    tell_count,
    tell_part,
    tell_price,
    tell_share,
)
from agent.persona.traits import contrast_kind, contrast_words, pick_voices
from agent.use_cases import Tribune
from tools.profiling.traits import SIGNIFICANT, adjust

TYPICAL = 5
MIN_TESTED = 3


def gather_chapter(tribune: Tribune, card: GroupCard, anchor: str = "") -> Chapter:
    """All that a report says of a group."""
    g = open_group(tribune, card)
    talk = contrast_kind(g, "topic")
    love, hate = contrast_kind(g, "like"), contrast_kind(g, "dislike")
    less = contrast_kind(g, "less")
    items, categories = contrast_kind(g, "item"), contrast_kind(g, "category")
    told = [
        row.cite
        for block, n in ((talk, 3), (love, 1), (hate, 1))
        for row in block.rows[:n]
        if row.cite is not None and row.q is not None and row.q < SIGNIFICANT
    ]
    shown = (b for b in (talk, love, hate, less) if b.rows)
    opinions: tuple[Block, ...] = (*shown, *tell_aspects(g))
    if not opinions:
        opinions = (Note("No topic sets this group apart from the others beyond chance."),)
    voices = Voices(tuple(pick_voices(g)))
    sections = [
        Section("Who they are", _tell_who(g)),
        Section("What they love and hate", opinions),
        Section("How they behave", (*tell_habits(g), *(b for b in (categories, items) if b.rows))),
        Section("In their words", (voices,)) if voices.quotes else None,
        Section("How sure we are", tell_certainty(g)),
    ]
    return Chapter(
        over=f"Persona report, group {g.card.id}",
        title=g.card.name,
        anchor=anchor,
        headline=Statement(g.card.headline, tuple(dict.fromkeys(told))),
        tiles=tuple(_tell_tiles(g)),
        cautions=tuple(tell_cautions(g)),
        sections=tuple(s for s in sections if s),
        sources=tuple(g.citations.evidence()),
    )


def _tell_tiles(g: Group) -> list[Tile]:
    counts = g.tribune.manifest["counts"]
    card = g.card
    tiles = [
        Tile("Users", f"{card.n_users:,}", f"{tell_share(card.share)} of {counts['users']:,}"),
        Tile(
            "Reviews",
            f"{card.n_reviews:,}",
            f"{tell_share(card.n_reviews / counts['reviews'])} of {counts['reviews']:,}",
        ),
        Tile(
            "Reviews each",
            f"{g.members['n_reviews'].mean():.1f}",
            f"{g.others['n_reviews'].mean():.1f} among the others" if g.n_outside else "on average",
        ),
    ]
    if card.rating is not None:
        theirs = g.other_reviews["rating"].mean()
        tiles.append(Tile("Stars on average", f"{card.rating:.2f}", _beside(theirs, "{:.2f}")))
    if card.price is not None:
        theirs = g.others["price"].mean()
        beside = "" if pd.isna(theirs) else f"{tell_price(theirs)} among the others"
        tiles.append(Tile("Price level", tell_price(card.price), beside))
    loudest = tell_share(card.top_user_share)
    tiles.append(Tile("Loudest voice", loudest, "of their sentences"))
    return tiles


def _beside(value: float, form: str) -> str:
    return "" if pd.isna(value) else f"{form.format(value)} among the others"


def _tell_who(g: Group) -> tuple[Block, ...]:
    counts = g.tribune.manifest["counts"]
    groups = g.tribune.list_groups().groups
    larger = sum(card.n_users > g.card.n_users for card in groups)
    place = "the largest" if not larger else f"number {larger + 1} by size"
    n_sentences = int(g.members["n_sentences"].sum())
    blocks: list[Block] = [
        Statement(
            f"{tell_part(g.n_inside, counts['users'], 'users')} are in this group, {place} of "
            f"{tell_count(len(groups), 'group')}."
        ),
        Statement(
            f"They wrote {tell_part(g.card.n_reviews, counts['reviews'], 'reviews')} and "
            f"{tell_part(n_sentences, counts['sentences'], 'sentences')}."
        ),
        Note(
            f"“The others” are the {tell_count(g.n_outside, 'user')} of the other groups. "
            f"Users of no group ({counts['users_without_group']:,}) count only where it says "
            "“everyone”."
        ),
        Table(
            "Beside the others and everyone",
            ("", "This group", "The others", "Everyone", "Against the others", ""),
            tuple(_compare_measures(g)),
        ),
    ]
    words = contrast_words(g)
    if words.rows:
        blocks.append(words)
    blocks.append(_list_typical(g))
    return tuple(blocks)


def _compare_measures(g: Group) -> list[tuple[str, ...]]:
    """Rows of means with what they were taken over, and a test over users' own values."""
    measures = [
        ("Reviews per user", "n_reviews", "{:.1f}", _weigh(g, "n_reviews", "users")),
        ("Stars", "rating", "{:.2f}", _weigh(g, "rating", "reviews")),
        ("Price of items", "price", "", _weigh(g, "price", "users")),
        ("Warmth, −1 to 1", "polarity", "{:+.2f}", _weigh(g, "polarity", "sentences")),
    ]
    known = [m for m in measures if m[3][0][1]]
    tests = [_test_measure(g, column) for _, column, _, _ in known]
    tested = np.array([p for p, _ in tests if p is not None])
    qs = iter(adjust(tested))
    rows = []
    for (label, _, form, cells), (p, side) in zip(known, tests, strict=True):
        told = [f"{_form(mean, form)} ({n:,} {unit})" if n else "–" for mean, n, unit in cells]
        rows.append((label, *told, *_judge(None if p is None else float(next(qs)), side)))
    return rows


def _weigh(g: Group, column: str, unit: str) -> list[tuple[float, int, str]]:
    """Mean, number and unit of a measure, for the group, the others and everyone."""
    if unit == "sentences":
        found = g.tribune.table.query(
            """SELECT avg(polarity) FILTER (group_id = ?), count(*) FILTER (group_id = ?),
                      avg(polarity) FILTER (group_id <> ?), count(*) FILTER (group_id <> ?),
                      avg(polarity), count(*) FROM sentences""",
            [g.card.id] * 4,
        ).iloc[0]
        return [(float(found.iloc[i]), int(found.iloc[i + 1]), unit) for i in (0, 2, 4)]
    frames = (
        (g.own_reviews, g.other_reviews, g.reviews)
        if unit == "reviews"
        else (g.members, g.others, g.everyone)
    )
    return [(float(f[column].mean()), int(f[column].notna().sum()), unit) for f in frames]


def _form(value: float, form: str) -> str:
    return form.format(value) if form else tell_price(value)


def _test_measure(g: Group, column: str) -> tuple[float | None, float]:
    """Two-sided Mann–Whitney p over users' values, and which side ranks higher."""
    a, b = (f[column].dropna().to_numpy(dtype=np.float64) for f in (g.members, g.others))
    if min(len(a), len(b)) < MIN_TESTED:
        return None, 0.0
    if np.ptp(np.concatenate([a, b])) == 0:
        return 1.0, 0.0
    test = stats.mannwhitneyu(a, b, alternative="two-sided", method="asymptotic")
    return float(test.pvalue), float(test.statistic) - len(a) * len(b) / 2


def _judge(q: float | None, side: float) -> tuple[str, str]:
    if q is None:
        return "too few to test", ""
    sure = "higher" if side > 0 else "lower"
    return sure if q < SIGNIFICANT else "may be chance", tell_chance(q)


def _list_typical(g: Group) -> Table:
    best = g.members.sort_values(["strength", "user_id"], ascending=[False, True]).head(TYPICAL)
    return Table(
        "The most typical members",
        ("User", "Membership", "Reviews", "Stars"),
        tuple(
            (
                str(user["user_id"]),
                f"{user['strength']:.2f}",
                f"{user['n_reviews']:,}",
                "–" if pd.isna(user["rating"]) else f"{user['rating']:.1f}",
            )
            for _, user in best.iterrows()
        ),
    )
