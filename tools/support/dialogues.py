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

import pyarrow as pa

from tools.errors import InputError, ReadError
from tools.reviews import assembly
from tools.reviews.assembly import Part
from tools.reviews.files import load_file
from tools.reviews.reading import FileReport, ReadReport
from tools.reviews.rejects import Reject, write_rejects

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
    first: dict[str, _Record] = {}
    times: Counter[str] = Counter()
    accounts = [_account(part, first, times) for part in parts]
    reports = [report for report, _ in accounts]
    rejects = [reject for _, found in accounts for reject in found]
    if not first:
        raise ReadError(_explain_nothing(parts, rejects))
    if rejects_to:
        write_rejects(rejects, rejects_to)
    table = pa.Table.from_pylist(
        [
            {
                "question_id": "q" + hashlib.sha256(key.encode()).hexdigest()[:16],
                "question": record.question,
                "answer": record.answer or None,
                "tags": list(record.tags),
                "times": times[key],
            }
            for key, record in first.items()
        ],
        schema=SCHEMA,
    )
    encodings = [part.file.facts.note for part in parts if part.file.facts.note]
    notes = list(dict.fromkeys([*encodings, *notes, *_describe_gaps(table)]))
    return table, _add_up(parts, reports, notes)


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


def _account(
    part: Part, first: dict[str, _Record], times: Counter[str]
) -> tuple[FileReport, list[Reject]]:
    """Sort one file's records: new ones into `first`, every sound one counted in `times`."""
    file = part.file
    columns = (assembly.trim(assembly.gather([part], ours)).to_pylist() for ours in DIALOGUE_NAMES)
    rejects = list(file.rejects)
    duplicates = 0
    for row, (question, answer, tags) in enumerate(zip(*columns, strict=True)):
        record = _Record(question or "", answer or "", split_tags(tags or ""))
        if record.fault:
            shown = json.dumps(file.table.slice(row, 1).to_pylist()[0], ensure_ascii=False)
            rejects.append(Reject(file.facts.path.name, file.lines[row], record.fault, shown))
            continue
        duplicates += record.key in first
        first.setdefault(record.key, record)
        times[record.key] += 1
    rejects.sort(key=lambda reject: reject.line)
    read = file.table.num_rows + len(file.rejects)
    report = FileReport(
        name=file.facts.path.name,
        sha256=file.facts.sha256,
        bytes=file.facts.bytes,
        encoding=file.facts.encoding,
        format=file.format,
        delimiter=file.delimiter,
        read=read,
        loaded=read - duplicates - len(rejects),
        duplicates=duplicates,
        rejected=len(rejects),
    )
    return report, rejects


def _require_answers_or_tags(part: Part) -> None:
    if part.file.table.num_rows and not {"answer", "tags"} & part.chosen.keys():
        raise ReadError(
            f"{part.file.facts.path.name} has no column that looks like answers or tags: its "
            f"columns are {', '.join(part.file.table.column_names[:30])}. Say which one it is: "
            "--map answer=COLUMN or --map tags=COLUMN."
        )


def _explain_nothing(parts: Sequence[Part], rejects: Sequence[Reject]) -> str:
    names = ", ".join(part.file.facts.path.name for part in parts)
    if not rejects:
        return f"{names} holds a header and no records. Give a file with records."
    reason, count = Counter(reject.reason for reject in rejects).most_common(1)[0]
    return (
        f"No record of {names} could be loaded: {reason} ({count:,} of {len(rejects):,}). "
        "Mend the file, or map other columns."
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


def _add_up(parts: Sequence[Part], reports: list[FileReport], notes: list[str]) -> ReadReport:
    mapping: dict[str, dict[str, None]] = {}
    for part in parts:
        for ours, theirs in part.chosen.items():
            mapping.setdefault(ours, {})[theirs] = None
    return ReadReport(
        read=sum(report.read for report in reports),
        loaded=sum(report.loaded for report in reports),
        duplicates=sum(report.duplicates for report in reports),
        rejected=sum(report.rejected for report in reports),
        mapping={ours: " or ".join(names) for ours, names in mapping.items()},
        files=reports,
        notes=notes,
    )
