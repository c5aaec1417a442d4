"""The two stages of training, by transformers' and sentence-transformers' trainers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from torch.utils.tensorboard import SummaryWriter
from transformers import (
    DataCollatorForLanguageModeling,
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.integrations import TensorBoardCallback
from transformers.trainer_utils import get_last_checkpoint

from tools.embedding.device import choose_device, choose_dtype
from tools.embedding.masking import MaskedWordModel
from tools.embedding.objectives import AdaptationSettings, LabelledRankingLoss
from tools.embedding.pairs import Corpus
from tools.errors import InputError

CHECKPOINTS = "checkpoints"
LOSSES = "losses.csv"
WORDS, PAIRS = "masked words", "pairs"
MASKED_SHARE = 0.15
# The head starts from nothing, so it learns faster than the encoder.
HEAD_RATE = 1e-3
WARM_UP = 0.1

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Run:
    """Where a training run is kept. checkpoint_seconds: how much work a kill may cost."""

    folder: Path
    checkpoint_seconds: float = 30.0
    progress: Progress = lambda stage, share: None


def guess_words(
    model: SentenceTransformer, corpus: Corpus, settings: AdaptationSettings, run: Run
) -> None:
    """Train the encoder to guess 15% of the words of its corpus, hidden from it.

    Raises: InputError if the encoder knows no mask.
    """
    if model.tokenizer.mask_token_id is None:
        raise InputError(
            "The encoder's vocabulary has no mask token. Give --mlm-steps 0 to learn from pairs "
            "alone."
        )
    rng = np.random.default_rng((settings.seed, 1))
    rows = _take_turns(len(corpus.sentences), settings.mlm_steps * settings.batch_size, rng)
    passages = model.tokenizer(
        corpus.draw_passages(rows, rng), truncation=True, max_length=settings.max_tokens
    )
    # A trainer sets the seeds of the process; they are put back.
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        words = MaskedWordModel(model, passages["input_ids"])
        body = [p for p in words.body.parameters() if p.requires_grad]
        head = [*words.head.parameters(), words.bias]
        optimizer = torch.optim.AdamW(
            [{"params": body, "lr": settings.mlm_rate}, {"params": head, "lr": HEAD_RATE}]
        )
        trainer = Trainer(
            model=words,
            args=TrainingArguments(**_choose_arguments(run, WORDS, settings, settings.mlm_rate)),
            train_dataset=Dataset.from_dict(dict(passages)),
            data_collator=DataCollatorForLanguageModeling(
                model.tokenizer, mlm_probability=MASKED_SHARE
            ),
            optimizers=(optimizer, None),
        )
        _train(trainer, run, WORDS)


def draw_together(
    model: SentenceTransformer, corpus: Corpus, settings: AdaptationSettings, run: Run
) -> None:
    """Train the encoder to find, of two reviews of one user, item or band of ratings, either by
    the other.
    """
    rng = np.random.default_rng((settings.seed, 2))
    tables = {}
    for relation, steps in corpus.share_steps(settings.contrastive_steps).items():
        if steps:
            pairs = corpus.draw_pairs(relation, steps * settings.batch_size, rng)
            tables[relation] = Dataset.from_dict(
                {"anchor": pairs.anchors, "positive": pairs.positives, "label": pairs.labels}
            )
    model.max_seq_length = settings.max_tokens
    # No card is written; without an example in it the library would look for some, under a bar.
    model.model_card_data.widget = [{}]
    with torch.random.fork_rng():
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                **_choose_arguments(run, PAIRS, settings, settings.contrastive_rate)
            ),
            train_dataset=tables,
            loss=LabelledRankingLoss(model),
        )
        _train(trainer, run, PAIRS)


def read_losses(folder: Path) -> pd.DataFrame:
    """stage, step (from 1), loss of the stages that are finished; none where none is."""
    if not (folder / LOSSES).is_file():
        return pd.DataFrame({"stage": [], "step": [], "loss": []})
    return pd.read_csv(folder / LOSSES)


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Tells the progress, and has a checkpoint written every so many seconds."""

    def __init__(self, run: Run, stage: str) -> None:
        self._run, self._stage = run, stage
        self._saved = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        control.should_save = time.monotonic() - self._saved >= self._run.checkpoint_seconds
        self._run.progress(self._stage, state.global_step / state.max_steps)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._saved = time.monotonic()


def _choose_arguments(
    run: Run, stage: str, settings: AdaptationSettings, rate: float
) -> dict[str, Any]:
    device = choose_device()
    return {
        "output_dir": str(run.folder / CHECKPOINTS / stage),
        "num_train_epochs": 1,
        "per_device_train_batch_size": settings.batch_size,
        "learning_rate": rate,
        "warmup_steps": WARM_UP,
        "weight_decay": 0.01,
        "logging_steps": 1,
        "save_strategy": "no",
        "save_total_limit": 1,
        "remove_unused_columns": False,
        "report_to": "none",
        "disable_tqdm": True,
        "seed": settings.seed,
        "use_cpu": device == "cpu",
        # float16 would need scaled gradients, so cards without bfloat16 train in float32.
        "bf16": choose_dtype(device) == torch.bfloat16,
        "dataloader_pin_memory": device != "cpu",
    }


def _train(trainer: Trainer, run: Run, stage: str) -> None:
    """Train from the stage's last checkpoint, if there is one, and keep its losses."""
    place = Path(trainer.args.output_dir)
    last = get_last_checkpoint(str(place)) if place.is_dir() else None
    begun = int(last.rpartition("-")[2]) if last else 0
    writer = SummaryWriter(str(run.folder / "tensorboard" / stage), purge_step=begun + 1)
    for printer in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(printer)
    trainer.add_callback(TensorBoardCallback(writer))
    trainer.add_callback(_Watch(run, stage))
    try:
        trainer.train(resume_from_checkpoint=last)
    finally:
        writer.close()
    rows = [
        {"stage": stage, "step": entry["step"], "loss": entry["loss"]}
        for entry in trainer.state.log_history
        if "loss" in entry
    ]
    kept = read_losses(run.folder)
    losses = pd.concat([kept[kept["stage"] != stage], pd.DataFrame(rows)])
    losses.to_csv(run.folder / LOSSES, index=False)


def _take_turns(n: int, size: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Rows of `size` draws: every one of n once before any comes again."""
    rounds: Sequence[npt.NDArray[np.int64]] = [rng.permutation(n) for _ in range(size // n + 1)]
    return np.concatenate(rounds)[:size]
