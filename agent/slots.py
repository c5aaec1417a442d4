"""From a tool and a question to the tool's arguments.

Earlier turns fill in what the question leans on them for. Every value is words that the user typed,
now or before, or the name they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.arguments import TOOL_ARGUMENTS
from agent.conversation import Turn
from agent.mentions import (
    GROUP_NOUNS,
    ITEM_NOUNS,
    PRONOUNS,
    USER_NOUNS,
    Mention,
    Reader,
    Reading,
    read_number,
)
from agent.roles import find_ids
from agent.tagger.inputs import USUAL_STANCE
from agent.tagger.tagger import Span, Tags
from agent.values import (
    read_days,
    read_limit,
    read_message,
    read_period,
    read_sort,
)
from agent.vocabulary import find_concepts

# A topic that a tool can do without, or that an earlier turn gave, must be at least this probable.
SURE = 0.4
UNLIKELY = 0.15
MAYBE = 0.05
FAINT = 0.02
FAINT_GROUP = 0.08
SURE_GROUP = 0.35
SURE_FRAMING = 0.6
SURE_NAME = 0.5

_LEANING = frozenset(
    """and for specifically only just now same but or vs versus also then instead again restrict
    limit make more ok""".split()
)
_OTHER = {"likes": "dislikes", "dislikes": "likes"}
_OPPOSITE = re.compile(r"\b(opposite|the other way|reverse)\b", re.IGNORECASE)
_EVERYONE = re.compile(
    r"\b(in general|overall|everyone|everybody|all (users|customers|groups|people|segments)|"
    r"people in general|across)\b",
    re.IGNORECASE,
)
_ORDINALS = {"first": 0, "former": 0, "second": 1, "latter": 1, "third": 2, "fourth": 3}


@dataclass(frozen=True)
class Filled:
    """Arguments of a call, and the required ones that nothing gave."""

    args: dict[str, str | int]
    missing: tuple[str, ...] = ()


class SlotFiller:
    """Fills in the arguments of any tool from one question and the turns before it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def fill(self, tool: str, reading: Reading, tags: Tags, history: Sequence[Turn]) -> Filled:
        """The tool's arguments; only those that the question or the turns before it give."""
        fields = TOOL_ARGUMENTS[tool].model_fields
        turns = [turn for turn in reversed(history) if turn.tool]
        found = self._find_values(tool, set(fields), reading, tags, turns)
        args = _carry_over(tool, found, reading, turns)
        if tool in USUAL_STANCE:
            args["stance"] = tags.stance
        if tool == "recommend" and not {"user", "group"} & set(args):
            return Filled(args, ("group",))
        if tool == "recommend" and {"user", "group"} <= set(args):
            del args["group"]
        needed = [name for name, field in fields.items() if field.is_required()]
        return Filled(args, tuple(name for name in needed if name not in args))

    def _find_values(
        self, tool: str, fields: set[str], reading: Reading, tags: Tags, turns: Sequence[Turn]
    ) -> dict[str, str | int]:
        """What the question itself says."""
        found: dict[str, str | int] = {}
        taken: set[int] = set()
        if "message" in fields:
            message = read_message(reading)
            if message:
                found["message"] = message
        for name, mention in self._find_ids(tool, fields, reading, tags, turns).items():
            found[name] = mention.value
            taken |= set(range(mention.first, mention.last))
        groups = self._find_groups(tool, fields, reading, tags, turns, taken)
        names = ("first", "second") if "first" in fields else ("group",)
        if len(groups) == 1 and turns:
            names = names[-1:]
        for name, group in zip(names, groups, strict=False):
            found[name] = group.value
            taken |= set(range(group.first, group.last))
        for name in {"topic", "query"} & fields:
            topic = _find_topic(name, tool, reading, tags, taken, turns)
            if topic is None and reading.of("title"):
                # Reviews of an item and nothing more: those that speak of it.
                topic = next(Span(m.first, m.last, 1.0) for m in reading.of("title"))
            if topic:
                found[name] = reading.cut(topic.first, topic.last).casefold()
                taken |= set(range(topic.first, topic.last))
        found |= _read_values(fields, reading, taken)
        return found

    def _find_ids(
        self, tool: str, fields: set[str], reading: Reading, tags: Tags, turns: Sequence[Turn]
    ) -> dict[str, Mention]:
        """The user and the item: known ones, else as tagged, else by the shape of their ids."""
        found: dict[str, Mention] = {}
        for name in ("user", "item"):
            if name not in fields:
                continue
            best = next(iter(tags.spans[name]), None)
            known = [m for m in reading.mentions if self._reader.knows(name, m.value)]
            if known:
                found[name] = known[0]
            elif best and best.probability >= SURE_NAME and _stands_apart(best, found):
                found[name] = _read_name(reading, best)
        for name, mention in find_ids(tool, fields, reading, turns).items():
            if name not in found and _stands_apart(mention, found):
                found[name] = mention
        return found

    def _find_groups(
        self,
        tool: str,
        fields: set[str],
        reading: Reading,
        tags: Tags,
        turns: Sequence[Turn],
        taken: set[int],
    ) -> list[Mention]:
        """The groups named, in the order of the question; at most one unless two are compared."""
        wanted = 2 if "first" in fields else 1 if "group" in fields else 0
        if not wanted:
            return []
        needed = wanted == 2 or TOOL_ARGUMENTS[tool].model_fields["group"].is_required()
        groups = reading.of("group")[:wanted]
        groups += _find_ordinals(reading, turns, self._reader)
        groups += _find_bare_numbers(tool, reading, groups)
        if tool == "recommend":
            needed = not any(m.kind in ("user", "id") for m in reading.mentions)
        given = any({"group", "first", "user"} & set(turn.args) for turn in turns[:1])
        least = FAINT_GROUP if needed and not given else SURE_GROUP
        taken = taken | {place for m in groups for place in range(m.first, m.last)}
        for mention in self._guess_groups(needed and not given, least, reading, tags, taken):
            if len(groups) < wanted and (needed or not groups):
                groups.append(mention)
        return sorted(groups[:wanted], key=lambda m: m.first)

    def _guess_groups(
        self, needed: bool, least: float, reading: Reading, tags: Tags, taken: set[int]
    ) -> Iterator[Mention]:
        """Names by their frames, the likeliest first. Where a group is needed, what looks like a
        topic may be one.
        """
        scores: dict[tuple[int, int], float] = {}
        for s in [*tags.spans["group"], *tags.spans["second"]]:
            scores[s.first, s.last] = max(scores.get((s.first, s.last), 0.0), s.probability)
        if needed:
            for s in tags.spans["topic"]:
                scores[s.first, s.last] = scores.get((s.first, s.last), 0.0) + 0.7 * s.probability
        used = set(taken)
        for (first, last), score in sorted(scores.items(), key=lambda pair: -pair[1]):
            words = [t.folded for t in reading.tokens[first:last]]
            framing = all(find_concepts(w) or read_number(w) is not None for w in words)
            if score < (SURE_FRAMING if framing else least) or not used.isdisjoint(
                range(first, last)
            ):
                continue
            if any(w in PRONOUNS or w in _ORDINALS for w in words):
                continue
            number = read_number(words[0]) if len(words) == 1 else None
            words_typed = reading.cut(first, last)
            name = str(number) if number is not None else self._reader.name_group(words_typed)
            if needed or self._reader.knows_group(name):
                yield Mention("group", name, first, last)
                used |= set(range(first, last))


