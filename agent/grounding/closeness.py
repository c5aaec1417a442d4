"""How alike the surroundings of two places are, in a sentence and in a claim."""

from __future__ import annotations

from collections.abc import Collection

from agent.grounding.sense import Sense

MARGIN = 0.1


def closeness(one: Sense, at: int, two: Sense, there: int, *, head: Collection[str] = ()) -> float:
    """How much of what stands around one place also stands around the other, nearest first.

    head: words to leave out, since they stand before all places that are compared.
    """
    here, other = one.near(at), two.near(there)
    return sum(min(c, other[key]) for key, c in here.items() if key in other and key not in head)


def head_of(sense: Sense, *places: int) -> set[str]:
    """Words that stand before all these places alone: "The mood was best in …, worst in …"."""
    first = min(places)
    if any(token.low in {":", ";"} for token in sense.tokens[first : max(places)]):
        return set()
    words = set(sense.keys[:first]) - set(sense.keys[first:])
    return {word for word in words if not word.startswith(("name ", "date "))}
