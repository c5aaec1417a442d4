"""Checks a sentence against the claims of an answer: no figure, name, quote or direction is new.

A sentence stands if at most three claims, each for a stretch of its own, support all that it
asserts. What a sentence asserts is read by `agent.grounding_sense`; nothing here needs a model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.claims import Claim
from agent.grounding_figures import Figure, fits, same_kind
from agent.grounding_reading import Names, Token, fold, mention
from agent.grounding_sense import Sense, Way, is_everyday, plain_words
from agent.grounding_sentences import split_sentences
from agent.grounding_words import (
    ATTITUDES,
    NEGATIONS,
    STRICT,
    SUPERLATIVES,
    direction_of,
    stem,
    words,
)

__all__ = ["Failure", "Grounding", "split_sentences"]

Kind = Literal["number", "name", "quote", "citation", "polarity"]

LINK = re.compile(
    r"https?:|www\.|javascript:|data:\w+/|\]\(|\]\[(?!\d)|!\[|</?[a-z!]|`|&#?\w{1,10};"
    r"|\b[\w-]{1,60}\.(?:com|org|net|io|info|biz|app|dev|ru|xyz)\b|[\u202a-\u202e\u2066-\u2069]",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"\[[^\[\]]*\]")
PRONOUNS = words("they their it its them he she his her this these there here such both")
JOINTS = words("and but while whereas although though with")
APPOSITION = words("of from in who which whose a an the at on by for member members part where")
PARTS_MOST = 3
UNKNOWN_MOST = 1 / 3


@dataclass(frozen=True)
class Failure:
    """Why a sentence does not stand. found: the offending words. reason: one sentence."""

    kind: Kind
    found: str
    reason: str


@dataclass(frozen=True, slots=True)
class Atom:
    """One assertion of a sentence. claims: bit i is set where claim i could support it."""

    at: int
    kind: Kind
    found: str
    claims: int
    fixed: bool  # names, figures and quotes ask for a claim of their own; directions may be shared


class Grounding:
    """Checks sentences against the claims of one answer.

    evidence: citation number → full text of the cited review. names: every group, user, item and
    topic that the workspace knows or that the facts hold; a `Names` built once is used as it is.
    """

    def __init__(
        self,
        claims: Sequence[Claim],
        *,
        evidence: Mapping[int, str],
        names: Collection[str] = (),
    ) -> None:
        self.claims = list(claims)
        self.names = names if isinstance(names, Names) else Names(names)
        self.evidence = dict(evidence)
        self.senses = [Sense(claim.text, self.names) for claim in self.claims]
        self.plain = Mentions(claim.text for claim in self.claims)
        self._reviews = {n: fold_quote(text) for n, text in self.evidence.items()}
        self._index()

    def check(self, sentence: str, *, previous: str = "") -> list[Failure]:
        """Failures of one sentence; empty where it stands.

        previous: the sentence before, whose names a leading "they" or "it" must mean.
        """
        return []
