"""A persona report as a Word document: headings, links to chapters and sources, numbered pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from docx.text.paragraph import Paragraph

from agent.facts import Evidence
from agent.persona.charts import TONES
from agent.persona.manuscript import Manuscript
from agent.persona.paper import DIM, GROUP, OTHERS, Color
from agent.persona.parts import (
    QUOTE_LENGTH,
    Block,
    Chapter,
    Contrast,
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
    tell_chance,
    tell_lift,
    tell_part,
    tell_source,
)
from agent.phrases import shorten

METHOD = "method"


def render_word(report: Report) -> bytes:
    """The report as the bytes of a .docx file."""
    opening = report.opening
    page = Manuscript(Document(), f"{opening.title}: persona report", datetime.now(UTC))
    _open_chapter(page, opening, level=0)
    page.write(report.coverage, "Note")
    page.write("Contents", "Lead")
    for anchor, title in _list_places(report):
        page.link_line(title, anchor)
    _write_body(page, opening, level=1)
    for chapter in report.chapters:
        page.break_page()
        _open_chapter(page, chapter, level=1)
        _write_body(page, chapter, level=2)
    if report.chapters:
        page.break_page()
    _write_section(page, report.method, METHOD, opening, level=1)
    out = BytesIO()
    page.document.save(out)
    return out.getvalue()


def _list_places(report: Report) -> list[tuple[str, str]]:
    opening = report.opening
    places = [(_name(opening, f"part-{n}"), s.title) for n, s in enumerate(opening.sections)]
    if opening.sources:
        places.append((_name(opening, "sources"), "Sources"))
    places += [(_name(chapter, "chapter"), chapter.title) for chapter in report.chapters]
    return [*places, (METHOD, report.method.title)]


def _name(chapter: Chapter, place: str) -> str:
    """The name of a bookmark, which may hold no hyphens."""
    return f"{chapter.anchor}{place}".replace("-", "_")


def _open_chapter(page: Manuscript, chapter: Chapter, level: int) -> None:
    page.write(chapter.over, "Over")
    page.head(chapter.title, level, _name(chapter, "chapter"))
    _write_cited(page, chapter.headline, chapter, "Lead")
    page.set_tiles([(tile.label, tile.value, tile.beside) for tile in chapter.tiles])
    if chapter.cautions:
        page.write("Read with care", "Care").runs[0].bold = True
        for caution in chapter.cautions:
            page.write(f"• {caution}", "Care")


def _write_cited(page: Manuscript, statement: Statement, chapter: Chapter, style: str) -> None:
    paragraph = page.write(statement.text, style)
    for n in statement.cites:
        page.cite(paragraph, n, _name(chapter, f"source-{n}"))


def _write_body(page: Manuscript, chapter: Chapter, level: int) -> None:
    for n, section in enumerate(chapter.sections):
        _write_section(page, section, _name(chapter, f"part-{n}"), chapter, level)
    if not chapter.sources:
        return
    page.head("Sources", level, _name(chapter, "sources"))
    for source in chapter.sources:
        _write_source(page, source, _name(chapter, f"source-{source.n}"))


def _write_source(page: Manuscript, source: Evidence, anchor: str) -> None:
    paragraph = page.write(f"{source.n}. ", "Source")
    page.mark(paragraph, anchor)
    page.add(paragraph, f"“{source.quote}”").italic = True
    page.add(paragraph, f" {tell_source(source)}, review {source.review_id}", DIM)


def _write_section(
    page: Manuscript, section: Section, anchor: str, chapter: Chapter, level: int
) -> None:
    page.head(section.title, level, anchor)
    for block in section.blocks:
        _write_block(page, block, chapter, level + 1)


def _write_block(page: Manuscript, block: Block, chapter: Chapter, level: int) -> None:
    match block:
        case Heading():
            page.head(block.text, level)
        case Statement():
            _write_cited(page, block, chapter, "Normal")
        case Note():
            page.write(block.text, "Note")
        case Contrasts():
            page.head(block.title, level)
            _write_contrasts(page, block, chapter)
        case Shares():
            page.head(block.title, level)
            _write_shares(page, block)
        case Table():
            page.head(block.title, level)
            page.set_table(block.header, block.rows)
        case Timeline():
            page.head(block.title, level)
            _write_timeline(page, block)
        case Voices():
            _write_voices(page, block, chapter)


def _write_contrasts(page: Manuscript, block: Contrasts, chapter: Chapter) -> None:
    colors = (TONES[block.tone], OTHERS)
    note = page.write(f"{block.note} " if block.note else "", "Note")
    for side, color in zip(block.sides, colors, strict=True):
        page.add(note, "■ ", color)
        page.add(note, f"{side}   ")
    table = page.open_table((4.6, 10.0, 2.4) if block.tested else (4.6, 12.4))
    for row in block.rows:
        cells = page.add_row(table)
        name = page.fill(cells[0], row.name, bold=True)
        if row.cite and not block.quoted:
            page.cite(name, row.cite, _name(chapter, f"source-{row.cite}"))
        if row.detail:
            page.add(page.fill_below(cells[0]), row.detail, DIM)
        bars = cells[1].paragraphs[0], page.fill_below(cells[1])
        _write_bars(page, bars, row, block, colors)
        if row.cite and block.quoted:
            quote = page.fill_below(cells[1])
            said = shorten(chapter.sources[row.cite - 1].quote, QUOTE_LENGTH)
            page.add(quote, f"“{said}”").italic = True
            page.cite(quote, row.cite, _name(chapter, f"source-{row.cite}"))
        if row.lift is not None and row.q is not None:
            page.fill(cells[2], tell_lift(row.lift), bold=True)
            page.add(page.fill_below(cells[2]), tell_chance(row.q), DIM)


def _write_bars(
    page: Manuscript,
    bars: Sequence[Paragraph],
    row: Contrast,
    block: Contrasts,
    colors: tuple[Color, Color],
) -> None:
    counts = ((row.inside, row.n_inside), (row.outside, row.n_outside))
    for bar, (n, total), noun, color in zip(bars, counts, block.nouns, colors, strict=True):
        page.draw_bar(bar, n / max(1, total), tell_part(n, total, noun), color)


def _write_shares(page: Manuscript, block: Shares) -> None:
    table = page.open_table((6.0, 11.0))
    for name, n in block.rows:
        cells = page.add_row(table)
        page.fill(cells[0], name, bold=True)
        told = tell_part(n, block.total, block.noun)
        page.draw_bar(cells[1].paragraphs[0], n / max(1, block.total), told, GROUP)


def _write_timeline(page: Manuscript, block: Timeline) -> None:
    page.write(block.note, "Note")
    most = max(period.inside for period in block.periods)
    table = page.open_table((3.0, 11.0, 3.0), ("Period", "Reviews of all", "Mean stars"))
    for period in block.periods:
        cells = page.add_row(table)
        page.fill(cells[0], period.label)
        told = f"{period.inside:,} of {period.everyone:,}"
        page.draw_bar(cells[1].paragraphs[0], period.inside / max(1, most), told, GROUP)
        page.fill(cells[2], "" if period.rating is None else f"{period.rating:.1f}")


def _write_voices(page: Manuscript, block: Voices, chapter: Chapter) -> None:
    for n, about in block.quotes:
        source = chapter.sources[n - 1]
        quote = page.write(f"“{shorten(source.quote, QUOTE_LENGTH)}”", "Said")
        page.cite(quote, n, _name(chapter, f"source-{n}"))
        page.write(f"{about}. {tell_source(source)}", "Note")
