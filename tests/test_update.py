"""New reviews join at once, nobody else moves, and groups stay who they are over a rebuild."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agent.claims import write_claims
from agent.use_cases import Tribune
from tests.worlds import write_csv
from tools.errors import ReadError, WorkspaceError
from tools.pipeline import build
from tools.reviews import sample
from tools.update import Addition, Drift, add
from tools.workspace import Workspace, read_manifest, verify

KETTLE = "The purple kettle on floor nine whistles the national anthem."
NEWCOMER = [
    "Nine euros a night for the bunk. The hostel kitchen is free. Soup for two euros.",
    "The cheapest bus of all. I counted every cent and paid half. A bargain, nothing else.",
    "Free walking tour, free map. Dorm bed for eleven euros. Saved on every fare.",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sample_workspace: Workspace) -> Path:
    """Nineteen in twenty of the sample world's reviews, and the rest with some of our own."""
    folder = tmp_path_factory.mktemp("update")
    reviews = pd.read_csv(sample.REVIEWS, dtype=str, keep_default_na=False)
    order = np.random.default_rng(0).permutation(len(reviews))
    most = int(0.95 * len(reviews))
    reviews.iloc[order[:most]].to_csv(folder / "base.csv", index=False)
    ours = [
        {"user_id": "newcomer", "item_id": "", "rating": "5", "text": text} for text in NEWCOMER
    ]
    ours += [{"user_id": "passer-by", "item_id": "", "rating": "2", "text": KETTLE}]
    more = pd.concat([reviews.iloc[order[most:]], pd.DataFrame(ours)])
    more.fillna("").to_csv(folder / "more.csv", index=False)
    shuffled = pd.concat([more, reviews.iloc[order[:most]]]).sample(frac=1, random_state=1)
    shuffled.fillna("").to_csv(folder / "all.csv", index=False)
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "embeddings").symlink_to(sample_workspace.embeddings)
    build([folder / "base.csv"], Workspace(workspace), items=sample.ITEMS)
    return folder


@pytest.fixture(scope="module")
def before(place: Path) -> Tribune:
    return Tribune(Workspace(place / "workspace"))


@pytest.fixture(scope="module")
def added(place: Path, before: Tribune) -> Addition:
    return add([place / "more.csv"], Workspace(place / "workspace"))


@pytest.fixture(scope="module")
def after(place: Path, added: Addition) -> Tribune:
    return Tribune(Workspace(place / "workspace"))


@pytest.fixture(scope="module")
def rebuilt(place: Path, after: Tribune) -> Tribune:
    """All reviews, in another order, built anew over what was there."""
    workspace = Workspace(place / "workspace")
    build([place / "all.csv"], workspace, items=sample.ITEMS)
    return Tribune(workspace)


def kept_share(one: Tribune, other: Tribune) -> float:
    """Of the users in a group before and now, those in the same one."""
    was, now = one.users["group_id"].dropna(), other.users["group_id"].dropna()
    both = was.index.intersection(now.index)
    return float((was[both] == now[both]).mean())


def test_every_new_record_is_accounted_for(
    place: Path, before: Tribune, added: Addition, after: Tribune
) -> None:
    n = len(pd.read_csv(place / "more.csv"))
    assert (added.account.read, added.new) == (n, n)
    assert added.new_users >= 2
    verify(added.version)
    counts = after.manifest["counts"]
    assert counts["reviews"] == before.manifest["counts"]["reviews"] + n
    assert counts == added.counts
    assert len(after.store) == counts["sentences"] == len(after.sentences)
    assert (
        counts["users"] == len(after.users) == before.manifest["counts"]["users"] + added.new_users
    )


def test_the_new_text_is_found_and_cited(after: Tribune) -> None:
    found = after.search_reviews("purple kettle whistles the national anthem")
    assert found.evidence[0].quote == KETTLE
    assert found.evidence[0].user_id == "passer-by"
    assert "passer-by" in " ".join(
        claim.text for claim in write_claims(after.find_users("whistling kettle", stance="any"))
    )


