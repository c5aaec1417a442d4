"""What the model may say: a draft that tells other than its claim is replaced by the claim."""

from __future__ import annotations

import threading

import pytest
from langchain_core.language_models import FakeListChatModel

from agent.claims import Claim
from agent.grounding import Grounding
from agent.phrasing import number_lines
from agent.placeholders import Masked, mask
from agent.prompts import REWORDED
from agent.writer import Tally, find_losses, word_answer
from tests.fakes import ScriptedModel
from tools.errors import ModelError

SUSHI = "486 users speak coldly of sushi, out of 3907 who mention it in 9522 sentences."
GROUP = "42 of them (9%) are in group 5, Apple & Iphone, 10.3 times what that group's size would give (p < 0.001)."

MOOD = "Its urgency is normal and its tone unhappy."
CARD = "Group 5, Apple & Iphone, has 31 users, 3.6 stars on average."


def word(claim: str, draft: str) -> tuple[str, Tally]:
    """What is shown of a claim where the model says `draft`, whatever it is asked."""
    claims, tally = [Claim(claim)], Tally()
    grounding = Grounding(claims, evidence={}, names=["Apple & Iphone", "sushi"])
    masked = mask([claim], grounding.names)
    assert masked is not None
    for mark, value in masked.values.items():
        draft = draft.replace(value, mark)
    model = FakeListChatModel(responses=[f"1. {draft}"])
    return "".join(word_answer(claims, grounding, model, tally, threading.Event())), tally


@pytest.mark.parametrize(
    ("claim", "draft"),
    [
        # 3907 and 9522 are of who mentions it, not of who speaks coldly.
        (SUSHI, "There are 486 users (3907) who speak coldly of sushi in 9522 sentences."),
        (SUSHI, "Of 486 users who mention sushi in 9522 sentences, 3907 speak coldly of it."),
        (SUSHI, "Seafood is what 486 users speak coldly of sushi, out of 3907 who mention it in 9522 sentences."),
        (SUSHI, "486 users speak coldly of sushi, out of 3907 who mention it."),
        (SUSHI, "486 users speak warmly of sushi, out of 3907 who mention it in 9522 sentences."),
        (MOOD, "Its urgency is normal and its tone unharmful."),
        (CARD, "Group 5, Apple & Iphone, has 31 users and 3.6 stars on average too."),
        (CARD, "Group 5, Apple & Iphone, has 31 users, with an average of 3.6 stars on average."),
        (GROUP, "10.3 of them (9%) are in group 5, Apple & Iphone, 42 times what that group's size would give (p < 0.001)."),
        (GROUP, "42 of them (9%) are in group 5, 10.3 times what that group's size would give (p < 0.001)."),
    ],
)  # fmt: skip
def test_a_draft_that_tells_other_than_its_claim_is_not_shown(claim: str, draft: str) -> None:
    said, tally = word(claim, draft)
    assert said == claim
    assert tally.fallback == 1
    assert tally.failures


@pytest.mark.parametrize(
    ("claim", "draft"),
    [
        (SUSHI, "Of the 3907 users who mention sushi in 9522 sentences, 486 speak coldly of it."),
        (SUSHI, "Out of 3907 who mention sushi in 9522 sentences, 486 users speak coldly of it."),
        (GROUP, "In group 5, Apple & Iphone, are 42 of them (9%), 10.3 times what that group's size would give (p < 0.001)."),
    ],
)  # fmt: skip
def test_the_same_in_another_order_is_shown(claim: str, draft: str) -> None:
    said, tally = word(claim, draft)
    assert said == draft
    assert tally.fallback == 0


@pytest.mark.parametrize(("facts", "said"), REWORDED)
def test_the_examples_that_the_model_is_shown_would_be_let_through(
    facts: list[str], said: list[str]
) -> None:
    values = {"@a": "Night Owls"} | {f"#{c}": f"{n}" for n, c in enumerate("abcdefgh", start=31)}
    world = Masked(facts, values)
    claims, tally = [Claim(world.fill(fact) or "") for fact in facts], Tally()
    grounding = Grounding(claims, evidence={}, names=["Night Owls"])
    model = FakeListChatModel(responses=[number_lines(said)])
    told = "".join(word_answer(claims, grounding, model, tally, threading.Event()))
    assert told == " ".join(world.fill(sentence) or "" for sentence in said)


def test_a_claim_with_a_quote_keeps_quote_and_citation() -> None:
    claim = (
        "72% of its users talk about late bars, against 14% of the others: “Open till five” [3]."
    )
    claims, tally = [Claim(claim)], Tally()
    grounding = Grounding(claims, evidence={3: "Open till five"}, names=["late bars"])
    model = FakeListChatModel(
        responses=["1. Late bars are what #a of its users talk about, against #b of the others."]
    )
    said = "".join(word_answer(claims, grounding, model, tally, threading.Event()))
    assert said == (
        "Late bars are what 72% of its users talk about, against 14% of the others: “Open till "
        "five” [3]."
    )


def test_a_model_that_fails_leaves_the_facts_and_says_why() -> None:
    claims = [Claim(SUSHI), Claim(MOOD)]
    tally = Tally()
    model = ScriptedModel(replies=[ModelError("The service does not answer.")])
    grounding = Grounding(claims, evidence={}, names=["sushi"])
    told = "".join(word_answer(claims, grounding, model, tally, threading.Event()))
    assert told == f"{SUSHI} {MOOD}"
    assert tally.fault == "The service does not answer."
    assert len(model.read) == 1


IVO = "ivo_44 is in group 8, Meeting & Taxi, with a membership of 0.30."


@pytest.mark.parametrize(
    ("draft", "stands"),
    [
        ("With a membership of 0.30, ivo_44 is in group 8, Meeting & Taxi.", True),
        ("With a membership of 0.30, they are in group 8, Meeting & Taxi.", False),
        ("With a membership of 0.30, ivo_44, as ivo_44, is in group 8, Meeting & Taxi.", False),
        ("With a membership of 0.44, ivo_44 is in group 8, Meeting & Taxi.", False),
    ],
)
def test_digits_of_a_name_are_no_figure_and_the_name_stays(draft: str, stands: bool) -> None:
    assert bool(find_losses(IVO, draft, ["ivo_44", "Meeting & Taxi"])) is not stands
