"""The web app: chat, groups, recommendations, watch, service desk and data of one workspace."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import gradio as gr
from fastapi import FastAPI, HTTPException, Query, Response
from fastapi.responses import FileResponse

from agent.export import export
from agent.graph import Assistant
from agent.persona.booklet import gather_report
from agent.report import Format, render_report
from agent.use_cases import Tribune
from tools.errors import InputError
from tools.workspace import Workspace
from ui.http_api import offer_api
from ui.pages import cards, theme
from ui.pages.addresses import BEGIN, READ, Address
from ui.pages.chat import ANSWERS_AT_ONCE, QUIET, Updates, build_chat
from ui.pages.data import MAX_UPLOAD_MB, build_data, restore_data
from ui.pages.desk import Desk
from ui.pages.groups import build_groups, restore_groups
from ui.pages.recommendations import build_recommendations, restore_recommendations
from ui.pages.replies import build_replies, restore_replies
from ui.pages.watch import build_watch, restore_watch
from ui.watch_charts import tabulate_forecasts, tabulate_periods
from ui.wording import label, make_translations, say

SECONDS_KEPT = 24 * 3600
MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "md": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def launch(
    workspace: Workspace,
    *,
    model: str,
    host: str = "127.0.0.1",
    port: int | None,
    open_browser: bool,
) -> None:
    """Serve the app until interrupted. Where `workspace` holds nothing yet, the app says so and
    offers to build one. port: None takes the first free one from 7860.

    Raises: ModelError; OSError if the port is taken.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    desk = Desk(workspace, model)
    demo = build_app(desk)
    app, address, _ = demo.queue(max_size=64, default_concurrency_limit=ANSWERS_AT_ONCE).launch(
        quiet=True,
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        prevent_thread_lock=True,
        run_history=False,
        ssr_mode=False,
        footer_links=[],
        i18n=make_translations(),
        max_file_size=f"{MAX_UPLOAD_MB}mb",
        theme=theme.make_theme(),
        css_paths=theme.STYLE,
        head=theme.make_head(),
        favicon_path=theme.ICON,
    )
    offer_downloads(app, desk)
    offer_api(app, lambda: _find_assistant(desk), address.rstrip("/"))
    print(f"Tribune is open at {address} (Ctrl+C closes it).", flush=True)
    demo.block_thread()


def build_app(desk: Desk) -> gr.Blocks:
    """All pages, and what happens when a window opens or the workspace changes."""
    demo = gr.Blocks(
        title="Tribune",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(SECONDS_KEPT, SECONDS_KEPT),
    )
    with demo:
        header = gr.HTML(elem_id="header")
        with gr.Tabs(elem_id="pages"):
            with gr.Tab(label("tab_chat"), id="chat", elem_id="tab-chat"):
                chat = build_chat(desk)
            with gr.Tab(label("tab_groups"), id="groups", elem_id="tab-groups"):
                groups = build_groups(desk)
            with gr.Tab(label("tab_recommend"), id="recommend", elem_id="tab-recommend"):
                suggestions = build_recommendations(desk)
            with gr.Tab(label("tab_watch"), id="watch-tab", elem_id="tab-watch"):
                watched = build_watch(desk)
            with gr.Tab(label("tab_desk"), id="desk", elem_id="tab-desk"):
                replies = build_replies(desk)
            with gr.Tab(label("tab_data"), id="data", elem_id="tab-data"):
                data = build_data(desk)

        address = gr.Textbox(visible=False)

        def show(conversation: str, query: str) -> Updates:
            at = Address(query)
            return {
                header: show_header(desk),
                **chat.restore(conversation),
                **restore_groups(desk, groups, at),
                **restore_recommendations(desk, suggestions, at),
                **restore_replies(desk, replies, at),
                **restore_watch(desk, watched, at),
                **restore_data(desk, data),
            }

        outputs: list[Any] = [
            header,
            chat.conversation,
            chat.writer,
            *chat.outputs,
            *groups.outputs,
            *suggestions.outputs,
            *replies.outputs,
            *watched.outputs,
            *data.outputs,
        ]

        opened = [demo.load, data.opened.change]
        asked = [chat.conversation, address]
        gr.on(opened, show, asked, outputs, js=READ, **QUIET).then(js=BEGIN).then(
            chat.follow, chat.conversation, chat.outputs, concurrency_limit=None, **QUIET
        )
    return demo


def show_header(desk: Desk) -> str:
    """The name of the app and of what is open, and the switch between light and dark."""
    about = ""
    if desk.tribune:
        overview = desk.tribune.overview()
        parts = (
            desk.workspace.path.absolute().name,
            cards.count(overview.n_reviews, "review"),
            cards.count(overview.n_users, "user"),
            cards.count(overview.n_groups, "group"),
        )
        counts = " · ".join(parts[1:])
        about = f'{cards.escape(parts[0])}<span class="counts"> · {counts}</span>'
    return (
        f'<header class="masthead">{theme.ICON.read_text(encoding="utf-8")}<h1>Tribune</h1>'
        f'<p class="muted">{about}</p>'
        f'<button id="lamp" type="button" aria-label="{say("lamp")}" title="{say("lamp")}">◐'
        "</button></header>"
    )


def offer_downloads(app: FastAPI, desk: Desk) -> None:
    """Add plain links that make a report or a table when they are asked for."""

    def opened() -> Tribune:
        if desk.tribune is None:
            raise HTTPException(404, desk.problem)
        return desk.tribune

    @app.get("/download/report.{kind}")
    def report(kind: Format, group: Annotated[list[str] | None, Query()] = None) -> Response:
        try:
            made = gather_report(opened(), group or [])
        except InputError as error:
            raise HTTPException(404, str(error)) from None
        names = "-".join(str(chosen.id) for chosen in made.groups)
        name = f"group-{names}-report.{kind}" if group else f"groups-report.{kind}"
        return _attach(render_report(made, kind), MEDIA[kind], name)

    @app.get("/download/rejects.csv")
    def rejects() -> Response:
        path = opened().version / "rejects.csv"
        if not path.is_file():
            raise HTTPException(404, "No record was rejected.")
        return FileResponse(path, media_type=MEDIA["csv"], filename="rejects.csv")

    @app.get("/download/watch/{alert}.csv")
    def series(alert: str) -> Response:
        try:
            table = tabulate_periods(opened().trace_alert(alert).periods)
        except InputError as error:
            raise HTTPException(404, str(error)) from None
        return _attach(table.to_csv(index=False).encode(), MEDIA["csv"], f"alert-{alert}.csv")

    @app.get("/download/forecast.csv")
    def forecast(group: str = "", topic: str = "") -> Response:
        try:
            table = tabulate_forecasts(opened().forecast(topic or None, group or None))
        except InputError as error:
            raise HTTPException(404, str(error)) from None
        return _attach(table.to_csv(index=False).encode(), MEDIA["csv"], "forecast.csv")

    @app.get("/download/members.{kind}")
    def members(kind: Literal["csv", "parquet"]) -> Response:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"members.{kind}"
            try:
                export(opened(), "members", path)
            except InputError as error:
                raise HTTPException(404, str(error)) from None
            return _attach(path.read_bytes(), MEDIA[kind], path.name)


def _find_assistant(desk: Desk) -> Assistant:
    if desk.assistant is None:
        raise HTTPException(404, desk.problem)
    return desk.assistant


def _attach(body: bytes, media: str, name: str) -> Response:
    return Response(
        body,
        media_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
