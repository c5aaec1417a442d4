"""What users did, wrote and belong to, from a version's tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.clustering.algorithms import KMeansGroups
from tools.clustering.groups import MIN_SENTENCES
from tools.clustering.user_vectors import UserSpace
from tools.pooling import average_parts
from tools.profiling.profiles import profile_users
from tools.recommendation.histories import Floats, Histories, Interactions, Ints
from tools.record import gather_evidence, list_categories

Bools = npt.NDArray[np.bool_]
# (n_reviews,) reviews to learn from → (n_users,) row of each user's group, −1 for none.
GroupUsers = Callable[[Bools], Ints]


@dataclass(frozen=True)
class Behaviour:
    """review_text: (n_reviews, d) mean vector of each review's sentences, zeros for none."""

    interactions: Interactions
    review_text: Floats

    @classmethod
    def observe(cls, reviews: pd.DataFrame, sentences: pd.DataFrame, vectors: Floats) -> Behaviour:
        """From the tables of reviews and sentences, and the (n_sentences, d) vectors."""
        rows = _find_rows(reviews, sentences)
        return cls(Interactions.read(reviews), average_parts(vectors, rows, len(reviews)))

    def gather(self, rows: Bools, groups: Ints) -> tuple[Histories, Floats]:
        """Histories of all users, who are in these groups, and the items' text, from some of the
        interactions alone.
        """
        known = self.interactions
        text = self.review_text[known.review[rows]]
        said = np.linalg.norm(text, axis=1) > 0
        users = np.where(said, known.user[rows], -1)
        items = np.where(said, known.item[rows], -1)
        histories = Histories(
            known.count(rows & known.liked),
            known.rank(rows),
            average_parts(text, users, len(known.users)),
            groups,
        )
        return histories, average_parts(text, items, len(known.items))


def regroup(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    vectors: Floats,
    topic_vectors: Floats,
    n_groups: int,
    *,
    seed: int = 0,
) -> GroupUsers:
    """A function that groups users anew from some of the reviews, into as many groups as were
    found from all: a check of what groups are worth must not group users by what it holds out.
    """
    users = np.sort(reviews["user_id"].dropna().unique())
    categories = list_categories(reviews, items)
    of_review = _find_rows(reviews, sentences)

    def group_users(rows: Bools) -> Ints:
        kept = rows[of_review]
        own, said = reviews[rows], sentences[kept]
        profiles = profile_users(own, said, items)
        enough = profiles["n_sentences"].to_numpy() >= MIN_SENTENCES
        labels = np.full(len(profiles), -1, dtype=np.int64)
        if n_groups and enough.sum() >= n_groups:
            evidence = gather_evidence(
                profiles, said, own, items, vectors[kept], topic_vectors, categories
            )
            placed = UserSpace.learn(evidence).place(evidence)
            labels[enough] = KMeansGroups(n_groups, seed=seed).fit(placed[enough]).labels_
        found = pd.Series(labels, index=profiles["user_id"]).reindex(users, fill_value=-1)
        return np.asarray(found, dtype=np.int64)

    return group_users


def list_group_rows(users: pd.DataFrame, ids: npt.NDArray[np.str_]) -> Ints:
    """(n,) row of each user's group among the groups in the order of their ids, −1 for none.

    users: with user_id and group_id; ids: of the n users.
    """
    of = users.set_index("user_id")["group_id"].reindex(ids)
    groups = np.sort(users["group_id"].dropna().unique())
    rows = np.searchsorted(groups, of.fillna(0).to_numpy(dtype=np.int64))
    return np.where(of.notna(), rows, -1).astype(np.int64)


def _find_rows(reviews: pd.DataFrame, sentences: pd.DataFrame) -> Ints:
    """(n_sentences,) row of each sentence's review."""
    place = pd.Series(np.arange(len(reviews)), index=reviews["review_id"])
    return np.asarray(place.loc[sentences["review_id"]], dtype=np.int64)
