"""A report's bars and its line of time, drawn on paper."""

from __future__ import annotations

from collections.abc import Sequence

from agent.persona.paper import (
    BODY,
    COLD,
    DIM,
    GROUP,
    INK,
    LABEL,
    LINE,
    MARGIN,
    NOTE,
    OTHERS,
    SAID,
    SOFT,
    STRONG,
    WARM,
    Color,
    Paper,
    Style,
)
from agent.persona.parts import (
    Contrast,
    Contrasts,
    Period,
    Shares,
    Timeline,
    Tone,
    tell_chance,
    tell_lift,
    tell_part,
)

TONES: dict[Tone, Color] = {"plain": GROUP, "warm": WARM, "cold": COLD}
# What a chart over time shows.
QUIET = (
    "Bars: the group's reviews. Lines: what that share of all reviews would give. Below: its "
    "reviews of all, and its mean stars."
)
# Columns of a contrast: what, bars with their figures between, lift and chance.
WHAT, BAR, LIFT, GAP = 50.0, 46.0, 20.0, 4.0
BAR_HEIGHT = 2.6
CHART, TICKS, FIGURES = 26.0, 6, 4
# Bars that have room for their number.
NUMBERED = 40


def draw_key(pdf: Paper, block: Contrasts) -> None:
    """Which bar is whose."""
    for side, color in zip(block.sides, (TONES[block.tone], OTHERS), strict=True):
        x, y = pdf.get_x(), pdf.get_y()
        pdf.draw_box(x, y + 0.8, 2.6, 2.6, color)
        pdf.set_xy(x + 4, y)
        pdf.use(NOTE)
        text = pdf.fit(side)
        pdf.cell(pdf.get_string_width(text) + 6, NOTE.line, text)
    pdf.ln(NOTE.line + 1)


def draw_contrast(
    pdf: Paper, block: Contrasts, row: Contrast, said: str, cites: Sequence[tuple[int, int]]
) -> None:
    """One row: its name, two bars with their figures, its lift, and what was said, if quoted."""
    quoted = bool(said) and block.quoted
    right = pdf.epw - WHAT - GAP
    left = pdf.measure(row.name, STRONG, WHAT) + pdf.measure(row.detail, NOTE, WHAT)
    left += 0 if quoted or not cites else NOTE.line
    bars = 2 * LABEL.line
    height = bars + (pdf.measure(f"“{said}” [00]", SAID, right) if quoted else 0)
    pdf.need(max(left, height) + 4)
    top = pdf.get_y() + 1.5
    pdf.draw_line(top - 0.8)
    y = pdf.set_text(row.name, STRONG, MARGIN, top, WHAT)
    y = pdf.set_text(row.detail, NOTE, MARGIN, y, WHAT)
    if cites and not quoted:
        pdf.set_xy(MARGIN, y)
        pdf.flow("", NOTE, cites)
        y = pdf.get_y()
    own, others = block.nouns
    x = MARGIN + WHAT + GAP
    _draw_bar(pdf, x, top, row.inside, row.n_inside, own, TONES[block.tone], INK)
    _draw_bar(pdf, x, top + LABEL.line, row.outside, row.n_outside, others, OTHERS, DIM)
    if row.lift is not None and row.q is not None:
        edge = pdf.w - MARGIN - LIFT
        told = pdf.set_text(tell_lift(row.lift), Style(10, "B"), edge, top, LIFT, "R")
        pdf.set_text(tell_chance(row.q), NOTE, edge, told, LIFT, "R")
    pdf.set_xy(MARGIN, top + bars + 0.3)
    if quoted:
        pdf.flow(f"“{said}”", SAID, cites, indent=WHAT + GAP)
    pdf.set_xy(MARGIN, max(y, pdf.get_y()) + 0.8)


def draw_shares(pdf: Paper, block: Shares) -> None:
    """A bar for each part of the whole."""
    for name, n in block.rows:
        height = max(pdf.measure(name, STRONG, WHAT), LABEL.line)
        pdf.need(height + 2)
        top = pdf.get_y() + 0.8
        pdf.set_text(name, STRONG, MARGIN, top, WHAT)
        _draw_bar(pdf, MARGIN + WHAT + GAP, top, n, block.total, block.noun, GROUP, INK)
        pdf.set_xy(MARGIN, top + height)
    pdf.ln(2)


def _draw_bar(
    pdf: Paper, x: float, y: float, n: int, total: int, noun: str, color: Color, ink: Color
) -> None:
    at = y + (LABEL.line - BAR_HEIGHT) / 2
    pdf.draw_box(x, at, BAR, BAR_HEIGHT, SOFT)
    pdf.draw_box(x, at, BAR * n / max(1, total), BAR_HEIGHT, color)
    told = tell_part(n, total, noun)
    pdf.set_text(told, Style(LABEL.size, color=ink), x + BAR + 2, y, pdf.epw - WHAT - BAR - LIFT)


def draw_timeline(pdf: Paper, block: Timeline) -> None:
    """A column for each period, with a mark where the group's share of all would be, and the
    figures below.
    """
    periods = block.periods
    tallest = max(1.0, *(max(p.inside, block.share * p.everyone) for p in periods))
    base = pdf.get_y() + CHART + 6
    step = pdf.epw / max(len(periods), 8)
    every = -(-len(periods) // TICKS)
    small = Style(6.5)
    for place, period in enumerate(periods):
        x, tall = MARGIN + place * step, CHART * period.inside / tallest
        pdf.draw_box(x, base - tall, step * 0.8, tall, GROUP)
        mark = base - CHART * block.share * period.everyone / tallest
        pdf.draw_box(x - 0.2, mark - 0.2, step * 0.8 + 0.4, 0.5, INK)
        if len(periods) <= NUMBERED:
            pdf.set_text(f"{period.inside:,}", small, x, base - tall - 3.4, step * 0.8, "C")
        if place % every == 0:
            pdf.set_text(period.label, Style(7, color=DIM), x, base + 0.8, 24)
    pdf.draw_line(base, LINE)
    pdf.set_xy(MARGIN, base + 6)
    _list_periods(pdf, periods)


def _list_periods(pdf: Paper, periods: Sequence[Period]) -> None:
    rows, width = -(-len(periods) // FIGURES), pdf.epw / FIGURES
    pdf.need(rows * NOTE.line)
    top, style = pdf.get_y(), Style(7.5, color=BODY.color)
    for place, period in enumerate(periods):
        x, y = MARGIN + (place // rows) * width, top + (place % rows) * NOTE.line
        stars = "" if period.rating is None else f", {period.rating:.1f}\N{BLACK STAR}"
        pdf.set_text(period.label, style, x, y, 16)
        told = f"{period.inside:,} of {period.everyone:,}{stars}"
        pdf.set_text(told, Style(7.5, color=DIM), x + 16, y, width - 16)
    pdf.set_xy(MARGIN, top + rows * NOTE.line)
    pdf.ln(1)
