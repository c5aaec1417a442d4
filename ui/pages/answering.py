"""An answer under way in a thread of its own: a window that is closed or reloaded leaves it be."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from agent.graph import Event
from tools.errors import Cancelled, TribuneError
from ui.pages.transcript import Turn


class Answering:
    """Fills `turn` from the assistant's events; starts on construction. `stop` ends it.

    All events are drawn in one thread, so that a lock that their source holds between two of them
    is let go by the thread that took it.
    """

    def __init__(self, turn: Turn, events: Iterator[Event], stop: threading.Event) -> None:
        self.turn = turn
        self.n_events = 0
        self._events = events
        self._stop = stop
        self._thread = threading.Thread(target=self._run, name="answer", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it ended, well or not."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to end; a model that is writing takes up to two seconds."""
        self._stop.set()

    def _run(self) -> None:
        try:
            for event in self._events:
                self.turn.absorb(event)
                self.n_events += 1
        except Cancelled:
            self.turn.stopped = True
        except TribuneError as error:
            self.turn.error = str(error)
        finally:
            self.turn.close()
