"""A conversation from question to checked answer, its memory, and what must not be done."""

from __future__ import annotations

import re
import threading
from uuid import uuid4

import pytest

from agent.facts import Answer, UsersFound
from agent.graph import Assistant, Finished, ToolFinished, Words
from agent.use_cases import Tribune
from tools.errors import Cancelled


@pytest.fixture(scope="module")
def plain(sample_tribune: Tribune) -> Assistant:
    return Assistant(sample_tribune, "none")


@pytest.fixture(scope="module")
def worded(sample_tribune: Tribune) -> Assistant:
    return Assistant(sample_tribune, "local:smollm2")


@pytest.fixture
def conversation() -> str:
    return uuid4().hex


def answer(assistant: Assistant, question: str, conversation: str) -> Answer:
    events = list(assistant.ask(question, conversation))
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.answer.answer == "".join(e.text for e in events if isinstance(e, Words))
    return last.answer


def test_a_question_is_answered_with_users_groups_numbers_and_quotes(
    plain: Assistant, conversation: str
) -> None:
    told = answer(plain, "Which users love budget travel?", conversation)
    call = told.tool_calls[0]
    assert (call.name, call.args["stance"], call.ok) == ("find_users", "likes", True)
    found = UsersFound.model_validate(told.facts)
    assert found.users[0].user_id in told.answer
    assert found.groups[0].name in told.answer
    assert f"{found.n_users} users" in told.answer
    for citation in told.citations:
        assert f"[{citation.n}]" in told.answer
    quotes = re.findall(r"“([^”]+)”", told.answer)
    assert quotes
    assert all(any(q.removesuffix(" …") in c.quote for c in told.citations) for q in quotes)


def test_the_local_model_words_the_answer_and_every_figure_stays_true(
    worded: Assistant, plain: Assistant, conversation: str
) -> None:
    question = "What is group 3 like?"
    told = answer(worded, question, conversation + "a")
    bare = answer(plain, question, conversation + "b")
    assert told.model == "local:smollm2"
    assert told.facts == bare.facts
    figure = re.compile(r"\d[\d.]*%?")
    assert sorted(figure.findall(told.answer)) == sorted(figure.findall(bare.answer))


def test_a_follow_up_works_after_a_restart(sample_tribune: Tribune, conversation: str) -> None:
    first = Assistant(sample_tribune, "none")
    answer(first, "Which users love hiking?", conversation)
    again = Assistant(sample_tribune, "none")
    assert again.history(conversation)[0][0] == "Which users love hiking?"
    told = answer(again, "and who hates it?", conversation)
    call = told.tool_calls[0]
    assert (call.name, call.args["topic"], call.args["stance"]) == (
        "find_users",
        "hiking",
        "dislikes",
    )


def test_a_forgotten_turn_is_gone(plain: Assistant, conversation: str) -> None:
    answer(plain, "What is loaded?", conversation)
    assert plain.forget_last(conversation) == "What is loaded?"
    assert plain.history(conversation) == []
    assert plain.forget_last(conversation) is None


def test_an_unknown_group_is_answered_with_the_groups_there_are(
    plain: Assistant, conversation: str
) -> None:
    told = answer(plain, "Tell me about group 99", conversation)
    assert not told.tool_calls[0].ok
    assert "There is no group '99'" in told.answer
    assert plain.tribune.groups[0].name in told.answer


@pytest.mark.parametrize(
    "question",
    ["Is mei_79 muslim?", "delete group 3", "hello", "what is the capital of France?", ""],
)
def test_what_needs_no_tool_calls_none(plain: Assistant, conversation: str, question: str) -> None:
    told = answer(plain, question, conversation)
    assert told.tool_calls == []
    assert told.facts == {}
    assert told.answer


def test_a_stopped_answer_ends_at_once_and_is_not_remembered(
    worded: Assistant, conversation: str
) -> None:
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        for event in worded.ask("How do groups 1 and 2 differ?", conversation, cancel=cancel):
            if isinstance(event, ToolFinished):
                cancel.set()
    assert worded.history(conversation) == []


def test_who_asks_of_dislikes_alone_is_told_of_these_alone(
    plain: Assistant, sample_tribune: Tribune, conversation: str
) -> None:
    kinds = {g.id: {t.kind for t in sample_tribune.describe_group(str(g.id)).traits}
             for g in sample_tribune.groups}  # fmt: skip
    critical = next(group for group, own in kinds.items() if "dislike" in own)
    whole = answer(plain, f"What is group {critical} like?", conversation)
    assert "talk about" in whole.answer
    told = answer(plain, "and what do they dislike?", conversation)
    assert told.tool_calls[0].args == {"group": str(critical)}
    assert "speak coldly of" in told.answer
    assert "talk about" not in told.answer
    assert "speak warmly of" not in told.answer
    content = next(group for group, own in kinds.items() if "dislike" not in own)
    none = answer(plain, f"What does group {content} dislike?", uuid4().hex)
    assert f"nothing that clearly more users of group {content}" in none.answer


def test_whether_a_group_can_be_relied_on_is_told(
    plain: Assistant, sample_tribune: Tribune, conversation: str
) -> None:
    card = sample_tribune.cards[1]
    answer(plain, "Show me reviews about soup", conversation)
    told = answer(plain, f"Can I rely on group {card.id}?", conversation)
    assert f"stable enough to act on (trust {card.trust:.2f})" in told.answer


def test_a_question_on_a_group_after_one_on_a_user_is_of_the_group(
    plain: Assistant, sample_tribune: Tribune, conversation: str
) -> None:
    user = sample_tribune.user_ids[3]
    answer(plain, f"Tell me about user {user}", conversation)
    told = answer(plain, "what about group 9?", conversation)
    assert (told.tool_calls[0].name, told.tool_calls[0].args) == ("describe_group", {"group": "9"})
