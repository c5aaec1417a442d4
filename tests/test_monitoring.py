"""Surges, their causes, alerts and forecasts: planted worlds whose truth is known, and quiet ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from tools.errors import InputError
from tools.monitoring.alerts import FILE, decide, list_alerts, read_decisions
from tools.monitoring.causes import find_causes
from tools.monitoring.forecast import forecast
from tools.monitoring.replay import replay
from tools.monitoring.series import (
    Counts,
    Subject,
    choose_length,
    count_voices,
    find_last,
    gather_speech,
)
from tools.monitoring.surges import (
    HISTORY,
    Surge,
    _combine,
    find_surges,
    identify,
    judge,
    list_surges,
)

Ints = npt.NDArray[np.int64]
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]

START = pd.Timestamp("2024-01-01")  # a Monday
WEEK = pd.Timedelta(weeks=1)
TOPICS, GROUPS, TOPIC, GROUP, PLANTED = 4, 3, 2, 1, 30
COLD_SHARE = 0.15


def plant_reviews(
    seed: int,
    weeks: Ints,
    *,
    users: int = 1500,
    planted: int | None = None,
) -> Tables:
    """A review of one sentence in each of the weeks. planted: in that week the share of group 1
    that is cold about topic 2 is threefold.
    """
    rng = np.random.default_rng(seed)
    n = len(weeks)
    user, topic = rng.integers(0, users, n), rng.integers(0, TOPICS, n)
    share = np.full(n, COLD_SHARE)
    if planted is not None:
        share[(weeks == planted) & (topic == TOPIC) & (user % GROUPS + 1 == GROUP)] *= 3
    seconds = weeks * 7 * 86_400 + rng.integers(0, 7 * 86_400, n)
    reviews = pd.DataFrame(
        {
            "review_id": [f"r{k}" for k in range(n)],
            "user_id": [f"u{k}" for k in user],
            "item_id": [f"i{k}" for k in rng.integers(0, 8, n)],
            "time": START + pd.to_timedelta(seconds, "s"),
        }
    )
    polarity = np.where(rng.random(n) < share, -0.6, 0.4)
    sentences = pd.DataFrame(
        {"review_id": reviews["review_id"], "topic_id": topic, "polarity": polarity}
    )
    return reviews, sentences, list_users(users)


def list_users(n: int) -> pd.DataFrame:
    groups = pd.array([k % GROUPS + 1 for k in range(n)], dtype="Int64")
    return pd.DataFrame({"user_id": [f"u{k}" for k in range(n)], "group_id": groups})


def draw_weeks(seed: int, rate: npt.ArrayLike) -> Ints:
    counts = np.random.default_rng(seed + 1000).poisson(rate)
    return np.repeat(np.arange(len(counts)), counts)


def count(tables: Tables) -> Counts:
    speech = gather_speech(*tables)
    return count_voices(speech, "week", find_last(speech, "week"))


def make_counts(voices: Ints, negative: Ints | None = None, length: str = "week") -> Counts:
    """Topics with the voices given, (s, t)."""
    periods = pd.period_range(START, periods=voices.shape[1], freq=length[0].upper())
    subjects = tuple(Subject(topic_id=k) for k in range(len(voices)))
    cold = np.zeros_like(voices) if negative is None else negative
    return Counts("day" if length == "day" else "week", subjects, periods, *[voices] * 3, cold)


# Series


def test_voices_are_users_and_reviews_without_one() -> None:
    reviews = pd.DataFrame(
        {
            "review_id": ["a", "b", "c", "d", "e"],
            "user_id": ["u1", "u1", None, None, "u2"],
            "item_id": ["x", "x", "x", "y", None],
            "time": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-07", None, "2024-01-17"]),
        }
    )
    sentences = pd.DataFrame(
        {
            "review_id": ["a", "a", "b", "c", "d"],
            "topic_id": [3, 3, 3, -1, 3],
            "polarity": [-0.9, -0.5, 0.2, -0.3, -1.0],
        }
    )
    users = pd.DataFrame({"user_id": ["u1", "u2"], "group_id": pd.array([7, None], dtype="Int64")})
    counts = count((reviews, sentences, users))
    rows = {s: k for k, s in enumerate(counts.subjects)}
    assert set(rows) == {Subject(), Subject(topic_id=3), Subject(group_id=7)}
    everything, topic = rows[Subject()], rows[Subject(topic_id=3)]
    assert counts.reviews[everything].tolist() == [3, 0, 1]
    assert counts.voices[everything].tolist() == [2, 0, 1]
    assert counts.told[everything].tolist() == [2, 0, 0]
    assert counts.negative[everything].tolist() == [2, 0, 0]  # u1: −0.4 on the whole
    assert counts.reviews[topic].tolist() == [2, 0, 0]
    assert counts.voices[topic].tolist() == [1, 0, 0]


def test_days_are_taken_where_they_are_dense() -> None:
    assert choose_length(gather_speech(*plant_reviews(0, draw_weeks(0, [300] * 20)))) == "day"
    assert choose_length(gather_speech(*plant_reviews(0, draw_weeks(0, [300] * 6)))) == "week"
    assert choose_length(gather_speech(*plant_reviews(0, draw_weeks(0, [60] * 20)))) == "week"


def test_a_last_unfinished_period_is_not_judged() -> None:
    reviews, sentences, users = plant_reviews(0, draw_weeks(0, [60] * 20))
    speech = gather_speech(reviews, sentences, users)
    assert find_last(speech, "week").start_time == START + 19 * WEEK
    cut = speech[speech["time"] < START + 19.6 * WEEK]
    assert find_last(cut, "week").start_time == START + 18 * WEEK
    assert find_last(cut, "week", "2024-05-20").start_time == START + 19 * WEEK
    speech = gather_speech(*plant_reviews(0, draw_weeks(0, [300] * 20)))
    noon = speech[speech["time"] < pd.Timestamp("2024-05-01 12:00")]
    assert find_last(noon, "day").start_time == pd.Timestamp("2024-04-30")


# Surges


def draw_counts(seed: int, pace: float, *, kind: str) -> Counts:
    """Topics in groups, `pace` voices each, that add up to topics, groups and all, up to the planted
    week. kind: there three times the voices (volume), three times the share of cold ones (share),
    or twice the cold voices on top (cold).
    """
    rng = np.random.default_rng(seed)
    shape = (TOPICS, GROUPS, PLANTED + 1)
    here = (TOPIC, GROUP - 1, PLANTED)
    rate, share = np.full(shape, pace), np.full(shape, COLD_SHARE)
    rate[here] *= 3 if kind == "volume" else 1
    share[here] *= 3 if kind == "share" else 1
    voices = rng.poisson(rate)
    cold = rng.binomial(voices, share)
    if kind == "cold":
        more = rng.poisson(2 * COLD_SHARE * pace)
        voices[here] += more
        cold[here] += more
    topics, groups = range(TOPICS), range(1, GROUPS + 1)
    subjects = [Subject(), *map(Subject, topics), *(Subject(None, g) for g in groups)]
    subjects += [Subject(t, g) for t in topics for g in groups]
    added = [
        np.concatenate([v.sum((0, 1))[None], v.sum(1), v.sum(0), v.reshape(-1, shape[2])])
        for v in (voices, cold)
    ]
    periods = pd.period_range(START, periods=shape[2], freq="W")
    return Counts("week", tuple(subjects), periods, added[0], added[0], added[0], added[1])


@pytest.mark.parametrize(("kind", "pace"), [("volume", 20), ("share", 80), ("cold", 100)])
def test_a_planted_surge_is_found_at_once(kind: str, pace: float) -> None:
    found = 0
    for seed in range(100):
        verdicts = judge(draw_counts(seed, pace, kind=kind))
        row = verdicts.counts.subjects.index(Subject(TOPIC, GROUP))
        found += bool(verdicts.surges[int(kind != "volume"), row, PLANTED])
    assert found >= 95


def test_a_surge_says_who_what_and_why() -> None:
    weeks = draw_weeks(3, [700] * (PLANTED + 3))
    reviews, sentences, users = plant_reviews(3, weeks, planted=PLANTED)
    surges = find_surges(reviews, sentences, users, length="week")
    narrow = [s for s in surges if s.subject == Subject(TOPIC, GROUP) and s.kind == "negative"]
    assert len(narrow) == 1
    surge = narrow[0]
    assert (surge.start, surge.end) == (
        START + PLANTED * WEEK,
        START + (PLANTED + 1) * WEEK - pd.Timedelta(days=1),
    )
    assert surge.id == identify(surge.subject.describe(), "negative", surge.start)
    assert not surge.lasts
    own = reviews.merge(sentences, on="review_id").merge(users, on="user_id")
    own = own[(own["time"] >= surge.start) & (own["time"] < surge.start + WEEK)]
    own = own[(own["topic_id"] == TOPIC) & (own["group_id"] == GROUP)]
    mean = own.groupby("user_id")["polarity"].mean()
    assert set(surge.user_ids) == set(mean.index[mean <= -0.25])
    assert surge.observed == len(surge.user_ids) == surge.groups[0][1]
    assert surge.groups == ((GROUP, surge.observed),)
    assert set(surge.review_ids) <= set(own["review_id"])
    assert surge.expected == pytest.approx(COLD_SHARE * own["user_id"].nunique(), rel=0.25)
    assert surge.ratio == surge.observed / surge.expected
    assert surge.p < surge.q < 0.05
    group = [s for s in surges if s.subject == Subject(group_id=GROUP) and s.kind == "negative"]
    for broad in group:
        assert [cause.topic_id for cause in broad.causes] == [TOPIC]


def test_what_takes_up_more_of_a_surge_is_its_cause() -> None:
    before = pd.DataFrame({"topic_id": np.arange(200) % 5, "voice": np.arange(200)})
    surging = pd.DataFrame({"topic_id": [4] * 30 + [0, 1, 2, 3, -1] * 4, "voice": np.arange(50)})
    cause = find_causes(surging, before)[0]
    assert (cause.topic_id, cause.share, cause.share_before) == (4, 0.6, 0.2)
    assert cause.q < 0.001
    assert find_causes(before, before) == ()
    assert find_causes(surging.assign(voice=1), before) == ()
    assert find_causes(surging, before.iloc[:0]) == ()


def make_rate(kind: str, n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    t = np.arange(n)
    rates = {
        "trending": 40 * np.exp(0.012 * t),
        "seasonal": 80 * np.exp(0.4 * np.sin(2 * np.pi * t / 52)),
        "scattered": 80 * rng.gamma(5, 0.2, n),
    }
    return np.asarray(rates.get(kind, np.full(n, 80.0)))


@pytest.mark.parametrize("kind", ["flat", "trending", "seasonal", "scattered", "loud", "moody"])
def test_quiet_worlds_raise_hardly_any_alarm(kind: str) -> None:
    alarms, judged = 0, 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        weeks = draw_weeks(seed, make_rate(kind, 104, rng))
        reviews, sentences, users = plant_reviews(seed, weeks)
        if kind == "loud":  # one user writes sixty cold reviews of one topic in one week
            own = reviews.iloc[:60].assign(
                user_id="u7",
                time=START + 70 * WEEK,
                review_id=[f"loud{k}" for k in range(60)],
            )
            cold = pd.DataFrame({"review_id": own["review_id"], "topic_id": 1, "polarity": -0.9})
            reviews, sentences = pd.concat([reviews, own]), pd.concat([sentences, cold])
        if kind == "moody":  # users differ, and so do weeks
            mood = rng.normal(0, 0.25, 1500)[reviews["user_id"].str[1:].astype(int)]
            sentences = sentences.assign(
                polarity=0.1
                + mood
                + rng.normal(0, 0.15, 104)[weeks]
                + rng.normal(0, 0.3, len(mood))
            )
        verdicts = judge(count((reviews, sentences, users)))
        alarms += int(verdicts.surges.sum())
        judged += int((~np.isnan(verdicts.p[0])).sum())
    assert judged > 10_000
    assert alarms <= judged / 100


def test_weekdays_are_expected() -> None:
    rng = np.random.default_rng(0)
    rate = np.tile([40, 40, 40, 40, 40, 120, 120], 30)
    verdicts = judge(make_counts(rng.poisson(rate, (20, 210)), length="day"))
    assert not verdicts.surges.any()
    later = verdicts.expected[0, :, 70:].reshape(20, -1, 7).mean(axis=(0, 1))
    assert later == pytest.approx([40, 40, 40, 40, 40, 120, 120], rel=0.05)


def test_p_values_are_uniform_or_greater_in_quiet_series() -> None:
    rng = np.random.default_rng(1)
    for scatter in (0.0, 0.2):
        drawn = rng.gamma(1 / scatter, scatter, (150, 80)) if scatter else np.ones((150, 80))
        voices = rng.poisson(30 * drawn)
        cold = rng.binomial(voices, 0.2)
        p = judge(make_counts(voices, cold)).p[:, :, 20:]
        for kind in range(2):
            assert np.mean(p[kind] < 0.05) < 0.06
            assert np.mean(p[kind] < 0.001) < 0.003


def test_a_tail_is_the_beta_binomials() -> None:
    voices, cold = np.full((1, 40), 30), np.full((1, 40), 5)
    cold[0, 39] = 14
    verdicts = judge(make_counts(voices, cold))
    share = verdicts.expected[1, 0, 39] / 30
    assert share == pytest.approx(5 / 30, rel=0.05)
    plain = stats.binom.sf(13, 30, share)
    assert plain < verdicts.p[1, 0, 39] < 30 * plain


def test_two_tests_that_agree_count_as_one_and_a_lone_one_twice() -> None:
    one, other = np.array([1e-40, 1e-3, 1e-6, 1.0]), np.array([1e-40, 1e-3, 1.0, 1.0])
    told = _combine(one, other)
    np.testing.assert_allclose(told[:3], [1e-40, 1e-3, 2e-6], rtol=1e-3)
    assert told[3] > 0.9


def test_a_long_surge_is_one_and_a_new_level_gets_usual() -> None:
    voices = np.full((1, 80), 20)
    voices[0, 40:] = 60
    speech = gather_speech(*plant_reviews(0, draw_weeks(0, [20] * 80)))
    verdicts = judge(make_counts(voices))
    flags = verdicts.surges[0, 0]
    assert flags[40]
    assert not flags[:40].any()
    assert not flags[60:].any()
    surges = list_surges(verdicts, speech)
    assert surges[-1].start == START + 40 * WEEK
    assert surges[-1].observed == 60 * (flags[40:].argmin())


def test_short_histories_are_not_judged() -> None:
    tables = plant_reviews(0, draw_weeks(0, [50] * (HISTORY["week"] - 1) + [500]))
    assert find_surges(*tables) == []
    assert np.isnan(judge(count(tables)).p[:, :, : HISTORY["week"] - 1]).all()


# Replay


def test_a_replay_sees_nothing_of_the_future() -> None:
    tables = plant_reviews(5, draw_weeks(5, [700] * 40), planted=PLANTED)
    reviews, sentences, users = tables
    since, until = START + 29 * WEEK, START + 32 * WEEK
    told = dict(replay(*tables, since, until, length="week"))
    assert list(told) == [since + k * WEEK for k in range(4)]
    for day, surges in told.items():
        past = reviews[reviews["time"] < day]
        known = sentences[sentences["review_id"].isin(past["review_id"])]
        assert find_surges(past, known, users, until=day, length="week") == surges
        assert find_surges(*tables, until=day, length="week") == surges
    first = {s.id: day for day, surges in reversed(told.items()) for s in surges}
    assert first[
        identify(Subject(TOPIC, GROUP).describe(), "negative", START + PLANTED * WEEK)
    ] == (START + (PLANTED + 1) * WEEK)


def test_what_was_found_stays_found() -> None:
    tables = plant_reviews(6, draw_weeks(6, [700] * 40), planted=PLANTED)
    early = find_surges(*tables, until=START + 35 * WEEK, length="week")
    late = find_surges(*tables, length="week")
    assert early
    assert [s for s in late if s.start < START + 35 * WEEK] == [
        replace(s, lasts=False) for s in early
    ]


def test_a_replay_before_the_first_review_is_empty() -> None:
    tables = plant_reviews(5, draw_weeks(5, [50] * 10))
    told = list(replay(*tables, "2023-12-01", "2023-12-20"))
    assert [surges for _, surges in told] == [[], [], []]


# Alerts


@pytest.fixture(scope="module")
def surges() -> list[Surge]:
    weeks = draw_weeks(3, [700] * (PLANTED + 1))
    return find_surges(*plant_reviews(3, weeks, planted=PLANTED), length="week")


def test_states_survive_a_rebuild_and_can_be_undone(tmp_path: Path, surges: list[Surge]) -> None:
    alert = list_alerts(tmp_path, surges)[0]
    surge = alert.event.head
    assert alert.decision.state == "new"
    assert decide(tmp_path, surge.id, "acknowledged").state == "acknowledged"
    closed = decide(tmp_path, surge.id, "closed", " a late train ")
    assert (closed.state, closed.note) == ("closed", "a late train")
    weeks = draw_weeks(3, [700] * (PLANTED + 1))
    again = find_surges(*plant_reviews(3, weeks, planted=PLANTED), length="week")
    assert list_alerts(tmp_path, again)[0].decision == closed
    assert decide(tmp_path, surge.id, "undone").state == "acknowledged"
    assert decide(tmp_path, surge.id, "undone").state == "new"
    assert len((tmp_path / FILE).read_text().splitlines()) == 4
    with pytest.raises(InputError, match="nothing can be undone"):
        decide(tmp_path, surge.id, "undone")


def test_a_torn_line_is_left_out_and_swallows_no_other(tmp_path: Path) -> None:
    decide(tmp_path, "a", "acknowledged")
    with (tmp_path / FILE).open("ab") as file:
        file.write('{"time": "2026-01-01T00:00:00+00:00", "surge_id": "é'.encode()[:-1])
    assert set(read_decisions(tmp_path)) == {"a"}
    decide(tmp_path, "b", "closed", "läuft wieder")
    assert {k: v.state for k, v in read_decisions(tmp_path).items()} == {
        "a": "acknowledged",
        "b": "closed",
    }


def test_a_decision_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a note"):
        decide(tmp_path, "a", "closed", "  ")
    with pytest.raises(InputError, match="got 'deleted'"):
        decide(tmp_path, "a", "deleted")  # type: ignore[arg-type]
    assert not (tmp_path / FILE).exists()
    assert read_decisions(tmp_path) == {}


def test_ids_tell_subjects_kinds_and_days_apart() -> None:
    subjects = [Subject(), Subject(1), Subject(None, 1), Subject(1, 1), Subject(item_id="1")]
    days = (START, START + WEEK)
    ids = {
        identify(s.describe(), kind, day)
        for s in subjects
        for kind in ("volume", "negative")
        for day in days
    }
    assert len(ids) == 20
    assert identify(Subject(2, 1).describe(), "negative", START) == "e852b64060cb"
    assert identify(Subject(item_id="\ud800").describe(), "volume", START)


# Forecasts


@pytest.mark.parametrize("kind", ["flat", "trending", "scattered"])
def test_four_in_five_intervals_hold_what_came(kind: str) -> None:
    rng = np.random.default_rng(7)
    n, known, ahead = 100, 84, 4
    rate = np.stack([make_rate(kind, known + ahead, rng) for _ in range(n)])
    voices = rng.poisson(rate)
    cold = rng.binomial(voices, rng.beta(9, 51, voices.shape))
    given = forecast(make_counts(voices[:, :known], cold[:, :known]), ahead)
    assert not any(f.lacks for f in given)
    for name, truth in (("volume", voices), ("negative", cold / voices)):
        own = [f for f in given if f.kind == name]
        low, middle, high = (
            np.array([getattr(f, b) for f in own]) for b in ("low", "middle", "high")
        )
        inside = (low <= truth[:, known:]) & (truth[:, known:] <= high)
        assert ((low <= middle) & (middle <= high)).all()
        assert 0.75 <= inside.mean() <= 0.85
        assert 0.75 <= np.mean([f.held for f in own]) <= 0.85
        assert own[0].n_tried >= 50
        assert own[0].starts == tuple(START + (known + h) * WEEK for h in range(ahead))


def test_a_short_or_sparse_history_is_said() -> None:
    young = forecast(make_counts(np.full((1, 6), 30)))
    assert {f.lacks for f in young} == {"A forecast needs 16 weeks of history; there are 6."}
    sparse = np.zeros((1, 40), dtype=np.int64)
    sparse[0, ::8] = 1
    assert "needs 1 voice a week" in forecast(make_counts(sparse))[0].lacks
    assert forecast(make_counts(sparse))[0].middle == ()
    with pytest.raises(InputError, match="1 to 12 periods ahead; got 0"):
        forecast(make_counts(sparse), 0)


# What is given


def test_bad_input_is_told_in_a_sentence() -> None:
    reviews, sentences, users = plant_reviews(0, draw_weeks(0, [20] * 4))
    with pytest.raises(InputError, match="no dates"):
        find_surges(reviews.assign(time=pd.NaT), sentences, users)
    with pytest.raises(InputError, match="reviews has no column time"):
        find_surges(reviews.drop(columns="time"), sentences, users)
    with pytest.raises(InputError, match="2026-03-31; got 'soon'"):
        find_surges(reviews, sentences, users, until="soon")
    with pytest.raises(InputError, match="begin before it ends"):
        list(replay(reviews, sentences, users, "2024-02-01", "2024-01-01"))


def test_no_reviews_have_no_surges_and_no_forecast() -> None:
    reviews, sentences, users = (t.iloc[:0] for t in plant_reviews(0, draw_weeks(0, [20] * 4)))
    assert find_surges(reviews, sentences, users) == []
    assert dict(replay(reviews, sentences, users, "2024-01-01", "2024-01-08")) == {
        START: [],
        START + WEEK: [],
    }
    empty = count_voices(gather_speech(reviews, sentences, users), "week", pd.Period(START, "W"))
    assert list_surges(judge(empty), gather_speech(reviews, sentences, users)) == []
    assert forecast(empty) == []


def test_reviews_without_users_groups_topics_and_polarity_are_watched() -> None:
    weeks = draw_weeks(0, [40] * 30 + [200])
    reviews, sentences, users = plant_reviews(0, weeks)
    bare = reviews.assign(user_id=None, item_id=None)
    said = sentences.assign(topic_id=-1, polarity=np.nan)
    surges = find_surges(bare, said, users.iloc[:0], length="week")
    assert [(s.subject, s.kind, s.lasts) for s in surges] == [(Subject(), "volume", True)]
    assert surges[0].user_ids == surges[0].groups == surges[0].causes == ()
    assert surges[0].observed == len(surges[0].review_ids) == (weeks == 30).sum()
