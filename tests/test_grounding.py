"""Grounding: what passes, what fails, and how many of a thousand changed answers are caught.

The claims, rewordings and lies of grounding_claims.toml were written by hand. Most of them were
seen while the checker was tuned; `fresh_*` never were, and say what to expect of new wording.
"""

import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.claims import Claim
from agent.grounding import Grounding, Names, split_sentences
from agent.grounding.audit import KINDS, audit

CASES = tomllib.loads((Path(__file__).parent / "grounding_claims.toml").read_text("utf-8"))
NAMES = {world: Names(names) for world, names in CASES["names"].items()}

CLAIMS = [
    Claim(
        "14 users love budget travel, and 9 of them (64%) are in Thrifty Backpackers, 5.1 times "
        "their share of all users [1][2]."
    ),
    Claim(
        "b07 of Thrifty Backpackers leads with 5 warm sentences out of 6, warmth +0.82: "
        "“Twenty-two euros a night and they throw in soup” [1]."
    ),
    Claim(
        "Group 2, Thrifty Backpackers, has 38 users, 9.1% of all, and an average rating of 3.9 "
        "stars."
    ),
    Claim(
        "Group 3, Luxury Lovers, has 52 users, 12.6% of all, and an average rating of 4.4 stars."
    ),
    Claim("Thrifty Backpackers talk 4.2 times as often as others about hostel price (p < 0.001)."),
    Claim(
        "In March 2025 there were 120 sentences about Wi-Fi, 31% of them negative, up from 80 the "
        "month before."
    ),
    Claim("Stall 31 got 5 stars from O'Neil 7 [3]."),
    Claim("No user talks about submarines: the closest topic is boat trips."),
]
EVIDENCE = {
    1: "Twenty-two euros a night and they throw in soup. It's not worth the money in August.",
    2: "The cheapest bed in town is also the friendliest.",
    3: "Stall 31: sardines... and a smile. “Heaven”, she said.",
}


@pytest.fixture(scope="module")
def grounding() -> Grounding:
    return Grounding(CLAIMS, evidence=EVIDENCE, names=NAMES["travel"])


def kinds(grounding: Grounding, sentence: str) -> set[str]:
    return {failure.kind for failure in grounding.check(sentence)}


def groundings() -> Iterator[tuple[dict[str, Any], Grounding]]:
    for case in CASES["case"]:
        evidence = {int(n): text for n, text in case.get("evidence", {}).items()}
        claims = [Claim(text) for text in case["claims"]]
        yield case, Grounding(claims, evidence=evidence, names=NAMES[case["world"]])


def refused(field: str) -> tuple[list[str], int]:
    """The sentences of a field that are refused, and how many there are."""
    bad = [s for case, g in groundings() for s in case[field] if g.check(s)]
    return bad, sum(len(case[field]) for case in CASES["case"])


# Rules, one by one ------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_plain_claim_stands(grounding: Grounding, claim: Claim) -> None:
    assert grounding.check(claim.text) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Nine of the fourteen users who love budget travel are in Thrifty Backpackers [1][2].",
        "Nearly two thirds of the 14 users who love budget travel are in Thrifty Backpackers [1].",
        "Thrifty Backpackers talk more than four times as often as others about hostel price.",
        "Thrifty Backpackers make up 9% of all users.",
        "Thrifty Backpackers has 38 users, while Luxury Lovers has 52.",
        "Thrifty Backpackers and Luxury Lovers have 38 and 52 users respectively.",
        "Wi-Fi sentences rose from 80 to 120 in March 2025.",
        "Stall 31 was given five stars by O'Neil 7 [3].",
    ],
)
def test_figures_may_be_spelled_out_rounded_truly_and_joined(
    grounding: Grounding, sentence: str
) -> None:
    assert grounding.check(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "9 users love budget travel [1][2].",
        "14 of the 9 users are in Thrifty Backpackers [1][2].",
        "14 users love budget travel, and 14 of them are in Thrifty Backpackers [1][2].",
        "65% of them are in Thrifty Backpackers [1][2].",
        "All 14 users who love budget travel are in Thrifty Backpackers [1][2].",
        "14 reviews love budget travel [1][2].",
        "Thrifty Backpackers talk 4.2% as often as others about hostel price.",
        "Thrifty Backpackers talk about hostel price (p < 0.01).",
        "In March 2024 there were 120 sentences about Wi-Fi.",
        "b07 leads with 5 warm sentences out of 6, warmth −0.82 [1].",
        "Stall 31 got 31 stars from O'Neil 7 [3].",
    ],
)
def test_a_wrong_number_unit_order_or_date_fails(grounding: Grounding, sentence: str) -> None:
    assert kinds(grounding, sentence) & {"number", "polarity"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Luxury Lovers has 38 users.",
        "Luxury Lovers has 38 users, while Thrifty Backpackers has 52.",
        "Thrifty Backpackers has 38 users and an average rating of 4.4 stars.",
        "b12 leads with 5 warm sentences out of 6 [1].",
        "b99 leads with 5 warm sentences out of 6 [1].",
        "Thrifty Backpackers says “they throw in soup” [1].",
        "Marta Silva has 38 users.",
    ],
)
def test_a_figure_or_quote_given_to_another_name_fails(grounding: Grounding, sentence: str) -> None:
    assert grounding.check(sentence)


