"""How soon a message wants an answer, and in what tone it is written, with the words that say so.

Plain signals, each worth points: harm (money, theft, health) makes a message urgent by itself,
being stuck, haste, threats, asking again, shouting and angry words together with others. Praise and
thanks alone are of low urgency. Irony and negation ("nobody was hurt") are not understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

Level = Literal["low", "normal", "high"]
Tone = Literal["angry", "unhappy", "neutral", "pleased"]

HIGH = 3
# VADER's own limits for positive and negative, and one for plain anger.
PLEASED, UNHAPPY, ANGRY = 0.05, -0.05, -0.5
MIN_SHOUTED = 2

_POINTS = {"harm": 3, "stuck": 2, "deadline": 2, "threat": 2, "repeated": 1, "loud": 1, "anger": 1}
_SIGNALS = {
    "harm": r"""fraud\w*|scam(?:s|med|mers?)?|stolen|theft|thief|hack(?:ed|er|ers)
        |unauthori[sz]ed|phishing
        |(?:charged|billed|debited|paid|payment|took|taken)(?:\s\w+){0,4}\s(?:twice|two\stimes)
        |double[\s-]charged?|(?:lost|missing)\s(?:my\s)?(?:card|passport|wallet|phone|money)
        |(?:did\s?n[o']?t|never)\s(?:make|made|authori[sz]ed?|approved?)
        |allerg\w+|anaphyla\w+|poison\w*|injur\w+|hurt|bleed\w*|hospital|ambulance|unsafe
        |danger\w*|(?:on|caught)\sfire|gas\sleak|emergency|compromised
        |诈骗|被盗|盗刷|过敏|中毒|受伤|紧急|重复扣款|危险""",
    "stuck": r"""stuck|stranded|locked\sout|swallowed|blocked|frozen|can(?:'?t|not)\s(?:access|log
        |get\sin|pay|use|open|withdraw)|(?:does|do|did|is|are)\s?n[o']?t\swork\w*|broken|outage
        |卡住|无法|不能用|打不开|坏了""",
    "deadline": r"""urgent\w*|asap|immediate(?:ly)?|right\s(?:now|away)|today|tonight|tomorrow
        |this\s(?:morning|afternoon|evening)|(?:in|within)\s(?:\w+\s)?(?:minutes?|hours?)|deadline
        |before\s(?:my|the)\s(?:flight|trip|wedding|event)|马上|立刻|立即|今天|明天|尽快|赶紧""",
    "threat": r"""lawyer|attorney|sue\s(?:you|them)|legal\saction|court|police|ombudsman|chargeback
        |(?:cancel|close)\s(?:my|the|this)\s(?:account|contract|subscription)
        |起诉|律师|投诉|报警""",
    "repeated": r"""still\s(?:no|not|have\s?n[o']?t|waiting)|again\sand\sagain
        |(?:second|third|fourth)\stime|(?:already|twice)\s(?:\w+\s)?(?:asked|wrote|called|contacted)
        |一直没|第[二三四]次""",
}
_PATTERNS = {
    kind: re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE | re.VERBOSE)
    for kind, words in _SIGNALS.items()
}
_SHOUTED = re.compile(r"\b[A-Z]{3,}\b")
_CRIES = re.compile(r"[!！]{2,}|[?？][!！]|[!！][?？]")
_THANKS = re.compile(r"\b(?:thanks?|thank you|thx|cheers|well done|great job)\b|谢谢|感谢", re.I)


@dataclass(frozen=True)
class Signal:
    """kind: harm, stuck, deadline, threat, repeated, loud or anger; words: as they were written."""

    kind: str
    words: tuple[str, ...]
    points: int


@dataclass(frozen=True)
class Urgency:
    """level: high from 3 points on, low without a signal in a pleased or thankful message, else
    normal. polarity: VADER's compound score in [−1, 1], from which the tone is.
    """

    level: Level
    tone: Tone
    points: int
    polarity: float
    signals: tuple[Signal, ...]

    def explain(self) -> str:
        """One sentence: the level, the tone and the words that said so."""
        said = "; ".join(f"{s.kind}: {', '.join(s.words)}" for s in self.signals)
        why = said or "no word of harm, haste or anger"
        return f"Urgency is {self.level} and the tone {self.tone} ({why})."


def judge_urgency(message: str) -> Urgency:
    """Urgency and tone of one message, in English or Chinese (whose tone is always neutral but
    for its signals, as VADER knows English alone).
    """
    polarity = float(_lexicon().polarity_scores(message)["compound"])
    signals = [
        Signal(kind, found, _POINTS[kind])
        for kind, pattern in _PATTERNS.items()
        if (found := _find(pattern, message))
    ]
    pleased = polarity >= PLEASED or bool(_THANKS.search(message))
    loud = _find_shouts(message)
    if loud and (signals or not pleased):
        signals.append(Signal("loud", loud, _POINTS["loud"]))
    if polarity <= ANGRY:
        signals.append(Signal("anger", _find_angry_words(message), _POINTS["anger"]))
    points = sum(signal.points for signal in signals)
    level: Level = "high" if points >= HIGH else "normal"
    if not points and pleased and "?" not in message and "？" not in message:
        level = "low"
    return Urgency(level, _name_tone(polarity, signals), points, polarity, tuple(signals))


def _name_tone(polarity: float, signals: list[Signal]) -> Tone:
    """A plea with a trouble in it is not pleased, however polite its words."""
    loud = any(signal.kind == "loud" for signal in signals)
    if polarity <= ANGRY or (loud and polarity <= UNHAPPY):
        return "angry"
    if polarity <= UNHAPPY:
        return "unhappy"
    return "pleased" if polarity >= PLEASED and not signals else "neutral"


def _find(pattern: re.Pattern[str], message: str) -> tuple[str, ...]:
    plain = re.sub(r"\s", " ", message.replace("’", "'"))
    return tuple(dict.fromkeys(match[0] for match in pattern.finditer(plain)))


def _find_shouts(message: str) -> tuple[str, ...]:
    """Words in capitals, where at least two and a third of all are, and rows of marks."""
    shouted = _SHOUTED.findall(message)
    words = re.findall(r"\b[A-Za-z]{3,}\b", message)
    loud = len(shouted) >= MIN_SHOUTED and 3 * len(shouted) >= len(words)
    cries = _CRIES.findall(message)
    return tuple(dict.fromkeys([*(shouted if loud else []), *cries]))


def _find_angry_words(message: str) -> tuple[str, ...]:
    valences = _lexicon().lexicon
    words = dict.fromkeys(re.findall(r"[a-z']+", message.lower()))
    return tuple(word for word in words if valences.get(word, 0.0) < 0)


@cache
def _lexicon() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()
