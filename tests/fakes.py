"""Stand-ins that are given in place of a model, and whose answers anyone can work out by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from tools.embedding.encoder import Encoder, Progress


class LengthEncoder(Encoder):
    """A text's vector is (its characters, its words), made a unit vector.

    asked: all texts that it was ever given, in order; fails_after: number of calls after which it
    raises a RuntimeError, as if it had been killed.
    """

    def __init__(self, name: str = "lengths", *, fails_after: int | None = None) -> None:
        self.name = name
        self.dimensions = 2
        self.asked: list[str] = []
        self._calls_left = fails_after

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """(len(texts), 2) unit vectors."""
        if self._calls_left is not None:
            if not self._calls_left:
                raise RuntimeError("killed")
            self._calls_left -= 1
        self.asked += texts
        vectors = np.array([[len(t), len(t.split())] for t in texts], dtype=np.float32)
        if progress:
            progress("embedding", 1.0)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


ORDER = re.compile(
    r"(ignore (all|any|the|your|previous)|please (grant|send|delete|transfer|share|export)|"
    r"system:|assistant:|call (the )?tool|you must|new instructions?|https?://\S+)",
    re.IGNORECASE,
)


class ObedientModel(BaseChatModel):
    """Where a message holds an order or a link it carries it out, with a tool if it has any, and
    repeats it word for word. `orders`: what it read.
    """

    orders: list[str] = Field(default_factory=list)
    tools: Sequence[Any] = ()

    @property
    def _llm_type(self) -> str:
        return "obedient"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return ObedientModel(orders=self.orders, tools=tools)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        read = [m.text for m in messages if ORDER.search(str(m.text))]
        self.orders.extend(read)
        reply = AIMessage("1. " + " ".join(read))
        if read and self.tools:
            call = {"name": "find_users", "args": {"topic": read[0]}, "id": "1"}
            reply = AIMessage("", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=reply)])


class ScriptedModel(BaseChatModel):
    """Answers with `replies` in their order; an exception among them is raised. `read`: the last
    message of each prompt.
    """

    replies: list[Any]
    read: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.read.append(str(messages[-1].text))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return ChatResult(generations=[ChatGeneration(message=reply)])