def _stands_apart(span: Span | Mention, found: Mapping[str, Mention]) -> bool:
    return all(m.last <= span.first or span.last <= m.first for m in found.values())


def _read_name(reading: Reading, span: Span) -> Mention:
    """An id or title without the noun before it, whole where it is written with slashes."""
    first = span.first
    if span.last - first > 1 and reading.tokens[first].folded in USER_NOUNS | ITEM_NOUNS:
        first += 1
    start, end = reading.tokens[first].start, reading.tokens[span.last - 1].end
    joined = re.search(r"[\w-]+/$", reading.question[:start])
    start = joined.start() if joined else start
    return Mention("id", reading.question[start:end], first, span.last)


def _find_topic(
    name: str,
    tool: str,
    reading: Reading,
    tags: Tags,
    taken: set[int],
    turns: Sequence[Turn],
) -> Span | None:
    needed = TOOL_ARGUMENTS[tool].model_fields[name].is_required()
    given = any({"topic", "query"} & set(turn.args) for turn in turns[:1])
    leans = given and (is_elliptical(reading) or _refers(reading))
    least = SURE if leans else UNLIKELY if given or not needed else FAINT
    framing = []
    titles = [Span(m.first, m.last, 0.5) for m in reading.of("title")]
    for span in sorted([*titles, *tags.spans["topic"]], key=lambda span: -span.probability):
        words = [t.folded for t in reading.tokens[span.first : span.last]]
        if PRONOUNS.issuperset(words) or not taken.isdisjoint(range(span.first, span.last)):
            continue
        if all(find_concepts(w) or read_number(w) is not None for w in words):
            framing.append(span)
        elif span.probability >= least:
            return framing[0] if framing and span.probability < MAYBE else span
    least = max(least, SURE_FRAMING) if given or not needed else least
    return next((span for span in framing if span.probability >= least), None)


def _find_bare_numbers(tool: str, reading: Reading, groups: Sequence[Mention]) -> list[Mention]:
    """Numbers that stand for groups, as in "5 and 2" or "number 9"."""
    taken = {m.first for m in groups}
    found = []
    for place, token in enumerate(reading.tokens):
        value = read_number(token.text)
        before = reading.tokens[place - 1].folded if place else ""
        named = before in ("number", "no", "nr", "nos") or reading.question[: token.start].endswith(
            "#"
        )
        if value is None or place in taken or token.folded == "one":
            continue
        if named or tool == "compare_groups":
            found.append(Mention("group", str(value), place, place + 1))
    return found


