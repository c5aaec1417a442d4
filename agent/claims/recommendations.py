"""Recommendations as sentences: what suits whom, and why."""

from __future__ import annotations

from agent import facts
from agent.phrases import count, name_group, percent, quote_source
from tools.recommendation.popularity import Popularity

ITEMS_SHOWN = 5


def tell_recommendations(f: facts.Recommendations) -> list[str]:
    """The first items, each with its strongest reason, then what the list rests on."""
    whom = f.user_id or (name_group(f.group) if f.group else "")
    if not f.items:
        return [f"Nothing is left to recommend to {whom}: every item that may be shown was met."]
    lines = [line for item in f.items[:ITEMS_SHOWN] for line in _item_lines(f, item, whom)]
    if f.covered and f.method != Popularity.name:
        lines.append(
            f"For {percent(f.covered)} of the members, one of these "
            f"{count(len(f.items), 'item')} is among the tenth that suits them best."
        )
    return [*lines, f.verdict]


def _item_lines(f: facts.Recommendations, item: facts.RecommendedItem, whom: str) -> list[str]:
    """What speaks for an item; of the first the praise is a sentence of its own."""
    about = [item.category] if item.category else []
    if item.rating is not None:
        about.append(f"{item.rating:.1f} stars from {count(item.n_reviews, 'review')}")
    stars = f" ({', '.join(about)})" if about else ""
    popular = f.method == Popularity.name
    if item.rank > 1:
        place = f"{item.title}{stars} comes {_ordinal(item.rank)}"
    elif popular:
        place = f"{item.title}{stars} is the most popular item that {whom} has not met"
    else:
        place = f"{item.title}{stars} suits {whom} best"
    if popular:
        place += f", liked by {count(item.n_likes, 'user')}"
    elif item.suits:
        place += f", among the best tenth for {percent(item.suits)} of the members"
    reason = item.reasons[0] if item.reasons else None
    if reason:
        place += f"; {say_reason(reason, f.user_id)}"
    if reason and reason.cites:
        return [f"{place}{quote_source(f, reason.cites)}."]
    if not item.cites:
        return [f"{place}."]
    praise = quote_source(f, item.cites)
    if item.rank == 1:
        return [f"{place}.", f"A review praises {item.title}{praise}."]
    return [f"{place}; a review praises it{praise}."]


def tell_explanation(f: facts.RecommendationExplained) -> list[str]:
    """Where the item stands for the user, and every reason."""
    item = f.item
    lines = []
    stands = f"at place {f.place} of {count(f.n_open, 'item')}"
    if f.met:
        felt = "liked it" if f.liked else "did not like it"
        lines.append(f"{f.user_id} has met {item.title} and {felt}.")
        lines.append(f"Had {f.user_id} not met it, {item.title} would stand {stands}.")
    else:
        lines.append(f"{item.title} stands {stands} that {f.user_id} has not met.")
    lines += [
        f"{_capital(say_reason(reason, f.user_id))}{quote_source(f, reason.cites)}."
        for reason in item.reasons
    ]
    if not item.reasons:
        lines.append(
            f"Nothing in what {f.user_id} liked or wrote leads to {item.title} by more than chance."
        )
    if item.cites and not any(r.cites for r in item.reasons):
        lines.append(f"A review praises {item.title}{quote_source(f, item.cites)}.")
    return [*lines, f.verdict]


def say_reason(r: facts.Because, user: str | None) -> str:
    """A reason as a clause about "it", the item; user: whose reason it is, None for a group's."""
    if r.kind == "moved":
        return f"without {r.what}, which {user} liked, it would stand {count(r.n, 'place')} lower"
    if r.kind == "users":
        return f"{r.n} of the {r.n_of} other users who like {r.what} like it too, {_tell_chance(r)}"
    if r.kind == "topic":
        own = r.n_own or 0
        who = f"{user} speaks warmly in {count(own, 'sentence')}"
        if user is None:
            who = f"{count(own, 'member')} {'speaks' if own == 1 else 'speak'} warmly"
        return f"{r.what}, of which {who}, is praised in {count(r.n, 'review')} of it"
    chance = _tell_chance(r)
    if r.kind == "group":
        whose = f"other members of {r.what}" if user else "members"
        return f"{r.n} of the {r.n_of} {whose} like it, {chance}"
    if user:
        return f"{r.n} of the {r.n_of} items that {user} likes are in {r.what}, {chance}"
    return f"{r.n} of the members' {r.n_of} likes are of {r.what}, {chance}"


def _tell_chance(r: facts.Because) -> str:
    expected = r.expected or 0.0
    return f"where chance would give {f'{expected:.1f}' if expected >= 0.1 else 'under 0.1'}"


def _ordinal(n: int) -> str:
    named = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    return named.get(n, f"{n}th")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
