"""What is told of surges, and of what is to come."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.facts.base import Fact, Facts, GroupRef


class Watched(Fact):
    """What a series is of: a topic, a group, a topic in a group, an item, or (all None) all."""

    topic: str | None
    group: GroupRef | None
    item: str | None
    item_id: str | None


class GroupCount(Fact):
    group: GroupRef
    n_users: int


class AlertCause(Fact):
    """A topic that more of the surge's users spoke of than did before: shares in [0, 1]."""

    topic: str
    n_users: int
    share: float
    share_before: float


class Surged(Watched):
    """A surge of volume, or of cold voices: users observed from start to end, and expected."""

    measure: Literal["volume", "negative"]
    start: datetime
    end: datetime
    observed: int
    expected: float


class Alert(Surged):
    """An event by its surest surge. negative_share: of its users whose mood is known, those who
    spoke coldly; q: false discovery rate; lasts: whether it goes on in the last period; mostly:
    the group of most of its users, where it is not of one group alone; groups: of its users,
    largest first; also: the same event in other series, also_ids: the ids it has there.
    """

    id: str
    negative_share: float | None
    q: float
    lasts: bool
    review_ids: list[str]
    n_users: int
    mostly: GroupCount | None
    groups: list[GroupCount]
    causes: list[AlertCause]
    also: list[Surged]
    also_ids: list[str]
    state: Literal["new", "acknowledged", "closed"]
    note: str
    cites: list[int] = Field(default_factory=list)


class AlertList(Facts):
    """Of the last days of the data, since … until (None: no dates); n_all: alerts at any time,
    latest: when the last of them ended; watched: why nothing can surge, or "".
    """

    kind: Literal["list_alerts"] = "list_alerts"
    days: int
    since: datetime | None
    until: datetime | None
    n_all: int
    latest: datetime | None
    watched: str
    alerts: list[Alert]


class PastAlert(Fact):
    """known: the day from which it would have been told, as it was known then."""

    known: datetime
    alert: Alert


class AlertHistory(Facts):
    """Every alert that the past would have raised, earliest first, in n_periods of that length."""

    kind: Literal["replay_alerts"] = "replay_alerts"
    length: Literal["day", "week"]
    n_periods: int
    alerts: list[PastAlert]


class Foreseen(Fact):
    """One period to come: median, and the bounds that hold 80%."""

    start: datetime
    middle: float
    low: float
    high: float


class Forecast(Watched):
    """measure volume: users; negative: the share of them that is cold. tried: past values that
    earlier intervals were tried on, held: the share that these held; lacks: why there is no
    forecast, or "".
    """

    measure: Literal["volume", "negative"]
    periods: list[Foreseen]
    tried: int
    held: float | None
    lacks: str


class WatchedPeriod(Fact):
    """Users who spoke and who spoke coldly, and what was expected (None: not foreseen); told:
    users whose mood is known.
    """

    start: datetime
    voices: int
    told: int
    negative: int
    expected: float | None
    expected_negative: float | None


class ForecastList(Facts):
    """length: of a period; past: the year before, where the series is watched."""

    kind: Literal["forecast"] = "forecast"
    topic: str | None
    group: GroupRef | None
    length: Literal["day", "week"]
    forecasts: list[Forecast]
    past: list[WatchedPeriod]


class AlertSeries(Facts):
    """The series that an alert is of, a year around it."""

    kind: Literal["trace_alert"] = "trace_alert"
    alert: Alert
    length: Literal["day", "week"]
    periods: list[WatchedPeriod]
