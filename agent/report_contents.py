"""From a workspace to what a persona report says about one group: every figure with its counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from agent.citations import Citations
from agent.facts import GroupCard
from agent.report_parts import (
    Block,
    Contrast,
    Contrasts,
    Note,
    Period,
    Report,
    Section,
    Statement,
    Table,
    Tile,
    Timeline,
    Tone,
    Voices,
    tell_chance,
    tell_count,
    tell_day,
    tell_part,
    tell_price,
    tell_share,
)
from agent.use_cases import Tribune
from tools.profiling.terms import tokenize
from tools.profiling.traits import SIGNIFICANT, adjust, is_trait

WORDS, TOPICS, STANCES, LESS, ITEMS, QUOTES, TYPICAL = 8, 8, 6, 4, 6, 8, 5
MAX_BARS = 30
# Below this many users, above this share of one voice, below this stability: read with care.
FEW_USERS, LOUD, UNSTABLE = 20, 0.3, 0.75
# A member is near the border whose strength is under this many times the next group's.
BORDER = 1.2


@dataclass
class _Group:
    """One group beside the others. users: all users of groups; reviews: all reviews; both with
    `inside`: True for the group, False for another, missing for no group."""

    tribune: Tribune
    card: GroupCard
    users: pd.DataFrame
    reviews: pd.DataFrame
    traits: pd.DataFrame
    citations: Citations
    quoted: set[str] = field(default_factory=set)

    @property
    def members(self) -> pd.DataFrame:
        return self.users[self.users["inside"]]

    @property
    def n_inside(self) -> int:
        return int(self.users["inside"].sum())

    @property
    def n_outside(self) -> int:
        return len(self.users) - self.n_inside

    @property
    def own_reviews(self) -> pd.DataFrame:
        return self.reviews[self.reviews["inside"].fillna(False)]

    @property
    def other_reviews(self) -> pd.DataFrame:
        return self.reviews[~self.reviews["inside"].fillna(True)]
