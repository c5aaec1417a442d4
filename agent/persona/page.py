"""A persona report as one HTML file that needs nothing else: no script, no font, no link outwards.

Everything that comes from the data passes through `_text`, which escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from agent.facts import Evidence
from agent.persona.parts import (
    QUOTE_LENGTH,
    Block,
    Chapter,
    Contrast,
    Contrasts,
    Heading,
    Note,
    Period,
    Report,
    Section,
    Shares,
    Statement,
    Table,
    Tile,
    Timeline,
    Voices,
    tell_chance,
    tell_lift,
    tell_part,
    tell_source,
)
from agent.phrases import shorten

TICKS = 6
# Digits under a chart that a phone has room for.
DENSE = 52
# Tables with more columns are shown row by row on a narrow screen.
NARROW_COLUMNS = 4
# Cells of so few characters are not broken.
SHORT = 9
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# A second lock: a page that may load and run nothing, whatever a review holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render_page(report: Report) -> str:
    """The report as HTML."""
    opening = report.opening
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    chapters = [(f"{chapter.anchor}part-0", chapter.title) for chapter in report.chapters]
    listed = [*_list_places(opening), *chapters, ("method", "Method")]
    contents = "".join(f'<a href="#{anchor}">{_text(title)}</a>' for anchor, title in listed)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{_text(opening.title)}: persona report</title>
<style>
{style}</style>
</head>
<body>
<header>
{_open_chapter(opening)}<p class="note">{_text(report.coverage)}</p>
<nav aria-label="Contents">{contents}</nav>
</header>
<main>
{_body(opening)}{"".join(map(_chapter, report.chapters))}</main>
<footer>
{_section(report.method, "method", opening)}</footer>
</body>
</html>
"""


def _list_places(chapter: Chapter) -> list[tuple[str, str]]:
    """Anchor and title of each of the chapter's sections, and of its sources."""
    places = [
        (f"{chapter.anchor}part-{n}", section.title)
        for n, section in enumerate(chapter.sections, start=1)
    ]
    return [*places, (f"{chapter.anchor}sources", "Sources")] if chapter.sources else places


def _chapter(chapter: Chapter) -> str:
    contents = "".join(
        f'<a href="#{anchor}">{_text(title)}</a>' for anchor, title in _list_places(chapter)
    )
    return (
        f'<article id="{chapter.anchor}part-0">\n<header>\n{_open_chapter(chapter)}'
        f"<nav>{contents}</nav>\n</header>\n{_body(chapter)}</article>\n"
    )


def _open_chapter(chapter: Chapter) -> str:
    cautions = "".join(f"<li>{_text(caution)}</li>" for caution in chapter.cautions)
    care = f"<aside><h2>Read with care</h2><ul>{cautions}</ul></aside>\n" if cautions else ""
    return f"""<p class="over">{_text(chapter.over)}</p>
<h1>{_text(chapter.title)}</h1>
<p class="headline">{_statement(chapter.headline, chapter)}</p>
<dl class="tiles">
{"".join(map(_tile, chapter.tiles))}</dl>
{care}"""


def _body(chapter: Chapter) -> str:
    sections = zip(_list_places(chapter), chapter.sections, strict=False)
    shown = "".join(_section(section, anchor, chapter) for (anchor, _), section in sections)
    return shown + (_sources(chapter) if chapter.sources else "")


def _text(value: str) -> str:
    return escape(_CONTROL.sub(" ", value))


def _cites(numbers: Iterable[int], chapter: Chapter) -> str:
    at = f"#{chapter.anchor}source"
    return "".join(f' <a class="cite" href="{at}-{n}">[{n}]</a>' for n in numbers)


def _statement(statement: Statement, chapter: Chapter) -> str:
    return _text(statement.text) + _cites(statement.cites, chapter)


def _quote(source: Evidence, length: int = QUOTE_LENGTH) -> str:
    return f'<q dir="auto">{_text(shorten(source.quote, length))}</q>'


def _tile(tile: Tile) -> str:
    return (
        f'<div><dt>{_text(tile.label)}</dt><dd class="value">{_text(tile.value)}</dd>'
        f"<dd>{_text(tile.beside)}</dd></div>\n"
    )


def _section(section: Section, anchor: str, chapter: Chapter) -> str:
    blocks = "\n".join(_block(block, chapter) for block in section.blocks)
    return f'<section id="{anchor}">\n<h2>{_text(section.title)}</h2>\n{blocks}\n</section>\n'


def _block(block: Block, chapter: Chapter) -> str:
    match block:
        case Heading():
            return f"<h3>{_text(block.text)}</h3>"
        case Statement():
            return f'<p class="claim">{_statement(block, chapter)}</p>'
        case Note():
            return f'<p class="note">{_text(block.text)}</p>'
        case Contrasts():
            return _contrasts(block, chapter)
        case Table():
            return _table(block)
        case Shares():
            return _shares(block)
        case Timeline():
            return _timeline(block)
        case Voices():
            return _voices(block, chapter)


