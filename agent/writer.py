"""The model words the answer's first claims; what it gets wrong is said plainly instead.

A model of 135 million parameters cannot be trusted with facts: asked to answer from a list of
them, it invents quotes and mixes figures. So it rewords one claim at a time; quotes and citations
are taken out before and put back after; and a rewording stands only if the grounding passes it and
it says all that the claim says.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent import prompts
from agent.claims import Claim
from agent.facts import Checks
from agent.grounding import Failure, Grounding
from agent.grounding.words import EVERYDAY

WORDED = 3
TRIES = 2
MAX_TOKENS = 90
# Share of a claim's words that its rewording must keep.
KEPT_WORDS = 0.7

_FIGURE = re.compile(r"\d[\d.,:/%]*\d%?|\d%?")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SOURCE = re.compile(r"(: “[^”]*”)?( \[\d+\])+(?=[.]?$)")


@dataclass
class Tally:
    """What the checks found in the model's drafts, and how many sentences they replaced."""

    failures: dict[str, int] = field(default_factory=dict)
    fallback: int = 0

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
    opening = _count_opening(claims)
    for place, claim in enumerate(claims[:opening]):
        sentence = claim.text if model is None else _reword(claim, grounding, model, tally, cancel)
        yield (" " if place else "") + sentence
    for place, claim in enumerate(claims[opening:]):
        yield ("\n\n- " if not place else "\n- ") + claim.text


def _count_opening(claims: Sequence[Claim]) -> int:
    """The first claims that carry no quote, up to three."""
    count = 0
    while count < min(WORDED, len(claims)) and "“" not in claims[count].text:
        count += 1
    return count or min(1, len(claims))


def _reword(
    claim: Claim,
    grounding: Grounding,
    model: BaseChatModel,
    tally: Tally,
    cancel: threading.Event,
) -> str:
    source = _SOURCE.search(claim.text)
    tail = source[0] if source else ""
    bare = claim.text.removesuffix(".").removesuffix(tail) + "."
    messages = _show_examples(bare)
    for attempt in range(TRIES):
        heat = 0.0 if attempt == 0 else 0.6
        reply = model.bind(cancel=cancel, max_tokens=MAX_TOKENS, temperature=heat, seed=attempt)
        draft = _first_line(str(reply.invoke(messages).content))
        sentence = draft.removesuffix(".") + tail + "."
        failures = [*grounding.check(sentence), *_find_losses(bare, draft)]
        if not failures:
            return sentence
        tally.count(failures)
    tally.fallback += 1
    return claim.text


def _show_examples(fact: str) -> list[BaseMessage]:
    messages: list[BaseMessage] = [SystemMessage(prompts.REWORD)]
    for given, said in prompts.REWORDED:
        messages += [HumanMessage(given), AIMessage(said)]
    return [*messages, HumanMessage(fact)]


def _find_losses(claim: str, draft: str) -> list[Failure]:
    """What the claim says and the draft does not, or the reverse: figures, names, words."""
    lost = []
    if sorted(_FIGURE.findall(claim)) != sorted(_FIGURE.findall(draft)):
        lost.append(Failure("number", draft, "The rewording drops or adds a figure."))
    elif not _keeps_company(claim, draft):
        lost.append(Failure("number", draft, "The rewording tells a figure of something else."))
    names = [w for w in claim.split()[1:] if w[:1].isupper() or not w.isascii() or "_" in w]
    if any(name.strip(".,;:()") not in draft for name in names):
        lost.append(Failure("name", draft, "The rewording drops a name."))
    words = {w[:5].lower() for w in _WORD.findall(claim)}
    said = {w[:5].lower() for w in _WORD.findall(draft)}
    if len(words & said) < KEPT_WORDS * len(words):
        lost.append(Failure("name", draft, "The rewording leaves out what the claim says."))
    if said - words - {stem[:5] for stem in EVERYDAY}:
        lost.append(Failure("name", draft, "The rewording names what the claim does not."))
    return lost


def _keeps_company(claim: str, draft: str) -> bool:
    """Whether every figure still stands by one of the words that it has in the claim."""
    said = _follow_figures(draft)
    return all(
        not words or any(words & other for other in said[figure])
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
        found.setdefault(match[0], []).append({word[:5].lower() for word in near})
    return found


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].strip()
