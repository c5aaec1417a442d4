"""A chat model behind an OpenAI-compatible service, used as the local one is."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from openai import OpenAIError

from agent.chat_models.relay import relay
from tools.errors import ModelError


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
        stream = super()._stream(messages, stop, run_manager, **kwargs)

        def receive(emit: Callable[[ChatGenerationChunk], None], check: Callable[[], None]) -> None:
            for chunk in stream:
                check()
                emit(chunk)

        thread = ThreadPoolExecutor(1, thread_name_prefix="chat-service")
        try:
            yield from relay(thread, receive, cancel)
        except OpenAIError as error:
            raise ModelError(
                f"The model {self.model_name} at {self.openai_api_base} does not answer ({error}). "
                "Check that the service runs, the model's name and OPENAI_API_KEY."
            ) from error
        finally:
            thread.shutdown(wait=False)
