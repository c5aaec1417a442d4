"""The chat: questions, streamed answers and their evidence."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.facts import Facts
from agent.graph import Event
from tools.errors import Cancelled, TribuneError
from ui.pages import cards, evidence
from ui.pages.desk import Desk
from ui.pages.transcript import Turn, find_turn, unshield_question, write_messages

# Facts of one reader must not wait for the words of another; the model queues on its own.
ANSWERS_AT_ONCE = 10
SECONDS_BETWEEN_UPDATES = 0.1
# Hands what is clicked in the page over to Python.
BRIDGE = """
window.tribune = Object.assign(window.tribune || {}, {
  show: turn => trigger("select", {turn}),
});
"""
PANE = "watch('value', () => window.tribune && window.tribune.settle && window.tribune.settle());"

Updates = dict[Any, Any]


@dataclass(frozen=True)
class ChatPage:
    """The components that handlers read and write."""

    conversation: gr.BrowserState
    chatbot: gr.Chatbot
    question: gr.Textbox
    writer: gr.HTML
    facts: gr.HTML
    chart: gr.Plot
    quotes: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What an answer changes."""
        return [self.chatbot, self.question, self.facts, self.chart, self.quotes]


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
                feedback_options=None,
                group_consecutive_messages=True,
                allow_tags=False,
            )
            question = gr.Textbox(
                elem_id="question",
                placeholder="Ask about your users…",
                label="Your question",
                show_label=False,
                container=False,
                max_lines=6,
                autofocus=True,
                submit_btn=True,
                max_length=2000,
            )
            with gr.Row(elem_id="under"):
                writer = gr.HTML(elem_id="writer")
                fresh = gr.Button("New conversation", size="sm", min_width=150, elem_id="fresh")
        with gr.Column(elem_id="evidence", min_width=280):
            facts = gr.HTML(elem_id="facts")
            chart = gr.Plot(show_label=False, container=False, visible=False, elem_id="chart")
            quotes = gr.HTML(elem_id="quotes", js_on_load=PANE)
    bridge = gr.HTML(elem_id="bridge", js_on_load=BRIDGE)
    page = ChatPage(conversation, chatbot, question, writer, facts, chart, quotes)
    _wire(desk, page, bridge, fresh)
    return page


def restore(desk: Desk, page: ChatPage, conversation: str) -> Updates:
    """The page as it stands for this conversation; an empty id begins one."""
    conversation = conversation or uuid.uuid4().hex
    turns = desk.turns(conversation)
    asked = desk.tribune.suggest_questions() if desk.tribune else []
    return {
        page.conversation: conversation,
        page.chatbot: gr.Chatbot(
            [*write_messages(turns)],
            placeholder=_greet(desk),
            examples=[{"text": q} for q in asked],
        ),
        page.question: gr.Textbox(
            interactive=desk.tribune is not None, submit_btn=True, stop_btn=False
        ),
        page.writer: _name_writer(desk.model),
        **_show_evidence(desk, page, turns, len(turns) - 1),
    }


def answer(desk: Desk, page: ChatPage, conversation: str, question: str) -> Iterator[Updates]:
    """Ask, and yield the page's updates while the answer comes."""
    if not question.strip():
        return
    if desk.assistant is None:
        raise gr.Error(desk.problem)
    if conversation in desk.stops:
        raise gr.Error("An answer is still being written. Stop it, or wait for it to end.")
    turns = desk.turns(conversation)
    turn = Turn(question.strip())
    turns.append(turn)
    stop = desk.stops[conversation] = threading.Event()
    shown: list[Facts] = []
    try:
        yield {
            page.chatbot: write_messages(turns),
            page.question: gr.Textbox("", submit_btn=False, stop_btn=True),
            **_show_evidence(desk, page, turns, len(turns) - 1),
        }
        events = desk.assistant.ask(turn.question, conversation, cancel=stop)
        for batch in gather(events, SECONDS_BETWEEN_UPDATES):
            for event in batch:
                turn.absorb(event)
            fresh = len(turn.facts) > len(shown)
            shown = turn.facts
            changed = _show_evidence(desk, page, turns, len(turns) - 1) if fresh else {}
            yield {page.chatbot: write_messages(turns), **changed}
    except GeneratorExit:  # the window was closed
        stop.set()
        turn.stop()
        raise
    except Cancelled:
        turn.stop()
    except TribuneError as error:
        turn.error = str(error)
    finally:
        del desk.stops[conversation]
        turn.close()


def gather(events: Iterator[Event], seconds: float) -> Iterator[list[Event]]:
    """Batches of events, each as soon as it is there but at most one every `seconds`.

    The events are drawn in one thread of their own: a lock that their source holds between two of
    them is let go by the thread that took it.
    """
    waiting: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def draw() -> None:
        try:
            for event in events:
                waiting.put(event)
        finally:
            waiting.put(None)

    with ThreadPoolExecutor(1, thread_name_prefix="answer") as pool:
        drawn = pool.submit(draw)
        last = 0.0
        ended = False
        while not ended:
            batch = [waiting.get()]
            time.sleep(max(0.0, last + seconds - time.monotonic()) if batch[0] else 0)
            while not waiting.empty():
                batch.append(waiting.get())
            ended = batch[-1] is None
            found = [event for event in batch if event is not None]
            if found:
                yield found
                last = time.monotonic()
        drawn.result()


