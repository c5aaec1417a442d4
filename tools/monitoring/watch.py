"""What a version holds of the watch: its surges, the series they are of, and the forecasts.

watch.json         {"length", "note", "surges", "forecasts"}
watched.parquet    a row a series and period: voices and cold voices, beside what was expected
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tools.errors import WorkspaceError
from tools.monitoring.causes import Cause
from tools.monitoring.forecast import Forecast, forecast
from tools.monitoring.series import (
    Counts,
    Length,
    Subject,
    choose_length,
    count_voices,
    find_last,
    gather_speech,
)
from tools.monitoring.surges import HISTORY, Surge, Verdicts, judge, list_surges

FACTS, SERIES = "watch.json", "watched.parquet"
TABLES = ("reviews", "sentences", "users", "topics", "groups")
UNDATED = "The reviews have no dates, so nothing can be watched."

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Watch:
    """surges: latest first; forecasts: of the next four periods; note: why nothing is watched, or
    "". series: topic_id, group_id, item_id (null: not part of the subject), start (of the period),
    voices, told (voices whose polarity is known), negative, expected, expected_negative (NaN where
    not foreseen), of every series that is judged in some period.
    """

    length: Length
    note: str
    surges: list[Surge]
    forecasts: list[Forecast]
    series: pd.DataFrame

    @property
    def notes(self) -> list[str]:
        """The note, if there is one."""
        return [self.note] if self.note else []

    def save(self, folder: Path) -> None:
        """Write the two files."""
        facts = {
            "length": self.length,
            "note": self.note,
            "surges": [asdict(surge) for surge in self.surges],
            "forecasts": [asdict(one) for one in self.forecasts],
        }
        text = json.dumps(facts, default=_write_day, ensure_ascii=False)
        (folder / FACTS).write_text(text, encoding="utf-8")
        self.series.to_parquet(folder / SERIES, index=False)

    @classmethod
    def load(cls, folder: Path) -> Watch:
        """What `save` wrote. Raises: WorkspaceError if it is not there."""
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            series = pd.read_parquet(folder / SERIES)
        except FileNotFoundError as error:
            raise WorkspaceError(
                "This workspace was built before there was a watch. Build it again with "
                f"`tribune build` ({folder})."
            ) from error
        return cls(
            facts["length"],
            facts["note"],
            [_read_surge(one) for one in facts["surges"]],
            [_read_forecast(one) for one in facts["forecasts"]],
            series,
        )

    def trace(self, subject: Subject) -> pd.DataFrame:
        """The rows of one series, by period."""
        kept = np.full(len(self.series), True)
        for field in fields(Subject):
            column, value = self.series[field.name], getattr(subject, field.name)
            kept &= (column.isna() if value is None else column.eq(value).fillna(False)).to_numpy()
        return self.series[kept].sort_values("start")


def watch(tables: Tables) -> Watch:
    """Judge and foresee every series of a version. tables: those of TABLES."""
    if tables["reviews"]["time"].isna().all():
        return Watch("week", UNDATED, [], [], _list_series(None))
    speech, counts = _count(tables)
    verdicts, forecasts = judge(counts), forecast(counts)
    length = verdicts.counts.length
    n, least = len(verdicts.counts.periods), HISTORY[length]
    note = ""
    if n <= least:
        note = f"The reviews span {n} {length}s; a surge can be told after {least}."
    surges = list_surges(verdicts, speech, name_subjects(tables))
    return Watch(length, note, surges, forecasts, _list_series(verdicts))


def name_subjects(tables: Tables) -> Callable[[Subject], str]:
    """What a subject is called, as far as it lasts: topics by name, for a rebuild renumbers them;
    groups, which keep their number, and items by id.
    """
    topics = dict(zip(tables["topics"]["topic_id"], tables["topics"]["name"], strict=True))

    def name(subject: Subject) -> str:
        topic = None if subject.topic_id is None else topics[subject.topic_id]
        return json.dumps([topic, subject.group_id, subject.item_id], ensure_ascii=False)

    return name


def weigh(tables: Tables) -> tuple[pd.DataFrame, Verdicts]:
    """The speech of a version's tables and what is to be thought of it.

    Raises: InputError if no review has a date.
    """
    speech, counts = _count(tables)
    return speech, judge(counts)


def _count(tables: Tables) -> tuple[pd.DataFrame, Counts]:
    speech = gather_speech(tables["reviews"], tables["sentences"], tables["users"])
    length = choose_length(speech)
    return speech, count_voices(speech, length, find_last(speech, length))


def _list_series(verdicts: Verdicts | None) -> pd.DataFrame:
    counts = verdicts.counts if verdicts else None
    subjects = counts.subjects if counts else ()
    n = len(counts.periods) if counts else 0
    told = {
        "topic_id": pd.array([s.topic_id for s in subjects], dtype="Int64").repeat(n),
        "group_id": pd.array([s.group_id for s in subjects], dtype="Int64").repeat(n),
        "item_id": pd.array([s.item_id for s in subjects], dtype="str").repeat(n),
    }
    starts = counts.periods.start_time if counts else pd.DatetimeIndex([])
    told["start"] = np.tile(starts.to_numpy(), len(subjects))
    empty = np.zeros((2, len(subjects), n))
    expected = verdicts.expected if verdicts else empty
    for name in ("voices", "told", "negative"):
        told[name] = getattr(counts, name).ravel() if counts else empty[0].ravel().astype(int)
    told["expected"], told["expected_negative"] = (one.ravel() for one in expected)
    return pd.DataFrame(told)


def _write_day(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    raise TypeError(f"{value!r} is no part of a watch.")


def _read_surge(facts: dict[str, Any]) -> Surge:
    days = {name: pd.Timestamp(facts[name]) for name in ("start", "end")}
    parts = {name: tuple(facts[name]) for name in ("review_ids", "user_ids")}
    return Surge(
        **facts
        | days
        | parts
        | {
            "subject": Subject(**facts["subject"]),
            "groups": tuple((group, n) for group, n in facts["groups"]),
            "causes": tuple(Cause(**cause) for cause in facts["causes"]),
        }
    )


def _read_forecast(facts: dict[str, Any]) -> Forecast:
    bounds = {name: tuple(facts[name]) for name in ("middle", "low", "high")}
    starts = {"starts": tuple(pd.Timestamp(day) for day in facts["starts"])}
    return Forecast(**facts | bounds | starts | {"subject": Subject(**facts["subject"])})
