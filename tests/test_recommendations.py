"""What is recommended to whom in the sample world, why, and what people say of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agent.claims import write_claims
from agent.toolbox import call_tool
from agent.use_cases import Tribune
from tests.worlds import write_csv
from tools.errors import InputError, UnknownName
from tools.pipeline import build
from tools.recommendation.feedback import FILE, add_feedback, read_feedback
from tools.reviews import sample
from tools.update import add
from tools.workspace import Workspace


@pytest.fixture(scope="module")
def truth() -> pd.Series:
    """User → the group they were written for; "" for none."""
    table = pd.read_csv(sample.TRUTH, dtype=str, keep_default_na=False)
    return table.set_index("user_id")["group"]


def find_home(tribune: Tribune, truth: pd.Series, name: str) -> str:
    """The number of the found group in which most users of a planted one are."""
    own = tribune.users.loc[truth.index[truth == name], "group_id"].dropna()
    return str(int(own.mode().iloc[0]))


def test_users_are_recommended_what_their_planted_group_reviews(
    sample_tribune: Tribune, truth: pd.Series
) -> None:
    reviews = sample_tribune.table.query("SELECT user_id, item_id FROM reviews")
    kind = reviews["user_id"].map(truth)
    share = pd.crosstab(reviews["item_id"], kind, normalize="columns")
    everyone = reviews["item_id"].value_counts(normalize=True)
    rng = np.random.default_rng(0)
    lifts = []
    for user in rng.choice(truth.index[truth != ""], 40, replace=False):
        shown = sample_tribune.recommend(user=user, limit=5).items
        lifts += [share.loc[item.id, truth[user]] / everyone[item.id] for item in shown]
    assert np.median(lifts) > 2


def test_what_a_user_has_met_is_not_recommended(sample_tribune: Tribune) -> None:
    user = str(sample_tribune.users["n_reviews"].idxmax())
    met = sample_tribune.table.query("SELECT item_id FROM reviews WHERE user_id = ?", [user])
    found = sample_tribune.recommend(user=user, limit=200)
    shown = [item.id for item in found.items]
    assert not set(shown) & set(met["item_id"])
    assert len(shown) == len(set(shown)) == found.n_open
    scores = [item.score for item in found.items]
    assert scores == sorted(scores, reverse=True)


def test_reasons_are_counted_by_hand(sample_tribune: Tribune) -> None:
    reviews = sample_tribune.table.query(
        "SELECT user_id, item_id, rating FROM reviews ORDER BY time"
    )
    last = reviews.drop_duplicates(["user_id", "item_id"], keep="last")
    liked = last[last["rating"] >= 4]
    by_item = liked.groupby("item_id")["user_id"].agg(set)
    titles = {title: item for item, title in sample_tribune.item_titles.items()}
    user = str(sample_tribune.users["n_reviews"].idxmax())
    checked = 0
    for item in sample_tribune.recommend(user=user).items:
        for reason in item.reasons:
            if reason.kind == "users":
                others = by_item[titles[reason.what]] - {user}
                assert reason.n_of == len(others)
                assert reason.n == len(others & by_item[item.id])
                assert reason.expected is not None
                assert reason.n > reason.expected
                checked += 1
    assert checked >= 5


def test_quotes_praise_the_item_they_stand_with(sample_tribune: Tribune) -> None:
    found = sample_tribune.recommend(group="1")
    by_number = {e.n: e for e in found.evidence}
    cited = [(item.id, n) for item in found.items for n in item.cites]
    assert cited
    for item, n in cited:
        assert by_number[n].item_id == item
        assert by_number[n].polarity > 0


@pytest.mark.parametrize("name", ["food", "nature", "business", "nightlife"])
def test_a_group_is_recommended_what_it_is_known_for(
    sample_tribune: Tribune, truth: pd.Series, name: str
) -> None:
    group = find_home(sample_tribune, truth, name)
    found = sample_tribune.recommend(group=group, limit=5)
    likers = sample_tribune.table.query(
        "SELECT item_id, user_id FROM reviews WHERE rating >= 4"
    ).drop_duplicates()
    own = likers["user_id"].map(truth) == name
    for item in found.items[:3]:
        inside = (own & (likers["item_id"] == item.id)).sum() / (truth == name).sum()
        outside = (~own & (likers["item_id"] == item.id)).sum() / (truth != name).sum()
        assert inside > outside
        assert item.suits is not None
        assert item.suits > 0.3  # a tenth of the items suit each member


def test_the_three_aims_and_the_unmet_are_kept_apart(sample_tribune: Tribune) -> None:
    fair = sample_tribune.recommend(group="1", aim="fair", limit=3)
    average = sample_tribune.recommend(group="1", aim="average", limit=3)
    assert fair.covered is not None
    assert average.covered is not None
    assert fair.covered >= average.covered
    unmet = sample_tribune.recommend(group="1", unseen=True)
    assert all(item.n_met == 0 for item in unmet.items)


def test_filters_are_kept_and_unknown_ones_are_told(sample_tribune: Tribune) -> None:
    found = sample_tribune.recommend(user="tomas_90", category="Museum", max_price=20)
    assert found.items
    assert all(item.category == "museum" for item in found.items)
    assert all(item.price is not None and item.price <= 20 for item in found.items)
    with pytest.raises(InputError, match=r"no category 'spaceship'\. The categories are: "):
        sample_tribune.recommend(user="tomas_90", category="spaceship")
    with pytest.raises(InputError, match="either a user or a group"):
        sample_tribune.recommend()
    with pytest.raises(UnknownName, match="no user 'nobody-at-all'"):
        sample_tribune.recommend(user="nobody-at-all")


def test_an_explanation_tells_place_and_reasons(sample_tribune: Tribune) -> None:
    listed = sample_tribune.recommend(user="tomas_90")
    third = listed.items[2]
    told = sample_tribune.explain_recommendation("tomas_90", third.title)
    assert (told.place, told.n_open, told.met) == (3, listed.n_open, False)
    assert [r.what for r in told.item.reasons] == [r.what for r in third.reasons]
    assert write_claims(told)[0].text.startswith(f"{third.title} stands at place 3 of ")


def test_an_item_that_was_met_is_explained_as_if_it_had_not_been(sample_tribune: Tribune) -> None:
    met = sample_tribune.table.query(
        "SELECT item_id, rating FROM reviews WHERE user_id = 'tomas_90' AND rating = 5 LIMIT 1"
    ).iloc[0]
    told = sample_tribune.explain_recommendation("tomas_90", met["item_id"])
    listed = sample_tribune.recommend(user="tomas_90", limit=1)
    assert (told.met, told.liked, told.n_open) == (True, True, listed.n_open + 1)
    assert write_claims(told)[0].text.startswith("tomas_90 has met ")


def test_the_check_behind_the_list_is_told(sample_tribune: Tribune) -> None:
    found = sample_tribune.recommend(user="tomas_90", limit=1)
    assert found.method != "popularity"
    assert "better than popularity" in found.verdict
    assert write_claims(found)[-1].text == found.verdict
    rows = sample_tribune.manifest["recommendation"]["comparison"]["rows"]
    assert {"popularity", "EASE", "LightGCN", "group prior"} <= {row["name"] for row in rows}


def test_groups_that_were_planted_alike_are_related(
    sample_tribune: Tribune, truth: pd.Series
) -> None:
    found = sample_tribune.relate_groups()
    n = len(found.groups)
    assert len(found.pairs) == n * (n - 1) // 2
    for pair in found.pairs[:5]:
        compared = sample_tribune.compare_groups(str(pair.second.id), str(pair.first.id)).likeness
        assert compared.items_alike == pair.items_alike
        assert [b.n_first for b in compared.bridges] == [b.n_second for b in pair.bridges]


def test_the_tools_of_the_chat_give_the_same(sample_tribune: Tribune) -> None:
    direct = sample_tribune.recommend(group="2", limit=3)
    assert call_tool(sample_tribune, "recommend", {"group": "2", "limit": 3}) == direct


def test_reviews_that_are_added_change_what_is_recommended(tmp_path: Path) -> None:
    rows = [
        {
            "user_id": f"u{user}",
            "item_id": f"{'ab'[user % 2]}{item}",
            "rating": 5,
            "text": f"The {'pool was warm' if user % 2 else 'soup was hot'} on day {item}.",
            "time": f"2025-01-{item + 1:02}",
        }
        for user in range(24)
        for item in range(6)
        if (user + item) % 3
    ]
    workspace = Workspace(tmp_path / "w")
    build([write_csv(tmp_path / "reviews.csv", rows)], workspace)
    newcomer = {"user_id": "new", "rating": 5, "text": "Hot soup!", "time": "2025-02-01"}
    added = [{**newcomer, "item_id": "a0"}, {**newcomer, "item_id": "a1", "text": "Good soup."}]
    add([write_csv(tmp_path / "more.csv", added)], workspace)
    found = Tribune(workspace).recommend(user="new", limit=3)
    assert found.n_likes == 2
    assert not {"a0", "a1"} & {item.id for item in found.items}


def test_where_nobody_liked_anything_it_is_said(tmp_path: Path) -> None:
    rows = [
        {"user_id": f"u{n}", "item_id": "", "rating": 1 + n % 5, "text": f"Bad, {n} times."}
        for n in range(12)
    ]
    workspace = Workspace(tmp_path / "w")
    build([write_csv(tmp_path / "reviews.csv", rows)], workspace)
    with pytest.raises(InputError, match="no user is known to have liked an item"):
        Tribune(workspace).recommend(user="u1")


# Feedback


def test_the_last_word_counts_and_a_torn_line_does_not(tmp_path: Path) -> None:
    add_feedback(tmp_path, "user:ann", "i1", "good")
    add_feedback(tmp_path, "user:ann", "i2", "bad")
    add_feedback(tmp_path, "user:ann", "i1", "bad")
    add_feedback(tmp_path, "user:ann", "i2", "withdrawn")
    add_feedback(tmp_path, "group:1", "i1", "good")
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write('{"whom": "user:ann", "item')
    assert read_feedback(tmp_path, "user:ann") == {"i1": "bad"}
    assert read_feedback(tmp_path, "group:1") == {"i1": "good"}
    assert read_feedback(tmp_path / "elsewhere", "user:ann") == {}
