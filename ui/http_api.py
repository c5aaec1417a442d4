"""The tools over HTTP: the same calls and facts as in the chat, on the web app's own address."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from fastapi import Body, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from agent.arguments import TOOL_ARGUMENTS, TOOL_SUMMARIES
from agent.graph import Assistant, Finished
from agent.toolbox import call_tool, list_offered
from tools.errors import InputError, TribuneError
from ui.pages.cards import escape, table

EXAMPLE = """import json, urllib.request

def call(tool, **arguments):
    request = urllib.request.Request(
        "{address}/api/tools/" + tool,
        json.dumps(arguments).encode(),
        {{"Content-Type": "application/json"}},
    )
    return json.load(urllib.request.urlopen(request))

for user in call("find_users", topic="budget travel")["users"]:
    print(user["user_id"], user["score"])
"""
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:860px;margin:2rem auto;padding:0 16px}"
    "pre{background:#f3f1ed;padding:12px;border-radius:8px;overflow:auto}table{width:100%;"
    "border-collapse:collapse}td,th{text-align:left;padding:4px 8px;border-bottom:1px solid #ddd}"
)


def offer_api(app: FastAPI, assistant: Callable[[], Assistant], address: str) -> None:
    """Add /api (what there is), /api/tools/NAME and /api/ask.

    assistant: the one of the opened workspace; raises HTTPException where nothing is open.
    """

    @app.get("/api", response_class=HTMLResponse)
    def document() -> str:
        return write_page(address)

    @app.get("/api/tools")
    def tools() -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "description": TOOL_SUMMARIES[name],
                "arguments": TOOL_ARGUMENTS[name].model_json_schema(),
            }
            for name in list_offered()
        ]

    @app.post("/api/tools/{name}")
    def call(name: str, arguments: dict[str, Any] = Body(default={})) -> dict[str, Any]:  # noqa: B008
        try:
            return call_tool(assistant().tribune, name, arguments).model_dump(mode="json")
        except TribuneError as error:
            raise _refuse(error) from None

    @app.post("/api/ask")
    def ask(
        question: str = Body(),
        conversation: str | None = Body(default=None),
    ) -> dict[str, Any]:
        events = assistant().ask(question, conversation or uuid4().hex)
        finished = next(event for event in events if isinstance(event, Finished))
        return finished.answer.model_dump(mode="json")


def write_page(address: str) -> str:
    """What can be called, as a page that needs nothing from elsewhere."""
    rows = []
    for name in list_offered():
        schema = TOOL_ARGUMENTS[name].model_json_schema()
        needed = set(schema.get("required", []))
        arguments = ", ".join(
            argument + ("" if argument in needed else "?") for argument in schema["properties"]
        )
        rows.append([f"<code>{name}</code>", escape(arguments), escape(TOOL_SUMMARIES[name])])
    curl = (
        f"curl -s {address}/api/ask -H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps({'question': 'Which users love budget travel?'})}'"
    )
    listed = table(["tool", "arguments (? may be left out)", "answers"], rows, "Tools")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Tribune: HTTP</title>'
        f"<style>{STYLE}</style><h1>Tribune over HTTP</h1>"
        "<p>Every number, name and quote comes from the loaded reviews. What cannot be answered "
        "comes back with status 400 and one sentence in <code>detail</code>.</p>"
        "<h2>POST /api/ask</h2><p><code>question</code>, and <code>conversation</code> to go on "
        f"with one. The answer is what <code>tribune ask --json</code> prints.</p>"
        f"<pre>{escape(curl)}</pre><h2>POST /api/tools/NAME</h2><p>The arguments as a JSON object; "
        "the answer is the tool's facts. GET /api/tools lists their schemas.</p>"
        f"{listed}<h2>From Python</h2><pre>{escape(EXAMPLE.format(address=address))}</pre></html>"
    )


def _refuse(error: TribuneError) -> HTTPException:
    return HTTPException(400 if isinstance(error, InputError) else 503, str(error))
