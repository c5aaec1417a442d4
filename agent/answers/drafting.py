"""The words of a draft reply: set phrases around answers of the knowledge base, and nothing else.

Not a word of the message gets in, so no order, link or address within it can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.facts import Complaint, PastAnswer, Urgency
from agent.grounding import split_sentences

GREETING = "Good day."
CLOSING = "If this leaves anything open, simply reply to this message."
SIGNATURE = "Kind regards, your service team"
URGENT_AND_ANGRY = "I am sorry for the trouble that you have had, and I see that this is urgent."
URGENT = "I am sorry for the worry, and I see that this is urgent."
ANGRY = "I am sorry for the trouble that you have had."
UNHAPPY = "I am sorry that this did not go as it should."
PLEASED = "Thank you for your kind words."
NEUTRAL = "Thank you for your message."
PRAISED = "It is good to know what went well."
UNSURE = (
    "I do not want to tell you anything that I am not sure of, so a colleague has to look at this "
    "before you get an answer."
)
ASKING = "It would help to have any reference number, date and place that belong to it."
DANGER = "If anyone is hurt or in danger, please call the emergency services first."
FURTHER = "It may also help to know the following."

# Within what past agents wrote to one customer: the greeting, and the name below.
_GREETED = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^,.!\n]{0,40}[,.!]\s*", re.I
)
_SIGNED = re.compile(
    r"\s*(?:\^\s?\w{1,12}|(?:(?:kind|best|warm) )?regards\b.{0,60}|best wishes\b.{0,60}"
    r"|(?:yours )?sincerely\b.{0,60})\s*$",
    re.I | re.S,
)
_THANKS = re.compile(r"^(?:many )?thank", re.I)
_SORRY = re.compile(
    r"^(?:(?:we|i)(?: are| am|['’](?:re|m)) (?:very |so |really )?sorry|sorry|(?:we |i )?apolog"
    r"|please accept)",
    re.I,
)
_BODILY = re.compile(
    r"hurt|injur|bleed|poison|allerg|anaphyl|hospital|ambulance|fire|gas|danger|unsafe|emergency"
    r"|过敏|中毒|受伤|紧急|危险",
    re.I,
)  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What a reply is made from. answers: those to give, the main one first, none for a holding
    reply; further: one more that suits the customer's group; earlier: a complaint of theirs on the
    same subject; brief: whether the group writes briefly.
    """

    urgency: Urgency
    answers: Sequence[PastAnswer]
    further: PastAnswer | None
    earlier: Complaint | None
    brief: bool
    asks: bool


def compose(content: Content) -> list[list[str]]:
    """The draft's sentences, paragraph by paragraph; what is known from a source ends in [n]."""
    told = [sentence for answer in content.answers for sentence in _give(answer)]
    opening = [*_open(content.urgency, told), *_recall(content)]
    praised = content.urgency.tone == "pleased" and not content.asks
    if told:
        body = told
    elif praised:
        body = [PRAISED]
    else:
        body = [UNSURE, ASKING, *_warn(content.urgency)]
    paragraphs = [[GREETING], opening, body]
    if content.further and told and not content.brief:
        paragraphs.append([FURTHER, *_give(content.further)])
    if told and not praised:
        paragraphs.append([CLOSING])
    return [*(part for part in paragraphs if part), [SIGNATURE]]


def join(paragraphs: Sequence[Sequence[str]]) -> str:
    """The draft as text, its paragraphs apart."""
    return "\n\n".join(" ".join(sentences) for sentences in paragraphs)


def tidy(answer: str) -> str:
    """A past answer without the greeting and the signature that were for one customer."""
    bare = _SIGNED.sub("", _GREETED.sub("", answer.strip()))
    return " ".join((bare or answer).replace("“", "'").replace("”", "'").split())


def _open(urgency: Urgency, told: Sequence[str]) -> list[str]:
    """Apology or thanks, unless the answer begins with it."""
    if urgency.level == "high":
        return [URGENT_AND_ANGRY if urgency.tone == "angry" else URGENT]
    first = told[0] if told else ""
    if urgency.tone in ("angry", "unhappy"):
        words = ANGRY if urgency.tone == "angry" else UNHAPPY
        return [] if _SORRY.match(first) else [words]
    words = PLEASED if urgency.tone == "pleased" and urgency.level == "low" else NEUTRAL
    return [] if _THANKS.match(first) or _SORRY.match(first) else [words]


def _recall(content: Content) -> list[str]:
    earlier = content.earlier
    if earlier is None or content.brief:
        return []
    of = f" of {earlier.item}" if earlier.item else ""
    when = f" from {earlier.time:%B %Y}" if earlier.time else ""
    return [cite(f"I have your review{of}{when} before me as well.", earlier.cites)]


def _give(answer: PastAnswer) -> list[str]:
    """The answer's sentences, the last with its source."""
    sentences = split_sentences(tidy(answer.answer))
    return [*sentences[:-1], cite(sentences[-1], answer.cites)] if sentences else []


def cite(sentence: str, cites: Sequence[int]) -> str:
    """The sentence with its sources before the full stop."""
    numbers = "".join(f" [{n}]" for n in cites)
    end = re.search(r"[.!?。！？]+$", sentence)
    return sentence[: end.start()] + numbers + end[0] if end else f"{sentence}{numbers}."


def _warn(urgency: Urgency) -> list[str]:
    words = " ".join(word for signal in urgency.signals for word in signal.words)
    return [DANGER] if urgency.level == "high" and _BODILY.search(words) else []
