"""The use cases as tools: called by name with checked arguments, and shown to chat models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import ValidationError

from agent.arguments import TOOL_ARGUMENTS, TOOL_SUMMARIES
from agent.facts import Facts
from agent.use_cases import Tribune
from tools.errors import InputError

_USE_CASES: dict[str, Callable[..., Facts]] = {
    "find_users": Tribune.find_users,
    "list_groups": Tribune.list_groups,
    "describe_group": Tribune.describe_group,
    "compare_groups": Tribune.compare_groups,
    "describe_user": Tribune.describe_user,
    "recommend": Tribune.recommend,
    "explain_recommendation": Tribune.explain_recommendation,
    "search_reviews": Tribune.search_reviews,
    "describe_topic": Tribune.describe_topic,
    "sentiment_trend": Tribune.sentiment_trend,
    "list_alerts": Tribune.list_alerts,
    "write_report": Tribune.write_report,
    "draft_reply": Tribune.draft_reply,
    "overview": Tribune.overview,
}


def list_offered() -> list[str]:
    """Names of the tools that can be called."""
    return list(_USE_CASES)


def check_arguments(name: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with their defaults.

    Raises: InputError for an unknown tool or arguments that its schema does not allow.
    """
    if name not in _USE_CASES:
        raise InputError(f"There is no tool {name!r}. The tools are: {', '.join(_USE_CASES)}.")
    try:
        return TOOL_ARGUMENTS[name](**args).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise InputError(f"{name}: {where}: {first['msg']}; got {first['input']!r}.") from error


def call_tool(tribune: Tribune, name: str, args: Mapping[str, Any]) -> Facts:
    """The facts that a tool answers. Raises: TribuneError with a sentence for the user."""
    checked = check_arguments(name, args)
    return _USE_CASES[name](tribune, **checked)


def describe_tools(names: list[str] | None = None) -> list[BaseTool]:
    """LangChain tools with schemas for a chat model to choose from; the graph does the calling."""
    return [
        StructuredTool(
            name=name,
            description=TOOL_SUMMARIES[name],
            args_schema=TOOL_ARGUMENTS[name],
            func=_leave_to_graph,
        )
        for name in (names or list_offered())
    ]


def _leave_to_graph(**args: Any) -> str:
    raise InputError("Tools are called by the graph, which checks their results.")
