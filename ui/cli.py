"""The command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tools.errors import InputError, TribuneError

app = typer.Typer(
    name="tribune",
    help="Ask your customers' reviews who they are.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
evaluations = typer.Typer(help="Measure groups, planner and grounding.", no_args_is_help=True)
app.add_typer(evaluations, name="evaluate")
training = typer.Typer(help="Train the encoder on a workspace.", no_args_is_help=True)
app.add_typer(training, name="train")

Workspace = Annotated[
    Path | None, typer.Option(help="The workspace's folder (else TRIBUNE_WORKSPACE).")
]
Json = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]
Model = Annotated[
    str | None,
    typer.Option(help="local:smollm2, hf:ORG/NAME, openai:MODEL@URL or none."),
]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]

SAMPLE_WORKSPACE = Path("workspaces/sample")


def main() -> None:
    """Run the command line; errors become one sentence and an exit code."""
    try:
        app()
    except InputError as error:
        _complain(error, 2)
    except TribuneError as error:
        _complain(error, 1)
    except KeyboardInterrupt:
        _complain("Stopped. Nothing that was published changed; run it again to go on.", 130)


@app.command()
def demo(model: Model = None, port: int | None = None, browser: bool = True) -> None:
    """The sample world, built if need be, then the chat on localhost."""
    from tools.reviews import sample

    workspace = SAMPLE_WORKSPACE
    _build([sample.REVIEWS], workspace, items=sample.ITEMS)
    _open_app(workspace, model, port, browser)


@app.command()
def build(
    files: Annotated[list[Path], typer.Argument(help="Reviews: CSV, JSON lines or Parquet.")],
    items: Annotated[Path | None, typer.Option(help="What the items are.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="Our column=the file's, e.g. user_id=author.")
    ] = None,
    workspace: Workspace = None,
    encoder: Annotated[str | None, typer.Option("--encoder", help="The encoder's name.")] = None,
    algorithm: Annotated[Literal["kmeans", "ward"], typer.Option(help="Of the groups.")] = "kmeans",
    groups: Annotated[
        int | None, typer.Option(help="How many groups; chosen if not given.")
    ] = None,
    seed: int = 0,
    as_json: Json = False,
) -> None:
    """Read reviews, find topics and groups, and publish them in a workspace."""
    from agent.settings import read_settings

    settings = read_settings()
    _build(
        files,
        workspace or settings.workspace,
        items=items,
        mapping=_read_mapping(map_ or []),
        encoder=encoder or settings.encoder,
        algorithm=algorithm,
        groups=groups,
        seed=seed,
        as_json=as_json,
    )


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Further reviews: CSV, JSON or Parquet.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="Our column=the file's, e.g. user_id=author.")
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """New reviews join a built workspace at once; says when a rebuild is due."""
    from dataclasses import asdict

    from agent.settings import read_settings
    from tools import update
    from tools.workspace import Workspace as Folder

    folder = workspace or read_settings().workspace
    with _Bars() as bars:
        added = update.add(
            files, Folder(folder), mapping=_read_mapping(map_ or []), progress=bars.show
        )
    if as_json:
        told = {"new": added.new, "new_users": added.new_users, "placed": added.placed}
        drift = asdict(added.drift) | {"due": added.drift.due}
        print(json.dumps(told | {"counts": added.counts, "drift": drift}))
        return
    a = added.account
    print(
        f"{a.read:,} records read: {a.loaded:,} loaded, {a.duplicates:,} duplicates or here "
        f"already, {a.rejected:,} rejected."
    )
    if not added.new:
        print(f"Nothing new: {folder} holds these reviews already.")
        return
    if a.rejected:
        print(f"The rejects, with line and reason, are in {added.version / 'rejects.csv'}.")
    print(
        f"{added.new:,} reviews and {added.new_users:,} users are new in {folder}; "
        f"{added.placed:,} users joined or changed their group."
    )
    print(added.drift.describe())


@app.command()
def chat(
    workspace: Workspace = None, model: Model = None, port: int | None = None, browser: bool = True
) -> None:
    """The web app on a built workspace."""
    from agent.settings import read_settings

    _open_app(workspace or read_settings().workspace, model, port, browser)


@app.command()
def ask(
    question: str,
    workspace: Workspace = None,
    model: Model = None,
    conversation: Annotated[str, typer.Option(help="Name of a conversation to go on with.")] = "",
    as_json: Json = False,
) -> None:
    """One answer."""
    from uuid import uuid4

    from agent.graph import Assistant, Finished, Words
    from agent.settings import read_settings

    settings = read_settings()
    assistant = Assistant(_open(workspace), model or settings.model)
    for event in assistant.ask(question, conversation or uuid4().hex):
        if isinstance(event, Words) and not as_json:
            print(event.text, end="", flush=True)
        if isinstance(event, Finished):
            if as_json:
                print(event.answer.model_dump_json(indent=2))
            else:
                _print_sources(event.answer)


@app.command()
def groups(
    sort: Literal["size", "rating", "growth"] = "size",
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """The groups with size, trust and headline traits."""
    found = _open(workspace).list_groups(sort)
    if not as_json:
        _show(found, as_json)
        return
    told = found.model_dump(mode="json")
    for group in told["groups"]:
        group["size"] = group["n_users"]
    print(json.dumps(told, indent=2, ensure_ascii=False))


@app.command()
def group(group: str, workspace: Workspace = None, as_json: Json = False) -> None:
    """One group's profile, by number or name."""
    _show(_open(workspace).describe_group(group), as_json)


