"""Alerts as HTML: what, where, how much, quotes, cause, state, and buttons to decide about them."""

from __future__ import annotations

from urllib.parse import urlencode

from agent.claims.watch import name_subject
from agent.facts import Alert, AlertList
from agent.phrases import percent, tell_day
from agent.use_cases import Tribune
from ui.pages import cards, evidence
from ui.pages.cards import escape

PLACE = "alert"
ALSO_SHOWN = 4


def list_alerts(found: AlertList, tribune: Tribune, shown: str) -> str:
    """All alerts, or that there are none. shown: the id of the one whose chart is beside them."""
    if not found.alerts:
        past = f" The latest ended on {tell_day(found.latest)}." if found.latest else ""
        count = cards.count(found.n_all, "alert")
        return cards.empty(
            "Nothing surged", f"In these days nothing stood out. All reviews hold {count}.{past}"
        )
    listed = []
    for alert in found.alerts:
        said = [quote for quote in found.evidence if quote.n in alert.cites]
        quotes = evidence.show_quotes(said, tribune, PLACE)
        listed.append(_show(alert, quotes, shown=alert.id == shown))
    return f'<section class="alerts">{"".join(listed)}</section>{cards.notes(found.notes)}'


def link_series(alert: str) -> str:
    """The link that downloads what an alert's chart shows."""
    at = f"/download/watch/{escape(alert)}.csv"
    return (
        '<p class="muted">Dotted: what the series\u2019 own past let expect. Shaded: the surge.</p>'
        f'<p class="downloads"><a class="button" href="{at}" download>Data of this chart (CSV)</a>'
        "</p>"
    )


def link_forecast(group: str, topic: str) -> str:
    """The link that downloads what the fan shows."""
    asked = escape(urlencode({"group": group, "topic": topic}))
    return (
        f'<p class="downloads"><a class="button" href="/download/forecast.csv?{asked}" download>'
        "Forecast (CSV)</a></p>"
    )


def _show(alert: Alert, quotes: str, *, shown: bool) -> str:
    cold = alert.measure == "negative"
    where = cards.badge(alert.group) if alert.group else ""
    if alert.mostly:
        where = f"mostly in {cards.badge(alert.mostly.group)} ({alert.mostly.n_users})"
    span = tell_day(alert.start)
    if alert.end.date() != alert.start.date():
        span += f" to {tell_day(alert.end)}"
    going = ", still going on" if alert.lasts else ""
    told = f"{cards.count(alert.observed, 'user')} spoke{' coldly' if cold else ''}"
    share = (
        f"; {percent(alert.negative_share)} were cold"
        if not cold and alert.negative_share is not None
        else ""
    )
    return (
        f'<article class="alert {alert.state}" data-alert="{escape(alert.id)}" '
        f'aria-current="{str(shown).lower()}"><header><b>{escape(_title(alert))}</b>'
        f'<span class="state">{alert.state}</span></header>'
        f"<p>{told}, where {alert.expected:.1f} were expected{share} "
        "</p>"
        f'<p class="muted">{span}{going} {where}</p>{_tell_causes(alert)}{_tell_also(alert)}'
        f"<details{' open' if shown else ''}><summary>What they say</summary>{quotes}</details>"
        f"{_tell_note(alert)}{_list_steps(alert, shown)}</article>"
    )


def _title(alert: Alert) -> str:
    what = alert.topic or alert.item or ("All it writes of" if alert.group else "All reviews")
    return f"{what}: {'colder' if alert.measure == 'negative' else 'more'} than usual"


def _tell_causes(alert: Alert) -> str:
    lines = [
        f"<p>{percent(c.share)} of them spoke of {escape(c.topic)} too, against "
        f"{percent(c.share_before)} before.</p>"
        for c in alert.causes
    ]
    return "".join(lines)


def _tell_also(alert: Alert) -> str:
    if not alert.also:
        return ""
    names = [
        f"{name_subject(one)} ({'cold, ' if one.measure == 'negative' else ''}{one.observed}, "
        f"expected {one.expected:.1f})"
        for one in alert.also
    ]
    more = len(names) - ALSO_SHOWN
    told = "; ".join(names[:ALSO_SHOWN]) + (f"; and {more} more" if more > 0 else "")
    return f'<p class="muted">The same event in {escape(told)}.</p>'


def _tell_note(alert: Alert) -> str:
    return f'<p class="note">{escape(alert.note)}</p>' if alert.note else ""


def _list_steps(alert: Alert, shown: bool) -> str:
    steps = [] if shown else ['<button data-step="shown">Show chart</button>']
    if alert.state == "new":
        steps.append('<button data-step="acknowledged">Acknowledge</button>')
    if alert.state != "closed":
        steps.append(
            '<span class="closing"><input aria-label="Why it is closed" maxlength="500" '
            'placeholder="Why it is closed">'
            '<button data-step="closed">Close</button></span>'
        )
    if alert.state != "new":
        steps.append('<button data-step="undone">Undo</button>')
    return f'<div class="steps">{"".join(steps)}</div>'
