"""tribune train: the encoder on reviews, the planner on questions, the local model on wording."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from ui.terminal import Bars, Json, Workspace, find_version, read_texts

Questions = Annotated[
    list[Path] | None,
    typer.Option(help="Your own questions with the calls that answer them, to learn from too."),
]

training = typer.Typer(
    help="Train the encoder, the planner or the local model.", no_args_is_help=True
)


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


@training.command("planner")
def train_planner(
    out: Annotated[Path, typer.Option(help="The planner's folder.")] = Path("planner"),
    questions: Questions = None,
    rank: Annotated[int, typer.Option(help="Rank of the adapters.")] = 32,
    epochs: Annotated[int, typer.Option(help="Rounds over all questions.")] = 9,
    seed: int = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was ended.")] = False,
    as_json: Json = False,
) -> None:
    """Tune MiniLM on which tool a question asks for, and which of its words are arguments."""
    import json
    from dataclasses import asdict

    from agent.tagger.training import TaggerSettings, train_tagger
    from agent.tuning.lessons import hash_data, read_asked
    from agent.tuning.runs import read_losses
    from ui.plots import chart_losses

    with Bars() as bars:
        trained = train_tagger(
            read_asked("train", questions or ()),
            read_asked("validation"),
            out,
            settings=TaggerSettings(rank=rank, epochs=epochs, seed=seed),
            data=hash_data("calls"),
            resume=resume,
            progress=bars.show,
        )
    chart_losses(read_losses(out)).write_html(out / "losses.html")
    if as_json:
        print(json.dumps(asdict(trained)))
        return
    print(
        f"{trained.steps:,} steps over {trained.questions:,} questions in "
        f"{trained.seconds / 60:.0f} min. On the held-out ones the right tool in "
        f"{trained.tools:.1%}, the words of a topic in {trained.places['topic']:.1%}.\n"
        f"Use it: TRIBUNE_PLANNER={out} tribune chat\n"
        f"Measure it: TRIBUNE_PLANNER={out} tribune evaluate agent --questions FILE"
    )


@training.command("llm")
def train_llm(
    out: Annotated[Path, typer.Option(help="The adapter's folder.")] = Path("adapter"),
    method: Annotated[Literal["lora", "adalora"], typer.Option(help="Kind of adapter.")] = "lora",
    rank: Annotated[int, typer.Option(help="Rank of the adapter.")] = 16,
    epochs: Annotated[float, typer.Option(help="Rounds over all lessons.")] = 2.0,
    seed: int = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was ended.")] = False,
    as_json: Json = False,
) -> None:
    """Tune SmolLM2 on wording answers; an adapter (peft) is the result."""
    import json
    from dataclasses import asdict

    from agent.chat_models.weights import prepare_smollm2
    from agent.tuning.lessons import hash_data, teach_words
    from agent.tuning.runs import read_losses
    from agent.tuning.training import RATES, TuningSettings, tune
    from ui.plots import chart_losses

    with Bars() as bars:
        tuned = tune(
            prepare_smollm2(progress=lambda share, what: bars.show(what, share)),
            list(teach_words("train")),
            list(teach_words("validation")),
            out,
            settings=TuningSettings(
                method=method, rank=rank, epochs=epochs, rate=RATES[method], seed=seed
            ),
            data=hash_data("words"),
            resume=resume,
            progress=bars.show,
        )
    chart_losses(read_losses(out)).write_html(out / "losses.html")
    if as_json:
        print(json.dumps(asdict(tuned)))
        return
    print(
        f"{tuned.steps:,} steps over {tuned.lessons:,} lessons in {tuned.seconds / 60:.0f} min. "
        f"Loss a token: {tuned.loss:.3f} at the end, {tuned.validation_loss:.3f} on the held-out "
        f"lessons.\nUse it: tribune chat --model local:smollm2@{out}\n"
        f"Measure it: python -m benchmarks.wording WORKSPACE --model local:smollm2@{out}"
    )
