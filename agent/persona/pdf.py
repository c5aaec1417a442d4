"""A persona report as a PDF: a cover with the contents, chapters, sources, numbered pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fpdf import FPDF
from fpdf.outline import OutlineSection

from agent.facts import Evidence
from agent.persona.charts import QUIET, draw_contrast, draw_key, draw_shares, draw_timeline
from agent.persona.fonts import MISSING, load_fonts
from agent.persona.paper import (
    BODY,
    BOTTOM,
    CARE,
    GROUP,
    INK,
    MARGIN,
    NOTE,
    SAID,
    TOP,
    Paper,
    Style,
)
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
    Tile,
    Timeline,
    Voices,
    tell_source,
)
from agent.phrases import shorten

OVER = Style(9.5, "B", GROUP)
TITLE = Style(24, "B")
SECTION = Style(15, "B")
HEADING = Style(10.5, "B")
HEADLINE = Style(12)
VALUE = Style(15, "B")
QUOTED = Style(10, "I")
CONTENTS_LINE = 5.6
# Rows of a table that stay on one page with its heading, and about their height.
KEPT, ROW = 8, 6.0
# Missing characters that are named one by one.
NAMED = 12


@dataclass(frozen=True)
class Cited:
    """A chapter's sources, and the link to each by number."""

    sources: Sequence[Evidence]
    links: dict[int, int]

    def link(self, numbers: Iterable[int]) -> list[tuple[int, int]]:
        """Number and link of each."""
        return [(n, self.links[n]) for n in numbers]


def render_pdf(report: Report) -> bytes:
    """The report as the bytes of a PDF."""
    pdf = Paper(f"{report.opening.title}: persona report")
    with load_fonts(pdf) as letters:
        pdf.letters = letters
        pdf.add_page()
        cited = _open_chapter(pdf, report.opening)
        pdf.ln(3)
        pdf.flow(report.coverage, NOTE)
        _place_contents(pdf, report)
        _print_body(pdf, report.opening, cited, level=0)
        for chapter in report.chapters:
            pdf.add_page()
            pdf.start_section(pdf.fit(chapter.title))
            _print_body(pdf, chapter, _open_chapter(pdf, chapter), level=1)
        if report.chapters:
            pdf.add_page()
        _print_section(pdf, report.method, Cited((), {}), level=0)
        _tell_missing(pdf)
        return bytes(pdf.output())


def _open_chapter(pdf: Paper, chapter: Chapter) -> Cited:
    """The chapter's head; returns links to its sources, which come last."""
    cited = Cited(chapter.sources, {s.n: pdf.add_link() for s in chapter.sources})
    pdf.flow(chapter.over, OVER)
    pdf.flow(chapter.title, TITLE)
    pdf.ln(1)
    pdf.flow(chapter.headline.text, HEADLINE, cited.link(chapter.headline.cites))
    pdf.ln(3)
    _print_tiles(pdf, chapter.tiles)
    if chapter.cautions:
        _print_cautions(pdf, chapter.cautions)
    return cited


def _print_tiles(pdf: Paper, tiles: Sequence[Tile]) -> None:
    top, width = pdf.get_y(), pdf.epw / len(tiles)
    pdf.draw_line(top, INK, 0.5)
    ends = []
    for place, tile in enumerate(tiles):
        x, y = MARGIN + place * width, top + 2
        for text, style in ((tile.label, Style(8)), (tile.value, VALUE), (tile.beside, NOTE)):
            y = pdf.set_text(text, style, x, y, width - 3)
        ends.append(y)
    pdf.draw_line(max(ends) + 1.5)
    pdf.set_xy(MARGIN, max(ends) + 3)


def _print_cautions(pdf: Paper, cautions: Sequence[str]) -> None:
    width, pad = pdf.epw - 8, 2.5
    height = sum(pdf.measure(f"• {caution}", BODY, width) for caution in cautions)
    height += HEADING.line + 2 * pad
    pdf.need(height)
    top = pdf.get_y() + 1
    pdf.draw_box(MARGIN, top, pdf.epw, height, CARE)
    y = pdf.set_text("Read with care", HEADING, MARGIN + 4, top + pad, width)
    for caution in cautions:
        y = pdf.set_text(f"• {caution}", BODY, MARGIN + 4, y, width)
    pdf.set_xy(MARGIN, top + height + 1)


