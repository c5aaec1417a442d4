"""Facts and frames as charts. Backgrounds are transparent, text is a grey that reads on light and
dark (the app's stylesheet sets it to the page's own colour), every title says what is shown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from agent.facts import (
    GroupComparison,
    GroupRef,
    GroupRelations,
    TopicOpinion,
    Trait,
    UsersFound,
)
from ui.pages.palette import COLD, NEUTRAL, WARM, colour_of, shape_of, tone_of
from ui.wording import say

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
INK = "#7c858f"
GRID = "rgba(128, 134, 142, 0.22)"
BAR = 26
# Beyond this many points SVG gets slow in the browser; WebGL does not.
SVG_POINTS = 3000
KINDS = {
    "topic": "kind_topic",
    "like": "kind_like",
    "dislike": "kind_dislike",
    "item": "kind_item",
    "category": "kind_category",
}
FOUND = {
    "likes": "chart_found_likes",
    "dislikes": "chart_found_dislikes",
    "any": "chart_found_any",
}


def map_users(users: pd.DataFrame, groups: Sequence[GroupRef], n_users: int) -> go.Figure:
    """Scatter of users. users: user_id, x, y, group_id (null: no group); all of the n_users there
    are, or a sample of them.
    """
    scatter = go.Scatter if len(users) <= SVG_POINTS else go.Scattergl
    figure = go.Figure()
    loners = users[users["group_id"].isna()]
    for group, rows in [
        (None, loners),
        *((g, users[users["group_id"].eq(g.id).fillna(False)]) for g in groups),
    ]:
        number = group.id if group else None
        label = f"{group.id} {group.name}" if group else say("no_group")
        figure.add_trace(
            scatter(
                x=rows["x"],
                y=rows["y"],
                mode="markers",
                name=escape(label),
                customdata=rows["user_id"].map(escape),
                hovertemplate=f"%{{customdata}}<br>{escape(label)}<extra></extra>",
                marker={
                    "color": colour_of(number),
                    "symbol": shape_of(number),
                    "size": 8 if group else 5,
                    "opacity": 0.9 if group else 0.45,
                    "line": {"width": 0.6, "color": "rgba(255, 255, 255, 0.65)"},
                },
            )
        )
    title = say("chart_map")
    if len(users) < n_users:
        title = say("chart_map_sample", shown=len(users), all=n_users)
    middles = users.dropna(subset=["group_id"]).groupby("group_id")[["x", "y"]].median()
    figure.add_trace(
        go.Scatter(
            x=middles["x"],
            y=middles["y"],
            text=[f"<b>{number}</b>" for number in middles.index],
            mode="text",
            hoverinfo="skip",
            showlegend=False,
            textfont={"size": 15},
        )
    )
    dress(figure, title, 460)
    hidden = {"visible": False, "showgrid": False, "zeroline": False}
    figure.update_layout(
        showlegend=True,
        xaxis=hidden,
        yaxis=hidden,
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
    )
    return figure


def chart_traits(group: GroupRef, traits: Sequence[Trait]) -> go.Figure:
    """Bars: how many times more of the group's users do a thing than of all other groups' users."""
    labels = [_wrap(say(KINDS[t.kind], name=t.name)) for t in traits]
    hover = say("here_elsewhere", share="%{customdata[0]}", others="%{customdata[1]}")
    figure = go.Figure(
        go.Bar(
            x=[t.lift for t in traits],
            y=labels,
            orientation="h",
            marker={"color": colour_of(group.id)},
            text=[f"{t.lift:g}×" for t in traits],
            textposition="outside",
            cliponaxis=False,
            customdata=[[f"{t.share_in:.0%}", f"{t.share_out:.0%}"] for t in traits],
            hovertemplate=f"{hover}<extra></extra>",
        )
    )
    dress(figure, say("chart_traits", group=escape(group.name)), _height(labels))
    figure.update_xaxes(title=say("times_elsewhere"), range=_leave_room(t.lift for t in traits))
    figure.add_vline(x=1, line={"color": NEUTRAL, "dash": "dot", "width": 1}, layer="below")
    _list_downwards(figure)
    return figure


def chart_group_lifts(found: UsersFound) -> go.Figure:
    """Bars: how over-represented each group is among the users found."""
    labels = [_wrap(f"{g.id} {g.name}") for g in found.groups]
    figure = go.Figure(
        go.Bar(
            x=[g.lift for g in found.groups],
            y=labels,
            orientation="h",
            marker={"color": [colour_of(g.id) for g in found.groups]},
            text=[f"{g.lift:.1f}× · {g.n_users:,}" for g in found.groups],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:.2f}} {say('times_usual_hover')}<extra></extra>",
        )
    )
    title = say(FOUND[found.stance], topic=escape(shorten(found.topic)))
    dress(figure, title, _height(labels))
    figure.update_xaxes(title=say("times_usual"), range=_leave_room(g.lift for g in found.groups))
    figure.add_vline(x=1, line={"color": NEUTRAL, "dash": "dot", "width": 1}, layer="below")
    _list_downwards(figure)
    return figure


def chart_comparison(pair: GroupComparison) -> go.Figure:
    """Paired bars: the share of each group's users that do a thing."""
    labels = [_wrap(say(KINDS[d.kind], name=d.name)) for d in pair.differences]
    figure = go.Figure()
    shares = (
        (pair.first, [d.share_first for d in pair.differences]),
        (pair.second, [d.share_second for d in pair.differences]),
    )
    for group, values in shares:
        figure.add_bar(
            x=values,
            y=labels,
            orientation="h",
            name=escape(f"{group.id} {group.name}"),
            marker={"color": colour_of(group.id)},
            text=[f"{v:.0%}" for v in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x:.0%}<extra>%{fullData.name}</extra>",
        )
    dress(figure, say("chart_pair"), _height(labels, bars=2), legend=2)
    figure.update_layout(barmode="group")
    _show_legend(figure)
    figure.update_xaxes(title=say("share_of_group"), tickformat=".0%", range=[0, 1.15])
    _list_downwards(figure)
    return figure


