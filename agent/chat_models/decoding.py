"""Answers a prompt token by token: one loaded model on one thread of its own.

Transformers' `generate()` is left aside for what pays on a small machine and needs the loop in hand
(figures: SmolLM2-135M on two AVX2 cores):

- half-precision weights on processors without bfloat16 (`halve_linears`);
- keys and values of earlier prompts, reused as far as the new prompt starts the same;
- drafts: what the grammar forces, or what followed the last two tokens before, is tried several
  tokens at a time. A draft counts only where the model picks the same, so answers do not change.
"""

import copy
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from pathlib import Path
from queue import Empty, SimpleQueue

import torch
import xgrammar
from threadpoolctl import ThreadpoolController
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import DynamicLayer

from tools.errors import Cancelled, ModelError

PROMPTS_KEPT = 4
SHORTEST_PREFIX = 32
PREFILL_CHUNK = 256  # tokens between two looks at `cancel`: under a second on two cores
LONGEST_DRAFT = 5


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
    """A model, its tokenizer and the one thread they run on, first come, first served."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model
        self.tokenizer = tokenizer
        config = model.config.get_text_config(decoder=True)
        self.vocabulary_size: int = config.vocab_size
        self.context: int = getattr(config, "max_position_embeddings", 4096)
        self.stop_ids = _stop_ids(model, tokenizer)
        self._prompts: deque[tuple[list[int], DynamicCache]] = deque(maxlen=PROMPTS_KEPT)
        self._cores = ThreadpoolController().select(user_api="openmp")
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
        room = self.context - len(prompt)
        if room < settings.max_new_tokens:
            raise ModelError(
                f"The model reads at most {self.context} tokens; the question with its facts has "
                f"{len(prompt)} and the answer may take {settings.max_new_tokens}. "
                "Ask for less at once or start a new conversation."
            )
        closed = threading.Event()
        cancel = cancel or threading.Event()
        tokens: SimpleQueue[int | None] = SimpleQueue()

        def check() -> None:
            if closed.is_set() or cancel.is_set():
                raise Cancelled("The answer was stopped.")

        decode = torch.inference_mode()(self._decode)
        job = self._thread.submit(decode, prompt, settings, matcher, tokens.put, check)
        job.add_done_callback(lambda _: tokens.put(None))
        try:
            while (token := _wait(tokens, check)) is not None:
                yield token
            job.result()
        finally:
            closed.set()
            job.cancel()

    def _decode(
        self,
        prompt: Sequence[int],
        settings: GenerationSettings,
        matcher: xgrammar.GrammarMatcher | None,
        emit: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        ids = list(prompt)
        cache = self._recall(ids)
        rewinds = all(type(layer) is DynamicLayer for layer in cache.layers)
        chooser = _Chooser(settings, matcher)
        drafter = _Drafter(self.tokenizer, matcher)
        draft: list[int] = []
        while True:
            rows = self._forward(
                ids[cache.get_seq_length() :] + draft, len(draft) + 1, cache, check
            )
            for row, guess in zip_longest(rows, draft):
                token = chooser.pick(row)
                ids.append(token)
                if token not in self.stop_ids:
                    emit(token)
                done = (
                    token in self.stop_ids
                    or chooser.finished
                    or len(ids) - len(prompt) == settings.max_new_tokens
                )
                if done or token != guess:
                    break
            if rewinds:
                cache.crop(len(ids) - 1 - cache.get_seq_length())
            if done:
                break
            if rewinds:
                draft = drafter.guess(ids)
        if rewinds:
            self._prompts.append((ids[:-1], cache))

    def _forward(
        self, tokens: list[int], keep: int, cache: DynamicCache, check: Callable[[], None]
    ) -> torch.Tensor:
        """Logits after the last `keep` of `tokens`: float32, on the CPU, (keep, vocabulary)."""
        for start in range(0, len(tokens), PREFILL_CHUNK):
            check()
            chunk = torch.tensor([tokens[start : start + PREFILL_CHUNK]], device=self.model.device)
            with self._cores.limit(limits=_count_cores(reading=chunk.shape[1] >= 64)):
                logits = self.model(
                    input_ids=chunk, past_key_values=cache, use_cache=True, logits_to_keep=keep
                ).logits
        last: torch.Tensor = logits[0, -keep:]
        return last.float().cpu()

    def _recall(self, prompt: list[int]) -> DynamicCache:
        """The cache of the kept prompt that starts most like `prompt`, cut to what they share.

        At least one token of the prompt is left to read. A kept prompt that shares more than half
        of itself is replaced by the new one; another (the same instructions, other facts) stays.
        """
        shared, index = max(
            ((_count_shared(ids, prompt[:-1]), i) for i, (ids, _) in enumerate(self._prompts)),
            default=(0, -1),
        )
        if shared < SHORTEST_PREFIX:
            return DynamicCache(config=self.model.config)
        ids, kept = self._prompts[index]
        cache = copy.deepcopy(kept)
        cache.crop(shared - len(ids))
        if 2 * shared > len(ids):
            del self._prompts[index]
        return cache


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
            return list(self.tokenizer.encode(forced, add_special_tokens=False))
        for end in range(self.indexed, len(ids) - 1):
            self.after[ids[end - 1], ids[end]] = end + 1
        self.indexed = max(self.indexed, len(ids) - 1)
        start = self.after.get((ids[-2], ids[-1]))
        return ids[start : start + LONGEST_DRAFT] if start else []


class HalfLinear(torch.nn.Module):  # type: ignore[misc]
    """`torch.nn.Linear` for float32 inputs whose weights are kept in float16."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        self.packed = torch.ops.quantized.linear_prepack_fp16(linear.weight.detach(), linear.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = torch.ops.quantized.linear_dynamic_fp16(x, self.packed)
        return y


def halve_linears(model: torch.nn.Module) -> None:
    """Keep the linear layers' weights in float16, and go on computing in float32.

    Decoding waits for weights to come from memory, so half the bytes are nearly half the time:
    SmolLM2 on one AVX2 core takes 36 ms a token for 50, and 48 for 88 when it tries four at once.
    The same tokens win (KL 3e-6). 8-bit weights are 15% faster still, but they agree on only
    43% of next tokens, and are not used.
    """
    for name, child in model.named_children():
        if type(child) is torch.nn.Linear:
            setattr(model, name, HalfLinear(child))
        else:
            halve_linears(child)


def _count_cores(reading: bool) -> int:
    """How many threads to compute with, `reading` much of a prompt or writing an answer.

    Writing waits for memory and takes half the cores: a second thread gains a sixth, but where
    something else runs, each of 210 layers waits up to 8 ms for it (3 to 20 times slower).
    Reading computes, and takes every core that nothing else is using at this moment.
    """
    usable: int = torch.get_num_threads()
    half = max(1, usable // 2)
    running = Path("/proc/loadavg")
    if not reading or not running.exists():
        return half
    others = int(running.read_text().split()[3].split("/")[0]) - 1
    return max(half, min(usable, (os.cpu_count() or 1) - others))


def _wait(tokens: "SimpleQueue[int | None]", check: Callable[[], None]) -> int | None:
    while True:
        try:
            return tokens.get(timeout=0.1)
        except Empty:
            check()


def _count_shared(first: Sequence[int], second: Sequence[int]) -> int:
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _stop_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    ends = model.generation_config.eos_token_id if model.generation_config else None
    ends = ends if isinstance(ends, list) else [ends]
    return frozenset(end for end in [*ends, tokenizer.eos_token_id] if end is not None)
