"""Alerts and forecasts as sentences: what surged, by how much, where, and what is to come."""

from __future__ import annotations

from agent import facts
from agent.phrases import count, name_group, percent, quote_source, tell_day, tell_span

ALERTS_SHOWN = 5


def tell_alerts(f: facts.AlertList) -> list[str]:
    """The latest surges; or that there were none."""
    if f.until is None or (f.watched and not f.alerts):
        return [f.watched]
    span = f"in the last {count(f.days, 'day')} of the reviews, up to {tell_day(f.until)}"
    if not f.alerts:
        lines = [f"No alert was raised {span}."]
        if f.latest:
            lines.append(
                f"The reviews hold {count(f.n_all, 'earlier alert')}; the latest of these ended on "
                f"{tell_day(f.latest)}."
            )
        return lines
    lines = [f"{count(len(f.alerts), 'alert')} {_was(len(f.alerts))} raised {span}."]
    for alert in f.alerts[:ALERTS_SHOWN]:
        lines += tell_alert(f, alert)
    return lines


def tell_alert(f: facts.Facts, a: facts.Alert) -> list[str]:
    """One alert: how much, since when, where, with a quote, and what it is likely about."""
    expected = f"{a.expected:.1f} were" if a.expected >= 0.05 else "hardly any was"
    lines = [
        f"{_tell_voices(a)}{tell_span(a.start, a.end)}, where {expected} expected"
        f"{quote_source(f, a.cites)}."
    ]
    if a.mostly:
        lines.append(
            f"Of these, {count(a.mostly.n_users, 'user')} {_was(a.mostly.n_users)} from "
            f"{name_group(a.mostly.group)}."
        )
    if a.causes:
        cause = a.causes[0]
        lines.append(
            f"{percent(cause.share)} of them spoke of {cause.topic} too, against "
            f"{percent(cause.share_before)} before."
        )
    if a.state != "new":
        lines.append(f"This alert is {a.state}{f': {a.note}' if a.note else ''}.")
    return lines


def name_subject(a: facts.Watched) -> str:
    """ "breakfast in group 2, Night Owls", "Grand Hotel", "group 2, Night Owls", "all reviews"."""
    what, where = a.topic or a.item, name_group(a.group) if a.group else ""
    if what and where:
        return f"{what} in {where}"
    return what or where or "all reviews"


def tell_forecasts(f: facts.ForecastList) -> list[str]:
    """The next period's volume and cold share, with intervals; or why there is none."""
    lines = []
    for one in f.forecasts:
        if one.lacks:
            lines.append(f"{'Volume' if one.measure == 'volume' else 'Coldness'}: {one.lacks}")
            continue
        first = one.periods[0]
        begins = f"In the {f.length} from {tell_day(first.start)}"
        if one.measure == "volume":
            what = (
                f"about {count(round(first.middle), 'user')} will {_do(one, 'write', 'speak')} "
                f"(80% interval {first.low:.0f} to {first.high:.0f})"
            )
        else:
            what = (
                f"about {percent(first.middle)} of them will speak coldly (80% interval "
                f"{percent(first.low)} to {percent(first.high)})"
            )
        tried = (
            f"; such intervals held {percent(one.held)} of {count(one.tried, 'past value')}"
            if one.held is not None
            else ""
        )
        lines.append(f"{begins} {what}{tried}.")
    return lines


def _tell_voices(a: facts.Surged) -> str:
    """ "12 users of group 2, Night Owls, spoke coldly of breakfast"."""
    who = count(a.observed, "user")
    if a.group:
        who += f" of {name_group(a.group)},"
    what = a.topic or a.item
    spoke = "spoke coldly" if a.measure == "negative" else "spoke" if what else "wrote"
    return f"{who} {spoke} of {what}" if what else f"{who} {spoke}"


def _do(f: facts.Watched, alone: str, of: str) -> str:
    """ "write", "speak of breakfast", "speak of breakfast in group 2, Night Owls"."""
    if f.topic:
        return f"{of} of {name_subject(f)}"
    return f"{alone} in {name_group(f.group)}" if f.group else alone


def _was(n: int) -> str:
    return "was" if n == 1 else "were"
