"""Claims say what the facts hold and no more; citations lead to what was really written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pandas as pd
import pytest

from agent import facts
from agent.citations import (
    Citations,
    hear_clause,
    most_telling,
    show_plainly,
    show_topic,
)
from agent.claims import write_claims
from agent.facts import Facts, renumber
from agent.phrases import (
    count,
    name_tone,
    percent,
    quote_source,
    shorten,
    tell_change,
    tell_day,
    tell_lift,
    tell_p,
    tell_span,
)
from agent.toolbox import call_tool
from agent.use_cases import Tribune

TOPICS = ["budget travel", "museums", "wheelchair access", "quantum physics", "wifi", "noise"]
QUOTE = re.compile(r"“([^”]*)” \[(\d+)\]")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?%?")


@pytest.fixture(scope="module")
def answers(sample_tribune: Tribune) -> list[Facts]:
    """Every tool's answers on the sample world, of every kind that it gives."""
    groups = [str(g.id) for g in sample_tribune.groups]
    users = list(sample_tribune.user_ids)[::12]
    quiet = sample_tribune.users.query("group_id.isna()")["user_id"].iloc[:3]
    calls: list[tuple[str, dict[str, object]]] = [("overview", {})]
    calls += [("list_groups", {"sort": sort}) for sort in ("size", "rating", "growth")]
    calls += [("describe_group", {"group": group}) for group in groups]
    calls += [("compare_groups", {"first": a, "second": b}) for a, b in pairwise(groups)]
    calls += [("describe_user", {"user": user}) for user in [*users, *quiet]]
    for topic in TOPICS:
        for stance in ("likes", "dislikes", "any"):
            calls.append(("find_users", {"topic": topic, "stance": stance}))
            calls.append(("find_users", {"topic": topic, "stance": stance, "group": "3"}))
            calls.append(("search_reviews", {"query": topic, "stance": stance}))
        calls.append(("search_reviews", {"query": topic, "group": "2", "limit": 8}))
        calls.append(("describe_topic", {"topic": topic}))
        calls += [("sentiment_trend", {"topic": topic, "period": p}) for p in ("month", "quarter")]
    calls += [("sentiment_trend", {"period": p}) for p in ("day", "week", "month", "quarter")]
    calls += [("sentiment_trend", {"group": group}) for group in groups[:3]]
    return [call_tool(sample_tribune, *call) for call in calls]


def list_values(value: object) -> Iterator[object]:
    """Everything in an answer's JSON but its evidence's quotes."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "quote":
                yield from list_values(part)
    elif isinstance(value, list):
        for part in value:
            yield from list_values(part)
    else:
        yield value


def told_numbers(found: Facts) -> set[str]:
    """Every way in which a claim may write the answer's own numbers."""
    values = list(list_values(found.model_dump()))
    # Two sums that an answer adds up of its own parts, and the length of the time growth is of.
    if isinstance(found, facts.GroupList):
        values += [sum(g.n_users for g in found.groups), len(found.groups), 90]
    if isinstance(found, facts.SentimentTrend):
        values += [sum(p.n_sentences for p in found.periods)]
    written: set[str] = set()
    for value in values:
        if isinstance(value, datetime):
            written |= {str(value.day), str(value.year)}
        elif isinstance(value, bool) or value is None or isinstance(value, str):
            continue
        elif isinstance(value, int):
            written.add(str(value))
        else:
            number = float(value)  # type: ignore[arg-type]
            written |= {
                f"{number:.1f}",
                f"{number:.2f}",
                f"{number:+.2f}",
                f"{number:.3f}",
                f"{number:g}",
            }
            written |= {f"{abs(number):.0%}", f"{number:.1%}"}
            if number < 0.001:
                written |= {"0.001", "0.1%"}  # "p < 0.001", "under 0.1%"
    return written


def strip_names(text: str, found: Facts) -> str:
    """The claim without quotes, citations, names and labels, whose digits are no figures."""
    text = QUOTE.sub(" ", text)
    text = re.sub(r"\[\d+\]", " ", text)
    names = {str(v) for v in list_values(found.model_dump()) if isinstance(v, str)}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return re.sub(r"\bQ[1-4]\b", " ", text)


