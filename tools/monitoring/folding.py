"""One event seen in several series told once: a topic's surge and the same one in a group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.monitoring.surges import Surge

# The share of the smaller surge's reviews that two must have in common to be one event.
SHARED = 0.5


@dataclass(frozen=True)
class Event:
    """head: the surest surge, usually of the narrowest series; also: the others, surest first."""

    head: Surge
    also: tuple[Surge, ...]

    @property
    def ids(self) -> list[str]:
        """Of all its surges, the head's first."""
        return [self.head.id, *(surge.id for surge in self.also)]


def fold(surges: Iterable[Surge]) -> list[Event]:
    """The events, latest first. A surge joins the surest one that goes on at the same time and has
    half of the reviews, of whichever has fewer, in common with it.
    """
    heads: list[tuple[Surge, frozenset[str], list[Surge]]] = []
    for surge in sorted(surges, key=lambda s: (s.p, s.id)):
        own = frozenset(surge.review_ids)
        for head, reviews, also in heads:
            meets = surge.start <= head.end and head.start <= surge.end
            if meets and len(own & reviews) >= SHARED * max(1, min(len(own), len(reviews))):
                also.append(surge)
                break
        else:
            heads.append((surge, own, []))
    events = [Event(head, tuple(also)) for head, _, also in heads]
    return sorted(events, key=lambda e: (-e.head.start.value, e.head.p, e.head.id))
