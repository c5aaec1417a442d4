"""The version before: what a new one goes on with, so that groups and topics stay who they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.errors import WorkspaceError
from tools.workspace import Workspace, read_manifest


@dataclass(frozen=True)
class Predecessor:
    """groups: user → group id, of users in one; group_names: id → name; last_group: the highest id
    ever given; topic_vectors: (t, d) unit, of which the first are the topics of `topic_names`, the
    others clusters that have no subject; encoder: its name; changes: what became of groups so far.
    """

    groups: dict[str, int]
    group_names: dict[int, str]
    last_group: int
    topic_names: list[str]
    topic_vectors: npt.NDArray[np.float32]
    encoder: str
    changes: list[dict[str, Any]]

    @classmethod
    def find(cls, workspace: Workspace, users: Collection[str]) -> Predecessor | None:
        """The published version, if it holds any of `users`: another corpus begins anew."""
        try:
            version = workspace.current()
        except WorkspaceError:
            return None
        manifest = read_manifest(version)
        table = pd.read_parquet(version / "users.parquet", columns=["user_id", "group_id"])
        if not table["user_id"].isin(set(users)).any():
            return None
        placed = table.dropna()
        groups = pd.read_parquet(version / "groups.parquet", columns=["group_id", "name"])
        topics = pd.read_parquet(version / "topics.parquet", columns=["topic_id", "name"])
        return cls(
            groups=dict(zip(placed["user_id"], placed["group_id"].astype(int), strict=True)),
            group_names=dict(zip(groups["group_id"].astype(int), groups["name"], strict=True)),
            last_group=manifest["grouping"]["last_id"],
            topic_names=topics.sort_values("topic_id")["name"].tolist(),
            topic_vectors=np.load(version / "topic_vectors.npy"),
            encoder=manifest["settings"]["encoder"],
            changes=manifest["changes"],
        )

    def find_topic_vectors(self, encoder: str) -> npt.NDArray[np.float32] | None:
        """The topics' vectors, if they are that encoder's and there are any."""
        same = encoder == self.encoder and len(self.topic_vectors) > 0
        return self.topic_vectors if same else None

    def find_groups_of(self, users: pd.Series[str]) -> npt.NDArray[np.int32]:
        """(n_users,) row of each user's group, in the order of ids; −1 for none."""
        row_of = {group: row for row, group in enumerate(sorted(self.group_names))}
        groups = [row_of[self.groups[u]] if u in self.groups else -1 for u in users]
        return np.array(groups, dtype=np.int32)

    def name_groups(self, ids: Collection[int]) -> dict[int, str]:
        """Id → name of those groups."""
        return {group: self.group_names[group] for group in ids}
