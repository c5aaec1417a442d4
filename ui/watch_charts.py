"""Charts of the watch: a series beside what was expected, with its surge; what is to come; and the
same as tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from agent.claims.watch import name_subject
from agent.facts import AlertSeries, Forecast, ForecastList, Watched, WatchedPeriod
from ui.pages.palette import COLD, NEUTRAL, WARM
from ui.plots import dress, escape
from ui.timelines import PERIODS, draw_band
from ui.wording import say

EXPECTED = {"color": NEUTRAL, "width": 2, "dash": "dot"}


def chart_alert(series: AlertSeries) -> go.Figure:
    """Two panels: users who spoke, and the share of them who spoke coldly, beside what their past
    let expect; the alert's periods are shaded.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    _draw_past(figure, series.periods, series.length)
    starts = [p.start for p in series.periods]
    shares = [_divide(p.expected_negative, p.told) for p in series.periods]
    hover = say("expected")
    for row, expected in ((1, [p.expected for p in series.periods]), (2, shares)):
        figure.add_scatter(
            x=starts, y=expected, mode="lines", line=EXPECTED, name=hover,
            hovertemplate=f"{hover}: %{{y:{',.1f' if row == 1 else '.0%'}}}<extra></extra>",
            row=row, col=1,
        )  # fmt: skip
    alert = series.alert
    day = pd.Timedelta(days=1)
    figure.add_vrect(
        x0=pd.Timestamp(alert.start) - day * (3 if series.length == "week" else 0.5),
        x1=pd.Timestamp(alert.end) - day * (3 if series.length == "week" else -0.5),
        fillcolor=WARM, opacity=0.2, line_width=0, row="all", col=1,
    )  # fmt: skip
    what = _name(alert)
    title = say("chart_alert", what=what, period=say(PERIODS[series.length]))
    dress(figure, title, 400)
    _name_axes(figure)
    return figure


def chart_forecast(found: ForecastList) -> go.Figure:
    """Two panels: the last year and the next periods with their 80% intervals, volume and share of
    cold voices.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    _draw_past(figure, found.past, found.length)
    for one in found.forecasts:
        if one.periods:
            _draw_fan(figure, one, 1 if one.measure == "volume" else 2)
    what = _name(found.forecasts[0])
    title = say("chart_forecast", what=what, period=say(PERIODS[found.length]))
    dress(figure, title, 400)
    _name_axes(figure)
    return figure


def tabulate_periods(periods: Sequence[WatchedPeriod]) -> pd.DataFrame:
    """What a chart of an alert shows, a row a period."""
    return pd.DataFrame([p.model_dump() for p in periods], columns=list(WatchedPeriod.model_fields))


def tabulate_forecasts(found: ForecastList) -> pd.DataFrame:
    """What a fan shows, a row a measure and period to come."""
    return pd.DataFrame(
        [
            {"measure": one.measure, **period.model_dump()}
            for one in found.forecasts
            for period in one.periods
        ],
        columns=["measure", "start", "middle", "low", "high"],
    )


def _draw_past(figure: go.Figure, periods: Sequence[WatchedPeriod], length: str) -> None:
    starts = [p.start for p in periods]
    period, cold = say(PERIODS[length]), say("spoke_coldly_hover", users="%{customdata}")
    figure.add_bar(
        x=starts, y=[p.voices for p in periods], marker={"color": NEUTRAL, "opacity": 0.7},
        hovertemplate=f"{period} %{{x|%Y-%m-%d}}: %{{y:,}} {say('users')}<extra></extra>",
        row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=starts, y=[_divide(p.negative, p.told) for p in periods], mode="lines+markers",
        line={"color": COLD, "width": 1.5}, marker={"size": 4},
        customdata=[say("users_of", p.negative, all=p.told) for p in periods],
        hovertemplate=f"{cold} (%{{y:.0%}})<extra></extra>",
        row=2, col=1,
    )  # fmt: skip


def _draw_fan(figure: go.Figure, one: Forecast, row: int) -> None:
    starts = [p.start for p in one.periods]
    colour = WARM if row == 1 else COLD
    lows, highs = [p.low for p in one.periods], [p.high for p in one.periods]
    figure.add_trace(draw_band(starts, lows, highs, colour), row=row, col=1)
    shown = ",.0f" if row == 1 else ".0%"
    figure.add_scatter(
        x=starts, y=[p.middle for p in one.periods], mode="lines+markers",
        line={"color": colour, "width": 2}, customdata=[[p.low, p.high] for p in one.periods],
        hovertemplate=f"%{{x|%Y-%m-%d}}: %{{y:{shown}}} (80%: %{{customdata[0]:{shown}}} – "
        f"%{{customdata[1]:{shown}}})<extra></extra>",
        row=row, col=1,
    )  # fmt: skip


def _name(watched: Watched) -> str:
    whole = watched.topic is None and watched.item is None and watched.group is None
    return say("all_reviews") if whole else escape(name_subject(watched))


def _name_axes(figure: go.Figure) -> None:
    figure.update_yaxes(title=say("users"), rangemode="tozero", row=1, col=1)
    figure.update_yaxes(
        title=say("of_them_cold"), rangemode="tozero", tickformat=".0%", row=2, col=1
    )


def _divide(part: float | None, whole: int) -> float | None:
    return part / whole if part is not None and whole else None
