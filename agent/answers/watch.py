"""What surged lately, what was decided about it, and what is to come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from agent import facts
from agent.arguments import MAX_DAYS
from agent.citations import Citations, show_topic
from agent.names import find_id
from agent.opened import Opened, moment, number
from tools.errors import InputError
from tools.monitoring import alerts as kept
from tools.monitoring.alerts import Alert, Step
from tools.monitoring.folding import fold
from tools.monitoring.forecast import Forecast
from tools.monitoring.replay import trace_alarms
from tools.monitoring.series import Subject
from tools.monitoring.surges import Surge
from tools.monitoring.watch import TABLES, name_subjects, weigh

QUOTES = 2
# More than this share of a surge's users in one group: it is mostly there.
MOSTLY = 0.5
# Periods shown before and after an alert.
AROUND = {"day": (90, 30), "week": (52, 12)}


def list_alerts(tribune: Opened, days: int = 30) -> facts.AlertList:
    """Surges of the last days of the data, latest first, each with its state."""
    if not 1 <= days <= MAX_DAYS:
        raise InputError(f"days must be from 1 to {MAX_DAYS}; got {days}.")
    known = kept.list_alerts(tribune.workspace.path, tribune.watch.surges)
    until = moment(tribune.sentences["time"].max())
    since = None if until is None else until - pd.Timedelta(days=days).to_pytimedelta()
    citations = Citations(tribune.sentences, tribune.item_titles)
    return facts.AlertList(
        days=days,
        since=since,
        until=until,
        n_all=len(known),
        latest=max((a.event.head.end.to_pydatetime() for a in known), default=None),
        watched=tribune.watch.note,
        alerts=[
            tell_alert(tribune, alert, citations)
            for alert in known
            if alert.event.head.end >= since
        ],
        evidence=citations.evidence(),
        notes=tribune.tell_polarity(),
    )


def decide_alert(tribune: Opened, alert: str, step: Step, note: str = "") -> facts.Alert:
    """Acknowledge or close an alert, or take that back; it is kept beside the versions."""
    found = _find_alert(tribune, alert)
    kept.decide(tribune.workspace.path, found.decided_id, step, note)
    citations = Citations(tribune.sentences, tribune.item_titles)
    told = tell_alert(tribune, _find_alert(tribune, alert), citations)
    return told.model_copy(update={"cites": []})


def trace_alert(tribune: Opened, alert: str) -> facts.AlertSeries:
    """The series that an alert is of, from a year before it to a quarter after it."""
    found = _find_alert(tribune, alert)
    head, length = found.event.head, tribune.watch.length
    rows = tribune.watch.trace(head.subject)
    at = int(np.searchsorted(rows["start"].to_numpy(), head.start.to_datetime64()))
    before, after = AROUND[length]
    citations = Citations(tribune.sentences, tribune.item_titles)
    return facts.AlertSeries(
        alert=tell_alert(tribune, found, citations),
        length=length,
        periods=_list_periods(rows.iloc[max(0, at - before) : at + after]),
        evidence=citations.evidence(),
    )


def replay_alerts(tribune: Opened) -> facts.AlertHistory:
    """The past played again, without looking ahead: each event on the day it would have been told.
    An event that goes on is told once.
    """
    tables = {name: pd.read_parquet(tribune.version / f"{name}.parquet") for name in TABLES}
    speech, verdicts = weigh(tables)
    citations = Citations(tribune.sentences, tribune.item_titles)
    told = [
        facts.PastAlert(
            known=day.to_pydatetime(),
            alert=tell_alert(tribune, Alert(event, kept.NEW, event.head.id), citations),
        )
        for day, surges in trace_alarms(verdicts, speech, name_subjects(tables))
        for event in fold(surges)
    ]
    return facts.AlertHistory(
        length=verdicts.counts.length,
        n_periods=len(verdicts.counts.periods),
        alerts=told,
        evidence=citations.evidence(),
    )


def forecast(
    tribune: Opened, topic: str | None = None, group: str | None = None
) -> facts.ForecastList:
    """The next periods of a topic, a group, a topic in a group, or of all.

    A topic is one of the workspace's own, by its name or a word of it.
    """
    place = tribune.resolve_group(group)
    if tribune.watch.note and not tribune.watch.forecasts:
        raise InputError(tribune.watch.note)
    number_ = None if topic is None else find_topic(tribune, topic)
    wanted = Subject(number_, place.id if place else None)
    found = [f for f in tribune.watch.forecasts if f.subject == wanted]
    if not found:
        raise InputError(
            "Nobody of that group has spoken of that topic, so nothing can be foreseen."
        )
    return facts.ForecastList(
        topic=None if number_ is None else tribune.topic_names[number_],
        group=place,
        length=tribune.watch.length,
        forecasts=[_tell_forecast(tribune, one) for one in found],
        past=_list_periods(tribune.watch.trace(wanted).tail(AROUND[tribune.watch.length][0])),
    )


def find_topic(tribune: Opened, text: str) -> int:
    """The number of the topic that is called so, or has the words in its name; the largest, if
    several have.

    Raises: UnknownName with the nearest ones.
    """
    wanted = text.strip().casefold()
    for row, name in enumerate(tribune.topic_names):
        if wanted and wanted in name.casefold():
            return row
    names = {name: name for name in tribune.topic_names}
    return tribune.topic_names.index(find_id(text, names, "topic"))


def tell_alert(tribune: Opened, alert: Alert, citations: Citations) -> facts.Alert:
    """An alert with what it cites."""
    head = alert.event.head
    groups = [
        facts.GroupCount(group=group, n_users=n)
        for place, n in head.groups
        if (group := tribune.group_at(place))
    ]
    most = next((g for g in groups if g.n_users > MOSTLY * len(head.user_ids)), None)
    return facts.Alert(
        **_tell_surge(tribune, head),
        id=head.id,
        negative_share=number(head.negative_share),
        q=head.q,
        lasts=head.lasts,
        review_ids=list(head.review_ids),
        n_users=len(head.user_ids),
        mostly=None if head.subject.group_id is not None else most,
        groups=groups,
        causes=[
            facts.AlertCause(
                topic=tribune.topic_names[cause.topic_id],
                n_users=cause.n_voices,
                share=cause.share,
                share_before=cause.share_before,
            )
            for cause in head.causes
        ],
        also=[facts.Surged(**_tell_surge(tribune, one)) for one in alert.event.also],
        also_ids=alert.event.ids[1:],
        state=alert.decision.state,
        note=alert.decision.note,
        cites=_quote(tribune, head, citations),
    )


def _find_alert(tribune: Opened, alert: str) -> Alert:
    known = kept.list_alerts(tribune.workspace.path, tribune.watch.surges)
    by_id = {i: one for one in known for i in one.event.ids}
    return by_id[find_id(alert, {i: i for i in by_id}, "alert")]


def _quote(tribune: Opened, surge: Surge, citations: Citations) -> list[int]:
    """The most telling sentences, one a review."""
    said = tribune.sentences[tribune.sentences["review_id"].isin(surge.review_ids)]
    topic = surge.subject.topic_id
    if topic is not None:
        said = said[said["topic_id"] == topic]
    cites: list[int] = []
    while len(cites) < QUOTES and len(said):
        best = show_topic(said, -1.0 if surge.kind == "negative" else 0.0)
        cites.append(citations.cite(best))
        said = said[said["review_id"] != said.loc[best, "review_id"]]
    return cites


def _list_periods(rows: pd.DataFrame) -> list[facts.WatchedPeriod]:
    return [
        facts.WatchedPeriod(
            start=row["start"].to_pydatetime(),
            voices=row["voices"],
            told=row["told"],
            negative=row["negative"],
            expected=number(row["expected"]),
            expected_negative=number(row["expected_negative"]),
        )
        for _, row in rows.iterrows()
    ]


def _tell_subject(tribune: Opened, subject: Subject) -> facts.Watched:
    item = subject.item_id
    return facts.Watched(
        topic=None if subject.topic_id is None else tribune.topic_names[subject.topic_id],
        group=None if subject.group_id is None else tribune.group_at(subject.group_id),
        item=None if item is None else tribune.item_titles.get(item, item),
        item_id=item,
    )


def _tell_surge(tribune: Opened, surge: Surge) -> dict[str, Any]:
    return _tell_subject(tribune, surge.subject).model_dump() | {
        "measure": surge.kind,
        "start": surge.start.to_pydatetime(),
        "end": surge.end.to_pydatetime(),
        "observed": surge.observed,
        "expected": round(surge.expected, 1),
    }


def _tell_forecast(tribune: Opened, one: Forecast) -> facts.Forecast:
    return facts.Forecast(
        **_tell_subject(tribune, one.subject).model_dump(),
        measure=one.kind,
        periods=[
            facts.Foreseen(start=start.to_pydatetime(), middle=middle, low=low, high=high)
            for start, middle, low, high in zip(
                one.starts, one.middle, one.low, one.high, strict=False
            )
        ],
        tried=one.n_tried,
        held=number(one.held),
        lacks=one.lacks,
    )