def chart_opinions(opinion: TopicOpinion) -> go.Figure:
    """Bars from cold to warm: the mean polarity of each group's sentences about a topic."""
    ranked = sorted(opinion.groups, key=lambda g: -g.polarity)
    labels = [_wrap(f"{g.id} {g.name}") for g in ranked]
    figure = go.Figure(
        go.Bar(
            x=[g.polarity for g in ranked],
            y=labels,
            orientation="h",
            marker={"color": [tone_of(g.polarity) for g in ranked]},
            text=[f"{g.polarity:+.2f} · {g.n_users:,}" for g in ranked],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: {say('warmth')} %{{x:+.2f}}<extra></extra>",
        )
    )
    title = say("chart_opinions", topic=escape(shorten(opinion.topic)))
    dress(figure, title, _height(labels))
    ends = [min(0.0, ranked[-1].polarity), max(0.0, ranked[0].polarity)]
    room = 0.7 * (ends[1] - ends[0])  # for the labels beyond the bars
    figure.update_xaxes(
        title=say("warmth_users"),
        range=[e + room * ((e > 0) - (e < 0)) for e in ends],
        zeroline=True,
        zerolinecolor=INK,
    )
    _list_downwards(figure)
    return figure


def chart_group_counts(curve: Mapping[str, Mapping[str, float]], chosen: int) -> go.Figure:
    """Lines: separation and stability of each number of groups that was tried."""
    counts = [int(k) for k in curve]
    figure = go.Figure()
    for name, colour, dash in (("stability", WARM, "solid"), ("separation", COLD, "dash")):
        figure.add_scatter(
            x=counts,
            y=[trial[name] for trial in curve.values()],
            mode="lines+markers",
            name=say(name),
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 5},
            hovertemplate=f"%{{x}}: {say(name)} %{{y:.2f}}<extra></extra>",
        )
    dress(figure, say("chart_counts", chosen=chosen), 270, legend=1)
    _show_legend(figure)
    figure.update_xaxes(title=say("number_of_groups"))
    figure.update_yaxes(title=say("higher_better"), rangemode="tozero")
    figure.add_vline(x=chosen, line={"color": INK, "dash": "dot", "width": 1}, layer="below")
    return figure


