"""One group beside the others: the tables that a report's figures are taken from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from agent.citations import Citations
from agent.facts import GroupCard
from agent.use_cases import Tribune


@dataclass(frozen=True)
class Group:
    """everyone: all users; reviews: all reviews, without their text; both with `inside`: True in
    the group, False in another, missing in none. traits: the group's, most certain first.
    """

    tribune: Tribune
    card: GroupCard
    everyone: pd.DataFrame
    reviews: pd.DataFrame
    traits: pd.DataFrame
    citations: Citations
    writers: dict[str, str]

    @property
    def members(self) -> pd.DataFrame:
        """Users of the group."""
        return self.everyone[self.everyone["inside"].eq(True).fillna(False)]

    @property
    def others(self) -> pd.DataFrame:
        """Users of the other groups."""
        return self.everyone[self.everyone["inside"].eq(False).fillna(False)]

    @property
    def own_reviews(self) -> pd.DataFrame:
        """Reviews by the group."""
        return self.reviews[self.reviews["inside"].eq(True).fillna(False)]

    @property
    def other_reviews(self) -> pd.DataFrame:
        """Reviews by the other groups."""
        return self.reviews[self.reviews["inside"].eq(False).fillna(False)]

    @property
    def n_inside(self) -> int:
        """Number of members."""
        return len(self.members)

    @property
    def n_outside(self) -> int:
        """Number of users of the other groups."""
        return len(self.others)


def open_group(tribune: Tribune, card: GroupCard) -> Group:
    """The group's own rows and everyone's."""
    query = tribune.table.query
    evidence = query(
        """SELECT * FROM sentences WHERE sentence_id IN
           (SELECT unnest(evidence) FROM traits WHERE group_id = ?)""",
        [card.id],
    )
    return Group(
        tribune,
        card,
        query("SELECT *, group_id = ? AS inside FROM users ORDER BY user_id", [card.id]),
        query(
            """SELECT review_id, user_id, r.rating, time, group_id = ? AS inside
               FROM reviews r LEFT JOIN users u USING (user_id)""",
            [card.id],
        ),
        query("SELECT * FROM traits WHERE group_id = ? ORDER BY p, lift DESC, key", [card.id]),
        Citations(evidence, tribune.item_titles),
        dict(zip(evidence["sentence_id"], evidence["user_id"], strict=True)),
    )
