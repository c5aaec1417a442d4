"""Alerts as HTML: what, where, how much, quotes, cause, state, and buttons to decide about them."""

from __future__ import annotations

from urllib.parse import urlencode

from agent.claims.watch import name_subject
from agent.facts import Alert, AlertCause, AlertList
from agent.phrases import percent
from agent.use_cases import Tribune
from ui.pages import addresses, cards, evidence
from ui.pages.cards import escape
from ui.wording import say

PLACE = "alert"
ALSO_SHOWN = 4
STATES = {
    "new": "state_new",
    "acknowledged": "state_acknowledged",
    "closed": "state_closed",
}


def list_alerts(found: AlertList, tribune: Tribune, shown: str) -> str:
    """All alerts, or that there are none. shown: the id of the one whose chart is beside them."""
    if not found.alerts:
        told = say("no_alerts", alerts=cards.count(found.n_all, "alert"))
        past = say("latest_alert", day=cards.day(found.latest)) if found.latest else ""
        return cards.empty(say("nothing_surged"), f"{told} {past}")
    listed = []
    for alert in found.alerts:
        said = [quote for quote in found.evidence if quote.n in alert.cites]
        quotes = evidence.show_quotes(said, tribune, PLACE)
        listed.append(_show(alert, quotes, shown=alert.id == shown))
    address = f'data-address="{addresses.of_alert(shown)}"' if shown else ""
    return (
        f'<section class="alerts" {address}>{"".join(listed)}</section>{cards.notes(found.notes)}'
    )


def link_series(alert: str) -> str:
    """The link that downloads what an alert's chart shows."""
    at = f"/download/watch/{escape(alert)}.csv"
    return (
        f'<p class="muted">{say("series_key")}</p><p class="downloads">'
        f'<a class="button" href="{at}" download>{say("download_data")}</a></p>'
    )


def link_forecast(group: str, topic: str) -> str:
    """The link that downloads what the fan shows."""
    asked = escape(urlencode({"group": group, "topic": topic}))
    return (
        f'<p class="downloads"><a class="button" href="/download/forecast.csv?{asked}" download>'
        f"{say('forecast_csv')}</a></p>"
    )


def _show(alert: Alert, quotes: str, *, shown: bool) -> str:
    cold = alert.measure == "negative"
    where = cards.badge(alert.group) if alert.group else ""
    if alert.mostly:
        mostly = cards.badge(alert.mostly.group)
        where = say("mostly_in", group=mostly, users=alert.mostly.n_users)
    span = cards.day(alert.start)
    if alert.end.date() != alert.start.date():
        span = say("interval", low=span, high=cards.day(alert.end))
    going = say("going_on") if alert.lasts else ""
    users = cards.count(alert.observed, "user")
    expected = f"{alert.expected:.1f}" if alert.expected >= 0.05 else "&lt;0.1"
    told = say("spoke_coldly" if cold else "spoke", users=users, expected=expected)
    share = (
        say("were_cold", share=percent(alert.negative_share))
        if not cold and alert.negative_share is not None
        else ""
    )
    return (
        f'<article class="alert {alert.state}" data-alert="{escape(alert.id)}" '
        f'aria-current="{str(shown).lower()}"><header><b>{escape(_title(alert))}</b>'
        f'<span class="state">{say(STATES[alert.state])}</span></header>'
        f"<p>{told} {share}</p>"
        f'<p class="muted">{span} {going} {where}</p>{_tell_causes(alert)}{_tell_also(alert)}'
        f"<details{' open' if shown else ''}><summary>{say('what_they_say')}</summary>"
        f"{quotes}</details>"
        f"{_tell_note(alert)}{_list_steps(alert, shown)}</article>"
    )


def _title(alert: Alert) -> str:
    everything = say("all_it_writes" if alert.group else "all_reviews")
    what = alert.topic or alert.item or everything
    return say("colder_than_usual" if alert.measure == "negative" else "more_than_usual", what=what)


def _tell_causes(alert: Alert) -> str:
    lines = [f"<p>{_tell_cause(c)}</p>" for c in alert.causes]
    return "".join(lines)


def _tell_cause(cause: AlertCause) -> str:
    share, before = percent(cause.share), percent(cause.share_before)
    return say("spoke_too", share=share, topic=cards.topic(cause.topic), before=before)


def _tell_also(alert: Alert) -> str:
    if not alert.also:
        return ""
    names = [
        say(
            "also_cold" if one.measure == "negative" else "also_more",
            what=name_subject(one),
            n=one.observed,
            expected=f"{one.expected:.1f}",
        )
        for one in alert.also
    ]
    more = len(names) - ALSO_SHOWN
    told = "; ".join(names[:ALSO_SHOWN]) + (f"; {say('and_more', more)}" if more > 0 else "")
    return f'<p class="muted">{say("same_event", where=escape(told))}</p>'


def _tell_note(alert: Alert) -> str:
    return f'<p class="note">{escape(alert.note)}</p>' if alert.note else ""


def _button(step: str, text: str) -> str:
    return f'<button data-step="{step}">{say(text)}</button>'


def _list_steps(alert: Alert, shown: bool) -> str:
    steps = [] if shown else [_button("shown", "show_chart")]
    if alert.state == "new":
        steps.append(_button("acknowledged", "acknowledge"))
    if alert.state != "closed":
        steps.append(
            f'<span class="closing"><input aria-label="{say("why_closed")}" maxlength="500" '
            f'placeholder="{say("why_closed")}">{_button("closed", "close")}</span>'
        )
    if alert.state != "new":
        steps.append(_button("undone", "undo"))
    return f'<div class="steps">{"".join(steps)}</div>'
