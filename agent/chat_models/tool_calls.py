"""Tools as a local model sees them: described in words, held to by a grammar, read back.

A call is one JSON object, `{"name": …, "arguments": {…}}`. Where the model may also answer in text,
a call stands between `<tool_call>` tags, the form that Qwen, Hermes and SmolLM use.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema
import xgrammar
from langchain_core.messages import ToolCall
from xgrammar.structural_tag import JSONSchemaFormat, StructuralTag, TagFormat, TriggeredTagsFormat

from tools.errors import CallError

OPENING = "<tool_call>"
CLOSING = "</tool_call>"

Schemas = Mapping[str, Mapping[str, Any]]
"""Tool name → JSON schema of its arguments."""


def read_schemas(tools: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """From tools in OpenAI's form to the schemas of their arguments."""
    functions = [tool["function"] for tool in tools]
    return {f["name"]: f.get("parameters") or {"type": "object"} for f in functions}


def describe_tools(tools: Sequence[Mapping[str, Any]]) -> str:
    """A few lines for the system prompt of a model whose template has no place for tools."""
    lines = ["You can call these tools:"]
    for tool in tools:
        function = tool["function"]
        schema = function.get("parameters") or {}
        required = schema.get("required", [])
        arguments = ", ".join(
            _describe_argument(name, spec, name in required)
            for name, spec in schema.get("properties", {}).items()
        )
        summary = function.get("description", "").strip().partition("\n")[0]
        lines.append(f"{function['name']}({arguments}): {summary}")
    lines.append(f'A call reads {OPENING}\n{{"name": …, "arguments": {{…}}}}\n{CLOSING}')
    return "\n".join(lines)


def _describe_argument(name: str, schema: Mapping[str, Any], required: bool) -> str:
    kinds = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    words = "|".join(
        "|".join(map(str, kind["enum"])) if "enum" in kind else kind.get("type", "")
        for kind in kinds
    )
    return f"{name}{'' if required else '?'}: {words}" if words else name


def compile_grammar(
    compiler: xgrammar.GrammarCompiler, schemas: Schemas, *, forced: bool
) -> xgrammar.CompiledGrammar:
    """The grammar of one bare call (`forced`), or of text in which one tagged call may stand."""
    calls = [
        {
            "type": "object",
            "properties": {"name": {"const": name}, "arguments": schema},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for name, schema in schemas.items()
    ]
    call = {"anyOf": calls} if len(calls) > 1 else calls[0]
    if forced:
        return compiler.compile_json_schema(call, any_whitespace=False)
    tag = TagFormat(
        begin=f"{OPENING}\n", content=JSONSchemaFormat(json_schema=call), end=f"\n{CLOSING}"
    )
    text = TriggeredTagsFormat(triggers=[OPENING], tags=[tag], stop_after_first=True)
    return compiler.compile_structural_tag(StructuralTag(format=text))


def read_call(text: str, schemas: Schemas, call_id: str) -> ToolCall:
    """A call from what the model wrote, checked again: grammars pass over parts of JSON schema.

    Raises:
        CallError: the call was cut off, or its arguments break the schema.
    """
    try:
        call = json.loads(text)
    except json.JSONDecodeError as error:
        raise CallError(
            f"The model's tool call was cut off or broken after {len(text)} characters. "
            "Ask again in fewer words, or allow longer answers."
        ) from error
    name, arguments = call["name"], call["arguments"]
    try:
        jsonschema.validate(arguments, schemas[name])
    except jsonschema.ValidationError as error:
        raise CallError(
            f"The model called {name} with arguments it does not take: {error.message}. "
            "Ask again in other words."
        ) from error
    return ToolCall(name=name, args=arguments, id=call_id, type="tool_call")


def write_call(call: ToolCall) -> str:
    """A past call as text, as the model itself would have written it."""
    body = json.dumps({"name": call["name"], "arguments": call["args"]}, ensure_ascii=False)
    return f"{OPENING}\n{body}\n{CLOSING}"
