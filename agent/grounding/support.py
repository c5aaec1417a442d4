"""Whether one claim supports one stretch of a sentence, each figure and direction in its place."""

from __future__ import annotations

from collections.abc import Sequence

from agent.grounding.closeness import MARGIN, closeness, head_of
from agent.grounding.dates import Date
from agent.grounding.directions import comparison_faults, denial_faults, way_faults
from agent.grounding.fitting import fits, same_kind
from agent.grounding.numerals import Figure
from agent.grounding.sense import Sense
from agent.grounding.sources import PEOPLE, Failure, Part, Source


def faults(part: Part, source: Source) -> list[Failure]:
    """Why the claim does not support the stretch; empty where it does."""
    stated = part.figures or any(map(part.holds, part.sense.quote_places))
    return (
        carried_off(part, source)
        or (misattributed(part, source) if stated else [])
        or figure_faults(part, source)
        or comparison_faults(part, source)
        or way_faults(part, source)
        or denial_faults(part, source)
        or content_faults(part, source)
    )


def carried_off(part: Part, source: Source) -> list[Failure]:
    """A name that the claim's "they" stands for, set where the claim has another name."""
    said = {name for _, name in part.sense.names}
    own = {name for _, name in source.sense.proper}
    carried = said & source.carried - own
    if carried and own and not said & own and PEOPLE & {t.low for t in part.sense.tokens}:
        return [Failure("name", min(carried), f"The claim says this of {min(own)}.")]
    return []


def misattributed(part: Part, source: Source) -> list[Failure]:
    """A group given the figures or the words of one member: "b07 of Thrifty Backpackers"."""
    said = {name for _, name in part.sense.names}
    for member, group in source.sense.members:
        if group in said and member not in said and not part.sense.speaks_of_one:
            return [Failure("name", group, f"The claim says this of {member} alone.")]
    return []


def content_faults(part: Part, source: Source) -> list[Failure]:
    """Words that other claims know, and this one does not: facts from elsewhere."""
    foreign = [at for at, root in part.content if root not in source.roots]
    if len(foreign) >= 2 and len(foreign) > 0.6 * (len(part.content) + len(part.figures)):
        text = " ".join(part.sense.tokens[at].text for at in foreign)
        return [Failure("name", text, "The claim knows nothing of this.")]
    return []


def figure_faults(part: Part, source: Source) -> list[Failure]:
    said = part.figures
    if not said:
        return []
    for one, whole in part.sense.pairs:
        if one.value > whole.value:
            return [Failure("number", f"{one.text} of {whole.text}", "A part exceeds its whole.")]
    if failure := overstated(part, source):
        return [failure]
    chosen = assign(part.sense, said, source)
    if chosen is None:
        text = ", ".join(figure.text for figure in said)
        return [Failure("number", text, "The claim does not hold all of these figures at once.")]
    return (
        disowned(part, source, chosen)
        or misdated(part, source, chosen)
        or unfelt(part, source, chosen)
        or swapped(part, source, chosen)
        or displaced(part, source, chosen)
    )


def overstated(part: Part, source: Source) -> Failure | None:
    """ "All 14" of a whole of which the claim gives a smaller part, not said here."""
    said = {figure.value for figure in part.figures}
    for figure in part.figures:
        before = [token.low for token in part.sense.tokens[max(0, figure.start - 2) : figure.start]]
        if "all" not in before[-1:] and before != ["all", "the"] and before != ["all", "of"]:
            continue
        for some, whole in source.sense.pairs:
            if whole.value == figure.value and some.value < whole.value and some.value not in said:
                return Failure(
                    "number", f"all {figure.text}", f"The claim says {some.text} of them."
                )
    return None


def assign(sense: Sense, said: Sequence[Figure], source: Source) -> list[Figure] | None:
    """A different figure of the claim for each one said, or None; close surroundings first."""
    options = []
    for figure in said:
        fitting = [true for true in source.figures if fits(figure, true)]
        if len(fitting) > 1:
            fitting.sort(key=lambda true: -near_as(sense, figure, source, true))
        options.append(fitting)
    chosen: list[Figure] = []
    taken: list[Figure] = []

    def place(at: int) -> bool:
        if at == len(options):
            return True
        repeats = bool(said[at].hedge) or said[at].loose  # "about a third (34%)"
        for true in options[at][:4]:
            free = repeats or not true.text
            if free or true not in taken:
                chosen.append(true)
                taken.extend([] if free else [true])
                if place(at + 1):
                    return True
                chosen.pop()
                if not free:
                    taken.pop()
        return False

    return chosen if len(options) <= 12 and place(0) else None


def near_as(sense: Sense, said: Figure, source: Source, true: Figure) -> float:
    return closeness(sense, said.start, source.sense, true.start)


