"""Reports in four formats, on one group and on several: read back, they hold the same figures."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pypdf import PdfReader
from pypdf.generic import Destination
from typer.testing import CliRunner

from agent.persona.booklet import gather_report
from agent.persona.markdown import render_markdown
from agent.persona.page import render_page
from agent.persona.parts import Note, Report
from agent.persona.pdf import render_pdf
from agent.persona.word import render_word
from agent.use_cases import Tribune
from tests.test_report import numbers, plain, read_page
from tools.errors import InputError
from tools.workspace import Workspace
from ui.app import offer_downloads
from ui.cli import app
from ui.pages.desk import Desk

CITE = re.compile(r"\[\d+\]")


@pytest.fixture(scope="module")
def booklet(sample_tribune: Tribune) -> Report:
    """The whole segmentation."""
    return gather_report(sample_tribune, [])


@pytest.fixture(scope="module")
def pair(sample_tribune: Tribune) -> Report:
    return gather_report(sample_tribune, ["2", "5"])


@pytest.fixture(scope="module")
def printed(booklet: Report) -> PdfReader:
    return PdfReader(BytesIO(render_pdf(booklet)))


def figures(markdown: str) -> Counter[str]:
    """Numbers of the Markdown, without the list's own."""
    return numbers(re.sub(r"(?m)^\d+\. “", "“", plain(markdown)))


def read_sheets(pdf: PdfReader, first: int = 0, last: int | None = None) -> str:
    """The text of some pages, without their running titles and numbers."""
    pages = [page.extract_text() for page in pdf.pages[first:last]]
    return "\n".join(re.sub(r"[^\n]*: persona report\s*\d+\s*$", "", page) for page in pages)


def read_word(body: bytes) -> str:
    """All that a Word document says, in its own order."""
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
        for paragraph in Document(BytesIO(body)).element.body.iter(qn("w:p"))
    )


def squeeze(text: str) -> str:
    """Without blanks, and with emoji as the PDF shows them."""
    return re.sub(r"[\U0001f300-\U0001faff]", "□", re.sub(r"\s+", "", text))


def chapters_of(report: Report) -> list[Report]:
    """Each chapter as a report of its own, without the method."""
    return [
        replace(
            report,
            opening=chapter,
            chapters=(),
            coverage="",
            method=replace(report.method, blocks=()),
        )
        for chapter in report.chapters
    ]


def find_chapters(pdf: PdfReader, report: Report) -> list[tuple[int, int]]:
    """First and following page of each chapter, from the outline."""
    places = {
        str(entry.title): pdf.get_destination_page_number(entry)
        for entry in pdf.outline
        if isinstance(entry, Destination)
    }
    starts = [places[chapter.title] for chapter in report.chapters]
    return list(zip(starts, [*starts[1:], places[report.method.title]], strict=True))


def test_each_group_has_a_chapter_with_all_its_figures_in_the_pdf(
    booklet: Report, printed: PdfReader, sample_tribune: Tribune
) -> None:
    spans = find_chapters(printed, booklet)
    assert len(spans) == len(sample_tribune.groups)
    for chapter, (first, last) in zip(chapters_of(booklet), spans, strict=True):
        told = figures(render_markdown(chapter))
        found = numbers(read_sheets(printed, first, last))
        assert not told - found, chapter.opening.title
        assert set(found) == set(told), chapter.opening.title


def test_word_and_page_say_the_same_numbers_as_often(booklet: Report, pair: Report) -> None:
    for report in (booklet, pair):
        told = figures(render_markdown(report))
        assert numbers(read_page(render_page(report)).text) == told
        word = numbers(re.sub(r"(?m)^\d+\. “", "“", read_word(render_word(report))))
        assert not told - word
        assert not word - told


def test_every_statement_stands_in_every_format(pair: Report) -> None:
    texts = [
        plain(render_markdown(pair)),
        read_page(render_page(pair)).text,
        read_sheets(PdfReader(BytesIO(render_pdf(pair)))),
        read_word(render_word(pair)),
    ]
    squeezed = [squeeze(text) for text in texts]
    for chapter in (pair.opening, *pair.chapters):
        quotes = [source.quote for source in chapter.sources]
        for text in (chapter.title, chapter.headline.text, *chapter.cautions, *quotes):
            assert all(squeeze(text) in found for found in squeezed), text