def test_every_tool_is_asked(answers: list[Facts]) -> None:
    kinds = {type(found) for found in answers}
    assert kinds == {
        facts.Overview, facts.GroupList, facts.GroupProfile, facts.GroupComparison,
        facts.UserProfile, facts.UsersFound, facts.ReviewsFound, facts.TopicOpinion,
        facts.SentimentTrend,
    }  # fmt: skip
    assert any(isinstance(f, facts.UserProfile) and f.group is None for f in answers)
    assert any(isinstance(f, facts.UsersFound) and not f.users for f in answers)


def test_every_number_in_a_claim_is_in_the_facts(answers: list[Facts]) -> None:
    for found in answers:
        allowed = told_numbers(found)
        for claim in write_claims(found):
            for number in NUMBER.findall(strip_names(claim.text, found)):
                assert number in allowed, (number, claim.text)


def test_every_quote_is_a_run_of_words_of_its_review(answers: list[Facts]) -> None:
    quoted = 0
    for found in answers:
        evidence = {e.n: e.quote.replace("“", "'").replace("”", "'") for e in found.evidence}
        for claim in write_claims(found):
            for quote, n in QUOTE.findall(claim.text):
                assert quote.removesuffix(" …") in evidence[int(n)], claim.text
                assert len(quote) <= 163
                quoted += 1
            assert claim.text.count("“") == len(QUOTE.findall(claim.text))
    assert quoted > 200


def test_every_citation_leads_to_evidence_and_no_quote_is_told_twice(answers: list[Facts]) -> None:
    for found in answers:
        numbers = {str(e.n) for e in found.evidence}
        text = " ".join(claim.text for claim in write_claims(found))
        assert set(re.findall(r"\[(\d+)\]", text)) <= numbers
        quotes = QUOTE.findall(text)
        assert len(quotes) == len(set(quotes))


def test_claims_are_whole_sentences(answers: list[Facts]) -> None:
    for found in answers:
        claims = write_claims(found)
        assert claims
        for claim in claims:
            text = claim.text
            assert text.endswith(".")
            assert text == " ".join(text.split())
            assert "None" not in text
            assert "nan" not in re.findall(r"[a-z]+", text)
            assert not re.search(r"\b1 (users|sentences|reviews|groups|stars|topics)\b", text)


def test_facts_survive_json(answers: list[Facts]) -> None:
    for found in answers:
        assert type(found).model_validate_json(found.model_dump_json()) == found


def test_renumbered_facts_cite_the_same_reviews(answers: list[Facts]) -> None:
    for found in answers[::7]:
        moved = renumber(found, by=10)
        assert [e.n for e in moved.evidence] == [e.n + 10 for e in found.evidence]
        before = [
            QUOTE.sub(lambda m: f"{m[1]}{int(m[2]) + 10}", c.text) for c in write_claims(found)
        ]
        after = [QUOTE.sub(lambda m: f"{m[1]}{m[2]}", c.text) for c in write_claims(moved)]
        plain = [re.sub(r"\[\d+\]", "", text) for text in before]
        assert [re.sub(r"\[\d+\]", "", text) for text in after] == plain
        assert renumber(found, by=0) is found


# Claims of small answers, word for word


def hit(**changed: object) -> facts.UserHit:
    plain = {"user_id": "ann", "group": None, "score": 0.5, "mentions": 1, "warm": 1, "cold": 0}
    return facts.UserHit.model_validate({**plain, **changed})


def users_found(**changed: object) -> facts.UsersFound:
    plain = {
        "topic": "soup", "stance": "likes", "group": None, "n_sentences": 1, "n_speakers": 1,
        "n_users": 1, "nearest_topic": None, "users": [hit()], "groups": [],
    }  # fmt: skip
    return facts.UsersFound.model_validate({**plain, **changed})


def tell(found: Facts) -> list[str]:
    return [claim.text for claim in write_claims(found)]


