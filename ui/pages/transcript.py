"""A conversation as the page shows it: turns built from events, written as chat messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gradio.components.chatbot import MessageDict, MetadataDict

from agent.facts import Evidence, Facts
from agent.graph import Event, Finished, ToolFinished, ToolStarted, Words
from ui.pages.evidence import summarise
from ui.wording import say

_CITATION = re.compile(r"\[(\d+)\]")
# What Markdown or HTML would read as more than text, where it would.
_ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|\[|`|&(?=#?\w+;)|:(?=//)|\.(?<=www\.)")
_BREAK = "\u200b"
LOOKING = {
    "likes": "step_find_likes",
    "dislikes": "step_find_dislikes",
    "any": "step_find_any",
}


@dataclass
class Step:
    """One call of a tool; seconds is None while it runs."""

    name: str
    args: dict[str, object]
    seconds: float | None = None
    error: str | None = None
    facts: Facts | None = None


@dataclass
class Turn:
    """A question and what came of it so far. error: a sentence where no answer could be given;
    choices: questions, one of which was meant; remembered: whether the assistant keeps it too,
    which it does when the answer is whole.
    """

    question: str
    steps: list[Step] = field(default_factory=list)
    text: str = ""
    error: str = ""
    notes: list[str] = field(default_factory=list)
    n_replaced: int = 0
    stopped: bool = False
    choices: list[str] = field(default_factory=list)
    done: bool = False
    remembered: bool = False

    @property
    def facts(self) -> list[Facts]:
        """What the tools brought, in their order."""
        return [s.facts for s in self.steps if s.facts is not None]

    @property
    def evidence(self) -> list[Evidence]:
        """The quotes by number, each number once."""
        by_number = {e.n: e for found in self.facts for e in found.evidence}
        return [by_number[n] for n in sorted(by_number)]

    def absorb(self, event: Event) -> None:
        """Take in the next event of the assistant."""
        match event:
            case ToolStarted(name, args):
                self.steps.append(Step(name, dict(args)))
            case ToolFinished(call, facts, error):
                step = next((s for s in self.steps if s.seconds is None), None)
                if step is None:
                    step = Step(call.name, dict(call.args))
                    self.steps.append(step)
                step.seconds, step.facts, step.error = call.seconds, facts, error
            case Words(text):
                self.text += text
            case Finished(answer):
                self.text, self.done, self.remembered = answer.answer, True, True
                self.notes = [note for note in answer.notes if note not in answer.answer]
                self.n_replaced = answer.checks.fallback
                self.choices = [choice.label for choice in answer.choices]

    def close(self) -> None:
        """Leave no step under way and no question without a word."""
        for step in self.steps:
            if step.seconds is None:
                step.seconds = 0.0
        self.done = True


def list_remarks(turn: Turn) -> list[str]:
    """What the reader must know about an answer beside its words."""
    remarks = list(turn.notes)
    if turn.n_replaced:
        remarks.append(say("replaced", turn.n_replaced))
    if turn.stopped:
        remarks.append(say("stopped"))
    return remarks


def write_messages(turns: Sequence[Turn]) -> list[MessageDict]:
    """The conversation as messages of Gradio's chatbot, tool steps as collapsible ones."""
    messages: list[MessageDict] = []
    for number, turn in enumerate(turns):
        messages.append({"role": "user", "content": shield_question(turn.question)})
        messages.extend(_write_step(step) for step in turn.steps)
        linked = {e.n for e in turn.evidence}
        parts = [link_citations(turn.text, number, linked)] if turn.text else []
        silent = turn.done and not (turn.text or turn.error or list_remarks(turn))
        if error := turn.error or (say("no_answer") if silent else ""):
            parts.append(f'<span class="error">{shield(error)}</span>')
        parts += [
            f'<small class="remark">{shield(remark)}</small>' for remark in list_remarks(turn)
        ]
        if parts:
            message: MessageDict = {"role": "assistant", "content": "\n\n".join(parts)}
            if turn.choices and number == len(turns) - 1:
                message["options"] = [{"label": text, "value": text} for text in turn.choices]
            messages.append(message)
    return messages


def find_turn(turns: Sequence[Turn], message: int) -> int:
    """Which turn the chatbot's message with this index belongs to."""
    shown = 0
    for number in range(len(turns)):
        shown += len(write_messages(turns[number : number + 1]))
        if message < shown:
            return number
    return len(turns) - 1


def link_citations(text: str, turn: int, numbers: set[int]) -> str:
    """Markdown in which each [n] of `numbers` leads to its quote, and all else from outside that
    Markdown or HTML could act on (tags, links, images, code) shows as text.
    """
    parts = []
    end = 0
    for found in _CITATION.finditer(text):
        n = int(found[1])
        if n in numbers:
            parts += [shield(text[end : found.start()]), f'[[{n}]](#quote-{turn}-{n} "Quote {n}")']
            end = found.end()
    return "".join([*parts, shield(text[end:])])


def shield(text: str) -> str:
    """Text whose emphasis and lists Markdown still sees, but no tag, link, image or code."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", text)


def shield_question(text: str) -> str:
    """A question that shows as typed. Invisible breaks, not references: it can be edited."""
    return re.sub(r"([<!\[\]`$]|www(?=\.)|https?(?=:))", rf"\1{_BREAK}", text)


def unshield_question(text: str) -> str:
    """The question as it was typed."""
    return text.replace(_BREAK, "")


def _write_step(step: Step) -> MessageDict:
    pending = step.seconds is None
    told = step.error or (
        summarise(step.facts) if step.facts else "" if pending else say("no_result")
    )
    given = ", ".join(f"{k}: {v}" for k, v in step.args.items() if v not in (None, ""))
    content = "\n\n".join(shield(line) for line in (told, given) if line)
    metadata: MetadataDict = {
        "title": shield(describe_step(step.name, step.args)),
        "status": "pending" if pending else "done",
    }
    if step.seconds is not None:
        metadata["duration"] = step.seconds
    return {"role": "assistant", "content": content or "…", "metadata": metadata}


def describe_step(name: str, args: dict[str, object]) -> str:
    """What a tool's call does, in words."""

    def given(key: str) -> str:
        return str(args.get(key) or "…")

    match name:
        case "find_users":
            stance = str(args.get("stance") or "likes")
            return say(LOOKING.get(stance, "step_find_likes"), topic=given("topic"))
        case "list_groups":
            return say("step_list_groups")
        case "describe_group":
            return say("step_describe_group", group=given("group"))
        case "compare_groups":
            return say("step_compare_groups", first=given("first"), second=given("second"))
        case "describe_user":
            return say("step_describe_user", user=given("user"))
        case "recommend":
            return say("step_recommend", whom=args.get("user") or given("group"))
        case "explain_recommendation":
            return say("step_explain", item=given("item"), user=given("user"))
        case "search_reviews":
            return say("step_search_reviews", query=given("query"))
        case "describe_topic":
            return say("step_describe_topic", topic=given("topic"))
        case "sentiment_trend":
            subject = args.get("topic") or args.get("group")
            if not subject:
                return say("step_sentiment_all")
            return say("step_sentiment_trend", subject=subject)
        case "write_report":
            return say("step_write_report", group=given("group"))
        case "overview":
            return say("step_overview")
        case _:
            return name.replace("_", " ")
