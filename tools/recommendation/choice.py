"""The recommender of a workspace: what proved best on its own data, learned from all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tools.errors import InputError
from tools.evaluation.recommenders import Comparison, compare_recommenders
from tools.evaluation.splits import leave_last
from tools.recommendation.behaviour import Behaviour, GroupUsers, list_group_rows, regroup
from tools.recommendation.histories import Floats, Histories
from tools.recommendation.popularity import Popularity
from tools.recommendation.recommender import Recommender
from tools.recommendation.saving import describe, load, make
from tools.workspace import read_manifest

# Of more reviews than this, those of users drawn at random are enough to compare on.
MAX_REVIEWS = 50_000

Progress = Callable[[float], None]


def choose_recommender(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    users: pd.DataFrame,
    vectors: Floats,
    topic_vectors: Floats,
    *,
    seed: int = 0,
    progress: Progress = lambda share: None,
) -> tuple[Recommender | None, dict[str, Any]]:
    """A recommender that has learned, None where nobody liked any item; and what speaks for it:
    chosen (its settings), sentence, and the comparison, None where too few users could be checked.

    The tables are those of a version; vectors: (n_sentences, d), in the order of `sentences`.
    """
    behaviour = Behaviour.observe(reviews, sentences, vectors)
    if not behaviour.interactions.liked.any():
        return None, {
            "chosen": None,
            "sentence": "Nothing is recommended: no user is known to have liked an item.",
            "comparison": None,
        }
    n_groups = int(users["group_id"].nunique())
    comparison: Comparison | None = None
    try:
        checked = _draw_users(reviews, sentences, vectors, seed)
        comparison = compare_recommenders(
            behaviour if checked[0] is reviews else Behaviour.observe(*checked),
            regroup(*checked[:2], items, checked[2], topic_vectors, n_groups, seed=seed),
            leave_last,
            name="leave-last",
            seed=seed,
            progress=progress,
        )
        chosen, sentence = make(comparison.winner.settings), comparison.describe()
    except InputError as error:
        chosen = Popularity()
        sentence = f"What is popular is recommended, unchecked. {error}"
    histories, item_text = gather_all(behaviour, users)
    found = {
        "chosen": describe(chosen),
        "sentence": sentence,
        "comparison": asdict(comparison) if comparison else None,
    }
    return chosen.fit(histories, item_text), found


def read_behaviour(version: Path, *, seed: int = 0) -> tuple[Behaviour, GroupUsers]:
    """What is known of a version's users, and how to group them by some of their reviews."""
    reviews = pd.read_parquet(version / "reviews.parquet")
    sentences = pd.read_parquet(version / "sentences.parquet")
    items = pd.read_parquet(version / "items.parquet")
    groups = pd.read_parquet(version / "groups.parquet", columns=["group_id"])
    vectors = np.load(version / "sentence_vectors.npy").astype(np.float32)
    topics = np.load(version / "topic_vectors.npy").astype(np.float32)
    return (
        Behaviour.observe(reviews, sentences, vectors),
        regroup(reviews, sentences, items, vectors, topics, len(groups), seed=seed),
    )


@dataclass(frozen=True)
class Recommending:
    """A version's recommender, with all users' histories, and what a check of it gave.

    users, items: their ids, in the order of the histories' rows and columns.
    """

    recommender: Recommender
    histories: Histories
    users: list[str]
    items: list[str]
    sentence: str

    @classmethod
    def load(cls, version: Path) -> Recommending:
        """What a build chose. Raises: InputError where nothing can be recommended."""
        choice = read_manifest(version)["recommendation"]
        if not choice["chosen"]:
            raise InputError(
                f"{choice['sentence']} Load reviews with users, items and, where there are "
                "ratings, some high ones."
            )
        reviews = pd.read_parquet(version / "reviews.parquet")
        sentences = pd.read_parquet(version / "sentences.parquet", columns=["review_id"])
        vectors = np.load(version / "sentence_vectors.npy").astype(np.float32)
        behaviour = Behaviour.observe(reviews, sentences, vectors)
        users = pd.read_parquet(version / "users.parquet", columns=["user_id", "group_id"])
        histories, _ = gather_all(behaviour, users)
        known = behaviour.interactions
        return cls(
            load(version), histories, list(known.users), list(known.items), choice["sentence"]
        )

    def take_user(self, user: str) -> Histories:
        """The (1, m) history of one user."""
        return self.histories.take(np.array([self.row_of_user[user]]))

    @cached_property
    def row_of_user(self) -> dict[str, int]:
        return {user: row for row, user in enumerate(self.users)}

    @cached_property
    def row_of_item(self) -> dict[str, int]:
        return {item: row for row, item in enumerate(self.items)}


def _draw_users(
    reviews: pd.DataFrame, sentences: pd.DataFrame, vectors: Floats, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, Floats]:
    """All of users drawn at random, up to `MAX_REVIEWS` reviews; of everyone if fewer."""
    if len(reviews) <= MAX_REVIEWS:
        return reviews, sentences, vectors
    counts = reviews["user_id"].value_counts(sort=False).sample(frac=1, random_state=seed)
    drawn = counts.index[counts.cumsum() <= MAX_REVIEWS]
    kept = reviews[reviews["user_id"].isin(drawn)].reset_index(drop=True)
    said = sentences["review_id"].isin(kept["review_id"]).to_numpy()
    return kept, sentences[said].reset_index(drop=True), vectors[said]


def gather_all(behaviour: Behaviour, users: pd.DataFrame) -> tuple[Histories, Floats]:
    """Histories of all users, in the groups that they are in, and the items' text."""
    groups = list_group_rows(users, behaviour.interactions.users)
    return behaviour.gather(np.ones(len(behaviour.interactions), dtype=bool), groups)
