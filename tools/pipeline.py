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
import pandas as pd

from tools.clustering.group_count import is_clear_cut
from tools.clustering.groups import MIN_SENTENCES, Groups, find_groups
from tools.clustering.identity import Matching, match_groups
from tools.clustering.projection import project_users
from tools.clustering.subgroups import find_subgroups
from tools.clustering.topics import find_topics, keep_names
from tools.clustering.user_vectors import UserSpace
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import DEFAULT_ENCODER, Encoder, embed, identify_encoder
from tools.embedding.sentiment import PolarityModel, score_lexicon
from tools.embedding.verdict import read_verdict
from tools.errors import ReadError, WorkspaceError
from tools.predecessor import Predecessor
from tools.profiling.profiles import profile_items, profile_users
from tools.recommendation.choice import choose_recommender
from tools.recommendation.graph_edges import GRAPHED, build_graph
from tools.recommendation.saving import save as save_recommender
from tools.record import (
    Floats,
    Vectors,
    gather_evidence,
    index_sentences,
    list_categories,
    list_sentences,
    number_subgroups,
    place_users,
    profile,
    set_aside_attributes,
    write_tables,
)
from tools.reviews.accounts import ReadReport
from tools.reviews.reading import read_items, read_reviews
from tools.workspace import Workspace, read_manifest, write_manifest

Progress = Callable[[str, float], None]

# Raised whenever the same files would give other results, so that they are built anew.
REVISION = 5


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

    If the published version was built from the same files and settings, nothing is done. If it
    holds some of the same users, its groups and topics are gone on with: they keep their ids and
    names, and what changed is told.
    Raises: ReadError, InputError for files that cannot be used; WorkspaceError if another process
    is building.
    """
    fingerprint = _fingerprint(files, items, mapping, settings)
    published = _find_published(workspace, fingerprint)
    if published is not None:
        return published
    with workspace.new_version() as folder:
        clock = Clock(progress)
        with clock.step("reading"):
            read = _read(files, items, mapping, folder, progress)
        with clock.step("embedding"):
            encoder = Encoder(settings.encoder)
            sentences, vectors = embed_reviews(read.reviews, encoder, workspace, progress)
        with clock.step("judging polarity"):
            judge = _judge(read.reviews, sentences, vectors, settings.seed)
        before = Predecessor.find(workspace, set(read.reviews["user_id"].dropna()))
        with clock.step("finding topics"):
            topic_vectors, topics = _find_topics(sentences, vectors, encoder, before, settings)
        with clock.step("finding groups"):
            items_seen = profile_items(read.reviews, read.items)
            found = _find_users(
                read.reviews, sentences, items_seen, vectors, topic_vectors, before, settings,
                lambda share: progress("finding groups", share),
            )  # fmt: skip
        with clock.step("profiling"):
            kept = before.name_groups(found.matching.kept) if before else {}
            tables = profile(read.reviews, sentences, found.users, items_seen, topics, kept)
            tables["reviews"] = pd.concat([read.reviews, read.attributes], axis=1)
            tables["groups"]["trust"] = found.groups.trust
            tables["groups"]["trusted"] = found.groups.trusted
        with clock.step("comparing recommenders"):
            recommender, choice = choose_recommender(
                read.reviews, tables["sentences"], items_seen, found.users, vectors, topic_vectors,
                seed=settings.seed,
                progress=lambda share: progress("comparing recommenders", share),
            )  # fmt: skip
        with clock.step("writing"):
            write_tables(folder, tables)
            if recommender:
                save_recommender(recommender, folder)
            build_graph(*(tables[name] for name in GRAPHED)).save(folder)
            Vectors(vectors, topic_vectors, found.vectors, found.groups.centres).save(folder)
            found.space.save(folder / "user_space.npz")
            judge.save(folder / "polarity.npz")
        with clock.step("indexing"):
            index_sentences(folder, tables["sentences"], vectors, progress)
        account = read.account
        counts = {
            "records": account.read,
            "duplicates": account.duplicates,
            "rejected": account.rejected,
            **count_rows(tables),
        }
        notes = [*account.notes, *read.item_notes, *_describe(counts, judge, found.groups)]
        notes += _judge_encoder(settings.encoder)
        built = datetime.now(UTC).isoformat(timespec="seconds")
        write_manifest(
            folder,
            {
                "fingerprint": fingerprint,
                "built": built,
                "settings": asdict(settings),
                "sources": [asdict(f) for f in account.files],
                "mapping": account.mapping,
                "counts": counts,
                "categories": found.categories,
                "polarity": {"learned": judge.learned_, "reviews": judge.n_training_},
                "group_counts": {str(k): asdict(t) for k, t in found.groups.curve.items()},
                "grouping": {
                    "stability": found.groups.stability,
                    "chance": found.groups.chance,
                    "last_id": max(
                        [*found.matching.ids, before.last_group if before else 0], default=0
                    ),
                },
                "changes": [
                    *(before.changes if before else []),
                    *_tell_changes(found.matching, tables["groups"], before, built),
                ],
                "recommendation": choice,
                "notes": notes,
                "seconds": {k: round(v, 2) for k, v in clock.seconds.items()},
            },
        )
    return BuildResult(workspace.current(), True, counts, notes)


@dataclass(frozen=True)
class _Read:
    """What the files hold: our columns, the file's further ones, items or None, the account."""

    reviews: pd.DataFrame
    attributes: pd.DataFrame
    items: pd.DataFrame | None
    account: ReadReport
    item_notes: list[str]


