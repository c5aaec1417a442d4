"""A transformers model behind LangChain's chat interface: streaming, tool calls, cancel."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, cast

import xgrammar
from jinja2 import TemplateError
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field, PrivateAttr
from transformers import PreTrainedTokenizerBase

from agent.chat_models.decoding import Decoder, GenerationSettings
from agent.chat_models.tool_calls import (
    CLOSING,
    OPENING,
    compile_grammar,
    describe_tools,
    read_call,
    read_schemas,
    write_call,
)
from tools.errors import InputError, ModelError

Tool = dict[str, Any] | type | Callable[..., Any] | BaseTool


class LocalChat(BaseChatModel):
    """A chat model that runs in this process.

    Per call, by `bind` or as keywords: `cancel` (a threading.Event; setting it raises Cancelled
    from the stream), `max_tokens`, `temperature`, `seed`, `stop`. Other keywords, which only
    services know, are passed over.

    `bind_tools` with `tool_choice` "any" or a tool's name makes the answer exactly one call, held
    to the tools' schemas by a grammar. With None or "auto" the model may answer in text or with a
    call; small models then nearly always answer in text. Calls from one model are answered one at
    a time, in the order they came.

    tuned: whether the model has learned to word answers, so that prompts need not show how.
    """

    model_name: str
    decoder: Decoder = Field(exclude=True, repr=False)
    tuned: bool = False
    settings: GenerationSettings = GenerationSettings()
    _compiler: xgrammar.GrammarCompiler | None = PrivateAttr(default=None)
    _grammars: dict[str, xgrammar.CompiledGrammar] = PrivateAttr(default_factory=dict)

    @property
    def _llm_type(self) -> str:
        return "tribune-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model_name}

    def bind_tools(
        self, tools: Sequence[Tool], *, tool_choice: Any = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind `tools`; `tool_choice` as in the class's docstring, or OpenAI's dictionary form.

        Raises:
            InputError: `tool_choice` names none of the tools.
        """
        described = [convert_to_openai_tool(tool) for tool in tools]
        chosen = _read_choice(tool_choice, [tool["function"]["name"] for tool in described])
        return self.bind(tools=described, tool_choice=chosen, **kwargs)

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
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: str | None = None,
        cancel: threading.Event | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Raises: Cancelled, or ModelError for a prompt too long or a call that breaks off."""
        forced = tool_choice not in (None, "auto")
        settings = GenerationSettings(
            max_new_tokens=self.settings.max_new_tokens if max_tokens is None else max_tokens,
            temperature=self.settings.temperature if temperature is None else temperature,
            # A call repeats its quotes and commas by right.
            repetition_penalty=1.0 if forced else self.settings.repetition_penalty,
            seed=self.settings.seed if seed is None else seed,
        )
        prompt = self.encode(messages, tools)
        matcher = self._match(tools, tool_choice) if tools else None
        answer = _Answer(self.decoder.tokenizer, stops=stop or [], tagged=bool(tools))
        with closing(self.decoder.stream(prompt, settings, matcher, cancel)) as tokens:
            for token in tokens:
                piece = answer.add(token)
                if piece and not forced:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
                if answer.stopped:
                    break
        if not forced and (rest := answer.finish()):
            yield ChatGenerationChunk(message=AIMessageChunk(content=rest))
        written = answer.text if forced else answer.call
        if written is not None:
            yield _call_chunk(written, read_schemas(tools))
        cut_off = len(answer.ids) >= settings.max_new_tokens
        reason = "tool_calls" if written is not None else "length" if cut_off else "stop"
        yield self._last_chunk(len(prompt), len(answer.ids), reason)

    def encode(
        self, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]] = ()
    ) -> list[int]:
        """The prompt's tokens. Control tokens that stand in a message's text stay text."""
        try:
            return write_prompt(self.decoder.tokenizer, messages, tools)
        except (TemplateError, ValueError) as error:
            raise ModelError(
                f"The chat template of {self.model_name} cannot write this conversation ({error}). "
                "Choose a model made for chat."
            ) from error

    def _match(
        self, tools: Sequence[dict[str, Any]], tool_choice: str | None
    ) -> xgrammar.GrammarMatcher:
        """A fresh matcher over the tools' grammar, which is compiled once per set and choice."""
        forced = tool_choice not in (None, "auto")
        key = json.dumps([tools, tool_choice], sort_keys=True, default=str)
        if key not in self._grammars:
            if self._compiler is None:
                self._compiler = xgrammar.GrammarCompiler(self._vocabulary())
            schemas = read_schemas(tools)
            if tool_choice in schemas:
                schemas = {tool_choice: schemas[tool_choice]}
            self._grammars[key] = compile_grammar(self._compiler, schemas, forced=forced)
        return xgrammar.GrammarMatcher(self._grammars[key], terminate_without_stop_token=forced)

    def _vocabulary(self) -> xgrammar.TokenizerInfo:
        return xgrammar.TokenizerInfo.from_huggingface(
            self.decoder.tokenizer,
            vocab_size=self.decoder.engine.vocabulary_size,
            stop_token_ids=sorted(self.decoder.engine.stop_ids),
        )

    def _last_chunk(self, read: int, written: int, reason: str) -> ChatGenerationChunk:
        message = AIMessageChunk(
            content="",
            chunk_position="last",
            usage_metadata={
                "input_tokens": read,
                "output_tokens": written,
                "total_tokens": read + written,
            },
            response_metadata={"finish_reason": reason, "model_name": self.model_name},
        )
        return ChatGenerationChunk(message=message)


