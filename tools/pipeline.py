"""From files of reviews to a published version: read, split, embed, judge, cluster, profile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tools.clustering.groups import Groups, find_groups
from tools.clustering.identity import Matching, match_groups
from tools.clustering.projection import project_users
from tools.clustering.subgroups import find_subgroups
from tools.clustering.topics import find_topics, keep_names
from tools.clustering.user_vectors import UserSpace
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import Encoder, embed
from tools.embedding.sentiment import PolarityModel, score_lexicon
from tools.errors import ReadError, WorkspaceError
from tools.manifest import (
    DEFAULTS,
    BuildSettings,
    count_knowledge,
    count_rows,
    describe_groups,
    describe_knowledge,
    fingerprint_build,
    judge_encoder,
    tell_grouping,
)
from tools.monitoring.watch import Watch, watch
from tools.predecessor import Predecessor
from tools.profiling.profiles import profile_items, profile_users
from tools.recommendation.choice import choose_recommender
from tools.recommendation.graph_edges import GRAPHED, build_graph
from tools.recommendation.recommender import Recommender
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
from tools.support.dialogues import DIALOGUE_NAMES
from tools.support.versions import add_knowledge, read_answers
from tools.workspace import Workspace, read_manifest, write_manifest

Progress = Callable[[str, float], None]


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
    answers: Sequence[Path] = (),
    mapping: Mapping[str, str] | None = None,
    settings: BuildSettings = DEFAULTS,
    progress: Progress = lambda step, share: None,
) -> BuildResult:
    """Read files of reviews (of items, of past questions with their answers) and publish a new
    version of the workspace.

    If the published version was built from the same files and settings, nothing is done. If it
    holds some of the same users, its groups and topics are gone on with: they keep their ids and
    names, and what changed is told.
    Raises: ReadError, InputError for files that cannot be used; WorkspaceError if another process
    is building.
    """
    fingerprint = fingerprint_build(files, items, answers, mapping, settings)
    published = _find_published(workspace, fingerprint)
    if published is not None:
        return published
    clock = Clock(progress)
    with workspace.new_version() as folder:
        with clock.step("reading"):
            past = read_answers(answers, folder, mapping)
            read = _read(files, items, mapping, folder, progress)
        encoder = Encoder(settings.encoder)
        learned = _learn(read, encoder, workspace, settings, clock)
        with clock.step("writing"):
            _save(learned, folder)
        with clock.step("indexing"):
            index_sentences(folder, learned.tables["sentences"], learned.vectors, progress)
        answered = None
        if past is not None:
            with clock.step("learning past answers"):
                answered = add_knowledge(
                    past, folder, workspace, encoder, seed=settings.seed,
                    progress=lambda _, share: progress("learning past answers", share),
                )  # fmt: skip
        told = _tell(read, learned, settings, answered, workspace)
        seconds = {step: round(taken, 2) for step, taken in clock.seconds.items()}
        write_manifest(folder, {"fingerprint": fingerprint, **told, "seconds": seconds})
    return BuildResult(workspace.current(), True, told["counts"], told["notes"])


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
        mapping={k: v for k, v in (mapping or {}).items() if k not in DIALOGUE_NAMES},
        rejects_to=folder / "rejects.csv",
        progress=lambda _, share: progress("reading", share),
    )
    reviews, attributes = set_aside_attributes(table.to_pandas())
    if items is None:
        return _Read(reviews, attributes, None, account, [])
    item_table, item_account = read_items(items)
    return _Read(reviews, attributes, item_table.to_pandas(), account, item_account.notes)


@dataclass(frozen=True)
class _Learned:
    """What a build found out. vectors: (n, d), the sentences'; tables: the record's; choice: of
    the recommender, as the manifest tells it.
    """

    vectors: Floats
    judge: PolarityModel
    before: Predecessor | None
    topic_vectors: Floats
    found: _Found
    tables: dict[str, pd.DataFrame]
    watched: Watch
    recommender: Recommender | None
    choice: dict[str, Any]


def _learn(
    read: _Read, encoder: Encoder, workspace: Workspace, settings: BuildSettings, clock: Clock
) -> _Learned:
    """Embed, judge, cluster, profile, watch and compare recommenders, step by step."""
    progress, reviews = clock.progress, read.reviews
    with clock.step("embedding"):
        sentences, vectors = embed_reviews(reviews, encoder, workspace, progress)
    with clock.step("judging polarity"):
        judge = _judge(reviews, sentences, vectors, settings.seed)
    before = Predecessor.find(workspace, set(reviews["user_id"].dropna()))
    with clock.step("finding topics"):
        topic_vectors, topics = _find_topics(sentences, vectors, encoder, before, settings)
    with clock.step("finding groups"):
        items = profile_items(reviews, read.items)
        found = _find_users(
            reviews, sentences, items, vectors, topic_vectors, before, settings,
            lambda share: progress("finding groups", share),
        )  # fmt: skip
    with clock.step("profiling"):
        kept = before.name_groups(found.matching.kept) if before else {}
        tables = profile(reviews, sentences, found.users, items, topics, kept)
        tables["reviews"] = pd.concat([reviews, read.attributes], axis=1)
        tables["groups"]["trust"] = found.groups.trust
        tables["groups"]["trusted"] = found.groups.trusted
    with clock.step("watching"):
        watched = watch(tables)
    with clock.step("comparing recommenders"):
        recommender, choice = choose_recommender(
            reviews, tables["sentences"], items, found.users, vectors, topic_vectors,
            seed=settings.seed,
            progress=lambda share: progress("comparing recommenders", share),
        )  # fmt: skip
    return _Learned(
        vectors, judge, before, topic_vectors, found, tables, watched, recommender, choice
    )


def _save(learned: _Learned, folder: Path) -> None:
    """Write the record, all that was learned, and the knowledge graph."""
    write_tables(folder, learned.tables)
    found = learned.found
    vectors = Vectors(learned.vectors, learned.topic_vectors, found.vectors, found.groups.centres)
    graph = build_graph(*(learned.tables[name] for name in GRAPHED))
    for part in (vectors, learned.watched, graph):
        part.save(folder)
    found.space.save(folder / "user_space.npz")
    learned.judge.save(folder / "polarity.npz")
    if learned.recommender:
        save_recommender(learned.recommender, folder)


def _tell(
    read: _Read,
    learned: _Learned,
    settings: BuildSettings,
    answered: dict[str, Any] | None,
    workspace: Workspace,
) -> dict[str, Any]:
    """What the manifest tells of a build. answered: of the past questions, None without any."""
    account, found, judge = read.account, learned.found, learned.judge
    counts = {
        "records": account.read,
        "duplicates": account.duplicates,
        "rejected": account.rejected,
        **count_rows(learned.tables),
        **count_knowledge(answered),
    }
    notes = [
        *account.notes,
        *read.item_notes,
        *describe_groups(counts, judge, found.groups),
        *judge_encoder(settings.encoder),
        *describe_knowledge(answered, workspace),
        *learned.watched.notes,
    ]
    built = datetime.now(UTC).isoformat(timespec="seconds")
    table = learned.tables["groups"]
    return {
        "built": built,
        "settings": asdict(settings),
        "sources": [asdict(f) for f in account.files],
        "mapping": account.mapping,
        "counts": counts,
        "categories": found.categories,
        "polarity": {"learned": judge.learned_, "reviews": judge.n_training_},
        **tell_grouping(found.groups, found.matching, table, learned.before, built),
        "recommendation": learned.choice,
        "answers": answered,
        "notes": notes,
    }


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
    sentences["lexicon"] = lexicon[:, 3]
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


def _match(before: Predecessor | None, users: pd.Series[str], groups: Groups) -> Matching:
    placed = groups.labels >= 0
    new = dict(zip(users[placed], groups.labels[placed].tolist(), strict=True))
    old, last = (before.groups, before.last_group) if before else ({}, 0)
    return match_groups(old, new, len(groups.centres), last=last)


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


def _find_published(workspace: Workspace, fingerprint: str) -> BuildResult | None:
    try:
        version = workspace.current()
    except WorkspaceError:
        return None
    manifest = read_manifest(version)
    if manifest.get("fingerprint") != fingerprint:
        return None
    return BuildResult(version, False, manifest["counts"], manifest["notes"])
