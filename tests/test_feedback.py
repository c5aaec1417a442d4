"""What readers say of answers becomes questions to learn from."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.evaluation import read_questions
from agent.facts import Answer
from agent.feedback import gather_questions
from agent.graph import Assistant, Finished
from agent.use_cases import Tribune
from ui.cli import app

# Of these at least one is read in two ways, whatever the network was trained on last.
UNCLEAR = [
    f"{topic} {words}"
    for words in ("reviews people groups", "groups users reviews", "users or groups or reviews")
    for topic in ("breakfast", "wifi", "museum", "taxi", "stairs", "music")
]


@pytest.fixture
def assistant(sample_tribune: Tribune) -> Assistant:
    return Assistant(sample_tribune, "none")


def _ask(assistant: Assistant, question: str, conversation: str) -> Answer:
    *_, last = assistant.ask(question, conversation)
    assert isinstance(last, Finished)
    return last.answer


def _gather(assistant: Assistant) -> list[dict[str, object]]:
    return gather_questions(assistant.tribune.workspace.conversations)


def test_a_call_that_a_reader_confirmed_is_learned_from_and_others_are_not(
    assistant: Assistant, tmp_path: Path
) -> None:
    before = len(_gather(assistant))
    _ask(assistant, "who loves museums?", "feedback")
    _ask(assistant, "and who can't stand them?", "feedback")
    _ask(assistant, "which groups are there?", "feedback")
    assistant.judge("feedback", 1, "right")
    assistant.judge("feedback", 2, "wrong")
    assert len(_gather(assistant)) == before + 1
    result = CliRunner().invoke(
        app,
        ["questions", "--workspace", str(assistant.tribune.workspace.path),
         "--out", str(tmp_path / "own.jsonl")],
    )  # fmt: skip
    assert result.exit_code == 0
    assert f"{before + 1} confirmed" in result.output
    asked = {q.question: q for q in read_questions(tmp_path / "own.jsonl")}
    learned = asked["and who can't stand them?"]
    assert learned.calls[0].args == {"topic": "museums", "stance": "dislikes"}
    assert [(turn.question, turn.tool) for turn in learned.history] == [
        ("who loves museums?", "find_users")
    ]
    assistant.judge("feedback", 1, None)
    assert len(_gather(assistant)) == before


def test_two_readings_are_asked_back_and_the_one_picked_is_learned(assistant: Assistant) -> None:
    for number, question in enumerate(UNCLEAR):
        answer = _ask(assistant, question, f"unclear-{number}")
        if answer.choices:
            break
    assert len(answer.choices) == 2
    assert not answer.tool_calls
    picked = answer.choices[1]
    told = _ask(assistant, picked.label, f"unclear-{number}")
    assert [(call.name, call.args, call.planner) for call in told.tool_calls] == [
        (picked.name, picked.args, "user")
    ]
    learned = [line for line in _gather(assistant) if line["question"] == question]
    assert [(line["tool"], line["args"]) for line in learned] == [(picked.name, picked.args)]


def test_without_any_conversation_there_is_nothing_to_learn(tmp_path: Path) -> None:
    assert gather_questions(tmp_path / "conversations.sqlite") == []
