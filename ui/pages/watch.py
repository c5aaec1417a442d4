"""The watch: what surged, what was decided about it, how it looked, and what is to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.facts import Forecast
from agent.use_cases import Tribune
from tools.errors import InputError, TribuneError
from ui import watch_charts
from ui.pages import alert_cards, cards
from ui.pages.addresses import NOTE, Address
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.timelines import PERIODS
from ui.wording import label, say

# Days, and how they are named.
SPANS = {30: "span_month", 90: "span_quarter", 365: "span_year", 3650: "span_all"}
YEAR = 365
STEPS = """
element.addEventListener("click", event => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const card = button.closest("[data-alert]");
  const note = card.querySelector("input");
  trigger("select", {alert: card.dataset.alert, step: button.dataset.step,
                     note: note ? note.value : ""});
  if (button.dataset.step === "shown")
    document.getElementById("alert-side").scrollIntoView({behavior: "smooth", block: "nearest"});
});
window.tribune.register("watch", ({alert}) => {
  const shown = element.querySelector(".alert[aria-current=true]");
  if (alert && shown?.dataset.alert !== alert) trigger("submit", {alert});
});
"""


@dataclass(frozen=True)
class WatchPage:
    """The components that handlers read and write."""

    span: gr.Radio
    listed: gr.HTML
    chart: gr.Plot
    link: gr.HTML
    heading: gr.HTML
    future: gr.Column
    group: gr.Dropdown
    topic: gr.Dropdown
    fan: gr.Plot
    told: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What opening a workspace changes."""
        return [
            self.span, self.listed, self.chart, self.link, self.heading, self.future, self.group,
            self.topic, self.fan, self.told,
        ]  # fmt: skip


def build_watch(desk: Desk) -> WatchPage:
    """Lay out the page and wire its events."""
    bare: dict[str, Any] = {"show_label": False, "container": False, "visible": False}
    with gr.Row(elem_id="watch"):
        with gr.Column(min_width=280, elem_id="alerts-side"):
            span = gr.Radio(
                list(SPANS), value=YEAR, label=label("alerts_of"), elem_id="alerts-span"
            )
            listed = gr.HTML(elem_id="alerts", js_on_load=STEPS)
        with gr.Column(min_width=280, elem_id="alert-side"):
            chart = gr.Plot(elem_id="alert-chart", **bare)
            link = gr.HTML(elem_id="alert-link")
    with gr.Column(elem_id="future", visible=False) as future:
        heading = gr.HTML(elem_id="future-heading")
        with gr.Row():
            group = gr.Dropdown(label=label("group_label"), elem_id="future-group")
            topic = gr.Dropdown(label=label("topic_label"), elem_id="future-topic")
        told = gr.HTML(elem_id="future-told")
        fan = gr.Plot(elem_id="future-chart", **bare)
    page = WatchPage(span, listed, chart, link, heading, future, group, topic, fan, told)

    def act(at: gr.EventData, chosen: int) -> Updates:
        if desk.tribune is None:
            return {}
        return take_step(desk.tribune, page, str(at.alert), str(at.step), str(at.note), chosen)

    def show(chosen: int) -> Updates:
        return show_alerts(desk.tribune, page, chosen) if desk.tribune else {}

    def open_at(at: gr.EventData) -> Updates:
        """An alert that an address names, however long ago it was."""
        if desk.tribune is None:
            return {}
        return {span: max(SPANS), **show_alerts(desk.tribune, page, max(SPANS), str(at.alert))}

    def foresee(group: str, topic: str) -> Updates:
        return show_forecast(desk.tribune, page, group, topic) if desk.tribune else {}

    alerts = [listed, chart, link]
    listed.select(act, span, alerts, queue=False, **QUIET).then(js=NOTE)
    listed.submit(open_at, None, [span, *alerts], queue=False, **QUIET).then(js=NOTE)
    span.input(show, span, alerts, **QUIET).then(js=NOTE)
    for field in (group, topic):
        field.input(foresee, [group, topic], [fan, told], **QUIET)
    return page


