"""What all windows of the app share: the opened workspace, its assistant and the conversations."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from agent.graph import Assistant
from agent.use_cases import Tribune
from tools.errors import WorkspaceError
from tools.workspace import Workspace
from ui.pages.answering import Answering
from ui.pages.building import Build
from ui.pages.transcript import Turn

KEPT_CONVERSATIONS = 200


class Desk:
    """One opened workspace at a time, for everybody.

    problem: why none is open (then `tribune` and `assistant` are None), else "".
    """

    def __init__(self, workspace: Workspace, model: str) -> None:
        self.workspace = workspace
        self.model = model
        self.tribune: Tribune | None = None
        self.assistant: Assistant | None = None
        self.problem = ""
        self.build: Build | None = None
        self._answers: dict[tuple[Path, str], Answering] = {}
        self._turns: OrderedDict[tuple[Path, str], list[Turn]] = OrderedDict()
        try:
            self.open(workspace)
        except WorkspaceError as error:
            self.problem = str(error)

    def open(self, workspace: Workspace) -> None:
        """Switch to a workspace; the one before stays open if this one cannot be.

        Raises: WorkspaceError; ModelError.
        """
        tribune = Tribune(workspace)
        assistant = Assistant(tribune, self.model)
        threading.Thread(target=assistant.prepare, daemon=True).start()
        self.workspace, self.tribune, self.assistant = workspace, tribune, assistant
        self.problem = ""

    def list_workspaces(self) -> list[str]:
        """Names of the built workspaces beside the opened one, itself among them."""
        folder = self.workspace.path.absolute().parent
        return sorted(p.parent.name for p in folder.glob("*/CURRENT"))

    def sibling(self, name: str) -> Workspace:
        """The workspace of this name beside the opened one."""
        return Workspace(self.workspace.path.absolute().parent / name)

    def ask(self, question: str, conversation: str) -> None:
        """Begin to answer a question in the conversation.

        Raises: WorkspaceError if nothing is open.
        """
        if self.tribune is not None and self.workspace.current() != self.tribune.version:
            self.open(self.workspace)  # reviews were added, or it was built anew
        if self.assistant is None:
            raise WorkspaceError(self.problem)
        turn, stop = Turn(question), threading.Event()
        self.turns(conversation).append(turn)
        events = self.assistant.ask(question, conversation, cancel=stop)
        self._answers[self._place(conversation)] = Answering(turn, events, stop)

    def answering(self, conversation: str) -> Answering | None:
        """The answer of the conversation that is under way, if one is."""
        last = self._answers.get(self._place(conversation))
        return None if last is None or last.done else last

    def turns(self, conversation: str) -> list[Turn]:
        """The conversation so far, to be added to; after a restart without its facts."""
        place = self._place(conversation)
        if place not in self._turns:
            history = self.assistant.history(conversation) if self.assistant else []
            self._turns[place] = [Turn(q, text=a, done=True, remembered=True) for q, a in history]
        self._turns.move_to_end(place)
        while len(self._turns) > KEPT_CONVERSATIONS:
            oldest, _ = self._turns.popitem(last=False)
            self._answers.pop(oldest, None)
        return self._turns[place]

    def _place(self, conversation: str) -> tuple[Path, str]:
        return self.workspace.path.absolute(), conversation