def test_one_user_speaks_and_two_speak() -> None:
    assert tell(users_found()) == [
        "1 user speaks warmly of soup, out of 1 who mention it in 1 sentence.",
        "ann leads with 1 sentence on it, 1 clearly warm.",
    ]
    assert tell(users_found(stance="dislikes", n_users=2, n_speakers=9, n_sentences=12))[0] == (
        "2 users speak coldly of soup, out of 9 who mention it in 12 sentences."
    )
    assert tell(users_found(stance="any"))[0] == "1 user speaks of soup, in 1 sentence."


def test_nobody_is_told_with_the_nearest_topic_or_with_who_mentions_it() -> None:
    nobody = users_found(n_users=0, n_speakers=0, n_sentences=0, users=[], nearest_topic="broth")
    assert tell(nobody) == [
        "Nobody speaks of soup in these reviews. The topic nearest to it is broth."
    ]
    lukewarm = users_found(n_users=0, n_speakers=3, users=[])
    assert tell(lukewarm) == ["3 users mention soup, but none of them speaks warmly of it."]
    alone = users_found(n_users=0, users=[], group={"id": 2, "name": "Bunks"})
    assert tell(alone) == [
        "1 user in group 2, Bunks, mentions soup, but does not speak warmly of it."
    ]


def test_a_group_stands_out_only_beyond_chance() -> None:
    lift = {"id": 2, "name": "Bunks", "n_users": 7, "share": 0.7, "lift": 3.14}
    sure = tell(users_found(n_users=10, groups=[{**lift, "p": 0.0004}]))
    assert sure[1] == (
        "7 of them (70%) are in group 2, Bunks, 3.1 times what that group's size would give "
        "(p < 0.001)."
    )
    chance = tell(users_found(n_users=10, groups=[{**lift, "p": 0.2}]))
    assert chance[1] == (
        "No group stands out: the most of them, 7, are in group 2, Bunks, and the difference may "
        "be chance."
    )


def test_who_is_in_no_group_is_told_why() -> None:
    plain = {
        "user_id": "ann", "n_reviews": 1, "n_sentences": 2, "rating": None, "rating_all": None,
        "polarity": None, "first_time": None, "last_time": None, "group": None, "strength": None,
        "runner_up": None, "runner_up_strength": None, "trusted": None, "topics": [], "reasons": [],
        "tip": None,
    }  # fmt: skip
    quiet = facts.UserProfile.model_validate(plain)
    assert tell(quiet) == ["ann wrote 1 review.", "ann wrote too little to be placed in a group."]
    alone = facts.UserProfile.model_validate({**plain, "n_sentences": 50})
    assert "too little" not in tell(alone)[1]


def test_reviews_are_told_with_the_stance_asked_for() -> None:
    plain = {
        "query": "soup", "stance": "any", "group": None, "user_id": None, "item": None,
        "n_sentences": 0, "n_reviews": 0, "polarity": None,
    }  # fmt: skip
    assert tell(facts.ReviewsFound.model_validate(plain)) == ["No review speaks of soup."]
    cold = facts.ReviewsFound.model_validate({**plain, "stance": "dislikes"})
    assert tell(cold) == ["No review speaks coldly of soup."]
    quote = {
        "n": 1, "review_id": "r1", "user_id": None, "item_id": None, "item": None,
        "quote": "A thin “soup”, sadly.", "rating": 1, "time": None, "polarity": -0.6,
    }  # fmt: skip
    one = {**plain, "stance": "dislikes", "n_sentences": 1, "n_reviews": 1, "evidence": [quote]}
    assert tell(facts.ReviewsFound.model_validate(one)) == [
        "1 review speaks coldly of soup.",
        "A reviewer, who gave 1 star, wrote: “A thin 'soup', sadly” [1].",
    ]


