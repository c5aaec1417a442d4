"""The claims of an answer, indexed: which of them could support a figure, a name, a direction.

Sets of claims are whole numbers: bit i stands for claim i.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.grounding.fitting import fits
from agent.grounding.numerals import Figure
from agent.grounding.quotes import Reviews
from agent.grounding.reading import Quote, is_proper
from agent.grounding.sense import Sense, is_everyday, plain_words
from agent.grounding.sources import Failure, Kind, Source
from agent.grounding.words import ATTITUDES, EITHER, STRICT, direction_of, stem, words

DENYING = ("un", "in", "im", "dis", "non", "ir")
RARELY = words("rarely seldom infrequently")
# Unknown words stand where they are one alone, or at most half as many as the known ones.
UNKNOWN_MOST = 1 / 2


@dataclass(frozen=True, slots=True)
class Atom:
    """One assertion. at: its token. claims: those that could support it.

    topical: whether it holds of every name in a list ("b07, b12 and b31 love …"): directions and
    topics do, figures and quotes do not.
    """

    at: int
    kind: Kind
    found: str
    claims: int
    topical: bool = False


class Index:
    """Finds, for each assertion of a sentence, the claims that could support it."""

    def __init__(self, sources: Sequence[Source], reviews: Reviews) -> None:
        self.sources = sources
        self.reviews = reviews
        self.all = (1 << len(sources)) - 1
        self.ordered = self.denying = 0
        self.by_name: dict[str, int] = {}
        self.by_root: dict[str, int] = {}
        self.by_way: dict[tuple[str, int], int] = {}
        self.by_value: dict[float, list[tuple[int, Figure]]] = {}
        self.figures: list[tuple[int, Figure]] = []
        for place, source in enumerate(sources):
            self._add(1 << place, source)

    def _add(self, bit: int, source: Source) -> None:
        for name in source.names:
            self.by_name[name] = self.by_name.get(name, 0) | bit
        for root in source.roots:
            self.by_root[root] = self.by_root.get(root, 0) | bit
        for way in source.ways:
            self.by_way[way] = self.by_way.get(way, 0) | bit
        self.ordered |= bit if source.orders else 0
        self.denying |= bit if source.sense.denials else 0
        for figure in source.figures:
            self.figures.append((bit, figure))
            for value in {figure.value, round(figure.value, 1), float(round(figure.value))}:
                self.by_value.setdefault(value, []).append((bit, figure))

    def atoms(self, sense: Sense) -> list[Atom]:
        """What a sentence asserts, in order; where that is little, its known words."""
        atoms = [
            *self._figures(sense),
            *self._dates(sense),
            *self._names(sense),
            *self._words(sense),
            *self._ways(sense),
            *self._quotes(sense),
        ]
        known = [
            Atom(at, "name", sense.tokens[at].text, self.knowing(sense.tokens[at].low), True)
            for at, root in sense.content
            if not atoms and self.knows(sense, at, root)
        ]
        return sorted(atoms or known, key=lambda atom: atom.at)

    def _figures(self, sense: Sense) -> Iterator[Atom]:
        for figure in sense.figures:
            exact = not figure.hedge and not figure.loose
            claims = 0
            for bit, true in self.by_value.get(figure.value, []) if exact else self.figures:
                if not claims & bit and fits(figure, true):
                    claims |= bit
            yield Atom(figure.start, "number", figure.text, claims)

    def _dates(self, sense: Sense) -> Iterator[Atom]:
        for at in sense.date_places:
            date = sense.dates[int(sense.tokens[at].low)]
            dated = [any(map(date.covers, source.sense.dates)) for source in self.sources]
            yield Atom(at, "number", sense.tokens[at].text, as_bits(dated))

    def _names(self, sense: Sense) -> Iterator[Atom]:
        for at, name in sense.names:
            proper = is_proper(name)
            claims = self.by_name.get(name, 0)
            if not proper:
                claims |= self.knowing(*plain_words(name))
            yield Atom(at, "name", sense.tokens[at].text, claims, topical=not proper)

    def _words(self, sense: Sense) -> Iterator[Atom]:
        """Words that must be known like names: ids, capitalised words, what is loved or hated."""
        for at, token in enumerate(sense.tokens):
            if token.kind != "word" or is_everyday(token.low):
                continue
            if not token.low.replace("'", "").isalpha():
                yield Atom(at, "name", token.text, self.by_root.get(token.low, 0))
            elif direction_of(token.low):
                continue
            elif is_object(sense, at) or (token.text[0].isupper() and not begins(sense, at)):
                yield Atom(at, "name", token.text, self.knowing(token.low), topical=True)

    def _ways(self, sense: Sense) -> Iterator[Atom]:
        for way in sense.ways:
            claims = self.by_way.get((way.axis, way.sign), 0)
            if way.text.casefold() in EITHER:
                for axis in STRICT:
                    claims |= self.by_way.get((axis, way.sign), 0)
            if way.axis == "amount" and len(sense.names) > 1:
                claims |= self.ordered
            if way in sense.reckoned:
                claims = self.all
            if way.axis == "frequency" and way.text.casefold() in RARELY:
                claims |= self.by_way.get(("amount", way.sign), 0)
            elif way.axis not in STRICT:
                claims |= self.all & ~self.by_way.get((way.axis, -way.sign), 0)
            yield Atom(way.at, "polarity", way.text, claims, topical=True)
        for at in sense.denials:
            yield Atom(at, "polarity", sense.tokens[at].text, self.denying, topical=True)

    def _quotes(self, sense: Sense) -> Iterator[Atom]:
        for at, quote in zip(sense.quote_places, sense.quotes, strict=True):
            yield Atom(at, "quote", quote.text, self._quoting(quote))

    def _quoting(self, quote: Quote) -> int:
        """The claims that hold the quote, else those that cite the review it is taken from."""
        citing = [bool({*quote.cites} & {*source.sense.cited}) for source in self.sources]
        holding = [
            (cites or not quote.cites) and self.reviews.quotes(place, quote.text)
            for place, cites in enumerate(citing)
        ]
        return as_bits(holding) or as_bits(citing)

    def knowing(self, *some: str) -> int:
        """The claims that know all of these lower-case words, in one form or another."""
        claims = self.all
        for word in some:
            claims &= self.by_root.get(word, 0) | self.by_root.get(stem(word), 0)
        return claims

    def knows(self, sense: Sense, at: int, root: str) -> bool:
        return root in self.by_root or sense.tokens[at].low in self.by_root

    def about(self, named: set[str], *, strictly: bool = False) -> int:
        """The claims that hold one of these names, or, unless strictly, no proper name at all."""
        return as_bits([bool(s.proper & named) or not (s.proper or strictly) for s in self.sources])

    def unknown(self, sense: Sense) -> list[Failure]:
        """Too many words, or what is liked or spoken of, occur in no claim and no quote."""
        unknown = [at for at, root in sense.content if not self.knows(sense, at, root)]
        for at in unknown:
            if any(word in self.by_root for word in reversals(sense.tokens[at].low)):
                reason = "The claims say the opposite of this."
                return [Failure("polarity", sense.tokens[at].text, reason)]
        facts = len(sense.names) + len(sense.figures) + len(sense.quotes) + len(sense.dates)
        known = len(sense.content) - len(unknown) + facts
        objects = [at for at in unknown if is_object(sense, at)]
        many = len(unknown) > 1 and len(unknown) > UNKNOWN_MOST * (known + len(sense.ways))
        if unknown and (many or objects or not known):
            text = " ".join(sense.tokens[at].text for at in objects or unknown)
            return [Failure("name", text, "No claim and no quote speaks of this.")]
        return []


def as_bits(flags: Sequence[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


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
