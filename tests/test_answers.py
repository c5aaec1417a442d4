"""Past questions within a version: built with it, verified, kept by updates, reused by a rebuild."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from agent.use_cases import Tribune
from tests.worlds import Row, number_reviews, plant_opinions, write_csv
from tools.errors import InputError, ReadError, WorkspaceError
from tools.pipeline import build
from tools.reviews import sample
from tools.update import add
from tools.workspace import Workspace, read_manifest, verify

ASKED = "I was charged twice for my booking, what now?"


@pytest.fixture(scope="module")
def reviews() -> list[Row]:
    return number_reviews(plant_opinions().rows)[:160]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, reviews: list[Row]) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    write_csv(folder / "reviews.csv", reviews[:150])
    write_csv(folder / "more.csv", reviews[150:])
    return folder


@pytest.fixture(scope="module")
def built(place: Path) -> Workspace:
    workspace = Workspace(place / "workspace")
    build([place / "reviews.csv"], workspace, answers=[sample.ANSWERS])
    return workspace


def find_best(workspace: Workspace) -> str:
    knowledge = Tribune(workspace).knowledge
    assert knowledge is not None
    return knowledge.find_answers(ASKED).matches[0].question


def test_a_version_holds_its_past_questions_and_is_whole(built: Workspace) -> None:
    verify(built.current())
    manifest = read_manifest(built.current())
    account = manifest["answers"]["counts"]
    assert account["records"] == len(pd.read_csv(sample.ANSWERS)) == account["questions"]
    assert manifest["counts"]["questions"] >= 60
    assert manifest["counts"]["intents"] >= 10
    assert "questions.parquet" in manifest["files"]
    tribune = Tribune(built)
    assert len(tribune.store) == manifest["counts"]["sentences"], "an index each"
    assert find_best(built) == "I was charged twice for the same booking."


def test_the_same_build_again_does_nothing_and_other_answers_do(
    built: Workspace, place: Path
) -> None:
    again = build([place / "reviews.csv"], built, answers=[sample.ANSWERS])
    assert not again.new
    assert again.version == built.current()


def test_a_rebuild_takes_over_what_was_learned_from_the_same_answers(
    place: Path, reviews: list[Row]
) -> None:
    workspace = Workspace(place / "rebuilt")
    workspace.path.mkdir()
    answers = write_csv(
        place / "few.csv",
        [{"question": f"Where is parcel {n}?", "answer": f"At stop {n}."} for n in range(5)],
    )
    first = build([place / "reviews.csv"], workspace, answers=[answers])
    # What is told of a match is kept with the version: a mark on it shows that it was taken over.
    weights = first.version / "matching.json"
    weights.write_text(weights.read_text().replace('"sure": 0.8', '"sure": 0.7'))
    second = build([place / "more.csv"], workspace, answers=[answers])
    assert '"sure": 0.7' in (second.version / "matching.json").read_text()
    knowledge = Tribune(workspace).knowledge
    assert knowledge is not None
    assert knowledge.find_answers("where's parcel 3").matches[0].answer == "At stop 3."
    third = build([place / "more.csv"], workspace)
    assert Tribune(workspace).knowledge is None
    assert any("held 5 past questions" in note for note in third.notes)


def test_new_reviews_leave_the_past_questions_where_they_are(built: Workspace, place: Path) -> None:
    before = read_manifest(built.current())["counts"]["questions"]
    added = add([place / "more.csv"], built)
    assert added.new == 10
    assert added.counts["questions"] == before
    verify(built.current())
    assert find_best(built) == "I was charged twice for the same booking."


def test_a_bad_file_of_answers_stops_the_build_before_it_begins(place: Path) -> None:
    bad = place / "bad.csv"
    bad.write_text("colour,size\nred,4\n")
    steps: list[str] = []
    workspace = Workspace(place / "never")
    with pytest.raises(ReadError, match="no column that looks like question"):
        build(
            [place / "reviews.csv"],
            workspace,
            answers=[bad],
            progress=lambda step, share: steps.append(step),
        )
    assert set(steps) == {"reading"}
    with pytest.raises(WorkspaceError, match="no workspace"):
        workspace.current()


def test_columns_of_answers_and_of_reviews_are_mapped_together(place: Path) -> None:
    answers = write_csv(place / "odd.csv", [{"frage": "Wann offen?", "answer": "Um neun."}])
    workspace = Workspace(place / "mapped")
    build(
        [place / "reviews.csv"],
        workspace,
        answers=[answers],
        mapping={"question": "frage", "text": "text"},
    )
    knowledge = Tribune(workspace).knowledge
    assert knowledge is not None
    assert knowledge.questions["question"].tolist() == ["Wann offen?"]
    with pytest.raises(InputError, match="No column is named text"):
        build([place / "reviews.csv"], workspace, answers=[answers], mapping={"question": "text"})
