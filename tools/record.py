"""The tables of a version: sentences, users, items, topics and groups, made from its reviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.clustering.algorithms import measure_membership
from tools.clustering.topics import share_among_topics
from tools.clustering.user_vectors import UserEvidence
from tools.errors import WorkspaceError
from tools.pooling import sum_parts
from tools.profiling.aspects import find_aspects
from tools.profiling.evidence import measure_tone
from tools.profiling.profiles import profile_groups
from tools.profiling.terms import measure_naming
from tools.profiling.traits import find_traits
from tools.reviews.columns import REVIEW_NAMES
from tools.reviews.sentences import split_sentences
from tools.reviews.store import SentenceStore

Progress = Callable[[str, float], None]
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Vectors:
    """What a version keeps beside its tables. sentences: (n_sentences, d) unit; topics: (t, d)
    unit; users: (n_users, e); groups: (k, e), in the order of the groups' ids.
    """

    sentences: Floats
    topics: Floats
    users: Floats
    groups: Floats

    def save(self, folder: Path) -> None:
        """Write one .npy file each; sentences as float16."""
        np.save(folder / "sentence_vectors.npy", self.sentences.astype(np.float16))
        np.save(folder / "topic_vectors.npy", self.topics)
        np.save(folder / "user_vectors.npy", self.users)
        np.save(folder / "group_vectors.npy", self.groups)

    @classmethod
    def load(cls, folder: Path) -> Vectors:
        """What `save` wrote, as float32."""
        names = ("sentence", "topic", "user", "group")
        arrays = (np.load(folder / f"{name}_vectors.npy") for name in names)
        return cls(*(array.astype(np.float32) for array in arrays))


def set_aside_attributes(reviews: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Our columns, and the file's further ones, which may be called like what is found later."""
    further = reviews.drop(columns=list(REVIEW_NAMES))
    clash = {name: f"{name}_given" for name in ("n_sentences", "polarity")}
    return reviews[list(REVIEW_NAMES)].copy(), further.rename(columns=clash)


def list_sentences(reviews: pd.DataFrame) -> pd.DataFrame:
    """One row a sentence, in the order of `reviews`: its id, its review's row and columns, text."""
    pieces = [split_sentences(text) for text in reviews["text"]]
    rows = np.repeat(np.arange(len(reviews)), [len(p) for p in pieces])
    of = reviews.iloc[rows].reset_index(drop=True)
    positions = np.concatenate([np.arange(len(p)) for p in pieces]) if len(rows) else rows
    return pd.DataFrame(
        {
            "sentence_id": of["review_id"] + "#" + pd.Series(positions).astype(str),
            "review_row": rows,
            "review_id": of["review_id"],
            "user_id": of["user_id"],
            "item_id": of["item_id"],
            "rating": of["rating"],
            "time": of["time"],
            "text": [sentence for piece in pieces for sentence in piece],
        }
    )


def list_categories(reviews: pd.DataFrame, items: pd.DataFrame) -> list[str]:
    """Categories of the items that were reviewed, sorted."""
    seen = items[items["item_id"].isin(reviews["item_id"])]
    return sorted(seen["category"].dropna().unique())


