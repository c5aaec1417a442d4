"""Whether trends are as sure as they say: intervals that hold the truth, and what chance moves.

Coverage: worlds of users whose number of sentences is Pareto-distributed and whose moods differ;
how often the 95% interval holds the true mean and share, beside one that takes each sentence for a
voice of its own. Chance: a workspace's reviews with their dates shuffled, in which nothing moves.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from tools.profiling.intervals import bound_share, measure_means, measure_shares
from tools.profiling.trends import (
    RECENT,
    choose_length,
    compare_polarity,
    find_moves,
    split_time,
    trace_polarity,
)
from tools.workspace import Workspace

WORLDS, SHARE = 2000, 0.15
SHUFFLES = 40


def measure_coverage(n_users: int, rng: np.random.Generator) -> list[float]:
    """Share of the worlds whose truth lies in the interval: of the mean, of the share, and of
    both without regard to users.
    """
    size = np.minimum(60, rng.pareto(1.5, WORLDS * n_users) * 3 + 1).astype(int)
    voice = np.repeat(np.arange(len(size)), size)
    world = voice // n_users
    mood = rng.normal(0, 0.3, len(size))[voice] + rng.normal(0, 0.5, len(voice))
    hits = rng.random(len(voice)) < rng.beta(4 * SHARE, 4 * (1 - SHARE), len(size))[voice]
    means = measure_means(mood, world, voice, WORLDS)
    shares = measure_shares(hits, world, voice, WORLDS)
    alone = measure_means(mood, world, np.arange(len(voice)), WORLDS)
    low, high = bound_share(np.bincount(world, hits), np.bincount(world))
    return [
        float(np.mean((lows <= truth) & (highs >= truth)))
        for lows, highs, truth in (
            (means.low, means.high, 0),
            (shares.low, shares.high, SHARE),
            (alone.low, alone.high, 0),
            (low, high, SHARE),
        )
    ]


def shuffle_dates(said: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The sentences, each review's with another review's date."""
    times = said.drop_duplicates("review_id").set_index("review_id")["time"]
    shuffled = pd.Series(rng.permutation(times.to_numpy()), index=times.index)
    return said.assign(time=said["review_id"].map(shuffled))


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="whose dates are shuffled")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    print(f"Of {WORLDS:,} worlds, the 95% interval holds the truth:")
    for n_users in (4, 10, 30, 100):
        mean, share, naive_mean, naive_share = measure_coverage(n_users, rng)
        print(
            f"{n_users:4} users: mean {mean:.1%}, share {share:.1%}; "
            f"sentences as voices: {naive_mean:.1%}, {naive_share:.1%}"
        )
    if args.workspace is None:
        return
    version = Workspace(args.workspace).current()
    said = pd.read_parquet(version / "sentences.parquet").dropna(subset=["time"])
    length = choose_length(said["time"])
    changed = moved = stood_out = topics = 0
    for _ in range(SHUFFLES):
        other = shuffle_dates(said, rng)
        half, recent = (split_time(other["time"], length, part) for part in (0.5, RECENT))
        if half is None or recent is None:
            raise SystemExit("The reviews are all of one period, so nothing can be compared.")
        change = compare_polarity(other, np.asarray(other["time"] >= half.start_time))
        changed += change is not None and change.p < 0.05
        moves = find_moves(other, np.asarray(other["time"] >= recent.start_time))
        topics += int((moves["move"] != "steady").sum())
        moved += bool((moves["move"] != "steady").any())
        stood_out += bool((trace_polarity(other, length)["q"] < 0.05).any())
    print(
        f"Of {SHUFFLES} shuffles of the dates, {changed} change the mood (p < 0.05), {stood_out} "
        f"have a {length} that stands out and {moved} a topic that moves ({topics} topics in all)."
    )


if __name__ == "__main__":
    main()
