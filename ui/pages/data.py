"""The data: what is loaded, and building a workspace from files of one's own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from tools.errors import InputError, TribuneError, WorkspaceError
from ui.pages import cards
from ui.pages.building import Build, check_name, parse_mapping
from ui.pages.cards import escape
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.pages.loaded import name_step, show_loaded
from ui.wording import label, say

MAX_UPLOAD_MB = 500
REVIEW_FILES = [".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".gz", ".parquet"]


@dataclass(frozen=True)
class DataPage:
    """The components that handlers read and write. opened: when a workspace was last opened."""

    opened: gr.State
    loaded: gr.HTML
    about: gr.HTML
    shelf: gr.Dropdown
    files: gr.File
    items: gr.File
    answers: gr.File
    mapping: gr.Textbox
    name: gr.Textbox
    start: gr.Button
    cancel: gr.Button
    progress: gr.HTML
    timer: gr.Timer

    @property
    def outputs(self) -> list[Any]:
        """What opening a workspace changes."""
        return [self.loaded, self.about, self.shelf, *self.watching]

    @property
    def watching(self) -> list[Any]:
        """What a build under way changes."""
        return [self.progress, self.timer, self.start, self.cancel]


def build_data(desk: Desk) -> DataPage:
    """Lay out the page and wire its events."""
    opened = gr.State(0.0)
    with gr.Row(elem_id="data"):
        with gr.Column(min_width=280, elem_id="loaded-side"):
            shelf = gr.Dropdown(label=label("workspace"), interactive=True, elem_id="shelf")
            loaded = gr.HTML(elem_id="loaded")
        with gr.Column(min_width=280, elem_id="build-side"):
            about = gr.HTML(elem_id="upload-about")
            files = gr.File(
                label=label("files_label"), file_count="multiple", file_types=REVIEW_FILES,
                height=130, elem_id="files",
            )  # fmt: skip
            name = gr.Textbox(
                label=label("name_label"), placeholder=label("name_placeholder"), max_length=60,
                elem_id="name",
            )  # fmt: skip
            with gr.Accordion(label("more_label"), open=False):
                items = gr.File(
                    label=label("items_label"), file_types=REVIEW_FILES, height=130,
                    elem_id="items",
                )  # fmt: skip
                answers = gr.File(
                    label=label("answers_label"),
                    file_types=REVIEW_FILES, height=130, elem_id="answers-file",
                )  # fmt: skip
                mapping = gr.Textbox(
                    label=label("mapping_label"),
                    placeholder=label("mapping_placeholder"),
                    lines=2,
                    elem_id="mapping",
                )
            with gr.Row():
                start = gr.Button(label("build"), variant="primary", elem_id="start")
                cancel = gr.Button(label("cancel"), visible=False, elem_id="cancel")
            progress = gr.HTML(elem_id="progress")
    timer = gr.Timer(1.0, active=False)
    page = DataPage(
        opened,
        loaded,
        about,
        shelf,
        files,
        items,
        answers,
        mapping,
        name,
        start,
        cancel,
        progress,
        timer,
    )
    _wire(desk, page)
    return page


def restore_data(desk: Desk, page: DataPage) -> Updates:
    """The page as it stands for the opened workspace and the build under way."""
    names = desk.list_workspaces()
    here = desk.workspace.path.absolute().name
    return {
        page.loaded: show_loaded(desk.tribune) if desk.tribune else _explain_nothing(desk),
        page.about: _explain_upload(),
        page.shelf: gr.Dropdown(
            choices=names,
            value=here if here in names else None,
            visible=any(n != here for n in names),
        ),
        **watch(desk, page),
    }


def watch(desk: Desk, page: DataPage) -> Updates:
    """How the build under way stands; where it has just ended well, its workspace is opened."""
    build = desk.build
    if build is None:
        return _show_build(page, "", running=False)
    if not build.done:
        return _show_build(page, _show_progress(build), running=True)
    desk.build = None
    if build.error or build.result is None:
        message = build.error or say("build_no_result")
        return _show_build(page, _alarm(message), running=False)
    desk.open(build.workspace)
    done = say("built", reviews=cards.count(build.result.counts["reviews"], "review"))
    return _show_build(page, f'<p role="status">{escape(done)}</p>', running=False)


def _wire(desk: Desk, page: DataPage) -> None:
    def begin(
        files: list[str] | None,
        items: str | None,
        answers: str | None,
        mapping: str | None,
        name: str | None,
    ) -> Updates:
        try:
            start_build(desk, files or [], items, mapping or "", name or "", answers)
        except TribuneError as error:
            return _show_build(page, _alarm(str(error)), running=False)
        return watch(desk, page)

    def tick() -> Updates:
        before = desk.tribune
        try:
            updates = watch(desk, page)
        except TribuneError as error:
            return _show_build(page, _alarm(str(error)), running=False)
        return updates if desk.tribune is before else {**updates, page.opened: time.time()}

    def stop() -> str:
        if desk.build:
            desk.build.cancel()
        return f'<p role="status">{say("cancelling")}</p>'

    def switch(name: str) -> float:
        try:
            desk.open(desk.sibling(name))
        except TribuneError as error:
            raise gr.Error(str(error)) from None
        return time.time()

    inputs = [page.files, page.items, page.answers, page.mapping, page.name]
    page.start.click(begin, inputs, page.watching, **QUIET)
    page.cancel.click(stop, None, page.progress, queue=False, **QUIET)
    page.timer.tick(tick, None, [*page.watching, page.opened], **QUIET)
    page.shelf.input(
        switch,
        page.shelf,
        page.opened,
        show_progress_on=page.loaded,
        api_visibility="private",
    )


def start_build(
    desk: Desk,
    files: list[str],
    items: str | None,
    mapping: str,
    name: str,
    answers: str | None = None,
) -> None:
    """Begin to build a new workspace beside the opened one.

    Raises: InputError; WorkspaceError if a build is under way.
    """
    if desk.build and not desk.build.done:
        raise WorkspaceError(say("build_under_way"))
    if not files:
        raise InputError(say("no_file"))
    folder = desk.sibling(check_name(name, desk.list_workspaces()))
    desk.build = Build(
        [Path(f) for f in files],
        folder,
        items=Path(items) if items else None,
        answers=[Path(answers)] if answers else [],
        mapping=parse_mapping(mapping),
    )


def _show_build(page: DataPage, told: str, *, running: bool) -> Updates:
    return {
        page.progress: told,
        page.timer: gr.Timer(active=running),
        page.start: gr.Button(interactive=not running),
        page.cancel: gr.Button(visible=running),
    }


def _show_progress(build: Build) -> str:
    left = build.seconds_left
    told = "" if left is None else f" · {say('time_left', time=_duration(left))}"
    step = name_step(build.step)
    percent = round(100 * build.share)
    return (
        f'<p role="status">{step}{told}</p>'
        f'<div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}" aria-label="{step}">'
        f'<i style="width:{percent}%"></i></div>'
    )


def _alarm(message: str) -> str:
    return f'<p class="error" role="alert">{escape(message)}</p>'


def _duration(seconds: float) -> str:
    return say("seconds", seconds) if seconds < 90 else say("minutes", seconds / 60)


def _explain_upload() -> str:
    return f"<h3>{say('upload_title')}</h3><p>{say('upload_about', MAX_UPLOAD_MB)}</p>"


def _explain_nothing(desk: Desk) -> str:
    return cards.empty(say("nothing_loaded"), desk.problem)
