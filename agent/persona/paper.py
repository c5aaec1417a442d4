"""Sheets of A4 that a PDF report is set on: paragraphs, tables, bars, a line of time, places.

Lengths are in millimetres, sizes of letters in points. Everything that comes from the data passes
through `Paper.fit`, which shows what no font holds as □.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, TableBordersLayout
from fpdf.fonts import FontFace

from agent.persona.fonts import FAMILY, Letters

Color = tuple[int, int, int]
INK: Color = (24, 28, 32)
DIM: Color = (90, 100, 110)
LINE: Color = (223, 228, 232)
SOFT: Color = (238, 241, 243)
CARE: Color = (253, 243, 223)
OTHERS: Color = (164, 175, 185)
GROUP: Color = (20, 116, 106)
WARM: Color = (185, 86, 26)
COLD: Color = (42, 111, 168)

MARGIN, TOP, BOTTOM = 18.0, 18.0, 20.0
LEADING = 0.352_778 * 1.38
SMALLEST = 5.5
CELL = 1.2
# Room that a column may have beyond what is in it.
LOOSE = 8.0
# Accents that stand alone, and scripts from Hebrew to Georgian with their further forms.
_JOINED = re.compile(r"[\u0300-\u036f\u0590-\u10ff\ufb1d-\ufefc]")


@dataclass(frozen=True)
class Style:
    """size in points; kind: "", B(old) or I(talic)."""

    size: float
    kind: Literal["", "B", "I"] = ""
    color: Color = INK

    @property
    def line(self) -> float:
        """Height of a line."""
        return self.size * LEADING


BODY = Style(9.5)
NOTE = Style(8, color=DIM)
LABEL = Style(8.5)
STRONG = Style(9, "B")
CITE = Style(8, color=GROUP)
SAID = Style(9, "I")


class Paper(FPDF):
    """A document whose pages are numbered under a running title."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.letters: Letters | None = None
        self.running = title
        self.set_margins(MARGIN, TOP, MARGIN)
        self.set_auto_page_break(True, BOTTOM)
        self.c_margin = 0
        self.set_title(title)
        self.set_creator("Tribune")
        self.set_lang("en")

    def footer(self) -> None:
        """The running title and the page's number."""
        self.set_y(-12)
        self.use(NOTE)
        self.cell(self.epw - 20, NOTE.line, self.fit(self.running))
        self.cell(20, NOTE.line, str(self.page_no()), align="R")

    def fit(self, text: str) -> str:
        """The text as the loaded fonts can show it."""
        assert self.letters is not None
        return self.letters.fit(text)

    def _shape(self, text: str) -> None:
        """Have letters joined and ordered where their script asks for it: it takes time."""
        self.set_text_shaping(bool(_JOINED.search(text)))

    def use(self, style: Style) -> None:
        """Write in this style from here on."""
        self.set_font(FAMILY, style.kind, style.size)
        self.set_text_color(*style.color)

    def need(self, height: float) -> None:
        """Begin a page if so much does not fit on this one."""
        if self.will_page_break(height):
            self.add_page()

    def measure(self, text: str, style: Style, width: float) -> float:
        """Height of a paragraph set to a width."""
        if not text:
            return 0.0
        self._shape(text)
        self.use(style)
        height = self.multi_cell(
            width, style.line, self.fit(text), align="L", dry_run=True,
            output=MethodReturnValue.HEIGHT,
        )  # fmt: skip
        assert isinstance(height, float | int)
        return float(height)

    def set_text(
        self, text: str, style: Style, x: float, y: float, width: float, align: str = "L"
    ) -> float:
        """Set a paragraph at a place; returns where it ends."""
        if not text:
            return y
        self._shape(text)
        self.use(style)
        self.set_xy(x, y)
        self.multi_cell(
            width, style.line, self.fit(text), align=align, new_x="LMARGIN", new_y="NEXT"
        )
        return self.get_y()

    def flow(
        self,
        text: str,
        style: Style,
        cites: Iterable[tuple[int, int]] = (),
        indent: float = 0,
        end: float = 0,
    ) -> None:
        """A paragraph that ends in links to sources, given as number and link; it may go on over
        the page. end: room left free on the right.
        """
        self.set_left_margin(MARGIN + indent)
        self.set_right_margin(MARGIN + end)
        self.set_x(MARGIN + indent)
        self._shape(text)
        self.use(style)
        self.write(style.line, self.fit(text))
        self.use(CITE)
        for n, link in cites:
            self.write(style.line, f" [{n}]", link)
        self.ln(style.line)
        self.set_left_margin(MARGIN)
        self.set_right_margin(MARGIN)
        self.set_x(MARGIN)

    def draw_box(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """A filled box, at least a hair wide."""
        self.set_fill_color(*color)
        self.rect(x, y, max(width, 0.2), height, style="F")

    def draw_line(self, y: float, color: Color = LINE, width: float = 0.2) -> None:
        """A line from margin to margin."""
        self.set_draw_color(*color)
        self.set_line_width(width)
        self.line(MARGIN, y, self.w - MARGIN, y)

    def set_table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], size: float = 8.5
    ) -> None:
        """A table; its columns are as wide as their longest word and share what is left."""
        cells = [[self.fit(cell) for cell in row] for row in (header, *rows)]
        widths = self._share_widths(cells, size)
        while widths is None and size > SMALLEST:
            size -= 0.5
            widths = self._share_widths(cells, size)
        self._shape(" ".join(cell for row in cells for cell in row))
        self.use(Style(size))
        # A table takes the colour of the last box for its own.
        self.set_fill_color(255)
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        head = FontFace(emphasis="", color=DIM, size_pt=size - 0.5)
        with self.table(
            col_widths=widths,
            width=self.epw,
            text_align="LEFT",
            headings_style=head,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=size * LEADING,
            padding=(0.8, CELL, 0.8, 0),
            first_row_as_headings=any(header),
        ) as table:
            for number, row in enumerate(cells if any(header) else cells[1:]):
                placed = table.row()
                for place, cell in enumerate(row):
                    first = place == 0 and (number > 0 or not any(header))
                    placed.cell(cell, style=FontFace(emphasis="B") if first else None)
        self.ln(1)

    def _share_widths(self, cells: Sequence[Sequence[str]], size: float) -> list[float] | None:
        """Widths that keep every word whole, or None where it does not fit."""
        self.use(Style(size, "B"))
        spare = CELL + 0.6
        columns = list(zip(*cells, strict=True))
        least = [
            max(self.get_string_width(word) for cell in column for word in cell.split() or [""])
            for column in columns
        ]
        whole = [max(map(self.get_string_width, column)) for column in columns]
        least, whole = ([width + spare for width in widths] for widths in (least, whole))
        left = self.epw - sum(least)
        if left < 0:
            return None
        wanted = [w - n for w, n in zip(whole, least, strict=True)]
        part = min(1.0, left / max(sum(wanted), 0.01))
        widths = [n + part * w for n, w in zip(least, wanted, strict=True)]
        loose = min(LOOSE, (self.epw - sum(widths)) / len(widths))
        widths = [width + loose for width in widths]
        return [*widths[:-1], self.epw - sum(widths[:-1])]
