"""tribune evaluate: how good planner, groups, checks and classifier are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ui.terminal import Json, Workspace, find_version, open_tribune, read_texts

evaluations = typer.Typer(help="Measure groups, planner and grounding.", no_args_is_help=True)


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
    tribune = open_tribune(workspace)
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

    report = audit(gather_answers(open_tribune(workspace), seed=seed), n=n, seed=seed)
    print(report.to_json() if as_json else report.describe())


@evaluations.command("likes")
def evaluate_likes(workspace: Workspace = None, seed: int = 0, as_json: Json = False) -> None:
    """Text → will this user like it: a classification report on reviews not learned from."""
    from dataclasses import asdict

    import numpy as np

    from tools.evaluation.likes import evaluate_likes as report_likes

    version = find_version(workspace)
    vectors = np.load(version / "sentence_vectors.npy")
    reports = report_likes(*read_texts(version), vectors, seed=seed)
    if as_json:
        print(json.dumps([asdict(report) for report in reports], indent=2))
        return
    print("\n\n".join(report.describe() for report in reports))
