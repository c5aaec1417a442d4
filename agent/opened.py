"""One opened version of a workspace: its tables, vectors, index and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from agent import facts
from agent.facts import GroupRef
from agent.grounding.words import FUNCTION_WORDS
from agent.names import find_group
from tools.clustering.user_vectors import UserSpace
from tools.embedding.encoder import Encoder
from tools.errors import InputError
from tools.monitoring.watch import Watch
from tools.profiling.affinity import Relevance, add_context, find_named, find_relevant
from tools.recommendation.choice import Recommending
from tools.recommendation.graph_paths import PathFinder
from tools.recommendation.group_relations import GroupRelation, relate_groups
from tools.recommendation.knowledge_graph import KnowledgeGraph
from tools.reviews.store import SentenceStore
from tools.reviews.table import Table
from tools.support.knowledge import KnowledgeBase, open_knowledge
from tools.workspace import Workspace, read_manifest

# Where the word list knows a word of a smaller share of the sentences, its warmth says nothing.
MIN_HEARD = 0.1


class Opened:
    """One opened workspace. Safe to use from several threads; the version opened stays in use
    until the workspace is opened again.

    sentences, users, items, topics, traits, aspects: the record's tables; cards: every group, in
    the order of their ids.

    Raises: WorkspaceError if nothing was published there.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.version: Path = workspace.current()
        self.manifest: dict[str, Any] = read_manifest(self.version)
        self.table = Table(self.version)
        self.sentences = self.table.query("SELECT * FROM sentences")
        self.users = self.table.query("SELECT * FROM users").set_index("user_id", drop=False)
        self.items = self.table.query("SELECT * FROM items").set_index("item_id", drop=False)
        self.topics = self.table.query("SELECT * FROM topics ORDER BY topic_id")
        self.traits = self.table.query("SELECT * FROM traits")
        self.subgroups = self.table.query("SELECT * FROM subgroups")
        self.subtraits = self.table.query("SELECT * FROM subtraits")
        self.aspects = self.table.query("SELECT * FROM aspects")
        self.user_row = {user: row for row, user in enumerate(self.users.index)}
        self.cards = [self._card(row) for _, row in self._group_rows().iterrows()]
        self.groups = [GroupRef(id=c.id, name=c.name) for c in self.cards]
        self._group_by_id = {g.id: g for g in self.groups}
        self._card_by_id = {c.id: c for c in self.cards}

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that the workspace was built with."""
        return Encoder(self.manifest["settings"]["encoder"])

    @cached_property
    def vectors(self) -> npt.NDArray[np.float32]:
        vectors = np.load(self.version / "sentence_vectors.npy").astype(np.float32)
        reviews = self.sentences["review_id"].astype("category").cat.codes.to_numpy(np.int32)
        return add_context(vectors, reviews)

    @cached_property
    def recommending(self) -> Recommending:
        """The workspace's recommender and all users' histories.

        Raises: InputError where nothing can be recommended.
        """
        return Recommending.load(self.version)

    @cached_property
    def paths(self) -> PathFinder:
        """What leads from users and groups to items in the knowledge graph."""
        return PathFinder(KnowledgeGraph.load(self.version))

    @cached_property
    def watch(self) -> Watch:
        """Surges, the series they are of, and forecasts. Raises: WorkspaceError where the version
        is older than the watch.
        """
        return Watch.load(self.version)

    @cached_property
    def relations(self) -> list[GroupRelation]:
        """Every pair of groups, the most alike first."""
        return relate_groups(self.paths.graph)

    def sentences_on(self, item_id: str) -> pd.DataFrame:
        """The sentences of an item's reviews."""
        return self.sentences.iloc[self._rows_on.get(item_id, [])]

    @cached_property
    def _rows_on(self) -> dict[str, npt.NDArray[np.int64]]:
        return dict(self.sentences.groupby("item_id").indices)

    @cached_property
    def store(self) -> SentenceStore:
        return SentenceStore(self.version)

    @cached_property
    def knowledge(self) -> KnowledgeBase | None:
        """Past questions with their answers; None where the build was given none."""
        if not self.manifest.get("answers"):
            return None
        return open_knowledge(self.version, self.encoder)

    @property
    def user_ids(self) -> Sequence[str]:
        """All user ids, in the order of their rows."""
        return list(self.users.index)

    @property
    def item_titles(self) -> dict[str, str]:
        """Item id → title."""
        return dict(zip(self.items["item_id"], self.items["title"], strict=True))

    @property
    def topic_names(self) -> list[str]:
        """Topics, largest first."""
        return list(self.topics["name"])

    def need_users(self) -> None:
        if not len(self.users):
            raise InputError(
                "These reviews have no user ids, so users and groups cannot be told. Topics, "
                "search and trends work; map a user column to get the rest: --map user_id=COLUMN."
            )

    def need_groups(self) -> None:
        self.need_users()
        if not self.groups:
            raise InputError(
                "No groups were found: too few users wrote 5 sentences or more. Load more reviews."
            )

    def need_group(self, group: str) -> GroupRef:
        self.need_groups()
        return find_group(str(group), self.groups)

    def resolve_group(self, group: str | None) -> GroupRef | None:
        return self.need_group(group) if group not in (None, "") else None

    def group_at(self, number: object) -> GroupRef | None:
        return None if pd.isna(number) else self._group_by_id[int(str(number))]

    def card(self, group: GroupRef) -> facts.GroupCard:
        """The group's card."""
        return self._card_by_id[group.id]

    def group_of(self, user: pd.Series[Any]) -> GroupRef | None:
        return self.group_at(user["group_id"])

    def find_sentences(self, topic: str) -> tuple[Relevance, npt.NDArray[np.int64]]:
        if not topic.strip():
            raise InputError("The topic is empty. Say what it is about, for example: breakfast.")
        named = find_named(self._lower_texts, topic)
        relevant = find_relevant(self.vectors, self.encoder.encode([topic])[0], named)
        return relevant, relevant.rows

    @cached_property
    def _lower_texts(self) -> pd.Series[str]:
        return self.sentences["text"].str.lower()

    @cached_property
    def row_of_sentence(self) -> dict[str, int]:
        return {s: row for row, s in enumerate(self.sentences["sentence_id"])}

    @cached_property
    def cluster_vectors(self) -> npt.NDArray[np.float32]:
        """(n_clusters, d) centres of the topics, then of the clusters that have no subject."""
        return np.asarray(np.load(self.version / "topic_vectors.npy"), dtype=np.float32)

    @property
    def topic_vectors(self) -> npt.NDArray[np.float32]:
        """(n_topics, d) centres, in the order of `topic_names`."""
        return self.cluster_vectors[: len(self.topics)]

    @cached_property
    def group_vectors(self) -> npt.NDArray[np.float32]:
        """(n_groups, d) centres, in the order of `groups`."""
        return np.asarray(np.load(self.version / "group_vectors.npy"), dtype=np.float32)

    @cached_property
    def user_space(self) -> UserSpace:
        """What users' vectors are deviations from."""
        return UserSpace.load(self.version / "user_space.npz")

    def own_vectors(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Vectors of some sentences, as they were embedded, without their context."""
        stored = np.load(self.version / "sentence_vectors.npy", mmap_mode="r")
        return np.asarray(stored[rows], dtype=np.float32)

    def warmth_by_topic(self, group: GroupRef) -> npt.NDArray[np.float32]:
        """(n_topics,) mean polarity of the group's sentences on each topic, 0 where it has none."""
        own = self.sentences[self.sentences["group_id"].eq(group.id).fillna(False)]
        means = own.groupby("topic_id")["polarity"].mean()
        found = means.reindex(range(len(self.topics)), fill_value=0).to_numpy(dtype=np.float32)
        return np.asarray(found)

    def nearest_topic(self, topic: str) -> str | None:
        if not len(self.topic_vectors):
            return None
        return self.topic_names[
            int(np.argmax(self.topic_vectors @ self.encoder.encode([topic])[0]))
        ]

    def _group_rows(self) -> pd.DataFrame:
        return self.table.query("SELECT * FROM groups ORDER BY group_id")

    def _card(self, row: pd.Series[Any]) -> facts.GroupCard:
        return facts.GroupCard(
            id=int(row["group_id"]),
            name=row["name"],
            headline=row["headline"],
            terms=list(row["terms"]),
            n_users=int(row["n_users"]),
            share=float(row["share"]),
            n_reviews=int(row["n_reviews"]),
            reviews_per_user=round(float(row["reviews_per_user"]), 1),
            rating=number(row["rating"]),
            polarity=round(float(row["polarity"]), 2),
            price=number(row["price"]),
            top_user_share=round(float(row["top_user_share"]), 3),
            voices=round(float(row["voices"]), 1),
            trust=round(float(row["trust"]), 2),
            trusted=bool(row["trusted"]),
            growth=self._measure_growth(int(row["group_id"])),
        )

    def _measure_growth(self, group_id: int) -> float | None:
        counts = self.table.query(
            """WITH dated AS (SELECT r.time, u.group_id FROM reviews r JOIN users u USING (user_id)
                              WHERE r.time IS NOT NULL),
                    last AS (SELECT max(time) AS moment FROM dated)
               SELECT count(*) FILTER (time > moment - INTERVAL 90 DAY) AS recent,
                      count(*) FILTER (time <= moment - INTERVAL 90 DAY
                                       AND time > moment - INTERVAL 180 DAY) AS before
               FROM dated, last WHERE group_id = ?""",
            [group_id],
        ).iloc[0]
        recent, before = int(counts["recent"]), int(counts["before"])
        return round(recent / before - 1, 3) if before >= 5 else None

    def name_key(self, kind: str, key: str) -> str:
        if kind in ("topic", "like", "dislike"):
            return self.topic_names[int(key)]
        return str(self.items["title"].get(key, key)) if kind == "item" else key

    def tell_changes(self) -> list[str]:
        """What became of the groups at the last build, a sentence each."""
        manifest = self.manifest
        told = {
            "born": "{group} is new: its users come from several groups or none.",
            "split": "{group} is new: it split off from {other}.",
            "merged": "{group} merged into {other}.",
            "died": "{group} is no more: its users went to several groups or none.",
        }
        return [
            told[change["kind"]].format(
                group=f"Group {change['group_id']}, {change['name']},",
                other=f"group {change['other']}, {change['other_name']}",
            )
            for change in manifest["changes"]
            if change["built"] == manifest["built"]
        ]

    def tell_unsaid(self, topic: str) -> list[str]:
        """A note on the words of a topic that no review uses: what was found only comes near it."""
        words = [w for w in re.findall(r"[a-z]{4,}", topic.lower()) if w not in FUNCTION_WORDS]
        stems = {word: _find_stem(word) for word in words}
        unsaid = [
            word
            for word, stem in stems.items()
            if not self._lower_texts.str.contains(stem, regex=False).any()
        ]
        if not unsaid:
            return []
        told = " or ".join(f"“{word}”" for word in unsaid)
        return [f"No review says {told}: what is told of “{topic}” is what comes nearest to it."]

    def tell_polarity(self) -> list[str]:
        if self.manifest["polarity"]["learned"]:
            return []
        told = "Warmth comes from a word list here: there were too few ratings to learn it from."
        if (self.sentences["lexicon"] != 0).mean() < MIN_HEARD:
            told += (
                " It is English and knows hardly any word of these reviews: trust no warmth here."
            )
        return [told]


def number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def moment(value: Any) -> Any:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()


def _find_stem(word: str) -> str:
    """What a word shares with its other forms: "hik" of hiking, "museum" of museums."""
    if word.endswith("ing") and len(word) >= 6:
        return word[:-3]
    return word.removesuffix("s")[: max(4, len(word) - 2)]
