"""What all windows of the app share: the opened workspace, its assistant and the conversations."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from agent.graph import Assistant
from agent.use_cases import Tribune
from tools.errors import WorkspaceError
from tools.workspace import Workspace
from ui.pages.building import Build
from ui.pages.transcript import Turn

KEPT_CONVERSATIONS = 200


class Desk:
    """One opened workspace at a time, for everybody.

    problem: why none is open (then `tribune` and `assistant` are None), else "".
    stops: one event for each conversation whose answer is being written; setting it stops that.
    """

    def __init__(self, workspace: Workspace, model: str) -> None:
        self.workspace = workspace
        self.model = model
        self.tribune: Tribune | None = None
        self.assistant: Assistant | None = None
        self.problem = ""
        self.build: Build | None = None
        self.stops: dict[str, threading.Event] = {}
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

    def turns(self, conversation: str) -> list[Turn]:
        """The conversation so far, to be added to; after a restart without its facts."""
        place = (self.workspace.path.absolute(), conversation)
        if place not in self._turns:
            history = self.assistant.history(conversation) if self.assistant else []
            self._turns[place] = [Turn(q, text=a, done=True, remembered=True) for q, a in history]
        self._turns.move_to_end(place)
        while len(self._turns) > KEPT_CONVERSATIONS:
            self._turns.popitem(last=False)
        return self._turns[place]