def _contrasts(block: Contrasts, chapter: Chapter) -> str:
    layout = "" if any(row.cite for row in block.rows) else " compact"
    rows = "\n".join(_contrast(row, block, chapter) for row in block.rows)
    key = '<i class="in"></i>{} <i class="out"></i>{}'.format(*map(_text, block.sides))
    return (
        f'<figure class="{block.tone}{layout}">\n<h3>{_text(block.title)}</h3>\n'
        f'<p class="note">{_text(block.note)} <span class="key">{key}</span></p>\n'
        f'<div class="rows">\n{rows}\n</div>\n</figure>'
    )


def _contrast(row: Contrast, block: Contrasts, chapter: Chapter) -> str:
    lift, cite, said = "", _cites([row.cite] if row.cite else [], chapter), ""
    if row.lift is not None and row.q is not None:
        sure = f"<b>{tell_lift(row.lift)}</b> <span>{tell_chance(row.q)}</span>"
        lift = f'<div class="lift">{sure}</div>'
    if row.cite and block.quoted:
        cite, said = "", f'<p class="said">{_quote(chapter.sources[row.cite - 1])}{cite}</p>'
    detail = f"<span>{_text(row.detail)}</span>" if row.detail else ""
    own, others = block.nouns
    return (
        f'<div class="row"><div class="what"><b>{_text(row.name)}</b>{cite}{detail}</div>'
        f'<div class="bars">{_bar("in", row.inside, row.n_inside, own)}'
        f"{_bar('out', row.outside, row.n_outside, others)}</div>{lift}{said}</div>"
    )


def _bar(side: str, n: int, total: int, noun: str) -> str:
    width = 100 * n / max(1, total)
    return (
        f'<div class="{side}"><i><b style="width:{width:.1f}%"></b></i> '
        f"<span>{tell_part(n, total, noun)}</span></div>"
    )


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in block.header)
    rows = []
    for first, *rest in block.rows:
        cells = "".join(
            f'<td{" class=short" if len(cell) <= SHORT else ""} data-label="{_text(label)}">'
            f"{_text(cell)}</td>"
            for label, cell in zip(block.header[1:], rest, strict=True)
        )
        rows.append(f'<tr><th scope="row">{_text(first)}</th>{cells}</tr>\n')
    wide = ' class="wide"' if len(block.header) > NARROW_COLUMNS else ""
    return (
        f"<h3>{_text(block.title)}</h3>\n<table{wide}><thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{''.join(rows)}</tbody></table>"
    )


def _timeline(block: Timeline) -> str:
    periods = block.periods
    top = max(1.0, *(max(p.inside, block.share * p.everyone) for p in periods))
    step = -(-len(periods) // TICKS)
    columns = "".join(
        f'<div><i style="height:{100 * p.inside / top:.1f}%"></i><b>{p.inside}</b>'
        f'<s style="bottom:{100 * block.share * p.everyone / top:.1f}%"></s>'
        f"<span>{'' if place % step else _text(p.label)}</span></div>"
        for place, p in enumerate(periods)
    )
    widest = max(len(str(p.inside)) for p in periods)
    dense = " dense" if len(periods) * widest > DENSE else ""
    key = (
        "Bars: the group's reviews. Lines: what that share of all reviews would give. Below: its "
        "reviews of all, and its mean stars."
    )
    return (
        f"<figure>\n<h3>{_text(block.title)}</h3>\n"
        f'<p class="note">{_text(block.note)} {key}</p>\n'
        f'<div class="time{dense}" aria-hidden="true">{columns}</div>\n'
        f'<ul class="figures">{"".join(map(_period, periods))}</ul>\n</figure>'
    )


def _period(period: Period) -> str:
    stars = f", {period.rating:.1f}\N{BLACK STAR}" if period.rating is not None else ""
    return f"<li><b>{_text(period.label)}</b> {period.inside:,} of {period.everyone:,}{stars}</li>"


def _voices(block: Voices, chapter: Chapter) -> str:
    cards = "\n".join(
        f"<blockquote><p>{_quote(chapter.sources[n - 1])}{_cites([n], chapter)}</p>"
        f"<footer><b>{_text(about)}</b> {_text(tell_source(chapter.sources[n - 1]))}</footer>"
        "</blockquote>"
        for n, about in block.quotes
    )
    return f'<div class="voices">\n{cards}\n</div>'


def _shares(block: Shares) -> str:
    rows = "\n".join(
        f'<div class="row"><div class="what"><b>{_text(name)}</b></div>'
        f'<div class="bars">{_bar("in", n, block.total, block.noun)}</div></div>'
        for name, n in block.rows
    )
    return (
        f'<figure class="plain shares">\n<h3>{_text(block.title)}</h3>\n'
        f'<div class="rows">\n{rows}\n</div>\n</figure>'
    )


def _sources(chapter: Chapter) -> str:
    listed = "\n".join(
        f'<li id="{chapter.anchor}source-{s.n}">{_quote(s, len(s.quote))} '
        f"<span>{_text(tell_source(s))}, review {_text(s.review_id)}</span></li>"
        for s in chapter.sources
    )
    return (
        f'<section id="{chapter.anchor}sources">\n<h2>Sources</h2>\n<ol>\n{listed}\n</ol>\n'
        "</section>\n"
    )
