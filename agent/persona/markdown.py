"""A persona report as Markdown. Everything that comes from the data passes through `_text`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.facts import Evidence
from agent.persona.parts import (
    QUOTE_LENGTH,
    Block,
    Chapter,
    Contrasts,
    Heading,
    Note,
    Report,
    Section,
    Shares,
    Statement,
    Table,
    Timeline,
    Voices,
    tell_part,
    tell_source,
    tell_times,
)
from agent.phrases import shorten

# What Markdown would read as markup, made harmless; “://” and “www.” would become links.
_MARKS = re.compile(r"[\\`*_{}\[\]#|~$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f]+")


def render_markdown(report: Report) -> str:
    """The report as Markdown."""
    lines = _open_chapter(report.opening)
    lines += ["", _text(report.coverage)]
    if report.chapters:
        lines += ["", "## Contents", ""]
        lines += [f"- {_text(chapter.title)}" for chapter in report.chapters]
    lines += _body(report.opening)
    for chapter in report.chapters:
        lines += [*_open_chapter(chapter), *_body(chapter)]
    if report.chapters:
        lines += ["", "# How this was made"]
    lines += _section(report.method, ())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _open_chapter(chapter: Chapter) -> list[str]:
    lines = ["", f"# {_text(chapter.title)}", "", _text(chapter.over), ""]
    lines += [f"**{_statement(chapter.headline)}**", ""]
    lines += [f"- {_text(t.label)}: {_text(t.value)} ({_text(t.beside)})" for t in chapter.tiles]
    if chapter.cautions:
        lines += ["", "**Read with care**", ""]
        lines += [f"- {_text(caution)}" for caution in chapter.cautions]
    return lines


def _body(chapter: Chapter) -> list[str]:
    lines = []
    for section in chapter.sections:
        lines += _section(section, chapter.sources)
    if chapter.sources:
        lines += ["", "## Sources", ""]
    return lines + [
        f"{s.n}. {_quote(s, len(s.quote))} {_text(tell_source(s))}, review {_text(s.review_id)}"
        for s in chapter.sources
    ]


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
        case Shares():
            shares = [(name, tell_part(n, block.total, block.noun)) for name, n in block.rows]
            return _table(block.title, (block.name, "Share"), shares)
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
    own, others = block.nouns
    rows, ends = [], []
    for row in block.rows:
        cells = [
            f"{row.name}; {row.detail}" if row.detail else row.name,
            tell_part(row.inside, row.n_inside, own),
            tell_part(row.outside, row.n_outside, others),
        ]
        rows.append([*cells, tell_times(row)] if block.tested else cells)
        said = ""
        if row.cite:
            said = f"{_quote(sources[row.cite - 1])} " if block.quoted else ""
            said += f"[{row.cite}]"
        ends.append(said)
    header = [block.name, *block.sides, *(["Lift"] if block.tested else [])]
    if any(ends):
        return _table(block.title, [*header, "Source"], rows, block.note, ends)
    return _table(block.title, header, rows, block.note)


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
