"""Which values a call may hold: the user's own words, and what earlier calls held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.arguments import TOOL_ARGUMENTS, TOOL_SUMMARIES
from agent.conversation import Turn
from agent.mentions import Reading, read_number
from agent.spans import list_spans
from agent.values import read_days, read_message

Values = Mapping[str, Sequence[str | int]]

LONGEST_NAME = 5
# Arguments whose values are of one kind, whatever the tool calls them.
KIND_OF = {"query": "topic", "first": "group", "second": "group", "item": "user"}


def list_values(reading: Reading, turns: Sequence[Turn]) -> Values:
    """For each kind of argument, every value that the question or the turns before it allow.

    topic: runs of up to seven words, in lower case; group: runs of up to five as they were typed,
    and numbers; user: single words and known titles; message: what is quoted, else all of it.
    """
    spans = list_spans(reading)
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
