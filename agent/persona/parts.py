"""What a persona report is made of, apart from how it looks, and how it words its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent.facts import Evidence, GroupRef
from agent.phrases import tell_day

Tone = Literal["plain", "warm", "cold"]
# Characters of a quote that are shown where it is not listed as a source.
QUOTE_LENGTH = 220


@dataclass(frozen=True)
class Statement:
    """A claim whose figures come with the counts they rest on; cites: numbers of its sources."""

    text: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Note:
    """An explanation, not a claim about the group."""

    text: str


@dataclass(frozen=True)
class Contrast:
    """`inside` of the group's n_inside beside `outside` of the others' n_outside.

    lift: ratio of the two shares; q: false discovery rate, both None where nothing was tested.
    """

    name: str
    inside: int
    n_inside: int
    outside: int
    n_outside: int
    lift: float | None = None
    q: float | None = None
    detail: str = ""
    cite: int | None = None


@dataclass(frozen=True)
class Contrasts:
    """Contrasts of one kind, each a claim. name: what the rows are; unit: what is counted; quoted:
    whether the cited sentences are shown; sides: whose figures stand beside each other.
    """

    title: str
    name: str
    unit: Literal["users", "reviews"]
    rows: tuple[Contrast, ...]
    tone: Tone = "plain"
    note: str = ""
    quoted: bool = True
    sides: tuple[str, str] = ("This group", "The others")

    @property
    def tested(self) -> bool:
        """Whether lifts and chances stand beside the shares."""
        return any(row.lift is not None for row in self.rows)

    @property
    def nouns(self) -> tuple[str, str]:
        """What is counted on either side, where it must be said."""
        if self.unit == "reviews":
            return "", ""
        return "users", "users" if self.sides[1] != "The others" else "others"


@dataclass(frozen=True)
class Table:
    """A small table. claims: whether each row counts as a claim about the group."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    claims: bool = True


@dataclass(frozen=True)
class Period:
    """Reviews by the group and by everyone in one period; rating: the group's mean or None."""

    label: str
    inside: int
    everyone: int
    rating: float | None


@dataclass(frozen=True)
class Timeline:
    """Activity over time; share: of all dated reviews, the group's."""

    title: str
    periods: tuple[Period, ...]
    share: float
    note: str


@dataclass(frozen=True)
class Voices:
    """Quotes: the number of each one's source, and what it speaks of."""

    quotes: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Shares:
    """Parts of a whole, each a claim: a name and how many of `total` it has."""

    title: str
    name: str
    noun: str
    rows: tuple[tuple[str, int], ...]
    total: int


Block = Heading | Statement | Note | Contrasts | Table | Timeline | Voices | Shares


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Tile:
    """One key figure, and what it stands beside."""

    label: str
    value: str
    beside: str


@dataclass(frozen=True)
class Chapter:
    """What is said of one group, or of several side by side. over: what kind of chapter it is;
    anchor: begins the names of its places; cautions: what to know before using it; sources: in
    the order of their n, which is counted within the chapter.
    """

    over: str
    title: str
    anchor: str
    headline: Statement
    tiles: tuple[Tile, ...]
    cautions: tuple[str, ...]
    sections: tuple[Section, ...]
    sources: tuple[Evidence, ...]


@dataclass(frozen=True)
class Report:
    """A whole report: on one group, its opening chapter is all; on several, the opening sets them
    side by side and a chapter on each follows. coverage: what data it was made from, and when.
    """

    groups: tuple[GroupRef, ...]
    opening: Chapter
    chapters: tuple[Chapter, ...]
    coverage: str
    method: Section

    @property
    def n_claims(self) -> int:
        """Statements, rows and quotes of the sections."""
        return sum(
            _count_claims(block)
            for chapter in (self.opening, *self.chapters)
            for section in chapter.sections
            for block in section.blocks
        )


def _count_claims(block: Block) -> int:
    match block:
        case Statement():
            return 1
        case Contrasts() | Shares():
            return len(block.rows)
        case Table():
            return len(block.rows) if block.claims else 0
        case Timeline():
            return len(block.periods)
        case Voices():
            return len(block.quotes)
        case Heading() | Note():
            return 0


def tell_part(n: int, total: int, noun: str = "") -> str:
    """`31 of 38 users (82%)`"""
    return f"{n:,} of {total:,}{' ' + noun if noun else ''} ({tell_share(n / max(1, total))})"


def tell_share(share: float) -> str:
    """Whole percents; one decimal below 1% and where rounding would make it all."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    exact = share < 0.01 or 0.995 <= share < 1
    return f"{share:.1%}" if exact and share else f"{share:.0%}"


def tell_lift(lift: float) -> str:
    """`4.2×`, from 10 on without decimals."""
    return f"{lift:.1f}×" if lift < 9.95 else f"{lift:,.0f}×"


def tell_chance(q: float) -> str:
    """`q < 0.001` or `q = 0.012`"""
    return "q < 0.001" if q < 0.001 else f"q = {q:.3f}"


def tell_count(n: int, noun: str) -> str:
    """`1 user`, `2 users`"""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def tell_price(price: float) -> str:
    """Two decimals below 10, none above."""
    return f"{price:,.2f}" if abs(price) < 10 else f"{price:,.0f}"


def tell_times(row: Contrast) -> str:
    """`4.2×, q < 0.001`, or nothing where no test was made."""
    if row.lift is None or row.q is None:
        return ""
    return f"{tell_lift(row.lift)}, {tell_chance(row.q)}"


def tell_moment(moment: datetime) -> str:
    """`3 March 2025, 14:05 UTC`"""
    return f"{tell_day(moment)}, {moment:%H:%M} UTC"


def tell_source(e: Evidence) -> str:
    """Who wrote it, where and when: `jana_19, 2 stars, Hotel Grand (KRK02), 20 May 2025`."""
    item = e.item if e.item == e.item_id else f"{e.item} ({e.item_id})"
    parts = [
        e.user_id or "",
        f"{e.rating:g} star{'' if e.rating == 1 else 's'}" if e.rating is not None else "",
        item if e.item_id else "",
        tell_day(e.time) if e.time else "",
    ]
    return ", ".join(part for part in parts if part)
