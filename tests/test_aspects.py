"""How groups feel about a topic: by hand, over planted opinions, and as it is told."""

from __future__ import annotations

import random

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from agent.claims import write_claims
from agent.grounding import Grounding, Names
from agent.grounding.audit import audit
from agent.persona.booklet import gather_report
from agent.persona.page import render_page
from agent.persona.parts import Heading, Statement
from agent.true_answers import list_names
from agent.use_cases import Tribune
from tests.worlds import Row, write_csv
from tools.manifest import BuildSettings
from tools.pipeline import build
from tools.profiling.aspects import PRIOR_USERS, find_aspects, stands_out, weigh_opinions
from tools.workspace import Workspace
from ui.pages.evidence import tabulate
from ui.pages.group_facts import show_profile

Said = tuple[str, int | None, float]


def say(*said: Said, topic: int = 0) -> pd.DataFrame:
    """Sentences of (user, group, polarity)."""
    users, groups, polarity = zip(*said, strict=True)
    frame = pd.DataFrame({"user_id": users, "group_id": pd.array(groups, "Int64")})
    return frame.assign(
        topic_id=topic,
        polarity=np.array(polarity),
        tone=np.array(polarity),
        similarity=0.5,
        naming=0.0,
        text=[f"Sentence {n} of a good and middling length." for n in range(len(frame))],
        sentence_id=[f"{topic}#{n}" for n in range(len(frame))],
    )


# Two groups of three: means .3 .6 .9 (one of them over two sentences), and −.2 .0 .2
HAND = say(
    ("ann", 1, 0.2), ("ann", 1, 0.4), ("bob", 1, 0.6), ("cyd", 1, 0.9),
    ("dan", 2, -0.2), ("eve", 2, 0.0), ("fay", 2, 0.2), ("gus", None, -1.0),
)  # fmt: skip


def test_opinions_are_weighed_as_by_hand() -> None:
    first, second = weigh_opinions(HAND).to_dict("records")
    assert (first["group_id"], first["n_users"], first["n_sentences"], first["n_others"]) == (
        1, 3, 4, 3,
    )  # fmt: skip
    # The six users' mean is .3: (.3 + .6 + .9 + 10 · .3) / 13 and (0 + 10 · .3) / 13.
    assert PRIOR_USERS == 10
    assert first["polarity"] == pytest.approx(4.8 / 13)
    assert first["others"] == pytest.approx(3 / 13)
    assert first["difference"] == pytest.approx(1.8 / 13)
    assert (second["polarity"], second["others"]) == pytest.approx((3 / 13, 4.8 / 13))
    # Squares around .3 are .80, so V = .16; around .6 and .0 they are .18 and .08.
    inside, outside = (0.18 + 1.6) / 12, (0.08 + 1.6) / 12
    reach = 2.178813 * np.sqrt(inside / 13)  # Student's t at 97.5% and 12 degrees of freedom
    assert (first["low"], first["high"]) == pytest.approx(
        (4.8 / 13 - reach, 4.8 / 13 + reach), abs=1e-6
    )
    error = inside / 3 + outside / 3
    freedom = error**2 / ((inside / 3) ** 2 / 12 + (outside / 3) ** 2 / 12)
    assert first["p"] == pytest.approx(2 * stats.t.sf(0.6 / np.sqrt(error), freedom))
    assert first["p"] == pytest.approx(second["p"])
    assert first["q"] == pytest.approx(first["p"])  # of two rows with one p


def test_two_speakers_are_no_opinion_of_a_group() -> None:
    said = HAND[HAND["user_id"] != "fay"]
    assert weigh_opinions(said)["group_id"].tolist() == [1]
    assert weigh_opinions(said)["n_others"].tolist() == [2]


def test_a_group_that_speaks_alone_differs_from_nobody() -> None:
    alone = weigh_opinions(HAND[HAND["group_id"].eq(1).fillna(False)])
    row = alone.iloc[0]
    assert (row["n_others"], row["p"], row["q"]) == (0, 1, 1)
    assert np.isnan(row["others"])
    assert np.isnan(row["difference"])
    assert row["polarity"] == pytest.approx(0.6)
    assert not stands_out(alone).any()


def test_where_all_say_the_same_nothing_differs() -> None:
    same = weigh_opinions(HAND.assign(polarity=0.3))
    assert same["p"].tolist() == [1, 1]
    np.testing.assert_allclose(same[["polarity", "low", "high"]], 0.3)


