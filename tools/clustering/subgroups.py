"""Groups within groups, where a group divides again and the parts can be relied on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.clustering.groups import Ints, find_groups

MAX_SUBGROUPS = 6
# A group of fewer users is not divided: a part would be a handful.
MIN_USERS_TO_DIVIDE = 24


def find_subgroups(
    vectors: npt.NDArray[np.float32], groups: Ints, n_sentences: Ints, *, seed: int = 0
) -> Ints:
    """(n_users,) number 0 … of each user's subgroup within their group, −1 where it has none.

    vectors: (n_users, d); groups: (n_users,), −1 for none. A group is divided as all users are
    (`find_groups`), into at most 6, and only where every part is trusted.
    """
    parts = np.full(len(vectors), -1, dtype=np.int32)
    for group in range(int(groups.max(initial=-1)) + 1):
        members = np.flatnonzero(groups == group)
        if len(members) < MIN_USERS_TO_DIVIDE:
            continue
        found = find_groups(
            vectors[members], n_sentences[members], largest=MAX_SUBGROUPS, seed=seed
        )
        if len(found.centres) > 1 and found.trusted.all():
            parts[members] = found.labels
    return parts
