"""Trains the tagger's network on questions with the calls that answer them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import Trainer

from agent.conversation import Example
from agent.mentions import Known, Reader
from agent.tagger.inputs import ROLES, Encoded, Target, encode, mark
from agent.tagger.network import Network, Scores, collate, load_tokenizer
from agent.tuning.runs import Progress, Watch, choose_arguments, identify_run, run_trainer

TARGETS = ("tools", "stances", "places")
SMOOTHING = 0.05
# What an argument's place and the stance count beside the tool.
PLACE_WEIGHT = 0.25
STANCE_WEIGHT = 0.3


@dataclass(frozen=True)
class TaggerSettings:
    """rank: of the adapters (LoRA, Hu et al. 2021, eq. 3); rate: peak learning rate, reached after
    a tenth of the steps and falling evenly from there.
    """

    rank: int = 32
    epochs: int = 9
    batch_size: int = 32
    rate: float = 1e-3
    seed: int = 0


@dataclass(frozen=True)
class TaggerTrained:
    """What a run gave; the shares, in [0, 1], are of held-out questions: the tool right, and the
    words of each kind of argument (or that there are none) exactly right.
    """

    questions: int
    steps: int
    tools: float
    places: dict[str, float]
    seconds: float


def train_tagger(
    examples: Sequence[Example],
    validation: Sequence[Example],
    out: Path,
    *,
    settings: TaggerSettings,
    data: str = "",
    resume: bool = False,
    progress: Progress = lambda stage, share: None,
) -> TaggerTrained:
    """Train on the examples and save the network in `out`.

    A checkpoint is written every two minutes; `resume` goes on from the last one. data: what the
    examples are known by (lessons.hash_data), kept beside the weights.
    """
    started = time.monotonic()
    run = identify_run(settings, examples)
    torch.manual_seed(settings.seed)
    rows, held_out = _prepare(examples), _prepare(validation)
    steps = -(-len(rows) // settings.batch_size) * settings.epochs
    network = Network(settings.rank)
    trainer = _TaggerTrainer(
        model=network,
        args=choose_arguments(
            out,
            per_device_train_batch_size=settings.batch_size,
            learning_rate=settings.rate,
            lr_scheduler_type="linear",
            weight_decay=0.01,
            seed=settings.seed,
        ),
        train_dataset=_arrange(rows, settings),
        data_collator=_join,
        callbacks=[Watch(progress, "training the planner")],
    )
    run_trainer(trainer, out, "planner", run=run, resume=resume)
    network.to("cpu").eval()
    network.save(out)
    tools, places = _measure(network, held_out)
    trained = TaggerTrained(len(rows), steps, tools, places, round(time.monotonic() - started, 1))
    told = {"data": data, "settings": asdict(settings), "result": asdict(trained)}
    (out / "tuning.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    return trained


def _prepare(examples: Sequence[Example]) -> list[tuple[Encoded, Target]]:
    reader, tokenizer = Reader(Known()), load_tokenizer()
    rows = []
    for example in examples:
        reading = reader.read(example.question)
        encoded = encode(reading, example.history, tokenizer)
        rows.append((encoded, mark(encoded, reading, example)))
    return rows


def _arrange(rows: Sequence[Any], settings: TaggerSettings) -> list[Any]:
    """The rows of all epochs in batches of like length, the batches in any order."""
    rng = np.random.default_rng(settings.seed)
    size, arranged = settings.batch_size, []
    for _ in range(settings.epochs):
        drawn = [rows[place] for place in rng.permutation(len(rows))]
        batches = []
        for start in range(0, len(drawn), 20 * size):
            near = sorted(drawn[start : start + 20 * size], key=lambda row: len(row[0].ids))
            # What does not fill a batch waits for the next epoch.
            batches += [near[at : at + size] for at in range(0, len(near) - size + 1, size)]
        arranged += [row for place in rng.permutation(len(batches)) for row in batches[place]]
    return arranged


def _join(rows: Sequence[tuple[Encoded, Target]]) -> dict[str, torch.Tensor]:
    return {
        **collate([encoded for encoded, _ in rows]),
        "tools": torch.tensor([target.tool for _, target in rows]),
        "stances": torch.tensor([target.stance for _, target in rows]),
        "places": torch.tensor([target.places for _, target in rows]),
    }


def find_loss(
    scores: Scores, tools: torch.Tensor, stances: torch.Tensor, places: torch.Tensor
) -> torch.Tensor:
    """Cross-entropies of the tool (label smoothing 0.05), of both ends of every argument, and of
    the stance where the tool takes one. tools, stances: (n,); places: (n, roles, 2).
    """
    loss: torch.Tensor = cross_entropy(scores.tools, tools, label_smoothing=SMOOTHING)
    for role in range(len(ROLES)):
        loss = loss + PLACE_WEIGHT * (
            cross_entropy(scores.first[:, :, role], places[:, role, 0])
            + cross_entropy(scores.last[:, :, role], places[:, role, 1])
        )
    if (stances >= 0).any():
        loss = loss + STANCE_WEIGHT * cross_entropy(scores.stances, stances, ignore_index=-1)
    return loss


def _measure(
    network: Network, rows: Sequence[tuple[Encoded, Target]]
) -> tuple[float, dict[str, float]]:
    tools, places = [], []
    with torch.inference_mode():
        for start in range(0, len(rows), 64):
            batch = _join(rows[start : start + 64])
            wanted = {name: batch.pop(name) for name in TARGETS}
            scores = network(**batch)
            tools.append(scores.tools.argmax(1) == wanted["tools"])
            got = torch.stack([scores.first.argmax(1), scores.last.argmax(1)], dim=2)
            places.append((got == wanted["places"]).all(dim=2))
    right = torch.cat(places).double().mean(dim=0).tolist()
    return (
        round(float(torch.cat(tools).double().mean()), 4),
        {role: round(share, 4) for role, share in zip(ROLES, right, strict=True)},
    )


class _TaggerTrainer(Trainer):  # type: ignore[misc]
    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        wanted = {name: inputs.pop(name) for name in TARGETS}
        loss = find_loss(model(**inputs), **wanted)
        return (loss, {}) if return_outputs else loss