def chart_group_relations(relations: GroupRelations) -> go.Figure:
    """How alike each pair of groups is, as a square of cosines; what bridges them on hovering."""
    groups = relations.groups
    place = {group.id: row for row, group in enumerate(groups)}
    cosines: list[list[float | None]] = [[None] * len(groups) for _ in groups]
    told = [[""] * len(groups) for _ in groups]
    for pair in relations.pairs:
        known = [c for c in (pair.items_alike, pair.topics_alike) if c is not None]
        bridges = ", ".join(bridge.name for bridge in pair.bridges) or say("nothing_clearly")
        for row, column in ((pair.first.id, pair.second.id), (pair.second.id, pair.first.id)):
            cosines[place[row]][place[column]] = sum(known) / len(known) if known else None
            told[place[row]][place[column]] = escape(bridges)
    both = say("both", names="%{customdata}")
    names = [escape(f"{group.id} {group.name}") for group in groups]
    reach = max((abs(c) for row in cosines for c in row if c is not None), default=1.0)
    figure = go.Figure(
        go.Heatmap(
            z=cosines,
            x=names,
            y=names,
            customdata=told,
            zmin=-reach,
            zmax=reach,
            colorscale=[[0, COLD], [0.5, "rgba(128, 134, 142, 0.12)"], [1, WARM]],
            colorbar={"title": say("cosine"), "thickness": 10},
            hovertemplate=f"%{{y}}<br>%{{x}}<br>%{{z:.2f}}<br>{both}<extra></extra>",
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    )
    title = say("chart_relations")
    dress(figure, title, 140 + 34 * len(groups))
    figure.update_yaxes(autorange="reversed", ticklabelposition="outside")
    figure.update_xaxes(tickangle=-40)
    return figure


def chart_losses(losses: pd.DataFrame) -> go.Figure:
    """Training loss by step, raw and smoothed, a panel a stage. losses: stage, step, loss."""
    stages = list(losses["stage"].unique())
    figure = make_subplots(rows=max(1, len(stages)), subplot_titles=stages)
    for row, (stage, of) in enumerate(losses.groupby("stage", sort=False), start=1):
        smooth = of["loss"].ewm(span=20).mean()
        for values, width, opacity in ((of["loss"], 1, 0.35), (smooth, 2, 1.0)):
            figure.add_trace(
                go.Scatter(
                    x=of["step"],
                    y=values,
                    mode="lines",
                    name=stage,
                    opacity=opacity,
                    line={"color": colour_of(row), "width": width},
                ),
                row=row,
                col=1,
            )
        figure.update_xaxes(title=say("step"), row=row, col=1)
        figure.update_yaxes(title=say("loss"), row=row, col=1)
    dress(figure, say("chart_loss"), 110 + 260 * max(1, len(stages)))
    return figure


def escape(text: object) -> str:
    """Text that Plotly shows as it is: it reads a few HTML tags in labels."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def dress(figure: go.Figure, title: str, height: int, *, legend: int = 0) -> None:
    """Give a figure its title, ink and size in pixels. legend: lines that it takes above."""
    lines = textwrap.wrap(title, 40)
    figure.update_layout(
        title={
            "text": "<br>".join(lines),
            "font": {"size": 14},
            "x": 0,
            "y": 1,
            "xref": "container",
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 18 * len(lines) - 10, "l": 4},
        },
        font={"family": FONT, "size": 12, "color": INK},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        height=height,
        margin={"l": 8, "r": 12, "t": 22 + 20 * (len(lines) + legend), "b": 8},
        showlegend=False,
        bargap=0.35,
        dragmode=False,
        hoverlabel={"font": {"family": FONT}},
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True, title_standoff=8)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True, title_standoff=8)


def _leave_room(values: Iterable[float]) -> list[float]:
    """From 0 to beyond the longest bar, where its label stands."""
    return [0.0, 1.4 * max(values, default=1.0)]


def _show_legend(figure: go.Figure) -> None:
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "traceorder": "normal"},
    )


def _list_downwards(figure: go.Figure) -> None:
    figure.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)


def _height(labels: Sequence[str], bars: int = 1) -> int:
    lines = sum(max(bars, label.count("<br>") + 1) for label in labels)
    return 110 + lines * BAR


def _wrap(label: str) -> str:
    return "<br>".join(escape(line) for line in textwrap.wrap(shorten(label, 64), 26))


def shorten(text: str, limit: int = 40) -> str:
    """The text's beginning, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
