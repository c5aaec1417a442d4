"""What a surge is likely about: topics that take up more of it than of what was said before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tools.profiling.traits import MIN_LIFT, MIN_USERS, SIGNIFICANT, adjust, compare_shares

MAX_CAUSES = 3


@dataclass(frozen=True)
class Cause:
    """share, share_before: of the voices in the surge and of those before it, that speak of the
    topic; n_voices in the surge that do; q: p of the hypergeometric test after Benjamini and
    Hochberg (1995) over topics.
    """

    topic_id: int
    share: float
    share_before: float
    n_voices: int
    q: float


def find_causes(surging: pd.DataFrame, before: pd.DataFrame) -> tuple[Cause, ...]:
    """Up to 3 topics whose share of voices rose most, by at least 1.2 times, with q < 0.05 and at
    least 3 voices; none where nothing rose beyond chance.

    surging, before: topic_id (−1: none), voice; a voice counts once on each side.
    """
    n, n_before = surging["voice"].nunique(), before["voice"].nunique()
    if not n or not n_before:
        return ()
    counts, earlier = (
        side[side["topic_id"] >= 0].groupby("topic_id")["voice"].nunique()
        for side in (surging, before)
    )
    inside = counts.to_numpy(dtype=np.int64)
    outside = earlier.reindex(counts.index, fill_value=0).to_numpy(dtype=np.int64)
    sizes = (np.full(len(inside), size, dtype=np.int64) for size in (n, n_before))
    lift, p = compare_shares(inside, outside, *sizes)
    q = adjust(p)
    rise = inside / n - outside / n_before
    clear = (lift > MIN_LIFT) & (q < SIGNIFICANT) & (inside >= MIN_USERS)
    return tuple(
        Cause(
            int(counts.index[place]),
            float(inside[place] / n),
            float(outside[place] / n_before),
            int(inside[place]),
            float(q[place]),
        )
        for place in np.argsort(-rise, kind="stable")
        if clear[place]
    )[:MAX_CAUSES]
