"""tribune evaluate: how good planner, groups, recommenders, checks and classifier are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ui.terminal import Bars, Json, Workspace, find_version, open_tribune, read_texts

evaluations = typer.Typer(
    help="Measure groups, recommenders, planner and checks.", no_args_is_help=True
)


@evaluations.command("agent")
def evaluate_agent(
    questions: Annotated[Path, typer.Option(help="Questions with the calls that answer them.")],
    model: Annotated[
        str, typer.Option(help="A model string: it plans in place of the shipped planner.")
    ] = "none",
    as_json: Json = False,
) -> None:
    """How often the planner picks the right tool and arguments; needs no workspace."""
    from agent.evaluation import evaluate_planner

    scores = evaluate_planner(questions, model)
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


@evaluations.command("recommenders")
def evaluate_recommenders(
    workspace: Workspace = None,
    split: Annotated[
        Literal["leave-last", "time", "random"], typer.Option(help="What is held out.")
    ] = "leave-last",
    k: Annotated[int, typer.Option(help="Length of the lists.")] = 10,
    seed: int = 0,
    as_json: Json = False,
) -> None:
    """Every recommender on what users liked next, and what groups and texts add to it."""
    from dataclasses import asdict

    from tools.evaluation.recommenders import compare_recommenders
    from tools.evaluation.splits import SPLITS
    from tools.recommendation.choice import read_behaviour

    behaviour, group_users = read_behaviour(find_version(workspace), seed=seed)
    with Bars() as bars:
        found = compare_recommenders(
            behaviour, group_users, SPLITS[split], name=split, k=k, seed=seed,
            progress=lambda share: bars.show("comparing recommenders", share),
        )  # fmt: skip
    if as_json:
        print(json.dumps(asdict(found) | {"sentence": found.describe()}, indent=2))
        return
    _print_comparison(found)


def _print_comparison(found: Any) -> None:
    names = list(found.rows[0].measures)
    print(f"{'':<16}" + "".join(f"{name:>10}" for name in names) + "   NDCG over popularity")
    for row in found.rows:
        gap = row.over_popularity
        print(
            f"{row.name:<16}"
            + "".join(f"{row.measures[name]:>10.4f}" for name in names)
            + f"   {gap.mean:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
        )
    print(f"\n{'':<16}{'coverage':>10}{'diversity':>10}{'novelty':>10}{'popular':>10}{'Gini':>10}")
    for row in found.rows:
        s = row.spread
        print(
            f"{row.name:<16}{s.coverage:>10.3f}{s.diversity:>10.3f}{s.novelty:>10.2f}"
            f"{s.popularity:>10.3f}{s.concentration:>10.3f}"
        )
    print("\nNDCG by likes in the training (users)")
    for row in found.rows:
        bands = "".join(f"  {b}: {v:.4f} ({n:,})" for b, (v, n) in row.by_activity.items())
        print(f"{row.name:<16}{bands}")
    print(
        f"\nNDCG over the best that knows likes alone: all {found.n_users:,} users; with at most 5"
    )
    for row in found.rows:
        whole, cold = row.over_likes, row.cold_over_likes
        few = f"; {cold.mean:+.4f} ({cold.low:+.4f} to {cold.high:+.4f})" if cold else ""
        print(f"{row.name:<16}{whole.mean:+.4f} ({whole.low:+.4f} to {whole.high:+.4f}){few}")
    print(f"\n{found.describe()}")


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
