"""The conversation: plan → call → write → check, as a LangGraph with its memory in SQLite."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent.chat_models.models import load_chat_model
from agent.claims import Claim, write_claims
from agent.facts import Answer, Choice, Citation, Facts, Seconds, ToolCall, renumber
from agent.feedback import Verdict
from agent.grounding import Grounding, Names
from agent.memory import open_memory
from agent.model_planner import ModelPlanner
from agent.planner import EncoderPlanner, Known, Plan, Turn
from agent.planning import choose_planner
from agent.readings import read_link, say_call
from agent.tagger.tagger import load_tagger
from agent.toolbox import call_tool, list_offered
from agent.true_answers import list_names
from agent.use_cases import Tribune
from agent.writer import Tally, word_answer
from tools.errors import Cancelled, ModelError, TribuneError

MAX_ROUNDS = 3
REMEMBERED = 6


@dataclass(frozen=True)
class ToolStarted:
    """A tool is about to run."""

    name: str
    args: Mapping[str, str | int]


@dataclass(frozen=True)
class ToolFinished:
    """A tool has run; `error` is one sentence where it could not answer."""

    call: ToolCall
    facts: Facts | None
    error: str | None


@dataclass(frozen=True)
class Words:
    """Checked Markdown to append to the answer; citations look like [3]."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The whole answer; always the last event."""

    answer: Answer


Event = ToolStarted | ToolFinished | Words | Finished


class State(TypedDict, total=False):
    """What is remembered between questions: the turns so far, as plain data."""

    question: str
    turns: list[dict[str, object]]


@dataclass
class Run:
    """One question under way; not remembered."""

    question: str
    cancel: threading.Event
    model: BaseChatModel | None
    notes: list[str]
    plan: Plan | None = None
    rounds: int = 0
    calls: list[ToolCall] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    error: str | None = None
    claims: list[Claim] = field(default_factory=list)
    answer: str = ""
    tally: Tally = field(default_factory=Tally)
    start: float = field(default_factory=time.monotonic)
    first: float | None = None


