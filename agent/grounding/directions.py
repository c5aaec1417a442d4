"""Whether a claim supports the directions and denials of a stretch of a sentence."""

from __future__ import annotations

from agent.grounding.closeness import MARGIN, closeness, head_of
from agent.grounding.sense import Sense, is_border
from agent.grounding.sources import Failure, Part, Source
from agent.grounding.words import EVERYDAY, FUNCTION_WORDS, NEGATIONS, NUMBER_WORDS, TALK, stem


def comparison_faults(part: Part, source: Source) -> list[Failure]:
    """More and less, seen from the one or from the other of two names compared."""
    known = source.orders
    if not known or not part.sense.proper:
        return []
    subjects = {comparison.way.at: comparison.subject for comparison in part.sense.comparisons}
    for way in part.ways:
        near = min(part.sense.proper, key=lambda place: abs(place[0] - way.at))[1]
        subject = subjects.get(way.at, near)
        bare = not part.figures and len(part.names) == sum(map(part.holds, part.sense.name_places))
        unsaid = (way.axis, way.sign) not in source.ways
        if way.axis == "amount" and unsaid and bare and way not in part.sense.reckoned:
            return [Failure("polarity", way.text, "The claim compares something else.")]
        if way.axis == "amount" and known.get(subject, way.sign) != way.sign:
            return [Failure("polarity", way.text, f"The claim says the opposite of {subject}.")]
    return []


def way_faults(part: Part, source: Source) -> list[Failure]:
    """A direction that the claim has on both sides, said of the thing on the other side."""
    own = {name for _, name in source.sense.proper}
    compared = part.sense.comparisons or source.sense.comparisons
    for way in part.ways:
        sides = [true.at for true in source.sense.ways if true.axis == way.axis]
        head = head_of(source.sense, *sides) if sides else set[str]()
        held: dict[int, list[frozenset[str]]] = {1: [], -1: []}
        best = {1: 0.0, -1: 0.0}
        for true in source.sense.ways:
            if true.axis == way.axis:
                held[true.sign].append(source.sense.holder(true.at))
                close = closeness(part.sense, way.at, source.sense, true.at, head=head)
                best[true.sign] = max(best[true.sign], close)
        if not (held[1] and held[-1]):
            continue
        mine = part.sense.holder(way.at) & own
        here = any(names & mine for names in held[way.sign])
        there = any(names & mine for names in held[-way.sign])
        if mine and not compared and here != there and all(held[way.sign]):
            if there:
                return [Failure("polarity", way.text, "The claim says this of another name.")]
        elif best[-way.sign] > best[way.sign] + MARGIN:
            return [Failure("polarity", way.text, "The claim says this of something else.")]
    return []


def denial_faults(part: Part, source: Source) -> list[Failure]:
    """A "no" that was dropped, or that was moved to something which the claim affirms."""
    all_keys = {scope_key(t.kind, t.low) for t in part.sense.tokens}
    for at in source.sense.denials:
        scope = clause(source.sense, at) - NEGATIONS
        figures = frozenset(key for key in scope if key.startswith("figure "))
        scope -= figures
        light = all(map(is_light, scope)) and not figures & all_keys
        share = len(scope & all_keys) / max(len(scope), 1)
        if scope and not part.denials and (share == 1 or (share > 0.5 and not light)):
            word = source.sense.tokens[at].text
            return [Failure("polarity", word, f"The claim denies this: its “{word}” is gone.")]
    if len(part.denials) > len(source.sense.denials):
        text = part.sense.tokens[part.denials[-1]].text
        return [Failure("polarity", text, "The claim denies less than this.")]
    denied = {key for at in source.sense.denials for key in clause(source.sense, at)}
    for at in part.denials:
        mine = clause(part.sense, at)
        names = {key for key in mine if key.startswith("name ")}
        moved = names - denied - {"name " + name for name in source.carried}
        counted = {key for key in mine if key.startswith("figure ")}
        core = {key for key in denied if not is_light(key)} or denied
        misplaced = counted and not counted & denied
        if denied and (moved or misplaced or not mine & denied or not all_keys & core):
            text = part.sense.tokens[at].text
            return [Failure("polarity", text, "The claim denies something else.")]
    return []


def clause(sense: Sense, at: int) -> frozenset[str]:
    """Words and names of the clause around a place, function words left out."""
    ends = [
        place
        for place, token in enumerate(sense.tokens)
        if is_border(token) and token.low not in {"(", ")"} and not sense.steps[2][place]
    ]
    low = max((end for end in ends if end < at), default=-1) + 1
    high = min((end for end in ends if end > at), default=len(sense.tokens))
    asides = sense.steps[2]
    inside = [
        token
        for place, token in enumerate(sense.tokens[low:high], start=low)
        if token.kind in {"word", "name", "number"} and not asides[place]
    ]
    return frozenset(scope_key(token.kind, token.low) for token in inside) - {""}


def is_light(key: str) -> bool:
    """Whether a key of a clause is an everyday word, "talk" or a figure."""
    return key in EVERYDAY or key == "talk" or key.startswith("figure ")


def scope_key(kind: str, low: str) -> str:
    if kind == "name":
        return "name " + low
    if kind == "number" or low in NUMBER_WORDS:
        value = NUMBER_WORDS.get(low) or low.replace(",", "")
        return f"figure {value}" if low not in NEGATIONS | {"one"} else ""
    if low in FUNCTION_WORDS or low.endswith("n't"):
        return ""
    return "talk" if stem(low) in TALK else stem(low)
