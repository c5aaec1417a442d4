"""The tools for other assistants: a server of the Model Context Protocol."""

from __future__ import annotations

import asyncio
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from agent.arguments import TOOL_ARGUMENTS, TOOL_SUMMARIES
from agent.claims import write_claims
from agent.toolbox import call_tool, list_offered
from agent.use_cases import Tribune
from tools.errors import TribuneError

INSTRUCTIONS = (
    "Tribune answers questions about the users who wrote the loaded reviews. Every number, name "
    "and quote in a result comes from the reviews; [n] refers to the result's evidence."
)


def make_server(tribune: Tribune) -> Server[dict[str, Any]]:
    """A server whose tools are the chat's, with the same names, arguments and facts. A result holds
    the facts as sentences and, structured, as they are; what cannot be answered is an error of one
    sentence.
    """

    async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=name,
                    description=TOOL_SUMMARIES[name],
                    input_schema=TOOL_ARGUMENTS[name].model_json_schema(),
                )
                for name in list_offered()
            ]
        )

    async def call(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            found = await asyncio.to_thread(call_tool, tribune, params.name, params.arguments or {})
        except TribuneError as error:
            return types.CallToolResult(
                content=[types.TextContent(type="text", text=str(error))], is_error=True
            )
        told = " ".join([claim.text for claim in write_claims(found)] + found.notes)
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=told)],
            structured_content=found.model_dump(mode="json"),
        )

    return Server("tribune", instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call)


def serve_stdio(tribune: Tribune) -> None:
    """Serve one client over standard input and output, until it leaves."""

    async def serve() -> None:
        server = make_server(tribune)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    asyncio.run(serve())


def serve_http(tribune: Tribune, host: str, port: int) -> None:
    """Serve at http://HOST:PORT/mcp until interrupted."""
    uvicorn.run(make_server(tribune).streamable_http_app(host=host), host=host, port=port)
