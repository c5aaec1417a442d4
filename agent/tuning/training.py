"""Tunes the local model on its lessons: low-rank adapters by peft, trained by transformers."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import torch
from peft import AdaLoraConfig, LoraConfig, PeftModel, PeftType, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
)

from agent.chat_models.local_chat import write_prompt
from agent.tuning.lessons import Lesson
from agent.tuning.runs import Progress, Watch, choose_arguments, identify_run, run_trainer
from tools.embedding.device import choose_device, choose_dtype
from tools.embedding.loading import load_alone

IGNORED = -100
# Peak learning rates. AdaLoRA's adapters begin at nothing: at LoRA's rate they hardly learn
# (half a pass leaves a held-out loss of 0.98; at their own, 0.44; LoRA 0.42).
RATES = MappingProxyType({"lora": 6e-4, "adalora": 5e-3})
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class TuningSettings:
    """method: lora (Hu et al. 2021, eq. 3) or adalora (Zhang et al. 2023), which spends the rank
    where it helps; frozen_layers: lowest layers that get no adapter, which saves their backward
    pass; rate: peak learning rate (`RATES`), falling as a cosine after a tenth of the steps.
    """

    method: Literal["lora", "adalora"] = "lora"
    rank: int = 16
    frozen_layers: int = 0
    epochs: float = 2.0
    batch_size: int = 8
    rate: float = RATES["lora"]
    max_tokens: int = 384
    seed: int = 0


@dataclass(frozen=True)
class Tuned:
    """What a run gave: mean loss a token at its end, on the lessons and on those held out."""

    lessons: int
    steps: int
    loss: float
    validation_loss: float
    seconds: float


def tune(
    base: Path,
    lessons: Sequence[Lesson],
    validation: Sequence[Lesson],
    out: Path,
    *,
    settings: TuningSettings,
    data: str = "",
    resume: bool = False,
    progress: Progress = lambda stage, share: None,
) -> Tuned:
    """Train an adapter for the model in the folder `base` and save it in `out` (float16).

    A checkpoint is written every two minutes; `resume` goes on from the last one. data: what the
    lessons are known by (lessons.hash_data), kept beside the adapter.
    """
    started = time.monotonic()
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    rows = tokenize(lessons, tokenizer, settings.max_tokens)
    held_out = tokenize(validation, tokenizer, settings.max_tokens)
    run = identify_run(settings, rows)
    torch.manual_seed(settings.seed)
    steps = _count_steps(len(rows), settings)
    with load_alone():
        model = get_peft_model(_load_base(base), _choose_adapter(base, settings, steps))
    trainer = _AnswerTrainer(
        model=model,
        args=choose_arguments(
            out,
            per_device_train_batch_size=settings.batch_size,
            learning_rate=settings.rate,
            lr_scheduler_type="cosine",
            seed=settings.seed,
            bf16=choose_dtype(choose_device()) == torch.bfloat16,
        ),
        train_dataset=arrange(rows, settings),
        data_collator=_Padder(tokenizer),
        callbacks=[Watch(progress, "tuning"), *_list_callbacks(settings)],
    )
    losses = run_trainer(trainer, out, settings.method, run=run, resume=resume)["loss"]
    _save(model, out)
    progress("checking on held-out lessons", 0.0)
    tuned = Tuned(
        len(rows),
        steps,
        round(float(losses.tail(max(1, len(losses) // 10)).mean()), 4),
        round(measure_loss(model, held_out, _Padder(tokenizer)), 4),
        round(time.monotonic() - started, 1),
    )
    told = {"data": data, "settings": asdict(settings), "result": asdict(tuned)}
    (out / "tuning.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    return tuned


def tokenize(
    lessons: Sequence[Lesson], tokenizer: PreTrainedTokenizerBase, max_tokens: int
) -> list[dict[str, list[int]]]:
    """input_ids and labels (IGNORED but for the answer) of each lesson of at most `max_tokens`."""
    rows = []
    for lesson in lessons:
        prompt = write_prompt(tokenizer, lesson.messages)
        answer = tokenizer.encode(lesson.answer, add_special_tokens=False)
        answer.append(tokenizer.eos_token_id)
        if len(prompt) + len(answer) <= max_tokens:
            labels = [IGNORED] * len(prompt) + answer
            rows.append({"input_ids": prompt + answer, "labels": labels})
    return rows


def arrange(rows: Sequence[Any], settings: TuningSettings) -> list[Any]:
    """The rows of all epochs, so that a batch holds rows of like length and batches come in any
    order. Rows that fill no batch wait for the next epoch.
    """
    rng = np.random.default_rng(settings.seed)
    size = settings.batch_size
    wanted = _count_steps(len(rows), settings) * size
    arranged: list[Any] = []
    while len(arranged) < wanted:
        drawn = [rows[place] for place in rng.permutation(len(rows))]
        pool = 50 * size
        batches = []
        for start in range(0, len(drawn), pool):
            near = sorted(drawn[start : start + pool], key=lambda row: len(row["input_ids"]))
            batches += [near[at : at + size] for at in range(0, len(near) - size + 1, size)]
        arranged += [row for place in rng.permutation(len(batches)) for row in batches[place]]
    return arranged[:wanted]


def measure_loss(
    model: torch.nn.Module, rows: Sequence[dict[str, list[int]]], pad: _Padder
) -> float:
    """Mean cross-entropy, in nats a token of the answers."""
    model.eval()
    total = tokens = 0.0
    rows = sorted(rows, key=lambda row: len(row["input_ids"]))  # little padding
    with torch.inference_mode():
        for start in range(0, len(rows), 16):
            batch = pad(rows[start : start + 16])
            n = int((batch["labels"][:, 1:] != IGNORED).sum())
            total += n * float(answer_loss(model, batch))
            tokens += n
    return total / tokens if tokens else float("nan")


def answer_loss(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Cross-entropy of the answers' tokens. Only their logits are computed: the vocabulary is a
    fifth of the model's work.
    """
    core = model.get_base_model()
    device = next(core.parameters()).device
    ids, labels = batch["input_ids"].to(device), batch["labels"].to(device)[:, 1:]
    hidden = core.model(
        input_ids=ids, attention_mask=batch["attention_mask"].to(device)
    ).last_hidden_state[:, :-1]
    asked = labels != IGNORED
    loss: torch.Tensor = torch.nn.functional.cross_entropy(
        core.lm_head(hidden[asked]).float(), labels[asked]
    )
    return loss