# Phrases


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (percent(0), "0%"), (percent(0.0004), "under 0.1%"), (percent(0.004), "0.4%"),
        (percent(0.01), "1%"), (percent(0.314), "31%"), (percent(1), "100%"),
        (count(1, "user"), "1 user"), (count(0, "user"), "0 users"), (count(2, "user"), "2 users"),
        (tell_lift(4.24), "4.2 times"), (tell_p(0.0124), "p = 0.012"), (tell_p(0.0002), "p < 0.001"),
        (tell_change(-0.14), "14% fewer"), (tell_change(0.2), "20% more"),
        (name_tone(0.25), "warm"), (name_tone(0.24), "mixed"), (name_tone(-0.25), "cold"),
        (tell_day(datetime(2026, 5, 4)), "4 May 2026"),
        (tell_span(None, None), ""),
        (tell_span(datetime(2026, 5, 4, 9), datetime(2026, 5, 4, 17)), ", on 4 May 2026"),
    ],
)  # fmt: skip
def test_figures_are_worded(told: str, expected: str) -> None:
    assert told == expected


def test_long_quotes_are_cut_between_words() -> None:
    assert shorten("short") == "short"
    cut = shorten("some words, " * 30)
    assert len(cut) <= 162
    assert cut.endswith("words …")
    assert cut.removesuffix(" …") in "some words, " * 30
    assert shorten("好" * 400) == "好" * 160 + " …"


def test_nothing_cited_is_nothing_quoted() -> None:
    assert quote_source(users_found(), []) == ""


# Citations

SENTENCES = pd.DataFrame(
    {
        "sentence_id": ["r1#0", "r1#1", "r2#0"],
        "review_id": ["r1", "r1", "r2"],
        "user_id": ["007", "007", None],
        "item_id": ["LIS01", "LIS01", None],
        "text": ["Good soup.", "Bad bunk.", "So so, " * 50],
        "rating": [4.0, 4.0, float("nan")],
        "time": [datetime(2025, 1, 1), datetime(2025, 1, 1), pd.NaT],
        "polarity": [0.612, -0.5, 0.0],
        "tone": [0.612, -0.5, 0.0],
        "similarity": [0.5, 0.6, 0.4],
        "naming": [0.0, 0.0, 1.0],
    },
    index=[10, 11, 12],
)


def test_each_sentence_gets_one_number_in_the_order_of_first_use() -> None:
    citations = Citations(SENTENCES, {"LIS01": "Casa"})
    assert [citations.cite(11), citations.cite(10), citations.cite(11)] == [1, 2, 1]
    assert citations.cite_id("r2#0") == 3
    first, second, third = citations.evidence()
    assert (first.n, first.quote, first.user_id, first.item) == (1, "Bad bunk.", "007", "Casa")
    assert (second.rating, second.polarity) == (4, 0.61)
    assert second.time == datetime(2025, 1, 1)
    assert (third.user_id, third.item_id, third.item, third.rating, third.time) == (None,) * 5


def test_what_a_sentence_says_of_a_topic_is_heard_in_its_clause() -> None:
    said = "The band was great, but the bar was horrible"
    assert hear_clause(said, "band") > 0.5
    assert hear_clause(said, "bars") < -0.5
    assert hear_clause(said, "music") == 0
    other = "The band was horrible that night, but the bar was great"
    both = pd.DataFrame({"text": [said, other], "tone": [-0.4, -0.4]})
    assert most_telling(both, "dislikes", "band") == 1
    assert most_telling(both, "dislikes", "bar") == 0


def test_the_most_telling_sentence_shows_the_stance_and_is_no_speech() -> None:
    assert most_telling(SENTENCES, "likes", "soup") == 10
    assert most_telling(SENTENCES, "dislikes", "bunk") == 11
    assert most_telling(SENTENCES.iloc[::-1], "any", "bunk") == 11
    assert show_topic(SENTENCES) == show_plainly(SENTENCES, 0) == 12
    assert show_plainly(SENTENCES, 1) is None  # what names the topic is neither warm nor cold
    assert show_topic(SENTENCES[SENTENCES["naming"] == 0], 1) == 10
    assert show_topic(SENTENCES[SENTENCES["naming"] == 0], -1) == 11
