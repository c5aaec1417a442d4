"""A chat model as planner: it sees the question, the conversation and the tools' schemas only."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent import prompts
from agent.facts import ToolCall
from agent.planner import Plan, Turn
from agent.toolbox import check_arguments, describe_tools
from tools.errors import InputError, ModelError

FREE_TEXT = ("topic", "query", "message")


class ModelPlanner:
    """A chat model that plans alone: the choice of `hf:` and `openai:` models."""

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def plan(
        self, question: str, turns: Sequence[Turn], plan: Plan, cancel: threading.Event
    ) -> Plan:
        """For a model that plans alone: any offered tool, or none, in which case its words are not
        used: the encoder's reply is.
        """
        return self.go_on(question, turns, [], cancel) or Plan(
            None, {}, plan.confidence, plan.alternatives, plan.reply, "model"
        )

    def go_on(
        self,
        question: str,
        turns: Sequence[Turn],
        done: Sequence[tuple[ToolCall, str]],
        cancel: threading.Event,
    ) -> Plan | None:
        """The next call after those done, each with a result in words of ours, or None."""
        bound = self._model.bind_tools(describe_tools())
        fallback = Plan(None, {}, 0.0, [], None)
        found = self._read(bound.bind(cancel=cancel), question, turns, fallback, done)
        again = any(found.tool == c.name and found.args == c.args for c, _ in done)
        return found if found.tool and not again else None

    def _read(
        self,
        model: object,
        question: str,
        turns: Sequence[Turn],
        plan: Plan,
        done: Sequence[tuple[ToolCall, str]],
    ) -> Plan:
        try:
            reply = model.invoke(tell_question(question, turns, done))  # type: ignore[attr-defined]
            calls = reply.tool_calls
            if not calls:
                return plan
            args = {k: v for k, v in calls[0]["args"].items() if v not in (None, "")}
            check_arguments(calls[0]["name"], args)
        except (ModelError, InputError):
            return plan
        if not _is_grounded(args, question, turns):
            return plan
        return Plan(calls[0]["name"], args, plan.confidence, plan.alternatives, None, "model")


def _is_grounded(args: dict[str, object], question: str, turns: Sequence[Turn]) -> bool:
    """Whether every free text, group and id is made of words that the user typed or saw."""
    said = " ".join([question, *(t.question + " " + str(t.args) for t in turns)]).casefold()
    for key, value in args.items():
        if key in FREE_TEXT or key in ("group", "first", "second", "user", "item"):
            words = re.findall(r"[^\W_]+", str(value).casefold())
            if not words or any(word not in said for word in words):
                return False
    return True


def tell_question(
    question: str,
    turns: Sequence[Turn],
    done: Sequence[tuple[ToolCall, str]] = (),
) -> list[BaseMessage]:
    """What a planning model is told: the last two turns, the question, the calls done for it."""
    messages: list[BaseMessage] = [SystemMessage(prompts.CHOOSE)]
    for place, turn in enumerate(turns[-2:]):
        messages.append(HumanMessage(turn.question))
        if turn.tool:
            call = {"name": turn.tool, "args": dict(turn.args), "id": f"turn-{place}"}
            messages.append(AIMessage("", tool_calls=[call]))
            messages.append(ToolMessage("done", tool_call_id=f"turn-{place}"))
    messages.append(HumanMessage(question))
    for place, (made, result) in enumerate(done):
        call = {"name": made.name, "args": dict(made.args), "id": f"call-{place}"}
        messages.append(AIMessage("", tool_calls=[call]))
        messages.append(ToolMessage(result, tool_call_id=f"call-{place}"))
    return messages
