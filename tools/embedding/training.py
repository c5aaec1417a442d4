"""Training in stages that can be killed at any step and goes on as if it had not been."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tools.embedding.device import choose_dtype
from tools.embedding.loss_log import LossLog, read_losses
from tools.errors import InputError

CHECKPOINT = "checkpoint.pt"
WARM_UP = 0.1
MAX_GRADIENT = 1.0

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Stage:
    """`loss`: step → loss, depending on the step and the weights alone; `rates`: how fast the
    parameters of each module learn at most.
    """

    name: str
    steps: int
    loss: Callable[[int], torch.Tensor]
    rates: Sequence[tuple[nn.Module, float]]


@dataclass(frozen=True)
class Run:
    """Where a training run is kept. plan: what it depends on, so that no other run goes on from
    its checkpoint; checkpoint_seconds: how much work a kill may cost.
    """

    folder: Path
    plan: str
    seed: int = 0
    checkpoint_seconds: float = 30.0


def train(
    module: nn.Module,
    stages: Sequence[Stage],
    run: Run,
    *,
    progress: Progress = lambda stage, share: None,
) -> int:
    """Train the parameters of `module` that require gradients; return the steps done in this call.

    AdamW (Loshchilov and Hutter 2019), the rate rising over a tenth of the steps and then falling
    to 0. If the run's folder holds a checkpoint, training goes on from there: batches and dropout
    depend on the seed and the step alone, so the weights come out as without the interruption.

    Raises: InputError if the checkpoint belongs to another plan.
    """
    state = _load(run, module)
    first, begun = (state["stage"], state["step"]) if state else (0, 0)
    log = LossLog(run.folder, _keep(run, stages, first, begun))
    done = 0
    try:
        for place, stage in enumerate(stages):
            if place < first:
                continue
            start = begun if place == first else 0
            optimizer, schedule = _prepare(stage, start)
            if state and place == first and start:
                optimizer.load_state_dict(state["optimizer"])
            saved = time.monotonic()
            for step in range(start, stage.steps):
                loss = _take_step(stage, step, optimizer, run.seed + place * 1_000_003)
                schedule(step + 1)
                log.add(stage.name, step + 1, loss)
                done += 1
                if time.monotonic() - saved >= run.checkpoint_seconds or step + 1 == stage.steps:
                    _save(run, module, optimizer, place, step + 1)
                    saved = time.monotonic()
                progress(stage.name, (step + 1) / stage.steps)
    finally:
        log.close()
    return done


def estimate_seconds(stages: Sequence[Stage]) -> float:
    """About how long the stages take here, from two trials of each; nothing is learned."""
    total = 0.0
    for stage in stages:
        if not stage.steps:
            continue
        _compute_gradients(stage, 0)  # the first is slower: memory is taken
        start = time.monotonic()
        _compute_gradients(stage, 1)
        total += (time.monotonic() - start) * stage.steps
        for module, _ in stage.rates:
            module.zero_grad()
    return total


def _prepare(stage: Stage, start: int) -> tuple[torch.optim.AdamW, Callable[[int], None]]:
    groups = [
        {"params": [p for p in module.parameters() if p.requires_grad], "lr": rate, "top": rate}
        for module, rate in stage.rates
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    rising = max(1, round(WARM_UP * stage.steps))

    def schedule(step: int) -> None:
        share = min((step + 1) / rising, (stage.steps - step) / max(1, stage.steps - rising + 1))
        for group in optimizer.param_groups:
            group["lr"] = group["top"] * share

    schedule(start)
    return optimizer, schedule


def _take_step(stage: Stage, step: int, optimizer: torch.optim.Optimizer, seed: int) -> float:
    with torch.random.fork_rng():
        torch.manual_seed(seed + step)  # dropout
        loss = _compute_gradients(stage, step)
    learned = [p for group in optimizer.param_groups for p in group["params"]]
    nn.utils.clip_grad_norm_(learned, MAX_GRADIENT)
    optimizer.step()
    optimizer.zero_grad()
    return loss


def _compute_gradients(stage: Stage, step: int) -> float:
    device = next(stage.rates[0][0].parameters()).device.type
    dtype = choose_dtype(device)
    # float16 would need scaled gradients, so cards without bfloat16 train in float32.
    with torch.autocast(device, dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
        loss = stage.loss(step)
    loss.backward()
    return float(loss.detach())


def _save(
    run: Run, module: nn.Module, optimizer: torch.optim.Optimizer, stage: int, step: int
) -> None:
    learned = {n: p.detach().cpu() for n, p in module.named_parameters() if p.requires_grad}
    draft = run.folder / f"{CHECKPOINT}.tmp"
    torch.save(
        {
            "plan": run.plan,
            "stage": stage,
            "step": step,
            "weights": learned,
            "optimizer": optimizer.state_dict(),
        },
        draft,
    )
    draft.replace(run.folder / CHECKPOINT)


def _load(run: Run, module: nn.Module) -> dict[str, Any] | None:
    path = run.folder / CHECKPOINT
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if state["plan"] != run.plan:
        raise InputError(
            f"The checkpoint in {run.folder} was begun with other reviews or settings. Give the "
            "same ones to go on, or another --out to begin anew."
        )
    named = dict(module.named_parameters())
    with torch.no_grad():
        for name, weights in state["weights"].items():
            named[name].copy_(weights)
    return state


def _keep(run: Run, stages: Sequence[Stage], first: int, begun: int) -> Any:
    """The rows of the loss log up to the checkpoint."""
    rows = read_losses(run.folder)
    before = rows["stage"].isin([stage.name for stage in stages[:first]])
    reached = (rows["stage"] == stages[first].name) & (rows["step"] <= begun)
    return rows[before | reached].astype({"step": int})
