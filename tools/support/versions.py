"""The knowledge base within a version of a workspace: read, built or taken over, and kept."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import Encoder
from tools.errors import WorkspaceError
from tools.reviews.accounts import ReadReport
from tools.support.dialogues import DIALOGUE_NAMES, read_dialogues
from tools.support.knowledge import (
    FILES,
    Progress,
    build_knowledge,
    index_questions,
    open_knowledge,
)
from tools.workspace import Workspace, read_manifest

REJECTS = "answers_rejects.csv"
# Raised whenever the same files would give another knowledge base.
REVISION = 1


@dataclass(frozen=True)
class Answers:
    """Past questions as they were read, the account of their records, and the columns given."""

    dialogues: pd.DataFrame
    account: ReadReport
    mapping: dict[str, str]

    def fingerprint(self, encoder: str, seed: int) -> str:
        """The same for answers that would give the same knowledge base."""
        files = [file.sha256 for file in self.account.files]
        told = [REVISION, encoder, seed, self.mapping, files]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def read_answers(
    files: Sequence[Path], folder: Path, mapping: Mapping[str, str] | None = None
) -> Answers | None:
    """Read past questions with their answers; None where no file was given.

    folder: of the version that is being built, where the rejects are listed; mapping: of all
    files, from which the columns of questions, answers and tags are taken.
    Raises: ReadError, InputError for files that cannot be used.
    """
    if not files:
        return None
    given = {ours: theirs for ours, theirs in (mapping or {}).items() if ours in DIALOGUE_NAMES}
    table, account = read_dialogues(files, mapping=given, rejects_to=folder / REJECTS)
    return Answers(table.to_pandas(), account, given)


def add_knowledge(
    answers: Answers,
    folder: Path,
    workspace: Workspace,
    encoder: Encoder,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Put the knowledge base into a version that is being built.

    What the published version learned from the same files is taken over.
    Returns: what the manifest tells of it: fingerprint, sources, mapping, counts and notes.
    Raises: WorkspaceError if what was written is not whole.
    """
    fingerprint = answers.fingerprint(encoder.name, seed)
    before = _find_same(workspace, fingerprint)
    if before is None:
        cache = EmbeddingCache(workspace.embeddings, encoder.name)
        build_knowledge(answers.dialogues, folder, encoder, cache, seed=seed, progress=progress)
    else:
        keep_knowledge(before, folder)
        index_questions(folder, progress)
    knowledge = open_knowledge(folder, encoder)
    intents = knowledge.intents.tags_ if knowledge.intents else []
    counts = {"questions": len(knowledge.questions), "intents": len(intents)}
    knowledge.close()
    account = answers.account
    return {
        "fingerprint": fingerprint,
        "sources": [asdict(file) for file in account.files],
        "mapping": account.mapping,
        "counts": {
            "records": account.read,
            "duplicates": account.duplicates,
            "rejected": account.rejected,
            **counts,
        },
        "notes": account.notes,
    }


def keep_knowledge(before: Path, folder: Path) -> None:
    """Copy what was learned, all but the index, from one version's folder to another's, where there
    is any.
    """
    for name in FILES:
        if (before / name).is_file():
            shutil.copy(before / name, folder / name)


def _find_same(workspace: Workspace, fingerprint: str) -> Path | None:
    """Folder of the published version, if it holds the knowledge base with this fingerprint."""
    try:
        version = workspace.current()
    except WorkspaceError:
        return None
    answers = read_manifest(version).get("answers") or {}
    return version if answers.get("fingerprint") == fingerprint else None
