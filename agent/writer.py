"""The model words the answer's first claims; what it gets wrong is said plainly instead.

A small model cannot be trusted with facts: it invents quotes and mixes figures. So quotes and
citations are taken out before and put back after, figures and names are marks that code fills in,
every claim gets one sentence, and that sentence stands only if the grounding passes it and it says
all that the claim says.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase

from langchain_core.language_models import BaseChatModel

from agent.claims import Claim
from agent.facts import Checks
from agent.grounding import Failure, Grounding
from agent.grounding.words import EVERYDAY, FUNCTION_WORDS
from agent.phrasing import ask_for_words, read_lines
from agent.placeholders import find_proper_names, mask, match_name
from tools.errors import ModelError

WORDED = 3
MAX_TOKENS = 90
# Share of a claim's words that its rewording must keep.
KEPT_WORDS = 0.7


def _stem(word: str) -> str:
    """Enough of a word to know it again (of "unhappy" more than of "happy"); whoever is spoken of
    is one and the same.
    """
    start = word[: 6 if word[:2].lower() == "un" else 4].lower()
    return "them" if start in ("thes", "thos", "they", "user") else start


# What a rewording may add: it says nothing by itself.
HARMLESS = frozenset(_stem(word) for word in EVERYDAY) | frozenset(
    "come word have this take they give well hold whil shar anot same gave make writ wrot get "
    "eith fit stil goes read amon wher".split()
)

_NUMBER = r"\d[\d.,:/%]*\d%?|\d%?"
_FIGURE = re.compile(_NUMBER)
_WORD = re.compile(r"[^\W\d_]{4,}")
# "4.9 stars on average too", after a group of 4.5; that both may be chance is no likeness.
_LIKENING = re.compile(r"(?<!chance )\b(?:too|as well|likewise|either)\b", re.IGNORECASE)
_SOURCE = re.compile(r"(: “[^”]*”)?( \[\d+\])+(?=[.]?$)")


@dataclass
class Tally:
    """What the checks found in the model's drafts, how many sentences they replaced, and why the
    model wrote no more where it failed.
    """

    failures: dict[str, int] = field(default_factory=dict)
    fallback: int = 0
    fault: str = ""

    def count(self, failures: Sequence[Failure]) -> None:
        """Add the failures of one draft."""
        for failure in failures:
            self.failures[failure.kind] = self.failures.get(failure.kind, 0) + 1

    def report(self) -> Checks:
        """The counts as the answer states them."""
        return Checks(
            numbers=self.failures.get("number", 0),
            quotes=self.failures.get("quote", 0),
            citations=self.failures.get("citation", 0),
            names=self.failures.get("name", 0),
            polarity=self.failures.get("polarity", 0),
            fallback=self.fallback,
        )


def word_answer(
    claims: Sequence[Claim],
    grounding: Grounding,
    model: BaseChatModel | None,
    tally: Tally,
    cancel: threading.Event,
) -> Iterator[str]:
    """The answer in Markdown, piece by piece, each piece checked: an opening paragraph of the
    first claims, then the rest as a list.

    Raises: Cancelled if `cancel` is set while the model writes.
    """
    opening = count_opening(claims)
    first = claims[:opening]
    told: Iterable[str] = [claim.text for claim in first]
    if model is not None:
        told = _Wording(first, grounding, model, tally, cancel)
    for place, sentence in enumerate(told):
        yield (" " if place else "") + sentence
    last: Claim | None = None
    for claim in claims[opening:]:
        yield _lead_in(last, claim) + claim.text
        last = claim


def _lead_in(last: Claim | None, claim: Claim) -> str:
    """What stands before a claim after the opening: a draft is set off as a quotation, the rest is
    a list.
    """
    if claim.paragraph is None:
        return "\n\n- " if last is None or last.paragraph is not None else "\n- "
    if last is None or last.paragraph is None:
        return "\n\n> "
    return " " if last.paragraph == claim.paragraph else "\n>\n> "


def count_opening(claims: Sequence[Claim]) -> int:
    """The first claims that carry no quote, up to three."""
    count = 0
    while count < min(WORDED, len(claims)) and _opens(claims[count]):
        count += 1
    return count or min(1, len(claims))


def _opens(claim: Claim) -> bool:
    return "“" not in claim.text and claim.paragraph is None


class _Wording:
    """The model's sentences for a few claims, each checked; the claim itself where none passes."""

    def __init__(
        self,
        claims: Sequence[Claim],
        grounding: Grounding,
        model: BaseChatModel,
        tally: Tally,
        cancel: threading.Event,
    ) -> None:
        self._claims, self._grounding, self._tally = claims, grounding, tally
        self._model, self._cancel = model, cancel
        # A model that was tuned on this needs no examples.
        self._shown = not getattr(model, "tuned", False)

    def __iter__(self) -> Iterator[str]:
        parts = [_take_sources_off(claim.text) for claim in self._claims]
        bare = [text for text, _ in parts]
        drafts = self._draft(bare, heat=0.0)
        for claim, (text, tail) in zip(self._claims, parts, strict=True):
            sentence = self._check(text, tail, self._take(drafts))
            if sentence is None:
                sentence = self._check(text, tail, self._take(self._draft([text], heat=0.6)))
            if sentence is None:
                self._tally.fallback += 1
            yield sentence or claim.text

    def _take(self, drafts: Iterator[str]) -> str | None:
        """The next draft; None where there is none or the model has failed."""
        if self._tally.fault:
            return None
        try:
            return next(drafts, None)
        except ModelError as error:
            self._tally.fault = str(error)
            return None

    def _draft(self, facts: Sequence[str], *, heat: float) -> Iterator[str]:
        """One sentence a fact, as the model writes them, figures and names put back."""
        masked = mask(facts, self._grounding.names)
        if masked is None:
            return
        reply = self._model.bind(
            cancel=self._cancel, max_tokens=MAX_TOKENS * len(facts), temperature=heat, seed=1
        )
        written = ""
        for chunk in reply.stream(ask_for_words(masked.sentences, shown=self._shown)):
            written += str(chunk.content)
            *lines, written = written.split("\n")
            yield from (masked.fill(line) or "" for line in read_lines("\n".join(lines)))
        yield from (masked.fill(line) or "" for line in read_lines(written))

    def _check(self, fact: str, tail: str, draft: str | None) -> str | None:
        if draft is None:
            return None
        sentence = draft.removesuffix(".") + tail + "."
        losses = find_losses(fact, draft, self._grounding.names)
        failures = [*self._grounding.check(sentence), *losses]
        self._tally.count(failures)
        return None if failures else sentence


