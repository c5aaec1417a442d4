"""The chat: questions, streamed answers and their evidence."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.feedback import Verdict
from tools.errors import WorkspaceError
from ui.pages import cards, evidence
from ui.pages.desk import Desk
from ui.pages.transcript import Turn, find_turn, unshield_question, write_messages
from ui.wording import label, say

# Facts of one reader must not wait for the words of another; the model queues on its own.
ANSWERS_AT_ONCE = 10
SECONDS_BETWEEN_UPDATES = 0.1
MAX_QUESTION = 2000  # characters
# Hands what is clicked in the page over to Python.
BRIDGE = """
window.tribune = Object.assign(window.tribune || {}, {
  show: turn => trigger("select", {turn}),
});
window.tribune.register("chat", ({ask}) => ask && trigger("submit", {ask}));
"""
PANE = "watch('value', () => window.tribune && window.tribune.settle && window.tribune.settle());"
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

Updates = dict[Any, Any]


@dataclass(frozen=True)
class ChatPage:
    """The components, and what happens when they are used. Handlers yield updates of them."""

    desk: Desk
    conversation: gr.BrowserState
    chatbot: gr.Chatbot
    question: gr.Textbox
    writer: gr.HTML
    facts: gr.HTML
    chart: gr.Plot
    quotes: gr.HTML
    left: gr.State
    recall: gr.Button

    @property
    def outputs(self) -> list[Any]:
        """What an answer changes."""
        return [self.chatbot, self.question, self.facts, self.chart, self.quotes]

    def restore(self, conversation: str) -> Updates:
        """The page as it stands for this conversation; an empty id begins one."""
        conversation = conversation or uuid.uuid4().hex
        turns = self.desk.turns(conversation)
        tribune = self.desk.tribune
        return {
            self.conversation: conversation,
            self.chatbot: gr.Chatbot(
                [*write_messages(turns)],
                placeholder=_greet(self.desk),
                examples=[{"text": q} for q in tribune.suggest_questions()] if tribune else [],
            ),
            self.question: gr.Textbox(
                interactive=tribune is not None, submit_btn=True, stop_btn=False
            ),
            self.writer: _name_writer(self.desk.model),
            **self._show_evidence(turns, len(turns) - 1),
        }

    def begin_anew(self, conversation: str) -> Updates:
        """An empty conversation, and a way back to the one that was left."""
        left = conversation if self.desk.turns(conversation) else ""
        recall = gr.Button(visible=bool(left))
        return {**self.restore(""), self.left: left, self.recall: recall}

    def bring_back(self, left: str) -> Updates:
        """The conversation that was left."""
        return {**self.restore(left), self.left: "", self.recall: gr.Button(visible=False)}

    def ask(self, question: str, conversation: str) -> Iterator[Updates]:
        """Answer a question, telling what comes as it comes."""
        if not question.strip():
            return
        self._refuse_while_answering(conversation)
        try:
            self.desk.ask(question.strip(), conversation)
        except WorkspaceError as error:
            raise gr.Error(str(error)) from None
        yield {self.question: ""}
        yield from self.follow(conversation)

    def ask_example(self, conversation: str, chosen: gr.SelectData) -> Iterator[Updates]:
        """Ask the example that was clicked."""
        yield from self.ask(chosen.value["text"], conversation)

    def ask_chosen(self, conversation: str, chosen: gr.SelectData) -> Iterator[Updates]:
        """Ask the reading that was clicked."""
        yield from self.ask(str(chosen.value), conversation)

    def ask_linked(self, conversation: str, at: gr.EventData) -> Iterator[Updates]:
        """Ask what a link elsewhere in the app asks."""
        yield from self.ask(str(at.ask)[:MAX_QUESTION], conversation)

    def ask_again(self, conversation: str, at: gr.RetryData) -> Iterator[Updates]:
        """Ask a question once more; what followed it is forgotten."""
        yield from self.ask(self._take_back(conversation, at.index), conversation)

    def ask_edited(self, conversation: str, at: gr.EditData) -> Iterator[Updates]:
        """Ask another question in place of one; what followed it is forgotten."""
        self._take_back(conversation, at.index)
        yield from self.ask(unshield_question(str(at.value)), conversation)

    def undo(self, conversation: str, at: gr.UndoData) -> Updates:
        """Take a question back into the box."""
        question = self._take_back(conversation, at.index)
        return {**self.restore(conversation), self.question: question}

    def stop(self, conversation: str) -> None:
        """Stop the answer that is being written."""
        answering = self.desk.answering(conversation)
        if answering:
            answering.stop()

    def follow(self, conversation: str) -> Iterator[Updates]:
        """Show how the answer under way grows, if there is one, and how it ended."""
        turns = self.desk.turns(conversation)
        place = len(turns) - 1
        seen = shown = -1
        while answering := self.desk.answering(conversation):
            n_events = answering.n_events
            if n_events != seen:
                n_facts = len(turns[place].facts)
                yield {
                    self.chatbot: write_messages(turns),
                    self.question: gr.Textbox(submit_btn=False, stop_btn=True),
                    **(self._show_evidence(turns, place) if n_facts != shown else {}),
                }
                seen, shown = n_events, n_facts
            time.sleep(SECONDS_BETWEEN_UPDATES)
        # Evidence that stands is left alone: meanwhile an older answer's may have been opened.
        stands = bool(turns) and shown == len(turns[place].facts) > 0
        yield {
            self.chatbot: write_messages(turns),
            self.question: gr.Textbox(submit_btn=True, stop_btn=False),
            **({} if stands else self._show_evidence(turns, place)),
        }

    def judge(self, conversation: str, at: gr.LikeData) -> None:
        """Keep whether an answer was what the question asked for, to learn from."""
        turns = self.desk.turns(conversation)
        message = at.index if isinstance(at.index, int) else at.index[0]
        number = find_turn(turns, message)
        if self.desk.assistant and turns[number].remembered:
            place = sum(turn.remembered for turn in turns[:number])
            verdict: dict[object, Verdict] = {True: "right", False: "wrong"}
            self.desk.assistant.judge(conversation, place, verdict.get(at.liked))

    def show_turn(self, conversation: str, at: gr.EventData) -> Updates:
        """The evidence of an earlier answer, of which a citation was clicked."""
        turns = self.desk.turns(conversation)
        return self._show_evidence(turns, min(int(at.turn), len(turns) - 1))

    def _take_back(self, conversation: str, message: int | tuple[int, int] | list[int]) -> str:
        """Forget the turn with this message of the chatbot, and all later ones, here and in the
        assistant's memory; returns its question.
        """
        self._refuse_while_answering(conversation)
        turns = self.desk.turns(conversation)
        number = find_turn(turns, message if isinstance(message, int) else message[0])
        question = turns[number].question
        while len(turns) > number:
            dropped = turns.pop()
            if self.desk.assistant and dropped.remembered:
                self.desk.assistant.forget_last(conversation)
        return question

    def _refuse_while_answering(self, conversation: str) -> None:
        if self.desk.answering(conversation):
            raise gr.Error(say("still_answering"))

    def _show_evidence(self, turns: list[Turn], number: int) -> Updates:
        """The evidence pane for one turn."""
        if self.desk.tribune is None or number < 0 or not turns[number].facts:
            waiting = number >= 0 and not turns[number].done
            return {
                self.facts: _explain_pane(waiting),
                self.chart: gr.Plot(visible=False),
                self.quotes: "",
            }
        turn = turns[number]
        place = str(number)
        figure = next((f for f in map(evidence.draw, reversed(turn.facts)) if f is not None), None)
        return {
            self.facts: evidence.show_facts(turn.facts, place),
            self.chart: gr.Plot(figure, visible=figure is not None),
            self.quotes: evidence.show_quotes(turn.evidence, self.desk.tribune, place),
        }


def build_chat(desk: Desk) -> ChatPage:
    """Lay out the page and wire its events."""
    # The key of this state is no secret: it holds the random name of a conversation.
    conversation = gr.BrowserState("", storage_key="tribune-conversation", secret="tribune")
    with gr.Row(elem_id="talk"):
        with gr.Column(elem_id="chat", min_width=280):
            chatbot = gr.Chatbot(
                elem_id="answers",
                show_label=False,
                height="100%",
                layout="bubble",
                editable="user",
                buttons=["copy"],
                latex_delimiters=[],
                feedback_options=("Like", "Dislike"),
                allow_tags=False,
            )
            question = gr.Textbox(
                elem_id="question",
                placeholder=label("ask_placeholder"),
                label=label("your_question"),
                show_label=False,
                container=False,
                max_lines=6,
                autofocus=True,
                submit_btn=True,
                max_length=MAX_QUESTION,
            )
            with gr.Row(elem_id="under"):
                writer = gr.HTML(elem_id="writer")
                fresh = gr.Button(
                    label("new_conversation"), size="sm", min_width=150, elem_id="fresh"
                )
                recall = gr.Button(
                    label("undo_new_conversation"), size="sm", min_width=150, visible=False,
                    elem_id="recall",
                )  # fmt: skip
        with gr.Column(elem_id="evidence", min_width=280):
            facts = gr.HTML(elem_id="facts")
            chart = gr.Plot(show_label=False, container=False, visible=False, elem_id="chart")
            quotes = gr.HTML(elem_id="quotes", js_on_load=PANE)
    bridge = gr.HTML(elem_id="bridge", js_on_load=BRIDGE)
    left = gr.State("")
    page = ChatPage(
        desk, conversation, chatbot, question, writer, facts, chart, quotes, left, recall
    )
    _wire(page, bridge, fresh)
    return page


def _wire(page: ChatPage, bridge: gr.HTML, fresh: gr.Button) -> None:
    chatbot, question, conversation = page.chatbot, page.question, page.conversation
    everything = [conversation, page.writer, *page.outputs]
    asking: dict[str, Any] = {
        **QUIET,
        "concurrency_limit": ANSWERS_AT_ONCE,
        "concurrency_id": "ask",
    }
    question.submit(page.ask, [question, conversation], page.outputs, **asking)
    chatbot.example_select(page.ask_example, conversation, page.outputs, **asking)
    chatbot.option_select(page.ask_chosen, conversation, page.outputs, **asking)
    chatbot.retry(page.ask_again, conversation, page.outputs, **asking)
    chatbot.edit(page.ask_edited, conversation, page.outputs, **asking)
    chatbot.like(page.judge, conversation, None, **QUIET)
    chatbot.undo(page.undo, conversation, everything, **QUIET)
    question.stop(page.stop, conversation, None, queue=False, **QUIET)
    renewed = [*everything, page.left, page.recall]
    fresh.click(page.begin_anew, conversation, renewed, **QUIET)
    page.recall.click(page.bring_back, page.left, renewed, **QUIET)
    bridge.submit(page.ask_linked, conversation, page.outputs, **asking)
    bridge.select(page.show_turn, conversation, [page.facts, page.chart, page.quotes], **QUIET)


def _explain_pane(waiting: bool) -> str:
    if waiting:
        return cards.empty(say("evidence"), say("looking"))
    return cards.empty(say("evidence"), say("evidence_empty"))


def _greet(desk: Desk) -> str:
    if desk.tribune is None:
        told = say("use_data_page", problem=desk.problem)
        return f"### {say('nothing_loaded')}\n\n{told}"
    return f"### {say('greeting')}"


def _name_writer(model: str) -> str:
    told = (
        say("no_model")
        if model == "none"
        else say("model_words", model=f"<b>{cards.escape(model)}</b>")
    )
    return f'<p class="muted">{told}</p>'
