"""How models are loaded: one at a time, and without bars of the libraries among ours."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_TURN = threading.RLock()


@contextmanager
def load_alone() -> Iterator[None]:
    """Wait until no other thread of this process loads a model.

    Transformers changes its classes while it loads: of two loads at once, one loses the weights
    that its layers share (seen: "Cannot copy out of meta tensor").
    """
    with _TURN, no_bars(), warnings.catch_warnings():
        # Of peft's use of transformers, which no reader can do anything about.
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        yield


@contextmanager
def no_bars() -> Iterator[None]:
    """Keep transformers from drawing progress bars of its own among ours."""
    from transformers.utils import logging as transformers_logging

    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()