def _read(
    files: Sequence[Path],
    items: Path | None,
    mapping: Mapping[str, str] | None,
    folder: Path,
    progress: Progress,
) -> _Read:
    table, account = read_reviews(
        files,
        mapping=mapping,
        rejects_to=folder / "rejects.csv",
        progress=lambda _, share: progress("reading", share),
    )
    reviews, attributes = set_aside_attributes(table.to_pandas())
    if items is None:
        return _Read(reviews, attributes, None, account, [])
    item_table, item_account = read_items(items)
    return _Read(reviews, attributes, item_table.to_pandas(), account, item_account.notes)


def embed_reviews(
    reviews: pd.DataFrame, encoder: Encoder, workspace: Workspace, progress: Progress
) -> tuple[pd.DataFrame, Floats]:
    """The reviews' sentences and their (n, d) vectors; those in the cache are not embedded again.

    Raises: ReadError if no review holds a word.
    """
    sentences = list_sentences(reviews)
    if sentences.empty:
        raise ReadError(
            f"None of the {len(reviews):,} reviews holds a word. Map the column of their "
            "texts with text=COLUMN."
        )
    cache = EmbeddingCache(workspace.embeddings, encoder.name)
    return sentences, embed(sentences["text"].tolist(), encoder, cache, progress=progress)


def _judge(
    reviews: pd.DataFrame, sentences: pd.DataFrame, vectors: Floats, seed: int
) -> PolarityModel:
    """Learn polarity and add it to sentences and reviews."""
    texts = sentences["text"].tolist()
    lexicon = score_lexicon(texts)
    rows = sentences["review_row"].to_numpy(dtype=np.int32)
    judge = PolarityModel(seed=seed)
    judge.fit(vectors, lexicon, texts, rows, reviews["rating"].to_numpy(dtype=np.float32))
    sentences["polarity"] = judge.predict(vectors, lexicon, texts)
    add_review_polarity(reviews, sentences)
    return judge


def _find_topics(
    sentences: pd.DataFrame,
    vectors: Floats,
    encoder: Encoder,
    before: Predecessor | None,
    settings: BuildSettings,
) -> tuple[Floats, pd.DataFrame]:
    """The topics' vectors and table; each sentence gets its topic and its nearness to it."""
    texts = sentences["text"].tolist()
    start = before.find_topic_vectors(settings.encoder) if before else None
    topics = find_topics(vectors, texts, encoder.encode, start=start, seed=settings.seed)
    sentences["topic_id"] = topics.labels
    sentences["similarity"] = topics.similarity
    names = topics.names
    if before and start is not None:
        names = keep_names(topics, start, before.topic_names)
    numbers = np.arange(len(names))
    table = pd.DataFrame({"topic_id": numbers, "name": names, "terms": topics.terms})
    return topics.centres, table


