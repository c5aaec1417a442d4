"""A persona report on one group, to take away: a web page or Markdown, with the same facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from agent.export import open_draft
from agent.facts import Evidence, GroupRef, ReportWritten
from agent.persona.contents import gather_report
from agent.persona.page import QUOTE_LENGTH, render_page
from agent.persona.parts import (
    Block,
    Contrasts,
    Heading,
    Note,
    Report,
    Section,
    Statement,
    Table,
    Timeline,
    Voices,
    tell_chance,
    tell_lift,
    tell_part,
    tell_source,
)
from agent.phrases import shorten
from agent.use_cases import Tribune
from tools.errors import InputError

Format = Literal["md", "html"]
SLUG_LENGTH = 60

# What Markdown would read as markup, made harmless; “://” and “www.” would become links.
_MARKS = re.compile(r"[\\`*_{}\[\]#|~$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f]+")


def write_report(tribune: Tribune, group: str, out: Path | None = None) -> ReportWritten:
    """Write the report on a group to `out`, .md or .html by its suffix, or to the workspace's
    reports/GROUP-NAME.html. A file that is there is replaced, whole.

    Raises: InputError for another suffix or a file that cannot be written; UnknownName for a
    group that the workspace does not hold.
    """
    report = gather_report(tribune, group)
    if out is None:
        folder = tribune.workspace.path / "reports"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {error.strerror}.") from error
        out = folder / f"{report.group.id}-{_slug(report.group.name)}.html"
    with open_draft(out, (".md", ".html")) as draft:
        text = render_page(report) if out.suffix.lower() == ".html" else _render_text(report)
        draft.write_text(text, encoding="utf-8")
    return ReportWritten(
        group=GroupRef(id=report.group.id, name=report.group.name),
        path=str(out),
        n_claims=report.n_claims,
        notes=list(report.cautions),
    )


def render_report(tribune: Tribune, group: str, format: Format) -> str:
    """The report on a group as text.

    Raises: InputError for another format; UnknownName for a group the workspace does not hold.
    """
    if format not in ("md", "html"):
        raise InputError(f"The format of a report must be md or html; got {format}.")
    report = gather_report(tribune, group)
    return render_page(report) if format == "html" else _render_text(report)


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:SLUG_LENGTH] or "group"


def _render_text(report: Report) -> str:
    """The report as Markdown."""
    group, sources = report.group, report.sources
    lines = [f"# {_text(group.name)}: persona report, group {group.id}", ""]
    lines += [f"**{_statement(report.headline)}**", ""]
    lines += [f"- {_text(t.label)}: {_text(t.value)} ({_text(t.beside)})" for t in report.tiles]
    if report.cautions:
        lines += ["", "**Read with care**", ""]
        lines += [f"- {_text(caution)}" for caution in report.cautions]
    for section in report.sections:
        lines += _section(section, sources)
    lines += ["", "## Sources", ""]
    lines += [
        f"{s.n}. {_quote(s, len(s.quote))} {_text(tell_source(s))}, review {_text(s.review_id)}"
        for s in sources
    ]
    lines += _section(report.method, sources)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _text(value: str) -> str:
    escaped = _MARKS.sub(r"\\\g<0>", _BLANKS.sub(" ", value))
    escaped = re.sub(r"[&<>@]", lambda match: _ENTITIES[match[0]], escaped)
    return re.sub(r"(?i)://|www\.", lambda match: f"&#{ord(match[0][0])};{match[0][1:]}", escaped)


def _cites(numbers: Iterable[int]) -> str:
    return "".join(f" [{n}]" for n in numbers)


def _statement(statement: Statement) -> str:
    return _text(statement.text) + _cites(statement.cites)


def _quote(source: Evidence, length: int = QUOTE_LENGTH) -> str:
    return f"“{_text(shorten(source.quote, length))}”"


def _section(section: Section, sources: Sequence[Evidence]) -> list[str]:
    lines = ["", f"## {_text(section.title)}", ""]
    for block in section.blocks:
        lines += _block(block, sources)
    return lines


def _block(block: Block, sources: Sequence[Evidence]) -> list[str]:
    match block:
        case Heading():
            return ["", f"### {_text(block.text)}", ""]
        case Statement():
            return [f"- {_statement(block)}"]
        case Note():
            return ["", f"*{_text(block.text)}*", ""]
        case Contrasts():
            return _contrasts(block, sources)
        case Table():
            return _table(block.title, block.header, block.rows)
        case Timeline():
            rows = [
                (
                    p.label,
                    f"{p.inside:,} of {p.everyone:,}",
                    "" if p.rating is None else f"{p.rating:.1f}",
                )
                for p in block.periods
            ]
            return _table(block.title, ("Period", "Reviews of all", "Mean stars"), rows, block.note)
        case Voices():
            quotes = ((n, about, sources[n - 1]) for n, about in block.quotes)
            return [
                f"- {_text(about)}: {_quote(s)} [{n}] {_text(tell_source(s))}"
                for n, about, s in quotes
            ]


def _contrasts(block: Contrasts, sources: Sequence[Evidence]) -> list[str]:
    tested = any(row.lift is not None for row in block.rows)
    own, others = ("users", "others") if block.unit == "users" else ("", "")
    rows = []
    for row in block.rows:
        cells = [
            f"{row.name}; {row.detail}" if row.detail else row.name,
            tell_part(row.inside, row.n_inside, own),
            tell_part(row.outside, row.n_outside, others),
        ]
        if row.lift is not None and row.q is not None:
            cells += [f"{tell_lift(row.lift)}, {tell_chance(row.q)}"]
        said = ""
        if row.cite:
            said = f"{_quote(sources[row.cite - 1])} " if block.quoted else ""
            said += f"[{row.cite}]"
        rows.append((cells, said))
    header = [block.name, "This group", "The others"]
    return _table(
        block.title,
        [*header, "Lift", "Source"] if tested else header,
        [cells for cells, _ in rows],
        block.note,
        [said for _, said in rows] if tested else [],
    )


def _table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    note: str = "",
    ends: Sequence[str] = (),
) -> list[str]:
    """A table; ends: one further cell a row, already safe."""
    lines = ["", f"### {_text(title)}", ""]
    if note:
        lines += [_text(note), ""]
    lines += [_row(map(_text, header)), _row("---" for _ in header)]
    for place, row in enumerate(rows):
        lines.append(_row([*map(_text, row), *ends[place : place + 1]]))
    return [*lines, ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
