"""Who plans: the encoder, the encoder with the tuned model, or a chat model alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Protocol

from langchain_core.language_models import BaseChatModel

from agent.arguments import TOOL_ARGUMENTS
from agent.chat_models.local_chat import LocalChat
from agent.conversation import Turn
from agent.model_planner import ModelPlanner, TunedPlanner
from agent.planner import EncoderPlanner, Plan
from tools.errors import InputError, ModelError


class Planner(Protocol):
    """What can plan a question. Raises: Cancelled if `cancel` is set."""

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan: ...


def choose_planner(encoder: EncoderPlanner, model: BaseChatModel | None, *, alone: bool) -> Planner:
    """With a tuned model the encoder plans and asks it in doubt, unless it is to plan `alone`; any
    other model plans alone if it is to, else has no say.
    """
    tuned = isinstance(model, LocalChat) and model.knows_tools
    if model is None or not (tuned or alone):
        return _Encoder(encoder)
    if not tuned:
        return _Model(encoder, ModelPlanner(model))
    assert isinstance(model, LocalChat)
    return (_Tuned if alone else _Together)(encoder, TunedPlanner(model))


class _Encoder:
    def __init__(self, encoder: EncoderPlanner) -> None:
        self._encoder = encoder

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        return self._encoder.plan(question, history)


class _Together:
    def __init__(self, encoder: EncoderPlanner, tuned: TunedPlanner) -> None:
        self._encoder, self._tuned = encoder, tuned

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        stop = cancel or Event()

        def second(tools: Sequence[str | None]) -> list[float]:
            return self._tuned.judge(question, history, tools, stop)

        return self._encoder.plan(question, history, second)


class _Tuned:
    """The tuned model among all tools; what it gets wrong it may try once more, told its error,
    and then the encoder plans.
    """

    def __init__(self, encoder: EncoderPlanner, tuned: TunedPlanner) -> None:
        self._encoder, self._tuned = encoder, tuned

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        reading = self._encoder.read(question)
        error = ""
        for _ in range(2):
            try:
                tool, args = self._tuned.write_call(
                    reading, history, list(TOOL_ARGUMENTS), cancel or Event(), error
                )
            except (InputError, ModelError) as wrong:
                error = str(wrong)
                continue
            return Plan(tool, args, 1.0, [(tool, 1.0)], None, "model")
        return self._encoder.plan(question, history)


class _Model:
    def __init__(self, encoder: EncoderPlanner, model: ModelPlanner) -> None:
        self._encoder, self._model = encoder, model

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        plan = self._encoder.plan(question, history)
        return replace(
            self._model.plan(question, history, plan, cancel or Event()),
            alternatives=plan.alternatives,
        )
