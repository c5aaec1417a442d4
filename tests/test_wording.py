"""The interface's two languages: complete, used, and never written into the pages themselves."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio import Request
from gradio.context import LocalContext

from ui import wording
from ui.pages import cards
from ui.wording import choose_language, read_texts, say

UI = Path(wording.__file__).parent
PAGES = [
    *sorted((UI / "pages").glob("*.py")),
    *(UI / name for name in ("app.py", "plots.py", "timelines.py", "watch_charts.py")),
]
# Arguments in which Gradio's parts and Plotly's axes take what a reader sees.
SEEN = {"label", "placeholder", "info", "title", "value"}


def test_both_languages_hold_the_same_texts_with_the_same_values_to_fill_in() -> None:
    english, chinese = read_texts("en"), read_texts("zh")
    assert list(english) == list(chinese)
    for key, text in english.items():
        assert text.strip(), key
        assert chinese[key].strip(), key
        assert _fields(text) == _fields(chinese[key]), key


def _fields(text: str) -> set[str]:
    """Names to fill in; a number may be left out of a language's form for one."""
    parts = (name for part in text.split("|") for _, name, *_ in string.Formatter().parse(part))
    return {name for name in parts if name} - {"month", "number"}


def test_chinese_texts_are_chinese() -> None:
    # Typed as they stand, or punctuation around what is filled in.
    same = {"name_placeholder", "mapping_placeholder", "verdict_on", "rating_from", "account"}
    for key, text in read_texts("zh").items():
        words = re.sub(r"{.*?}", "", text)
        wordless = not re.search(r"\w", words)
        assert wordless or key in same or re.search(r"[\u4e00-\u9fff]", words), key


def test_no_text_is_unused_and_none_is_missing() -> None:
    sources = "\n".join(p.read_text(encoding="utf-8") for p in [*UI.rglob("*.py")])
    quoted = set(re.findall(r"[\"']([a-z]\w*)[\"']", sources))
    counted = {f"n_{noun}" for noun in quoted}
    periods = {"n_day", "n_week", "n_month", "n_quarter"}
    unused = set(read_texts("en")) - quoted - counted - periods
    assert not unused
    said = set(re.findall(r"\b(?:say|label)\(\s*[\"'](\w+)[\"']", sources))
    assert not said - set(read_texts("en"))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_no_page_holds_a_label_of_its_own(path: Path) -> None:
    found = list(_find_labels(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"say these by ui/texts: {found}"


def _find_labels(tree: ast.AST) -> Iterator[str]:
    """Words that a reader would see: text between tags, in names of HTML's parts, and in the
    arguments of Gradio's and Plotly's parts.
    """
    documented = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                value: Any = keyword.value
                if (
                    keyword.arg in SEEN
                    and isinstance(value, ast.Constant)
                    and isinstance(value.value, str)
                    and " " in value.value.strip()
                ):
                    yield value.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in documented or "=>" in node.value or "window." in node.value:
                continue  # no text, or a script
            for text in re.findall(r"(?:>|(?:title|aria-label)=\")([^<>\"]*)", node.value):
                if re.search(r"[A-Za-z]{2,}", re.sub(r"&\w+;|%{.*?}|Tribune", "", text)):
                    yield text


def test_the_first_language_of_the_browser_decides() -> None:
    assert choose_language("zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert choose_language("zh-TW") == "zh"
    assert choose_language("zh-HK") == "en"  # as Gradio's own labels would be
    assert choose_language("en-GB,zh;q=0.5") == "en"
    assert choose_language("") == "en"


def test_a_number_takes_the_form_that_fits_it() -> None:
    assert cards.count(1, "user") == "1 user"
    assert cards.count(1204, "user") == "1,204 users"


def test_texts_are_said_in_the_language_of_the_request() -> None:
    request = Request(headers={"accept-language": "zh-CN,zh"})
    token = LocalContext.request.set(request)
    try:
        assert say("nothing_loaded") == "尚未载入数据"
        assert cards.count(1204, "user") == "1,204 位用户"
    finally:
        LocalContext.request.reset(token)
    assert say("nothing_loaded") == "Nothing is loaded yet"


def test_the_script_has_its_texts_in_both_languages() -> None:
    texts = json.loads(wording.write_script_texts())
    assert set(texts) == {"en", "zh"}
    used = set(re.findall(r"texts\.(\w+)", (UI / "pages" / "script.js").read_text("utf-8")))
    assert used == set(texts["en"]) == set(texts["zh"])
