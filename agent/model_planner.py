"""A chat model as planner: it sees the question, the conversation and the tools' schemas only."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent import prompts, replies
from agent.facts import ToolCall
from agent.planner import Call, Chooser, Plan, Turn
from agent.toolbox import check_arguments, describe_tools
from tools.errors import CallError, InputError, ModelError

# Who chose, at the first try and at the second.
PLANNERS: tuple[Chooser, Chooser] = ("model", "model again")
MAX_TOKENS = 600  # a message to be answered comes back as an argument
FELL_BACK = "Tribune’s own planner chose the tool."
FREE_TEXT = ("topic", "query", "message")
NAMED = ("group", "first", "second", "user", "item")


class ModelPlanner:
    """A chat model that plans itself, as `hf:` and `openai:` models do."""

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def plan(
        self, question: str, turns: Sequence[Turn], encoded: Plan, cancel: threading.Event
    ) -> Plan:
        """The model's call; told what is wrong with it, it may try once more; then, or where it
        calls nothing, the encoder's plan holds. Where the two choose different tools, the user is
        asked which is meant.
        """
        fault = ""
        for planner in PLANNERS:
            try:
                call = self._call(question, turns, (), cancel, fault)
            except (CallError, InputError) as error:
                fault = str(error)
                continue
            except ModelError as error:
                return replace(encoded, note=f"{error} {FELL_BACK}")
            return encoded if call is None else _weigh(call, encoded, planner)
        return replace(encoded, note=f"The model gave no call that could be made. {FELL_BACK}")

    def go_on(
        self,
        question: str,
        turns: Sequence[Turn],
        done: Sequence[tuple[ToolCall, str]],
        cancel: threading.Event,
    ) -> Plan | None:
        """The next call after those done, each with a result in words of ours, or None."""
        try:
            call = self._call(question, turns, done, cancel)
        except (ModelError, InputError):
            return None
        if call is None or any(call.tool == c.name and call.args == c.args for c, _ in done):
            return None
        return Plan(call.tool, call.args, 0.0, [], None, "model")

    def _call(
        self,
        question: str,
        turns: Sequence[Turn],
        done: Sequence[tuple[ToolCall, str]],
        cancel: threading.Event,
        fault: str = "",
    ) -> Call | None:
        """Raises: CallError or InputError for a call that cannot be made; `fault` tells the model
        of the one before.
        """
        model = self._model.bind_tools(describe_tools()).bind(cancel=cancel, max_tokens=MAX_TOKENS)
        told = f"{question}\n\n{prompts.AGAIN.format(fault=fault)}" if fault else question
        reply = model.invoke(tell_question(told, turns, done))
        if reply.invalid_tool_calls:
            raise CallError("The arguments were no JSON.")
        calls = reply.tool_calls
        if not calls:
            return None
        args = {k: v for k, v in calls[0]["args"].items() if v not in (None, "")}
        check_arguments(calls[0]["name"], args)
        if not _is_grounded(args, question, turns, done):
            raise InputError("A topic, group or id must be made of the question's own words.")
        return Call(calls[0]["name"], args)


def _weigh(call: Call, encoded: Plan, planner: Chooser) -> Plan:
    """The model's call with the probability that the encoder gives to its tool."""
    confidence = dict(encoded.alternatives).get(call.tool, 0.0)
    if encoded.tool not in (None, call.tool):
        choices = (call, Call(str(encoded.tool), encoded.args))
        return Plan(None, {}, confidence, encoded.alternatives, replies.WHICH, planner, choices)
    return Plan(call.tool, call.args, confidence, encoded.alternatives, None, planner)


def _is_grounded(
    args: dict[str, object],
    question: str,
    turns: Sequence[Turn],
    done: Sequence[tuple[ToolCall, str]],
) -> bool:
    """Whether every free text is made of words that the user typed, now or before, and every group
    and id of these or of words in the results so far, which are ours.
    """
    typed = _list_words(" ".join([question, *(f"{t.question} {t.args}" for t in turns)]))
    told = typed | _list_words(" ".join(result for _, result in done))
    for key, value in args.items():
        words = _list_words(str(value))
        if key in FREE_TEXT and not (words and words <= typed):
            return False
        if key in NAMED and not (words and words <= told):
            return False
    return True


def _list_words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def tell_question(
    question: str,
    turns: Sequence[Turn],
    done: Sequence[tuple[ToolCall, str]] = (),
) -> list[BaseMessage]:
    """What a planning model is told: the last two turns, the question, the calls done for it."""
    messages: list[BaseMessage] = [SystemMessage(prompts.CHOOSE)]
    for place, turn in enumerate(turns[-2:]):
        messages.append(HumanMessage(turn.question))
        if not turn.tool:  # templates want the roles to alternate
            messages.append(AIMessage("No tool."))
        else:
            call = {"name": turn.tool, "args": dict(turn.args), "id": f"turn-{place}"}
            messages.append(AIMessage("", tool_calls=[call]))
            messages.append(ToolMessage("done", tool_call_id=f"turn-{place}"))
    messages.append(HumanMessage(question))
    for place, (made, result) in enumerate(done):
        call = {"name": made.name, "args": dict(made.args), "id": f"call-{place}"}
        messages.append(AIMessage("", tool_calls=[call]))
        messages.append(ToolMessage(result, tool_call_id=f"call-{place}"))
    return messages
