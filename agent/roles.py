"""Whose id it is: a user's or an item's."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from agent.conversation import Turn
from agent.mentions import Mention, Reading
from agent.vocabulary import find_concepts

_USER_FORM = re.compile(
    r"(user|usr|cust|client|guest|member|rev|rv)|(u|c)-?\d|[a-z]+(_[a-z]+)+$|[a-z]+\.[a-z]+$",
    re.IGNORECASE,
)
_ITEM_FORM = re.compile(
    r"(?i:(item|prod|product|game|app|book|hotel|rest|course|steam|ticker|sku|isbn|asin)[-_.]?\w*\d"
    r"|ticker_\w+|b0\w{8}$)|[a-z]{2,}\.[a-z.]+\.[a-z]+$|[A-Z]{2,5}$",
)
_ITEM_FIRST = re.compile(r"(\b(to|for|suits?|fits?|matche?s?|recommended|of|by)\b|->|→)", re.I)
_USER_FIRST = re.compile(
    r"(\b(like|likes|want|wants|get|gets|got|see|sees|seeing|offered|enjoy|love|buy|need|points? "
    r"to|"
    r"interested in|be into|pleased with|a candidate for)\b|\+)",
    re.IGNORECASE,
)
_LINKS = frozenset("to of the and for in on de la".split())
_USER_AT_END = re.compile(
    r"\b(user|customer|reviewer|guest|client) (?!in|is|like|do)\w{2,}\W*$", re.I
)


def find_ids(
    tool: str, fields: Collection[str], reading: Reading, turns: Sequence[Turn]
) -> dict[str, Mention]:
    """The user and the item, as far as the tool takes them."""
    found: dict[str, Mention] = {}
    named = {"user": reading.of("user"), "item": reading.of("item") + reading.of("title")}
    for kind, mentions in named.items():
        if kind in fields and mentions:
            found[kind] = mentions[0]
    loose = reading.of("id")
    if "item" in fields and tool == "explain_recommendation":
        loose = sorted([*loose, *_find_tickers(reading)], key=lambda m: m.first)
    if "user" in fields and "item" in fields and len(loose) == 2 and not found:
        item_first = _is_item_first(reading, *loose)
        return dict(zip(("item", "user") if item_first else ("user", "item"), loose, strict=True))
    told = any("user" in turn.args for turn in turns)
    for mention in loose:
        role: str = tell_role(reading, mention)
        before = reading.tokens[mention.first - 1].folded if mention.first else ""
        if tool == "explain_recommendation" and told and before not in ("for", "to", "with"):
            role = "item"
        if role not in fields or role in found:
            role = "item" if role == "user" else "user"
        if role in fields and role not in found:
            found[role] = mention
    if tool == "explain_recommendation":
        titles = _find_titles(reading, list(found.values()))
        if "item" not in found and titles:
            found["item"] = titles[0]
        item = found.get("item")
        for mention in _find_plain_ids(reading):
            within = item and item.first <= mention.first < item.last
            if "user" not in found and not within:
                found["user"] = mention
    if tool == "describe_user" and not found and not reading.of("group"):
        found.update(("user", mention) for mention in _find_plain_ids(reading)[:1])
    return found


def _find_plain_ids(reading: Reading) -> list[Mention]:
    """What can only be an id where a user must be named: "customer jenkins", "what about 918"."""
    last = len(reading.tokens)
    named = [last - 1] if _USER_AT_END.search(reading.question) else []
    numbers = [place for place, token in enumerate(reading.tokens) if token.text.isdigit()]
    return [Mention("user", reading.tokens[p].text, p, p + 1) for p in named + numbers]


def _find_titles(reading: Reading, named: Sequence[Mention]) -> list[Mention]:
    """Runs of words that are written like a title, the longest first: "Hot Yoga", "Stats 101". The
    word that opens a sentence counts if another such word follows.
    """
    taken = {place for m in [*named, *reading.mentions] for place in range(m.first, m.last)}
    runs: list[list[int]] = [[]]
    for place, token in enumerate(reading.tokens):
        apart = place and reading.question[reading.tokens[place - 1].end : token.start].strip()
        if apart or place in taken:
            runs.append([])
        titled = token.text[0].isupper() and token.text != "I"
        framing = _opens(reading, place) and find_concepts(token.text)
        inside = runs[-1] and (token.text[0].isdigit() or token.folded in _LINKS)
        if place not in taken and not framing and (titled or inside):
            runs[-1].append(place)
        else:
            runs.append([])
    for run in runs:
        while run and reading.tokens[run[-1]].folded in _LINKS:
            run.pop()
    kept = [run for run in runs if run and not (len(run) == 1 and _opens(reading, run[0]))]
    found = [Mention("title", reading.cut(r[0], r[-1] + 1), r[0], r[-1] + 1) for r in kept]
    return sorted(found, key=lambda m: m.first - m.last)


def _opens(reading: Reading, place: int) -> bool:
    """Whether a sentence begins with this word."""
    before = reading.question[: reading.tokens[place].start].rstrip()
    return not before or before[-1] in ".!?:;"


def _find_tickers(reading: Reading) -> list[Mention]:
    return [
        Mention("id", token.text, place, place + 1)
        for place, token in enumerate(reading.tokens)
        if re.fullmatch(r"[A-Z]{2,5}", token.text) and token.text != "OK"
    ]


def _is_item_first(reading: Reading, one: Mention, other: Mention) -> bool:
    """Of two ids, in the order of the question, whether the first is the item."""
    forms = guess_role(one.value), guess_role(other.value)
    if forms[0] != forms[1]:
        return forms[0] == "item" or forms[1] == "user"
    between = reading.question[reading.tokens[one.last - 1].end : reading.tokens[other.first].start]
    return _USER_FIRST.search(between) is None and _ITEM_FIRST.search(between) is not None


def guess_role(word: str) -> Literal["user", "item", "id"]:
    """Whose id a word is by its form: user_883 a user's, item_20 an item's, "id" may be both."""
    return "user" if _USER_FORM.match(word) else "item" if _ITEM_FORM.match(word) else "id"


def tell_role(reading: Reading, mention: Mention) -> Literal["user", "item"]:
    """Whether an id is a user's or an item's, by its form and the words before it."""
    role = guess_role(mention.value) if mention.kind == "id" else mention.kind
    if role in ("user", "item"):
        return "user" if role == "user" else "item"
    before = [t.folded for t in reading.tokens[: mention.first]]
    of_reviews = before[-1:] in (["of"], ["for"], ["on"], ["about"]) and (
        "review" in before or "reviews" in before
    )
    shown = bool(before) and before[-1] in ("why", "product", "showing", "suggest")
    return "item" if of_reviews or shown else "user"
