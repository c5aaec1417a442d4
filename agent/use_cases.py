"""What every door can ask for: chat, command line, HTTP and MCP call these and get these facts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from agent import facts
from agent.citations import Citations
from agent.facts import GroupRef, Stance
from agent.names import find_group, find_id
from tools.embedding.encoder import Encoder
from tools.embedding.sentiment import COLD, WARM
from tools.errors import InputError, UnknownName
from tools.profiling.affinity import Relevance, add_context, find_relevant, rank_users
from tools.profiling.traits import SIGNIFICANT, compare_shares
from tools.reviews.store import SentenceStore
from tools.reviews.table import Table
from tools.workspace import Workspace, read_manifest

MAX_LIMIT = 200
GROUP_TRAITS = 6
DIFFERENCES = 8
MIN_OPINIONS = 3
Period = Literal["day", "week", "month", "quarter"]
Kind = Literal["topic", "like", "dislike", "item", "category"]


class Tribune:
    """One opened workspace. Safe to use from several threads; the version opened stays in use
    until the workspace is opened again.

    Raises: WorkspaceError if nothing was published there.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.version: Path = workspace.current()
        self.manifest: dict[str, Any] = read_manifest(self.version)
        self.table = Table(self.version)
        self._sentences = self.table.query("SELECT * FROM sentences")
        self._users = self.table.query("SELECT * FROM users").set_index("user_id", drop=False)
        self._items = self.table.query("SELECT * FROM items").set_index("item_id", drop=False)
        self._topics = self.table.query("SELECT * FROM topics ORDER BY topic_id")
        self._traits = self.table.query("SELECT * FROM traits")
        self._user_row = {user: row for row, user in enumerate(self._users.index)}
        self._cards = [self._card(row) for _, row in self._group_rows().iterrows()]
        self.groups = [GroupRef(id=c.id, name=c.name) for c in self._cards]

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that the workspace was built with."""
        return Encoder(self.manifest["settings"]["encoder"])

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float32]:
        vectors = np.load(self.version / "sentence_vectors.npy").astype(np.float32)
        reviews = self._sentences["review_id"].astype("category").cat.codes.to_numpy(np.int32)
        return add_context(vectors, reviews)

    @cached_property
    def _store(self) -> SentenceStore:
        return SentenceStore(self.version)

    @property
    def user_ids(self) -> Sequence[str]:
        """All user ids, in the order of their rows."""
        return list(self._users.index)

    @property
    def item_titles(self) -> dict[str, str]:
        """Item id → title."""
        return dict(zip(self._items["item_id"], self._items["title"], strict=True))

    @property
    def topic_names(self) -> list[str]:
        """Topics, largest first."""
        return list(self._topics["name"])

    def find_users(
        self, topic: str, stance: Stance = "likes", group: str | None = None, limit: int = 10
    ) -> facts.UsersFound:
        """Who likes, dislikes or talks about a topic, and which groups they come from."""
        self._need_users()
        limit = check_limit(limit)
        relevant, rows = self._find_sentences(topic)
        chosen = self._resolve_group(group)
        said = self._sentences.iloc[rows]
        users = said["user_id"].map(self._user_row).fillna(-1).to_numpy(dtype=np.int32)
        weights = relevant.weights.copy()
        if chosen:
            users = np.where(said["group_id"].eq(chosen.id).fillna(False), users, -1)
        polarity = said["polarity"].to_numpy(dtype=np.float32)
        ranked = rank_users(users, polarity, weights, stance)
        citations = Citations(self._sentences, self.item_titles)
        hits = []
        for place, user_row in enumerate(ranked.users[:limit]):
            user = self._users.iloc[int(user_row)]
            best = _most_telling(said[users == user_row], stance)
            hits.append(
                facts.UserHit(
                    user_id=user["user_id"],
                    group=self._group_of(user),
                    score=round(float(ranked.scores[place]), 3),
                    mentions=int(ranked.mentions[place]),
                    warm=int(ranked.warm[place]),
                    cold=int(ranked.cold[place]),
                    cites=[citations.cite(int(best))],
                )
            )
        return facts.UsersFound(
            topic=topic,
            stance=stance,
            group=chosen,
            n_sentences=int((users >= 0).sum()),
            n_speakers=len(np.unique(users[users >= 0])),
            n_users=len(ranked.users),
            nearest_topic=None if len(ranked.users) else self._nearest_topic(topic),
            users=hits,
            groups=[] if chosen else self._lift_groups(ranked.users),
            evidence=citations.evidence(),
            notes=self._polarity_notes(),
        )

    def list_groups(self, sort: Literal["size", "rating", "growth"] = "size") -> facts.GroupList:
        """The groups with size and headline traits."""
        self._need_groups()
        keys = {
            "size": lambda c: -c.n_users,
            "rating": lambda c: -(c.rating if c.rating is not None else -1),
            "growth": lambda c: -(c.growth if c.growth is not None else -9),
        }
        return facts.GroupList(
            sort=sort,
            n_users=len(self._users),
            n_without_group=int(self._users["group_id"].isna().sum()),
            groups=sorted(self._cards, key=keys[sort]),
        )

    def describe_group(self, group: str) -> facts.GroupProfile:
        """One group's profile: traits beside everyone else's, with evidence."""
        chosen = self._need_group(group)
        citations = Citations(self._sentences, self.item_titles)
        traits = self._pick_traits(chosen, citations)
        quotes = [n for t in traits if t.kind in ("topic", "like") for n in t.cites][:4]
        return facts.GroupProfile(
            group=self._cards[chosen.id - 1],
            traits=traits,
            quotes=list(dict.fromkeys(quotes)),
            evidence=citations.evidence(),
            notes=self._polarity_notes(),
        )

    def compare_groups(self, first: str, second: str) -> facts.GroupComparison:
        """How two groups differ: the things whose shares differ most, tested against each other."""
        a, b = self._need_group(first), self._need_group(second)
        if a.id == b.id:
            raise InputError(
                f"Both are group {a.id}, {a.name}. Name two different groups to compare."
            )
        citations = Citations(self._sentences, self.item_titles)
        return facts.GroupComparison(
            first=self._cards[a.id - 1],
            second=self._cards[b.id - 1],
            differences=self._find_differences(a, b, citations),
            evidence=citations.evidence(),
        )

    def describe_user(self, user: str) -> facts.UserProfile:
        """A user's profile, group, and the sentences that place them there."""
        self._need_users()
        row = self._users.loc[find_id(user, {u: u for u in self._users.index}, "user")]
        citations = Citations(self._sentences, self.item_titles)
        own = self._sentences[self._sentences["user_id"] == row["user_id"]]
        topics = []
        for topic, said in own[own["topic_id"] >= 0].groupby("topic_id"):
            best = said["similarity"].idxmax()
            topics.append((len(said), float(said["polarity"].mean()), int(str(topic)), int(best)))
        topics.sort(key=lambda t: (-t[0], t[2]))
        group = self._group_of(row)
        because = [citations.cite(s) for s in self._why_here(own, group)] if group else []
        return facts.UserProfile(
            user_id=row["user_id"],
            n_reviews=int(row["n_reviews"]),
            n_sentences=int(row["n_sentences"]),
            rating=_number(row["rating"]),
            rating_all=_number(self._users["rating"].mean()),
            polarity=_number(row["polarity"]),
            first_time=_moment(row["first_time"]),
            last_time=_moment(row["last_time"]),
            group=group,
            strength=_number(row["strength"]),
            runner_up=self._group(row["runner_up"]),
            runner_up_strength=_number(row["runner_up_strength"]),
            topics=[
                facts.UserTopic(
                    id=t,
                    name=self.topic_names[t],
                    n_sentences=n,
                    polarity=round(p, 2),
                    cites=[citations.cite(s)],
                )
                for n, p, t, s in topics[:5]
            ],
            because=because,
            evidence=citations.evidence(),
            notes=self._polarity_notes(),
        )

    def search_reviews(
        self,
        query: str,
        stance: Stance = "any",
        group: str | None = None,
        user: str | None = None,
        item: str | None = None,
        limit: int = 5,
    ) -> facts.ReviewsFound:
        """The reviews themselves: sentences nearest in meaning, one a review."""
        limit = check_limit(limit)
        chosen = self._resolve_group(group)
        user_id = find_id(user, {u: u for u in self._users.index}, "user") if user else None
        item_id = find_id(item, self.item_titles, "item") if item else None
        filters: dict[str, str | int] = {}
        if chosen:
            filters["group_id"] = chosen.id
        if user_id:
            filters["user_id"] = user_id
        if item_id:
            filters["item_id"] = item_id
        found = self._store.search(
            self.encoder.encode([query])[0],
            limit=min(limit * 4, len(self._sentences)),
            equal=filters,
            polarity=stance,
        )
        row_of = self._row_of_sentence
        rows = [row_of[i] for i, similarity in found if similarity >= 0.25]
        hits = self._sentences.iloc[rows].drop_duplicates("review_id").head(limit)
        citations = Citations(self._sentences, self.item_titles)
        for row in hits.index:
            citations.cite(int(row))
        everything = self._find_sentences(query)[1]
        said = self._sentences.iloc[everything]
        for column, value in filters.items():
            said = said[said[column].eq(value).fillna(False)]
        return facts.ReviewsFound(
            query=query,
            stance=stance,
            group=chosen,
            user_id=user_id,
            item=self.item_titles[item_id] if item_id else None,
            n_sentences=len(said),
            n_reviews=said["review_id"].nunique(),
            polarity=_number(said["polarity"].mean()),
            evidence=citations.evidence(),
            notes=self._polarity_notes(),
        )

    def describe_topic(self, topic: str) -> facts.TopicOpinion:
        """What people, group by group, think of a topic."""
        _, rows = self._find_sentences(topic)
        said = self._sentences.iloc[rows]
        citations = Citations(self._sentences, self.item_titles)
        opinions = []
        for card in self._cards:
            own = said[said["group_id"].eq(card.id).fillna(False)]
            if own["user_id"].nunique() < MIN_OPINIONS:
                continue
            polarity = float(own["polarity"].mean())
            best = _most_telling(own, "likes" if polarity >= 0 else "dislikes")
            opinions.append(
                facts.GroupOpinion(
                    id=card.id,
                    name=card.name,
                    n_users=own["user_id"].nunique(),
                    share=own["user_id"].nunique() / card.n_users,
                    n_sentences=len(own),
                    polarity=round(polarity, 2),
                    cites=[citations.cite(int(best))],
                )
            )
        if not opinions and len(said):
            for row in said.index[:3]:
                citations.cite(int(row))
        return facts.TopicOpinion(
            topic=topic,
            n_sentences=len(said),
            n_users=said["user_id"].nunique(),
            polarity=_number(said["polarity"].mean()),
            positive_share=_number((said["polarity"] >= WARM).mean()),
            negative_share=_number((said["polarity"] <= COLD).mean()),
            nearest_topic=None if len(said) else self._nearest_topic(topic),
            groups=sorted(opinions, key=lambda o: -o.share),
            evidence=citations.evidence(),
            notes=self._polarity_notes(),
        )

    def sentiment_trend(
        self, topic: str | None = None, group: str | None = None, period: Period = "month"
    ) -> facts.SentimentTrend:
        """How volume and sentiment moved."""
        chosen = self._resolve_group(group)
        said = (
            self._sentences
            if topic is None
            else self._sentences.iloc[self._find_sentences(topic)[1]]
        )
        if chosen:
            said = said[said["group_id"].eq(chosen.id).fillna(False)]
        dated = said.dropna(subset=["time"])
        if self._sentences["time"].isna().all():
            raise InputError(
                "The reviews have no dates, so there is no trend. Map a time column and build "
                "again."
            )
        code = {"day": "D", "week": "W", "month": "M", "quarter": "Q"}[period]
        by = dated.groupby(dated["time"].dt.to_period(code))["polarity"]
        table = by.agg(["size", "mean", lambda p: (p <= COLD).mean()])
        if len(table):
            whole = pd.period_range(table.index.min(), table.index.max(), freq=code)
            table = table.reindex(whole)
        return facts.SentimentTrend(
            topic=topic,
            group=chosen,
            period=period,
            periods=[
                facts.Period(
                    start=start.start_time.to_pydatetime(),
                    label=_label(start, period),
                    n_sentences=0 if pd.isna(row.iloc[0]) else int(row.iloc[0]),
                    polarity=_number(row.iloc[1]),
                    negative_share=_number(row.iloc[2]),
                )
                for start, row in table.iterrows()
            ],
            notes=self._polarity_notes(),
        )

    def write_report(self, group: str) -> facts.ReportWritten:
        """A persona report as a page in the workspace's reports folder."""
        from agent.report import write_report  # it renders what this class answers

        return write_report(self, group)

    def overview(self) -> facts.Overview:
        """What is loaded."""
        counts = self.manifest["counts"]
        times = self.table.query(
            "SELECT min(time) a, max(time) b, avg(rating) r FROM reviews"
        ).iloc[0]
        return facts.Overview(
            n_reviews=counts["reviews"],
            n_sentences=counts["sentences"],
            n_users=counts["users"],
            n_items=counts["items"],
            n_topics=counts["topics"],
            n_groups=counts["groups"],
            n_without_group=counts["users_without_group"],
            rating=_number(times["r"]),
            first_time=_moment(times["a"]),
            last_time=_moment(times["b"]),
            groups=self.groups,
            topics=self.topic_names[:8],
            notes=self.manifest["notes"],
        )

    def suggest_questions(self) -> list[str]:
        """Example questions made from the loaded data's own groups and topics."""
        traits = self._traits[(self._traits["kind"] == "like") & (self._traits["q"] < SIGNIFICANT)]
        liked = [
            self.topic_names[int(k)].split(" & ")[0] for k in traits.sort_values("p")["key"].head(2)
        ]
        topics = liked or [n.split(" & ")[0] for n in self.topic_names[:2]]
        questions = []
        if len(self._users) and topics:
            questions.append(f"Which users love {topics[0]}?")
        if self.groups:
            questions += ["Which groups are there?", f"What is group {self.groups[0].id} like?"]
        if len(self.groups) > 4:
            questions.append("How do groups 2 and 5 differ?")
        if topics:
            questions.append(f"What do people think of {topics[-1]}?")
            if not self._sentences["time"].isna().all():
                questions.append(f"How did sentiment on {topics[0]} move by quarter?")
        return questions

    # Names and preconditions

    def _need_users(self) -> None:
        if not len(self._users):
            raise InputError(
                "These reviews have no user ids, so users and groups cannot be told. Topics, "
                "search and trends work; map a user column to get the rest: --map user_id=COLUMN."
            )

    def _need_groups(self) -> None:
        self._need_users()
        if not self.groups:
            raise InputError(
                "No groups were found: too few users wrote 5 sentences or more. Load more reviews."
            )

    def _need_group(self, group: str) -> GroupRef:
        self._need_groups()
        return find_group(str(group), self.groups)

    def _resolve_group(self, group: str | None) -> GroupRef | None:
        return self._need_group(group) if group not in (None, "") else None

    def _group(self, number: object) -> GroupRef | None:
        return None if pd.isna(number) else self.groups[int(str(number)) - 1]

    def _group_of(self, user: pd.Series[Any]) -> GroupRef | None:
        return self._group(user["group_id"])

    # Pieces of facts

    def _find_sentences(self, topic: str) -> tuple[Relevance, npt.NDArray[np.int64]]:
        if not topic.strip():
            raise InputError("The topic is empty. Say what it is about, for example: breakfast.")
        relevant = find_relevant(self._vectors, self.encoder.encode([topic])[0])
        return relevant, relevant.rows

    @cached_property
    def _row_of_sentence(self) -> dict[str, int]:
        return {s: row for row, s in enumerate(self._sentences["sentence_id"])}

    @cached_property
    def _topic_vectors(self) -> npt.NDArray[np.float32]:
        return np.asarray(np.load(self.version / "topic_vectors.npy"), dtype=np.float32)

    def _nearest_topic(self, topic: str) -> str | None:
        if not len(self._topic_vectors):
            return None
        return self.topic_names[
            int(np.argmax(self._topic_vectors @ self.encoder.encode([topic])[0]))
        ]

    def _lift_groups(self, user_rows: npt.NDArray[np.int32]) -> list[facts.GroupLift]:
        found = self._users.iloc[user_rows]["group_id"].dropna().astype(int)
        if found.empty:
            return []
        inside = np.array([int((found == c.id).sum()) for c in self._cards])
        sizes = np.array([c.n_users for c in self._cards])
        # Of the group's users, those found, beside the same among all other groups' users.
        _, p = compare_shares(inside, len(found) - inside, sizes, sizes.sum() - sizes)
        lift = (inside / len(found)) / (sizes / sizes.sum())
        order = np.argsort(-lift, kind="stable")
        return [
            facts.GroupLift(
                id=self._cards[g].id,
                name=self._cards[g].name,
                n_users=int(inside[g]),
                share=float(inside[g] / len(found)),
                lift=round(float(lift[g]), 2),
                p=float(p[g]),
            )
            for g in order
            if inside[g] > 0
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
            rating=_number(row["rating"]),
            polarity=round(float(row["polarity"]), 2),
            price=_number(row["price"]),
            top_user_share=round(float(row["top_user_share"]), 3),
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

    def _name_key(self, kind: str, key: str) -> str:
        if kind in ("topic", "like", "dislike"):
            return self.topic_names[int(key)]
        return str(self._items["title"].get(key, key)) if kind == "item" else key

    def _pick_traits(self, group: GroupRef, citations: Citations) -> list[facts.Trait]:
        own = self._traits[
            (self._traits["group_id"] == group.id) & (self._traits["q"] < SIGNIFICANT)
        ]
        picked = []
        for kind in ("topic", "like", "dislike", "item", "category"):
            best = own[(own["kind"] == kind) & (own["lift"] > 1.2)].sort_values("p")
            for _, row in best.head(GROUP_TRAITS if kind == "topic" else 3).iterrows():
                picked.append(
                    facts.Trait(
                        kind=kind,
                        name=self._name_key(kind, row["key"]),
                        n_users=int(row["n_users"]),
                        share_in=float(row["share_in"]),
                        share_out=float(row["share_out"]),
                        lift=round(float(row["lift"]), 1),
                        q=float(row["q"]),
                        cites=[citations.cite_id(i) for i in list(row["evidence"])[:1]],
                    )
                )
        return picked

    def _find_differences(
        self, a: GroupRef, b: GroupRef, citations: Citations
    ) -> list[facts.TraitPair]:
        columns = ["kind", "key", "n_users", "share_in", "evidence"]
        sides = [
            self._traits[self._traits["group_id"] == g.id][columns].set_index(["kind", "key"])
            for g in (a, b)
        ]
        both = sides[0].join(sides[1], how="outer", lsuffix="_a", rsuffix="_b").reset_index()
        sizes = [self._cards[g.id - 1].n_users for g in (a, b)]
        counts = both[["n_users_a", "n_users_b"]].fillna(0).to_numpy(dtype=np.int64)
        n_a, n_b = (np.full(len(both), n) for n in sizes)
        _, p = compare_shares(counts[:, 0], counts[:, 1], n_a, n_b)
        both["p"] = p
        gap = np.abs(counts[:, 0] / sizes[0] - counts[:, 1] / sizes[1])
        both["gap"] = gap
        best = both[both["p"] < SIGNIFICANT].sort_values(["p", "gap"], ascending=[True, False])
        best = best.groupby("kind").head(4).head(DIFFERENCES)
        pairs = []
        for i, row in best.iterrows():
            n_first, n_second = (int(n) for n in counts[both.index.get_loc(i)])
            side = "evidence_a" if n_first / sizes[0] >= n_second / sizes[1] else "evidence_b"
            shown = list(row[side]) if isinstance(row[side], (list, np.ndarray)) else []
            pairs.append(
                facts.TraitPair(
                    kind=row["kind"],
                    name=self._name_key(row["kind"], row["key"]),
                    share_first=n_first / sizes[0],
                    share_second=n_second / sizes[1],
                    n_first=n_first,
                    n_second=n_second,
                    p=float(row["p"]),
                    cites=[citations.cite_id(s) for s in shown[:1]],
                )
            )
        return pairs

    def _why_here(self, own: pd.DataFrame, group: GroupRef) -> list[int]:
        """Rows of the user's three sentences nearest to what sets the group apart."""
        traits = self._traits[
            (self._traits["group_id"] == group.id) & (self._traits["kind"] == "topic")
        ]
        lift = {int(k): float(v) for k, v in zip(traits["key"], traits["lift"], strict=True)}
        weight = own["topic_id"].map(lift).fillna(0) * own["similarity"]
        return [int(i) for i in weight[weight > 0].nlargest(3).index]

    def _polarity_notes(self) -> list[str]:
        if self.manifest["polarity"]["learned"]:
            return []
        return ["Warmth comes from a word list here: there were too few ratings to learn it from."]


def check_limit(limit: int) -> int:
    """Raises: InputError unless 1 ≤ limit ≤ 200."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InputError(f"limit must be from 1 to {MAX_LIMIT}; got {limit}.")
    return limit


def _most_telling(said: pd.DataFrame, stance: Stance) -> int:
    """Row label of the sentence that shows the stance best; rows come most relevant first."""
    rank = 1 - np.arange(len(said)) / max(1, len(said))
    sign = {"likes": 1.0, "dislikes": -1.0, "any": 0.0}[stance]
    fit = 0.6 * rank + sign * said["polarity"].to_numpy() - 0.3 * (said["text"].str.len() > 240)
    return int(said.index[int(np.argmax(fit))])


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _moment(value: Any) -> Any:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()


def _label(start: pd.Period, period: Period) -> str:
    if period == "quarter":
        return f"Q{start.quarter} {start.year}"
    if period == "month":
        return f"{start.start_time:%B %Y}"
    if period == "week":
        return f"week of {start.start_time:%d %B %Y}"
    return f"{start.start_time:%d %B %Y}"


__all__ = ["Tribune", "UnknownName", "check_limit"]