def restore_watch(desk: Desk, page: WatchPage, at: Address) -> Updates:
    """The page as it stands for the opened workspace, with the address's alert or the latest."""
    tribune = desk.tribune
    if tribune is None:
        return _explain(page, say("nothing_loaded"), say("use_data_page", problem=desk.problem))
    try:
        note, surges = tribune.watch.note, tribune.watch.surges
    except TribuneError as error:
        return _explain(page, say("not_watched"), str(error))
    if note and not surges:
        return _explain(page, say("nothing_to_watch"), note)
    asked = at.get("alert")
    lately = {alert.id for alert in tribune.list_alerts(YEAR).alerts}
    span = YEAR if not asked or asked in lately else max(SPANS)
    groups = [(say("everything"), ""), *((f"{g.id} {g.name}", str(g.id)) for g in tribune.groups)]
    topics = [(say("everything"), ""), *((name, name) for name in tribune.topic_names)]
    return {
        page.span: gr.Radio(
            [(say(name), n) for n, name in SPANS.items()], value=span, visible=True
        ),
        **show_alerts(tribune, page, span, asked),
        page.heading: f"<h3>{say('to_come')}</h3>",
        page.future: gr.Column(visible=True),
        page.group: gr.Dropdown(choices=groups, value=""),
        page.topic: gr.Dropdown(choices=topics, value=""),
        **show_forecast(tribune, page, "", ""),
    }


def show_alerts(tribune: Tribune, page: WatchPage, span: int, chosen: str = "") -> Updates:
    """The alerts of a span of days, and the chart of the chosen or the latest one."""
    found = tribune.list_alerts(span)
    ids = [alert.id for alert in found.alerts]
    shown = chosen if chosen in ids else ids[0] if ids else ""
    return {
        page.listed: alert_cards.list_alerts(found, tribune, shown),
        **_show_chart(tribune, page, shown),
    }


def take_step(
    tribune: Tribune, page: WatchPage, alert: str, step: str, note: str, span: int
) -> Updates:
    """Show an alert's chart, or change its state; what cannot be done is said above the list."""
    try:
        if step != "shown":
            tribune.decide_alert(alert, step, note)  # type: ignore[arg-type]
    except InputError as error:
        updates = show_alerts(tribune, page, span, alert)
        told = f'<p class="error">{cards.escape(error)}</p>'
        return updates | {page.listed: told + str(updates[page.listed])}
    return show_alerts(tribune, page, span, alert)


def show_forecast(tribune: Tribune, page: WatchPage, group: str, topic: str) -> Updates:
    """The next periods of what was chosen, or why they cannot be told."""
    try:
        found = tribune.forecast(topic or None, group or None)
    except InputError as error:
        told = f'<p class="muted">{cards.escape(error)}</p>'
        return {page.fan: gr.Plot(visible=False), page.told: told}
    lines = "".join(f"<p>{_tell_forecast(one, found.length)}</p>" for one in found.forecasts)
    known = any(one.periods for one in found.forecasts)
    link = alert_cards.link_forecast(group, topic) if known else ""
    fan = (
        gr.Plot(watch_charts.chart_forecast(found), visible=True)
        if known
        else gr.Plot(visible=False)
    )
    return {page.fan: fan, page.told: lines + link}


def _tell_forecast(one: Forecast, length: str) -> str:
    """The next period with its interval and how such intervals fared, or why there is none."""
    if one.lacks:
        return cards.escape(one.lacks)
    first = one.periods[0]
    period, day = say(PERIODS[length]), cards.day(first.start)
    if one.measure == "volume":
        users, low, high = cards.count(round(first.middle), "user"), first.low, first.high
        told = say(
            "forecast_volume", period=period, day=day, users=users, low=f"{low:.0f}",
            high=f"{high:.0f}",
        )  # fmt: skip
    else:
        share, least, most = map(cards.percent, (first.middle, first.low, first.high))
        told = say("forecast_cold", period=period, day=day, share=share, low=least, high=most)
    if one.held is not None:
        told += " " + say("forecast_held", share=cards.percent(one.held), values=f"{one.tried:,}")
    return told


def _show_chart(tribune: Tribune, page: WatchPage, alert: str) -> Updates:
    if not alert:
        return {page.chart: gr.Plot(visible=False), page.link: ""}
    figure = watch_charts.chart_alert(tribune.trace_alert(alert))
    return {page.chart: gr.Plot(figure, visible=True), page.link: alert_cards.link_series(alert)}


def _explain(page: WatchPage, title: str, text: str) -> Updates:
    return {
        page.span: gr.Radio(visible=False),
        page.listed: cards.empty(title, text),
        page.chart: gr.Plot(visible=False),
        page.link: "",
        page.heading: "",
        page.future: gr.Column(visible=False),
        page.fan: gr.Plot(visible=False),
        page.told: "",
    }
