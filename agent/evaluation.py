"""How often a planner picks the right tool and the right arguments, on questions with answers."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agent.arguments import TOOL_ARGUMENTS
from agent.chat_models.models import load_chat_model
from agent.conversation import Turn, join_turns
from agent.model_planner import ModelPlanner
from agent.planner import EncoderPlanner, Known, Plan
from agent.planning import Planner, choose_planner
from agent.tagger.tagger import load_tagger
from tools.errors import InputError

MIN_F1 = 0.5
FREE_TEXT = frozenset({"topic", "query", "message"})
Args = Mapping[str, str | int | None]


@dataclass(frozen=True)
class Call:
    """A tool and its arguments; `tool` None: no tool."""

    tool: str | None
    args: Args


@dataclass(frozen=True)
class Question:
    """A question and every call that answers it, the best one first."""

    id: str
    question: str
    history: Sequence[Turn]
    calls: Sequence[Call]


class ToolScores(BaseModel):
    """Shares in [0, 1] of the questions whose (best) tool this is."""

    n: int
    tool_accuracy: float
    call_accuracy: float


class AgentScores(BaseModel):
    """Shares in [0, 1]; no_tool_accuracy is None without questions that need no tool.

    valid_calls: share of the calls made that name a tool and whose arguments it takes.
    """

    n: int
    tool_accuracy: float
    call_accuracy: float
    no_tool_accuracy: float | None
    valid_calls: float
    p50_seconds: float
    tools: dict[str, ToolScores]

    def describe(self) -> str:
        """The scores as a table in plain text."""
        lines = [f"{'tool':<24}{'n':>5}{'tool':>8}{'call':>8}"]
        whole = ToolScores(
            n=self.n, tool_accuracy=self.tool_accuracy, call_accuracy=self.call_accuracy
        )
        for name, row in [*self.tools.items(), ("in all", whole)]:
            lines.append(f"{name:<24}{row.n:>5}{row.tool_accuracy:>8.3f}{row.call_accuracy:>8.3f}")
        if self.no_tool_accuracy is not None:
            lines.append(f"questions that need no tool, seen as such: {self.no_tool_accuracy:.3f}")
        lines.append(f"valid calls: {self.valid_calls:.3f}")
        lines.append(f"time for a choice (median): {1000 * self.p50_seconds:.0f} ms")
        return "\n".join(lines)


def evaluate_planner(path: Path, model: str = "none") -> AgentScores:
    """Scores, without a workspace and with all tools offered, on the questions of a file.

    model: the model string of one that is measured alone, without the encoder that plans beside it
    in the chat; with "none" the encoder plans.

    Raises: InputError for questions that cannot be used; ModelError for a model that cannot be
    loaded.
    """
    questions = read_questions(path)
    chat_model = load_chat_model(model)
    if chat_model is not None:
        return evaluate(_Alone(ModelPlanner(chat_model)), questions)
    encoder = EncoderPlanner(load_tagger(), known=Known(), offered=TOOL_ARGUMENTS)
    return evaluate(choose_planner(encoder, None), questions)


class _Alone:
    def __init__(self, planner: ModelPlanner) -> None:
        self._planner = planner

    def plan(
        self, question: str, history: Sequence[Turn] = (), cancel: Event | None = None
    ) -> Plan:
        nothing = Plan(None, {}, 0.0, [], None)
        return self._planner.plan(question, history, nothing, cancel or Event())


def evaluate(planner_like: Planner, questions: Sequence[Question]) -> AgentScores:
    """Plan every question with its own history. Raises: InputError if there are none."""
    if not questions:
        raise InputError("There are no questions to evaluate; give at least one line.")
    seen, right_tool, right_call = Counter[str](), Counter[str](), Counter[str]()
    seconds, made, valid = [], 0, 0
    for question in questions:
        start = time.perf_counter()
        plan = planner_like.plan(question.question, question.history)
        seconds.append(time.perf_counter() - start)
        kind = question.calls[0].tool or "no tool"
        seen[kind] += 1
        right_tool[kind] += any(plan.tool == call.tool for call in question.calls)
        right_call[kind] += any(match_call(plan, call) for call in question.calls)
        if plan.tool is not None:
            made += 1
            valid += is_valid(plan.tool, plan.args)
    return AgentScores(
        n=len(questions),
        tool_accuracy=right_tool.total() / len(questions),
        call_accuracy=right_call.total() / len(questions),
        no_tool_accuracy=right_tool["no tool"] / seen["no tool"] if seen["no tool"] else None,
        valid_calls=valid / made if made else 1.0,
        p50_seconds=statistics.median(seconds),
        tools={
            kind: ToolScores(
                n=n, tool_accuracy=right_tool[kind] / n, call_accuracy=right_call[kind] / n
            )
            for kind, n in sorted(seen.items())
        },
    )


def match_call(plan: Plan, call: Call) -> bool:
    """Whether a plan is this call: same tool, and each argument right, defaults filled in.

    topic, query and message: token F1 of at least 0.5; all others: equal after case folding.
    """
    if plan.tool != call.tool:
        return False
    if plan.tool is None:
        return True
    got, wanted = _fill(plan.tool, plan.args), _fill(plan.tool, call.args)
    return (
        got is not None
        and wanted is not None
        and all(_same(name, got[name], wanted[name]) for name in wanted)
    )


def is_valid(tool: str, args: Args) -> bool:
    """Whether the tool exists and takes these arguments."""
    return _fill(tool, args) is not None


def token_f1(got: str, wanted: str) -> float:
    """Harmonic mean of the precision and recall of case-folded words."""
    a, b = Counter(_words(got)), Counter(_words(wanted))
    common = (a & b).total()
    return 2 * common / (a.total() + b.total()) if common else 0.0


def _words(text: str) -> list[str]:
    return [w for w in (part.strip(".,;:!?\"'“”‘’()") for part in text.casefold().split()) if w]


def _fill(tool: str, args: Args) -> dict[str, JsonValue] | None:
    model = TOOL_ARGUMENTS.get(tool)
    if model is None:
        return None
    try:
        return model.model_validate(dict(args)).model_dump()
    except ValidationError:
        return None


def _same(name: str, got: JsonValue, wanted: JsonValue) -> bool:
    if not isinstance(got, str) or not isinstance(wanted, str):
        return got == wanted
    if name in FREE_TEXT:
        return token_f1(got, wanted) >= MIN_F1
    return got.strip().casefold() == wanted.strip().casefold()


class _Message(BaseModel):
    role: str
    content: str
    tool: str | None = None
    args: dict[str, str | int | None] = {}


class _Alternative(BaseModel):
    """An accepted call; what is left out is as in the question itself."""

    model_config = ConfigDict(extra="forbid")
    tool: str | None = ""
    args: dict[str, str | int | None] | None = None


class _Line(BaseModel):
    question: str
    tool: str | None
    id: str | int = ""
    history: list[_Message] = []
    args: dict[str, str | int | None] = {}
    accept: list[_Alternative | str] | dict[str, list[str | int | None]] | None = None


def read_questions(path: Path) -> list[Question]:
    """Questions from JSON lines {"id", "history", "question", "tool", "args", "accept"}.

    history: messages {"role", "content", "tool", "args"}, the last two of the assistant's.
    accept: other right answers, either a list of calls {"tool", "args"} (what is left out is as in
    the question; a bare string is a tool) or an object of argument → list of right values.

    Raises: InputError with the line's number if the file is missing or a line cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The questions in {path} cannot be read: {error}.") from error
    questions = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise InputError(
                f"Line {number} of {path} is not JSON ({error.msg} at character {error.colno}). "
                "Each line must be one question."
            ) from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "line"
            raise InputError(
                f"Line {number} of {path}: {where}: {first['msg']}. Each line must hold question, "
                "tool (or null) and args."
            ) from error
        questions.append(_make_question(read, number, path))
    return questions


def _make_question(line: _Line, number: int, path: Path) -> Question:
    best = Call(line.tool, line.args)
    calls = [best]
    if isinstance(line.accept, dict):
        for name, values in line.accept.items():
            calls += [Call(c.tool, {**c.args, name: v}) for c in list(calls) for v in values]
    else:
        for other in line.accept or []:
            if isinstance(other, str):
                calls.append(Call(other, line.args))
                continue
            args = line.args if other.args is None else other.args
            calls.append(Call(line.tool if other.tool == "" else other.tool, args))
    for call in calls:
        if call.tool is not None and call.tool not in TOOL_ARGUMENTS:
            raise InputError(
                f"Line {number} of {path}: there is no tool {call.tool!r}. The tools are: "
                f"{', '.join(TOOL_ARGUMENTS)}, or null for none."
            )
    return Question(
        str(line.id or number),
        line.question,
        join_turns(m.model_dump() for m in line.history),
        calls,
    )