def test_a_comparison_holds_the_tools_facts(pair: Report, sample_tribune: Tribune) -> None:
    text = plain(render_markdown(pair)).split("\n# ")[0]
    facts = sample_tribune.compare_groups("2", "5")
    assert len(facts.differences) >= 4
    for found in facts.differences:
        told = (
            f"{found.n_first} of {facts.first.n_users} users",
            f"{found.n_second} of {facts.second.n_users} users",
        )
        named = [line for line in text.splitlines() if found.name in line]
        assert any(all(share in line for share in told) for line in named)
    for bridge in facts.likeness.bridges:
        assert f"{bridge.name}" in text
    for card in (facts.first, facts.second):
        assert f"| {card.id} {card.name} | {card.n_users} | {card.n_reviews} |" in text


def test_the_overview_lists_every_group_and_who_is_in_none(
    booklet: Report, sample_tribune: Tribune
) -> None:
    text = plain(render_markdown(booklet))
    listed = sample_tribune.list_groups()
    for card in listed.groups:
        assert f"| {card.id} {card.name} | {card.n_users} of {listed.n_users} users (" in text
        assert f"# {card.name}" in text
    assert f"| Users of no group | {listed.n_without_group} of {listed.n_users} users (" in text


def test_the_contents_name_the_pages_where_chapters_begin(
    booklet: Report, printed: PdfReader
) -> None:
    contents = "\n".join(page.extract_text() for page in printed.pages[:2])
    for chapter, (first, _) in zip(booklet.chapters, find_chapters(printed, booklet), strict=True):
        assert re.search(rf"{re.escape(chapter.title)}\s*{first + 1}\b", contents)
        assert chapter.title in printed.pages[first].extract_text()


def test_citations_lead_to_their_sources(pair: Report, printed: PdfReader) -> None:
    links = [a.get_object() for page in printed.pages for a in page.get("/Annots", [])]
    assert len(links) > 100
    assert all("/Dest" in link or "/A" in link for link in links)
    word = Document(BytesIO(render_word(pair)))
    body = word.element.body
    marks = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    led = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert len(marks) == len(set(marks))
    assert led <= set(marks)
    assert all(f"group_{c.anchor.split('-')[1]}_source_1" in led for c in pair.chapters)
    page = read_page(render_page(pair))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {a["href"] for tag, a in page.tags if tag == "a"} <= {f"#{i}" for i in ids}


def test_other_scripts_are_set_and_what_no_font_holds_is_told(pair: Report) -> None:
    note = "Ελλάδα Привет Tiếng Việt \N{TAMIL LETTER KA} \x00\x07 \ud83d" + "\N{MELTING FACE}" * 2
    method = replace(pair.method, blocks=(Note(note),))
    report = replace(pair, chapters=(), opening=replace(pair.opening, sections=()), method=method)
    pdf = read_sheets(PdfReader(BytesIO(render_pdf(report))))
    assert "Ελλάδα Привет Tiếng Việt □" in pdf
    assert "characters are shown as □" in pdf
    assert "tamil letter ka" in pdf
    assert "melting face" in pdf
    assert "Ελλάδα Привет Tiếng Việt \N{TAMIL LETTER KA}" in read_word(render_word(report))


def test_the_command_line_writes_a_comparison_and_a_booklet(
    sample_tribune: Tribune, tmp_path: Path
) -> None:
    at = ["--workspace", str(sample_tribune.workspace.path)]
    for name, asked in (("pair.docx", ["2", "5"]), ("two.PDF", ["5", "2"]), ("all.md", ["--all"])):
        done = CliRunner().invoke(app, ["report", *asked, "--out", str(tmp_path / name), *at])
        assert done.exit_code == 0, done.output
        assert re.search(r"[\d,]+ statements", done.output)
    assert (tmp_path / "two.PDF").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "all.md").read_text("utf-8").startswith("# All ")


def test_the_web_app_hands_out_every_format(sample_workspace: Workspace) -> None:
    web = FastAPI()
    offer_downloads(web, Desk(sample_workspace, "none"))
    client = TestClient(web)
    for kind, start in (("pdf", b"%PDF"), ("docx", b"PK"), ("html", b"<!DOCTYPE"), ("md", b"# ")):
        one = client.get(f"/download/report.{kind}?group=2")
        assert one.content.startswith(start)
        assert f"group-2-report.{kind}" in one.headers["content-disposition"]
    two = client.get("/download/report.md?group=2&group=5")
    assert two.text.startswith("# Groups 2 and 5 compared")
    assert client.get("/download/report.md").text.startswith("# All ")
    assert client.get("/download/report.pdf?group=99").status_code == 404
    assert client.get("/download/report.exe?group=2").status_code == 422


def test_a_group_named_twice_and_no_group_at_all_are_one_sentence(
    sample_tribune: Tribune, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="is named twice"):
        gather_report(sample_tribune, ["2", "5", "2"])
    done = CliRunner().invoke(app, ["report", "--out", str(tmp_path / "r.pdf")])
    assert "or give --all for every group" in str(done.exception)