def test_a_number_inside_a_name_is_no_figure(grounding: Grounding) -> None:
    assert grounding.check("O'Neil 7 gave Stall 31 5 stars [3].") == []
    assert grounding.check("O'Neil 7 gave Stall 32 5 stars [3].")


@pytest.mark.parametrize(
    "sentence",
    [
        "b07 says “they throw in soup” [1].",
        'b07 says "they  throw in\nsoup" [1].',
        "“Twenty-two euros … and they throw in soup,” says b07 [1].",
        "As b07 puts it [1], “they throw in soup”.",
    ],
)
def test_a_verbatim_run_of_the_cited_review_may_be_quoted(
    grounding: Grounding, sentence: str
) -> None:
    assert grounding.check(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "b07 says “they throw in breakfast” [1].",
        "b07 says “they throw soup” [1].",
        "b07 says “they throw in soup” [2].",
        "b07 says “worth the money in August” [1].",
        "b07 says “Twenty-two euros … worth the money” [1].",
        "b07 says “they throw in soup [1].",
    ],
)
def test_a_changed_misplaced_or_misleading_quote_fails(grounding: Grounding, sentence: str) -> None:
    assert "quote" in kinds(grounding, sentence)


def test_a_quote_needs_its_citation(grounding: Grounding) -> None:
    assert kinds(grounding, "b07 says “they throw in soup”.") == {"citation"}


def test_quotation_marks_within_a_review_do_not_matter(grounding: Grounding) -> None:
    assert (
        grounding.check("O'Neil 7 writes: “sardines... and a smile. 'Heaven', she said” [3].") == []
    )


def test_citations_are_those_of_the_claim(grounding: Grounding) -> None:
    assert kinds(grounding, "14 users love budget travel [7].") == {"citation"}
    assert kinds(grounding, "14 users love budget travel [3].") == {"citation"}
    assert kinds(grounding, "14 users love budget travel.") == {"citation"}
    assert kinds(grounding, "Thrifty Backpackers has 38 users [1].") == {"citation"}
    assert grounding.check("14 users love budget travel [2].") == []
    assert grounding.check("14 users love budget travel [1, 2].") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "14 users hate budget travel [1][2].",
        "14 users don't love budget travel [1][2].",
        "In March 2025 there were 120 sentences about Wi-Fi, down from 80 the month before.",
        "In March 2025, 31% of the sentences about Wi-Fi were positive.",
        "b07 trails with 5 warm sentences out of 6 [1].",
        "b07 has 5 cold sentences out of 6 [1].",
        "Thrifty Backpackers seldom talk about hostel price.",
        "Users talk about submarines.",
        "No user talks about boat trips.",
        "Thrifty Backpackers love hostel price.",
    ],
)
def test_a_turned_direction_or_denial_fails(grounding: Grounding, sentence: str) -> None:
    assert grounding.check(sentence)


@pytest.mark.parametrize(
    "sentence", ["Here is what the reviews say.", "Interestingly, nobody mentions submarines."]
)
def test_a_sentence_that_asserts_nothing_new_stands(grounding: Grounding, sentence: str) -> None:
    assert grounding.check(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "They also enjoy skiing.",
        "Most of them are students from Germany.",
        "We will refund your stay and send a voucher.",
    ],
)
def test_an_invented_fact_without_figures_fails(grounding: Grounding, sentence: str) -> None:
    assert "name" in kinds(grounding, sentence) or "number" in kinds(grounding, sentence)


@pytest.mark.parametrize(
    "extra",
    [
        "see https://example.com",
        "![x](a.png)",
        "[click](b)",
        "<b>now</b>",
        "www.example.com",
        "[source needed]",
        "\u202etxet",
    ],
)
def test_links_markup_and_hidden_marks_fail(grounding: Grounding, extra: str) -> None:
    assert "citation" in kinds(grounding, f"Thrifty Backpackers has 38 users {extra}.")


def test_a_pronoun_means_the_name_before_it(grounding: Grounding) -> None:
    told = grounding.check_answer("Luxury Lovers has 52 users. They average 3.9 stars.")
    assert [bool(failures) for _, failures in told] == [False, True]
    told = grounding.check_answer("Thrifty Backpackers has 38 users. They average 3.9 stars.")
    assert [bool(failures) for _, failures in told] == [False, False]


def test_a_claim_serves_a_sentence_once(grounding: Grounding) -> None:
    assert grounding.check("Thrifty Backpackers has 38 users, 38 of them active.")


