"""What moved over time: planted worlds whose changes are known, quiet ones, and hand arithmetic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from agent import facts
from agent.claims import write_claims
from agent.use_cases import Tribune
from tools.profiling.intervals import bound_share, contrast_means, measure_means, measure_shares
from tools.profiling.traits import adjust, compare_shares
from tools.profiling.trends import (
    RECENT,
    choose_length,
    compare_polarity,
    find_moves,
    find_unfinished,
    split_time,
    trace_polarity,
    trace_sizes,
)
from ui.timelines import chart_group_sizes, chart_trend

YELP = Path(__file__).parents[2] / "shared" / "data" / "yelp10k" / "reviews.csv.gz"
TOPICS = 25
NEW, FADED, COLD_GROUP, COLD_QUARTER = 20, 3, 2, "2025Q2"


def plant_years(seed: int, *, planted: bool = True, users: int = 150) -> pd.DataFrame:
    """Sentences of two years by users of three groups, each with topics, a mood and a pace of
    their own: 3 a review. Planted: topic 20 is spoken of in the last quarter alone, topic 3 hardly
    since July 2025, and group 2 is cold in the second quarter of 2025.
    """
    rng = np.random.default_rng(seed)
    pace = rng.integers(2, 16, users)
    mood, taste = rng.normal(0.2, 0.2, users), rng.dirichlet(np.full(TOPICS, 0.4), users)
    writer = np.repeat(np.arange(users), pace)
    day = rng.integers(0, 730, len(writer))
    said = pd.DataFrame(
        {
            "review_id": np.repeat([f"r{n}" for n in range(len(writer))], 3),
            "user_id": np.repeat([f"u{n}" for n in writer], 3),
            "group_id": np.repeat(writer % 3 + 1, 3),
            "time": np.repeat(pd.Timestamp("2024-01-01") + pd.to_timedelta(day, "D"), 3),
        }
    )
    quarter = said["time"].dt.to_period("Q").astype(str).to_numpy()
    who = np.repeat(writer, 3)
    said["polarity"] = mood[who] + rng.normal(0, 0.4, len(said))
    drawn = taste.cumsum(axis=1)[who] > rng.random((len(said), 1))
    said["topic_id"] = np.where(drawn.any(axis=1), drawn.argmax(axis=1), TOPICS - 1)
    if planted:
        absent = (said["topic_id"] == NEW) & (quarter != "2025Q4")
        late = (said["topic_id"] == FADED) & (quarter >= "2025Q3") & (rng.random(len(said)) < 0.9)
        said.loc[absent | late, "topic_id"] = 0
        shown = (quarter == "2025Q4") & (rng.random(len(said)) < 0.08)
        said.loc[shown, "topic_id"] = NEW
        cold = (said["group_id"] == COLD_GROUP) & (quarter == COLD_QUARTER)
        said.loc[cold, "polarity"] -= 0.4
    said["sentence_id"] = [f"s{n}" for n in range(len(said))]
    said["text"] = "a good and middling sentence, " + said["sentence_id"]
    return said.assign(similarity=0.5, naming=0.0, tone=said["polarity"])


def split(said: pd.DataFrame, after: float = RECENT) -> npt.NDArray[np.bool_]:
    since = split_time(said["time"], "quarter", after)
    assert since is not None
    return np.asarray(said["time"] >= since.start_time)


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    return plant_years(0)


# Topics


def test_a_new_and_a_fading_topic_are_found_with_their_figures(planted: pd.DataFrame) -> None:
    later = split(planted)
    moves = find_moves(planted, later).set_index("topic_id")
    assert moves["move"][NEW] == "new"
    assert moves["move"][FADED] == "fading"
    assert (moves["move"] != "steady").sum() == 2
    spoken = planted["topic_id"].to_numpy() == NEW
    assert moves["n_before"][NEW] == (spoken & ~later).sum() == 0
    assert moves["n_after"][NEW] == (spoken & later).sum()
    assert moves["share_after"][NEW] == pytest.approx(spoken[later].mean())
    assert moves["n_users"][NEW] == planted[spoken & later]["user_id"].nunique()
    assert moves["n_users"][FADED] == (
        planted[(planted["topic_id"] == FADED) & ~later]["user_id"].nunique()
    )
    said = planted.set_index("sentence_id")
    for topic, since in ((NEW, True), (FADED, False)):
        ids = moves["evidence"][topic]
        assert len(ids) == 3
        assert set(said["topic_id"][ids]) == {topic}
        assert said["user_id"][ids].nunique() == 3
        assert set(later[[int(i[1:]) for i in ids]]) == {since}


def test_a_quiet_world_has_no_moving_topics_and_no_changed_mood() -> None:
    moved, changed, stood_out = 0, 0, 0
    for seed in range(20):
        said = plant_years(seed, planted=False)
        moved += (find_moves(said, split(said))["move"] != "steady").any()
        change = compare_polarity(said, split(said, 0.5))
        assert change is not None
        changed += change.p < 0.05
        stood_out += (trace_polarity(said, "quarter")["q"] < 0.05).any()
    assert moved <= 2
    assert changed <= 3
    assert stood_out <= 3


def test_planted_topics_are_found_in_other_worlds_too() -> None:
    found = []
    for seed in range(1, 9):
        said = plant_years(seed)
        moves = find_moves(said, split(said)).set_index("topic_id")["move"]
        found.append((moves[NEW] == "new", moves[FADED] == "fading"))
    new, faded = np.sum(found, axis=0)
    assert new == 8
    assert faded >= 6


def test_one_keen_user_makes_no_trend() -> None:
    said = plant_years(1, planted=False)
    later = split(said)
    keen = pd.concat([said[later].iloc[:1]] * 60).assign(
        user_id="keen", topic_id=7, review_id=[f"k{n // 3}" for n in range(60)]
    )
    loud = pd.concat([said, keen], ignore_index=True)
    both = np.concatenate([later, np.full(60, True)])
    row = find_moves(loud, both).set_index("topic_id").loc[7]
    counts = (np.array([v]) for v in (row["n_after"], row["n_before"], both.sum(), (~both).sum()))
    _, naive = compare_shares(*counts)
    assert naive[0] < 0.001
    assert row["move"] == "steady"


def test_longer_reviews_move_no_topic() -> None:
    said = plant_years(2, planted=False)
    later = split(said)
    grown = pd.concat([said, said[later].assign(sentence_id=lambda s: s["sentence_id"] + "b")])
    moves = find_moves(grown, np.concatenate([later, np.full(int(later.sum()), True)]))
    assert (moves["move"] == "steady").all()


def test_too_few_sentences_tell_no_topics(planted: pd.DataFrame) -> None:
    few = planted.iloc[:150]
    assert find_moves(few, np.arange(150) >= 60).empty
    assert find_moves(planted.assign(topic_id=-1), split(planted)).empty


# Moods


def test_a_group_that_turned_cold_for_a_quarter_stands_out_then(planted: pd.DataFrame) -> None:
    for group in (1, 2, 3):
        traced = trace_polarity(planted[planted["group_id"] == group], "quarter")
        colder = (traced["q"] < 0.05) & (traced["polarity"] < traced["others"])
        assert [str(p) for p in traced.index[colder]] == [COLD_QUARTER] * (group == COLD_GROUP)
    cold = trace_polarity(planted[planted["group_id"] == COLD_GROUP], "quarter")
    row = cold.loc[pd.Period(COLD_QUARTER)]
    assert row["polarity_high"] < row["others"]
    assert row["negative_low"] > cold["negative_share"].drop(pd.Period(COLD_QUARTER)).max()


def test_a_lasting_change_is_told_with_its_size() -> None:
    said = plant_years(0, planted=False)
    later = split(said, 0.5)
    change = compare_polarity(said.assign(polarity=said["polarity"] + 0.3 * later), later)
    assert change is not None
    assert change.p < 0.001
    assert change.low < 0.3 < change.high
    assert change.low <= change.after - change.before <= change.high
    assert change.n_before + change.n_after == len(said)


def test_users_are_compared_with_themselves() -> None:
    # Ten users of very different moods, each 0.1 warmer later: sure, though moods overlap.
    mood = np.linspace(-0.8, 0.8, 10)
    ids = [f"u{n}" for n in range(10)]
    said = pd.DataFrame(
        {
            "user_id": ids * 2,
            "review_id": [f"r{n}" for n in range(20)],
            "polarity": [*mood, *(mood + 0.1 + np.tile([-0.01, 0.01], 5))],
        }
    )
    later = np.arange(20) >= 10
    change = compare_polarity(said, later)
    assert change is not None
    assert change.p < 0.001
    assert stats.ttest_ind(said["polarity"][~later], said["polarity"][later]).pvalue > 0.5
    strangers = compare_polarity(said.assign(user_id=[f"v{n}" for n in range(20)]), later)
    assert strangers is not None
    assert strangers.p > 0.5


def test_fewer_than_three_users_tell_no_change(planted: pd.DataFrame) -> None:
    two = planted[planted["user_id"].isin(["u1", "u2"])]
    assert compare_polarity(two, np.arange(len(two)) % 2 == 0) is None


# Periods


def test_periods_without_sentences_are_gaps_and_one_voice_has_no_interval() -> None:
    said = pd.DataFrame(
        {
            "time": pd.to_datetime(["2025-01-31", "2025-01-02", "2025-04-01", "2025-04-02"]),
            "user_id": ["a", "b", "c", "c"],
            "review_id": ["1", "2", "3", "4"],
            "polarity": [0.2, 0.4, -0.5, -0.3],
        }
    )
    traced = trace_polarity(said, "month")
    assert [str(p) for p in traced.index] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert traced["n_sentences"].tolist() == [2, 0, 0, 2]
    assert traced["polarity"].isna().tolist() == [False, True, True, False]
    assert traced["negative_share"].isna().tolist() == [False, True, True, False]
    assert traced["polarity_low"].isna().tolist() == [False, True, True, True]
    assert traced["negative_low"].isna().tolist() == [False, True, True, True]
    assert traced["q"].isna().all()
    assert trace_polarity(said.assign(time=pd.NaT), "month").empty


def test_reviews_without_a_user_stand_for_themselves() -> None:
    said = plant_years(4, planted=False).assign(user_id=None)
    traced = trace_polarity(said, "quarter")
    assert traced["n_users"].sum() == said["review_id"].nunique()


def test_the_last_period_is_unfinished_where_the_data_end_before_it() -> None:
    days = pd.Series(pd.date_range("2025-01-01", "2025-09-09"))
    assert str(find_unfinished(days, "month")) == "2025-09"
    assert str(find_unfinished(days, "quarter")) == "2025Q3"
    assert find_unfinished(days, "day") is None
    assert find_unfinished(pd.Series(pd.date_range("2025-01-01", "2025-09-30")), "month") is None
    # One review in ten days: three weeks of silence prove nothing.
    assert find_unfinished(days[::10], "month") is None
    assert find_unfinished(pd.Series([pd.NaT], dtype="datetime64[ns]"), "month") is None


def test_the_length_of_periods_fits_the_span() -> None:
    first = pd.Timestamp("2024-01-01")
    for days, length in ((700, "quarter"), (200, "month"), (45, "week"), (9, "day"), (0, "day")):
        assert choose_length(pd.Series([first, first + pd.Timedelta(days=days)])) == length


def test_time_is_split_where_sentences_halve() -> None:
    months = pd.Series(pd.to_datetime(["2025-01-05"] * 10 + ["2025-02-05"] * 70))
    months = pd.concat([months, pd.Series(pd.to_datetime(["2025-05-05"] * 80))])
    assert str(split_time(months, "month")) == "2025-05"
    assert str(split_time(months, "month", 0.9)) == "2025-02"
    assert split_time(months[:10], "month") is None
    assert split_time(months, "quarter") == pd.Period("2025Q2")


def test_group_sizes_are_shares_of_those_who_wrote() -> None:
    reviews = pd.DataFrame(
        {
            "time": pd.to_datetime(["2025-01-05"] * 5 + ["2025-03-05"] * 2 + [None]),
            "user_id": ["a", "a", "b", "c", "d", "a", "d", "b"],
            "group_id": pd.array([1, 1, 1, 2, None, 1, None, 1], dtype="Int64"),
        }
    )
    rows = trace_sizes(reviews, "month").set_index(["group_id", "period"])
    january, february, march = pd.period_range("2025-01", "2025-03", freq="M")
    assert rows.loc[(1, january), ["n_users", "n_reviews", "n_active"]].tolist() == [2, 3, 4]
    assert rows["share"][1, january] == 0.5
    assert rows["share"][2, march] == 0
    assert np.isnan(rows["share"][1, february])
    low, high = bound_share([2], [4])
    assert (rows["low"][1, january], rows["high"][1, january]) == (low[0], high[0])


# Intervals


def test_wilson_by_hand() -> None:
    # 8 of 10: (0.8 + 1.9208/10 ± 1.96·√(0.016 + 0.0096)) / 1.38416; 0 of 10: (0, z²/(n + z²)).
    low, high = bound_share([8, 0, 3], [10, 10, 0])
    np.testing.assert_allclose(low[:2], [0.4902, 0], atol=5e-5)
    np.testing.assert_allclose(high[:2], [0.9433, 0.2775], atol=5e-5)
    assert np.isnan([low[2], high[2]]).all()


def test_the_mean_of_equal_voices_is_a_t_interval_over_their_means() -> None:
    values = np.array([0.0, 0.2, 0.4, 0.6, 0.3, 0.3, 9.0])
    cells, clusters = np.array([0] * 6 + [1]), np.array([0, 0, 1, 1, 2, 2, 0])
    found = measure_means(values, cells, clusters, 3)
    # User means 0.1, 0.5, 0.3: deviation 0.2, t(2) = 4.3027.
    assert found.n.tolist() == [6, 1, 0]
    assert found.n_clusters.tolist() == [3, 1, 0]
    assert found.mean[0] == pytest.approx(0.3)
    assert found.high[0] - 0.3 == pytest.approx(4.3027 * 0.2 / np.sqrt(3), rel=1e-4)
    assert found.mean[1] == 9
    assert np.isnan([found.low[1], found.mean[2]]).all()


def test_the_jackknife_leaves_out_one_voice_at_a_time() -> None:
    rng = np.random.default_rng(0)
    clusters = rng.integers(0, 9, 80)
    cells, values = rng.integers(0, 3, 80), rng.normal(size=80) + clusters
    found = contrast_means(values, cells, clusters, 3)

    def gap(kept: npt.NDArray[np.bool_]) -> float:
        inside = cells == 1
        return float(values[kept & inside].mean() - values[kept & ~inside].mean())

    whole = gap(clusters >= 0)
    errors = np.array([gap(clusters != c) - whole for c in range(9)])
    se = np.sqrt(8 / 9 * (errors**2).sum())
    assert found.difference[1] == pytest.approx(whole)
    assert found.rest[1] == pytest.approx(values[cells != 1].mean())
    counts = [np.bincount(clusters[side]) for side in (cells == 1, cells != 1)]
    freedom = min(c.sum() ** 2 / (c**2).sum() for c in counts) - 1
    assert found.p[1] == pytest.approx(2 * stats.t.sf(abs(whole) / se, freedom))


def test_of_many_periods_none_stands_out_for_lying_close_by_chance() -> None:
    # 30 cells of 4 voices each, warm with a long cold tail: those without the tail look sure.
    plain, careful = 0, 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        values = 1 - rng.exponential(0.3, 120)
        at = (np.repeat(np.arange(30), 4), np.arange(120), 30)
        plain += bool((adjust(contrast_means(values, *at).p) < 0.05).any())
        careful += bool((adjust(contrast_means(values, *at, among_many=True).p) < 0.05).any())
    assert careful <= 8
    assert plain > 2 * careful


@pytest.mark.parametrize("n_users", [8, 40])
def test_intervals_hold_the_truth_where_few_users_write_much(n_users: int) -> None:
    rng = np.random.default_rng(n_users)
    worlds = 400
    size = np.minimum(60, rng.pareto(1.5, worlds * n_users) * 3 + 1).astype(int)
    voice = np.repeat(np.arange(worlds * n_users), size)
    world = voice // n_users
    mood = rng.normal(0, 0.3, len(size))[voice] + rng.normal(0, 0.5, len(voice))
    hits = rng.random(len(voice)) < rng.beta(0.6, 3.4, len(size))[voice]
    means = measure_means(mood, world, voice, worlds)
    shares = measure_shares(hits, world, voice, worlds)
    assert np.mean((means.low <= 0) & (means.high >= 0)) >= 0.92
    assert np.mean((shares.low <= 0.15) & (shares.high >= 0.15)) >= 0.92
    # As if each sentence were a voice of its own:
    alone = np.arange(len(voice))
    naive = measure_means(mood, world, alone, worlds)
    low, high = bound_share(np.bincount(world, hits), np.bincount(world))
    assert np.mean((naive.low <= 0) & (naive.high >= 0)) < 0.85
    assert np.mean((low <= 0.15) & (high >= 0.15)) < 0.85


def test_intervals_of_real_reviewers_are_those_of_resampled_ones() -> None:
    if not YELP.exists():
        pytest.skip("needs yelp10k in shared/data")
    table = pd.read_csv(YELP, usecols=["date", "stars", "user_id", "review_id"])
    table = table[table["date"] >= "2012-07-01"].head(1500)
    said = table.assign(time=pd.to_datetime(table["date"]), polarity=(table["stars"] - 3) / 2)
    traced = trace_polarity(said.assign(time=pd.Timestamp("2012-08-01")), "month").iloc[0]
    rng = np.random.default_rng(0)
    users = said.groupby("user_id")["polarity"].agg(["sum", "size"]).to_numpy()
    drawn = users[rng.integers(0, len(users), (2000, len(users)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    assert traced["polarity_low"] == pytest.approx(low, abs=0.15 * (high - low))
    assert traced["polarity_high"] == pytest.approx(high, abs=0.15 * (high - low))


# What is answered and drawn


def test_the_sample_worlds_halves_are_compared(sample_tribune: Tribune) -> None:
    said = sample_tribune.sentences
    trend = sample_tribune.sentiment_trend(period="quarter")
    assert trend.change is not None
    since = next(p.start for p in trend.periods if p.label == trend.change.since)
    later = said["time"] >= since
    assert trend.change.n_after == later.sum()
    assert trend.change.after == pytest.approx(said[later]["polarity"].mean(), abs=1e-6)
    assert trend.change.before == pytest.approx(said[~later]["polarity"].mean(), abs=1e-6)
    assert 0.35 < later.mean() < 0.65
    assert all(p.polarity_low is not None and p.polarity_high is not None for p in trend.periods)
    assert trend.recent is not None
    assert trend.unfinished is None
    for move in trend.moves:
        assert move.cites


def test_a_topics_volume_is_a_share_of_all_sentences(sample_tribune: Tribune) -> None:
    trend = sample_tribune.sentiment_trend("breakfast", period="quarter")
    everything = sample_tribune.sentiment_trend(period="quarter")
    assert trend.volume is not None
    assert trend.volume.n_before + trend.volume.n_after == sum(p.n_sentences for p in trend.periods)
    all_of = {p.label: p.n_sentences for p in everything.periods}
    for p in trend.periods:
        if p.n_sentences:
            assert p.share == pytest.approx(p.n_sentences / all_of[p.label])
    assert not trend.moves
    assert trend.recent is None


def test_group_sizes_add_up_to_the_members_who_wrote(sample_tribune: Tribune) -> None:
    sizes = sample_tribune.trace_groups()
    assert sizes.period == "quarter"
    assert len(sizes.starts) == len(sizes.labels) == 8
    wrote = sample_tribune.table.query(
        """SELECT u.group_id AS g, date_trunc('quarter', r.time) AS start,
                  count(DISTINCT user_id) AS users, count(*) AS reviews
           FROM reviews r JOIN users u USING (user_id) WHERE u.group_id IS NOT NULL GROUP BY 1, 2"""
    ).set_index(["g", "start"])
    for group in sizes.groups:
        for place, start in enumerate(sizes.starts):
            known = (group.id, start) in wrote.index
            users = int(wrote["users"][group.id, start]) if known else 0
            assert group.n_users[place] == users
            share, low, high = group.share[place], group.low[place], group.high[place]
            assert share == pytest.approx(users / sizes.n_active[place])
            assert low is not None
            assert high is not None
            assert share is not None
            assert low <= share <= high


def period(n: int, **changed: object) -> facts.Period:
    plain = {
        "start": datetime(2025, n, 1), "label": f"month {n}", "n_sentences": 40, "n_users": 20,
        "share": None, "polarity": 0.1, "polarity_low": 0.0, "polarity_high": 0.2,
        "negative_share": 0.2, "negative_low": 0.1, "negative_high": 0.3, "others": 0.1, "q": 0.5,
    }  # fmt: skip
    return facts.Period.model_validate({**plain, **changed})


GAP = {
    "n_sentences": 0, "n_users": 0, "polarity": None, "polarity_low": None, "polarity_high": None,
    "negative_share": None, "negative_low": None, "negative_high": None, "q": None,
}  # fmt: skip


def trend(**changed: object) -> facts.SentimentTrend:
    plain = {
        "topic": None, "group": None, "period": "month", "periods": [period(1), period(2)],
        "change": None, "step": None, "volume": None, "recent": None, "moves": [],
        "unfinished": None,
    }  # fmt: skip
    return facts.SentimentTrend.model_validate({**plain, **changed})


def test_a_trend_is_told_with_how_sure_it_is() -> None:
    change = {
        "since": "July 2025", "versus": None, "n_before": 90, "n_after": 80, "before": 0.3,
        "after": 0.1, "low": -0.31, "high": -0.09, "confidence": 0.95, "p": 0.0004,
    }  # fmt: skip
    step = {**change, "since": "June 2025", "versus": "May 2025", "p": 0.4}
    cold = period(3, polarity=-0.2, others=0.25, q=0.004)
    move = {
        "id": 4, "name": "night trains", "move": "new", "n_before": 0, "n_after": 9,
        "share_before": 0, "share_after": 0.021, "n_users": 7, "q": 0.01,
    }  # fmt: skip
    told = trend(
        change=change, step=step, periods=[period(1), cold], recent="May 2025", moves=[move]
    )
    text = [c.text for c in write_claims(told)]
    assert text[1] == (
        "Since July 2025 the mood is +0.10, against +0.30 before: it fell by more than chance "
        "(p < 0.001), a change that lies between -0.31 and -0.09 with 95% confidence."
    )
    assert text[-3:] == [
        "The mood of month 3 stands out as colder by more than chance, at -0.20 against +0.25 at "
        "all other times.",
        "From May 2025 to June 2025 it went from +0.30 to +0.10, which may be chance.",
        "Talk of night trains is new since May 2025, with 2% of sentences against 0% before.",
    ]
    quiet = trend(change={**change, "p": 0.2}, recent="May 2025")
    text = [c.text for c in write_claims(quiet)]
    assert text[1] == (
        "Since July 2025 the mood is +0.10, against +0.30 before, which may be chance (p = 0.200)."
    )
    assert "No month stands out from the others by more than chance." in text
    assert text[-1] == "Since May 2025 no topic is new, rising or fading by more than chance."


def test_a_topics_volume_is_told_to_the_digit_that_differs() -> None:
    volume = {
        "since": "July 2025", "n_before": 19, "n_after": 24, "share_before": 0.0191,
        "share_after": 0.0244, "p": 0.03,
    }  # fmt: skip
    told = [c.text for c in write_claims(trend(topic="soup", volume=volume))]
    assert told[1] == (
        "Since July 2025, 2.4% of all sentences are about soup, against 1.9% before, by more than "
        "chance (p = 0.030)."
    )


def test_the_band_breaks_at_a_gap_and_the_last_bar_is_pale() -> None:
    periods = [period(1), period(2), period(3, **GAP), period(4)]
    bars, band, line = chart_trend(trend(periods=periods, unfinished="month 4")).data
    assert list(bars.marker.opacity) == [1, 1, 1, 0.4]
    assert list(line.y) == [0.1, 0.1, None, 0.1]
    edges = [list(run) for run in split_at_none(band.y)]
    assert edges == [[0, 0, 0.2, 0.2, 0], [0, 0.2, 0]]


def split_at_none(values: tuple[float | None, ...]) -> list[list[float]]:
    runs: list[list[float]] = [[]]
    for value in values:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(value)
    return [run for run in runs if run]


def test_shares_of_a_handful_of_active_users_are_not_drawn() -> None:
    group = facts.GroupActivity(
        id=1, name="Bunks", n_users=[1, 5, 1, 6], n_reviews=[1, 5, 1, 6],
        share=[1.0, 0.25, 0.5, 0.3], low=[0.2, 0.1, 0.1, 0.1], high=[1.0, 0.5, 0.9, 0.5],
    )  # fmt: skip
    sizes = facts.GroupSizes(
        period="month", starts=[datetime(2025, n, 1) for n in (1, 2, 3, 4)],
        labels=["January", "February", "March", "April"], n_active=[1, 20, 2, 20],
        groups=[group], unfinished=None,
    )  # fmt: skip
    band, line = chart_group_sizes(sizes, group).data
    assert list(line.y) == [0.25, None, 0.3]
    assert line.x[0] == datetime(2025, 2, 1)
    assert max(y for y in band.y if y is not None) == 0.5


def test_the_chosen_groups_line_lies_above_the_others(sample_tribune: Tribune) -> None:
    sizes = sample_tribune.trace_groups()
    chosen = sample_tribune.groups[2]
    figure = chart_group_sizes(sizes, chosen)
    lines = [t for t in figure.data if t.name]
    assert len(lines) == len(sizes.groups)
    assert lines[-1].name == str(chosen.id)
    assert lines[-1].line.width > max(t.line.width for t in lines[:-1])
    band = figure.data[-2]
    assert band.fill == "toself"
    assert max(y for y in band.y if y is not None) == max(h for h in sizes.groups[2].high if h)
    assert f"Group {chosen.id}" in figure.layout.title.text