@dataclass(frozen=True)
class _Found:
    """The users, placed; their vectors and the space that these lie in; the groups, ordered by the
    ids that `matching` gave them.
    """

    users: pd.DataFrame
    vectors: Floats
    space: UserSpace
    categories: list[str]
    groups: Groups
    matching: Matching


def _find_users(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    items: pd.DataFrame,
    vectors: Floats,
    topic_vectors: Floats,
    before: Predecessor | None,
    settings: BuildSettings,
    progress: Callable[[float], None],
) -> _Found:
    users = profile_users(reviews, sentences, items)
    categories = list_categories(reviews, items)
    evidence = gather_evidence(users, sentences, reviews, items, vectors, topic_vectors, categories)
    space = UserSpace.learn(evidence)
    placed = space.place(evidence)
    said = users["n_sentences"].to_numpy(dtype=np.int32)
    groups = find_groups(
        placed,
        said,
        algorithm=settings.algorithm,
        k=settings.n_groups,
        before=before.find_groups_of(users["user_id"]) if before else None,
        seed=settings.seed,
        progress=progress,
    )
    matching = _match(before, users["user_id"], groups)
    groups = groups.reorder(np.argsort(matching.ids))
    users = place_users(users, groups.labels, placed, groups.centres, sorted(matching.ids))
    users[["x", "y"]] = project_users(placed, seed=settings.seed)
    parts = find_subgroups(placed, groups.labels, said, seed=settings.seed)
    users["subgroup"] = number_subgroups(parts)
    return _Found(users, placed, space, categories, groups, matching)


def add_review_polarity(reviews: pd.DataFrame, sentences: pd.DataFrame) -> None:
    """Columns n_sentences and polarity (mean over sentences, NaN for none), in place."""
    said = sentences.groupby("review_row")["polarity"]
    reviews["n_sentences"] = said.size().reindex(reviews.index, fill_value=0)
    reviews["polarity"] = said.mean().reindex(reviews.index)


def count_rows(tables: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """What the tables hold, as the manifest tells it."""
    names = ("reviews", "sentences", "users", "items", "topics", "groups")
    return {
        **{name: len(tables[name]) for name in names},
        "users_without_group": int(tables["users"]["group_id"].isna().sum()),
    }


def _match(before: Predecessor | None, users: pd.Series[str], groups: Groups) -> Matching:
    placed = groups.labels >= 0
    new = dict(zip(users[placed], groups.labels[placed].tolist(), strict=True))
    old, last = (before.groups, before.last_group) if before else ({}, 0)
    return match_groups(old, new, len(groups.centres), last=last)


def _tell_changes(
    matching: Matching, groups: pd.DataFrame, before: Predecessor | None, built: str
) -> list[dict[str, object]]:
    """What became of the groups since the version before; nothing for a first one."""
    if before is None:
        return []
    names = before.group_names | dict(zip(groups["group_id"], groups["name"], strict=True))
    return [
        asdict(change)
        | {
            "name": names[change.group_id],
            "other_name": names[change.other] if change.other is not None else None,
            "built": built,
        }
        for change in matching.changes
    ]


class Clock:
    """Times the steps and tells their beginnings."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self.progress = progress

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.progress(name, 0.0)
        start = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - start
        self.progress(name, 1.0)


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
        notes.append(f"Too few users have said enough ({MIN_SENTENCES} sentences) to form groups.")
    if groups.curve and not is_clear_cut(groups.curve):
        notes.append(
            f"The users form no clear-cut groups: the {counts['groups']} groups divide a "
            "continuum, so read them as tendencies."
        )
    if counts["groups"] and not groups.beyond_chance:
        notes.append(
            "The groups are found again no better than groups of shuffled users would be: none of "
            "them is to be relied on."
        )
    elif shaky := int((~groups.trusted).sum()):
        notes.append(
            f"{shaky} of the {counts['groups']} groups {'is' if shaky == 1 else 'are'} not stable "
            "enough to act on: among users drawn anew they are often not found again."
        )
    if counts["groups"] and counts["users_without_group"]:
        notes.append(
            f"{counts['users_without_group']:,} of {counts['users']:,} users are in no group; "
            f"those with under {MIN_SENTENCES} sentences have said too little."
        )
    return notes