def _place_contents(pdf: Paper, report: Report) -> None:
    """Room for the contents, which are filled in when the pages are known."""
    opening = report.opening
    lines = len(opening.sections) + bool(opening.sources) + len(report.chapters) + 1
    pdf.need(HEADING.line + 3 * CONTENTS_LINE)
    page = pdf.h - TOP - BOTTOM
    over = HEADING.line + 6 + lines * CONTENTS_LINE - (pdf.h - BOTTOM - pdf.get_y())
    pdf.insert_toc_placeholder(
        _print_contents, pages=1 + max(0, -int(-over // (page - CONTENTS_LINE)))
    )


def _print_contents(pdf: FPDF, outline: Sequence[OutlineSection]) -> None:
    assert isinstance(pdf, Paper)
    pdf.set_xy(MARGIN, pdf.get_y() + 4)
    pdf.flow("Contents", HEADING)
    pdf.use(BODY)
    for part in outline:
        if part.level:
            continue
        pdf.need(CONTENTS_LINE)
        y, link = pdf.get_y(), pdf.add_link(page=part.page_number)
        pdf.use(BODY)
        pdf.cell(pdf.epw - 12, CONTENTS_LINE, part.name, link=link)
        pdf.cell(
            12, CONTENTS_LINE, str(part.page_number), align="R", link=link,
            new_x="LMARGIN", new_y="NEXT",
        )  # fmt: skip
        pdf.draw_line(y + CONTENTS_LINE)


def _print_body(pdf: Paper, chapter: Chapter, cited: Cited, level: int) -> None:
    for section in chapter.sections:
        _print_section(pdf, section, cited, level)
    if not chapter.sources:
        return
    _open_section(pdf, "Sources", level)
    for source in chapter.sources:
        told = f"{tell_source(source)}, review {source.review_id}"
        quote = f"“{source.quote}”"
        width = pdf.epw - 9
        pdf.need(min(60, pdf.measure(quote, SAID, width) + pdf.measure(told, NOTE, width)))
        pdf.set_link(cited.links[source.n], y=pdf.get_y(), page=pdf.page)
        pdf.set_text(f"{source.n}.", NOTE, MARGIN, pdf.get_y() + 0.3, 8)
        pdf.set_y(pdf.get_y() - NOTE.line - 0.3)
        pdf.flow(quote, SAID, indent=9)
        pdf.flow(told, NOTE, indent=9)
        pdf.ln(0.8)


def _open_section(pdf: Paper, title: str, level: int) -> None:
    pdf.need(62)
    if pdf.get_y() > TOP + 1:
        pdf.ln(7)
    pdf.start_section(pdf.fit(title), level)
    pdf.flow(title, SECTION)
    pdf.ln(1)


def _print_section(pdf: Paper, section: Section, cited: Cited, level: int) -> None:
    _open_section(pdf, section.title, level)
    for block in section.blocks:
        _print_block(pdf, block, cited)


def _print_heading(pdf: Paper, text: str, room: float = 25) -> None:
    pdf.need(room)
    pdf.ln(3)
    pdf.flow(text, HEADING)
    pdf.ln(0.5)


def _print_block(pdf: Paper, block: Block, cited: Cited) -> None:
    match block:
        case Heading():
            _print_heading(pdf, block.text)
        case Statement():
            pdf.flow(block.text, BODY, cited.link(block.cites), end=20)
            pdf.ln(0.8)
        case Note():
            pdf.flow(block.text, NOTE, end=20)
            pdf.ln(0.8)
        case Contrasts():
            _print_contrasts(pdf, block, cited)
        case Shares():
            _print_heading(pdf, block.title)
            draw_shares(pdf, block)
        case Table():
            _print_heading(pdf, block.title, 25 + ROW * min(len(block.rows), KEPT))
            pdf.set_table(block.header, block.rows)
        case Timeline():
            _print_heading(pdf, block.title, 70)
            pdf.flow(f"{block.note} {QUIET}", NOTE)
            draw_timeline(pdf, block)
        case Voices():
            _print_voices(pdf, block, cited)


def _print_contrasts(pdf: Paper, block: Contrasts, cited: Cited) -> None:
    _print_heading(pdf, block.title, 40)
    if block.note:
        pdf.flow(block.note, NOTE)
    draw_key(pdf, block)
    for row in block.rows:
        said = shorten(cited.sources[row.cite - 1].quote, QUOTE_LENGTH) if row.cite else ""
        draw_contrast(pdf, block, row, said, cited.link([row.cite] if row.cite else []))


def _print_voices(pdf: Paper, block: Voices, cited: Cited) -> None:
    for n, about in block.quotes:
        source = cited.sources[n - 1]
        quote = f"“{shorten(source.quote, QUOTE_LENGTH)}”"
        told = f"{about}. {tell_source(source)}"
        width = pdf.epw - 20
        pdf.need(pdf.measure(quote + " [00]", QUOTED, width) + pdf.measure(told, NOTE, width))
        top = pdf.get_y()
        pdf.flow(quote, QUOTED, cited.link([n]), indent=4, end=16)
        pdf.flow(told, NOTE, indent=4, end=16)
        pdf.draw_box(MARGIN, top + 0.6, 0.7, pdf.get_y() - top - 1, GROUP)
        pdf.ln(3)


def _tell_missing(pdf: Paper) -> None:
    """A plain sentence on the letters that no font holds."""
    assert pdf.letters is not None
    missing = pdf.letters.missing
    if not missing:
        return
    shown = missing.most_common(NAMED)
    named = ", ".join(
        unicodedata.name(sign, "").lower() or f"U+{ord(sign):04X}" for sign, _ in shown
    )
    rest = f" and {len(missing) - NAMED} more kinds" if len(missing) > NAMED else ""
    _print_heading(pdf, "Characters that could not be set")
    pdf.flow(
        f"{missing.total():,} characters are shown as {MISSING}, for no font at hand holds them: "
        f"{named}{rest}. The report as a page, as Word or as Markdown has them.",
        NOTE,
    )