@app.command()
def user(user: str, workspace: Workspace = None, as_json: Json = False) -> None:
    """One user's profile and group."""
    _show(_open(workspace).describe_user(user), as_json)


@app.command()
def search(
    query: str,
    stance: Literal["likes", "dislikes", "any"] = "any",
    group: Annotated[str | None, typer.Option(help="Within a group.")] = None,
    user: Annotated[str | None, typer.Option(help="By a user.")] = None,
    item: Annotated[str | None, typer.Option(help="On an item.")] = None,
    limit: int = 5,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """The reviews themselves, by meaning."""
    _show(_open(workspace).search_reviews(query, stance, group, user, item, limit), as_json)


@app.command()
def report(group: str, out: Out, workspace: Workspace = None) -> None:
    """A persona report: .md or .html."""
    from agent.report import write_report

    written = write_report(_open(workspace), group, out)
    print(f"Wrote {written.path}: {written.n_claims} statements, each with its source.")


@app.command("export")
def export_table(
    what: Literal["members", "users", "items", "reviews"], out: Out, workspace: Workspace = None
) -> None:
    """Members, users, items or reviews as .csv or .parquet."""
    from agent.export import export

    rows = export(_open(workspace), what, out)
    print(f"Wrote {rows:,} rows to {out}.")


@evaluations.command("agent")
def evaluate_agent(
    questions: Annotated[Path, typer.Option(help="Questions with the calls that answer them.")],
    as_json: Json = False,
) -> None:
    """How often the planner picks the right tool and arguments; needs no workspace."""
    from agent.evaluation import evaluate_encoder_planner

    scores = evaluate_encoder_planner(questions)
    print(scores.model_dump_json(indent=2) if as_json else scores.describe())


@evaluations.command("groups")
def evaluate_groups(workspace: Workspace = None, as_json: Json = False) -> None:
    """Separation and stability of every number of groups that the build tried."""
    tribune = _open(workspace)
    curve = tribune.manifest["group_counts"]
    rows = [{"groups": int(k), **trial} for k, trial in curve.items()]
    if as_json:
        print(json.dumps({"chosen": len(tribune.groups), "tried": rows}, indent=2))
        return
    print(f"Chosen: {len(tribune.groups)} groups.")
    for row in rows:
        print(
            f"{row['groups']:>4}  separation {row['separation']:.3f}  "
            f"stability {row['stability']:.3f}"
        )


@evaluations.command("grounding")
def evaluate_grounding(
    workspace: Workspace = None,
    n: Annotated[int, typer.Option(help="How many mutations to try.")] = 1000,
    seed: int = 0,
    as_json: Json = False,
) -> None:
    """How many changed figures, quotes, names and citations the checks catch on real answers."""
    from agent.grounding.audit import audit
    from agent.true_answers import gather_answers

    report = audit(gather_answers(_open(workspace), seed=seed), n=n, seed=seed)
    print(report.to_json() if as_json else report.describe())


@evaluations.command("likes")
def evaluate_likes(workspace: Workspace = None, seed: int = 0, as_json: Json = False) -> None:
    """Text → will this user like it: a classification report on reviews not learned from."""
    from dataclasses import asdict

    import numpy as np

    from tools.evaluation.likes import evaluate_likes as report_likes

    version = _find_version(workspace)
    vectors = np.load(version / "sentence_vectors.npy")
    reports = report_likes(*_read_texts(version), vectors, seed=seed)
    if as_json:
        print(json.dumps([asdict(report) for report in reports], indent=2))
        return
    print("\n\n".join(report.describe() for report in reports))


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
    from tools.embedding.loss_log import read_losses
    from tools.embedding.objectives import AdaptationSettings
    from tools.workspace import read_manifest
    from ui.plots import chart_losses

    version = _find_version(workspace)
    target = out or (workspace or read_settings().workspace) / "encoder"
    with _Bars() as bars:
        verdict = adapt_encoder(
            *_read_texts(version),
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


def _find_version(workspace: Path | None) -> Path:
    from agent.settings import read_settings
    from tools.workspace import Workspace as Folder

    return Folder(workspace or read_settings().workspace).current()


def _read_texts(version: Path) -> tuple[Any, Any]:
    import pandas as pd

    return pd.read_parquet(version / "reviews.parquet"), pd.read_parquet(
        version / "sentences.parquet"
    )


def _open(workspace: Path | None) -> Any:
    from agent.settings import read_settings
    from agent.use_cases import Tribune
    from tools.workspace import Workspace as Folder

    return Tribune(Folder(workspace or read_settings().workspace))


def _open_app(workspace: Path, model: str | None, port: int | None, browser: bool) -> None:
    from agent.settings import read_settings
    from tools.workspace import Workspace as Folder
    from ui.app import launch

    settings = read_settings()
    launch(
        Folder(workspace),
        model=model or settings.model,
        host=settings.host,
        port=port or settings.port,
        open_browser=browser,
    )


def _build(
    files: list[Path],
    workspace: Path,
    *,
    items: Path | None = None,
    mapping: dict[str, str] | None = None,
    encoder: str = "local:minilm",
    algorithm: str = "kmeans",
    groups: int | None = None,
    seed: int = 0,
    as_json: bool = False,
) -> None:
    from tools.pipeline import BuildSettings, build
    from tools.workspace import Workspace as Folder

    if Path(encoder).is_dir():  # the workspace is opened from other folders too
        encoder = str(Path(encoder).resolve())
    settings = BuildSettings(encoder, algorithm, groups, seed)
    with _Bars() as bars:
        result = build(
            files,
            Folder(workspace),
            items=items,
            mapping=mapping,
            settings=settings,
            progress=bars.show,
        )
    if as_json:
        print(json.dumps({"new": result.new, "counts": result.counts, "notes": result.notes}))
        return
    c = result.counts
    if not result.new:
        print(f"Nothing new: {workspace} already holds these {c['reviews']:,} reviews.")
        return
    print(
        f"{c['records']:,} records read: {c['reviews']:,} loaded, {c['duplicates']:,} duplicates, "
        f"{c['rejected']:,} rejected."
    )
    if c["rejected"]:
        print(f"The rejects, with line and reason, are in {result.version / 'rejects.csv'}.")
    print(
        f"{c['users']:,} users, {c['items']:,} items, {c['sentences']:,} sentences, "
        f"{c['topics']} topics, {c['groups']} groups in {workspace}."
    )
    for note in result.notes:
        print(f"Note: {note}")


class _Bars:
    """A progress bar with time left for each step of a build, on standard error."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<24}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, step: str, share: float) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=1.0)
        self._progress.update(self._tasks[step], completed=share)


def _read_mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours:
            raise InputError(f"--map takes our column=the file's, as user_id=author; got {pair!r}.")
        mapping[ours.strip()] = theirs.strip()
    return mapping


def _show(found: BaseModel, as_json: bool) -> None:
    from agent.claims import write_claims

    if as_json:
        print(found.model_dump_json(indent=2))
        return
    for claim in write_claims(found):  # type: ignore[arg-type]
        print(claim.text)
    _print_evidence(found.evidence)  # type: ignore[attr-defined]


def _print_sources(answer: Any) -> None:
    print()
    _print_evidence(answer.citations)
    for note in answer.notes:
        print(f"Note: {note}")
    if answer.checks.fallback:
        print(
            f"Note: {answer.checks.fallback} of the model's sentences were not true to the facts "
            "and were replaced by plain ones."
        )


def _print_evidence(evidence: list[Any]) -> None:
    if evidence:
        print("\nSources")
    for e in evidence:
        stars = f", {e.rating:g} stars" if e.rating is not None else ""
        day = f", {e.time:%Y-%m-%d}" if e.time is not None else ""
        print(
            f"[{e.n}] {e.user_id or 'unknown user'} on {e.item_id or 'unknown item'}"
            f"{stars}{day}: {e.quote}"
        )


def _complain(error: object, code: int) -> None:
    print(error, file=sys.stderr)
    raise SystemExit(code)
