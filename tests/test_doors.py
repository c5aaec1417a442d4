"""Chat, command line, HTTP and MCP give the same facts."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

import ui.cli
from agent.graph import Assistant, Finished
from agent.toolbox import list_offered
from agent.use_cases import Tribune
from tools.workspace import Workspace
from ui.http_api import offer_api
from ui.mcp_server import make_server

TOPICS = ("breakfast", "stairs", "wifi", "budget travel", "music", "children", "queues", "butter")
QUESTIONS = [
    *(f"Which users love {topic}?" for topic in TOPICS),
    *(f"Who hates {topic}?" for topic in TOPICS[:5]),
    *(f"What do people think of {topic}?" for topic in TOPICS),
    *(f"Show me reviews about {topic}" for topic in TOPICS[:5]),
    *(f"What is group {number} like?" for number in range(1, 7)),
    *(f"What should we recommend to group {number}?" for number in range(1, 5)),
    *(f"How do groups {number} and {number + 1} differ?" for number in range(1, 5)),
    *(f"How did sentiment on {topic} move by quarter?" for topic in TOPICS[:2]),
    'Draft a reply to "I was charged twice for my stay!" from tomas_90',
    "Tell me about user tomas_90",
    "Which group is lotte_71 in?",
    "What would tomas_90 like?",
    "Suggest 3 things for lotte_71",
    "Why would lotte_71 like Stall 31?",
    "Which groups are there?",
    "What is loaded?",
]


@pytest.fixture(scope="module")
def assistant(sample_tribune: Tribune) -> Assistant:
    return Assistant(sample_tribune, "none")


@pytest.fixture(scope="module")
def web(assistant: Assistant) -> TestClient:
    app = FastAPI()
    offer_api(app, lambda: assistant, "http://127.0.0.1:7860")
    return TestClient(app)


def ask(assistant: Assistant, question: str) -> dict[str, Any]:
    events = assistant.ask(question, f"doors {question}")
    finished = next(event for event in events if isinstance(event, Finished))
    return finished.answer.model_dump(mode="json")


def test_four_doors_give_the_same_facts_on_fifty_questions(
    assistant: Assistant,
    web: TestClient,
    sample_tribune: Tribune,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(QUESTIONS) == 50
    monkeypatch.setattr(ui.cli, "open_tribune", lambda workspace: sample_tribune)
    monkeypatch.setattr("agent.graph.Assistant", lambda *given: assistant)

    async def call_all(calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
        async with Client(make_server(sample_tribune)) as client:
            return [await client.call_tool(name, args) for name, args in calls]

    answers = [ask(assistant, question) for question in QUESTIONS]
    calls = [answer["tool_calls"][0] for answer in answers]
    assert len({call["name"] for call in calls}) >= 9
    through_mcp = asyncio.run(call_all([(call["name"], call["args"]) for call in calls]))
    for question, answer, call, result in zip(QUESTIONS, answers, calls, through_mcp, strict=True):
        assert answer["facts"], question
        assert result.structured_content == answer["facts"]
        assert web.post("/api/ask", json={"question": question}).json()["facts"] == answer["facts"]
        path = f"/api/tools/{call['name']}"
        assert web.post(path, json=call["args"]).json() == answer["facts"]
        ui.cli.app(["ask", question, "--json", "--model", "none"], standalone_mode=False)
        assert json.loads(capsys.readouterr().out)["facts"] == answer["facts"]


def test_every_tool_is_offered_with_its_schema(web: TestClient, sample_tribune: Tribune) -> None:
    async def listed() -> list[str]:
        async with Client(make_server(sample_tribune)) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    assert asyncio.run(listed()) == list_offered()
    over_http = web.get("/api/tools").json()
    assert [tool["name"] for tool in over_http] == list_offered()
    assert over_http[0]["arguments"]["required"] == ["topic"]
    page = web.get("/api").text
    assert all(name in page for name in list_offered())
    assert "http://127.0.0.1:7860/api/tools/" in page
    assert "src=" not in page  # it fetches nothing


def test_what_cannot_be_answered_is_one_sentence(web: TestClient, sample_tribune: Tribune) -> None:
    told = web.post("/api/tools/describe_group", json={"group": "99"})
    assert told.status_code == 400
    assert told.json()["detail"].startswith("There is no group '99'. The groups are: ")
    assert web.post("/api/tools/drop_table", json={}).status_code == 400

    async def call() -> Any:
        async with Client(make_server(sample_tribune)) as client:
            return await client.call_tool("describe_group", {"group": "99"})

    result = asyncio.run(call())
    assert result.is_error
    assert result.content[0].text == told.json()["detail"]


def test_an_mcp_client_talks_to_the_command(sample_workspace: Workspace) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=[
            "-c",
            "from ui.cli import main; main()",
            "mcp",
            "--workspace",
            str(sample_workspace.path),
        ],
    )

    async def call() -> Any:
        async with Client(server) as client:
            return await client.call_tool("overview", {})

    result = asyncio.run(call())
    assert result.structured_content["n_reviews"] == 2635
    assert "2635 reviews by 430 users" in result.content[0].text