def _take_sources_off(claim: str) -> tuple[str, str]:
    """A claim without its quote and citations, and these."""
    source = _SOURCE.search(claim)
    tail = source[0] if source else ""
    return claim.removesuffix(".").removesuffix(tail) + ".", tail


def find_losses(claim: str, draft: str, known: Collection[str]) -> list[Failure]:
    """What the claim says and the draft does not, or the reverse: figures, names, words.

    known: names that either may hold; their digits are no figures.
    """
    lost = []
    for letter, name in zip(ascii_lowercase, find_proper_names(claim, known), strict=False):
        claim, told = re.subn(match_name(name), 5 * letter, claim)
        draft, retold = re.subn(match_name(name), 5 * letter, draft)
        if told != retold:
            lost.append(Failure("name", draft, "The rewording drops or adds a name."))
    if sorted(_FIGURE.findall(claim)) != sorted(_FIGURE.findall(draft)):
        lost.append(Failure("number", draft, "The rewording drops or adds a figure."))
    elif not _keeps_company(claim, draft):
        lost.append(Failure("number", draft, "The rewording tells a figure of something else."))
    names = [w for w in claim.split()[1:] if w[:1].isupper() or not w.isascii() or "_" in w]
    if any(name.strip(".,;:()") not in draft for name in names):
        lost.append(Failure("name", draft, "The rewording drops a name."))
    words, said = _stems(claim), _stems(draft)
    if len(words & said) < KEPT_WORDS * len(words):
        lost.append(Failure("name", draft, "The rewording leaves out what the claim says."))
    if said - words - HARMLESS:
        lost.append(Failure("name", draft, "The rewording names what the claim does not."))
    if len(_LIKENING.findall(draft)) > len(_LIKENING.findall(claim)):
        lost.append(Failure("name", draft, "The rewording likens what the claim does not."))
    if _count_stems(draft) - _count_stems(claim):
        lost.append(Failure("name", draft, "The rewording says a word more often than the claim."))
    return lost


def _count_stems(text: str) -> Counter[str]:
    """How often each word comes, function words aside, of those that come twice or more."""
    telling = (w for w in _WORD.findall(text) if w.lower() not in FUNCTION_WORDS)
    counted = Counter(map(_stem, telling))
    return Counter({w: n for w, n in counted.items() if n > 1 and w != "them"})


def _keeps_company(claim: str, draft: str) -> bool:
    """Whether every figure still stands by one of the words that it has in the claim, or is told
    as the same part of the same whole.
    """
    said = _follow_figures(draft)
    parts = {part for part, _ in _find_parts(claim) & _find_parts(draft)}
    return all(
        not words or figure in parts or any(words & o for o in said[figure])
        for figure, found in _follow_figures(claim).items()
        for words in found
    )


def _follow_figures(text: str) -> dict[str, list[set[str]]]:
    """Figure → for each time that it comes, the beginnings of the next two words, or of the last
    two where it stands in brackets and adds to what is before.
    """
    found: dict[str, list[set[str]]] = {}
    for match in _FIGURE.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        near = _WORD.findall(before)[-2:] if before.endswith("(") else _WORD.findall(after)[:2]
        found.setdefault(match[0], []).append({_stem(word) for word in near})
    return found


def _find_parts(text: str) -> set[tuple[str, str]]:
    """(part, whole) of "3 of the 40 who …" and of "of the 40 who …, 3 …"."""
    straight = re.findall(rf"({_NUMBER}) of (?:the |all )?({_NUMBER})\b", text)
    whole = rf"\b(?:[Oo]f|[Aa]mong|[Oo]ut of) (?:the |all )?({_NUMBER})\b"
    turned = re.findall(rf"{whole}[^;:]*?, ({_NUMBER})", text)
    return {*straight, *((part, all_) for all_, part in turned)}


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text)}
