"""tribune train: the encoder, adapted to a workspace's reviews."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.terminal import Bars, Json, Workspace, find_version, read_texts

training = typer.Typer(help="Train the encoder on a workspace.", no_args_is_help=True)


@training.command("encoder")
def train_encoder(
    workspace: Workspace = None,
    out: Annotated[
        Path | None, typer.Option(help="The encoder's folder (else encoder/ in the workspace).")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="The encoder to begin with (else the workspace's).")
    ] = None,
    mlm_steps: Annotated[int, typer.Option(help="Steps of guessing masked words.")] = 150,
    contrastive_steps: Annotated[int, typer.Option(help="Steps on pairs of passages.")] = 150,
    batch_size: Annotated[int, typer.Option(help="Passages, or pairs, a step.")] = 32,
    frozen_layers: Annotated[int, typer.Option(help="Lowest layers that stay as they are.")] = 3,
    seed: int = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was ended.")] = False,
    as_json: Json = False,
) -> None:
    """Adapt the encoder to a workspace's reviews, and say whether that made it better."""
    from agent.settings import read_settings
    from tools.embedding.adaptation import adapt_encoder
    from tools.embedding.objectives import AdaptationSettings
    from tools.embedding.training import read_losses
    from tools.workspace import read_manifest
    from ui.plots import chart_losses

    version = find_version(workspace)
    target = out or (workspace or read_settings().workspace) / "encoder"
    with Bars() as bars:
        verdict = adapt_encoder(
            *read_texts(version),
            target,
            settings=AdaptationSettings(
                encoder=encoder or read_manifest(version)["settings"]["encoder"],
                mlm_steps=mlm_steps,
                contrastive_steps=contrastive_steps,
                batch_size=batch_size,
                frozen_layers=frozen_layers,
                seed=seed,
            ),
            resume=resume,
            progress=bars.show,
            announce=lambda sentence: print(sentence, file=sys.stderr),
        )
    curves = target / "losses.html"
    chart_losses(read_losses(target)).write_html(curves)
    if as_json:
        print((target / "verdict.json").read_text(encoding="utf-8"))
        return
    print(verdict.describe())
    use = f"Use it: tribune build FILE… --encoder {target}" if verdict.better else "Do not use it."
    print(f"{use} The weights are in {target}, the loss curves in {curves}.")
