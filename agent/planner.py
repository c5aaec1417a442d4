"""From a question to a call: the tagger's likeliest tools, filled in, refused or asked back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from agent import replies
from agent.arguments import TOOL_ARGUMENTS
from agent.conversation import Turn
from agent.facts import Chooser, Stance
from agent.mentions import Known, Reader, Reading
from agent.refusals import changes_data, infers_trait
from agent.slots import Filled, SlotFiller, is_elliptical
from agent.tagger.tagger import Tagger, Tags
from agent.values import read_stance
from agent.vocabulary import find_concepts

CANDIDATES = 4
# What a tool's probability is multiplied with where nothing gives one of its arguments, where it
# names a group that is not known, and where it leaves out the group that the question names or asks
# of a topic that it does not.
UNFILLED = 0.1
UNKNOWN = 0.5
UNUSED = 0.001
REFUSED = 0.99
LEANING = 2.0
# Below this probability, and with the next tool at least half as likely, the user is asked.
UNCERTAIN = 0.45
CLOSE = 0.5


@dataclass(frozen=True)
class Call:
    """A tool and its arguments."""

    tool: str
    args: dict[str, str | int]


@dataclass(frozen=True)
class Plan:
    """What to call next: a tool with arguments that it takes, or None and the words to answer with.

    confidence: the probability in [0, 1] that the choice of the tool is right; alternatives: the
    likeliest tools with theirs, best first. planner: who chose. choices: the two likeliest calls
    where it is too close to call, and the user should say which is meant. note: what the user
    should know of how it was chosen.
    """

    tool: str | None
    args: dict[str, str | int]
    confidence: float
    alternatives: list[tuple[str | None, float]]
    reply: str | None
    planner: Chooser = "encoder"
    choices: tuple[Call, ...] = ()
    note: str = ""


class EncoderPlanner:
    """Plans without a language model. Sees questions and calls, never what users wrote.

    known: the names of the workspace, where there is one; offered: the tools that may be called
    (all are recognised); tagger: what reads the questions.
    """

    def __init__(self, tagger: Tagger, *, known: Known, offered: Collection[str]) -> None:
        self._tagger = tagger
        self._offered = frozenset(offered)
        self._reader = Reader(known)
        self._filler = SlotFiller(self._reader)

    def plan(self, question: str, history: Sequence[Turn] = ()) -> Plan:
        """The call that answers `question` after the turns of `history`, the oldest first."""
        reading = self._reader.read(question)
        refusal = _refuse(reading)
        return refusal or self._choose(reading, self._tagger.tag(reading, history), history)

    def refuse(self, question: str) -> Plan | None:
        """The plan for what nobody may ask, whoever plans; None for anything else."""
        return _refuse(self._reader.read(question))

    def hear_stance(self, question: str) -> Stance | None:
        """likes or dislikes, where the question asks of these; None where it does not."""
        reading = self._reader.read(question)
        taken = {place for m in reading.mentions for place in range(m.first, m.last)}
        told = {
            concept
            for place, token in enumerate(reading.tokens)
            if place not in taken
            for concept in find_concepts(token.text)
        }
        heard = None if {"like", "dislike"} <= told else read_stance(reading, taken)
        return cast(Stance, heard) if heard in ("likes", "dislikes") else None

    def _choose(self, reading: Reading, tags: Tags, history: Sequence[Turn]) -> Plan:
        ranked = _lean(tags.tools, reading, history)[:CANDIDATES]
        calls = {
            tool: self._filler.fill(tool, reading, tags, history) if tool else Filled({})
            for tool, _ in ranked
        }
        weighed = [(tool, chance * self._trust(calls[tool], reading)) for tool, chance in ranked]
        lost = sum(chance for _, chance in ranked) - sum(weight for _, weight in weighed)
        weighed = [(tool, weight / (1 - lost)) for tool, weight in weighed]
        weighed.sort(key=lambda pair: -pair[1])
        tool, confidence = weighed[0]
        if tool is None and self._speaks_of_topic(calls.get("describe_topic")):
            tool, confidence = "describe_topic", dict(weighed)["describe_topic"]
        # Where the likeliest tool lost only because something was left unsaid, that is asked for.
        asked = ranked[0][0] if tool is None and calls[ranked[0][0]].missing else tool
        if asked is None:
            reply = replies.reply_to(reading.question)
        elif asked not in self._offered:
            reply = replies.OFF_TOPIC
        elif calls[asked].missing:
            reply = replies.ASK_FOR[calls[asked].missing[0]]
        else:
            TOOL_ARGUMENTS[asked].model_validate(calls[asked].args)
            choices = self._find_choices(weighed, calls) if confidence < UNCERTAIN else ()
            if choices:
                return Plan(None, {}, confidence, weighed, replies.WHICH, choices=choices)
            return Plan(asked, calls[asked].args, confidence, weighed, None)
        return Plan(None, {}, confidence, weighed, reply)

    def _find_choices(
        self, weighed: Sequence[tuple[str | None, float]], calls: Mapping[str | None, Filled]
    ) -> tuple[Call, ...]:
        """The two likeliest calls, where both can be made and the second is nearly as likely."""
        (first, most), (second, next_most) = weighed[:2]
        if first is None or second is None or next_most < CLOSE * most:
            return ()
        if any(tool not in self._offered or calls[tool].missing for tool in (first, second)):
            return ()
        return Call(first, calls[first].args), Call(second, calls[second].args)

    def _speaks_of_topic(self, call: Filled | None) -> bool:
        """Whether what seems to be off the subject is a subject of the reviews."""
        return call is not None and self._reader.knows_topic(str(call.args.get("topic", "")))

    def _trust(self, call: Filled, reading: Reading) -> float:
        """How far a call makes sense beside what the question names."""
        if call.missing:
            return UNFILLED
        only_group = {m.kind for m in reading.mentions} == {"group"}
        groups = [
            str(call.args[name]) for name in ("group", "first", "second") if name in call.args
        ]
        left_out = only_group and call.args and not groups
        if only_group and groups and not is_elliptical(reading):
            # "Can I rely on group 2?" after a question on soup is not on soup.
            topic = str(call.args.get("topic") or call.args.get("query") or "")
            left_out = topic.casefold() not in reading.question.casefold()
        trust = 1.0 if all(self._reader.knows_group(group) for group in groups) else UNKNOWN
        return trust * (UNUSED if left_out else 1.0)


def _refuse(reading: Reading) -> Plan | None:
    if not reading.tokens:
        return Plan(None, {}, 1.0, [(None, 1.0)], "Please ask a question in words.")
    for refuses, reply in ((infers_trait, replies.SENSITIVE), (changes_data, replies.READ_ONLY)):
        if refuses(reading):
            return Plan(None, {}, REFUSED, [(None, REFUSED)], reply)
    return None


def _lean(
    ranked: Sequence[tuple[str | None, float]], reading: Reading, history: Sequence[Turn]
) -> list[tuple[str | None, float]]:
    """The tools' probabilities where a question that leans on the one before ("and what do they
    dislike?") is the likelier to ask the same tool again.
    """
    last = history[-1].tool if history and is_elliptical(reading) else None
    weights = [(tool, p * (LEANING if tool and tool == last else 1.0)) for tool, p in ranked]
    total = sum(weight for _, weight in weights)
    return sorted(((tool, weight / total) for tool, weight in weights), key=lambda pair: -pair[1])


__all__ = ["Chooser", "EncoderPlanner", "Known", "Plan", "Turn"]
