"""Exported tables: what a spreadsheet or another program reads back is what the record holds."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agent.export import export, open_draft
from agent.use_cases import Tribune
from tests.hostile import IDS, build_hostile_world
from tools.errors import InputError

TABLES = ["members", "users", "items", "reviews"]


@pytest.fixture(scope="module")
def hostile_tribune(tmp_path_factory: pytest.TempPathFactory) -> Tribune:
    return build_hostile_world(tmp_path_factory.mktemp("hostile"))


def read_cells(path: Path) -> list[dict[str, str]]:
    """The cells as text, as they stand in the file."""
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, strict=True))


def test_members_are_the_users_with_their_groups(sample_tribune: Tribune, tmp_path: Path) -> None:
    n = export(sample_tribune, "members", tmp_path / "m.csv")
    cells = read_cells(tmp_path / "m.csv")
    names = {str(g.id): g.name for g in sample_tribune.groups}
    users = sample_tribune.table.query("SELECT user_id, group_id, strength FROM users ORDER BY 1")
    assert n == len(cells) == len(users) == sample_tribune.manifest["counts"]["users"]
    assert list(cells[0]) == ["user_id", "group_id", "group", "strength", "trusted"]
    for cell, (user, group, strength) in zip(cells, users.itertuples(index=False), strict=True):
        assert cell["user_id"] == user
        if pd.isna(group):
            assert (cell["group_id"], cell["group"], cell["strength"]) == ("", "", "")
        else:
            assert cell["group_id"] == str(int(group))
            assert cell["group"] == names[cell["group_id"]]
            assert float(cell["strength"]) == pytest.approx(strength, abs=1e-6)


def test_no_group_is_null_in_parquet(sample_tribune: Tribune, tmp_path: Path) -> None:
    export(sample_tribune, "members", tmp_path / "m.parquet")
    table = pd.read_parquet(tmp_path / "m.parquet")
    loners = sample_tribune.manifest["counts"]["users_without_group"]
    assert loners > 0
    for column in ("group_id", "group", "strength"):
        assert table[column].isna().sum() == loners
    assert pd.api.types.is_integer_dtype(table["group_id"])


@pytest.mark.parametrize("what", TABLES)
def test_both_formats_hold_the_same_cells(
    sample_tribune: Tribune, tmp_path: Path, what: str
) -> None:
    rows = [
        export(sample_tribune, what, tmp_path / name)  # type: ignore[arg-type]
        for name in ("t.csv", "t.PARQUET")
    ]
    table = pd.read_parquet(tmp_path / "t.PARQUET")
    cells = read_cells(tmp_path / "t.csv")
    assert rows == [len(table), len(cells)]
    assert list(cells[0]) == list(table.columns)
    for column in table.columns:
        for cell, value in zip((c[column] for c in cells), table[column], strict=True):
            if pd.isna(value):
                assert cell == ""
            elif isinstance(value, str):
                assert cell in (value, f"'{value}")
            elif isinstance(value, bool | np.bool_):
                assert cell == str(value)
            elif isinstance(value, pd.Timestamp):
                assert pd.Timestamp(cell) == value
            else:
                assert float(cell) == pytest.approx(float(value), rel=1e-6)


def test_reviews_carry_the_topics_of_their_sentences(
    sample_tribune: Tribune, tmp_path: Path
) -> None:
    export(sample_tribune, "reviews", tmp_path / "r.csv")
    cells = {c["review_id"]: c for c in read_cells(tmp_path / "r.csv")}
    query = sample_tribune.table.query
    said = query(
        """SELECT review_id, list(DISTINCT name) AS names, max(text) AS text
           FROM sentences JOIN topics USING (topic_id) GROUP BY 1"""
    )
    assert len(said) > 1000
    for review, names in zip(said["review_id"], said["names"], strict=True):
        assert set(cells[review]["topics"].split("; ")) == set(names)
    silent = set(cells) - set(said["review_id"])
    assert all(cells[review]["topics"] == "" for review in silent)
    texts = query("SELECT review_id, text, polarity FROM reviews")
    for review, text, polarity in texts.itertuples(index=False):
        assert cells[review]["text"].removeprefix("'") == text
        assert float(cells[review]["polarity"]) == pytest.approx(polarity)


def test_users_and_items_carry_what_they_speak_of_most(
    sample_tribune: Tribune, tmp_path: Path
) -> None:
    for what, key in (("users", "user_id"), ("items", "item_id")):
        export(sample_tribune, what, tmp_path / "t.csv")  # type: ignore[arg-type]
        cells = read_cells(tmp_path / "t.csv")
        counted = sample_tribune.table.query(
            f"""SELECT {key}, name, count(*) AS n FROM sentences JOIN topics USING (topic_id)
                GROUP BY ALL"""
        )
        for cell in cells[:50]:
            own = counted[counted[key] == cell[key]].set_index("name")["n"]
            shown = cell["topics"].split("; ") if cell["topics"] else []
            assert len(shown) == min(5, len(own))
            assert sorted(own[shown], reverse=True) == list(own[shown])
            assert sum(own[shown]) == own.nlargest(5).sum()


def test_ids_stay_text(hostile_tribune: Tribune, tmp_path: Path) -> None:
    export(hostile_tribune, "members", tmp_path / "m.csv")
    back = pd.read_csv(tmp_path / "m.csv", dtype=str, keep_default_na=False)
    assert {"007", "NA", "null", "1e5"} <= set(back["user_id"])
    export(hostile_tribune, "members", tmp_path / "m.parquet")
    assert set(IDS) <= set(pd.read_parquet(tmp_path / "m.parquet")["user_id"])
    export(hostile_tribune, "items", tmp_path / "i.csv")
    assert [c["item_id"] for c in read_cells(tmp_path / "i.csv")] == ["0042", "'=cafe()"]


@pytest.mark.parametrize("what", TABLES)
def test_no_cell_can_be_taken_for_a_formula(
    hostile_tribune: Tribune, tmp_path: Path, what: str
) -> None:
    out = tmp_path / "t.csv"
    export(hostile_tribune, what, out)  # type: ignore[arg-type]
    numeric = {"polarity", "rating", "price", "strength", "runner_up_strength"}
    cells = read_cells(out)
    for row in cells:
        for column, cell in row.items():
            assert cell[:1] not in tuple("=@\t\r") or not cell
            if column not in numeric:
                assert cell[:1] not in ("+", "-") or not cell
    if what != "items":
        assert any("'=" in cell for row in cells for cell in row.values())


def test_negative_numbers_stay_numbers(hostile_tribune: Tribune, tmp_path: Path) -> None:
    export(hostile_tribune, "reviews", tmp_path / "r.csv")
    polarity = pd.read_csv(tmp_path / "r.csv")["polarity"]
    assert polarity.dtype == float
    assert (polarity < 0).any()


def test_another_table_or_suffix_is_refused(sample_tribune: Tribune, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be one of members, users, items, reviews; got all"):
        export(sample_tribune, "all", tmp_path / "t.csv")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"must end in \.csv or \.parquet; got t\.xlsx"):
        export(sample_tribune, "users", tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_one_sentence(
    sample_tribune: Tribune, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"does not exist\. Make it first"):
        export(sample_tribune, "users", tmp_path / "nowhere" / "t.csv")
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        export(sample_tribune, "users", tmp_path / "t.csv")


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "t.csv"
    out.write_text("old")

    def stop_halfway() -> None:
        with open_draft(out, (".csv",)) as draft:
            draft.write_text("hal")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_halfway()
    assert out.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
