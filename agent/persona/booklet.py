"""A report on one group, or on several in one booklet: side by side first, then a chapter each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations

from agent.facts import Evidence, GroupCard, GroupComparison, GroupPair
from agent.persona.contents import gather_chapter
from agent.persona.method import tell_method
from agent.persona.parts import (
    Block,
    Chapter,
    Contrast,
    Contrasts,
    Note,
    Report,
    Section,
    Shares,
    Statement,
    Table,
    Tile,
    tell_chance,
    tell_count,
    tell_part,
    tell_price,
    tell_share,
)
from agent.persona.traits import STANCES
from agent.phrases import tell_day, tell_span, tell_trust, tell_unplaced
from agent.use_cases import Tribune
from tools.errors import InputError

# More groups than this make too many pairs to read one by one.
MAX_COMPARED = 4
PAIRS_SHOWN = 10


def gather_report(tribune: Tribune, groups: Sequence[str]) -> Report:
    """All that a report on these groups says; on every group, by size, where none is named.

    Raises: UnknownName for a group the workspace does not hold; InputError where it has none, or
    one is named twice.
    """
    listed = tribune.list_groups().groups
    cards = [tribune.describe_group(group).group for group in groups] or listed
    for card in cards:
        if sum(other.id == card.id for other in cards) > 1:
            raise InputError(f"Group {card.id}, {card.name}, is named twice. Name each group once.")
    chapters: tuple[Chapter, ...] = ()
    if len(cards) == 1:
        opening = gather_chapter(tribune, cards[0])
    else:
        opening = _set_side_by_side(tribune, cards, whole=len(cards) == len(listed))
        chapters = tuple(gather_chapter(tribune, card, f"group-{card.id}-") for card in cards)
    return Report(
        groups=tuple(cards),
        opening=opening,
        chapters=chapters,
        coverage=_tell_coverage(tribune),
        method=tell_method(tribune),
    )


def _tell_coverage(tribune: Tribune) -> str:
    o = tribune.overview()
    return (
        f"Made on {tell_day(datetime.now(UTC))} from {tell_count(o.n_reviews, 'review')} by "
        f"{tell_count(o.n_users, 'user')}{tell_span(o.first_time, o.last_time)}."
    )


def _set_side_by_side(tribune: Tribune, cards: Sequence[GroupCard], *, whole: bool) -> Chapter:
    facts = (
        [tribune.compare_groups(str(a.id), str(b.id)) for a, b in combinations(cards, 2)]
        if len(cards) <= MAX_COMPARED
        else []
    )
    sources: list[Evidence] = []
    pairs = [_compare(comparison, sources) for comparison in facts]
    known = {card.id for card in cards}
    alike = [
        pair for pair in tribune.relate_groups().pairs if {pair.first.id, pair.second.id} <= known
    ]
    n_users = sum(card.n_users for card in cards)
    counts = tribune.manifest["counts"]
    placed = f"{tell_part(n_users, counts['users'], 'users')} are in {{}}."
    ids = [str(card.id) for card in cards]
    return Chapter(
        over="The groups side by side, then a persona report on each",
        title=f"All {len(cards)} groups" if whole else f"Groups {_join(ids)} compared",
        anchor="",
        headline=Statement(
            placed.format(f"the {len(cards)} groups")
            if whole
            else f"{_join([card.name for card in cards])}: {placed.format('them')}"
        ),
        tiles=_tell_tiles(tribune, cards),
        cautions=tuple(
            f"Group {card.id}, {card.name}, is {tell_trust(card)}."
            for card in cards
            if not card.trusted
        ),
        sections=(
            Section("The groups at a glance", _list_groups(tribune, cards, whole=whole)),
            *pairs,
            Section("How the groups relate", _relate(alike)),
        ),
        sources=tuple(sources),
    )


def _join(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _tell_tiles(tribune: Tribune, cards: Sequence[GroupCard]) -> tuple[Tile, ...]:
    counts = tribune.manifest["counts"]
    n_users, n_reviews = (sum(getattr(c, n) for c in cards) for n in ("n_users", "n_reviews"))
    return (
        Tile("Groups", str(len(cards)), f"of {counts['groups']}"),
        Tile("Users", f"{n_users:,}", f"{tell_share(n_users / counts['users'])} of all"),
        Tile("Reviews", f"{n_reviews:,}", f"{tell_share(n_reviews / counts['reviews'])} of all"),
        Tile("Trusted", str(sum(card.trusted for card in cards)), "stable enough to act on"),
    )


def _list_groups(tribune: Tribune, cards: Sequence[GroupCard], *, whole: bool) -> tuple[Block, ...]:
    counts = tribune.manifest["counts"]
    rows = tuple(
        (
            f"{card.id} {card.name}",
            f"{card.n_users:,}",
            f"{card.n_reviews:,}",
            f"{card.reviews_per_user:.1f}",
            "–" if card.rating is None else f"{card.rating:.2f}",
            "–" if card.price is None else tell_price(card.price),
            f"{card.polarity:+.2f}",
            f"{card.trust:.2f}{'' if card.trusted else ', not to be acted on'}",
        )
        for card in cards
    )
    shares = [(f"{card.id} {card.name}", card.n_users) for card in cards]
    if whole:
        shares.append(("Users of no group", counts["users_without_group"]))
    return (
        *(Statement(f"{card.id} {card.name}: {card.headline}") for card in cards),
        Shares("How large they are", "Group", "users", tuple(shares), counts["users"]),
        Table(
            "Their figures",
            ("Group", "Users", "Reviews", "Each", "Stars", "Price", "Warmth", "Trust"),
            rows,
        ),
        Note(
            "Each: reviews per user. Warmth: from −1 to 1. Trust: how well the group is found "
            "again among users drawn anew, from 0 to 1. "
            f"{tell_unplaced(counts['users_without_group'])}."
        ),
        *(Note(note) for note in tribune.tell_changes()),
    )


def _compare(facts: GroupComparison, sources: list[Evidence]) -> Section:
    """How two groups differ and what both like; what is cited joins `sources`."""
    a, b = facts.first, facts.second
    renumbered = {e.n: e.n + len(sources) for e in facts.evidence}
    sources += [e.model_copy(update={"n": renumbered[e.n]}) for e in facts.evidence]
    differ = tuple(
        Contrast(
            f"{d.name}{STANCES.get(d.kind, '')}",
            d.n_first,
            a.n_users,
            d.n_second,
            b.n_users,
            detail=tell_chance(d.p).replace("q", "p"),
            cite=renumbered[d.cites[0]] if d.cites else None,
        )
        for d in facts.differences
    )
    shared = tuple(
        Contrast(
            f"{bridge.name}{', warmly' if bridge.kind == 'topic' else ''}",
            bridge.n_first,
            a.n_users,
            bridge.n_second,
            b.n_users,
        )
        for bridge in facts.likeness.bridges
    )
    sides = (a.name, b.name)
    blocks: list[Block] = []
    if differ:
        note = (
            "Users who speak of the topic or reviewed the item; the surest differences. Tested "
            "against each other (two-sided hypergeometric)."
        )
        title = f"How groups {a.id} and {b.id} differ"
        blocks.append(Contrasts(title, "What", "users", differ, note=note, sides=sides))
    else:
        blocks.append(Note("No difference between the two is beyond chance."))
    if shared:
        note = "Users who like the item or speak warmly of the topic."
        title = f"What groups {a.id} and {b.id} both like more than everyone does"
        blocks.append(Contrasts(title, "What", "users", shared, note=note, sides=sides))
    return Section(f"{a.name} and {b.name}", tuple(blocks))


def _relate(pairs: Sequence[GroupPair]) -> tuple[Block, ...]:
    if not pairs:
        return (Note("There are no two groups whose likings could be compared."),)
    rows = tuple(
        (
            f"{pair.first.id} {pair.first.name} and {pair.second.id} {pair.second.name}",
            _cosine(pair.items_alike),
            _cosine(pair.topics_alike),
            ", ".join(bridge.name for bridge in pair.bridges) or "–",
        )
        for pair in pairs[:PAIRS_SHOWN]
    )
    rest = len(pairs) - len(rows)
    more = f" {tell_count(rest, 'pair')} less alike {'is' if rest == 1 else 'are'} not shown."
    return (
        Table(
            "What they like alike, the most alike first",
            ("Groups", "Items", "Topics", "Both like"),
            rows,
        ),
        Note(
            "Items, topics: how alike two groups' likings are, from −1 to 1, where 0 is chance "
            "(cosine of how much more than the others each likes them); – where one of the two "
            f"likes nothing surely enough.{more if rest else ''}"
        ),
    )


def _cosine(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"
