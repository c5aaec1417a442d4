"""Answers a prompt token by token: one loaded model on one thread of its own.

The engine (transformers or llama.cpp) reads tokens and gives logits; what pays on a small machine
and needs the loop in hand is here: grammars, cancelling, and drafts. What the grammar forces, or
what followed the last two tokens before, is tried several tokens at a time; a draft counts only
where the model picks the same, so answers do not change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Protocol

import torch
import xgrammar
from transformers import PreTrainedTokenizerBase

from agent.chat_models.relay import relay
from tools.errors import ModelError

LONGEST_DRAFT = 5
LONGEST_FORCED = 64


class Engine(Protocol):
    """A loaded model that remembers what it has read.

    vocabulary_size: width of its logits; context: tokens it reads at most; stop_ids: tokens that
    end an answer; rewinds: whether it can forget its last tokens again, which drafts need.
    """

    tokenizer: PreTrainedTokenizerBase
    vocabulary_size: int
    context: int
    stop_ids: frozenset[int]
    rewinds: bool

    def recall(self, prompt: Sequence[int]) -> int:
        """Begin a prompt; how many of its first tokens are remembered from one before."""
        ...

    def read(self, tokens: Sequence[int], keep: int, check: Callable[[], None]) -> torch.Tensor:
        """Read on; logits after the last `keep` of `tokens`: float32, (keep, vocabulary_size).

        `check` is called every few hundred tokens and may raise Cancelled.
        """
        ...

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens read."""
        ...

    def keep(self, ids: Sequence[int]) -> None:
        """Remember `ids`, which were read, for prompts to come."""
        ...


@dataclass(frozen=True)
class GenerationSettings:
    """How an answer is decoded.

    `temperature` 0 is greedy; above it, `seed` makes the draw repeatable. `repetition_penalty`
    weakens tokens that the answer already holds, not those of the prompt: its names and numbers
    must come back as they are.
    """

    max_new_tokens: int = 160
    temperature: float = 0.0
    repetition_penalty: float = 1.05
    seed: int = 0


class Decoder:
    """An engine and the one thread it runs on, first come, first served."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tokenizer = engine.tokenizer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chat-model")

    def stream(
        self,
        prompt: Sequence[int],
        settings: GenerationSettings,
        matcher: xgrammar.GrammarMatcher | None = None,
        cancel: threading.Event | None = None,
    ) -> Generator[int]:
        """Yield the answer's token ids as they are decided, without the one that ends it.

        Closing the generator stops the work too.

        Raises:
            Cancelled: `cancel` was set, within 0.1 s, whatever the thread is busy with.
            ModelError: the prompt leaves no room for an answer.
        """
        room = self.engine.context - len(prompt)
        if room < settings.max_new_tokens:
            raise ModelError(
                f"The model reads at most {self.engine.context} tokens; the question with its "
                f"facts has {len(prompt)} and the answer may take {settings.max_new_tokens}. "
                "Ask for less at once or start a new conversation."
            )
        decode = torch.inference_mode()(self._decode)
        yield from relay(self._thread, partial(decode, prompt, settings, matcher), cancel)

    def _decode(
        self,
        prompt: Sequence[int],
        settings: GenerationSettings,
        matcher: xgrammar.GrammarMatcher | None,
        emit: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        engine = self.engine
        ids = list(prompt)
        read = engine.recall(ids)
        chooser = _Chooser(settings, matcher)
        drafter = _Drafter(self.tokenizer, matcher)
        draft: list[int] = []
        while True:
            rows = engine.read(ids[read:] + draft, len(draft) + 1, check)
            for row, guess in zip_longest(rows, draft):
                token = chooser.pick(row)
                ids.append(token)
                if token not in engine.stop_ids:
                    emit(token)
                done = (
                    token in engine.stop_ids
                    or chooser.finished
                    or len(ids) - len(prompt) == settings.max_new_tokens
                )
                if done or token != guess:
                    break
            read = len(ids) - 1
            if engine.rewinds:
                engine.rewind(read)
            if done:
                break
            if engine.rewinds:
                draft = drafter.guess(ids)[: engine.context - len(ids)]
        engine.keep(ids[:read])


class _Chooser:
    """Picks the next token from its logits, as the settings and the grammar want it."""

    def __init__(
        self, settings: GenerationSettings, matcher: xgrammar.GrammarMatcher | None
    ) -> None:
        self.settings = settings
        self.matcher = matcher
        self.chosen: set[int] = set()
        self.random = torch.Generator().manual_seed(settings.seed)

    @property
    def finished(self) -> bool:
        return self.matcher is not None and self.matcher.is_terminated()

    def pick(self, logits: torch.Tensor) -> int:
        seen, penalty = (
            torch.tensor(sorted(self.chosen), dtype=torch.long),
            self.settings.repetition_penalty,
        )
        logits[seen] = torch.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
        if self.matcher is not None:
            allowed = xgrammar.allocate_token_bitmask(1, logits.shape[-1])
            self.matcher.fill_next_token_bitmask(allowed)
            xgrammar.apply_token_bitmask_inplace(logits[None], allowed)
        if self.settings.temperature > 0:
            odds = torch.softmax(logits / self.settings.temperature, dim=-1)
            token = int(torch.multinomial(odds, 1, generator=self.random))
        else:
            token = int(logits.argmax())
        self.chosen.add(token)
        if self.matcher is not None:
            self.matcher.accept_token(token)
        return token


class _Drafter:
    """Guesses the tokens to come: what the grammar forces, else what followed the same two before.

    The second is prompt lookup decoding: answers about facts repeat the names and numbers of their
    prompt.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, matcher: xgrammar.GrammarMatcher | None
    ) -> None:
        self.tokenizer = tokenizer
        self.matcher = matcher
        self.after: dict[tuple[int, int], int] = {}
        self.indexed = 1

    def guess(self, ids: list[int]) -> list[int]:
        if self.matcher is not None and (forced := self.matcher.find_jump_forward_string()):
            return list(self.tokenizer.encode(forced, add_special_tokens=False))[:LONGEST_FORCED]
        for end in range(self.indexed, len(ids) - 1):
            self.after[ids[end - 1], ids[end]] = end + 1
        self.indexed = max(self.indexed, len(ids) - 1)
        start = self.after.get((ids[-2], ids[-1]))
        return ids[start : start + LONGEST_DRAFT] if start else []
