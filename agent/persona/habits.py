"""How a group behaves, as its report says it: activity, concentration of voices, stars."""

from __future__ import annotations

import pandas as pd

from agent.persona.group import Group
from agent.persona.parts import (
    Block,
    Contrast,
    Contrasts,
    Note,
    Period,
    Statement,
    Timeline,
    tell_count,
    tell_part,
)
from agent.phrases import tell_day

MAX_BARS, MAX_STARS = 30, 10
MIN_BEFORE = 5


def tell_habits(g: Group) -> list[Block]:
    """How much and how evenly they write, when, and what stars they give."""
    written = g.members["n_reviews"]
    plural = "" if written.median() == 1 else "s"
    blocks: list[Block] = [
        Statement(
            f"The median of the {tell_count(g.n_inside, 'user')} wrote {written.median():g} "
            f"review{plural}, the least active {written.min():,}, the most active "
            f"{written.max():,}."
        ),
        *_tell_concentration(g),
    ]
    dated = g.own_reviews.dropna(subset=["time"])
    if dated.empty:
        blocks.append(Note("Their reviews have no dates, so activity over time cannot be told."))
    else:
        blocks += _tell_activity(g, dated)
    stars = _contrast_stars(g)
    return [*blocks, stars] if stars.rows else blocks


def _tell_concentration(g: Group) -> list[Block]:
    said = g.members.sort_values(["n_sentences", "user_id"], ascending=[False, True])
    running, total = said["n_sentences"].cumsum(), int(said["n_sentences"].sum())
    n_half = int((running < total / 2).sum()) + 1
    loudest = said.iloc[0]
    five = f"; the five most talkative wrote {tell_part(int(running.iloc[4]), total)}"
    return [
        Statement(
            f"The most talkative user, {loudest['user_id']}, wrote "
            f"{tell_part(int(loudest['n_sentences']), total, 'sentences')}"
            f"{five if len(said) > 5 else ''}."
        ),
        Statement(f"Half of their sentences come from {tell_part(n_half, g.n_inside, 'users')}."),
    ]


def _tell_activity(g: Group, dated: pd.DataFrame) -> list[Block]:
    everyone = g.reviews.dropna(subset=["time"])
    code, name = _choose_period(dated["time"])
    own = dated.groupby(dated["time"].dt.to_period(code)).agg(n=("user_id", "size"))
    own["rating"] = dated.groupby(dated["time"].dt.to_period(code))["rating"].mean()
    total = everyone.groupby(everyone["time"].dt.to_period(code)).size()
    span = pd.period_range(own.index.min(), own.index.max(), freq=code)
    periods = tuple(
        Period(
            label=_label(period),
            inside=int(own["n"].get(period, 0)),
            everyone=int(total.get(period, 0)),
            rating=None if pd.isna(own["rating"].get(period)) else float(own["rating"][period]),
        )
        for period in span
    )
    busiest = own["n"].idxmax()
    blocks: list[Block] = [
        Statement(
            f"Their first review is from {tell_day(dated['time'].min())}, their last from "
            f"{tell_day(dated['time'].max())}."
        ),
        Statement(
            f"Their busiest {name} is {_label(busiest, full=True)}, with "
            f"{tell_part(int(own['n'].max()), len(dated), 'dated reviews')}."
        ),
    ]
    if recent := _tell_growth(g):
        blocks.append(recent)
    share = len(dated) / len(everyone)
    note = (
        f"The group wrote {tell_part(len(dated), len(everyone), 'dated reviews')}. The first and "
        f"the last {name} may be incomplete."
    )
    return [*blocks, Timeline(f"Reviews by {name}", periods, share, note)]


def _choose_period(times: pd.Series[pd.Timestamp]) -> tuple[str, str]:
    for code, name in (("M", "month"), ("Q", "quarter")):
        spanned = times.max().to_period(code).ordinal - times.min().to_period(code).ordinal + 1
        if spanned <= MAX_BARS:
            return code, name
    return "Y", "year"


def _label(period: pd.Period, *, full: bool = False) -> str:
    if period.freqstr.startswith("M"):
        return f"{period.start_time:%B %Y}" if full else f"{period.start_time:%b %Y}"
    return f"Q{period.quarter} {period.year}" if period.freqstr[0] == "Q" else str(period.year)


def _tell_growth(g: Group) -> Statement | None:
    known = g.reviews.dropna(subset=["time", "user_id"])
    last = known["time"].max()
    recent = known[known["time"] > last - pd.Timedelta(days=90)]
    rest = known[known["time"] <= last - pd.Timedelta(days=90)]
    before = rest[rest["time"] > last - pd.Timedelta(days=180)]
    now, then = (int(f["inside"].fillna(False).sum()) for f in (recent, before))
    if then < MIN_BEFORE:
        return None
    return Statement(
        f"In the last 90 days of the data they wrote {tell_count(now, 'review')}, "
        f"{_change(now, then)} the {then:,} of the 90 days before; all users wrote "
        f"{len(recent):,}, {_change(len(recent), len(before))} {len(before):,}."
    )


def _change(now: int, then: int) -> str:
    if now == then:
        return "as many as"
    return f"{abs(now / then - 1):.0%} {'more' if now > then else 'fewer'} than"


def _contrast_stars(g: Group) -> Contrasts:
    own, others = g.own_reviews["rating"].dropna(), g.other_reviews["rating"].dropna()
    values = sorted({*own.unique(), *others.unique()}, reverse=True)
    shown = values if len(own) and len(values) <= MAX_STARS else []
    return Contrasts(
        "Stars they give",
        "Stars",
        "reviews",
        tuple(
            Contrast(
                f"{value:g} star{'' if value == 1 else 's'}",
                int((own == value).sum()),
                len(own),
                int((others == value).sum()),
                len(others),
            )
            for value in shown
        ),
        note="Of all reviews with stars.",
    )
