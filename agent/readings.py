"""A call said back as the plain question that asks for it: for choosing between two readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from agent.arguments import TOOL_ARGUMENTS
from agent.mentions import GROUP_NOUNS, PRONOUNS, USER_NOUNS

Args = Mapping[str, str | int]

_TOPIC_LINK = re.compile(r"What do people think of (?:the topic )?“?(.+?)”?\?")
_ITEM_LINK = re.compile(r"Show me reviews of (.+)")


def say_call(tool: str, args: Args) -> str:
    """A question that the planner reads as this call and no other."""
    filled = TOOL_ARGUMENTS[tool].model_validate(dict(args)).model_dump()
    return _SAYING[tool](filled)


def ask_of_topic(topic: str) -> str:
    """What a link to a topic asks, whatever its name looks like."""
    return f"What do people think of the topic “{topic}”?"


def ask_of_item(title: str) -> str:
    """What a link to an item asks."""
    return f"Show me reviews of {title}"


def read_link(
    question: str, topics: Collection[str], titles: Collection[str]
) -> tuple[str, dict[str, str | int]] | None:
    """The call that a link of the app or one of its examples asks for, word for word; None for any
    other question.
    """
    topic = _TOPIC_LINK.fullmatch(question)
    if topic and (topic[1] in topics or _is_plain(topic[1])):
        return "describe_topic", {"topic": topic[1]}
    item = _ITEM_LINK.fullmatch(question)
    if item and item[1] in titles:
        return "search_reviews", {"query": item[1].casefold(), "item": item[1]}
    return None


def _is_plain(words: str) -> bool:
    """Whether this can only be a topic: a few words, none of them of groups or ids."""
    told = words.casefold().split()
    return len(told) <= 4 and not any(
        word in GROUP_NOUNS | USER_NOUNS | PRONOUNS or any(c.isdigit() or c == "_" for c in word)
        for word in told
    )


def _say_find(a: Args) -> str:
    feels = {"likes": "like", "dislikes": "dislike", "any": "talk about"}[str(a["stance"])]
    return f"Which{_count(a, 10)} users{_within(a)} {feels} {a['topic']}?"


def _say_search(a: Args) -> str:
    kind = {"likes": "positive ", "dislikes": "negative ", "any": ""}[str(a["stance"])]
    by = f" by user {a['user']}" if a["user"] else ""
    of = f" of item {a['item']}" if a["item"] else ""
    return f"Show me{_count(a, 5)} {kind}reviews{of}{by}{_within(a)} about {a['query']}."


def _say_trend(a: Args) -> str:
    about = f" on {a['topic']}" if a["topic"] else ""
    return f"How did sentiment{about}{_within(a)} change, {a['period']} by {a['period']}?"


def _say_recommend(a: Args) -> str:
    whom = f"user {a['user']}" if a["user"] else f"group {a['group']}"
    items = "" if a["limit"] == 10 else f" {a['limit']} items"
    return f"Recommend{items or ' something'} to {whom}."


def _say_reply(a: Args) -> str:
    whom = f" to user {a['user']}" if a["user"] else ""
    return f"Draft a reply{whom} to this message: “{a['message']}”"


def _count(a: Args, usual: int) -> str:
    return "" if a["limit"] == usual else f" {a['limit']}"


def _within(a: Args) -> str:
    return f" in group {a['group']}" if a["group"] else ""


_SAYING: dict[str, Callable[[Args], str]] = {
    "find_users": _say_find,
    "list_groups": lambda a: f"List the groups by {a['sort']}.",
    "describe_group": lambda a: f"Describe group {a['group']}.",
    "compare_groups": lambda a: f"Compare group {a['first']} with group {a['second']}.",
    "describe_user": lambda a: f"Describe user {a['user']}.",
    "recommend": _say_recommend,
    "explain_recommendation": lambda a: f"Why does item {a['item']} suit user {a['user']}?",
    "search_reviews": _say_search,
    "describe_topic": lambda a: f"What do people think of {a['topic']}?",
    "sentiment_trend": _say_trend,
    "list_alerts": lambda a: f"Any alerts in the last {a['days']} days?",
    "write_report": lambda a: f"Write a report on group {a['group']}.",
    "draft_reply": _say_reply,
    "overview": lambda a: "What is loaded?",
}
