"""A conversation as the page shows it: turns built from events, written as chat messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gradio.components.chatbot import MessageDict, MetadataDict

from agent.facts import Answer, Evidence, Facts
from agent.graph import Event, Finished, ToolFinished, ToolStarted, Words
from ui.pages.cards import count
from ui.pages.evidence import summarise

_CITATION = re.compile(r"\[(\d+)\]")
# What Markdown or HTML would read as more than text, where it would.
_ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|\[|`|&(?=#?\w+;)|:(?=//)|\.(?<=www\.)")
_BREAK = "\u200b"


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
    remarks: list[str] = field(default_factory=list)
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
                self.remarks = list_remarks(answer)
                self.choices = [choice.label for choice in answer.choices]

    def close(self) -> None:
        """Leave no step under way and no question without a word."""
        for step in self.steps:
            if step.seconds is None:
                step.seconds, step.error = 0.0, "No result."
        if not (self.text or self.error or self.remarks):
            self.error = "No answer came. Ask again, or in other words."
        self.done = True


def list_remarks(answer: Answer) -> list[str]:
    """What the reader must know about an answer beside its words."""
    replaced = answer.checks.fallback
    remarks = [note for note in answer.notes if note not in answer.answer]
    if replaced:
        verb = "was" if replaced == 1 else "were"
        remarks.append(
            f"{count(replaced, 'sentence')} of the model {verb} replaced by plain facts, "
            "for not matching what the tools found."
        )
    return remarks


def write_messages(turns: Sequence[Turn]) -> list[MessageDict]:
    """The conversation as messages of Gradio's chatbot, tool steps as collapsible ones."""
    messages: list[MessageDict] = []
    for number, turn in enumerate(turns):
        messages.append({"role": "user", "content": shield_question(turn.question)})
        messages.extend(_write_step(step) for step in turn.steps)
        linked = {e.n for e in turn.evidence}
        parts = [link_citations(turn.text, number, linked)] if turn.text else []
        if turn.error:
            parts.append(f'<span class="error">{shield(turn.error)}</span>')
        parts += [f'<small class="remark">{shield(remark)}</small>' for remark in turn.remarks]
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
    told = step.error or (summarise(step.facts) if step.facts else "")
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
            verb = {"dislikes": "dislike", "any": "speak of"}.get(str(args.get("stance")), "like")
            return f"Looking for users who {verb} “{given('topic')}”"
        case "list_groups":
            return "Listing the groups"
        case "describe_group":
            return f"Profiling group {given('group')}"
        case "compare_groups":
            return f"Comparing groups {given('first')} and {given('second')}"
        case "describe_user":
            return f"Looking up user {given('user')}"
        case "search_reviews":
            return f"Searching reviews for “{given('query')}”"
        case "describe_topic":
            return f"Gathering opinions on “{given('topic')}”"
        case "sentiment_trend":
            subject = args.get("topic") or args.get("group") or "all reviews"
            return f"Following sentiment on “{subject}”"
        case "write_report":
            return f"Writing the report on group {given('group')}"
        case "overview":
            return "Looking at what is loaded"
        case _:
            return name.replace("_", " ")