def _find_ordinals(reading: Reading, turns: Sequence[Turn], reader: Reader) -> list[Mention]:
    """ "The second one", "the former": of two groups compared, or of those an answer listed; "the
    third group" where nothing was said before: its number.
    """
    if not turns:
        return [
            Mention("group", str(_ORDINALS[token.folded] + 1), place, place + 1)
            for place, token in enumerate(reading.tokens[:-1])
            if token.folded in ("first", "second", "third", "fourth")
            and reading.tokens[place + 1].folded in GROUP_NOUNS
        ]
    args = turns[0].args
    listed = [str(args[name]) for name in ("first", "second") if name in args]
    if not listed and turns[0].tool == "list_groups":
        listed = reader.list_groups_in(turns[0].answer)
    for place, token in enumerate(reading.tokens):
        number = _ORDINALS.get(token.folded)
        before = reading.tokens[place - 1].folded if place else ""
        if number is not None and before in ("the", "that", "") and number < len(listed):
            return [Mention("group", listed[number], place, place + 1)]
    return []


def _read_values(fields: set[str], reading: Reading, taken: set[int]) -> dict[str, str | int]:
    named = taken | {p for m in reading.mentions for p in range(m.first, m.last)}
    read: dict[str, str | int | None] = {}
    if "limit" in fields:
        read["limit"] = read_limit(reading, named)
    if "days" in fields:
        read["days"] = read_days(reading)
    if "period" in fields:
        read["period"] = read_period(reading, taken)
    if "sort" in fields:
        read["sort"] = read_sort(reading)
    return {name: value for name, value in read.items() if value is not None}


def _refers(reading: Reading) -> bool:
    return any(t.folded in PRONOUNS for t in reading.tokens)


def _carry_over(
    tool: str, found: dict[str, str | int], reading: Reading, turns: Sequence[Turn]
) -> dict[str, str | int]:
    """What the question says, and what it leaves to the turns before it (latest first)."""
    fields = TOOL_ARGUMENTS[tool].model_fields
    needed = {name for name, field in fields.items() if field.is_required()}
    leans = is_elliptical(reading) or _refers(reading)
    if not turns:
        return found
    if tool == turns[0].tool and (leans or not needed <= set(found)):
        return _repeat(tool, found, turns[0], reading.question)
    args = dict(found)
    if tool == "recommend" and not {"user", "group"} & set(found):
        both = ({k: v for k, v in t.args.items() if k in ("user", "group")} for t in turns)
        args |= next((who for who in both if who), {})
    for name in fields:
        if name in args:
            continue
        if name in needed:
            value = next((v for turn in turns if (v := _recall(name, turn)) is not None), None)
        else:
            value = _lean_on(tool, name, args, reading, turns[0]) if leans else None
        if value is not None:
            args[name] = value
    return args


def _lean_on(
    tool: str, name: str, args: dict[str, str | int], reading: Reading, last: Turn
) -> str | int | None:
    """What an argument that a tool can do without takes over from the last call."""
    if name == "stance":
        topics = {args.get("topic"), args.get("query")} - {None}
        if not topics & {last.args.get("topic"), last.args.get("query")}:
            return None
        stance = last.args.get("stance", "any")
        return None if stance == "any" and tool == "search_reviews" else stance
    named = "group" in args or "user" in args
    if _EVERYONE.search(reading.question) or name not in ("group", "user", "topic", "item"):
        return None
    return None if named and name in ("group", "user") else _recall(name, last)


def _recall(name: str, turn: Turn) -> str | int | None:
    """An argument of an earlier call that this one can stand in for."""
    others = {
        "topic": ("topic", "query"),
        "query": ("query", "topic"),
        "group": ("group",),
        "first": ("group",),
        "second": (),
    }
    return next((turn.args[n] for n in others.get(name, (name,)) if n in turn.args), None)


def _repeat(
    tool: str, found: dict[str, str | int], last: Turn, question: str
) -> dict[str, str | int]:
    """The last call again, with what the question says instead."""
    args = dict(last.args)
    if tool == "compare_groups" and len({"first", "second"} & set(found)) == 1:
        return {**args, "second": found["second"]}
    if _OPPOSITE.search(question) and args.get("stance") in _OTHER:
        args["stance"] = _OTHER[str(args["stance"])]
    if "group" in found:
        args.pop("user", None)
    if "user" in found:
        args.pop("group", None)
    return {**args, **found}


def is_elliptical(reading: Reading) -> bool:
    """Whether a question leans on the one before it: "and sushi?", "only group 3", "by week"."""
    words = [t.folded for t in reading.tokens]
    return (
        len(words) <= 3
        or words[0] in _LEANING
        or words[:2] in (["what", "about"], ["how", "about"])
    )
