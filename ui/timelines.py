"""Charts over time: volume and warmth, and the sizes of groups, with 95% intervals as bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from agent.facts import GroupRef, GroupSizes, Period, SentimentTrend
from tools.profiling.traits import SIGNIFICANT
from ui.pages.palette import NEUTRAL, WARM, colour_of, tone_of
from ui.plots import INK, dress, escape, shorten
from ui.wording import say

# Bands of periods with fewer users do not widen the axis: they run out of the frame.
WIDENING = 5
# Of fewer active users a share says nothing, and would stretch the axis to 100%.
MIN_ACTIVE = 10
PERIODS = {
    "day": "period_day",
    "week": "period_week",
    "month": "period_month",
    "quarter": "period_quarter",
}


def chart_trend(trend: SentimentTrend) -> go.Figure:
    """Two panels over time: sentences a period, pale where it is unfinished, and their mean
    polarity in its interval, with a large point where it stands out from all other periods.
    """
    starts = [p.start for p in trend.periods]
    labels = [p.label for p in trend.periods]
    colour = colour_of(trend.group.id) if trend.group else WARM
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    figure.add_bar(
        x=starts,
        y=[p.n_sentences for p in trend.periods],
        marker={
            "color": NEUTRAL,
            "opacity": [0.4 if label == trend.unfinished else 1.0 for label in labels],
        },
        customdata=[
            f"{label}, {say('unfinished')}" if label == trend.unfinished else label
            for label in labels
        ],
        hovertemplate=f"%{{customdata}}: %{{y:,}} {say('sentences')}<extra></extra>",
        row=1,
        col=1,
    )
    lows, highs = ([getattr(p, f"polarity_{s}") for p in trend.periods] for s in ("low", "high"))
    figure.add_trace(draw_band(starts, lows, highs, colour), row=2, col=1)
    figure.add_scatter(
        x=starts,
        y=[p.polarity for p in trend.periods],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={
            "size": [11 if _stands_out(p) else 6 for p in trend.periods],
            "color": [tone_of(p.polarity) for p in trend.periods],
        },
        customdata=[_tell_warmth(p) for p in trend.periods],
        hovertemplate="%{customdata}<extra></extra>",
        row=2,
        col=1,
    )
    period = say(PERIODS[trend.period])
    title = say("chart_trend", subject=_tell_subject(trend), period=period)
    dress(figure, title, 380)
    figure.update_yaxes(title=say("sentences"), rangemode="tozero", row=1, col=1)
    figure.update_yaxes(
        title=say("warmth_band"),
        range=_frame(trend.periods),
        zeroline=True,
        zerolinecolor=INK,
        row=2,
        col=1,
    )
    return figure


def chart_group_sizes(sizes: GroupSizes, chosen: GroupRef) -> go.Figure:
    """Lines: each group's share of the users who wrote in a period, with gaps where under 10 did,
    from the first period in which more did; the chosen group's in its band.
    """
    solid = [n >= MIN_ACTIVE for n in sizes.n_active]
    drawn = slice(solid.index(True) if any(solid) else 0, None)
    starts, solid = sizes.starts[drawn], solid[drawn]
    figure = go.Figure()
    ordered = sorted(sizes.groups, key=lambda g: g.id == chosen.id)  # the chosen one on top
    for group in ordered:
        own = group.id == chosen.id
        if own:
            low, high = (_keep(v[drawn], solid) for v in (group.low, group.high))
            figure.add_trace(draw_band(starts, low, high, colour_of(group.id)))
        figure.add_scatter(
            x=starts,
            y=_keep(group.share[drawn], solid),
            mode="lines+markers",
            name=str(group.id),
            legendrank=group.id,
            opacity=1.0 if own else 0.5,
            line={"color": colour_of(group.id), "width": 3 if own else 1.2},
            marker={"size": 6 if own else 3},
            customdata=[
                f"{escape(f'{group.id} {group.name}')}<br>{label}: {say('users_of', n, all=of)}"
                for label, n, of in zip(
                    sizes.labels[drawn], group.n_users[drawn], sizes.n_active[drawn], strict=True
                )
            ],
            hovertemplate="%{customdata} (%{y:.0%})<extra></extra>",
        )
    title = say("chart_sizes", group=chosen.id, period=say(PERIODS[sizes.period]))
    dress(figure, title, 380)
    legend = {"orientation": "h", "y": -0.1, "yanchor": "top", "entrywidth": 24}
    figure.update_layout(showlegend=True, legend=legend)
    figure.update_yaxes(title=say("active_band"), tickformat=".0%", rangemode="tozero")
    return figure


def draw_band(
    starts: Sequence[datetime],
    lows: Sequence[float | None],
    highs: Sequence[float | None],
    colour: str,
) -> go.Scatter:
    """A band between the bounds, broken where there are none; a lone period's is a line."""
    x: list[datetime | None] = []
    y: list[float | None] = []
    for run in _find_runs(lows):
        x += [*starts[run], *reversed(starts[run]), starts[run.start], None]
        y += [*lows[run], *reversed(highs[run]), lows[run.start], None]
    return go.Scatter(
        x=x,
        y=y,
        fill="toself",
        mode="lines",
        opacity=0.22,
        line={"color": colour, "width": 1},
        fillcolor=colour,
        hoverinfo="skip",
        showlegend=False,
    )


def _keep(values: Sequence[float | None], kept: Sequence[bool]) -> list[float | None]:
    return [value if keep else None for value, keep in zip(values, kept, strict=True)]


def _find_runs(bounds: Sequence[float | None]) -> Iterator[slice]:
    """Stretches without a gap."""
    start = 0
    for place, bound in enumerate([*bounds, None]):
        if bound is None:
            if place > start:
                yield slice(start, place)
            start = place + 1


def _frame(periods: Sequence[Period]) -> list[float] | None:
    known = [p for p in periods if p.polarity is not None]
    ends = [p.polarity or 0.0 for p in known]
    for p in known:
        if p.n_users >= WIDENING and p.polarity_low is not None and p.polarity_high is not None:
            ends += [p.polarity_low, p.polarity_high]
    if not ends:
        return None
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.08 * max(high - low, 0.1)
    return [low - room, high + room]


def _stands_out(p: Period) -> bool:
    return p.q is not None and p.q < SIGNIFICANT


def _tell_warmth(p: Period) -> str:
    if p.polarity is None:
        return p.label
    told = f"{p.label}: {say('warmth')} {p.polarity:+.2f}"
    if p.polarity_low is not None and p.polarity_high is not None:
        low, high = f"{p.polarity_low:+.2f}", f"{p.polarity_high:+.2f}"
        told += f" ({say('interval', low=low, high=high)})"
    if _stands_out(p):
        told += f"<br>{say('stands_out', others=f'{p.others:+.2f}')}"
    return told.replace("-", "−")


def _tell_subject(trend: SentimentTrend) -> str:
    subject = f"“{escape(shorten(trend.topic))}”" if trend.topic else say("all_sentences")
    if trend.group is None:
        return subject
    return say("subject_in_group", subject=subject, group=trend.group.id)
