"""What can be asked of a workspace: every fact counted again from its Parquet files."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from agent.claims import write_claims
from agent.facts import Facts, Stance
from agent.toolbox import call_tool
from agent.use_cases import Tribune
from tools.errors import InputError, UnknownName
from tools.profiling.trends import Length
from tools.record import profile
from tools.reviews.table import NAMES
from ui.pages.cards import warn_group

Sql = Callable[..., pd.DataFrame]
TOPICS = ["cheap hostel kitchens", "stairs", "wheelchair ramps", "children's playgrounds", "wifi"]
# For each kind of trait, what a sentence must be to show it.
SHOWS = {
    "topic": "t.name = ?",
    "like": "t.name = ? AND s.polarity >= 0.25",
    "dislike": "t.name = ? AND s.polarity <= -0.25",
    "item": "i.title = ?",
    "category": "i.category = ?",
}


@pytest.fixture(scope="module")
def sql(sample_tribune: Tribune) -> Sql:
    """Queries the Parquet files themselves; s, t, u, r, i, g stand for the tables."""
    connection = duckdb.connect()
    for letter, name in zip(
        "sturig", ("sentences", "topics", "users", "reviews", "items", "groups"), strict=True
    ):
        path = sample_tribune.version / f"{name}.parquet"
        connection.execute(f"CREATE VIEW {letter} AS SELECT * FROM '{path}'")

    def query(text: str, *values: object) -> pd.DataFrame:
        return connection.execute(text, list(values)).df()

    return query


def one(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def count_doers(sql: Sql, kind: str, name: str, group: int, *, inside: bool = True) -> int:
    sign = "=" if inside else "!="
    found = sql(
        f"""SELECT count(DISTINCT s.user_id) AS n FROM s LEFT JOIN t USING (topic_id)
            LEFT JOIN i USING (item_id) WHERE s.group_id {sign} ? AND {SHOWS[kind]}""",
        group,
        name,
    )
    return int(found["n"][0])


def check_evidence(found: Facts, sql: Sql) -> None:
    """Every citation is a sentence of the review, user and item that it names."""
    assert [e.n for e in found.evidence] == list(range(1, len(found.evidence) + 1))
    for e in found.evidence:
        match = sql(
            """SELECT s.*, i.title FROM s LEFT JOIN i USING (item_id)
               WHERE review_id = ? AND text = ?""",
            e.review_id,
            e.quote,
        )
        row = match.iloc[0]
        assert (e.user_id, e.item_id, e.item) == (row["user_id"], row["item_id"], row["title"])
        assert e.rating == row["rating"]
        assert e.time == row["time"].to_pydatetime()
        assert e.polarity in match["polarity"].round(2).to_list() or e.polarity == pytest.approx(
            row["polarity"], abs=0.006
        )


# Groups


def test_the_overview_counts_what_is_in_the_files(sample_tribune: Tribune, sql: Sql) -> None:
    told = sample_tribune.overview()
    for letter, n in zip("sturig", (told.n_sentences, told.n_topics, told.n_users, told.n_reviews,
                                    told.n_items, told.n_groups), strict=True):  # fmt: skip
        assert sql(f"SELECT count(*) AS n FROM {letter}")["n"][0] == n
    span = one(sql("SELECT min(time) AS a, max(time) AS b, avg(rating) AS r FROM r"))
    assert (told.first_time, told.last_time) == (span["a"], span["b"])
    assert told.rating == pytest.approx(span["r"])
    assert told.n_without_group == sql("SELECT count(*) AS n FROM u WHERE group_id IS NULL")["n"][0]
    largest = sql("SELECT name FROM t ORDER BY topic_id LIMIT 8")["name"].tolist()
    assert told.topics == largest


def test_groups_are_counted_from_their_users(sample_tribune: Tribune, sql: Sql) -> None:
    listed = sample_tribune.list_groups()
    n_users = sql("SELECT count(*) AS n FROM u")["n"][0]
    assert listed.n_users == n_users
    for card in listed.groups:
        own = one(
            sql(
                """SELECT count(*) AS n, avg(price) AS price, avg(n_reviews) AS each
                   FROM u WHERE group_id = ?""",
                card.id,
            )
        )
        wrote = one(
            sql(
                """SELECT count(*) AS n, avg(r.rating) AS rating FROM r JOIN u USING (user_id)
                   WHERE group_id = ?""",
                card.id,
            )
        )
        said = sql(
            "SELECT count(*) AS n, avg(polarity) AS p FROM s WHERE group_id = ? GROUP BY user_id",
            card.id,
        )
        everything = one(sql("SELECT avg(polarity) AS p FROM s WHERE group_id = ?", card.id))
        assert card.n_users == own["n"]
        assert card.share == pytest.approx(own["n"] / n_users)
        assert card.n_reviews == wrote["n"]
        assert card.reviews_per_user == pytest.approx(own["each"], abs=0.05)
        assert card.rating == pytest.approx(wrote["rating"])
        assert card.price == pytest.approx(own["price"])
        assert card.polarity == pytest.approx(everything["p"], abs=0.006)
        assert card.top_user_share == pytest.approx(said["n"].max() / said["n"].sum(), abs=6e-4)


def test_growth_is_of_the_last_ninety_days_over_those_before(
    sample_tribune: Tribune, sql: Sql
) -> None:
    dated = sql("SELECT r.time, group_id FROM r JOIN u USING (user_id)")
    ago = dated["time"].max() - dated["time"]
    quarter = pd.Timedelta(days=90)
    for card in sample_tribune.list_groups().groups:
        own = ago[dated["group_id"] == card.id]
        recent, before = (own < quarter).sum(), ((own >= quarter) & (own < 2 * quarter)).sum()
        if before < 5:
            assert card.growth is None
        else:
            assert card.growth == pytest.approx(recent / before - 1, abs=6e-4)


def test_groups_come_in_the_order_asked_for(sample_tribune: Tribune) -> None:
    size = [g.n_users for g in sample_tribune.list_groups("size").groups]
    rating = [g.rating or 0 for g in sample_tribune.list_groups("rating").groups]
    growth = [g.growth for g in sample_tribune.list_groups("growth").groups if g.growth is not None]
    for told in (size, rating, growth):
        assert told == sorted(told, reverse=True)
    assert {g.id for g in sample_tribune.list_groups("growth").groups} == set(
        range(1, len(size) + 1)
    )


def test_traits_of_a_group_are_shares_of_its_users(sample_tribune: Tribune, sql: Sql) -> None:
    grouped = sql("SELECT count(*) AS n FROM u WHERE group_id IS NOT NULL")["n"][0]
    for ref in sample_tribune.groups:
        profile = sample_tribune.describe_group(str(ref.id))
        assert profile.group.id == ref.id
        assert {t.kind for t in profile.traits} >= {"topic"}
        size = profile.group.n_users
        for trait in profile.traits:
            inside = count_doers(sql, trait.kind, trait.name, ref.id)
            outside = count_doers(sql, trait.kind, trait.name, ref.id, inside=False)
            assert trait.n_users == inside >= 3
            assert trait.share_in == pytest.approx(inside / size)
            assert trait.share_out == pytest.approx(outside / (grouped - size))
            expected = trait.share_in / (max(outside, 0.5) / (grouped - size))
            assert trait.lift == pytest.approx(expected, abs=0.051)
            assert trait.q < 0.05
            assert trait.lift > 1.15
            for e in (profile.evidence[n - 1] for n in trait.cites):
                member = sql("SELECT group_id FROM u WHERE user_id = ?", e.user_id)
                assert member["group_id"][0] == ref.id
        assert set(profile.quotes) <= {e.n for e in profile.evidence}
        check_evidence(profile, sql)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (3, 1), (5, 9), (10, 4)])
def test_differences_are_counted_on_both_sides(
    sample_tribune: Tribune, sql: Sql, first: int, second: int
) -> None:
    found = sample_tribune.compare_groups(str(first), str(second))
    assert (found.first.id, found.second.id) == (first, second)
    assert 3 <= len(found.differences) <= 8
    a, b = found.first.n_users, found.second.n_users
    for pair in found.differences:
        n_first, n_second = (count_doers(sql, pair.kind, pair.name, g) for g in (first, second))
        assert (pair.n_first, pair.n_second) == (n_first, n_second)
        assert pair.share_first == pytest.approx(n_first / a)
        assert pair.share_second == pytest.approx(n_second / b)
        # The test that the two-sided p doubles the smaller tail of.
        tails = stats.hypergeom(a + b, n_first + n_second, a)
        assert pair.p == pytest.approx(min(1, 2 * min(tails.sf(n_first - 1), tails.cdf(n_first))))
        more = first if pair.share_first >= pair.share_second else second
        for e in (found.evidence[n - 1] for n in pair.cites):
            member = sql("SELECT group_id FROM u WHERE user_id = ?", e.user_id)
            assert member["group_id"][0] == more
    check_evidence(found, sql)


# Users


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("stance", ["likes", "dislikes", "any"])
def test_users_found_are_counted_by_group(
    sample_tribune: Tribune, sql: Sql, topic: str, stance: Stance
) -> None:
    found = sample_tribune.find_users(topic, stance, limit=200)
    users = sql("SELECT user_id, group_id, n_sentences FROM u").set_index("user_id")
    assert found.n_users == len(found.users) <= found.n_speakers
    assert found.n_users > 0
    for hit in found.users:
        assert hit.warm + hit.cold <= hit.mentions <= users.loc[hit.user_id, "n_sentences"]
        group = users.loc[hit.user_id, "group_id"]
        assert pd.isna(group) if hit.group is None else hit.group.id == group
        cited = [found.evidence[n - 1] for n in hit.cites]
        assert [e.user_id for e in cited] == [hit.user_id]
    # Strongest first: of those who plainly say so, of the others, and of those whose best sentence
    # says the reverse of the topic itself.
    strengths = [hit.score * (-1 if stance == "dislikes" else 1) for hit in found.users]
    assert sum(strength < after for strength, after in pairwise(strengths)) <= 3
    if stance == "any":
        assert sum(hit.mentions for hit in found.users) == found.n_sentences
        assert found.n_users == found.n_speakers
    else:
        assert all((hit.score > 0) == (stance == "likes") for hit in found.users)
    groups = users.loc[[hit.user_id for hit in found.users], "group_id"].dropna()
    for lift in found.groups:
        n = int((groups == lift.id).sum())
        size = int((users["group_id"] == lift.id).sum())
        assert lift.n_users == n > 0
        assert lift.share == pytest.approx(n / found.n_users)
        assert lift.lift == pytest.approx(lift.share / (size / len(users)), abs=0.006)
    assert {lift.id for lift in found.groups} == set(groups.astype(int))
    check_evidence(found, sql)


def test_who_plainly_says_so_comes_first(sample_tribune: Tribune) -> None:
    for stance in ("likes", "dislikes"):
        for hit in sample_tribune.find_users("stairs", stance, limit=3).evidence:
            assert "stair" in hit.quote.lower()


def test_the_limit_cuts_the_list_and_not_the_counts(sample_tribune: Tribune) -> None:
    short = sample_tribune.find_users("museums", limit=3)
    long = sample_tribune.find_users("museums", limit=200)
    assert [u.user_id for u in short.users] == [u.user_id for u in long.users[:3]]
    assert (short.n_users, short.n_speakers, short.groups) == (
        long.n_users, long.n_speakers, long.groups,
    )  # fmt: skip


def test_users_of_one_group_are_only_that_groups(sample_tribune: Tribune) -> None:
    everyone = sample_tribune.find_users("museums", "any", limit=200)
    own = sample_tribune.find_users("museums", "any", group="group 2", limit=200)
    assert own.group is not None
    assert {u.user_id for u in own.users} == {
        u.user_id for u in everyone.users if u.group and u.group.id == 2
    }
    assert own.groups == []


def test_a_group_likes_what_it_was_planted_to_like(sample_tribune: Tribune) -> None:
    for topic in ("wheelchair ramps", "museums and galleries", "nightclubs and dancing"):
        found = sample_tribune.find_users(topic, "any")
        best = max(found.groups, key=lambda g: g.lift)
        assert best.lift > 3
        assert best.p < 0.001


def test_one_loud_user_is_told_of_and_does_not_rename_the_group(sample_tribune: Tribune) -> None:
    tribune = sample_tribune
    tables = {name: tribune.table.query(f"SELECT * FROM {name}") for name in NAMES}
    card = tribune.cards[3]
    members = tables["users"]["group_id"].eq(card.id).fillna(False)
    loud = tables["users"][members].iloc[0]["user_id"]
    said = tables["sentences"]
    n = int(1.4 * (said["group_id"].eq(card.id).fillna(False)).sum() * 0.4 / 0.6)
    shout = said[said["user_id"] == loud].iloc[:1]
    more = pd.concat([shout] * n).assign(text="My yacht, my yacht, my golden yacht!")
    users = tables["users"]
    users.loc[users["user_id"] == loud, "n_sentences"] += n
    review = tables["reviews"][tables["reviews"]["user_id"] == loud].iloc[:1]
    review = review.assign(text="My yacht, my yacht, my golden yacht! " * n)
    again = profile(
        pd.concat([tables["reviews"], review]),
        pd.concat([said, more]).drop(columns="group_id"),
        users,
        tables["items"],
        tables["topics"],
        {},
    )["groups"].set_index("group_id")
    assert again.loc[card.id, "name"] == card.name
    assert "yacht" not in again.loc[card.id, "terms"]
    assert again.loc[card.id, "top_user_share"] >= 0.4
    assert again.loc[card.id, "voices"] < card.voices / 2
    shown = card.model_copy(update={"top_user_share": float(again.loc[card.id, "top_user_share"])})
    found = tribune.describe_group(str(card.id)).model_copy(update={"group": shown})
    told = f"One user wrote {shown.top_user_share:.0%}"
    assert any(told in claim.text for claim in write_claims(found))
    assert "One user wrote" in warn_group(shown)
    assert "One user wrote" not in warn_group(card)


def test_a_group_that_is_not_stable_is_told_so_everywhere(sample_tribune: Tribune) -> None:
    shaky = sample_tribune.cards[0].model_copy(update={"trust": 0.43, "trusted": False})
    found = sample_tribune.describe_group(str(shaky.id)).model_copy(update={"group": shaky})
    told = "not stable enough to act on (trust 0.43)"
    assert any(told in claim.text for claim in write_claims(found))
    listed = sample_tribune.list_groups().model_copy(update={"groups": [shaky]})
    assert any(told in claim.text for claim in write_claims(listed))
    assert "Not stable enough to act on: trust 0.43" in warn_group(shaky)
    assert all(told not in claim.text for claim in write_claims(sample_tribune.list_groups()))


def test_every_user_is_described_by_their_own_rows(sample_tribune: Tribune, sql: Sql) -> None:
    users = sql("SELECT * FROM u ORDER BY user_id")
    mean = users["rating"].mean()
    for _, user in users.iloc[::20].iterrows():
        told = sample_tribune.describe_user(user["user_id"])
        wrote = one(
            sql(
                """SELECT count(*) AS n, avg(rating) AS rating, min(time) AS a, max(time) AS b
                   FROM r WHERE user_id = ?""",
                user["user_id"],
            )
        )
        said = sql(
            """WITH own AS (SELECT t.name, s.naming, s.tone,
                                   avg(s.polarity) OVER (PARTITION BY topic_id) AS p
                            FROM s JOIN t USING (topic_id) WHERE user_id = ?)
               SELECT name, count(*) AS n, any_value(p) AS p,
                      bool_or(naming > 0 AND (abs(p) < 0.25 OR tone * p > 0)) AS plain
               FROM own GROUP BY name""",
            user["user_id"],
        ).set_index("name")
        plainly = said[said["plain"]]
        assert (told.n_reviews, told.first_time, told.last_time) == (
            wrote["n"], wrote["a"], wrote["b"],
        )  # fmt: skip
        assert told.rating == pytest.approx(wrote["rating"])
        assert told.rating_all == pytest.approx(mean)
        assert told.n_sentences == user["n_sentences"]
        assert (told.group is None) == pd.isna(user["group_id"])
        if told.group:
            assert told.group.id == user["group_id"]
            assert told.strength == pytest.approx(user["strength"])
            assert told.reasons
        assert [t.n_sentences for t in told.topics] == sorted(plainly["n"], reverse=True)[:5]
        for topic in told.topics:
            assert topic.n_sentences == plainly.loc[topic.name, "n"]
            assert topic.polarity == pytest.approx(plainly.loc[topic.name, "p"], abs=0.006)
        assert {e.user_id for e in told.evidence} <= {user["user_id"]}
        check_evidence(told, sql)


# Reviews


def test_a_word_that_no_review_uses_is_told_of(sample_tribune: Tribune) -> None:
    told = "No review says “helicopter”"
    for found in (
        sample_tribune.find_users("helicopter tours"),
        sample_tribune.describe_topic("helicopter tours"),
        sample_tribune.sentiment_trend("helicopter tours"),
    ):
        assert found.notes[0].startswith(told)
    for said in ("museums", "hiking"):  # the reviews say museum and hike
        assert not any("No review says" in n for n in sample_tribune.find_users(said).notes)


def test_searches_obey_their_filters(sample_tribune: Tribune, sql: Sql) -> None:
    title = str(sql("SELECT title FROM i WHERE item_id = 'LIS01'")["title"][0])
    found = sample_tribune.search_reviews("kitchen and price", item=title, limit=20)
    assert found.item == title
    assert {e.item_id for e in found.evidence} == {"LIS01"}
    user = str(sql("SELECT user_id FROM u ORDER BY n_reviews DESC LIMIT 1")["user_id"][0])
    found = sample_tribune.search_reviews("room", user=user.upper(), limit=20)
    assert {e.user_id for e in found.evidence} == {user}
    largest = sql(
        "SELECT group_id FROM s WHERE text ILIKE '%museum%' GROUP BY 1 ORDER BY count(*) DESC"
    )
    group = int(largest["group_id"].dropna()[0])
    found = sample_tribune.search_reviews("museum rooms", "dislikes", group=str(group), limit=10)
    assert all(e.polarity <= -0.25 for e in found.evidence)
    for e in found.evidence:
        assert sql("SELECT group_id FROM u WHERE user_id = ?", e.user_id)["group_id"][0] == group
    assert len({e.review_id for e in found.evidence}) == len(found.evidence) == 10
    check_evidence(found, sql)


def test_reviews_counted_are_of_the_stance_that_was_asked_for(sample_tribune: Tribune) -> None:
    any_, warm, cold = (
        sample_tribune.search_reviews("museums", stance) for stance in ("any", "likes", "dislikes")
    )
    assert warm.n_sentences + cold.n_sentences < any_.n_sentences
    assert warm.polarity is not None
    assert cold.polarity is not None
    assert warm.polarity >= 0.25
    assert cold.polarity <= -0.25


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("wifi for video calls", ("wi-fi", "wifi", "video", "mbit")),
        ("wheelchair", ("wheelchair", "wheelchiar", "chair")),
        ("a museum", ("museum", "exhibit", "galler")),
    ],
)
def test_searches_find_what_is_meant(
    sample_tribune: Tribune, query: str, words: tuple[str, ...]
) -> None:
    quotes = [e.quote.lower() for e in sample_tribune.search_reviews(query, limit=10).evidence]
    assert sum(any(w in quote for w in words) for quote in quotes) >= 8


@pytest.mark.parametrize("topic", TOPICS)
def test_opinions_on_a_topic_are_those_of_whom_it_finds(
    sample_tribune: Tribune, sql: Sql, topic: str
) -> None:
    told = sample_tribune.describe_topic(topic)
    speakers = sample_tribune.find_users(topic, "any", limit=200)
    assert (told.n_users, told.n_sentences) == (speakers.n_speakers, speakers.n_sentences)
    assert told.positive_share is not None
    assert told.negative_share is not None
    assert 0 <= told.positive_share + told.negative_share <= 1
    sizes = sql("SELECT group_id, n_users FROM g").set_index("group_id")["n_users"]
    spoke = {lift.id: lift.n_users for lift in speakers.groups}
    for group in told.groups:
        assert group.n_users == spoke[group.id] >= 3
        assert group.share == pytest.approx(group.n_users / sizes[group.id])
        assert group.n_sentences >= group.n_users
        for e in (told.evidence[n - 1] for n in group.cites):
            assert (
                sql("SELECT group_id FROM u WHERE user_id = ?", e.user_id)["group_id"][0]
                == group.id
            )
    assert {g for g, n in spoke.items() if n >= 3} == {g.id for g in told.groups}
    shares = [g.share for g in told.groups]
    assert shares == sorted(shares, reverse=True)
    check_evidence(told, sql)


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter"])
@pytest.mark.parametrize("group", [None, "4"])
def test_a_trend_is_the_mean_of_each_period(
    sample_tribune: Tribune, sql: Sql, period: Length, group: str | None
) -> None:
    trend = sample_tribune.sentiment_trend(group=group, period=period)
    expected = sql(
        f"""SELECT date_trunc('{period}', time) AS start, count(*) AS n, avg(polarity) AS p,
                   avg((polarity <= -0.25)::INT) AS cold FROM s
            WHERE time IS NOT NULL AND (? IS NULL OR group_id = ?::INT) GROUP BY 1 ORDER BY 1""",
        group,
        group,
    )
    told = [p for p in trend.periods if p.n_sentences]
    assert [p.start for p in told] == expected["start"].dt.to_pydatetime().tolist()
    assert [p.n_sentences for p in told] == expected["n"].tolist()
    np.testing.assert_allclose([p.polarity or 0.0 for p in told], expected["p"], atol=1e-6)
    np.testing.assert_allclose([p.negative_share or 0.0 for p in told], expected["cold"], atol=1e-6)
    empty = [p for p in trend.periods if not p.n_sentences]
    assert all(p.polarity is None for p in empty)
    starts = [p.start for p in trend.periods]
    assert starts == sorted(set(starts))


def test_a_trend_of_a_topic_has_its_sentences(sample_tribune: Tribune) -> None:
    trend = sample_tribune.sentiment_trend("museums", period="quarter")
    assert sum(p.n_sentences for p in trend.periods) == (
        sample_tribune.describe_topic("museums").n_sentences
    )
    assert trend.periods[0].label.startswith("Q")


def test_questions_suggested_are_of_the_loaded_data(sample_tribune: Tribune) -> None:
    questions = sample_tribune.suggest_questions()
    assert len(questions) >= 5
    assert all(q.endswith("?") for q in questions)
    assert len(set(questions)) == len(questions)


# What cannot be answered


@pytest.mark.parametrize(
    ("tool", "args", "sentence"),
    [
        ("describe_group", {"group": "99"}, r"There is no group '99'\. The groups are: 1 "),
        ("compare_groups", {"first": "1", "second": "nobody"}, "There is no group 'nobody'"),
        ("compare_groups", {"first": "1", "second": "group 1"}, "Both are group 1, .* different"),
        ("describe_user", {"user": "bruno"}, "There is no user 'bruno' among 430 users"),
        ("search_reviews", {"query": "soup", "item": "Hotel Nowhere"}, "There is no item"),
        ("search_reviews", {"query": "soup", "limit": 0}, "limit: Input should be greater"),
        ("find_users", {"topic": "soup", "limit": 201}, "limit: Input should be less"),
        ("find_users", {"topic": " "}, "topic: "),
        ("find_users", {"topic": "soup", "stance": "adores"}, "stance: "),
        ("find_users", {"topic": "soup", "group": "99"}, "There is no group '99'"),
        ("sentiment_trend", {"period": "decade"}, "period: "),
        ("drop_tables", {}, "There is no tool 'drop_tables'"),
    ],
)
def test_what_cannot_be_asked_ends_in_one_sentence(
    sample_tribune: Tribune, tool: str, args: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as raised:
        call_tool(sample_tribune, tool, args)
    assert "\n" not in str(raised.value)


def test_python_callers_get_the_same_sentences(sample_tribune: Tribune) -> None:
    with pytest.raises(InputError, match="limit must be from 1 to 200; got 0"):
        sample_tribune.find_users("soup", limit=0)
    with pytest.raises(InputError, match="The topic is empty"):
        sample_tribune.describe_topic("  ")
    with pytest.raises(UnknownName, match="There is no user"):
        sample_tribune.describe_user("nobody-at-all")


def test_what_nobody_mentions_is_told_with_the_nearest_topic(sample_tribune: Tribune) -> None:
    found = sample_tribune.find_users("quantum physics")
    assert (found.n_users, found.n_speakers, found.evidence) == (0, 0, [])
    assert found.nearest_topic in sample_tribune.topic_names
    assert sample_tribune.describe_topic("quantum physics").n_sentences == 0


def test_many_threads_get_what_one_gets(sample_tribune: Tribune) -> None:
    calls: list[tuple[str, dict[str, object]]] = [
        ("find_users", {"topic": "museums"}),
        ("search_reviews", {"query": "soup", "group": "2"}),
        ("describe_group", {"group": "3"}),
        ("sentiment_trend", {"topic": "wifi"}),
        ("describe_user", {"user": sample_tribune.user_ids[7]}),
    ]
    alone = [call_tool(sample_tribune, *call) for call in calls]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda call: call_tool(sample_tribune, *call), calls * 4))
    assert together == alone * 4
