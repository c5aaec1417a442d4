"""Who plans: the encoder, or a chat model beside it."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event
from typing import Protocol

from langchain_core.language_models import BaseChatModel

from agent.conversation import Turn
from agent.model_planner import ModelPlanner
from agent.planner import EncoderPlanner, Plan


class Planner(Protocol):
    """What can plan a question. Raises: Cancelled if `cancel` is set."""

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan: ...


def choose_planner(encoder: EncoderPlanner, model: BaseChatModel | None) -> Planner:
    """The encoder, unless there is a model that plans."""
    return _Encoder(encoder) if model is None else _Model(encoder, ModelPlanner(model))


class _Encoder:
    def __init__(self, encoder: EncoderPlanner) -> None:
        self._encoder = encoder

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        return self._encoder.plan(question, history)


class _Model:
    def __init__(self, encoder: EncoderPlanner, model: ModelPlanner) -> None:
        self._encoder, self._model = encoder, model

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        if refusal := self._encoder.refuse(question):
            return refusal
        encoded = self._encoder.plan(question, history)
        return self._model.plan(question, history, encoded, cancel or Event())
