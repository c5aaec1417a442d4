"""What a version tells of itself: what it was built from, its counts, its groups, its notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tools.clustering.group_count import is_clear_cut
from tools.clustering.groups import MIN_SENTENCES, Groups
from tools.clustering.identity import Matching
from tools.embedding.encoder import DEFAULT_ENCODER, identify_encoder
from tools.embedding.sentiment import PolarityModel
from tools.embedding.verdict import read_verdict
from tools.errors import WorkspaceError
from tools.predecessor import Predecessor
from tools.workspace import Workspace, read_manifest

# Raised whenever the same files would give other results, so that they are built anew.
REVISION = 6


@dataclass(frozen=True)
class BuildSettings:
    """What a build depends on beside its files."""

    encoder: str = DEFAULT_ENCODER
    algorithm: str = "kmeans"
    n_groups: int | None = None
    seed: int = 0


DEFAULTS = BuildSettings()


def fingerprint_build(
    files: Sequence[Path],
    items: Path | None,
    answers: Sequence[Path],
    mapping: Mapping[str, str] | None,
    settings: BuildSettings,
) -> str:
    """The same for a build that would give the same."""
    given = {
        "revision": REVISION,
        "settings": asdict(settings) | {"encoder": identify_encoder(settings.encoder)},
        "mapping": dict(mapping or {}),
        "files": [_hash(path) for path in files],
        "items": items and _hash(items),
    }
    if answers:
        given["answers"] = [_hash(path) for path in answers]
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _hash(path: Path) -> str:
    if not path.is_file():
        return ""  # it is refused, with a sentence, when it is read
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def count_rows(tables: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """What the tables hold, as the manifest tells it."""
    names = ("reviews", "sentences", "users", "items", "topics", "groups")
    return {
        **{name: len(tables[name]) for name in names},
        "users_without_group": int(tables["users"]["group_id"].isna().sum()),
    }


def count_knowledge(answers: Mapping[str, Any] | None) -> dict[str, int]:
    """Past questions and the intents that they teach, where there are any."""
    return {} if answers is None else {k: answers["counts"][k] for k in ("questions", "intents")}


def tell_grouping(
    groups: Groups, matching: Matching, table: pd.DataFrame, before: Predecessor | None, built: str
) -> dict[str, Any]:
    """How the groups' number was chosen, how far they are to be trusted, and what became of the
    groups of the version before. table: the groups'.
    """
    return {
        "group_counts": {str(k): asdict(t) for k, t in groups.curve.items()},
        "grouping": {
            "stability": groups.stability,
            "chance": groups.chance,
            "last_id": max([*matching.ids, before.last_group if before else 0], default=0),
        },
        "changes": [
            *(before.changes if before else []),
            *_tell_changes(matching, table, before, built),
        ],
    }


def _tell_changes(
    matching: Matching, groups: pd.DataFrame, before: Predecessor | None, built: str
) -> list[dict[str, object]]:
    """What became of the groups since the version before; nothing for a first one."""
    if before is None:
        return []
    names = before.group_names | dict(zip(groups["group_id"], groups["name"], strict=True))
    return [
        asdict(change)
        | {
            "name": names[change.group_id],
            "other_name": names[change.other] if change.other is not None else None,
            "built": built,
        }
        for change in matching.changes
    ]


def judge_encoder(name: str) -> list[str]:
    """The verdict on an encoder that `tribune train encoder` made, unless it is for the better."""
    verdict = read_verdict(Path(name))
    return [verdict.describe()] if verdict and not verdict.better else []


def describe_groups(counts: Mapping[str, int], judge: PolarityModel, groups: Groups) -> list[str]:
    """What to know of polarity and groups, a sentence each."""
    notes = []
    if not judge.learned_:
        notes.append(
            "There are too few ratings to learn polarity from: it comes from a word list (VADER), "
            "which knows English only."
        )
    if counts["users"] and not counts["groups"]:
        notes.append(f"Too few users have said enough ({MIN_SENTENCES} sentences) to form groups.")
    if groups.curve and not is_clear_cut(groups.curve):
        notes.append(
            f"The users form no clear-cut groups: the {counts['groups']} groups divide a "
            "continuum, so read them as tendencies."
        )
    if counts["groups"] and not groups.beyond_chance:
        notes.append(
            "The groups are found again no better than groups of shuffled users would be: none of "
            "them is to be relied on."
        )
    elif shaky := int((~groups.trusted).sum()):
        notes.append(
            f"{shaky} of the {counts['groups']} groups {'is' if shaky == 1 else 'are'} not stable "
            "enough to act on: among users drawn anew they are often not found again."
        )
    if counts["groups"] and counts["users_without_group"]:
        notes.append(
            f"{counts['users_without_group']:,} of {counts['users']:,} users are in no group; "
            f"those with under {MIN_SENTENCES} sentences have said too little."
        )
    return notes


def describe_knowledge(answers: Mapping[str, Any] | None, workspace: Workspace) -> list[str]:
    """What to know of the past questions of a version, or that it drops those of the one before."""
    if answers is not None:
        return list(answers["notes"])
    try:
        lost = read_manifest(workspace.current()).get("answers")
    except WorkspaceError:
        lost = None
    if not lost:
        return []
    return [
        f"The version before held {lost['counts']['questions']:,} past questions; this one was "
        "built without --answers and holds none."
    ]
