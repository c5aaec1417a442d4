"""Surges planted in quiet worlds: how many are found in their week; how often quiet weeks alarm.

Twelve series of topics in groups, and the topics, groups and all that these add up to, with a given
mean of voices a week each, 15% of them cold. Planted in one of them in the last week: twice its
usual cold voices on top (three times as many), the same voices three times as cold, or three times
the voices. `narrow`: found in that very series; `anywhere`: in it or in one that holds it, which is
one alert all the same. One JSON line a kind and pace, then one for quiet worlds.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import pandas as pd

from tools.monitoring.series import Counts, Subject
from tools.monitoring.surges import judge

TOPICS, GROUPS, WEEKS, COLD_SHARE = 4, 3, 31, 0.15
TOPIC, GROUP = 2, 1
KINDS = {"cold": (20, 40, 70, 100, 140), "share": (20, 40, 60, 80), "volume": (8, 12, 20)}


def draw_world(seed: int, pace: float, kind: str, weeks: int = WEEKS) -> Counts:
    """Voices and cold voices of all series. kind: what is planted in the last week, "" for none."""
    rng = np.random.default_rng(seed)
    shape, here = (TOPICS, GROUPS, weeks), (TOPIC, GROUP - 1, -1)
    rate, share = np.full(shape, pace), np.full(shape, COLD_SHARE)
    rate[here] *= 3 if kind == "volume" else 1
    share[here] *= 3 if kind == "share" else 1
    voices = rng.poisson(rate)
    cold = rng.binomial(voices, share)
    more = rng.poisson(2 * COLD_SHARE * pace) if kind == "cold" else 0
    voices[here] += more
    cold[here] += more
    subjects = [Subject(), *map(Subject, range(TOPICS))]
    subjects += [Subject(None, g) for g in range(1, GROUPS + 1)]
    subjects += [Subject(t, g) for t in range(TOPICS) for g in range(1, GROUPS + 1)]
    added = [
        np.concatenate([v.sum((0, 1))[None], v.sum(1), v.sum(0), v.reshape(-1, weeks)])
        for v in (voices, cold)
    ]
    periods = pd.period_range("2024-01-01", periods=weeks, freq="W")
    return Counts("week", tuple(subjects), periods, added[0], added[0], added[0], added[1])


def count_found(kind: str, pace: float, worlds: range) -> dict[str, object]:
    """Shares of the worlds in which the planted week is found."""
    holders = {Subject(TOPIC, GROUP), Subject(TOPIC), Subject(None, GROUP), Subject()}
    narrow = anywhere = 0
    for seed in worlds:
        verdicts = judge(draw_world(seed, pace, kind))
        flagged = verdicts.surges[:, :, -1].any(axis=0)
        told = {s for s, flag in zip(verdicts.counts.subjects, flagged, strict=True) if flag}
        narrow += Subject(TOPIC, GROUP) in told
        anywhere += bool(told & holders)
    n = len(worlds)
    return {"kind": kind, "voices": pace, "narrow": narrow / n, "anywhere": anywhere / n}


def count_alarms(worlds: range, pace: float = 40, weeks: int = 104) -> dict[str, object]:
    """Alarms in a hundred quiet series-weeks, and weeks with any."""
    alarms = loud = tested = total = 0
    for seed in worlds:
        verdicts = judge(draw_world(seed, pace, "", weeks))
        alarms += int(verdicts.surges.sum())
        loud += int(verdicts.surges.any(axis=(0, 1)).sum())
        tested += int((~np.isnan(verdicts.p)).sum()) // 2
        total += weeks
    return {"kind": "quiet", "per_100": 100 * alarms / tested, "loud_weeks": loud, "weeks": total}


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    args = parser.parse_args()
    worlds = range(args.first, args.first + args.worlds)
    for kind, paces in KINDS.items():
        for pace in paces:
            print(json.dumps(count_found(kind, pace, worlds)), flush=True)
    print(json.dumps(count_alarms(worlds[: max(1, args.worlds // 10)])), flush=True)


if __name__ == "__main__":
    main()
