"""Which of the new groups is which of the old ones, so that ids, names and colours stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

# A new group is an old one where at least this share of either's users is in the other.
SAME = 0.5

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Change:
    """What became of a group. born: of users from everywhere; split: out of `other`, which goes
    on; merged: into `other`; died: its users went everywhere. share: of the group's users known
    before and now, those that came from (split) or went to (merged) `other`, else 0.
    """

    kind: Literal["born", "split", "merged", "died"]
    group_id: int
    other: int | None
    share: float


@dataclass(frozen=True)
class Matching:
    """ids: (k,) id of each new group, in the order of its labels; kept: those of them that are an
    old group's; changes: what became of the others.
    """

    ids: list[int]
    kept: frozenset[int]
    changes: list[Change]


def match_groups(old: Mapping[str, int], new: Mapping[str, int], k: int, *, last: int) -> Matching:
    """Give the k new groups the ids of the old ones that they continue.

    old: user → group id before; new: user → label now, 0 … k − 1; last: the highest id ever given.
    Groups are paired so that the most users keep their id (optimal assignment, Kuhn 1955), and a
    pair counts where at least half of either group's users is in the other. The rest get fresh
    ids, so that no id comes to mean other people.
    """
    before, after = pd.Series(old, dtype="Int64"), pd.Series(new, dtype="Int64")
    ids_before = [int(group) for group in sorted(before.dropna().unique())]
    both = pd.DataFrame({"old": before, "new": after}).dropna()
    table = (
        pd.crosstab(both["old"], both["new"])
        .reindex(index=ids_before, columns=range(k), fill_value=0)
        .to_numpy(dtype=np.int64)
    )
    sizes_old, sizes_new = table.sum(axis=1), table.sum(axis=0)
    came = table / np.maximum(sizes_new, 1)
    went = table / np.maximum(sizes_old, 1)[:, None]
    ids: dict[int, int] = {}
    for place, label in zip(*map(list, linear_sum_assignment(-table)), strict=True):
        if max(came[place, label], went[place, label]) >= SAME:
            ids[int(label)] = ids_before[place]
    changes = []
    kept = frozenset(ids.values())
    for label in range(k):
        if label in ids:
            continue
        last += 1
        ids[label] = last
        source = int(came[:, label].argmax()) if len(ids_before) else 0
        if len(ids_before) and came[source, label] >= SAME:
            changes.append(Change("split", last, ids_before[source], float(came[source, label])))
        else:
            changes.append(Change("born", last, None, 0.0))
    for place, group in enumerate(ids_before):
        if group in kept:
            continue
        target = int(went[place].argmax()) if k else 0
        if k and went[place, target] >= SAME:
            changes.append(Change("merged", group, ids[target], float(went[place, target])))
        else:
            changes.append(Change("died", group, None, 0.0))
    return Matching([ids[label] for label in range(k)], kept, changes)