class Assistant:
    """Answers questions about one workspace. Safe to use from several threads.

    model: a model string (agent/chat_models/models.py), loaded when the first question is asked.
    """

    def __init__(self, tribune: Tribune, model: str = "local:smollm2") -> None:
        self.tribune = tribune
        self.model_name = model
        self._model: BaseChatModel | None = None
        self._loaded = model == "none"
        self._load_error: str | None = None
        self._loading = threading.Lock()
        self._names = Names(list_names(tribune))
        known = Known(
            groups=[(g.id, g.name) for g in tribune.groups],
            users=frozenset(tribune.user_ids),
            items=tribune.item_titles,
            topics=tribune.topic_names,
        )
        self._planner = EncoderPlanner(load_tagger(), known=known, offered=list_offered())
        self._graph = self._build_graph()

    def ask(
        self, question: str, conversation: str, *, cancel: threading.Event | None = None
    ) -> Iterator[Event]:
        """Answer a question within a conversation, telling what happens as it happens.

        Setting `cancel`, or closing the iterator, stops the model within two seconds; a stopped
        question is not remembered. Raises: Cancelled if `cancel` was set.
        """
        stop = cancel or threading.Event()
        model = self._load_model()
        notes = [self._load_error] if self._load_error else []
        run = Run(question.strip(), stop, model, notes)
        try:
            yield from self._graph.stream(
                {"question": run.question},
                self._thread(conversation),
                context=run,
                stream_mode="custom",
            )  # type: ignore[misc]
        finally:
            stop.set()

    def prepare(self) -> None:
        """Load the vectors, the index and the model, for which the first question would wait."""
        self.tribune.find_sentences("warm-up")
        len(self.tribune.store)
        self._load_model()

    def history(self, conversation: str) -> list[tuple[str, str]]:
        """(question, answer) pairs so far."""
        return [(str(t["question"]), str(t["answer"])) for t in self._turns(conversation)]

    def forget_last(self, conversation: str) -> str | None:
        """Remove the last turn and return its question, or None where there is none."""
        turns = self._turns(conversation)
        if not turns:
            return None
        self._graph.update_state(self._thread(conversation), {"turns": turns[:-1]})
        return str(turns[-1]["question"])

    def judge(self, conversation: str, place: int, verdict: Verdict | None) -> None:
        """Keep what a reader says of the turn at this place, counted from 0; None takes it back."""
        turns = self._turns(conversation)
        turns[place] = {**turns[place], "verdict": verdict}
        self._graph.update_state(self._thread(conversation), {"turns": turns})

    def _turns(self, conversation: str) -> list[dict[str, object]]:
        state = self._graph.get_state(self._thread(conversation)).values
        return list(state.get("turns", []))

    def _thread(self, conversation: str) -> RunnableConfig:
        return {"configurable": {"thread_id": conversation}}

    def _load_model(self) -> BaseChatModel | None:
        with self._loading:
            if not self._loaded:
                try:
                    self._model = load_chat_model(self.model_name)
                except ModelError as error:
                    self._load_error = f"{error} Until then answers are given in plain facts."
                self._loaded = True
        return self._model

    def _build_graph(self) -> CompiledStateGraph[State, Run, State, State]:
        graph = StateGraph(State, context_schema=Run)
        graph.add_node("plan", self._plan)
        graph.add_node("call", self._call)
        graph.add_node("write", self._write)
        graph.add_node("check", self._check)
        graph.add_edge(START, "plan")
        graph.add_conditional_edges("plan", self._after_plan, ["call", "write"])
        graph.add_edge("call", "plan")
        graph.add_edge("write", "check")
        graph.add_edge("check", END)
        return graph.compile(checkpointer=open_memory(self.tribune.workspace.conversations))

    # The nodes. None of them shows review text to what plans.

    def _plan(self, state: State, runtime: Runtime[Run]) -> State:
        run = runtime.context
        if not run.question:
            run.plan = Plan(None, {}, 1.0, [], "Please ask a question.")
            return {}
        past = state.get("turns", [])[-REMEMBERED:]
        turns = [_recall(t) for t in past]
        if run.rounds == 0:
            chosen = _find_chosen(run.question, past) or self._follow_link(run.question)
            planner = choose_planner(self._planner, run.model if self._plans_alone else None)
            run.plan = chosen or planner.plan(run.question, turns, run.cancel)
            run.notes += [run.plan.note] if run.plan.note else []
        elif run.model is not None and self._plans_alone and run.rounds < MAX_ROUNDS:
            results = [_say_result(found) for found in run.facts]
            done = list(zip(run.calls, results, strict=False))
            run.plan = ModelPlanner(run.model).go_on(run.question, turns, done, run.cancel)
        else:
            run.plan = None
        return {}

    def _follow_link(self, question: str) -> Plan | None:
        titles = set(self.tribune.item_titles.values())
        linked = read_link(question, self.tribune.topic_names, titles)
        return Plan(*linked, 1.0, [(linked[0], 1.0)], None, "user") if linked else None

    def _after_plan(self, state: State, runtime: Runtime[Run]) -> Literal["call", "write"]:
        plan = runtime.context.plan
        return "call" if plan and plan.tool and not runtime.context.error else "write"

    def _call(self, state: State, runtime: Runtime[Run]) -> State:
        run, tell = runtime.context, get_stream_writer()
        assert run.plan is not None
        assert run.plan.tool is not None
        tell(ToolStarted(run.plan.tool, run.plan.args))
        start = time.monotonic()
        found: Facts | None = None
        try:
            found = call_tool(self.tribune, run.plan.tool, run.plan.args)
            found = renumber(found, by=sum(len(f.evidence) for f in run.facts))
            run.facts.append(found)
        except TribuneError as error:
            run.error = str(error)
        call = ToolCall(
            name=run.plan.tool,
            args=dict(run.plan.args),
            ok=found is not None,
            seconds=round(time.monotonic() - start, 3),
            planner=run.plan.planner,
        )
        run.calls.append(call)
        run.rounds += 1
        tell(ToolFinished(call, found, run.error))
        return {}

    def _write(self, state: State, runtime: Runtime[Run]) -> State:
        run, tell = runtime.context, get_stream_writer()
        if not run.facts:
            reply = run.plan.reply if run.plan else None
            pieces = iter([run.error or reply or "I can't answer that from the reviews."])
        else:
            asked = self._planner.hear_stance(run.question)
            for found in run.facts:
                run.claims += write_claims(found, asked)
                run.notes += [n for n in found.notes if n not in run.notes]
            pieces = word_answer(run.claims, self._ground(run), run.model, run.tally, run.cancel)
        for piece in pieces:
            if run.first is None:
                run.first = time.monotonic() - run.start
            run.answer += piece
            tell(Words(piece))
        if run.tally.fault:
            run.notes.append(f"{run.tally.fault} The rest is told in plain facts.")
        return {}

    def _check(self, state: State, runtime: Runtime[Run]) -> State:
        run, tell = runtime.context, get_stream_writer()
        if run.cancel.is_set():
            raise Cancelled("Stopped.")
        total = time.monotonic() - run.start
        cited = {int(n) for n in re.findall(r"\[(\d+)\]", run.answer)}
        last = run.facts[-1] if run.facts else None
        choices = [
            Choice(label=say_call(c.tool, c.args), name=c.tool, args=c.args)
            for c in (run.plan.choices if run.plan else ())
        ]
        tell(
            Finished(
                Answer(
                    question=run.question,
                    answer=run.answer,
                    model=self.model_name if run.model is not None else "none",
                    tool_calls=run.calls,
                    facts=last.model_dump(mode="json") if last else {},
                    citations=[
                        Citation(**e.model_dump(include=set(Citation.model_fields)))
                        for found in run.facts
                        for e in found.evidence
                        if e.n in cited
                    ],
                    checks=run.tally.report(),
                    seconds=Seconds(first=round(run.first or total, 2), total=round(total, 2)),
                    notes=run.notes,
                    choices=choices,
                )
            )
        )
        call = run.calls[-1] if run.calls else None
        turn: dict[str, object] = {
            "question": run.question,
            "tool": call.name if call else None,
            "args": call.args if call else {},
            "planner": call.planner if call else None,
            "answer": run.answer,
            "choices": [choice.model_dump() for choice in choices],
        }
        return {"turns": [*state.get("turns", []), turn]}

    def _ground(self, run: Run) -> Grounding:
        evidence = {e.n: e.quote for found in run.facts for e in found.evidence}
        return Grounding(run.claims, evidence=evidence, names=self._names)

    @property
    def _plans_alone(self) -> bool:
        """A model named by hf: or openai: plans too; the small one only words answers."""
        return self.model_name.startswith(("hf:", "openai:"))


def _recall(turn: Mapping[str, object]) -> Turn:
    args = turn.get("args")
    return Turn(
        question=str(turn["question"]),
        tool=str(turn["tool"]) if turn.get("tool") else None,
        args=dict(args) if isinstance(args, Mapping) else {},
        answer=str(turn.get("answer", "")),
    )


def _find_chosen(question: str, past: Sequence[Mapping[str, object]]) -> Plan | None:
    """The call of the reading that the question repeats, of those that the last answer offered."""
    offered = past[-1].get("choices", []) if past else []
    for choice in map(Choice.model_validate, offered if isinstance(offered, list) else []):
        if choice.label == question:
            return Plan(choice.name, choice.args, 1.0, [(choice.name, 1.0)], None, "user")
    return None


def _say_result(found: Facts) -> str:
    """A result for the planner: its claims without what users wrote."""
    bare = [re.sub(r": “[^”]*” \[\d+\]", "", c.text) for c in write_claims(found)]
    return " ".join(bare[:4])
