"""One event seen in several series told once: a topic's surge and the same one in a group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.monitoring.surges import Surge

# Two surges are one event if they have this share of the smaller one's reviews, or users, in
# common; a more precise one tells it if it has this share of the surest one's voices.
SHARED = 0.5


@dataclass(frozen=True)
class Event:
    """head: what tells it most precisely; also: the other surges, surest first."""

    head: Surge
    also: tuple[Surge, ...]

    @property
    def ids(self) -> list[str]:
        """Of all its surges, the head's first."""
        return [self.head.id, *(surge.id for surge in self.also)]


def fold(surges: Iterable[Surge]) -> list[Event]:
    """The events, latest first. A surge joins the surest one that goes on at the same time and has
    half of the reviews or of the users, of whichever has fewer, in common with it (shops copy one
    review to many items).
    """
    heads: list[tuple[Surge, list[Surge]]] = []
    for surge in sorted(surges, key=lambda s: (s.p, s.id)):
        for head, also in heads:
            if _is_one(surge, head):
                also.append(surge)
                break
        else:
            heads.append((surge, []))
    events = [_name(head, also) for head, also in heads]
    return sorted(events, key=lambda e: (-e.head.start.value, e.head.p, e.head.id))


def _name(surest: Surge, also: list[Surge]) -> Event:
    """Told by what is said most precisely: a topic in a group rather than the topic or all."""
    told = [surest, *also]
    most = [s for s in told if s.kind == surest.kind and s.observed >= SHARED * surest.observed]
    head = min(most, key=lambda s: (-s.subject.precision, s.p))
    return Event(head, tuple(s for s in told if s is not head))


def _is_one(surge: Surge, head: Surge) -> bool:
    if surge.start > head.end or head.start > surge.end:
        return False
    pairs = ((surge.review_ids, head.review_ids), (surge.user_ids, head.user_ids))
    return any(
        len(set(one) & set(other)) >= SHARED * max(1, min(len(one), len(other)))
        for one, other in pairs
    )
