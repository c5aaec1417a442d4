"""A chat model behind an OpenAI-compatible service, used as the local one is."""

import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from openai import OpenAIError

from tools.errors import Cancelled, ModelError


class ServiceChat(ChatOpenAI):
    """`ChatOpenAI` that takes a `cancel` event by `bind`, and fails in one sentence.

    The event is looked at ten times a second, whether a piece of the answer arrives or not.
    """

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        cancel: threading.Event | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Raises: Cancelled, or ModelError where the service cannot be reached or refuses."""
        pieces: SimpleQueue[ChatGenerationChunk | Exception | None] = SimpleQueue()
        closed = threading.Event()

        def receive() -> None:
            try:
                for chunk in super(ServiceChat, self)._stream(
                    messages, stop, run_manager, **kwargs
                ):
                    if closed.is_set():
                        return
                    pieces.put(chunk)
                pieces.put(None)
            except Exception as error:  # noqa: BLE001  (raised where it is waited for)
                pieces.put(error)

        threading.Thread(target=receive, name="chat-service", daemon=True).start()
        try:
            while (piece := _wait(pieces, cancel)) is not None:
                if isinstance(piece, OpenAIError):
                    raise ModelError(
                        f"The model {self.model_name} at {self.openai_api_base} does not answer "
                        f"({piece}). Check that the service runs, the model's name and "
                        "OPENAI_API_KEY."
                    ) from piece
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            closed.set()


def _wait(
    pieces: "SimpleQueue[ChatGenerationChunk | Exception | None]", cancel: threading.Event | None
) -> ChatGenerationChunk | Exception | None:
    """Raises: Cancelled as soon as `cancel` is set."""
    while True:
        if cancel is not None and cancel.is_set():
            raise Cancelled("The answer was stopped.")
        try:
            return pieces.get(timeout=0.1)
        except Empty:
            continue
