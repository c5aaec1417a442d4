"""Data without users, ratings, items, dates or English: what still works, and what is said instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.toolbox import call_tool
from agent.use_cases import Tribune
from tests.worlds import Row, number_reviews, plant_opinions, write_csv
from tools.errors import InputError, UnknownName
from tools.pipeline import build
from tools.workspace import Workspace


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lacking")


def open_rows(place: Path, name: str, rows: list[dict[str, object]]) -> Tribune:
    """A workspace of these rows; all share their embeddings."""
    workspace = Workspace(place / name)
    workspace.path.mkdir()
    (place / "embeddings").mkdir(exist_ok=True)
    workspace.embeddings.symlink_to(place / "embeddings")
    build([write_csv(place / f"{name}.csv", rows)], workspace)
    return Tribune(workspace)


def plain_rows(*without: str, n: int = 60, **given: object) -> list[dict[str, object]]:
    """Reviews by twelve users, over a year, without some columns and with others set."""
    rows: list[Row] = number_reviews(plant_opinions().rows[:n])
    return [
        {
            key: value
            for key, value in {
                **row, "user_id": f"u{i % 12}", "date": f"2025-{1 + i % 12:02d}-03", **given,
            }.items()
            if key not in without
        }
        for i, row in enumerate(rows)
    ]  # fmt: skip


NO_USERS = r"These reviews have no user ids, so .* --map user_id=COLUMN\.$"
NO_GROUPS = r"No groups were found: too few users wrote 5 sentences or more\."
NO_DATES = r"The reviews have no dates, so there is no trend\."
OF_GROUPS = [
    ("list_groups", {}), ("describe_group", {"group": "1"}), ("write_report", {"group": "1"}),
    ("compare_groups", {"first": "1", "second": "2"}),
]  # fmt: skip
OF_USERS = [("find_users", {"topic": "pool"}), ("describe_user", {"user": "u1"})]


def refuse(tribune: Tribune, calls: list[tuple[str, dict[str, str]]], sentence: str) -> None:
    for tool, args in calls:
        with pytest.raises(InputError, match=sentence):
            call_tool(tribune, tool, args)


def search_works(tribune: Tribune, query: str = "the pool") -> None:
    found = tribune.search_reviews(query)
    assert found.evidence
    assert found.n_reviews > 0
    topic = tribune.describe_topic(query)
    assert topic.n_sentences > 0
    assert topic.evidence
    assert tribune.overview().n_topics == len(tribune.topic_names) > 0
    assert tribune.suggest_questions()


@pytest.mark.parametrize("empty", [False, True])
def test_without_users_topics_search_and_trends_work(place: Path, empty: bool) -> None:
    rows = plain_rows(user_id="") if empty else plain_rows("user_id")
    tribune = open_rows(place, f"no-users-{empty}", rows)
    refuse(tribune, OF_GROUPS + OF_USERS, NO_USERS)
    search_works(tribune)
    assert sum(p.n_sentences for p in tribune.sentiment_trend().periods) > 60
    note = "name no user: 60" if empty else "No user column was found"
    assert any(note in told for told in tribune.overview().notes)
    assert tribune.describe_topic("the pool").n_users == 0


def test_without_ratings_words_alone_tell_what_is_liked(place: Path) -> None:
    tribune = open_rows(place, "no-ratings", plain_rows("rating"))
    search_works(tribune)
    found = tribune.find_users("pool")
    assert any("word list" in note for note in found.notes)
    assert tribune.describe_user("u1").rating is None
    assert all(card.rating is None for card in tribune.list_groups("rating").groups)
    assert tribune.overview().rating is None


@pytest.mark.parametrize("empty", [False, True])
def test_without_items_all_but_items_is_told(place: Path, empty: bool) -> None:
    rows = plain_rows(item_id="") if empty else plain_rows("item_id")
    tribune = open_rows(place, f"no-items-{empty}", rows)
    search_works(tribune)
    assert tribune.overview().n_items == 0
    assert {e.item for e in tribune.find_users("pool", "any").evidence} == {None}
    kinds = {t.kind for g in tribune.groups for t in tribune.describe_group(str(g.id)).traits}
    assert not kinds & {"item", "category"}
    with pytest.raises(UnknownName, match="There is no item 'x' among 0 items"):
        tribune.search_reviews("pool", item="x")


@pytest.mark.parametrize("empty", [False, True])
def test_without_dates_there_is_no_trend(place: Path, empty: bool) -> None:
    rows = plain_rows(date="") if empty else plain_rows("date")
    tribune = open_rows(place, f"no-dates-{empty}", rows)
    refuse(tribune, [("sentiment_trend", {}), ("sentiment_trend", {"topic": "pool"})], NO_DATES)
    search_works(tribune)
    assert tribune.describe_user("u1").first_time is None
    assert all(card.growth is None for card in tribune.list_groups("growth").groups)


def test_dates_of_one_month_tell_no_change(place: Path) -> None:
    tribune = open_rows(place, "one-month", plain_rows(date="2025-05-03"))
    trend = tribune.sentiment_trend()
    assert [p.label for p in trend.periods] == ["May 2025"]
    assert (trend.change, trend.step, trend.recent, trend.moves) == (None, None, None, [])
    assert "All dated sentences are of one month, so no change can be told." in trend.notes


def test_one_user_is_described_though_there_are_no_groups(place: Path) -> None:
    tribune = open_rows(place, "one-user", plain_rows(user_id="solo"))
    refuse(tribune, OF_GROUPS, NO_GROUPS)
    search_works(tribune)
    assert tribune.find_users("pool", "any").users[0].user_id == "solo"
    told = tribune.describe_user("solo")
    assert (told.n_reviews, told.group, told.reasons) == (60, None, [])


def test_one_review_can_be_searched(place: Path) -> None:
    rows: list[dict[str, object]] = [{"user_id": "u1", "text": "The pool was warm and quiet."}]
    tribune = open_rows(place, "one-review", rows)
    refuse(tribune, OF_GROUPS, NO_GROUPS)
    assert tribune.search_reviews("swimming pool").evidence[0].quote == rows[0]["text"]
    assert tribune.find_users("swimming pool", "any").n_users == 1
    assert tribune.describe_user("u1").n_sentences == 1


def test_text_alone_is_enough_to_search(place: Path) -> None:
    rows = [{"text": row["text"]} for row in plain_rows()]
    tribune = open_rows(place, "only-text", rows)
    refuse(tribune, OF_GROUPS + OF_USERS, NO_USERS)
    search_works(tribune)
    texts = {row["text"] for row in rows}  # by nobody in particular, a repeated text is one review
    assert (tribune.overview().n_users, tribune.overview().n_reviews) == (0, len(texts))


def test_a_user_without_a_word_is_a_user_of_no_group(place: Path) -> None:
    mute = {**plain_rows(n=1)[0], "user_id": "mute", "text": "!!!", "review_id": "m"}
    tribune = open_rows(place, "mute", [*plain_rows(), mute])
    told = tribune.describe_user("mute")
    assert (told.n_reviews, told.n_sentences, told.group) == (1, 0, None)
    assert (told.topics, told.evidence, told.polarity) == ([], [], None)


def test_chinese_reviews_have_topics_of_whole_words_and_groups(place: Path) -> None:
    said = [
        "酒店位置很好，离地铁站很近。早餐也很丰富，房间干净。",
        "房间很小，隔音太差！服务员态度不好。",
        "停车方便，性价比高，下次还会来。大堂很漂亮！",
    ]
    rows: list[dict[str, object]] = [
        {
            "用户": f"用户{i % 10}",
            "评论": f"{said[i % 3]}第{i}次来。",
            "评分": 1 if i % 3 == 1 else 5,
        }
        for i in range(60)
    ]
    tribune = open_rows(place, "chinese", rows)
    assert tribune.overview().n_users == 10
    assert tribune.describe_user("用户3").n_reviews == 6
    names = " ".join(tribune.topic_names)
    assert any(word in names for word in ("早餐", "地铁站", "房间", "隔音"))
    for tool, args in [
        ("describe_topic", {"topic": "早餐"}),
        ("search_reviews", {"query": "停车"}),
    ]:
        assert call_tool(tribune, tool, args).notes