def disowned(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that stands with one name here and with another in the claim."""
    own = {name for _, name in source.sense.proper}
    for figure, true in zip(part.figures, chosen, strict=True):
        mine, theirs = part.sense.owners(figure), source.sense.owners(true)
        if mine and theirs and not mine & theirs and mine & own:
            text = " ".join(sorted(mine))
            return [Failure("name", text, f"The claim gives {figure.text} to another name.")]
    return []


def misdated(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure with a date right behind it, where the claim has it with another date."""
    for figure, true in zip(part.figures, chosen, strict=True):
        said, theirs = date_behind(part.sense, figure), date_behind(source.sense, true)
        if said and theirs and not (said.covers(theirs) or theirs.covers(said)):
            return [Failure("number", figure.text, "The claim has this figure at another date.")]
    return []


def date_behind(sense: Sense, figure: Figure) -> Date | None:
    for token in sense.tokens[figure.end : figure.end + 2]:
        if token.kind == "date":
            return sense.dates[int(token.low)]
        if token.low not in {"in", "on", "of", "("}:
            return None
    return None


def unfelt(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that is of the warm here and of the cold in the claim."""
    for figure, true in zip(part.figures, chosen, strict=True):
        if part.sense.felt(figure) * source.sense.felt(true) < 0:
            return [Failure("polarity", figure.text, "The claim has this figure the other way.")]
    return []


def swapped(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """Two figures that would each stand better in the other's place."""
    said = part.figures
    for i in range(len(said)):
        for j in range(i):
            a, b = chosen[i], chosen[j]
            if a.value == b.value or not (same_kind(said[i], b) and same_kind(said[j], a)):
                continue
            moves = [motion(part.sense, f) for f in (said[i], said[j])]
            moved = [motion(source.sense, f) for f in (a, b)]
            if any(x and y and x != y for x, y in zip(moves, moved, strict=True)):
                text = f"{said[j].text} … {said[i].text}"
                return [Failure("number", text, "These figures have changed places.")]
            if any(x and x == y for x, y in zip(moves, moved, strict=True)):
                continue
            ordered = (said[i].start > said[j].start) == (a.start > b.start)
            if part.sense.is_part(said[i], said[j]):
                continue
            if part.sense.settles(said[i], said[j]) and source.sense.settles(a, b):
                continue
            if part.sense.adjoin(said[i], said[j]) and source.sense.adjoin(a, b):
                if ordered:
                    continue
                if part.sense.subject and part.sense.subject == source.sense.subject:
                    text = f"{said[j].text} … {said[i].text}"
                    return [Failure("number", text, "These figures have changed places.")]
            one, two = part.sense, source.sense
            head = head_of(two, a.start, b.start)
            straight = closeness(one, said[i].start, two, a.start, head=head)
            straight += closeness(one, said[j].start, two, b.start, head=head)
            crossed = closeness(one, said[i].start, two, b.start, head=head)
            crossed += closeness(one, said[j].start, two, a.start, head=head)
            if crossed > straight + MARGIN:
                text = f"{said[j].text} … {said[i].text}"
                return [Failure("number", text, "These figures have changed places.")]
    return []


def motion(sense: Sense, figure: Figure) -> str:
    """ "from" or "to" where it stands right before the figure."""
    before = sense.tokens[figure.start - 1].low if figure.start else ""
    return before if before in {"from", "to"} else ""


def displaced(part: Part, source: Source, chosen: Sequence[Figure]) -> list[Failure]:
    """A figure that says of one thing what the claim says of another."""
    pairs = list(zip(part.figures, chosen, strict=True))
    for figure, true in pairs:
        others = [
            other
            for other in source.sense.figures
            if other not in chosen and rivals(figure, true, other)
        ]
        if part.sense.of_others(figure):
            if source.sense.of_others(true):
                continue
            if any(map(source.sense.of_others, others)):
                return [Failure("number", figure.text, "The claim says this not of the others.")]
        if not others:
            continue
        partners = [
            theirs for other, theirs in pairs if other != figure and part.sense.binds(figure, other)
        ]
        for rival in others:
            bound = [source.sense.binds(true, partner) for partner in partners]
            loose = [source.sense.binds(rival, partner) for partner in partners]
            head = head_of(source.sense, true.start, rival.start)
            own = closeness(part.sense, figure.start, source.sense, true.start, head=head)
            theirs = closeness(part.sense, figure.start, source.sense, rival.start, head=head)
            if loose >= bound and theirs > own + MARGIN:
                reason = f"The claim says {rival.text} here, and {figure.text} of something else."
                return [Failure("number", figure.text, reason)]
    return []


def rivals(said: Figure, true: Figure, other: Figure) -> bool:
    """Whether another figure of the claim could stand where this one is said."""
    alike = same_kind(said, other) and bool(other.decimals) == bool(true.decimals)
    return alike and other.value != true.value
