"""From files to a published version: everything counted, nothing lost, and what cannot be is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.worlds import Row, number_reviews, plant_opinions, write_csv
from tools.embedding.encoder import Encoder
from tools.errors import InputError, ReadError
from tools.manifest import BuildSettings
from tools.pipeline import BuildResult, build
from tools.reviews.store import SentenceStore
from tools.workspace import Workspace, read_manifest, verify

FRAMES = ("reviews", "sentences", "users", "items", "topics", "groups", "traits", "user_topics")
TABLES = ("reviews", "sentences", "users", "items", "topics", "groups")


@pytest.fixture(scope="module")
def reviews() -> list[Row]:
    return number_reviews(plant_opinions().rows)[:240]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose workspaces share their embeddings."""
    return tmp_path_factory.mktemp("pipeline")


def workspace_in(place: Path, name: str) -> Workspace:
    workspace = Workspace(place / name)
    workspace.path.mkdir()
    (place / "embeddings").mkdir(exist_ok=True)
    workspace.embeddings.symlink_to(place / "embeddings")
    return workspace


@pytest.fixture(scope="module")
def built(reviews: list[Row], place: Path) -> BuildResult:
    """240 reviews, of which one comes twice and one is empty, and items with two prices."""
    odd: list[Row] = [
        {**reviews[0], "review_id": "again"},
        {**reviews[1], "review_id": "e", "text": " "},
    ]
    file = write_csv(place / "reviews.csv", [*reviews, *odd])
    names = sorted({str(row["item_id"]) for row in reviews})
    items = write_csv(
        place / "items.csv",
        [
            {"item_id": n, "title": f"The {n}", "category": "inn", "price": 10 + 50 * (i % 2)}
            for i, n in enumerate([*names, "unseen"])
        ],
    )
    return build([file], workspace_in(place, "whole"), items=items)


def read(built: BuildResult, name: str) -> pd.DataFrame:
    return duckdb.execute(f"SELECT * FROM '{built.version}/{name}.parquet'").df()


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def test_every_record_is_accounted_for(built: BuildResult) -> None:
    counts = built.counts
    assert (counts["records"], counts["duplicates"], counts["rejected"]) == (242, 1, 1)
    assert counts["reviews"] == 240
    assert "empty text" in (built.version / "rejects.csv").read_text()
    for name in TABLES:
        assert len(read(built, name)) == counts[name]
    assert counts["users_without_group"] == read(built, "users")["group_id"].isna().sum()


def test_the_manifest_tells_what_was_built_from_what(built: BuildResult, place: Path) -> None:
    manifest = read_manifest(built.version)
    verify(built.version)
    assert {f"{name}.parquet" for name in FRAMES} <= set(manifest["files"])
    assert manifest["counts"] == built.counts
    source = manifest["sources"][0]
    assert source["sha256"] == hashlib.sha256((place / "reviews.csv").read_bytes()).hexdigest()
    assert manifest["settings"]["encoder"] == "local:minilm"
    assert manifest["mapping"]["item_id"] == "item_id"
    assert {"reading", "embedding", "finding groups", "indexing"} <= set(manifest["seconds"])


def test_sentences_are_their_reviews_words_in_order(built: BuildResult) -> None:
    sentences, reviews = read(built, "sentences"), read(built, "reviews")
    assert sentences["sentence_id"].is_unique
    said = sentences.groupby("review_id")["text"].agg("".join)
    for review, text in zip(reviews["review_id"], reviews["text"], strict=True):
        assert letters(said[review]) == letters(text)
    assert set(reviews["n_sentences"]) <= {1, 2, 3}
    assert reviews["n_sentences"].sum() == len(sentences)


