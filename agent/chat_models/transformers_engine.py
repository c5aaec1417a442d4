"""A transformers model as an engine of the decoder."""

from __future__ import annotations

import copy
import os
from collections import deque
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

import torch
from threadpoolctl import ThreadpoolController
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import DynamicLayer

PROMPTS_KEPT = 4
SHORTEST_PREFIX = 32
PREFILL_CHUNK = 256  # tokens between two looks at `cancel`: under a second on two cores


class TransformersEngine:
    """Keys and values of up to four prompts are kept, and reused as far as a new prompt starts the
    same.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model
        self.tokenizer = tokenizer
        config = model.config.get_text_config(decoder=True)
        self.vocabulary_size: int = config.vocab_size
        self.context: int = getattr(config, "max_position_embeddings", 4096)
        self.stop_ids = _stop_ids(model, tokenizer)
        self.rewinds = True
        self._cache = DynamicCache(config=model.config)
        self._prompts: deque[tuple[list[int], DynamicCache]] = deque(maxlen=PROMPTS_KEPT)
        self._cores = ThreadpoolController().select(user_api="openmp")

    def recall(self, prompt: Sequence[int]) -> int:
        """Take up the kept prompt that starts most like `prompt`; how many tokens they share.

        At least one token of the prompt is left to read. A kept prompt that shares more than half
        of itself is replaced by the new one; another (the same instructions, other facts) stays.
        """
        shared, index = max(
            ((count_shared(ids, prompt[:-1]), i) for i, (ids, _) in enumerate(self._prompts)),
            default=(0, -1),
        )
        if shared < SHORTEST_PREFIX:
            shared = 0
            self._cache = DynamicCache(config=self.model.config)
        else:
            ids, kept = self._prompts[index]
            self._cache = copy.deepcopy(kept)
            self._cache.crop(shared - len(ids))
            if 2 * shared > len(ids):
                del self._prompts[index]
        self.rewinds = all(type(layer) is DynamicLayer for layer in self._cache.layers)
        return shared

    def read(self, tokens: Sequence[int], keep: int, check: Callable[[], None]) -> torch.Tensor:
        for start in range(0, len(tokens), PREFILL_CHUNK):
            check()
            chunk = torch.tensor([tokens[start : start + PREFILL_CHUNK]], device=self.model.device)
            with self._cores.limit(limits=count_cores(reading=chunk.shape[1] >= 64)):
                logits = self.model(
                    input_ids=chunk,
                    past_key_values=self._cache,
                    use_cache=True,
                    logits_to_keep=keep,
                ).logits
        last: torch.Tensor = logits[0, -keep:]
        return last.float().cpu()

    def rewind(self, length: int) -> None:
        self._cache.crop(length - self._cache.get_seq_length())

    def keep(self, ids: Sequence[int]) -> None:
        if self.rewinds:
            self._prompts.append((list(ids), self._cache))


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


def count_cores(reading: bool) -> int:
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


def count_shared(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _stop_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    ends = model.generation_config.eos_token_id if model.generation_config else None
    ends = ends if isinstance(ends, list) else [ends]
    return frozenset(end for end in [*ends, tokenizer.eos_token_id] if end is not None)
