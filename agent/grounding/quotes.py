"""Whether a quote is a verbatim run of the review that it cites."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agent.grounding.reading import Quote, fold
from agent.grounding.sense import Sense
from agent.grounding.sources import Failure
from agent.grounding.words import NEGATIONS

GAP = re.compile(r"\s*(?:\.{2,}|…|\[\s*(?:\.{2,}|…)\s*\])\s*")
EDGES = " .,;:!?…\"'()-"
STOP = re.compile(r"[.!?;…]")


def fold_quote(text: str) -> str:
    """Lower case, one kind of quotation marks, dashes, dots and blanks."""
    text = fold(text).translate({ord(mark): "'" for mark in '“”„«»"'})
    return " ".join(text.casefold().split())


class Reviews:
    """The reviews that claims cite, and the quotes that the claims themselves hold."""

    def __init__(self, evidence: Mapping[int, str], claims: Sequence[Sense]) -> None:
        self.texts = {number: fold_quote(text) for number, text in evidence.items()}
        self.claimed = [
            [fold_quote(quote.text).strip(EDGES) for quote in sense.quotes] for sense in claims
        ]
        self.by_number: dict[int, list[str]] = {}
        for sense, quotes in zip(claims, self.claimed, strict=True):
            for quote, text in zip(sense.quotes, quotes, strict=True):
                for number in quote.cites:
                    self.by_number.setdefault(number, []).append(text)

    def quotes(self, claim: int, text: str) -> bool:
        """Whether the passage is a run of a quote of that claim."""
        passage = fold_quote(text).strip(EDGES)
        return any(find_run(quote, passage) >= 0 for quote in self.claimed[claim])

    def fault(self, quote: Quote) -> Failure | None:
        """Why the quote does not stand, or None. Uncited quotes must be runs of a claim's quote."""
        passage = fold_quote(quote.text).strip(EDGES)
        numbers = quote.cites or tuple(self.by_number)
        claimed = {text for number in numbers for text in self.by_number.get(number, [])}
        if not quote.cites:
            claimed |= {text for quotes in self.claimed for text in quotes}
        if passage in claimed:
            texts = [self.texts[n] for n in numbers if n in self.texts]
            if not texts or any(is_run(text, passage, trusted=True) for text in texts):
                return None
        sources = [self.texts[n] for n in quote.cites if n in self.texts] or list(claimed)
        if any(is_run(text, passage, trusted=False) for text in sources):
            return None
        where = "the cited review" if quote.cites else "any claim"
        return Failure("quote", quote.text, f"These are not the words of {where}.")


def is_run(text: str, passage: str, *, trusted: bool) -> bool:
    """Whether the passage, gaps marked by dots allowed, is a run of the text that keeps its sense.

    trusted: the passage was cut by code. Otherwise a run may not leave out a "not" that stands
    right before it or in its gaps, and each piece between gaps has two words or more.
    """
    if find_run(text, passage) >= 0:
        return trusted or keeps_sense(text, find_run(text, passage))
    pieces = [piece.strip(EDGES) for piece in GAP.split(passage)]
    if len(pieces) < 2 or len(pieces) > 4:
        return False
    start, last = 0, -1
    for piece in pieces:
        found = find_run(text, piece, start)
        if found < 0 or (not trusted and len(piece.split()) < 2):
            return False
        skipped = text[last:found] if last >= 0 else ""
        if not trusted and (denies(skipped) or (last < 0 and not keeps_sense(text, found))):
            return False
        start = last = found + len(piece)
    return True


def find_run(text: str, passage: str, start: int = 0) -> int:
    """Where the passage stands in the text, whole words only; -1 where it does not."""
    while passage and (at := text.find(passage, start)) >= 0:
        end = at + len(passage)
        inside_left = at > 0 and text[at - 1].isalnum() and passage[0].isalnum()
        inside_right = end < len(text) and text[end].isalnum() and passage[-1].isalnum()
        if not inside_left and not inside_right:
            return at
        start = at + 1
    return -1


def keeps_sense(text: str, at: int) -> bool:
    """Whether none of the three words before, in the same sentence, denies what follows."""
    before = STOP.split(text[max(0, at - 60) : at])[-1]
    return not denies(" ".join(before.split()[-3:]))


def denies(text: str) -> bool:
    return any(word.strip(EDGES) in NEGATIONS or "n't" in word for word in text.split())