def test_who_writes_much_does_not_speak_for_the_group() -> None:
    loud = say(*[("ann", 1, -0.9)] * 40, ("bob", 1, 0.6), ("cyd", 1, 0.9))
    quiet = say(("ann", 1, -0.9), ("bob", 1, 0.6), ("cyd", 1, 0.9))
    figures = ["n_users", "polarity", "low", "high"]
    np.testing.assert_allclose(weigh_opinions(loud)[figures], weigh_opinions(quiet)[figures])


def test_nobody_of_a_group_or_no_topic_gives_no_aspects() -> None:
    for nothing in (HAND.assign(topic_id=-1), HAND.assign(group_id=pd.NA), HAND.iloc[:0]):
        aspects = find_aspects(nothing.astype({"group_id": "Int64"}))
        assert len(aspects) == 0
        assert {"topic_id", "group_id", "polarity", "q", "evidence"} <= set(aspects.columns)


# Planted opinions: 40 users a group, three topics, on which only some groups lean


def plant(leanings: dict[tuple[int, int], float], *, seed: int = 0) -> pd.DataFrame:
    """Three sentences a user and topic around the leaning of the user's group."""
    rng = np.random.default_rng(seed)
    frames = []
    for topic in range(3):
        said = [
            (f"g{group}u{user}", group, float(np.clip(rng.normal(lean, 0.4), -1, 1)))
            for group in (1, 2, 3)
            for user in range(40)
            for lean in [leanings.get((topic, group), 0.1)]
            for _ in range(3)
        ]
        frames.append(say(*said, topic=topic))
    return pd.concat(frames, ignore_index=True)


def test_a_cold_and_a_warm_group_stand_out_on_their_topic_alone() -> None:
    said = plant({(0, 1): -0.4, (0, 2): 0.6})
    aspects = find_aspects(said)
    held = aspects[stands_out(aspects)].set_index(["topic_id", "group_id"])
    assert set(held.index) == {(0, 1), (0, 2)}
    assert held.loc[(0, 1), "difference"] < -0.5
    assert held.loc[(0, 2), "difference"] > 0.5
    for (_, group), row in held.iterrows():  # type: ignore[misc]
        shown = said[said["sentence_id"].isin(row["evidence"])]
        assert len(shown) == shown["user_id"].nunique() == 3
        assert (shown["group_id"] == group).all()
        assert (np.sign(shown["polarity"]) == np.sign(row["polarity"])).all()


def test_a_mixed_opinion_is_shown_on_the_side_on_which_it_differs() -> None:
    said = plant({(0, 1): 0.15, (0, 2): 0.7, (0, 3): 0.7})
    aspects = find_aspects(said).set_index(["topic_id", "group_id"])
    mixed = aspects.loc[(0, 1)]
    assert 0 < mixed["polarity"] < 0.25
    shown = said[said["sentence_id"].isin(mixed["evidence"])]
    assert len(shown) == 3
    assert (shown["polarity"] < 0).all()


def test_a_few_warm_voices_are_drawn_towards_what_all_speakers_hold() -> None:
    crowd = [(f"c{n}", 1, -0.5 + 0.2 * (n % 3 - 1)) for n in range(60)]
    few = [("x", 2, 0.9), ("y", 2, 0.9), ("z", 2, 0.9)]
    many = [(f"m{n}", 2, 0.9) for n in range(60)]
    rare = weigh_opinions(say(*crowd, *few)).set_index("group_id").loc[2]
    assert rare["polarity"] < 0
    assert rare["polarity"] > rare["others"]
    common = weigh_opinions(say(*crowd, *many)).set_index("group_id").loc[2]
    assert common["polarity"] > 0.75
    assert rare["high"] - rare["low"] > 2 * (common["high"] - common["low"])


