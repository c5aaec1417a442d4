"""Past questions with their answers and tags, from CSV, JSON or Parquet files, gzipped or not.

Every record ends as loaded, as a duplicate, or as rejected with its line and reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tools.errors import InputError, ReadError
from tools.reviews import assembly
from tools.reviews.accounts import ReadReport, Verdicts, add_up, keep_sound
from tools.reviews.assembly import Part
from tools.reviews.files import load_file

# The first name that a file has counts. Case, blanks and punctuation do not.
DIALOGUE_NAMES = {
    "question": """question customer_question question_text query customer_message user_message
        message instruction utterance prompt text input request issue problem title subject body
        问题 提问 咨询""",
    "answer": """answer best_answer answer_text response reply agent_reply agent_response
        company_response resolution solution output completion 答案 回答 回复""",
    "tags": """tags tag intent intents label_text label labels category categories topic topics
        class type department 标签 分类 意图""",
}
SCHEMA = pa.schema(
    [
        ("question_id", pa.string()),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("times", pa.int64()),
    ]
)
EMPTY_QUESTION = "empty question"
NOTHING_TO_LEARN = "neither an answer nor a tag"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class _Record:
    question: str
    answer: str
    tags: tuple[str, ...]

    @property
    def fault(self) -> str:
        if not self.question:
            return EMPTY_QUESTION
        return "" if self.answer or self.tags else NOTHING_TO_LEARN

    @property
    def key(self) -> str:
        """The same for records that differ in case and blanks alone."""
        parts = [self.question, self.answer, *sorted(self.tags)]
        return "\x1f".join(fold(part) for part in parts)


def read_dialogues(
    files: Sequence[Path],
    *,
    mapping: Mapping[str, str] | None = None,
    rejects_to: Path | None = None,
    progress: Progress | None = None,
) -> tuple[pa.Table, ReadReport]:
    """Read past questions, whose files may name their columns differently.

    Args:
        files: text files may be gzipped.
        mapping: question, answer or tags -> the file's column, before any guess; "" for a column
            not to be guessed.
        rejects_to: CSV file for the rejects, written only if a record was loaded.
        progress: called with the step and the share done, in [0, 1].

    Returns:
        One row a loaded record, file order kept: question_id str, question str, answer str or
        null, tags list of str (several are split at , ; | or given as a JSON list), times int64,
        how many records said just this. And the account.

    Raises:
        InputError: no files, or a mapping that names an unknown column.
        ReadError: a file that cannot be used, one with no column for questions or for neither
            answers nor tags, or no record that could be loaded.
    """
    if not files:
        raise InputError("No file was given. Give at least one file of questions with answers.")
    loaded = []
    for position, file in enumerate(files):

        def tell(share: float, file: Path = file, position: int = position) -> None:
            if progress:
                progress(f"reading {file.name}", (position + share) / len(files))

        loaded.append(load_file(file, tell))
    parts, notes = assembly.choose_columns(loaded, DIALOGUE_NAMES, mapping or {}, "question")
    for part in parts:
        _require_answers_or_tags(part)
    columns = (assembly.trim(assembly.gather(parts, ours)).to_pylist() for ours in DIALOGUE_NAMES)
    records = [
        _Record(q or "", a or "", split_tags(t or "")) for q, a, t in zip(*columns, strict=True)
    ]
    faults = [record.fault for record in records]
    times = Counter(record.key for record, fault in zip(records, faults, strict=True) if not fault)
    verdicts = Verdicts(faults, _find_repeated(records, faults))
    table = keep_sound(
        parts,
        {
            "question_id": [_make_id(record) for record in records],
            "question": [record.question for record in records],
            "answer": [record.answer or None for record in records],
            "tags": [list(record.tags) for record in records],
            "times": [times[record.key] for record in records],
        },
        verdicts,
    ).cast(SCHEMA)
    return table, add_up(parts, verdicts, notes + _describe_gaps(table), rejects_to)


def split_tags(text: str) -> tuple[str, ...]:
    """`refund; card` or `["refund", "card"]` -> each tag once, in order."""
    names: list[object] = list(re.split(r"[,;|，；、]", text))
    if text.lstrip().startswith("["):
        try:
            names = json.loads(text)
        except json.JSONDecodeError:
            names = list(re.split(r"[,;|]", text.strip("[] ")))
    tidy = (str(name).strip(" \t\n'\"") for name in names if name is not None)
    return tuple(dict.fromkeys(name for name in tidy if name))


def fold(text: str) -> str:
    """Without case and with single blanks."""
    return " ".join(text.casefold().split())


def _make_id(record: _Record) -> str:
    return "q" + hashlib.sha256(record.key.encode()).hexdigest()[:16]


def _find_repeated(records: Sequence[_Record], faults: Sequence[str]) -> npt.NDArray[np.bool_]:
    """(n,) whether a sound record says what one before it said."""
    first: dict[str, int] = {}
    return np.array(
        [
            not fault and first.setdefault(record.key, row) != row
            for row, (record, fault) in enumerate(zip(records, faults, strict=True))
        ],
        dtype=bool,
    )


def _require_answers_or_tags(part: Part) -> None:
    if part.file.table.num_rows and not {"answer", "tags"} & part.chosen.keys():
        raise ReadError(
            f"{part.file.facts.path.name} has no column that looks like answers or tags: its "
            f"columns are {', '.join(part.file.table.column_names[:30])}. Say which one it is: "
            "--map answer=COLUMN or --map tags=COLUMN."
        )


def _describe_gaps(table: pa.Table) -> list[str]:
    unanswered = table["answer"].null_count
    untagged = sum(not tags for tags in table["tags"].to_pylist())
    notes = []
    if unanswered:
        notes.append(
            f"Questions without an answer: {unanswered:,}. What messages ask is learned from "
            "their tags; they answer none."
        )
    if untagged:
        notes.append(f"Questions without a tag: {untagged:,}. They teach no intent.")
    return notes
