"""Checks a sentence against the claims of an answer: no figure, name, quote or direction is new."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from agent.claims import Claim
from agent.grounding.directions import denial_faults
from agent.grounding.index import Atom, Index, reversals
from agent.grounding.numerals import Figure
from agent.grounding.parts import ELABORATING, RELATIVE, splits, told_apart
from agent.grounding.quotes import Reviews
from agent.grounding.reading import Names, mention
from agent.grounding.sense import Sense
from agent.grounding.sentences import split_sentences
from agent.grounding.sources import Failure, Part, Source, read_sources
from agent.grounding.support import assign, faults
from agent.grounding.words import words

LINK = re.compile(
    r"https?:|www\.|javascript:|data:\w+/|\]\(|!\[|</?[a-z!]|`|&#?\w{1,10};"
    r"|\b[\w-]{1,60}\.(?:com|org|net|io|info|biz|app|dev|ru|xyz)\b|[\u202a-\u202e\u2066-\u2069]",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"\[(?![\d\s,;–-]+\])[^\[\]]*\]")
NOT = re.compile(r"\b[Nn]ot (\w+)")
PRONOUNS = words("they their it its them he she his her these this")
REASONS = {
    "number": "No claim holds this figure for this.",
    "name": "No claim names this.",
    "quote": "No claim quotes the review that is cited.",
    "citation": "No claim has this citation.",
    "polarity": "No claim says this; they say the opposite or nothing of it.",
}
LONGEST = 2000
NO_CLAIM = [Failure("name", "", "No claim supports this stretch.")]


class Grounding:
    """Checks sentences against the claims of one answer.

    A sentence stands if at most three claims, each for a stretch of its own, support all that it
    asserts. Words that assert nothing are free.

    evidence: citation number → full text of the cited review. names: every group, user, item and
    topic that the workspace knows or that the facts hold; a `Names` built once is used as it is.
    """

    def __init__(
        self, claims: Sequence[Claim], *, evidence: Mapping[int, str], names: Collection[str] = ()
    ) -> None:
        self.claims = list(claims)
        self.evidence = dict(evidence)
        self.names = names if isinstance(names, Names) else Names(names)
        self._sources = read_sources(Sense(claim.text, self.names) for claim in self.claims)
        reviews = Reviews(self.evidence, [source.sense for source in self._sources])
        self._index = Index(self._sources, reviews)
        self._mentions = Mentions(mention(claim.text) for claim in self.claims)
        self._cited = {number for source in self._sources for number in source.sense.cited}

    def check(self, sentence: str, *, about: Collection[str] = ()) -> list[Failure]:
        """Failures of one sentence; empty where it stands.

        about: names spoken of before it, one of which a leading "they" or "its" must mean.
        """
        if len(sentence) > LONGEST:
            reason = (
                f"A sentence has at most {LONGEST:,} characters; this one has {len(sentence):,}."
            )
            return [Failure("name", sentence[:40], reason)]
        if pair := told_apart(sentence, self.names):
            return [failure for each in pair for failure in self.check(each, about=about)]
        sense = Sense(self._contract(sentence), self.names, self._mentions)
        atoms = self._index.atoms(sense)
        found = [
            *self._find_unsafe(sense),
            *self._find_uncited(sense),
            *self._find_misquoted(sense),
            *self._index.unknown(sense),
            *(Failure(a.kind, a.found, REASONS[a.kind]) for a in atoms if not a.claims),
        ]
        if found or not (atoms or sense.cited):
            return found or self._find_denied(sense)
        return self._support(sense, atoms, set(about))

    def check_answer(self, text: str) -> list[tuple[str, list[Failure]]]:
        """Every sentence of an answer with its failures."""
        checked = []
        about: set[str] = set()
        for sentence in split_sentences(text, self.names):
            checked.append((sentence, self.check(sentence, about=about)))
            sense = Sense(sentence, self.names)
            if sense.proper:
                kept = about if opens_with_pronoun(sense) else set()
                about = kept | {name for _, name in sense.proper}
        return checked

    # Faults of the sentence by itself ------------------------------------------------------------

    def _contract(self, sentence: str) -> str:
        """The sentence with "not sure" as "unsure" where the claims know that word."""
        for match in NOT.finditer(sentence):
            for word in reversals(match[1].casefold()):
                if word in self._index.by_root:
                    sentence = sentence.replace(match[0], word)
        return sentence

    def _find_unsafe(self, sense: Sense) -> Iterator[Failure]:
        """Links, markup and brackets that no claim has, and quotation marks left open."""
        found = [m.group() for mark in (LINK, BRACKETED) for m in mark.finditer(sense.text)]
        chunks = [chunk for chunk in sense.text.split() if any(mark in chunk for mark in found)]
        known = chunks and all(any(chunk in c.text for c in self.claims) for chunk in chunks)
        if found and not known:
            yield Failure("citation", found[0], "No claim holds this link, markup or bracket.")
        if sense.stray_quote:
            yield Failure("quote", sense.text, "A quotation mark is not closed.")

    def _find_uncited(self, sense: Sense) -> Iterator[Failure]:
        for number in sense.cited:
            if number not in self._cited:
                yield Failure("citation", f"[{number}]", REASONS["citation"])

    def _find_misquoted(self, sense: Sense) -> Iterator[Failure]:
        for quote in sense.quotes:
            if failure := self._index.reviews.fault(quote):
                yield failure

    def _find_denied(self, sense: Sense) -> list[Failure]:
        """What a sentence that asserts little else says, and a claim denies."""
        whole = Part(sense, 0, len(sense.tokens))
        found = (denial_faults(whole, source) for source in self._sources)
        return next((failures for failures in found if failures), [])

    # Finding the claims that support it together -------------------------------------------------

    def _support(self, sense: Sense, atoms: list[Atom], about: set[str]) -> list[Failure]:
        meant = self._index.all
        if about and not sense.proper and opens_with_pronoun(sense):
            meant = self._index.about(about)
        best: list[Failure] | None = None
        for parts in splits(sense):
            failures = self._support_parts(parts, atoms, meant)
            if not failures or (len(parts) == 1 and failures[0].kind == "citation"):
                return failures
            if failures is not NO_CLAIM and (best is None or len(failures) < len(best)):
                best = failures
        return best or self._explain(atoms, meant)

    def _support_parts(self, parts: list[Part], atoms: list[Atom], meant: int) -> list[Failure]:
        """Failures with the sentence cut this way; NO_CLAIM where a stretch has no claim."""
        held = [[atom for atom in atoms if part.holds(atom.at)] for part in parts]
        chosen: list[Source] = []
        said: dict[int, list[Figure]] = {}
        for place, part in enumerate(parts):
            if not held[place] and len(parts) > 1:
                continue
            if not place and len(parts) > 1 and all(a.kind == "polarity" for a in held[0]):
                return NO_CLAIM
            claims = meant & self._inherit(parts, place)
            for atom in [*held[place], *shared(parts, held, place)]:
                claims &= atom.claims
            source, failures = self._choose(part, claims)
            if source is None:
                return failures
            chosen.append(source)
            figures = said.setdefault(id(source), [])
            figures += part.figures
            if assign(part.sense, figures, source) is None:  # each stretch has it, both have not
                return NO_CLAIM
        return citation_faults(parts[0].sense, chosen)

    def _inherit(self, parts: list[Part], place: int) -> int:
        """The claims about the names that a stretch without names goes on about.

        So does one that begins with "who" or "which". Behind such a one, and behind an aside, the
        names are those before it; a nameless opening, "With an average of 4.4 stars, Luxury Lovers
        …", has the names behind its comma.
        """
        part = parts[place]
        relative = part.opening & (RELATIVE | ELABORATING)
        if not place and len(parts) > 1 and part.figures and not part.names:
            comma = "," in parts[1].opening and parts[1].names
            return self._index.about(set(parts[1].names)) if comma else self._index.all
        if part.names and not relative:
            return self._index.all
        before = [p for p in parts[:place] if p.names and not p.opening & (RELATIVE | {"("})]
        if not before:
            return self._index.all if not relative else 0
        groups = {group for _, group in part.sense.members}  # of "b07 of Night Owls", b07 goes on
        return self._index.about(set(before[-1].names) - groups, strictly=bool(relative))

    def _choose(self, part: Part, claims: int) -> tuple[Source | None, list[Failure]]:
        """The first of the claims that supports a stretch, those of its citations first."""
        claims &= self._worded(part)
        cited = set(part.sense.cited)
        sources = [source for i, source in enumerate(self._sources) if claims >> i & 1]
        sources.sort(key=lambda source: -len(cited & set(source.sense.cited)))
        first = NO_CLAIM
        for source in sources:
            failures = faults(part, source)
            if not failures:
                return source, []
            first = failures if first is NO_CLAIM else first
        return None, first

    def _worded(self, part: Part) -> int:
        """The claims that share a word with a stretch without names, where any claim does."""
        if any(map(part.holds, part.sense.name_places)):
            return self._index.all
        sharing = 0
        for at, _ in part.content:
            sharing |= self._index.knowing(part.sense.tokens[at].low)
        return sharing or self._index.all

    def _explain(self, atoms: list[Atom], meant: int) -> list[Failure]:
        """What the claim that supports most of the sentence does not support."""
        bits = [1 << place for place in range(len(self._sources)) if meant >> place & 1]
        best = max(bits, key=lambda bit: sum(bool(a.claims & bit) for a in atoms), default=0)
        reason = "No claim says this together with the rest of the sentence."
        missing = [Failure(a.kind, a.found, reason) for a in atoms if not a.claims & best]
        return missing or [Failure("name", "they", "The claims say this of someone else.")]


class Mentions(Collection[str]):
    """Runs of the claims outside of their quotes: between quotation marks they are mentions."""

    def __init__(self, claims: Iterable[str]) -> None:
        self.claims = [re.sub("“[^”]*”", "", claim) for claim in claims]

    def __contains__(self, passage: object) -> bool:
        return isinstance(passage, str) and any(passage in claim for claim in self.claims)

    def __iter__(self) -> Iterator[str]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)


def shared(parts: list[Part], held: list[list[Atom]], place: int) -> list[Atom]:
    """Assertions of a neighbour that hold of this stretch too.

    Of bare names in a list, what is said of the next ones; where the stretch goes on with "it",
    "which", ":" or figures alone, the topics before it.
    """
    part, mine = parts[place], held[place]
    found: list[Atom] = []
    if len(parts) > 1 and all(atom.kind == "name" for atom in mine):
        beside = held[place + 1] if place + 1 < len(parts) else held[place - 1]
        kinds = {atom.topical for atom in mine}
        found += [a for a in beside if a.kind == "polarity" or is_other(a, kinds)]
    alone = part.figures and not part.ways and not part.content and not part.points_out
    goes_on = part.points_back or part.opening & (ELABORATING | RELATIVE) or alone
    if place and goes_on and not any(a.kind == "name" and a.topical for a in mine):
        found += [a for a in held[place - 1] if a.kind == "name" and a.topical]
    return found


def is_other(atom: Atom, kinds: set[bool]) -> bool:
    """Whether the atom is a topic beside bare names, or a name beside bare topics."""
    return atom.kind == "name" and atom.topical not in kinds


def opens_with_pronoun(sense: Sense) -> bool:
    return any(token.low in PRONOUNS for token in sense.tokens[:4])


def citation_faults(sense: Sense, chosen: Sequence[Source]) -> list[Failure]:
    """Citations that the supporting claims do not have, or that were dropped."""
    theirs = {number for source in chosen for number in source.sense.cited}
    for number in sense.cited:
        if number not in theirs:
            reason = "The claim that says this has another citation."
            return [Failure("citation", f"[{number}]", reason)]
    if not (sense.cited or sense.figures or sense.dates or sense.quotes):
        return []
    for source in chosen:
        if source.sense.cited and not {*sense.cited} & {*source.sense.cited}:
            lost = "".join(f"[{number}]" for number in source.sense.cited)
            return [Failure("citation", lost, "The claim's citation was dropped.")]
    return []
