"""From files of reviews to a published version: read, split, embed, judge, cluster, profile."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.clustering.groups import Groups, find_groups, is_clear_cut
from tools.clustering.projection import project_users
from tools.clustering.topics import Topics, find_topics, share_among_topics
from tools.clustering.user_vectors import UserEvidence, build_user_vectors
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import DEFAULT_ENCODER, Encoder, embed, identify_encoder
from tools.embedding.sentiment import PolarityModel, score_lexicon
from tools.embedding.verdict import read_verdict
from tools.errors import ReadError, WorkspaceError
from tools.profiling.profiles import profile_groups, profile_items, profile_users
from tools.profiling.traits import find_traits
from tools.reviews.columns import REVIEW_NAMES
from tools.reviews.reading import read_items, read_reviews
from tools.reviews.sentences import split_sentences
from tools.reviews.store import SentenceStore
from tools.workspace import Workspace, read_manifest, write_manifest

Progress = Callable[[str, float], None]

# Raised whenever the same files would give other results, so that they are built anew.
REVISION = 3
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class BuildSettings:
    """What a build depends on beside its files."""

    encoder: str = DEFAULT_ENCODER
    algorithm: str = "kmeans"
    n_groups: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class BuildResult:
    """version: the published folder; new: False when it already held just this; notes: what the
    user should know; counts: records, reviews, sentences, users, items, topics, groups.
    """

    version: Path
    new: bool
    counts: dict[str, int]
    notes: list[str]


def build(
    files: Sequence[Path],
    workspace: Workspace,
    *,
    items: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    settings: BuildSettings = BuildSettings(),
    progress: Progress = lambda step, share: None,
) -> BuildResult:
    """Read files of reviews (and of items) and publish a new version of the workspace.

    If the published version was built from the same files and settings, nothing is done.
    Raises: ReadError, InputError for files that cannot be used; WorkspaceError if another process
    is building.
    """
    fingerprint = _fingerprint(files, items, mapping, settings)
    published = _find_published(workspace, fingerprint)
    if published is not None:
        return published
    with workspace.new_version() as folder:
        clock = _Clock(progress)
        with clock.step("reading"):
            table, account = read_reviews(
                files,
                mapping=mapping,
                rejects_to=folder / "rejects.csv",
                progress=lambda _, share: progress("reading", share),
            )
            reviews, attributes = _set_aside_attributes(table.to_pandas())
            given, item_notes = None, []
            if items:
                item_table, item_account = read_items(items)
                given, item_notes = item_table.to_pandas(), item_account.notes
        with clock.step("embedding"):
            encoder = Encoder(settings.encoder)
            sentences = _list_sentences(reviews)
            if sentences.empty:
                raise ReadError(
                    f"None of the {len(reviews):,} reviews holds a word. Map the column of their "
                    "texts with text=COLUMN."
                )
            cache = EmbeddingCache(workspace.embeddings, encoder.name)
            vectors = embed(sentences["text"].tolist(), encoder, cache, progress=progress)
        with clock.step("judging polarity"):
            texts = sentences["text"].tolist()
            lexicon = score_lexicon(texts)
            rows = sentences["review_row"].to_numpy(dtype=np.int32)
            ratings = reviews["rating"].to_numpy(dtype=np.float32)
            judge = PolarityModel(seed=settings.seed)
            judge.fit(vectors, lexicon, texts, rows, ratings)
            sentences["polarity"] = judge.predict(vectors, lexicon, texts)
            said = sentences.groupby("review_row")["polarity"]
            reviews["n_sentences"] = said.size().reindex(reviews.index, fill_value=0)
            reviews["polarity"] = said.mean().reindex(reviews.index)
        with clock.step("finding topics"):
            topics = find_topics(vectors, texts, encoder.encode, seed=settings.seed)
            sentences["topic_id"] = topics.labels
            sentences["similarity"] = topics.similarity
        with clock.step("finding groups"):
            item_table = profile_items(reviews, given)
            users = profile_users(reviews, sentences, item_table)
            user_vectors = _vectorise(users, sentences, reviews, item_table, vectors, topics)
            groups = find_groups(
                user_vectors,
                users["n_sentences"].to_numpy(dtype=np.int32),
                algorithm=settings.algorithm,
                k=settings.n_groups,
                seed=settings.seed,
            )
            users = _place_users(users, groups, project_users(user_vectors, seed=settings.seed))
        with clock.step("profiling"):
            frames = _profile(reviews, sentences, users, item_table, topics)
            frames["reviews"] = pd.concat([reviews, attributes], axis=1)
        with clock.step("writing"):
            _write(folder, frames, vectors, topics.centres, user_vectors)
        with clock.step("indexing"):
            _index(folder, frames["sentences"], vectors, progress)
        counts = {
            "records": account.read,
            "duplicates": account.duplicates,
            "rejected": account.rejected,
            **{name: len(frames[name]) for name in
               ("reviews", "sentences", "users", "items", "topics", "groups")},
            "users_without_group": int(users["group_id"].isna().sum()),
        }  # fmt: skip
        notes = [*account.notes, *item_notes, *_describe(counts, judge, groups)]
        notes += _judge_encoder(settings.encoder)
        write_manifest(
            folder,
            {
                "fingerprint": fingerprint,
                "built": datetime.now(UTC).isoformat(timespec="seconds"),
                "settings": asdict(settings),
                "sources": [asdict(f) for f in account.files],
                "mapping": account.mapping,
                "counts": counts,
                "polarity": {"learned": judge.learned_, "reviews": judge.n_training_},
                "group_counts": {str(k): curve for k, curve in groups.curve.items()},
                "notes": notes,
                "seconds": {k: round(v, 2) for k, v in clock.seconds.items()},
            },
        )
    return BuildResult(workspace.current(), True, counts, notes)


class _Clock:
    """Times the steps and tells their beginnings."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._progress(name, 0.0)
        start = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - start
        self._progress(name, 1.0)


