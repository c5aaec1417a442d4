"""New reviews join a published version at once; when enough has changed, a rebuild is due."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.clustering.algorithms import ALGORITHMS
from tools.clustering.groups import MIN_SENTENCES
from tools.clustering.topics import assign_topics
from tools.clustering.user_vectors import UserSpace
from tools.embedding.encoder import Encoder
from tools.embedding.sentiment import PolarityModel, score_lexicon
from tools.errors import WorkspaceError
from tools.manifest import BuildSettings, count_knowledge, count_rows
from tools.monitoring.watch import watch
from tools.pipeline import Clock, add_review_polarity, embed_reviews
from tools.profiling.profiles import profile_items, profile_users
from tools.recommendation.behaviour import Behaviour
from tools.recommendation.choice import gather_all
from tools.recommendation.graph_edges import GRAPHED, build_graph
from tools.recommendation.recommender import Recommender
from tools.recommendation.saving import make
from tools.recommendation.saving import save as save_recommender
from tools.record import (
    Floats,
    Progress,
    Vectors,
    gather_evidence,
    index_sentences,
    place_users,
    profile,
    set_aside_attributes,
    write_tables,
)
from tools.reviews.accounts import ReadReport
from tools.reviews.reading import read_reviews
from tools.reviews.store import SentenceStore
from tools.reviews.table import NAMES
from tools.support.versions import keep_knowledge
from tools.workspace import Workspace, read_manifest, write_manifest

# A rebuild is due when reviews have grown by this share, or new sentences fit the topics this much
# worse (mean cosine to the nearest topic).
DUE_GROWTH, DUE_MISFIT = 0.2, 0.05
MIN_SENTENCES_OF_MISFIT = 200
NEIGHBOURS_ON_MAP = 5
# Columns of items that are counted anew.
MEASURED = ["n_reviews", "n_users", "rating", "polarity"]

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Drift:
    """How far a version has gone from what it was built on: reviews and mean cosine of sentences to
    their nearest topic, at the build and of what was added since.
    """

    built_reviews: int
    built_fit: float
    added_reviews: int = 0
    added_sentences: int = 0
    added_fit: float = 0.0

    @property
    def growth(self) -> float:
        """Reviews added over those at the build."""
        return self.added_reviews / max(1, self.built_reviews)

    @property
    def due(self) -> bool:
        """Whether groups and topics should be found anew."""
        misfit = self.built_fit - self.added_fit > DUE_MISFIT
        return self.growth >= DUE_GROWTH or (
            misfit and self.added_sentences >= MIN_SENTENCES_OF_MISFIT
        )

    def add(self, n_reviews: int, similarity: Floats) -> Drift:
        """With further reviews. similarity: of their sentences to their topics."""
        n = self.added_sentences + len(similarity)
        total = self.added_fit * self.added_sentences + float(similarity.sum())
        reviews = self.added_reviews + n_reviews
        return Drift(self.built_reviews, self.built_fit, reviews, n, total / max(1, n))

    def describe(self) -> str:
        """One sentence."""
        told = (
            f"{self.added_reviews:,} reviews came since the build, {self.growth:.1%} of those it "
            f"was made from; their sentences lie at {self.added_fit:.2f} (cosine) from the topics, "
            f"those of the build at {self.built_fit:.2f}."
        )
        if self.due:
            return f"A rebuild is due (tribune build, with all the files): {told}"
        return f"No rebuild is due yet: {told}"


@dataclass(frozen=True)
class Addition:
    """version: the published folder; new: reviews added; account: of the files read, in which
    reviews already here count as duplicates; new_users; placed: users who joined, changed or left a
    group; drift; counts of the version.
    """

    version: Path
    new: int
    account: ReadReport
    new_users: int
    placed: int
    drift: Drift
    counts: dict[str, int]


def add(
    files: Sequence[Path],
    workspace: Workspace,
    *,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = lambda step, share: None,
) -> Addition:
    """Read further reviews and publish a version that holds them too.

    Only the new texts are embedded; they are judged and put under topics as the build learned to.
    Their users join the group nearest to them; nobody else moves, and groups keep ids and names.
    Raises: ReadError, InputError for files that cannot be used; WorkspaceError if nothing is built
    there or another process is building.
    """
    before = workspace.current()
    manifest = read_manifest(before)
    clock = Clock(progress)
    with TemporaryDirectory() as aside:
        rejects = Path(aside) / "rejects.csv"
        with clock.step("reading"):
            table, account = read_reviews(files, mapping=mapping, rejects_to=rejects)
            read, known = table.to_pandas(), pd.read_parquet(before / "reviews.parquet")
            fresh = _drop_known(read, known)
            account = _recount(account, len(read) - len(fresh))
        if fresh.empty:
            drift = _find_drift(manifest, pd.read_parquet(before / "sentences.parquet"))
            return Addition(before, 0, account, 0, 0, drift, manifest["counts"])
        with workspace.new_version() as folder:
            if workspace.current() != before:
                raise WorkspaceError("The workspace was built anew meanwhile. Add again.")
            if rejects.exists():
                shutil.copy(rejects, folder / "rejects.csv")
            addition = _add(fresh, account, before, folder, workspace, clock)
    return replace(addition, version=workspace.current())


def _add(
    fresh: pd.DataFrame,
    account: ReadReport,
    before: Path,
    folder: Path,
    workspace: Workspace,
    clock: Clock,
) -> Addition:
    manifest = read_manifest(before)
    settings = BuildSettings(**manifest["settings"])
    old = {name: pd.read_parquet(before / f"{name}.parquet") for name in NAMES}
    vectors = Vectors.load(before)
    with clock.step("embedding"):
        reviews, attributes = set_aside_attributes(fresh)
        encoder = Encoder(settings.encoder)
        said, new_vectors = embed_reviews(reviews, encoder, workspace, clock.progress)
    with clock.step("judging polarity"):
        texts = said["text"].tolist()
        judge = PolarityModel.load(before / "polarity.npz")
        lexicon = score_lexicon(texts)
        said["polarity"] = judge.predict(new_vectors, lexicon, texts)
        said["lexicon"] = lexicon[:, 3]
        add_review_polarity(reviews, said)
        placed = assign_topics(new_vectors, vectors.topics, len(old["topics"]))
        said["topic_id"], said["similarity"] = placed
    with clock.step("placing users"):
        fresh = pd.concat([reviews, attributes], axis=1)
        reviews = pd.concat([old["reviews"], fresh], ignore_index=True)
        sentences = pd.concat([old["sentences"], said], ignore_index=True)
        sentences = sentences[said.columns.drop("review_row")]
        items = profile_items(reviews, old["items"].drop(columns=MEASURED))
        whole = replace(vectors, sentences=np.concatenate([vectors.sentences, new_vectors]))
        space = UserSpace.load(before / "user_space.npz")
        categories = manifest["categories"]
        users = profile_users(reviews, sentences, items)
        evidence = gather_evidence(
            users, sentences, reviews, items, whole.sentences, whole.topics, categories
        )
        whole = replace(whole, users=space.place(evidence))
        touched = users["user_id"].isin(set(fresh["user_id"].dropna())).to_numpy()
        users = _place(users, whole, touched, old, settings)
        moved = _find_moved(users, old["users"])
    with clock.step("profiling"):
        kept = dict(zip(old["groups"]["group_id"], old["groups"]["name"], strict=True))
        tables = profile(reviews, sentences, users, items, old["topics"], kept)
        trust = old["groups"][["group_id", "trust", "trusted"]]
        tables["groups"] = tables["groups"].merge(trust, on="group_id")
    with clock.step("watching"):
        watched = watch(tables)
    with clock.step("recommending"):
        recommender = _learn_again(manifest["recommendation"], tables, whole.sentences)
    with clock.step("writing"):
        write_tables(folder, tables)
        watched.save(folder)
        if recommender:
            save_recommender(recommender, folder)
        build_graph(*(tables[name] for name in GRAPHED)).save(folder)
        whole.save(folder)
        for name in ("user_space.npz", "polarity.npz"):
            shutil.copy(before / name, folder / name)
        keep_knowledge(before, folder)
    with clock.step("indexing"):
        shutil.copytree(before / "chroma", folder / "chroma")
        n_old = len(old["sentences"])
        index_sentences(folder, tables["sentences"].iloc[n_old:], new_vectors, clock.progress)
        _move_in_index(folder, tables["sentences"].iloc[:n_old], moved)
    similarity = said["similarity"].to_numpy(dtype=np.float32)
    drift = _find_drift(manifest, old["sentences"]).add(len(fresh), similarity)
    counts = _write_manifest(folder, manifest, account, tables, drift)
    new_users = len(users) - len(old["users"])
    return Addition(folder, len(fresh), account, new_users, len(moved), drift, counts)


def _learn_again(
    choice: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], vectors: Floats
) -> Recommender | None:
    """The recommender that the build chose, having learned from what came too."""
    if not choice["chosen"]:
        return None
    behaviour = Behaviour.observe(tables["reviews"], tables["sentences"], vectors)
    return make(choice["chosen"]).fit(*gather_all(behaviour, tables["users"]))


def _write_manifest(
    folder: Path,
    manifest: Mapping[str, Any],
    account: ReadReport,
    tables: Mapping[str, pd.DataFrame],
    drift: Drift,
) -> dict[str, int]:
    """The version's manifest as it was, with what came; returns its counts."""
    counts = {
        "records": manifest["counts"]["records"] + account.read,
        "duplicates": manifest["counts"]["duplicates"] + account.duplicates,
        "rejected": manifest["counts"]["rejected"] + account.rejected,
        **count_rows(tables),
        **count_knowledge(manifest.get("answers")),
    }
    hashes = [manifest["fingerprint"], *(f.sha256 for f in account.files)]
    write_manifest(
        folder,
        {
            **{key: value for key, value in manifest.items() if key not in ("files", "format")},
            "fingerprint": hashlib.sha256(" ".join(hashes).encode()).hexdigest(),
            "updated": datetime.now(UTC).isoformat(timespec="seconds"),
            "sources": [*manifest["sources"], *(asdict(f) for f in account.files)],
            "counts": counts,
            "drift": asdict(drift),
            "notes": [*_drop_drift(manifest["notes"]), drift.describe()],
        },
    )
    return counts


