"""The groups over time: their sizes, the chosen one's warmth, and what it has begun to speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.use_cases import Tribune
from tools.errors import InputError
from ui import timelines
from ui.pages import cards, evidence
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.wording import say

PLACE = "trend"


@dataclass(frozen=True)
class Trends:
    """The components that handlers write."""

    section: gr.Column
    intro: gr.HTML
    sizes: gr.Plot
    warmth: gr.Plot
    moves: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What choosing a group changes."""
        return [self.section, self.intro, self.sizes, self.warmth, self.moves]


def build_trends(desk: Desk, listed: gr.HTML) -> Trends:
    """Lay out the section. listed: the cards, whose `select` event carries the group chosen; it is
    answered beside the profile's, which need not wait for the charts.
    """
    chart: dict[str, Any] = {"show_label": False, "container": False, "visible": False}
    with gr.Column(elem_id="trends", visible=False) as section:
        intro = gr.HTML(elem_id="trends-intro")
        with gr.Row(elem_id="over-time"):
            sizes = gr.Plot(elem_id="sizes", **chart)
            warmth = gr.Plot(elem_id="group-warmth", **chart)
        moves = gr.HTML(elem_id="moves")
    trends = Trends(section, intro, sizes, warmth, moves)

    def choose(at: gr.EventData) -> Updates:
        return show_trends(desk.tribune, trends, int(at.group)) if desk.tribune else {}

    listed.select(choose, None, trends.outputs, queue=False, **QUIET)
    return trends


def show_trends(tribune: Tribune, trends: Trends, group_id: int) -> Updates:
    """The charts and the moving topics of one group; a sentence where the reviews have no dates."""
    group = next((g for g in tribune.groups if g.id == group_id), None)
    if group is None:
        return {}
    try:
        sizes = tribune.trace_groups()
    except InputError as error:
        shown = f'<h4>{say("over_time")}</h4><p class="muted">{cards.escape(error)}</p>'
        return {**hide_trends(trends), trends.section: gr.Column(visible=True), trends.intro: shown}
    trend = tribune.sentiment_trend(group=str(group_id), period=sizes.period)
    moves = evidence.list_moves(trend, PLACE)
    quotes = evidence.show_quotes(trend.evidence, tribune, PLACE)
    return {
        trends.section: gr.Column(visible=True),
        trends.intro: f"<h4>{say('over_time')}</h4>{cards.badge(group)}{cards.notes(trend.notes)}",
        trends.sizes: gr.Plot(timelines.chart_group_sizes(sizes, group), visible=True),
        trends.warmth: gr.Plot(timelines.chart_trend(trend), visible=bool(trend.periods)),
        trends.moves: f"<h4>{say('speak_more_less')}</h4>{moves}{quotes}" if moves else "",
    }


def hide_trends(trends: Trends) -> Updates:
    """Nothing of it."""
    hidden = {plot: gr.Plot(visible=False) for plot in (trends.sizes, trends.warmth)}
    return {
        trends.section: gr.Column(visible=False),
        trends.intro: "",
        **hidden,
        trends.moves: "",
    }