def test_groups_drawn_by_lot_differ_no_more_often_than_chance_allows() -> None:
    rng = np.random.default_rng(0)
    said = plant({(0, 1): -0.4, (0, 2): 0.6})
    users = said["user_id"].unique()
    found = []
    for _ in range(30):
        lot = dict(zip(users, rng.integers(1, 7, len(users)), strict=True))
        found.append(weigh_opinions(said.assign(group_id=said["user_id"].map(lot))))
    p = pd.concat(found)["p"]
    assert len(p) == 30 * 3 * 6
    assert 0.02 <= (p < 0.05).mean() <= 0.08
    # Where nothing differs, one table in twenty is expected to hold a row that stands out.
    assert sum(bool(stands_out(table).any()) for table in found) <= 4


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Groups' true opinions lie around the topic's as the prior has it: s / √10."""
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(60):
        truth = 0.1 + rng.normal(0, 0.3 / np.sqrt(10), 8)
        said = [
            (f"{g}-{n}", g, float(rng.normal(truth[g], 0.3)))
            for g in range(8)
            for n in range(5 + 5 * g)
        ]
        weighed = weigh_opinions(say(*said))
        held = weighed["group_id"].to_numpy()
        inside += int(((weighed["low"] <= truth[held]) & (truth[held] <= weighed["high"])).sum())
    assert 0.92 <= inside / (60 * 8) <= 0.98


# From reviews to what is told: families are cold on breakfast, business travellers warm

FAMILIES = """
The playground behind the hotel kept our children happy all afternoon.
They lent us a cot for the baby and a high chair for the toddler.
Our kids splashed in the shallow pool until their fingers wrinkled.
The family room had bunk beds that our boys fought over.
There is a box of toys by the reception and the children found it at once.
The babysitter read stories to our daughters while we went out.
A pram fits in the lift and through every door.
The kids' club painted masks with the children each morning.
Our toddler could run about the garden behind a fence.
The baby slept well because the family wing is quiet.
"""
BUSINESS = """
The desk in the room is wide enough for two laptops.
The meeting room has a projector and a whiteboard.
I got the invoice with our company's tax number at check-out.
The conference centre is ten minutes from the lobby by tram.
The wifi carried a video call with the office all evening.
They printed my slides before the conference began.
The express check-in had me at my laptop in four minutes.
A colleague and I held our client meeting in the lounge.
Our company books its conference rooms here each quarter.
The office in the lobby has a printer and a scanner.
"""
DISHES = "eggs pancakes coffee porridge sausages fruit yoghurt pastries".split()
COLD, WARM = "bad awful horrible poor".split(), "good great excellent wonderful".split()


def plant_breakfasts() -> list[Row]:
    """Twenty-four users of each kind write five sentences of their own and two on breakfast; there
    are no stars, so polarity comes from the word list.
    """
    rng = random.Random(0)
    rows: list[Row] = []
    for kind, own, breakfast in (("family", FAMILIES, COLD), ("business", BUSINESS, WARM)):
        for n in range(24):
            said = rng.sample(own.strip().splitlines(), 5)
            for dish in rng.sample(DISHES, 2):
                said.append(f"At breakfast we had the {dish}: {rng.choice(breakfast)}.")
            rng.shuffle(said)
            rows += [{"user_id": f"{kind}{n}", "text": " ".join(p)} for p in (said[:3], said[3:])]
    return rows


@pytest.fixture(scope="module")
def breakfasts(tmp_path_factory: pytest.TempPathFactory) -> Tribune:
    folder = tmp_path_factory.mktemp("breakfasts")
    workspace = Workspace(folder / "workspace")
    files = [write_csv(folder / "reviews.csv", plant_breakfasts())]
    build(files, workspace, settings=BuildSettings(n_groups=2))
    return Tribune(workspace)


def find_kind(tribune: Tribune, kind: str) -> int:
    """The group that holds the users of a kind, all of them and no others."""
    members = tribune.users[tribune.users["user_id"].str.startswith(kind)]
    assert members["group_id"].nunique() == 1
    return int(members["group_id"].iloc[0])


def test_the_groups_feel_otherwise_about_breakfast(breakfasts: Tribune) -> None:
    families, business = (find_kind(breakfasts, kind) for kind in ("family", "business"))
    told = {g.id: g for g in breakfasts.describe_topic("breakfast").groups}
    assert told[families].polarity < -0.2
    assert told[business].polarity > 0.2
    for group, other in ((families, business), (business, families)):
        assert told[group].differs
        assert told[group].q < 0.001
        assert told[group].others == pytest.approx(told[other].polarity, abs=0.011)
        assert told[group].low < told[group].polarity < told[group].high
        assert told[group].n_users == 24


def test_a_profile_tells_and_quotes_what_stands_out(breakfasts: Tribune) -> None:
    for kind, side in (("family", "lower"), ("business", "higher")):
        profile = breakfasts.describe_group(str(find_kind(breakfasts, kind)))
        assert profile.aspects
        for aspect in profile.aspects:
            quotes = [e for e in profile.evidence if e.n in aspect.cites]
            assert all("reakfast" in e.quote for e in quotes)
            assert all(e.user_id and e.user_id.startswith(kind) for e in quotes)
            assert all((e.polarity > 0) == (kind == "business") for e in quotes)
            assert quotes
        claims = [claim.text for claim in write_claims(profile)]
        first = profile.aspects[0]
        start = (
            f"Its warmth about {first.topic} is {side} ({first.polarity:+.2f}) than that of the "
            f"others ({first.others:+.2f})"
        )
        assert sum(claim.startswith(start) for claim in claims) == 1


def test_a_topic_is_told_with_its_interval_and_beside_the_others(breakfasts: Tribune) -> None:
    opinion = breakfasts.describe_topic("breakfast")
    families = next(g for g in opinion.groups if g.id == find_kind(breakfasts, "family"))
    claims = " ".join(claim.text for claim in write_claims(opinion))
    between = f"({families.polarity:+.2f}, likely between {families.low:+.2f} and "
    assert between in claims
    assert families.others is not None
    assert (
        f"The warmth of group {families.id}, {families.name}, about it is lower "
        f"({families.polarity:+.2f}) than that of the others ({families.others:+.2f})."
    ) in claims


def test_pages_and_report_show_the_same_figures(breakfasts: Tribune) -> None:
    group = str(find_kind(breakfasts, "family"))
    profile = breakfasts.describe_group(group)
    page, opinions = (
        show_profile(profile, "p"),
        tabulate(breakfasts.describe_topic("breakfast"), "t"),
    )
    assert "Feels otherwise than the others about" in page
    assert "95% interval" in opinions
    made = gather_report(breakfasts, [group])
    section = next(s for s in made.opening.sections if s.title == "What they love and hate")
    assert Heading("How they feel about things, beside the others") in section.blocks
    report = render_page(made)
    for aspect in profile.aspects:
        shown = f"{aspect.polarity:+.2f}"
        assert shown.replace("-", "−") in page
        statements = [b for b in section.blocks if isinstance(b, Statement)]
        told = [b for b in statements if f"of {aspect.topic}: {shown} (" in b.text]
        assert len(told) == 1
        assert told[0].cites
        assert f"{aspect.n_users} users, against {aspect.others:+.2f}" in told[0].text
        assert f"against {aspect.others:+.2f}" in report


def test_changed_answers_about_aspects_are_refused(breakfasts: Tribune) -> None:
    names = Names(list_names(breakfasts))
    answers = []
    for found in (
        breakfasts.describe_topic("breakfast"),
        *(breakfasts.describe_group(str(group.id)) for group in breakfasts.groups),
    ):
        claims = write_claims(found)
        told = [claim.text for claim in claims if "warmth" in claim.text or "warm" in claim.text]
        evidence = {e.n: e.quote for e in found.evidence}
        answers.append((" ".join(told), Grounding(claims, evidence=evidence, names=names)))
    report = audit(answers, n=210, seed=0)
    assert report.made["polarity"] >= 20
    assert report.missed == []
    assert report.alarms == []
    assert report.claim_alarms == []


# The sample world, counted again


def test_aspects_are_counted_again_from_the_files(sample_tribune: Tribune) -> None:
    at = str(sample_tribune.version)
    users = duckdb.sql(
        f"""SELECT topic_id, group_id, user_id, avg(polarity) AS p, count(*) AS n
            FROM '{at}/sentences.parquet'
            WHERE topic_id >= 0 AND group_id IS NOT NULL GROUP BY ALL"""
    ).df()
    sentences = duckdb.sql(f"SELECT * FROM '{at}/sentences.parquet'").df()
    sentences = sentences.set_index("sentence_id")
    aspects = pd.read_parquet(f"{at}/aspects.parquet")
    sizes = users.groupby(["topic_id", "group_id"]).size()
    assert len(aspects) == (sizes >= 3).sum() > 200
    np.testing.assert_allclose(aspects["q"], stats.false_discovery_control(aspects["p"]))
    for row in aspects.iloc[::9].itertuples():
        about = users[users["topic_id"] == row.topic_id]
        own = about["group_id"] == row.group_id
        prior = 10 * about["p"].mean()
        assert row.n_users == own.sum()
        assert row.n_sentences == about["n"][own].sum()
        assert row.n_others == (~own).sum()
        assert row.polarity == pytest.approx(
            (about["p"][own].sum() + prior) / (own.sum() + 10), abs=1e-6
        )
        assert row.others == pytest.approx(
            (about["p"][~own].sum() + prior) / ((~own).sum() + 10), abs=1e-6
        )
        assert row.low < row.polarity < row.high
        shown = sentences.loc[list(row.evidence)]
        assert (shown["group_id"] == row.group_id).all()
        assert (shown["topic_id"] == row.topic_id).all()
        assert shown["user_id"].is_unique
        assert len(set(np.sign(shown["polarity"]))) <= 1


def test_a_profile_tells_nothing_that_may_be_chance(sample_tribune: Tribune) -> None:
    surely = sample_tribune.aspects[stands_out(sample_tribune.aspects)]
    for group in sample_tribune.groups:
        told = sample_tribune.describe_group(str(group.id)).aspects
        assert len(told) == min(6, int((surely["group_id"] == group.id).sum()))
        assert all(a.q < 0.05 and abs(a.polarity - a.others) > 0.09 for a in told)