def rewind(desk: Desk, conversation: str, number: int) -> None:
    """Forget turn `number` and all that follow, on the page and in the assistant's memory."""
    turns = desk.turns(conversation)
    while len(turns) > number:
        dropped = turns.pop()
        if desk.assistant and dropped.remembered:
            desk.assistant.forget_last(conversation)


def _wire(desk: Desk, page: ChatPage, bridge: gr.HTML, fresh: gr.Button) -> None:
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    asking: dict[str, Any] = {
        **quiet,
        "concurrency_limit": ANSWERS_AT_ONCE,
        "concurrency_id": "ask",
    }

    def ask(question: str, conversation: str) -> Iterator[Updates]:
        yield from answer(desk, page, conversation, question)

    def ask_example(conversation: str, chosen: gr.SelectData) -> Iterator[Updates]:
        yield from answer(desk, page, conversation, chosen.value["text"])

    def again(conversation: str, at: gr.RetryData) -> Iterator[Updates]:
        turns = desk.turns(conversation)
        number = find_turn(turns, _index(at.index))
        question = turns[number].question
        rewind(desk, conversation, number)
        yield from answer(desk, page, conversation, question)

    def edit(conversation: str, at: gr.EditData) -> Iterator[Updates]:
        rewind(desk, conversation, find_turn(desk.turns(conversation), _index(at.index)))
        yield from answer(desk, page, conversation, unshield_question(str(at.value)))

    def undo(conversation: str, at: gr.UndoData) -> Updates:
        turns = desk.turns(conversation)
        number = find_turn(turns, _index(at.index))
        question = turns[number].question
        rewind(desk, conversation, number)
        return {**restore(desk, page, conversation), page.question: question}

    def finish(conversation: str) -> Updates:
        if conversation in desk.stops:
            return {}
        turns = desk.turns(conversation)
        bare = not (turns and turns[-1].facts)
        return {
            page.chatbot: write_messages(turns),
            page.question: gr.Textbox(submit_btn=True, stop_btn=False),
            **(_show_evidence(desk, page, turns, len(turns) - 1) if bare else {}),
        }

    def stop(conversation: str) -> None:
        if conversation in desk.stops:
            desk.stops[conversation].set()

    def show(conversation: str, at: gr.EventData) -> Updates:
        turns = desk.turns(conversation)
        return _show_evidence(desk, page, turns, min(int(at.turn), len(turns) - 1))

    everything = [page.conversation, page.writer, *page.outputs]
    for event in (
        page.question.submit(ask, [page.question, page.conversation], page.outputs, **asking),
        page.chatbot.example_select(ask_example, page.conversation, page.outputs, **asking),
        page.chatbot.retry(again, page.conversation, page.outputs, **asking),
        page.chatbot.edit(edit, page.conversation, page.outputs, **asking),
    ):
        # Runs whatever way the answer ended.
        event.then(finish, page.conversation, page.outputs, **quiet)
    page.chatbot.undo(undo, page.conversation, everything, **quiet)
    page.question.stop(stop, page.conversation, None, queue=False, **quiet)
    fresh.click(lambda: restore(desk, page, ""), None, everything, **quiet)
    bridge.select(show, page.conversation, [page.facts, page.chart, page.quotes], **quiet)


def _show_evidence(desk: Desk, page: ChatPage, turns: list[Turn], number: int) -> Updates:
    """The evidence pane for one turn."""
    if desk.tribune is None or number < 0 or not turns[number].facts:
        waiting = number >= 0 and not turns[number].done
        return {
            page.facts: _explain_pane(waiting),
            page.chart: gr.Plot(visible=False),
            page.quotes: "",
        }
    turn = turns[number]
    place = str(number)
    figure = next((f for f in map(evidence.draw, reversed(turn.facts)) if f is not None), None)
    return {
        page.facts: evidence.show_facts(turn.facts, place),
        page.chart: gr.Plot(figure, visible=figure is not None),
        page.quotes: evidence.show_quotes(turn.evidence, desk.tribune, place),
    }


def _explain_pane(waiting: bool) -> str:
    if waiting:
        return cards.empty("Evidence", "Looking…")
    return cards.empty(
        "Evidence",
        "What an answer rests on stands here: users, groups and numbers from the tools, "
        "and the reviews it quotes.",
    )


def _greet(desk: Desk) -> str:
    if desk.tribune is None:
        return f"### Nothing is loaded yet\n\n{desk.problem}\n\nOr upload reviews on the Data page."
    return "### Ask your customers’ reviews who they are"


def _name_writer(model: str) -> str:
    if model == "none":
        return (
            '<p class="muted">No language model: answers are the tools’ facts in plain words.</p>'
        )
    return (
        f'<p class="muted"><b>{cards.escape(model)}</b> words the answers; '
        "numbers and quotes come from tools.</p>"
    )


def _index(index: int | tuple[int, int] | list[int]) -> int:
    return index if isinstance(index, int) else index[0]
