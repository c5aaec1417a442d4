"""How fast the local model reads prompts and writes answers, engine beside engine, in one run.

    python -m benchmarks.decoding --prompts 20

The same tuned model words the same results: by transformers' own generate(), by Tribune's decoder
over transformers, and, where the extra tribune[llamacpp] is installed, by llama-cpp-python's own
loop and by Tribune's decoder over llama.cpp. All decode greedily; the engines take turns on each
prompt, and each sees it once. Medians over the prompts.
"""

from __future__ import annotations

import argparse
import queue
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import torch

from agent.chat_models.decoding import GenerationSettings
from agent.chat_models.local_chat import LocalChat, write_prompt
from agent.chat_models.models import load_chat_model
from agent.tuning.lessons import teach_words
from benchmarks.machine import describe_machine

MOST_TOKENS = 160
Write = Callable[[Sequence[int]], Iterator[int]]


def main() -> None:
    """Print tokens read and written a second, and how they compare with generate()."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=20)
    options = parser.parse_args()
    print(describe_machine())
    local = _load("local:smollm2")
    engines: dict[str, Write] = {
        "transformers generate()": lambda prompt: _generate(local, prompt),
        "Tribune over transformers": lambda prompt: _write(local, prompt),
    }
    if find_spec("llama_cpp"):
        llama = _load("llamacpp:smollm2")
        engines["llama-cpp-python"] = lambda prompt: _write_by_llama(llama, prompt)
        engines["Tribune over llama.cpp"] = lambda prompt: _write(llama, prompt)
    lessons = random.Random(0).sample(list(teach_words("validation")), options.prompts + 1)
    timed: dict[str, list[tuple[float, float, list[int]]]] = {name: [] for name in engines}
    for lesson in lessons:  # the first warms up
        prompt = write_prompt(local.decoder.tokenizer, lesson.messages)
        for name, write in engines.items():
            timed[name].append(_time(write, prompt))
    plain = [ids for _, _, ids in timed["transformers generate()"][1:]]
    base = statistics.median(whole for _, whole, _ in timed["transformers generate()"][1:])
    for name, runs in timed.items():
        runs = runs[1:]
        first = statistics.median(first for first, _, _ in runs)
        whole = statistics.median(whole for _, whole, _ in runs)
        pace = statistics.median((len(ids) - 1) / (w - f) for f, w, ids in runs if len(ids) > 1)
        same = sum(ids == other for (_, _, ids), other in zip(runs, plain, strict=True))
        print(
            f"{name:28} first token {first:5.2f} s  whole answer {whole:5.2f} s "
            f"({base / whole:4.1f} x)  {pace:5.0f} tokens/s  same answer {same} of {len(runs)}"
        )


def _load(name: str) -> LocalChat:
    model = load_chat_model(name)
    assert isinstance(model, LocalChat)
    return model


def _time(write: Write, prompt: Sequence[int]) -> tuple[float, float, list[int]]:
    """Seconds to the first token and to the last, and the tokens."""
    started = time.perf_counter()
    first, ids = 0.0, []
    for token in write(prompt):
        first = first or time.perf_counter() - started
        ids.append(token)
    return first, time.perf_counter() - started, ids


def _write(model: LocalChat, prompt: Sequence[int]) -> Iterator[int]:
    settings = GenerationSettings(max_new_tokens=MOST_TOKENS, repetition_penalty=1.0)
    yield from model.decoder.stream(prompt, settings)


def _generate(model: LocalChat, prompt: Sequence[int]) -> Iterator[int]:
    engine: Any = model.decoder.engine
    tokens = _Tokens()
    asked = {
        "input_ids": torch.tensor([list(prompt)]),
        "attention_mask": torch.ones((1, len(prompt)), dtype=torch.long),
        "max_new_tokens": MOST_TOKENS,
        "do_sample": False,
        "streamer": tokens,
    }

    def generate() -> None:
        try:
            engine.model.generate(**asked)
        finally:
            tokens.end()

    threading.Thread(target=generate).start()
    while (token := tokens.queue.get()) is not None:
        if token not in engine.stop_ids:
            yield token


class _Tokens:
    """A streamer of generate() that passes the tokens on; the prompt comes first."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        if self._prompt_seen:
            for token in value.tolist():
                self.queue.put(token)
        self._prompt_seen = True

    def end(self) -> None:
        self.queue.put(None)


def _write_by_llama(model: LocalChat, prompt: Sequence[int]) -> Iterator[int]:
    engine: Any = model.decoder.engine
    llama = engine.llama
    llama.reset()
    llama._ctx.set_n_threads(torch.get_num_threads(), torch.get_num_threads())
    for _, token in zip(
        range(MOST_TOKENS), llama.generate(prompt, temp=0.0, top_k=1), strict=False
    ):
        if token in engine.stop_ids:
            break
        yield token
    engine.rewind(0)


if __name__ == "__main__":
    main()
