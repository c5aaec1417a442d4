"""What the two trainings share: their arguments, progress, checkpoints and loss curves."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from transformers import (
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint

from tools.embedding.device import choose_device
from tools.errors import InputError

CHECKPOINTS = "checkpoints"
CHECKPOINT_SECONDS = 120.0
RUN = "run"
LOSSES = "losses.csv"

Progress = Callable[[str, float], None]


class Watch(TrainerCallback):  # type: ignore[misc]
    """Tells the progress of a stage, and has a checkpoint written every two minutes."""

    def __init__(self, progress: Progress, stage: str) -> None:
        self._progress, self._stage = progress, stage
        self._saved = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        control.should_save = time.monotonic() - self._saved >= CHECKPOINT_SECONDS
        self._progress(self._stage, state.global_step / state.max_steps)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._saved = time.monotonic()


def choose_arguments(out: Path, **chosen: Any) -> TrainingArguments:
    """The Trainer's: one pass over rows that are in their order already; nothing is printed."""
    device = choose_device()
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        num_train_epochs=1,
        train_sampling_strategy="sequential",
        warmup_steps=0.1,
        logging_steps=5,
        save_strategy="no",
        save_total_limit=1,
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
        use_cpu=device == "cpu",
        dataloader_pin_memory=device != "cpu",
        **chosen,
    )


def run_trainer(trainer: Trainer, out: Path, stage: str, *, run: str, resume: bool) -> pd.DataFrame:
    """Train, from the last checkpoint if it is to `resume`; returns step, loss, stage, which are
    kept in losses.csv too. The checkpoints go once the training is done.

    run: what the run is known by (identify_run). Raises: InputError where it is to resume another.
    """
    for printer in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(printer)
    place = out / CHECKPOINTS
    last = _find_checkpoint(place, run) if resume else None
    if last is None:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / RUN).write_text(run, encoding="utf-8")
    trainer.train(resume_from_checkpoint=last)
    shutil.rmtree(place)
    logged = [row for row in trainer.state.log_history if "loss" in row]
    losses = pd.DataFrame(logged)[["step", "loss"]].assign(stage=stage)
    losses.to_csv(out / LOSSES, index=False)
    return losses


def identify_run(settings: object, examples: Sequence[object]) -> str:
    """A hash of what decides a run: its settings and what it learns from, in order."""
    return hashlib.sha256(repr((settings, examples)).encode()).hexdigest()


def _find_checkpoint(place: Path, run: str) -> str | None:
    last: str | None = get_last_checkpoint(str(place)) if place.is_dir() else None
    if last and (place / RUN).read_text(encoding="utf-8") != run:
        raise InputError(
            f"{place} is of a run with other settings or other data. Start without --resume, or "
            "give another folder."
        )
    return last


def read_losses(folder: Path) -> pd.DataFrame:
    """step, loss, stage of a finished run."""
    return pd.read_csv(folder / LOSSES)
