"""What a thread produces, handed on piece by piece to one that may stop waiting at any time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from queue import Empty, SimpleQueue
from typing import TypeVar

from tools.errors import Cancelled

T = TypeVar("T")
LOOK_SECONDS = 0.1


def relay(
    executor: Executor,
    work: Callable[[Callable[[T], None], Callable[[], None]], None],
    cancel: threading.Event | None,
) -> Generator[T]:
    """Run `work(emit, check)` on the executor and yield what it emits as it comes.

    Work should call `check` now and then: it raises Cancelled once `cancel` is set or the generator
    is closed. Raises: what the work raises; Cancelled within 0.1 s, whatever the work is busy with.
    """
    closed = threading.Event()
    pieces: SimpleQueue[tuple[T] | None] = SimpleQueue()

    def check() -> None:
        if closed.is_set() or (cancel is not None and cancel.is_set()):
            raise Cancelled("The answer was stopped.")

    job = executor.submit(work, lambda piece: pieces.put((piece,)), check)
    job.add_done_callback(lambda _: pieces.put(None))
    try:
        while (piece := _wait(pieces, check)) is not None:
            yield piece[0]
        job.result()
    finally:
        closed.set()
        job.cancel()


def _wait(pieces: SimpleQueue[tuple[T] | None], check: Callable[[], None]) -> tuple[T] | None:
    while True:
        check()
        try:
            return pieces.get(timeout=LOOK_SECONDS)
        except Empty:
            continue