class _Answer:
    """An answer's tokens as text that can be shown: whole characters, nothing past a stop.

    What could be the start of a stop sequence or of a tagged call is held back until it is clear.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, stops: Sequence[str], tagged: bool
    ) -> None:
        self.tokenizer = tokenizer
        self.stops = [stop for stop in stops if stop]
        self.marks = [*self.stops, OPENING] if tagged else self.stops
        self.ids: list[int] = []
        self.text = ""
        self.sent = 0
        self.end: int | None = None
        self.stopped = False

    def add(self, token: int) -> str:
        self.ids.append(token)
        self.text = str(self.tokenizer.decode(self.ids, skip_special_tokens=True))
        if self.end is None:
            found = [(at, mark) for mark in self.marks if (at := self.text.find(mark)) >= 0]
            if found:
                self.end, mark = min(found)
                self.stopped = mark in self.stops
        return self._release(self._settled())

    def finish(self) -> str:
        """What was held back, once no more tokens come."""
        return self._release(len(self.text) if self.end is None else self.end)

    @property
    def call(self) -> str | None:
        """What stands between the tags of a call, if there is one."""
        if self.end is None or self.stopped:
            return None
        return self.text[self.end + len(OPENING) :].strip().removesuffix(CLOSING)

    def _settled(self) -> int:
        if self.end is not None:
            return self.end
        if self.text.endswith("\ufffd"):  # a character whose other bytes are still to come
            return self.sent
        longest = max((len(mark) for mark in self.marks), default=1) - 1
        for length in range(min(longest, len(self.text)), 0, -1):
            if any(mark.startswith(self.text[-length:]) for mark in self.marks):
                return len(self.text) - length
        return len(self.text)

    def _release(self, end: int) -> str:
        piece = self.text[self.sent : end]
        self.sent = max(self.sent, end)
        return piece


def write_prompt(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[BaseMessage],
    tools: Sequence[dict[str, Any]] = (),
) -> list[int]:
    """The tokens of a conversation up to where the model answers, by the tokenizer's template.

    Raises: TemplateError or ValueError for what the template cannot write.
    """
    template = tokenizer.chat_template or ""
    takes_tools = "tools" in template and OPENING in template
    chat = [_write_message(message, takes_tools) for message in messages]
    if tools and not takes_tools:
        _add_instructions(chat, describe_tools(tools))
    ids = tokenizer.apply_chat_template(
        chat,
        tools=list(tools) if tools and takes_tools else None,
        add_generation_prompt=True,
        return_dict=False,
        sanitize_control_tokens=True,
        enable_thinking=False,  # Qwen 3 and its kin would think aloud first
    )
    return cast(list[int], ids)


def _call_chunk(written: str, schemas: dict[str, Any]) -> ChatGenerationChunk:
    call = read_call(written, schemas, f"call_{uuid.uuid4().hex}")
    chunk = tool_call_chunk(
        name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=0
    )
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[chunk]))


def _write_message(message: BaseMessage, takes_tools: bool) -> dict[str, Any]:
    """A message in the template's form; calls and results as text where it has no such roles."""
    text = str(message.text)
    match message:
        case SystemMessage():
            return {"role": "system", "content": text}
        case HumanMessage():
            return {"role": "user", "content": text}
        case AIMessage(tool_calls=calls) if calls and takes_tools:
            functions = [{"name": call["name"], "arguments": call["args"]} for call in calls]
            listed = [{"type": "function", "function": function} for function in functions]
            return {"role": "assistant", "content": text, "tool_calls": listed}
        case AIMessage(tool_calls=calls):
            parts = [text, *map(write_call, calls)] if calls else [text]
            return {"role": "assistant", "content": "\n".join(filter(None, parts))}
        case ToolMessage() if takes_tools:
            return {"role": "tool", "name": message.name, "content": text}
        case ToolMessage():
            return {"role": "user", "content": f"{message.name or 'The tool'} answered:\n{text}"}
        case _:
            raise InputError(f"The local model reads no messages of type {message.type}.")


def _add_instructions(chat: list[dict[str, Any]], instructions: str) -> None:
    """Put `instructions` at the end of the system message, which is made if there is none."""
    if not chat or chat[0]["role"] != "system":
        chat.insert(0, {"role": "system", "content": instructions})
    else:
        chat[0] = {**chat[0], "content": f"{chat[0]['content']}\n\n{instructions}"}


def _read_choice(choice: Any, names: list[str]) -> str | None:
    """None or "auto" as they are, "any" for any tool, or one tool's name."""
    if isinstance(choice, dict):
        choice = choice.get("function", {}).get("name")
    if choice is True or choice == "required":
        choice = "any"
    if choice is None or choice in ("auto", "any", *names):
        return None if choice is None else str(choice)
    raise InputError(f"tool_choice must be auto, any or one of {', '.join(names)}; got {choice!r}.")
