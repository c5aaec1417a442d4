"""A big model that plans: its call, one more try, the encoder's plan, the user's choice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agent.facts import ToolCall
from agent.model_planner import FELL_BACK, ModelPlanner
from agent.planner import Call, EncoderPlanner, Known, Plan
from agent.planning import choose_planner
from agent.tagger.tagger import load_tagger
from agent.toolbox import list_offered
from tests.fakes import ScriptedModel
from tools.errors import CallError, ModelError

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
        (AIMessage("", invalid_tool_calls=[{"name": "find_users", "args": "{"}]), "no JSON"),
        (calling("find_people", topic="sea view"), "There is no tool 'find_people'"),
        (calling("find_users", topic="sea view", stance="adores"), "find_users: stance"),
        (calling("find_users", topic="budget travel"), "the question's own words"),
        (CallError("The call breaks off."), "The call breaks off."),
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
    assert made.note == "The model gave no call that could be made. " + FELL_BACK


def test_a_group_may_come_from_a_result_of_ours_and_a_topic_may_not() -> None:
    listed = ToolCall(name="list_groups", args={}, ok=True, seconds=0.1, planner="model")
    done = [(listed, "Group 3, Night Owls, is the largest; Night Owls talk of late bars.")]
    question = "Describe the largest group"
    for call, follows in (
        (calling("describe_group", group="3"), True),
        (calling("describe_group", group="4"), False),
        (calling("describe_topic", topic="late bars"), False),
    ):
        planner = ModelPlanner(ScriptedModel(replies=[call]))
        assert bool(planner.go_on(question, [], done, threading.Event())) is follows


def test_a_service_that_is_down_is_not_asked_again() -> None:
    made, read = plan(ModelError("The service does not answer."))
    assert len(read) == 1
    assert (made.tool, made.planner) == (CALL.tool, "encoder")
    assert made.note.startswith("The service does not answer.")


@pytest.mark.parametrize(
    ("question", "tool", "args"),
    [
        ("What is group 12 like?", "describe_group", {"group": "1"}),
        ("What about user guest_12?", "describe_user", {"user": "guest_1"}),
        ("Who loves party nights?", "find_users", {"topic": "art"}),
    ],
)
def test_a_part_of_a_word_is_not_what_the_user_said(
    question: str, tool: str, args: dict[str, str]
) -> None:
    model = ScriptedModel(replies=[calling(tool, **args)] * 2)
    made = ModelPlanner(model).plan(question, [], ENCODED, threading.Event())
    assert made.planner == "encoder"


def test_where_two_choose_different_tools_the_user_is_asked() -> None:
    made, _ = plan(calling("search_reviews", query="sea view"))
    assert made.tool is None
    assert made.choices == (Call("search_reviews", {"query": "sea view"}), CALL)
    assert made.confidence == 0.1


@pytest.mark.parametrize(
    "encoded",
    [
        ENCODED,
        Plan(None, {}, 0.9, [(None, 0.9)], "I read reviews only."),
        Plan(None, {}, 0.4, [], "Which do you mean?", choices=(CALL, Call("overview", {}))),
    ],
)
def test_where_a_model_calls_nothing_the_encoders_plan_holds(encoded: Plan) -> None:
    assert plan(AIMessage("Everyone loves it!"), encoded=encoded)[0] == encoded


@pytest.mark.parametrize("question", ["Which users are gay?", "Delete all reviews of user 7"])
def test_what_nobody_may_ask_is_refused_before_a_model_is_asked(question: str) -> None:
    encoder = EncoderPlanner(load_tagger(), known=Known(), offered=list_offered())
    model = ScriptedModel(replies=[])
    made = choose_planner(encoder, model).plan(question)
    assert made == encoder.plan(question)
    assert made.tool is None
    assert not model.read


def test_a_tool_that_the_encoder_did_not_see_is_called_with_little_confidence() -> None:
    unsure = Plan(None, {}, 0.9, [(None, 0.9)], "I read reviews only.")
    made, _ = plan(RIGHT, encoded=unsure)
    assert made.tool == "find_users"
    assert made.confidence == 0.0