def gather_evidence(
    users: pd.DataFrame,
    sentences: pd.DataFrame,
    reviews: pd.DataFrame,
    items: pd.DataFrame,
    vectors: Floats,
    topic_vectors: Floats,
    categories: list[str],
) -> UserEvidence:
    """What is known of each row of `users`: topics from their sentences' `vectors`, and deeds."""
    row_of = {u: row for row, u in enumerate(users["user_id"])}
    writers = sentences["user_id"].map(row_of).fillna(-1).to_numpy(dtype=np.int64)
    known = np.flatnonzero(writers >= 0)
    shape = (len(users), len(topic_vectors))
    mentions, warmth = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    polarity = sentences["polarity"].to_numpy(dtype=np.float32)
    for part in np.array_split(known, max(1, len(known) // ROWS_AT_ONCE)):
        shares = share_among_topics(vectors[part], topic_vectors)
        mentions += sum_parts(shares, writers[part], len(users))
        warmth += sum_parts(shares * polarity[part, None], writers[part], len(users))
    kinds = reviews.merge(items[["item_id", "category"]], on="item_id")
    visits = pd.crosstab(kinds["user_id"], kinds["category"]).reindex(
        index=users["user_id"], columns=categories, fill_value=0
    )
    return UserEvidence(
        mentions,
        warmth,
        visits.to_numpy(dtype=np.float32),
        users["price"].to_numpy(dtype=np.float32),
        users["rating"].to_numpy(dtype=np.float32),
        users["n_reviews"].to_numpy(dtype=np.float32),
    )


def place_users(
    users: pd.DataFrame, groups: Ints, vectors: Floats, centres: Floats, ids: list[int]
) -> pd.DataFrame:
    """`users` with group_id, strength, runner_up, runner_up_strength; null for no group.

    groups: (n_users,) row of each user's group in `centres` and `ids`, −1 for none; vectors:
    (n_users, d).
    """
    placed, k = groups >= 0, len(ids)
    numbers = np.array([*ids, 0])  # the last one stands for none
    strengths = measure_membership(vectors, centres) if k else np.zeros((len(users), 1))
    own = strengths[np.arange(len(users)), groups]
    rivals = strengths.copy()
    rivals[np.arange(len(users)), groups] = -1
    rival, nearest = rivals.argmax(axis=1), placed & (k > 1)
    return users.assign(
        group_id=pd.Series(numbers[groups], dtype="Int64").where(placed),
        strength=pd.Series(own, dtype="float64").where(placed),
        runner_up=pd.Series(numbers[rival], dtype="Int64").where(nearest),
        runner_up_strength=pd.Series(rivals.max(axis=1), dtype="float64").where(nearest),
    )


def number_subgroups(parts: Ints) -> pd.Series[int]:
    """1 … of each user's subgroup; null for none."""
    return pd.Series(parts + 1, dtype="Int64").where(parts >= 0)


def profile_subgroups(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    items: pd.DataFrame,
    topics: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of subgroups and of their traits, which are beside the rest of their group.

    Columns as those of groups and traits, with group_id, the group, and subgroup, its part.
    """
    profiles: list[pd.DataFrame] = []
    found: list[pd.DataFrame] = []
    said = sentences.drop(columns="group_id")
    divided = users.dropna(subset=["subgroup"])
    for group, members in divided.groupby("group_id"):
        parts = members.assign(group_id=members["subgroup"])
        own = said[said["user_id"].isin(set(parts["user_id"]))]
        own = own.merge(parts[["user_id", "group_id"]], on="user_id")
        traits = find_traits(own.drop(columns="group_id"), items, parts)
        table = profile_groups(parts, reviews, own, traits, topics)
        for frame, kept in ((table, profiles), (traits, found)):
            kept.append(
                frame.rename(columns={"group_id": "subgroup"}).assign(group_id=int(str(group)))
            )
    if not profiles:
        return (
            pd.DataFrame(columns=["group_id", "subgroup", "name", "headline", "n_users", "share"]),
            pd.DataFrame(columns=["group_id", "subgroup", "kind", "key"]),
        )
    return pd.concat(profiles, ignore_index=True), pd.concat(found, ignore_index=True)


def profile(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    items: pd.DataFrame,
    topics: pd.DataFrame,
    kept_names: Mapping[int, str],
) -> dict[str, pd.DataFrame]:
    """Every table of the record by name, from users that are placed and sentences that have topics.

    topics: topic_id, name, terms; kept_names: group_id → the name that a group keeps.
    """
    sentences = sentences.drop(columns="review_row", errors="ignore").merge(
        users[["user_id", "group_id"]], on="user_id", how="left"
    )
    sentences = sentences.assign(
        naming=_measure_naming(sentences, topics), tone=measure_tone(sentences)
    )
    about = sentences[sentences["topic_id"] >= 0].groupby("topic_id")
    summary = about.agg(
        n_sentences=("sentence_id", "size"),
        n_users=("user_id", "nunique"),
        polarity=("polarity", "mean"),
    ).reset_index()
    topic_table = topics[["topic_id", "name", "terms"]].merge(summary, on="topic_id", how="left")
    counts = ["n_sentences", "n_users"]
    topic_table[counts] = topic_table[counts].fillna(0).astype("int64")
    user_topics = (
        sentences[sentences["topic_id"] >= 0]
        .groupby(["user_id", "topic_id"])
        .agg(n_sentences=("sentence_id", "size"), polarity=("polarity", "mean"))
        .reset_index()
    )
    traits = find_traits(sentences.drop(columns="group_id"), items, users)
    subgroups, subtraits = profile_subgroups(reviews, sentences, users, items, topic_table)
    return {
        "reviews": reviews,
        "sentences": sentences,
        "users": users,
        "items": items,
        "topics": topic_table,
        "groups": profile_groups(users, reviews, sentences, traits, topic_table, kept_names),
        "traits": traits,
        "subgroups": subgroups,
        "subtraits": subtraits,
        "aspects": find_aspects(sentences),
        "user_topics": user_topics,
    }


def _measure_naming(sentences: pd.DataFrame, topics: pd.DataFrame) -> pd.Series[float]:
    naming = pd.Series(0.0, index=sentences.index)
    terms = topics.set_index("topic_id")["terms"]
    for topic, said in sentences[sentences["topic_id"] >= 0].groupby("topic_id"):
        naming[said.index] = measure_naming(said["text"], list(terms[topic]))
    return naming


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """One Parquet file a table."""
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)


def index_sentences(
    folder: Path, sentences: pd.DataFrame, vectors: Floats, progress: Progress
) -> None:
    """Add the sentences to the folder's index, with what they can be filtered by."""
    columns = ["user_id", "item_id", "polarity", "group_id"]
    metadata = [
        {key: value for key, value in row.items() if not pd.isna(value)}
        for row in sentences[columns].astype(object).to_dict("records")
    ]
    store = SentenceStore(folder)
    before = len(store)
    store.add(sentences["sentence_id"].tolist(), vectors, metadata, progress=progress)
    if len(store) != before + len(sentences):
        raise WorkspaceError(
            f"The index holds {len(store) - before} of {len(sentences)} sentences. Build again."
        )
    store.close()