def _drop_known(read: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Without reviews whose id is known, or whose user, item and text are."""

    def keys(table: pd.DataFrame) -> pd.Series[Any]:
        said = table[["user_id", "item_id"]].fillna("").assign(text=table["text"].str.strip())
        return pd.Series(list(said.itertuples(index=False, name=None)), index=table.index)

    again = read["review_id"].isin(set(known["review_id"])) | keys(read).isin(set(keys(known)))
    return read[~again].reset_index(drop=True)


def _recount(account: ReadReport, known: int) -> ReadReport:
    return ReadReport(
        **vars(account)
        | {"loaded": account.loaded - known, "duplicates": account.duplicates + known}
    )


def _find_drift(manifest: Mapping[str, Any], sentences: pd.DataFrame) -> Drift:
    if "drift" in manifest:
        return Drift(**manifest["drift"])
    return Drift(manifest["counts"]["reviews"], float(sentences["similarity"].mean()))


def _drop_drift(notes: Sequence[str]) -> list[str]:
    return [n for n in notes if not n.startswith(("A rebuild is due", "No rebuild is due"))]


def _place(
    users: pd.DataFrame,
    vectors: Vectors,
    touched: Bools,
    old: Mapping[str, pd.DataFrame],
    settings: BuildSettings,
) -> pd.DataFrame:
    """Users in their group, subgroup and place on the map: as they were, or for who wrote again
    (`touched`) nearest to what they are now.
    """
    ids = sorted(old["groups"]["group_id"].astype(int))
    row_of = {group: row for row, group in enumerate(ids)}
    placed = old["users"].dropna(subset=["group_id"])
    was = dict(zip(placed["user_id"], placed["group_id"].astype(int), strict=True))
    groups = np.array(
        [row_of[was[u]] if u in was else -1 for u in users["user_id"]], dtype=np.int32
    )
    enough = touched & (users["n_sentences"].to_numpy() >= MIN_SENTENCES)
    if len(ids) and enough.any():
        model = ALGORITHMS[settings.algorithm].resume(vectors.groups)
        groups[enough] = model.assign(vectors.users[enough])[0]
    users = place_users(users, groups, vectors.users, vectors.groups, ids)
    users["subgroup"] = _keep_subgroups(users, old["users"])
    users[["x", "y"]] = _position(users, vectors.users, touched, old["users"])
    return users


def _position(users: pd.DataFrame, vectors: Floats, touched: Bools, old: pd.DataFrame) -> Floats:
    """(n_users, 2) places on the map: as they were, or for who wrote again amid the users most
    like them.
    """
    were = (
        old.set_index("user_id")[["x", "y"]]
        .reindex(users["user_id"])
        .to_numpy(np.float32, copy=True)
    )
    still = np.flatnonzero(~touched)
    for row in np.flatnonzero(touched):
        if len(still):
            distances = ((vectors[still] - vectors[row]) ** 2).sum(axis=1)
            were[row] = were[still[np.argsort(distances)[:NEIGHBOURS_ON_MAP]]].mean(axis=0)
    return np.asarray(np.nan_to_num(were), dtype=np.float32)


def _keep_subgroups(users: pd.DataFrame, old: pd.DataFrame) -> pd.Series[int]:
    """Subgroups as they were, of users whose group is as it was."""
    was = old.set_index("user_id")[["group_id", "subgroup"]].reindex(users["user_id"])
    same = was["group_id"].to_numpy() == users["group_id"].to_numpy()
    kept = pd.Series(was["subgroup"].to_numpy(), dtype="Int64")
    return kept.where(pd.Series(same).fillna(False).astype(bool))


def _find_moved(users: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    """Users whose group is another than it was."""
    was = old.set_index("user_id")["group_id"].reindex(users["user_id"]).astype("Int64")
    now = users.set_index("user_id")["group_id"].astype("Int64")
    return list(now.index[now.fillna(0) != was.fillna(0)])


def _move_in_index(folder: Path, sentences: pd.DataFrame, moved: Sequence[str]) -> None:
    said = sentences[sentences["user_id"].isin(set(moved))].dropna(subset=["group_id"])
    store = SentenceStore(folder)
    store.move(said["sentence_id"].tolist(), said["group_id"].astype(int).tolist())
    store.close()