def test_a_new_user_joins_the_group_that_writes_alike(before: Tribune, after: Tribune) -> None:
    told = after.describe_user("newcomer")
    assert told.group is not None
    thrifty = before.find_users("cheap hostel beds, every euro counts").groups[0]
    assert told.group.id == thrifty.id
    assert after.describe_user("passer-by").group is None  # one sentence is too little


def test_nobody_moves_who_wrote_nothing_new(place: Path, before: Tribune, after: Tribune) -> None:
    wrote = set(pd.read_csv(place / "more.csv", dtype=str)["user_id"])
    still = [u for u in before.user_ids if u not in wrote]
    columns = ["group_id", "x", "y", "n_sentences", "runner_up"]
    pd.testing.assert_frame_equal(before.users.loc[still, columns], after.users.loc[still, columns])
    np.testing.assert_allclose(
        before.users.loc[still, "strength"].astype(float),
        after.users.loc[still, "strength"].astype(float),
        atol=1e-3,
    )
    assert after.topic_names == before.topic_names
    assert after.groups == before.groups
    assert [c.trust for c in after.cards] == [c.trust for c in before.cards]


def test_a_search_within_a_group_knows_who_joined_it(after: Tribune) -> None:
    group = after.describe_user("newcomer").group
    assert group is not None
    found = after.search_reviews("nine euros a night for the bunk", group=str(group.id), limit=3)
    assert "newcomer" in {e.user_id for e in found.evidence}


def test_the_same_again_changes_nothing(place: Path, added: Addition) -> None:
    again = add([place / "more.csv"], Workspace(place / "workspace"))
    assert again.new == 0
    assert again.account.duplicates == again.account.read
    assert again.version == Workspace(place / "workspace").current()


def test_a_rebuild_keeps_groups_and_topics_who_they_are(before: Tribune, rebuilt: Tribune) -> None:
    assert kept_share(before, rebuilt) >= 0.95
    names = {g.id: g.name for g in before.groups}
    for group in rebuilt.groups:
        assert group.name == names.get(group.id, group.name)
    assert len(set(names) & {g.id for g in rebuilt.groups}) >= len(names) - 1
    stayed = set(before.topic_names) & set(rebuilt.topic_names)
    assert len(stayed) >= 0.9 * len(before.topic_names)


def test_the_drift_is_told(added: Addition, after: Tribune) -> None:
    assert not added.drift.due
    told = after.manifest["notes"][-1]
    assert told.startswith(f"No rebuild is due yet: {added.new:,} reviews came since the build")
    assert 0.3 < added.drift.added_fit < 1


def test_a_rebuild_is_due_after_a_fifth_more_or_what_fits_no_topic() -> None:
    drift = Drift(built_reviews=100, built_fit=0.5)
    assert not drift.due
    grown = drift.add(12, np.full(30, 0.5, np.float32)).add(8, np.full(10, 0.3, np.float32))
    assert (grown.added_reviews, grown.added_sentences) == (20, 40)
    assert grown.added_fit == pytest.approx((30 * 0.5 + 10 * 0.3) / 40)
    assert grown.due
    assert "A rebuild is due" in grown.describe()
    strange = drift.add(5, np.full(199, 0.4, np.float32))
    assert not strange.due  # under 200 sentences tell too little
    assert strange.add(1, np.full(1, 0.4, np.float32)).due


def test_files_that_cannot_be_used_leave_everything_as_it_was(
    place: Path, tmp_path: Path, rebuilt: Tribune
) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ReadError):
        add([tmp_path / "empty.csv"], Workspace(place / "workspace"))
    assert Workspace(place / "workspace").current() == rebuilt.version
    with pytest.raises(WorkspaceError, match="Build one"):
        add([place / "more.csv"], Workspace(tmp_path / "nowhere"))


def test_another_corpus_in_the_same_workspace_begins_anew(tmp_path: Path) -> None:
    text = "The pool was lovely. The staff were kind. I liked it. We come again. What a fine week."
    for name in ("one", "two"):
        rows = [{"user_id": f"{name}{n}", "item_id": "x", "text": text} for n in range(20)]
        built = build([write_csv(tmp_path / f"{name}.csv", rows)], Workspace(tmp_path / "w"))
        assert pd.read_parquet(built.version / "groups.parquet")["group_id"].tolist() == [1]
        assert read_manifest(built.version)["changes"] == []
