"""Persona reports to take away: a web page, Markdown, PDF or Word, with the same facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from agent.export import open_draft
from agent.facts import GroupRef, ReportWritten
from agent.persona.booklet import gather_report
from agent.persona.markdown import render_markdown
from agent.persona.page import render_page
from agent.persona.parts import Report
from agent.persona.pdf import render_pdf
from agent.persona.word import render_word
from agent.use_cases import Tribune
from tools.errors import InputError

Format = Literal["md", "html", "pdf", "docx"]
SLUG_LENGTH = 60
_RENDERERS: dict[Format, Callable[[Report], bytes]] = {
    "md": lambda report: render_markdown(report).encode(),
    "html": lambda report: render_page(report).encode(),
    "pdf": render_pdf,
    "docx": render_word,
}


def write_report(tribune: Tribune, group: str, out: Path | None = None) -> ReportWritten:
    """Write the report on a group to `out`, in the format of its suffix, or to the workspace's
    reports/GROUP-NAME.html. A file that is there is replaced, whole.

    Raises: InputError for another suffix or a file that cannot be written; UnknownName for a
    group that the workspace does not hold.
    """
    report = gather_report(tribune, [group])
    [chosen] = report.groups
    if out is None:
        folder = tribune.workspace.path / "reports"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {error.strerror}.") from error
        out = folder / f"{chosen.id}-{_slug(chosen.name)}.html"
    save_report(report, out)
    return ReportWritten(
        group=GroupRef(id=chosen.id, name=chosen.name),
        path=str(out),
        n_claims=report.n_claims,
        notes=list(report.opening.cautions),
    )


def save_report(report: Report, out: Path) -> None:
    """Write a report to `out`, in the format of its suffix. A file that is there is replaced,
    whole.

    Raises: InputError for another suffix or a file that cannot be written.
    """
    with open_draft(out, [f".{format}" for format in _RENDERERS]) as draft:
        draft.write_bytes(render_report(report, out.suffix[1:].lower()))


def render_report(report: Report, format: str) -> bytes:
    """A report as the bytes of a file; text is UTF-8.

    Raises: InputError for another format than md, html, pdf or docx.
    """
    for known in get_args(Format):
        if format == known:
            return _RENDERERS[known](report)
    raise InputError(f"The format of a report must be md, html, pdf or docx; got {format}.")


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:SLUG_LENGTH] or "group"
