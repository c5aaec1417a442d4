"""What the commands share: options, the opened workspace, progress bars and printed facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

Workspace = Annotated[
    Path | None, typer.Option(help="The workspace's folder (else TRIBUNE_WORKSPACE).")
]
Json = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]
Model = Annotated[
    str | None,
    typer.Option(help="local:smollm2, llamacpp:smollm2, hf:ORG/NAME, openai:MODEL@URL or none."),
]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]


def open_tribune(workspace: Path | None) -> Any:
    """The workspace, or the one that the settings name, opened."""
    from agent.settings import read_settings
    from agent.use_cases import Tribune
    from tools.workspace import Workspace as Folder

    return Tribune(Folder(workspace or read_settings().workspace))


def find_version(workspace: Path | None) -> Path:
    """Folder of the workspace's published version."""
    from agent.settings import read_settings
    from tools.workspace import Workspace as Folder

    return Folder(workspace or read_settings().workspace).current()


def read_texts(version: Path) -> tuple[Any, Any]:
    """The version's reviews and sentences, as tables."""
    import pandas as pd

    return pd.read_parquet(version / "reviews.parquet"), pd.read_parquet(
        version / "sentences.parquet"
    )


class Bars:
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

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, step: str, share: float) -> None:
        """Move a step's bar to that share, in [0, 1], of its length."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=1.0)
        self._progress.update(self._tasks[step], completed=share)


def show_facts(found: BaseModel, as_json: bool) -> None:
    """Print a tool's result, as sentences and sources or as JSON."""
    from agent.claims import write_claims

    if as_json:
        print(found.model_dump_json(indent=2))
        return
    paragraph = None
    for claim in write_claims(found):  # type: ignore[arg-type]
        if claim.paragraph != paragraph:
            print()
        print(claim.text)
        paragraph = claim.paragraph
    _print_evidence(found.evidence)  # type: ignore[attr-defined]


def print_sources(answer: Any) -> None:
    """Print what an answer cites, what else is to be told, and what the checks replaced."""
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
        if e.source == "answer":
            print(f"[{e.n}] a past answer: {e.quote}")
            continue
        stars = f", {e.rating:g} stars" if e.rating is not None else ""
        day = f", {e.time:%Y-%m-%d}" if e.time is not None else ""
        print(
            f"[{e.n}] {e.user_id or 'unknown user'} on {e.item_id or 'unknown item'}"
            f"{stars}{day}: {e.quote}"
        )
