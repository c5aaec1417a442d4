"""Which values a call may hold: the user's own words, and what earlier calls held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.arguments import TOOL_ARGUMENTS, TOOL_SUMMARIES
from agent.conversation import Turn
from agent.mentions import Reading, read_number
from agent.values import read_days, read_message

Values = Mapping[str, Sequence[str | int]]

LONGEST = 7
LONGEST_NAME = 5
# Of a question that quotes a whole letter, the start is enough.
MOST_WORDS = 200
# Arguments whose values are of one kind, whatever the tool calls them.
KIND_OF = {"query": "topic", "first": "group", "second": "group", "item": "user"}


_STOP = re.compile(r"[?!;:]|\.\s")
# No topic or name begins or ends with one of these.
_OUTSIDE = frozenset(
    "a an the teh of to for with w about abt and or but is are was were be been am im do does did "
    "has have had i i'd i'm we we're you he she it its it's they them their this that these those "
    "who whom whose what which when where why how please pls plz my our your me us 's than as any "
    "some so on in at by from into among within towards toward regarding concerning according "
    "since if because".split()
)


def list_values(reading: Reading, turns: Sequence[Turn]) -> Values:
    """For each kind of argument, every value that the question or the turns before it allow.

    topic: runs of up to seven words, in lower case; group: runs of up to five as they were typed,
    and numbers; user: single words and known titles; message: what is quoted, else all of it.
    """
    spans = _list_spans(reading)
    names = [(m.first, m.last) for m in reading.mentions if m.kind in ("group", "title")]
    words = [(place, place + 1) for place in range(len(reading.tokens))]
    numbers = [n for token in reading.tokens if (n := read_number(token.text)) is not None]
    short = [(first, last) for first, last in [*names, *spans] if last - first <= LONGEST_NAME]
    days = read_days(reading)
    values: dict[str, list[str | int]] = {
        "topic": [reading.cut(*span).casefold() for span in [*names, *spans]],
        "group": [*map(str, numbers), *(reading.cut(*span) for span in short)],
        "user": [reading.cut(*span) for span in [*words, *names]],
        "message": [read_message(reading) or reading.question],
        "limit": [n for n in numbers if n > 0],
        "days": [days] if days else [],
    }
    for turn in turns:
        for name, value in turn.args.items():
            if (kind := KIND_OF.get(name, name)) in values:
                values[kind].append(value)
    return {name: list(dict.fromkeys(found)) for name, found in values.items()}


def narrow_tools(names: Iterable[str], values: Values) -> list[dict[str, Any]]:
    """The tools in OpenAI's form, their arguments held to `values`; those for which a required
    argument has none are left out.
    """
    tools = []
    for name in names:
        schema = TOOL_ARGUMENTS[name].model_json_schema()
        properties: dict[str, Any] = {}
        for key, spec in schema.get("properties", {}).items():
            allowed = spec.get("enum") or values.get(KIND_OF.get(key, key))
            if allowed:
                properties[key] = {"enum": list(allowed)}
        required = schema.get("required", [])
        if set(required) <= set(properties):
            tools.append(_describe(name, TOOL_SUMMARIES[name], properties, required))
    return tools


def _describe(
    name: str, summary: str, properties: dict[str, Any], required: Sequence[str]
) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    function = {"name": name, "description": summary, "parameters": parameters}
    return {"type": "function", "function": function}


def _list_spans(reading: Reading) -> list[tuple[int, int]]:
    """Runs of words within one sentence that hold no user, item or message."""
    tokens = reading.tokens[:MOST_WORDS]
    shut = {
        place
        for m in reading.mentions
        if m.kind in ("user", "item", "message")
        for place in range(m.first, m.last)
    }
    spans = []
    for first, token in enumerate(tokens):
        if token.folded in _OUTSIDE or first in shut:
            continue
        for last in range(first + 1, min(len(tokens), first + LONGEST) + 1):
            if last - 1 in shut:
                break
            if tokens[last - 1].folded not in _OUTSIDE:
                spans.append((first, last))
            after = tokens[last].start if last < len(tokens) else len(reading.question)
            if _STOP.search(reading.question, tokens[last - 1].end, after):
                break
    return spans
