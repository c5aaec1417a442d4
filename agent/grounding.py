"""Checks a sentence against the claims of an answer: no figure, name, quote or direction is new.

A sentence stands if at most three claims, each for a stretch of its own, support all that it
asserts. What a sentence asserts is read by `grounding_sense`, whether a claim supports a stretch is
judged by `grounding_support`; nothing here needs a model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.claims import Claim
from agent.grounding_figures import Figure, fits
from agent.grounding_quotes import Reviews
from agent.grounding_reading import Names, Quote, is_proper, mention
from agent.grounding_sense import Sense, is_everyday, plain_words
from agent.grounding_sentences import split_sentences
from agent.grounding_support import Failure, Kind, Part, Source, denial_faults, faults, read_sources
from agent.grounding_words import ATTITUDES, EITHER, STRICT, direction_of, stem, words

__all__ = ["Failure", "Grounding", "Names", "split_sentences"]

LINK = re.compile(
    r"https?:|www\.|javascript:|data:\w+/|\]\(|!\[|</?[a-z!]|`|&#?\w{1,10};"
    r"|\b[\w-]{1,60}\.(?:com|org|net|io|info|biz|app|dev|ru|xyz)\b|[\u202a-\u202e\u2066-\u2069]",
    re.IGNORECASE,
)
BRACKETED = re.compile(r"\[(?![\d\s,;–-]+\])[^\[\]]*\]")
DENYING = ("un", "in", "im", "dis", "non", "ir")
PRONOUNS = words("they their it its them he she his her these this")
RELATIVE = words("who which whose where")
ELABORATING = words("with ( ) :")
INSERTING = RELATIVE | words("the with")
RARELY = words("rarely seldom infrequently")
JOINTS = words("and but while whereas although though ; :")
MOST_PARTS = 3
UNKNOWN_MOST = 1 / 2


@dataclass(frozen=True, slots=True)
class Atom:
    """One assertion. at: its token. claims: bit i is set where claim i could support it.

    topical: whether it holds of every name in a list ("b07, b12 and b31 love …"): directions and
    topics do, figures and quotes do not.
    """

    at: int
    kind: Kind
    found: str
    claims: int
    topical: bool = False


class Grounding:
    """Checks sentences against the claims of one answer.

    evidence: citation number → full text of the cited review. names: every group, user, item and
    topic that the workspace knows or that the facts hold; a `Names` built once is used as it is.
    """

    def __init__(
        self, claims: Sequence[Claim], *, evidence: Mapping[int, str], names: Collection[str] = ()
    ) -> None:
        self.claims = list(claims)
        self.evidence = dict(evidence)
        self.names = names if isinstance(names, Names) else Names(names)
        self.sources = read_sources(Sense(claim.text, self.names) for claim in self.claims)
        self.reviews = Reviews(self.evidence, [source.sense for source in self.sources])
        self._all = (1 << len(self.sources)) - 1
        self._ordered = 0
        self._plain = [mention(claim.text) for claim in self.claims]
        self._by_name: dict[str, int] = {}
        self._by_root: dict[str, int] = {}
        self._by_way: dict[tuple[str, int], int] = {}
        self._by_value: dict[float, list[tuple[int, Figure]]] = {}
        self._figures: list[tuple[int, Figure]] = []
        for place, source in enumerate(self.sources):
            self._index(1 << place, source)

    def _index(self, bit: int, source: Source) -> None:
        for name in source.names:
            self._by_name[name] = self._by_name.get(name, 0) | bit
        for root in source.roots:
            self._by_root[root] = self._by_root.get(root, 0) | bit
        self._ordered |= bit if source.orders else 0
        for way in source.ways:
            self._by_way[way] = self._by_way.get(way, 0) | bit
        for figure in source.figures:
            self._figures.append((bit, figure))
            for value in {figure.value, round(figure.value, 1), float(round(figure.value))}:
                self._by_value.setdefault(value, []).append((bit, figure))

    def check(self, sentence: str, *, about: Collection[str] = ()) -> list[Failure]:
        """Failures of one sentence; empty where it stands.

        about: names spoken of before it, one of which a leading "they" or "its" must mean.
        """
        sense = Sense(sentence, self.names, self._mentions(sentence))
        found = self._unsafe(sense) + self._uncited(sense)
        atoms, failures = self._atoms(sense)
        found += failures + self._unknown(sense)
        found += [self._unsupported(atom) for atom in atoms if not atom.claims]
        if not atoms:
            atoms = [
                Atom(at, "name", sense.tokens[at].text, self._known([sense.tokens[at].low]), True)
                for at, root in sense.content
                if self._is_known(sense, at, root)
            ]
        if not (found or atoms):
            found = self._undenied(sense)
        if found or not (atoms or sense.cited):
            return found
        return self._support(sense, atoms, self._meant(sense, set(about)))

    def check_answer(self, text: str) -> list[tuple[str, list[Failure]]]:
        """Every sentence of an answer with its failures."""
        sentences = split_sentences(text, self.names)
        checked = []
        about: set[str] = set()
        for sentence in sentences:
            checked.append((sentence, self.check(sentence, about=about)))
            sense = Sense(sentence, self.names)
            if sense.proper:
                kept = about if opens_with_pronoun(sense) else set()
                about = kept | {name for _, name in sense.proper}
        return checked

    # What a sentence asserts, and which claims could support each assertion ----------------------

    def _atoms(self, sense: Sense) -> tuple[list[Atom], list[Failure]]:
        atoms = [*self._figure_atoms(sense), *self._name_atoms(sense), *self._way_atoms(sense)]
        failures = []
        for at, quote in zip(sense.quote_places, sense.quotes, strict=True):
            failure = self.reviews.fault(quote)
            if failure:
                failures.append(failure)
            atoms.append(Atom(at, "quote", quote.text, self._quoting(quote)))
        return sorted(atoms, key=lambda atom: atom.at), failures

    def _quoting(self, quote: Quote) -> int:
        """The claims that hold the quote, else those that cite the review it is taken from."""
        holding = citing = 0
        for place, source in enumerate(self.sources):
            cites = bool(set(quote.cites) & set(source.sense.cited))
            citing |= cites << place
            holds = (cites or not quote.cites) and self.reviews.quotes(place, quote.text)
            holding |= holds << place
        return holding or citing

    def _figure_atoms(self, sense: Sense) -> Iterator[Atom]:
        for figure in sense.figures:
            exact = not figure.hedge and not figure.loose
            rivals = self._by_value.get(figure.value, []) if exact else self._figures
            claims = 0
            for bit, true in rivals:
                if not claims & bit and fits(figure, true):
                    claims |= bit
            yield Atom(figure.start, "number", figure.text, claims)
        for at in sense.date_places:
            date = sense.dates[int(sense.tokens[at].low)]
            claims = 0
            for place, source in enumerate(self.sources):
                if any(date.covers(true) for true in source.sense.dates):
                    claims |= 1 << place
            yield Atom(at, "number", sense.tokens[at].text, claims)

    def _name_atoms(self, sense: Sense) -> Iterator[Atom]:
        for at, name in sense.names:
            proper = is_proper(name)
            claims = self._by_name.get(name, 0)
            if not proper:
                claims |= self._known(plain_words(name))
            yield Atom(at, "name", sense.tokens[at].text, claims, topical=not proper)
        for at, token in enumerate(sense.tokens):
            if token.kind != "word" or is_everyday(token.low):
                continue
            if not token.low.isalpha() and not token.low.replace("'", "").isalpha():
                yield Atom(at, "name", token.text, self._by_root.get(token.low, 0))
            elif direction_of(token.low):
                continue
            elif is_object(sense, at) or (token.text[0].isupper() and not begins(sense, at)):
                yield Atom(at, "name", token.text, self._known([token.low]), topical=True)

    def _known(self, some: Sequence[str]) -> int:
        claims = self._all
        for word in some:
            claims &= self._by_root.get(word, 0) | self._by_root.get(stem(word), 0)
        return claims

    def _way_atoms(self, sense: Sense) -> Iterator[Atom]:
        for way in sense.ways:
            same = self._by_way.get((way.axis, way.sign), 0)
            if way.text.casefold() in EITHER:
                for axis in STRICT:
                    same |= self._by_way.get((axis, way.sign), 0)
            if way.axis == "amount" and len(sense.names) > 1:
                same |= self._ordered
            if way in sense.reckoned:
                same = self._all
            rarely = way.axis == "frequency" and way.sign < 0 and way.text.lower() in RARELY
            if rarely:
                same |= self._by_way.get(("amount", -1), 0)
            elif way.axis not in STRICT:
                same |= self._all & ~self._by_way.get((way.axis, -way.sign), 0)
            yield Atom(way.at, "polarity", way.text, same, topical=True)
        denying = 0
        for place, source in enumerate(self.sources):
            denying |= bool(source.sense.denials) << place
        for at in sense.denials:
            yield Atom(at, "polarity", sense.tokens[at].text, denying, topical=True)

    # Faults of the sentence by itself ------------------------------------------------------------

    def _mentions(self, sentence: str) -> Mentions:
        return Mentions(self._plain, self.names)

    def _unsafe(self, sense: Sense) -> list[Failure]:
        """Links, markup and brackets that no claim has."""
        found = [match.group() for match in LINK.finditer(sense.text)]
        found += [match.group() for match in BRACKETED.finditer(sense.text)]
        chunks = [chunk for chunk in sense.text.split() if any(mark in chunk for mark in found)]
        known = all(any(chunk in claim.text for claim in self.claims) for chunk in chunks)
        failures = []
        if found and not (chunks and known):
            reason = "No claim holds this link, markup or bracket."
            failures.append(Failure("citation", found[0], reason))
        if sense.stray_quote:
            failures.append(Failure("quote", sense.text, "A quotation mark is not closed."))
        return failures

    def _undenied(self, sense: Sense) -> list[Failure]:
        """What a sentence that asserts little else says, and a claim denies."""
        whole = Part(sense, 0, len(sense.tokens))
        found = (denial_faults(whole, source) for source in self.sources)
        return next((failures for failures in found if failures), [])

    def _uncited(self, sense: Sense) -> list[Failure]:
        known = {number for source in self.sources for number in source.sense.cited}
        return [
            Failure("citation", f"[{number}]", "No claim has this citation.")
            for number in sense.cited
            if number not in known
        ]

    def _unsupported(self, atom: Atom) -> Failure:
        reason = {
            "number": "No claim holds this figure for this.",
            "name": "No claim names this.",
            "quote": "No claim quotes the review that is cited.",
            "citation": "No claim has this citation.",
            "polarity": "No claim says this; they say the opposite or nothing of it.",
        }[atom.kind]
        return Failure(atom.kind, atom.found, reason)

    def _unknown(self, sense: Sense) -> list[Failure]:
        """Too many words, or what is liked or spoken of, occur in no claim and no quote."""
        unknown = [(at, root) for at, root in sense.content if not self._is_known(sense, at, root)]
        for at, _ in unknown:
            if any(word in self._by_root for word in reversals(sense.tokens[at].low)):
                reason = "The claims say the opposite of this."
                return [Failure("polarity", sense.tokens[at].text, reason)]
        if not unknown:
            return []
        facts = len(sense.names) + len(sense.figures) + len(sense.quotes) + len(sense.dates)
        known = len(sense.content) - len(unknown) + facts
        objects = [at for at, _ in unknown if is_object(sense, at)]
        many = len(unknown) > 1 and len(unknown) > UNKNOWN_MOST * (known + len(sense.ways))
        if many or objects or not known:
            text = " ".join(sense.tokens[at].text for at in objects or [at for at, _ in unknown])
            return [Failure("name", text, "No claim and no quote speaks of this.")]
        return []

    def _is_known(self, sense: Sense, at: int, root: str) -> bool:
        return root in self._by_root or sense.tokens[at].low in self._by_root

    # Finding the claims that support it together -------------------------------------------------

    def _meant(self, sense: Sense, about: set[str]) -> int:
        """The claims that a sentence may rest on which says "they" of names spoken of before."""
        if not about or sense.proper or not opens_with_pronoun(sense):
            return self._all
        return self._of(about)

    def _support(self, sense: Sense, atoms: list[Atom], meant: int) -> list[Failure]:
        best: list[Failure] | None = None
        for parts in splits(sense):
            failures = self._support_parts(parts, atoms, meant)
            if not failures or (len(parts) == 1 and failures[0].kind == "citation"):
                return failures
            if failures is not NO_CLAIM and (best is None or len(failures) < len(best)):
                best = failures
        return best or self._blocking(atoms, meant)

    def _support_parts(self, parts: list[Part], atoms: list[Atom], meant: int) -> list[Failure]:
        """Failures with the sentence split this way; NO_CLAIM where a stretch has no claim."""
        held = [[atom for atom in atoms if part.holds(atom.at)] for part in parts]
        chosen: list[Source] = []
        for place, part in enumerate(parts):
            mine = held[place]
            if not mine and len(parts) > 1:
                continue
            shared = list(mine)
            if len(parts) > 1 and not place and all(atom.kind == "polarity" for atom in mine):
                return NO_CLAIM
            if len(parts) > 1 and all(atom.kind == "name" for atom in mine):
                beside = held[place + 1] if place + 1 < len(parts) else held[place - 1]
                kinds = {atom.topical for atom in mine}
                shared += [a for a in beside if a.kind == "polarity" or is_other(a, kinds)]
            goes_on = part.points_back or part.opening & (ELABORATING | RELATIVE)
            if place and goes_on and not any(a.kind == "name" and a.topical for a in mine):
                shared += [a for a in held[place - 1] if a.kind == "name" and a.topical]
            heirs = meant & self._heirs(parts[:place], part)
            source, failures = self._support_part(part, shared, heirs)
            if source is None:
                return failures
            chosen.append(source)
        return citation_faults(parts[0].sense, chosen)

    def _heirs(self, earlier: list[Part], part: Part) -> int:
        """The claims that may support a stretch which goes on about the names before it.

        That is one without names, or one that begins with "who" or "which". Behind such a one, and
        behind an aside, the stretch goes on about what stood before it.
        """
        relative = part.opening & (RELATIVE | ELABORATING)
        if part.names and not relative:
            return self._all
        before = [p for p in earlier if p.names and not p.opening & (RELATIVE | {"("})]
        named = set(before[-1].names) if before else set()
        if not named:
            return self._all if not relative else 0
        return self._of(named, strictly=bool(relative))

    def _of(self, named: set[str], *, strictly: bool = False) -> int:
        """The claims that hold one of these names, or, unless strictly, no proper name at all."""
        claims = 0
        for place, source in enumerate(self.sources):
            proper = {name for name in source.names if is_proper(name)}
            claims |= ((not proper and not strictly) or bool(proper & named)) << place
        return claims

    def _support_part(
        self, part: Part, atoms: list[Atom], meant: int
    ) -> tuple[Source | None, list[Failure]]:
        claims = meant & self._worded(part)
        for atom in atoms:
            claims &= atom.claims
        if not claims:
            return None, NO_CLAIM
        cited = set(part.sense.cited)
        sources = [source for i, source in enumerate(self.sources) if claims >> i & 1]
        sources.sort(key=lambda source: -len(cited & set(source.sense.cited)))
        least: list[Failure] = NO_CLAIM
        for source in sources:
            failures = faults(part, source)
            if not failures:
                return source, []
            least = failures if least is NO_CLAIM else least
        return None, least

    def _worded(self, part: Part) -> int:
        """The claims that share a word with a stretch without names, where any claim does."""
        if any(map(part.holds, part.sense.name_places)):
            return self._all
        shared = 0
        for at, _ in part.sense.content:
            shared |= self._known([part.sense.tokens[at].low]) if part.holds(at) else 0
        return shared or self._all

    def _blocking(self, atoms: list[Atom], meant: int) -> list[Failure]:
        """The assertions that the claim which supports most of the sentence does not support."""
        counts = [
            sum(atom.claims >> i & 1 for atom in atoms) * (meant >> i & 1)
            for i in range(len(self.sources))
        ]
        best = max(range(len(counts)), key=counts.__getitem__, default=0)
        missing = [atom for atom in atoms if not atom.claims >> best & 1]
        reason = "No claim says this together with the rest of the sentence."
        return [Failure(atom.kind, atom.found, reason) for atom in missing] or [
            Failure("name", "they", "The claims say this of someone else.")
        ]


NO_CLAIM = [Failure("name", "", "No claim supports this stretch.")]


class Mentions(Collection[str]):
    """Folded passages that between quotation marks are mentions: names, and runs of a claim."""

    def __init__(self, claims: Sequence[str], names: Names) -> None:
        self.claims, self.names = claims, names

    def __contains__(self, passage: object) -> bool:
        return isinstance(passage, str) and any(
            passage in re.sub("“[^”]*”", "", claim) for claim in self.claims
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)


def is_other(atom: Atom, kinds: set[bool]) -> bool:
    """Whether the atom is a topic beside bare names, or a name beside bare topics."""
    return atom.kind == "name" and atom.topical not in kinds


def opens_with_pronoun(sense: Sense) -> bool:
    return any(token.low in PRONOUNS for token in sense.tokens[:4])


def reversals(word: str) -> list[str]:
    """The word with a denying prefix taken off or put on: unstable, stable."""
    bare = [word.removeprefix(prefix) for prefix in DENYING if word.startswith(prefix)]
    return [w for w in bare if len(w) > 3] or [prefix + word for prefix in DENYING]


def begins(sense: Sense, at: int) -> bool:
    """Whether the word opens the sentence, or a clause behind a colon, a bullet or a quote."""
    before = sense.tokens[:at]
    if not before or before[-1].low in {":", ";", "-"} or before[-1].kind == "quote":
        return True
    return all(token.kind == "mark" for token in before)


def is_object(sense: Sense, at: int) -> bool:
    """Whether the word is what someone loves, hates or speaks of: "also enjoy … skiing"."""
    for token in reversed(sense.tokens[max(0, at - 3) : at]):
        if token.kind != "word":
            return False
        if stem(token.low) in ATTITUDES:
            return True
        if not is_everyday(token.low):
            return False
    return False


def splits(sense: Sense) -> Iterator[list[Part]]:
    """The sentence whole, then cut at one and at two of its joints."""
    end = len(sense.tokens)
    joints = [at for at in range(1, end) if is_joint(sense, at)][:8]
    yield [Part(sense, 0, end)]
    for cut in joints:
        yield [Part(sense, 0, cut), Part(sense, cut, end)]
    for i, one in enumerate(joints):
        for two in joints[i + 1 :]:
            yield [Part(sense, 0, one), Part(sense, one, two), Part(sense, two, end)]


def is_joint(sense: Sense, at: int) -> bool:
    """Whether a new statement may begin here.

    That is at "and", "while" or a semicolon; at a comma before a name, "the", "which", "with"; at
    the comma that closes "Happy Families, the largest group, …"; and, where a name went before, at
    "with" and at "(". The comma of "Group 2, Thrifty Backpackers" is none.
    """
    token, before = sense.tokens[at], sense.tokens[at - 1]
    if token.low in JOINTS:
        return all(other.low != "between" for other in sense.tokens[max(0, at - 4) : at])
    if token.low in {"(", ")", "with"}:
        named = any(place < at for place, _ in sense.proper)
        beside = before.kind == "name" and is_proper(before.low)
        figures = any(figure.start - 5 < at < figure.start for figure in sense.figures)
        return named and (figures if token.low == "with" else beside or token.low == ")")
    if token.low != "," or at + 1 == len(sense.tokens) or sense.tokens[at - 2].low == "group":
        return False
    behind = sense.tokens[at + 1]
    return behind.kind == "name" or behind.low in INSERTING or opens_before(sense, at)


def opens_before(sense: Sense, at: int) -> bool:
    """Whether a ", the …" or ", which …" began shortly before, which the comma here closes."""
    return any(
        sense.tokens[place].low == "," and sense.tokens[place + 1].low in INSERTING
        for place in range(max(0, at - 9), at - 1)
    )


def citation_faults(sense: Sense, chosen: Sequence[Source]) -> list[Failure]:
    """Citations that the supporting claims do not have, or that were dropped."""
    cited = set(sense.cited)
    theirs = {number for source in chosen for number in source.sense.cited}
    for number in sense.cited:
        if number not in theirs:
            reason = "The claim that says this has another citation."
            return [Failure("citation", f"[{number}]", reason)]
    if not (sense.cited or sense.figures or sense.dates or sense.quotes):
        return []
    for source in chosen:
        if source.sense.cited and not cited & set(source.sense.cited):
            lost = "".join(f"[{number}]" for number in source.sense.cited)
            return [Failure("citation", lost, "The claim's citation was dropped.")]
    return []
