"""The service desk: a customer's message in, what to know about it and a draft reply out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import gradio as gr

from tools.errors import TribuneError
from ui.pages import cards, evidence
from ui.pages.cards import escape
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.pages.reply_facts import show_reply

PLACE = "reply"
_SOURCES = re.compile(r" \[\d+\]")


@dataclass(frozen=True)
class RepliesPage:
    """The components that handlers read and write."""

    intro: gr.HTML
    whole: gr.Row
    message: gr.Textbox
    customer: gr.Textbox
    draft: gr.Textbox
    panel: gr.HTML
    quotes: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What opening a workspace changes."""
        return [self.intro, self.whole, self.message, self.customer, *self.drafted]

    @property
    def drafted(self) -> list[Any]:
        """What a draft changes."""
        return [self.draft, self.panel, self.quotes]


def build_replies(desk: Desk) -> RepliesPage:
    """Lay out the page and wire its events."""
    intro = gr.HTML(elem_id="reply-intro")
    with gr.Row(elem_id="reply") as whole:
        with gr.Column(min_width=280, elem_id="reply-side"):
            message = gr.Textbox(
                label="What the customer wrote", lines=6, max_lines=14,
                placeholder="Paste the message here", elem_id="reply-message",
            )  # fmt: skip
            customer = gr.Textbox(
                label="Customer id (optional)", max_length=200, elem_id="reply-customer"
            )
            start = gr.Button("Draft a reply", variant="primary", elem_id="reply-start")
            draft = gr.Textbox(
                label="Draft, to be edited", lines=12, max_lines=24, visible=False,
                buttons=["copy"], interactive=True, elem_id="reply-draft",
            )  # fmt: skip
        with gr.Column(min_width=280, elem_id="reply-facts"):
            panel = gr.HTML(elem_id="reply-panel")
            quotes = gr.HTML(elem_id="reply-quotes")
    page = RepliesPage(intro, whole, message, customer, draft, panel, quotes)

    def show(message: str, customer: str) -> Updates:
        return draft_for(desk, page, message, customer)

    gr.on([start.click, customer.submit], show, [message, customer], page.drafted, **QUIET)
    return page


def restore_replies(desk: Desk, page: RepliesPage) -> Updates:
    """The page as it stands for the opened workspace, with nothing asked yet."""
    empty = {page.message: "", page.customer: "", **_clear(page, _explain(desk))}
    if desk.tribune is None:
        told = cards.empty("Nothing is loaded yet", f"{desk.problem} Or use the Data page.")
        return {page.intro: told, page.whole: gr.Row(visible=False), **empty}
    return {page.intro: "", page.whole: gr.Row(visible=True), **empty}


def draft_for(desk: Desk, page: RepliesPage, message: str, customer: str) -> Updates:
    """The draft for a message with what it rests on, or one sentence on why there is none."""
    if desk.tribune is None:
        return {}
    try:
        found = desk.tribune.draft_reply(message, customer.strip() or None)
    except TribuneError as error:
        return _clear(page, f'<p class="error" role="alert">{escape(error)}</p>')
    quotes = evidence.show_quotes(found.evidence, desk.tribune, PLACE)
    notes = cards.notes(found.notes)
    return {
        # The numbers of the sources are for the desk, not for the customer.
        page.draft: gr.Textbox(value=_SOURCES.sub("", found.draft), visible=True),
        page.panel: f'<section class="facts">{notes}{show_reply(found, PLACE)}</section>',
        page.quotes: f"<h4>Sources</h4>{quotes}" if quotes else "",
    }


def _clear(page: RepliesPage, told: str) -> Updates:
    return {page.draft: gr.Textbox(value="", visible=False), page.panel: told, page.quotes: ""}


def _explain(desk: Desk) -> str:
    known = desk.tribune.knowledge if desk.tribune else None
    if known is not None:
        asked = cards.count(len(known.questions), "past_question")
        text = f"Paste a message: the draft is made from the answers to {asked}."
    else:
        text = (
            "No past questions are loaded, so drafts answer nothing; who the customer is and what "
            "suits their group is told all the same. Build with a file of answers on the Data page."
        )
    return cards.empty("What did the customer write?", text)
