"""A big model that plans alone: its call, one more try, the encoder's plan, the user's choice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agent.model_planner import ModelPlanner
from agent.planner import Call, Plan
from tests.fakes import ScriptedModel
from tools.errors import ModelError

QUESTION = "Who loves the sea view?"
CALL = Call("find_users", {"topic": "sea view", "stance": "likes"})
ENCODED = Plan(CALL.tool, CALL.args, 0.8, [("find_users", 0.8), ("search_reviews", 0.1)], None)


def calling(tool: str, **args: str) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool, "args": args, "id": "c1"}])


RIGHT = calling("find_users", topic="sea view", stance="likes")


def plan(*replies: Any, encoded: Plan = ENCODED) -> tuple[Plan, list[str]]:
    """The plan, and what the model read last at each try."""
    model = ScriptedModel(replies=list(replies))
    made = ModelPlanner(model).plan(QUESTION, [], encoded, threading.Event())
    assert not model.replies
    return made, model.read


def test_a_call_that_fits_is_the_models() -> None:
    made, read = plan(RIGHT)
    assert (made.tool, made.args, made.planner) == (CALL.tool, CALL.args, "model")
    assert made.confidence == 0.8
    assert read == [QUESTION]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (calling("find_people", topic="sea view"), "There is no tool 'find_people'"),
        (calling("find_users", topic="sea view", stance="adores"), "find_users: stance"),
        (calling("find_users", topic="budget travel"), "the question's own words"),
        (ModelError("The call breaks off."), "The call breaks off."),
    ],
)
def test_a_call_that_does_not_fit_is_tried_once_more_with_what_was_wrong(
    wrong: Any, fault: str
) -> None:
    made, read = plan(wrong, RIGHT)
    assert (made.tool, made.args, made.planner) == (CALL.tool, CALL.args, "model again")
    assert fault in read[1]
    assert read[1].startswith(QUESTION)


def test_after_two_that_do_not_fit_the_encoders_plan_holds_and_the_user_is_told() -> None:
    made, _ = plan(calling("find_people"), calling("find_users", topic="budget travel"))
    assert (made.tool, made.args, made.planner) == (CALL.tool, CALL.args, "encoder")
    assert "could not be used" in made.note
    assert "the question's own words" in made.note


def test_where_two_choose_different_tools_the_user_is_asked() -> None:
    made, _ = plan(calling("search_reviews", query="sea view"))
    assert made.tool is None
    assert made.choices == (Call("search_reviews", {"query": "sea view"}), CALL)
    assert made.confidence == 0.1


def test_a_model_that_calls_nothing_gives_the_encoders_reply_not_its_own_words() -> None:
    unsure = Plan(None, {}, 0.9, [(None, 0.9)], "I read reviews only.")
    made, _ = plan(AIMessage("Everyone loves it!"), encoded=unsure)
    assert (made.tool, made.reply, made.planner) == (None, "I read reviews only.", "model")


def test_a_tool_that_the_encoder_did_not_see_is_called_with_little_confidence() -> None:
    unsure = Plan(None, {}, 0.9, [(None, 0.9)], "I read reviews only.")
    made, _ = plan(RIGHT, encoded=unsure)
    assert made.tool == "find_users"
    assert made.confidence == 0.0
