"""The service desk: a customer's message in, what to know about it and a draft reply out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from tools.errors import TribuneError
from ui.pages import addresses, cards, evidence
from ui.pages.addresses import NOTE, Address
from ui.pages.cards import escape
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.pages.reply_facts import show_reply
from ui.wording import label, say

PLACE = "reply"
OPEN = """
window.tribune.register("desk", ({user}) => user && trigger("submit", {user}));
"""
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
                label=label("message_label"), lines=6, max_lines=14,
                placeholder=label("message_placeholder"), elem_id="reply-message",
            )  # fmt: skip
            customer = gr.Textbox(
                label=label("customer_label"), max_length=200, elem_id="reply-customer"
            )
            start = gr.Button(label("draft_reply"), variant="primary", elem_id="reply-start")
            draft = gr.Textbox(
                label=label("draft_label"), lines=12, max_lines=24, visible=False,
                buttons=["copy"], interactive=True, elem_id="reply-draft",
            )  # fmt: skip
        with gr.Column(min_width=280, elem_id="reply-facts"):
            panel = gr.HTML(elem_id="reply-panel", js_on_load=OPEN)
            quotes = gr.HTML(elem_id="reply-quotes")
    page = RepliesPage(intro, whole, message, customer, draft, panel, quotes)

    def show(message: str, customer: str) -> Iterator[Updates]:
        yield _clear(page, cards.looking())
        yield draft_for(desk, page, message, customer)

    def open_for(at: gr.EventData) -> Updates:
        return {customer: str(at.user)}

    asked = [message, customer]
    gr.on([start.click, customer.submit], show, asked, page.drafted, **QUIET).then(js=NOTE)
    panel.submit(open_for, None, customer, queue=False, **QUIET)
    return page


def restore_replies(desk: Desk, page: RepliesPage, at: Address) -> Updates:
    """The page as it stands for the opened workspace: with nothing asked yet, and the customer
    whom the address names.
    """
    customer = at.get("user") if at.get("tab") == "desk" else ""
    empty = {page.message: "", page.customer: customer, **_clear(page, _explain(desk))}
    if desk.tribune is None:
        told = cards.empty(say("nothing_loaded"), say("use_data_page", problem=desk.problem))
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
    address = f'data-address="{addresses.of_desk(customer.strip())}"'
    return {
        # The numbers of the sources are for the desk, not for the customer.
        page.draft: gr.Textbox(value=_SOURCES.sub("", found.draft), visible=True),
        page.panel: f'<section class="facts" {address}>{notes}{show_reply(found, PLACE)}</section>',
        page.quotes: f"<h4>{say('sources')}</h4>{quotes}" if quotes else "",
    }


def _clear(page: RepliesPage, told: str) -> Updates:
    return {page.draft: gr.Textbox(value="", visible=False), page.panel: told, page.quotes: ""}


def _explain(desk: Desk) -> str:
    known = desk.tribune.knowledge if desk.tribune else None
    if known is not None:
        text = say("paste_message", asked=cards.count(len(known.questions), "past_question"))
    else:
        text = say("no_answers_loaded")
    return cards.empty(say("message_asked"), text)