def _fingerprint(
    files: Sequence[Path],
    items: Path | None,
    mapping: Mapping[str, str] | None,
    settings: BuildSettings,
) -> str:
    given = {
        "revision": REVISION,
        "settings": asdict(settings) | {"encoder": identify_encoder(settings.encoder)},
        "mapping": dict(mapping or {}),
        "files": [_hash(path) for path in files],
        "items": items and _hash(items),
    }
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _hash(path: Path) -> str:
    if not path.is_file():
        return ""  # it is refused, with a sentence, when it is read
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _find_published(workspace: Workspace, fingerprint: str) -> BuildResult | None:
    try:
        version = workspace.current()
    except WorkspaceError:
        return None
    manifest = read_manifest(version)
    if manifest.get("fingerprint") != fingerprint:
        return None
    return BuildResult(version, False, manifest["counts"], manifest["notes"])


def _set_aside_attributes(reviews: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Our columns, and the file's further ones, which may be called like what is found later."""
    further = reviews.drop(columns=list(REVIEW_NAMES))
    clash = {name: f"{name}_given" for name in ("n_sentences", "polarity")}
    return reviews[list(REVIEW_NAMES)].copy(), further.rename(columns=clash)


def _list_sentences(reviews: pd.DataFrame) -> pd.DataFrame:
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


def _vectorise(
    users: pd.DataFrame,
    sentences: pd.DataFrame,
    reviews: pd.DataFrame,
    items: pd.DataFrame,
    vectors: Floats,
    topics: Topics,
) -> Floats:
    row_of = {u: row for row, u in enumerate(users["user_id"])}
    writers = sentences["user_id"].map(row_of).fillna(-1).to_numpy(dtype=np.int64)
    known = np.flatnonzero(writers >= 0)
    shape = (len(users), len(topics.names))
    mentions, warmth = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    polarity = sentences["polarity"].to_numpy(dtype=np.float32)
    for part in np.array_split(known, max(1, len(known) // 20_000)):
        shares = share_among_topics(vectors[part], topics.centres)
        np.add.at(mentions, writers[part], shares)
        np.add.at(warmth, writers[part], shares * polarity[part, None])
    kinds = reviews.merge(items[["item_id", "category"]], on="item_id")
    visits = pd.crosstab(kinds["user_id"], kinds["category"]).reindex(
        users["user_id"], fill_value=0
    )
    return build_user_vectors(
        UserEvidence(
            mentions,
            warmth,
            visits.to_numpy(dtype=np.float32),
            users["price"].to_numpy(dtype=np.float32),
            users["rating"].to_numpy(dtype=np.float32),
            users["n_reviews"].to_numpy(dtype=np.float32),
        )
    )


def _place_users(users: pd.DataFrame, groups: Groups, positions: Floats) -> pd.DataFrame:
    placed = groups.labels >= 0
    numbers = pd.Series(groups.labels + 1, dtype="Int64").where(placed)
    best, rival = pd.Series(np.nan, users.index), pd.Series(pd.NA, users.index, dtype="Int64")
    second = best.copy()
    if groups.strengths.shape[1]:
        ranked = np.sort(groups.strengths, axis=1)
        best = pd.Series(ranked[:, -1]).where(placed)
    if groups.strengths.shape[1] > 1:
        rival = pd.Series(np.argsort(groups.strengths, axis=1)[:, -2] + 1, dtype="Int64")
        rival, second = rival.where(placed), pd.Series(ranked[:, -2]).where(placed)
    return users.assign(
        group_id=numbers,
        strength=best,
        runner_up=rival,
        runner_up_strength=second,
        x=positions[:, 0],
        y=positions[:, 1],
    )


def _profile(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    items: pd.DataFrame,
    topics: Topics,
) -> dict[str, pd.DataFrame]:
    sentences = sentences.drop(columns="review_row").merge(
        users[["user_id", "group_id"]], on="user_id", how="left"
    )
    about = sentences[sentences["topic_id"] >= 0].groupby("topic_id")
    topic_table = pd.DataFrame(
        {
            "topic_id": np.arange(len(topics.names)),
            "name": topics.names,
            "terms": topics.terms,
        }
    )
    summary = about.agg(
        n_sentences=("sentence_id", "size"),
        n_users=("user_id", "nunique"),
        polarity=("polarity", "mean"),
    ).reset_index()
    topic_table = topic_table.merge(summary, on="topic_id", how="left")
    counts = ["n_sentences", "n_users"]
    topic_table[counts] = topic_table[counts].fillna(0).astype("int64")
    user_topics = (
        sentences[sentences["topic_id"] >= 0]
        .groupby(["user_id", "topic_id"])
        .agg(n_sentences=("sentence_id", "size"), polarity=("polarity", "mean"))
        .reset_index()
    )
    traits = find_traits(sentences.drop(columns="group_id"), items, users)
    return {
        "reviews": reviews,
        "sentences": sentences,
        "users": users,
        "items": items,
        "topics": topic_table,
        "groups": profile_groups(users, reviews, sentences, traits, topic_table),
        "traits": traits,
        "user_topics": user_topics,
    }


def _write(
    folder: Path,
    frames: Mapping[str, pd.DataFrame],
    vectors: Floats,
    topic_vectors: Floats,
    user_vectors: Floats,
) -> None:
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    np.save(folder / "sentence_vectors.npy", vectors.astype(np.float16))
    np.save(folder / "topic_vectors.npy", topic_vectors)
    np.save(folder / "user_vectors.npy", user_vectors)


def _index(folder: Path, sentences: pd.DataFrame, vectors: Floats, progress: Progress) -> None:
    columns = ["review_id", "user_id", "item_id", "polarity", "topic_id", "group_id"]
    metadata = [
        {key: value for key, value in row.items() if not pd.isna(value)}
        for row in sentences[columns].astype(object).to_dict("records")
    ]
    store = SentenceStore(folder)
    store.add(sentences["sentence_id"].tolist(), vectors, metadata, progress=progress)
    if len(store) != len(sentences):
        raise WorkspaceError(
            f"The index holds {len(store)} of {len(sentences)} sentences. Build again."
        )
    store.close()


def _judge_encoder(name: str) -> list[str]:
    """The verdict on an encoder that `tribune train encoder` made, unless it is for the better."""
    verdict = read_verdict(Path(name))
    return [verdict.describe()] if verdict and not verdict.better else []


def _describe(counts: Mapping[str, int], judge: PolarityModel, groups: Groups) -> list[str]:
    notes = []
    if not judge.learned_:
        notes.append(
            "There are too few ratings to learn polarity from: it comes from a word list (VADER), "
            "which knows English only."
        )
    if counts["users"] and not counts["groups"]:
        notes.append("Too few users have said enough (5 sentences) to form groups.")
    if groups.curve and not is_clear_cut(groups.curve):
        notes.append(
            f"The users form no clear-cut groups: the {counts['groups']} groups divide a "
            "continuum, so read them as tendencies."
        )
    if counts["groups"] and counts["users_without_group"]:
        notes.append(
            f"{counts['users_without_group']:,} of {counts['users']:,} users wrote under 5 "
            "sentences and fall in no group."
        )
    return notes
