"""One group beside the others: the tables that a report's figures are taken from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from agent.citations import Citations
from agent.facts import GroupCard
from agent.use_cases import Tribune


class Said(NamedTuple):
    """Who wrote a sentence, and the sentence."""

    user: str
    text: str


@dataclass(frozen=True)
class Group:
    """everyone: all users; reviews: all reviews, without their text; both with `inside`: True in
    the group, False in another, missing in none. traits: the group's, most certain first;
    aspects: the group's, largest difference first; evidence: the sentences that show one, by id;
    cited: the numbers of those cited so far.
    """

    tribune: Tribune
    card: GroupCard
    everyone: pd.DataFrame
    reviews: pd.DataFrame
    traits: pd.DataFrame
    aspects: pd.DataFrame
    citations: Citations
    evidence: dict[str, Said]
    cited: dict[str, int] = field(default_factory=dict)

    @cached_property
    def members(self) -> pd.DataFrame:
        """Users of the group."""
        return self.everyone[self.everyone["inside"].eq(True).fillna(False)]

    @cached_property
    def others(self) -> pd.DataFrame:
        """Users of the other groups."""
        return self.everyone[self.everyone["inside"].eq(False).fillna(False)]

    @cached_property
    def own_reviews(self) -> pd.DataFrame:
        """Reviews by the group."""
        return self.reviews[self.reviews["inside"].eq(True).fillna(False)]

    @cached_property
    def other_reviews(self) -> pd.DataFrame:
        """Reviews by the other groups."""
        return self.reviews[self.reviews["inside"].eq(False).fillna(False)]

    @property
    def cited_users(self) -> set[str]:
        """Users whose sentences were cited."""
        return {self.evidence[sentence].user for sentence in self.cited}

    @property
    def cited_texts(self) -> set[str]:
        """Sentences that were cited, as they stand."""
        return {self.evidence[sentence].text for sentence in self.cited}

    def cite(self, sentence: str) -> int:
        """The number of the sentence's source."""
        return self.cited.setdefault(sentence, self.citations.cite_id(sentence))

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
           (SELECT unnest(evidence) FROM traits WHERE group_id = $1
            UNION SELECT unnest(evidence) FROM aspects WHERE group_id = $1)""",
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
        query("SELECT * FROM aspects WHERE group_id = ? ORDER BY abs(difference) DESC", [card.id]),
        Citations(evidence, tribune.item_titles),
        {
            sentence: Said(user, text)
            for sentence, user, text in zip(
                evidence["sentence_id"], evidence["user_id"], evidence["text"], strict=True
            )
        },
    )
