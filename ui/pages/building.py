"""A build under way in a thread of its own, which any window can watch and cancel."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import pipeline
from tools.errors import Cancelled, InputError, TribuneError
from tools.workspace import Workspace

_NAME = re.compile(r"\w[\w .-]{0,59}")


class Build:
    """Starts on construction. result or error is set when `done`."""

    def __init__(
        self,
        files: Sequence[Path],
        workspace: Workspace,
        *,
        items: Path | None,
        answers: Sequence[Path],
        mapping: Mapping[str, str],
    ) -> None:
        self.workspace = workspace
        self.result: pipeline.BuildResult | None = None
        self.error = ""
        self.step, self.share = "starting", 0.0
        self._cancelled = threading.Event()
        self._since = time.monotonic()
        self._thread = threading.Thread(
            target=self._run, args=(files, items, answers, mapping), name="build", daemon=True
        )
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it ended, well or not."""
        return not self._thread.is_alive()

    @property
    def seconds_left(self) -> float | None:
        """Of the step under way, judged by its pace; None while that is not known."""
        took = time.monotonic() - self._since
        if self.share < 0.02 or took < 2:
            return None
        return took * (1 - self.share) / self.share

    def cancel(self) -> None:
        """Stop at the next sign of progress."""
        self._cancelled.set()

    def _run(
        self,
        files: Sequence[Path],
        items: Path | None,
        answers: Sequence[Path],
        mapping: Mapping[str, str],
    ) -> None:
        try:
            self.result = pipeline.build(
                files,
                self.workspace,
                items=items,
                answers=answers,
                mapping=mapping,
                progress=self._report,
            )
        except TribuneError as error:
            self.error = str(error)
        except OSError as error:
            self.error = f"The files could not be read or written: {error}."

    def _report(self, step: str, share: float) -> None:
        if self._cancelled.is_set():
            raise Cancelled("The build was cancelled. What was open stays as it is.")
        if step != self.step:
            self._since = time.monotonic()
        self.step, self.share = step, share


def parse_mapping(text: str) -> dict[str, str]:
    """'user_id=reviewerID, text=body' → {"user_id": "reviewerID", "text": "body"}.

    Raises: InputError if a part is not FIELD=COLUMN.
    """
    mapping = {}
    for part in re.split(r"[,;\n]+", text):
        if not part.strip():
            continue
        name, equals, column = (p.strip() for p in part.partition("="))
        if not (name and equals and column):
            raise InputError(
                f"A mapping is FIELD=COLUMN, for example user_id=reviewerID; got {part.strip()!r}."
            )
        mapping[name] = column
    return mapping


def check_name(name: str, taken: Sequence[str]) -> str:
    """A folder name that is safe and free.

    Raises: InputError.
    """
    name = name.strip()
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise InputError(
            "A workspace name has 1 to 60 letters, digits, spaces, dots, dashes or underscores and "
            f"starts with a letter or digit; got {name!r}."
        )
    if name.casefold() in {t.casefold() for t in taken}:
        raise InputError(f"There is already a workspace named {name!r}. Choose another name.")
    return name