def test_a_failure_says_what_and_why(grounding: Grounding) -> None:
    failure = grounding.check("15 users love budget travel [1].")[0]
    assert (failure.kind, failure.found) == ("number", "15")
    assert failure.reason.endswith(".")


# Sentences --------------------------------------------------------------------------------------


def test_sentences_keep_citations_quotes_decimals_and_abbreviations() -> None:
    text = (
        "Mrs. Rennie's B&B rates 4.2 stars (p < 0.001), e.g. for breakfast [1]. "
        "b07 says “Cheap. Clean. Central.” [2][3] St. Mary's Inn is worst. It fell!\n"
        "- 3.9 stars vs. 4.4\n"
        "- “Why?” asks w02 [4]\n"
    )
    assert split_sentences(text) == [
        "Mrs. Rennie's B&B rates 4.2 stars (p < 0.001), e.g. for breakfast [1].",
        "b07 says “Cheap. Clean. Central.” [2][3]",
        "St. Mary's Inn is worst.",
        "It fell!",
        "- 3.9 stars vs. 4.4",
        "- “Why?” asks w02 [4]",
    ]


def test_sentences_may_begin_with_an_id_or_a_known_name_in_small_letters() -> None:
    text = "There are 2. enya_26 leads. budget travel comes up."
    assert split_sentences(text, Names(["budget travel"])) == [
        "There are 2.",
        "enya_26 leads.",
        "budget travel comes up.",
    ]


def test_chinese_sentences_are_split() -> None:
    assert split_sentences("早餐很好。房间太吵！") == ["早餐很好。", "房间太吵！"]


# Strange input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "“", "[", "[1", "'" * 999, "“" * 999, "9" * 1999, "1," * 999, "[1-5000]",
        "\ue000\x00", "💥 １４ ½ ٣ 中文", "respectively", "May may March march",
        "love " * 399, "<" * 1999,
    ],
)  # fmt: skip
def test_strange_input_is_survived_and_quick(grounding: Grounding, text: str) -> None:
    started = time.process_time()
    grounding.check(text)
    grounding.check_answer(text)
    assert time.process_time() - started < 2


def test_a_very_long_sentence_fails_unread(grounding: Grounding) -> None:
    assert kinds(grounding, "love " * 99_999) == {"name"}


def test_no_claims_support_nothing_but_small_talk() -> None:
    empty = Grounding([], evidence={})
    assert empty.check("14 users love budget travel.")
    assert empty.check("Here is what the reviews say.") == []


def test_everyday_words_used_as_ids_do_not_hide_a_lie() -> None:
    grounding = Grounding([Claim("14 users love tea.")], evidence={}, names=["love", "14", "tea"])
    assert grounding.check("14 users love tea.") == []
    assert grounding.check("15 users love tea.")
    assert grounding.check("14 users hate tea.")


# All together -----------------------------------------------------------------------------------


def test_all_claims_of_all_tools_stand() -> None:
    bad, count = refused("claims")
    assert not bad
    assert count >= 60


def test_false_alarms_on_true_rewordings_are_one_percent_at_most() -> None:
    bad, count = refused("true")
    assert count >= 120
    assert len(bad) <= 0.01 * count, bad


def test_fluent_lies_are_caught() -> None:
    bad, count = refused("lies")
    assert len(bad) >= 0.98 * count


def test_wording_never_seen_in_tuning_mostly_fares_as_well() -> None:
    alarms, true = refused("fresh_true")
    caught, lies = refused("fresh_lies")
    assert len(alarms) <= 0.1 * true, alarms
    assert len(caught) >= 0.9 * lies


def test_a_thousand_changes_to_true_answers_are_caught() -> None:
    answers = [
        (text, grounding)
        for case, grounding in groundings()
        for text in [*case["claims"], *case["true"], *case["fresh_true"]]
    ]
    report = audit(answers, n=1050, seed=7)
    assert sum(report.made.values()) == 1050
    assert not report.claim_alarms
    assert report.rate("digit", "figure", "unit") >= 0.99, report.missed
    assert report.rate("quote") >= 0.99, report.missed
    assert report.rate("citation") >= 0.99, report.missed
    assert report.rate("name") >= 0.95, report.missed
    assert report.rate("polarity") >= 0.95, report.missed
    assert all(kind in report.describe() for kind in KINDS)


def test_what_chance_would_give_is_no_rating() -> None:
    quote = "The desk is big and the taxi comes in a minute"
    claims = [
        Claim(
            "Quay Hotel suits lx22 best; 16 of the 31 members like it, where chance would give 1.9."
        ),
        Claim(f"A review praises Quay Hotel: “{quote}” [1]."),
    ]
    grounding = Grounding(claims, evidence={1: quote}, names=["Quay Hotel", "lx22"])
    assert not grounding.check(f"A review praises Quay Hotel: “{quote}” [1].")
    assert grounding.check(f"A review criticises Quay Hotel: “{quote}” [1].")
    assert grounding.check("16 of the 31 members dislike it, where chance would give 1.9.")
