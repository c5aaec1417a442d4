"""Numbers, names and quotes as an answer words them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.facts import Facts, GroupCard, GroupRef, Stance
from tools.embedding.sentiment import COLD, WARM

QUOTE_LENGTH = 160
SPEAK: dict[Stance, str] = {
    "likes": "speak warmly of",
    "dislikes": "speak coldly of",
    "any": "speak of",
}


def shorten(quote: str, length: int = QUOTE_LENGTH) -> str:
    """The quote's first words, up to `length` characters, with an ellipsis where it was cut."""
    if len(quote) <= length:
        return quote
    cut = quote[:length]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:-") + " …"


def quote_source(f: Facts, cites: Sequence[int]) -> str:
    """A colon, the first cited sentence in quotation marks and its number, if any is cited."""
    if not cites:
        return ""
    n = cites[0]
    text = (
        shorten(next(e.quote for e in f.evidence if e.n == n))
        .replace("“", "'")
        .replace("”", "'")
        .rstrip(".")
    )
    return f": “{text}” [{n}]"


def name_group(group: GroupRef, *, capital: bool = False) -> str:
    """ "group 2, Night Owls"."""
    return f"{'Group' if capital else 'group'} {group.id}, {group.name}"


def tell_size(g: GroupCard) -> str:
    """ "38 users (9% of all)"."""
    return f"{count(g.n_users, 'user')} ({percent(g.share)} of all)"


def tell_rating(rating: float | None) -> str:
    """ ", 3.9 stars on average", or "" where there are no ratings."""
    return "" if rating is None else f", {rating:.1f} stars on average"


def count(n: int, noun: str) -> str:
    """ "1 user", "2 users"."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def percent(share: float) -> str:
    """ "31%"; "0.4%" and "under 0.1%" below 1%."""
    if 0 < share < 0.001:
        return "under 0.1%"
    return f"{share:.0%}" if share >= 0.01 or share == 0 else f"{share:.1%}"


def tell_trust(g: GroupCard) -> str:
    """ "not stable enough to act on (trust 0.43)", or "stable enough to act on (trust 0.93)"."""
    return f"{'' if g.trusted else 'not '}stable enough to act on (trust {g.trust:.2f})"


def tell_unplaced(n_users: int) -> str:
    """ "90 users are in no group"."""
    return f"{count(n_users, 'user')} {'is' if n_users == 1 else 'are'} in no group"


def compare_warmth(polarity: float, others: float) -> str:
    """ "higher (+0.40) than that of the others (+0.10)"."""
    side = "higher" if polarity > others else "lower"
    return f"{side} ({polarity:+.2f}) than that of the others ({others:+.2f})"


def tell_shares(one: float, other: float) -> tuple[str, str]:
    """ "4%" and "2%", or "2.3%" and "2.1%" where whole percents would be the same."""
    told = percent(one), percent(other)
    return told if told[0] != told[1] else (f"{one:.1%}", f"{other:.1%}")


def tell_lift(lift: float) -> str:
    """ "4.2 times"."""
    return f"{lift:.1f} times"


def tell_p(p: float) -> str:
    """ "p = 0.012", or "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def tell_change(growth: float) -> str:
    """ "14% fewer"."""
    return f"{abs(growth):.0%} {'more' if growth >= 0 else 'fewer'}"


def name_tone(polarity: float) -> str:
    """ "warm", "cold" or "mixed"."""
    if polarity >= WARM:
        return "warm"
    if polarity <= COLD:
        return "cold"
    return "mixed"


def compare_tones(polarity: float, others: float) -> str:
    """ "more warmly", "less warmly", "more coldly" or "less coldly" than the others."""
    warmer, warm = polarity > others, polarity >= 0
    return f"{'more' if warmer == warm else 'less'} {'warmly' if warm else 'coldly'}"


def use_singular(verb: str) -> str:
    """ "speaks warmly of" for "speak warmly of"."""
    return verb.replace("speak", "speaks")


def tell_day(moment: datetime) -> str:
    """ "4 May 2026"."""
    return f"{moment.day} {moment:%B %Y}"


def tell_span(first: datetime | None, last: datetime | None) -> str:
    """ ", from 1 May 2025 to 4 May 2026", ", on 1 May 2025", or "" where there are no dates."""
    if first is None or last is None:
        return ""
    if first.date() == last.date():
        return f", on {tell_day(first)}"
    return f", from {tell_day(first)} to {tell_day(last)}"
