"""Who plans: the encoder, or a chat model alone."""

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
    """The encoder, unless a model is to plan `alone`: one tuned on our tools by its own prompt, any
    other by its template for tools.
    """
    if model is None or not alone:
        return _Encoder(encoder)
    if isinstance(model, LocalChat) and model.knows_tools:
        return _Tuned(encoder, TunedPlanner(model))
    return _Model(encoder, ModelPlanner(model))


class _Encoder:
    def __init__(self, encoder: EncoderPlanner) -> None:
        self._encoder = encoder

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        return self._encoder.plan(question, history)


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