def test_vectors_stand_in_the_order_of_the_sentences(built: BuildResult) -> None:
    sentences = read(built, "sentences")
    vectors = np.load(built.version / "sentence_vectors.npy").astype(np.float32)
    assert len(vectors) == len(sentences)
    rows = [0, len(vectors) // 2, len(vectors) - 1]
    again = Encoder().encode(sentences["text"].iloc[rows].tolist())
    assert (np.einsum("ij,ij->i", again, vectors[rows]) > 0.99).all()
    store = SentenceStore(built.version)
    for row in rows:
        found = store.search(vectors[row], limit=5, equal={"user_id": sentences["user_id"][row]})
        same = sentences["text"] == sentences["text"][row]
        assert found[0][0] in set(sentences["sentence_id"][same])
    store.close()


def test_polarity_of_a_review_is_the_mean_of_its_sentences(built: BuildResult) -> None:
    sentences, reviews = read(built, "sentences"), read(built, "reviews")
    assert sentences["polarity"].between(-1, 1).all()
    means = sentences.groupby("review_id")["polarity"].mean()
    np.testing.assert_allclose(reviews["polarity"], means.reindex(reviews["review_id"]), atol=1e-6)
    happy, sad = (reviews.loc[reviews["rating"].isin(r), "polarity"] for r in ((4, 5), (1, 2)))
    assert happy.mean() > 0.25
    assert sad.mean() < -0.1


def test_topics_and_groups_count_their_own(built: BuildResult) -> None:
    sentences, users = read(built, "sentences"), read(built, "users")
    topics, groups = read(built, "topics").set_index("topic_id"), read(built, "groups")
    placed = sentences[sentences["topic_id"] >= 0]
    sizes = placed.groupby("topic_id").size().reindex(topics.index, fill_value=0)
    assert topics["n_sentences"].tolist() == sizes.tolist()
    assert topics["name"].is_unique
    members = users.dropna(subset=["group_id"]).groupby("group_id").size()
    assert groups["n_users"].tolist() == members.tolist()
    assert list(groups["n_users"]) == sorted(groups["n_users"], reverse=True)
    np.testing.assert_allclose(groups["share"], members / len(users))
    of = users.set_index("user_id")["group_id"]
    both = sentences.assign(users=sentences["user_id"].map(of))
    assert (both["users"].fillna(-1) == both["group_id"].fillna(-1)).all()


def test_a_users_group_is_their_strongest(built: BuildResult) -> None:
    users = read(built, "users").dropna(subset=["group_id"])
    assert users["strength"].between(0, 1).all()
    assert (users["runner_up"] != users["group_id"]).all()
    assert (users["runner_up_strength"] <= users["strength"]).all()
    assert (users["strength"] + users["runner_up_strength"] <= 1 + 1e-6).all()
    assert users[["x", "y"]].abs().max().max() <= 1


def test_items_are_all_there_whether_reviewed_or_not(built: BuildResult) -> None:
    items = read(built, "items").set_index("item_id")
    reviews = read(built, "reviews")
    assert items.loc["unseen", "n_reviews"] == 0
    seen = reviews.groupby("item_id").size()
    assert items.loc[seen.index, "n_reviews"].tolist() == seen.tolist()
    assert items.loc["place3", "title"] == "The place3"


def test_the_same_files_and_settings_are_not_built_twice(
    built: BuildResult, place: Path, reviews: list[Row]
) -> None:
    workspace = Workspace(place / "whole")
    files = [place / "reviews.csv"]
    again = build(files, workspace, items=place / "items.csv")
    assert (again.new, again.version, again.counts) == (False, built.version, built.counts)
    with pytest.raises(ReadError, match="There is no file"):
        build([*files, place / "missing.csv"], workspace, items=place / "items.csv")
    assert workspace.current() == built.version


def test_other_settings_items_or_mappings_are_built_anew(place: Path, reviews: list[Row]) -> None:
    first = write_csv(place / "first.csv", reviews[:8])
    second = write_csv(
        place / "second.csv", [{"item_id": "place1", "text": "Lovely inn by a lake."}]
    )
    workspace = workspace_in(place, "anew")
    steps = [
        build([first], workspace),
        build([first, second], workspace),
        build([first], workspace, items=second),
        build([first], workspace, items=second, mapping={"time": "rating"}),
        build([first], workspace, settings=BuildSettings(seed=1)),
        build([first], workspace),
    ]
    assert [step.new for step in steps] == [True] * 6
    assert [step.counts["reviews"] for step in steps] == [8, 9, 8, 8, 8, 8]
    assert len({step.version for step in steps}) == 6


def test_the_same_file_gives_the_same_answers_wherever_it_is_built(
    place: Path, reviews: list[Row]
) -> None:
    rows = [{**row, "user_id": f"u{i % 12}"} for i, row in enumerate(reviews[:60])]
    file = write_csv(place / "same.csv", rows)
    three = BuildSettings(n_groups=3)
    first, again = (
        build([file], workspace_in(place, f"same-{n}"), settings=three) for n in range(2)
    )
    assert first.counts["groups"] == 3
    for name in FRAMES:
        pd.testing.assert_frame_equal(read(first, name), read(again, name))


def test_every_step_tells_its_progress_up_to_one(place: Path, reviews: list[Row]) -> None:
    shares: dict[str, list[float]] = {}
    file = write_csv(place / "steps.csv", reviews[:40])
    build(
        [file],
        workspace_in(place, "steps"),
        progress=lambda step, share: shares.setdefault(step, []).append(share),
    )
    assert list(shares) == [
        "reading", "embedding", "judging polarity", "finding topics", "finding groups",
        "profiling", "watching", "comparing recommenders", "writing", "indexing",
    ]  # fmt: skip
    for told in shares.values():
        assert told == sorted(told)
        assert told[0] == 0
        assert told[-1] == pytest.approx(1)


def test_ids_are_text_and_are_not_made_alike(place: Path, reviews: list[Row]) -> None:
    ids = ["007", "7", "NA", "null", "1e3"]
    rows = [
        {**row, "user_id": ids[i % 5], "item_id": ids[i % 3]} for i, row in enumerate(reviews[:60])
    ]
    built = build([write_csv(place / "ids.csv", rows)], workspace_in(place, "ids"))
    assert read(built, "users")["user_id"].tolist() == sorted(ids)
    assert set(read(built, "items")["item_id"]) == {"007", "7", "NA"}


def test_columns_that_are_called_like_ours_do_no_harm(place: Path, reviews: list[Row]) -> None:
    ours = ("price", "category", "title", "group_id", "topic_id", "polarity", "n_sentences", "review_row",
            "strength", "sentence_id", "similarity", "x")  # fmt: skip
    plain_rows = [{**row, "user_id": f"u{i % 12}"} for i, row in enumerate(reviews[:60])]
    rows = [{**row, **{name: f"{name} {i}" for name in ours}} for i, row in enumerate(plain_rows)]
    plain, built = (
        build(
            [write_csv(place / f"{name}.csv", given)],
            workspace_in(place, name),
            settings=BuildSettings(n_groups=3),
        )
        for name, given in (("plain", plain_rows), ("ours", rows))
    )
    assert built.counts == plain.counts
    for name in ("users", "groups", "topics", "sentences"):
        pd.testing.assert_frame_equal(read(built, name), read(plain, name))
    told = read(built, "reviews")
    assert told.loc[3, ["price", "polarity_given"]].tolist() == ["price 3", "polarity 3"]


@pytest.mark.parametrize("text", ["!!!", "…", "***"])
def test_reviews_without_a_word_end_in_one_sentence(place: Path, text: str, tmp_path: Path) -> None:
    rows = [{"user_id": f"u{n}", "text": text + "!" * n} for n in range(5)]
    with pytest.raises(ReadError, match=r"None of the 5 reviews holds a word\. Map"):
        build([write_csv(tmp_path / "r.csv", rows)], Workspace(tmp_path / "w"))


def test_too_many_groups_end_in_one_sentence(
    place: Path, reviews: list[Row], tmp_path: Path
) -> None:
    rows = [{"user_id": f"u{n}", "text": " ".join(str(r["text"]) for r in reviews[5 * n : 5 * n + 5])}
            for n in range(10)]  # fmt: skip
    with pytest.raises(InputError, match=r"number of groups must be from 1 to 10, .* got 11"):
        build(
            [write_csv(tmp_path / "r.csv", rows)],
            workspace_in(place, "groups"),
            settings=BuildSettings(n_groups=11),
        )


def test_users_who_all_say_the_same_are_no_trouble(tmp_path: Path) -> None:
    text = "The pool was lovely. The staff were kind. I liked it. We come again. What a fine week."
    rows = [{"user_id": f"u{n}", "item_id": "x", "rating": 5, "text": text} for n in range(30)]
    built = build([write_csv(tmp_path / "r.csv", rows)], Workspace(tmp_path / "w"))
    assert built.counts["groups"] == 1
    assert built.counts["users_without_group"] == 0
    assert read(built, "groups")["headline"][0].startswith("Nothing sets them")


def test_notes_say_what_is_missing_and_nothing_untrue(place: Path, reviews: list[Row]) -> None:
    text = " ".join(str(row["text"]) for row in reviews[:9])
    file = write_csv(place / "solo.csv", [{"user_id": "solo", "text": text}])
    notes = " ".join(build([file], workspace_in(place, "solo")).notes)
    for part in (
        "No item column",
        "No rating column",
        "word list",
        "Too few users have said enough",
    ):
        assert part in notes
    assert "wrote under 5" not in notes  # the one user wrote more
