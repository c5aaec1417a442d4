"""What a Word report is written with: styles, paragraphs, links, tables and bars.

Everything that comes from the data passes through `_clean`: XML holds no control characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from agent.persona.paper import CARE, DIM, GROUP, INK, LINE, SOFT, Color

FONT = "Calibri"
# Blanks that a bar is made of: shaded, they need no font.
BAR = 44
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
# Name: size in points, colour, space above and below in points.
_STYLES: dict[str, tuple[float, Color, float, float]] = {
    "Over": (10, GROUP, 0, 0),
    "Lead": (12, INK, 4, 8),
    "Note": (8.5, DIM, 0, 4),
    "Care": (10, INK, 0, 0),
    "Said": (11, INK, 8, 0),
    "Source": (9, INK, 0, 3),
    "Cell": (9, INK, 0, 0),
}
_HEADINGS = ((24.0, 0, 4), (16.0, 18, 4), (13.0, 14, 3), (11.0, 10, 2))


class Manuscript:
    """A document of A4 pages with a running title and numbered pages."""

    def __init__(self, document: Document, title: str, made: datetime) -> None:
        self.document = document
        self._marks = 0
        properties = document.core_properties
        properties.title, properties.author, properties.language = title, "Tribune", "en"
        properties.comments, properties.created, properties.modified = "", made, made
        page = document.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2)
        page.top_margin = page.bottom_margin = Cm(2)
        self._set_styles()
        footer = page.footer.paragraphs[0]
        footer.style = document.styles["Note"]
        self.add(footer, f"{title}, page ")
        _add_field(footer.add_run(), "PAGE")

    def _set_styles(self) -> None:
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(10)
        normal.paragraph_format.space_after = Pt(3)
        for level, (size, above, below) in enumerate(_HEADINGS):
            style = styles["Title" if level == 0 else f"Heading {level}"]
            style.font.name, style.font.size, style.font.bold = FONT, Pt(size), True
            style.font.color.rgb = RGBColor(*INK)
            fonts = style.element.rPr.rFonts
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            style.paragraph_format.space_before = Pt(above)
            style.paragraph_format.space_after = Pt(below)
        border = styles["Title"].element.pPr.find(qn("w:pBdr"))
        styles["Title"].element.pPr.remove(border)
        for name, (size, color, over, under) in _STYLES.items():
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = normal
            style.font.size, style.font.color.rgb = Pt(size), RGBColor(*color)
            style.paragraph_format.space_before = Pt(over)
            style.paragraph_format.space_after = Pt(under)
        styles["Over"].font.bold = styles["Said"].font.italic = True
        styles["Said"].paragraph_format.keep_with_next = True
        styles["Care"].element.get_or_add_pPr().append(_shade(CARE))

    def write(self, text: str, style: str) -> Paragraph:
        """A paragraph."""
        return _dress(self.document.add_paragraph(_clean(text)), style)

    def add(self, paragraph: Paragraph, text: str, color: Color | None = None) -> Run:
        """Further words in a paragraph."""
        run = paragraph.add_run(_clean(text))
        if color:
            run.font.color.rgb = RGBColor(*color)
        return run

    def head(self, text: str, level: int, anchor: str = "") -> None:
        """A heading, level 0 being the title, and a place that links lead to."""
        heading = self.document.add_heading(_clean(text), level)
        if anchor:
            self.mark(heading, anchor)

    def mark(self, paragraph: Paragraph, anchor: str) -> None:
        """Let links lead to this paragraph."""
        self._marks += 1
        for kind in ("start", "end"):
            element = OxmlElement(f"w:bookmark{kind.capitalize()}")
            element.set(qn("w:id"), str(self._marks))
            if kind == "start":
                element.set(qn("w:name"), anchor)
            paragraph._p.append(element)

    def cite(self, paragraph: Paragraph, n: int, anchor: str) -> None:
        """The number of a source, leading to it."""
        self.add(paragraph, " ")
        _link(paragraph, self.add(paragraph, f"[{n}]", GROUP), anchor)

    def link_line(self, text: str, anchor: str) -> None:
        """A line of the contents."""
        paragraph = self.write("", "Normal")
        _link(paragraph, self.add(paragraph, text, GROUP), anchor)

    def break_page(self) -> None:
        """Go on with a new page."""
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def open_table(self, widths: Sequence[float], header: Sequence[str] = ()) -> Table:
        """A table without rows but its header's; widths in cm."""
        table: Table = self.document.add_table(0, len(widths))
        table.autofit = False
        _rule(table)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        if any(header):
            row: _Row = table.add_row()  # type: ignore[no-untyped-call]
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
            for cell, text in zip(row.cells, header, strict=True):
                self.fill(cell, text, color=DIM)
        return table

    def add_row(self, table: Table) -> tuple[_Cell, ...]:
        """The cells of a further row, which stays on one page."""
        row: _Row = table.add_row()  # type: ignore[no-untyped-call]
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        return tuple(row.cells)

    def set_table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table whose columns are about as wide as what is in them."""
        longest = [
            min(36, max(12, *(len(cell) for cell in column)))
            for column in zip(header, *rows, strict=True)
        ]
        table = self.open_table([17 * n / sum(longest) for n in longest], header)
        for row in rows:
            cells = self.add_row(table)
            for place, (cell, text) in enumerate(zip(cells, row, strict=True)):
                self.fill(cell, text, bold=place == 0)
        self.write("", "Cell")

    def set_tiles(self, tiles: Sequence[tuple[str, str, str]]) -> None:
        """Key figures side by side: label, value, what it stands beside."""
        table = self.open_table([17 / len(tiles)] * len(tiles))
        for cell, (label, value, beside) in zip(self.add_row(table), tiles, strict=True):
            self.fill(cell, label)
            figure = self.add(_dress(cell.add_paragraph(), "Cell"), value)
            figure.bold, figure.font.size = True, Pt(16)
            self.add(_dress(cell.add_paragraph(), "Cell"), beside, DIM)
        self.write("", "Cell")

    def fill(
        self, cell: _Cell, text: str, *, bold: bool = False, color: Color | None = None
    ) -> Paragraph:
        """Words in a cell."""
        paragraph = _dress(cell.paragraphs[0], "Cell")
        self.add(paragraph, text, color).bold = bold
        return paragraph

    def fill_below(self, cell: _Cell) -> Paragraph:
        """A further line in a cell, still empty."""
        return _dress(cell.add_paragraph(), "Cell")

    def draw_bar(self, paragraph: Paragraph, share: float, told: str, color: Color) -> None:
        """A bar of shaded blanks and its figures."""
        _dress(paragraph, "Cell")
        full = max(round(BAR * share), int(share > 0))
        for n, shade in ((full, color), (BAR - full, SOFT)):
            run = paragraph.add_run("\N{NO-BREAK SPACE}" * n)
            run.font.size = Pt(7)
            run._r.get_or_add_rPr().append(_shade(shade))
        self.add(paragraph, f"  {told}")


def _clean(text: str) -> str:
    return _UNFIT.sub(" ", text)


def _dress(paragraph: Paragraph, style: str) -> Paragraph:
    """The paragraph in a style. By its id: python-docx reads all styles to find one by name."""
    paragraph._p.style = style
    return paragraph


def _shade(color: Color) -> BaseOxmlElement:
    element = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", str(RGBColor(*color)))):
        element.set(qn(f"w:{key}"), value)
    return element


def _rule(table: Table) -> None:
    """Thin lines between rows."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("color", str(RGBColor(*LINE)))):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _link(paragraph: Paragraph, run: Run, anchor: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), anchor)
    paragraph._p.append(link)
    link.append(run._r)


def _add_field(run: Run, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
