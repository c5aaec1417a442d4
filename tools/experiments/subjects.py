"""Who is in an experiment, and one value of each: from the log's rows to rows of users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from tools.errors import InputError
from tools.experiments.assignment import Experiment
from tools.experiments.log import to_utc


@dataclass(frozen=True)
class Metric:
    """A user's value: whether an outcome of that name (other than 0) came within the window after
    their first exposure (any), the sum of the outcomes (sum; both are 0 where none came), or their
    mean (mean; users without outcomes are left out, so it compares those who chose to act).
    """

    name: str
    how: Literal["any", "sum", "mean"]
    window: timedelta


@dataclass(frozen=True)
class Subjects:
    """users: a row for each user who counts, user_id, arm, group_id, value. Of the n_exposed users
    those do not count who were shown two arms (n_crossed), whose window has not ended yet
    (n_waiting), or who have no value (n_silent).
    """

    users: pd.DataFrame
    n_exposed: int
    n_crossed: int
    n_waiting: int
    n_silent: int


def measure_subjects(
    experiment: Experiment,
    metric: Metric,
    exposures: pd.DataFrame,
    outcomes: pd.DataFrame,
    now: datetime,
) -> Subjects:
    """Each user's value, from frames as `read_log` gives them.

    Only a user's first exposure counts, and outcomes from then on until the window ends. A user
    enters once the window has ended, with a value that changes no more: a test that is looked at
    again and again needs that.

    Raises: InputError where the log has an arm that the experiment has not.
    """
    own = exposures[exposures["experiment"] == experiment.name]
    unknown = sorted(set(own["arm"]) - set(experiment.weights))
    if unknown:
        raise InputError(
            f"The arms of {experiment.name} are {', '.join(experiment.weights)}; the log has "
            f"{unknown[0]} too. Give the experiment as it was when users were assigned."
        )
    n_arms = own.groupby("user_id")["arm"].nunique()
    first = own.sort_values("time", kind="stable").drop_duplicates("user_id").set_index("user_id")
    single = first[n_arms.reindex(first.index) == 1]
    ended = single[single["time"] + metric.window <= to_utc(now)]
    value = _measure(metric, experiment, ended["time"], outcomes).reindex(ended.index)
    if metric.how != "mean":
        value = value.fillna(0.0)
    users = ended[["arm", "group_id"]].assign(value=value).dropna(subset="value").reset_index()
    return Subjects(
        users,
        n_exposed=len(first),
        n_crossed=len(first) - len(single),
        n_waiting=len(single) - len(ended),
        n_silent=len(ended) - len(users),
    )


def _measure(
    metric: Metric, experiment: Experiment, exposed: pd.Series, outcomes: pd.DataFrame
) -> pd.Series:
    """user_id → value, of users who have outcomes."""
    named = (outcomes["experiment"] == experiment.name) & (outcomes["name"] == metric.name)
    start = exposed.reindex(outcomes["user_id"]).set_axis(outcomes.index)
    counts = (outcomes["time"] >= start) & (outcomes["time"] < start + metric.window)
    own = outcomes[named & counts]
    if metric.how == "any":
        return own["value"].ne(0).groupby(own["user_id"]).any().astype("float64")
    values = own.groupby("user_id")["value"]
    return values.sum() if metric.how == "sum" else values.mean()