class _AnswerTrainer(Trainer):  # type: ignore[misc]
    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        # The Trainer's own autocast is of the model's forward, which is not what is called here.
        with torch.autocast(model.device.type, torch.bfloat16, enabled=self.args.bf16):
            loss = answer_loss(model, inputs)
        if model.active_peft_config.peft_type == PeftType.ADALORA:
            loss = loss + model.active_peft_config.orth_reg_weight * measure_skew(model)
        return (loss, {}) if return_outputs else loss


def measure_skew(model: torch.nn.Module) -> torch.Tensor:
    """How far AdaLoRA's factors P and Q are from orthogonal, mean over the matrices
    (Zhang et al. 2023, eq. 4).
    """
    skews = []
    for name, p in model.named_parameters():
        if p.requires_grad and ("lora_A" in name or "lora_B" in name):
            product = p @ p.T if "lora_A" in name else p.T @ p
            skews.append(torch.linalg.norm(product - torch.eye(len(product), device=p.device)))
    return torch.stack(skews).mean()


class _Padder:
    """Lessons of one batch, padded on the right."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._filler = tokenizer.pad_token_id or 0

    def __call__(self, rows: Sequence[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in rows)

        def pad(values: list[int], filler: int) -> list[int]:
            return values + [filler] * (longest - len(values))

        return {
            "input_ids": torch.tensor([pad(row["input_ids"], self._filler) for row in rows]),
            "labels": torch.tensor([pad(row["labels"], IGNORED) for row in rows]),
            "attention_mask": torch.tensor([pad([1] * len(row["labels"]), 0) for row in rows]),
        }


class _RankAllocation(TrainerCallback):  # type: ignore[misc]
    """Moves AdaLoRA's rank to where it helps."""

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        kwargs["model"].base_model.update_and_allocate(state.global_step)


def _list_callbacks(settings: TuningSettings) -> list[TrainerCallback]:
    return [_RankAllocation()] if settings.method == "adalora" else []


def _choose_adapter(base: Path, settings: TuningSettings, steps: int) -> LoraConfig:
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    layers = list(range(settings.frozen_layers, config["num_hidden_layers"]))
    common: dict[str, Any] = {
        "task_type": "CAUSAL_LM",
        "lora_alpha": 2 * settings.rank,
        "lora_dropout": 0.05,
        "target_modules": LINEARS,
        "layers_to_transform": layers,
    }
    if settings.method == "lora":
        return LoraConfig(r=settings.rank, **common)
    return AdaLoraConfig(
        init_r=settings.rank + settings.rank // 2,
        target_r=settings.rank,
        tinit=steps // 10,
        tfinal=steps // 3,
        deltaT=10,
        total_step=steps,
        **common,
    )


def _count_steps(rows: int, settings: TuningSettings) -> int:
    return int(-(-rows // settings.batch_size) * settings.epochs)


def _load_base(base: Path) -> torch.nn.Module:
    with load_alone():
        model: torch.nn.Module = AutoModelForCausalLM.from_pretrained(
            base, dtype=torch.float32, local_files_only=True
        )
    return model


def _save(model: PeftModel, out: Path) -> None:
    """The adapter in float16: half the bytes, and more digits than its weights need."""
    model.peft_config["default"].base_model_name_or_path = "SmolLM2-135M-Instruct"
    with warnings.catch_warnings():
        # AdaLoRA may leave a layer no rank at all, which peft takes for a broken tensor.
        warnings.filterwarnings("ignore", ".*tensor.*invalid shape")
        model.save_pretrained(str(out), save_embedding_layers=False)
    path = out / "adapter_model.safetensors"
    save_file({name: tensor.half() for name, tensor in load_file(path).items()}, path)
