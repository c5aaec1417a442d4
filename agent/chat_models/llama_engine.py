"""llama.cpp as an engine of the decoder: the extra tribune[llamacpp]."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from agent.chat_models.transformers_engine import count_cores, count_shared
from tools.errors import ModelError

PREFILL_CHUNK = 256  # tokens between two looks at `cancel`
CONTEXT = 8192  # tokens: keys and values are laid out for all of them at the start


class LlamaEngine:
    """A GGUF file in llama.cpp. What it read last is kept and reused as far as the next prompt
    starts the same.

    Raises: ModelError for a file that llama.cpp cannot load.
    """

    def __init__(self, gguf: Path, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        try:
            self.llama = llama_cpp.Llama(
                str(gguf), n_ctx=CONTEXT, n_gpu_layers=-1, n_batch=PREFILL_CHUNK, verbose=False
            )
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"llama.cpp cannot load {gguf} ({error}). Give a GGUF file of a chat model that "
                "its version knows."
            ) from error
        self.context: int = min(CONTEXT, self.llama._model.n_ctx_train())
        self.vocabulary_size: int = self.llama.n_vocab()
        model = self.llama.model
        vocabulary = llama_cpp.llama_model_get_vocab(model)
        self.stop_ids = frozenset(
            token
            for token in range(self.vocabulary_size)
            if llama_cpp.llama_vocab_is_eog(vocabulary, token)
        )
        # What a recurrent model has read cannot be taken back in part.
        self.rewinds = not (
            llama_cpp.llama_model_is_recurrent(model) or llama_cpp.llama_model_is_hybrid(model)
        )
        self._ids: list[int] = []

    def recall(self, prompt: Sequence[int]) -> int:
        shared = count_shared(self._ids, prompt[:-1]) if self.rewinds else 0
        self.rewind(shared)
        return shared

    def read(self, tokens: Sequence[int], keep: int, check: Callable[[], None]) -> torch.Tensor:
        context, batch = self.llama._ctx, self.llama._batch
        for start in range(0, len(tokens), PREFILL_CHUNK):
            check()
            chunk = list(tokens[start : start + PREFILL_CHUNK])
            cores = count_cores(reading=True)  # a second core nearly doubles its writing too
            context.set_n_threads(cores, cores)
            batch.set_batch(batch=chunk, n_past=len(self._ids), logits_all=keep > 1)
            try:
                context.decode(batch)
            except RuntimeError as error:
                self.rewind(0)
                raise ModelError(f"llama.cpp could not read on ({error}). Ask again.") from error
            self._ids += chunk
        rows = [
            np.ctypeslib.as_array(context.get_logits_ith(at), shape=(self.vocabulary_size,))
            for at in range(len(chunk) - keep, len(chunk))
        ]
        return torch.from_numpy(np.stack(rows))

    def rewind(self, length: int) -> None:
        self.llama._ctx.kv_cache_seq_rm(-1, length, -1)
        del self._ids[length:]

    def keep(self, ids: Sequence[int]) -> None:
        """What was read last is remembered anyway."""
