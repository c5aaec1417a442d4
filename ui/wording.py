"""The interface's words, in the language of the browser that is served: texts/en.json, zh.json.

What comes from the data, the tools' sentences and the answers stay as they are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Literal

from gradio import I18n
from gradio.context import LocalContext
from gradio.i18n import I18nData

Language = Literal["en", "zh"]
TEXTS = Path(__file__).parent / "texts"
# Texts of script.js, by their names there.
SCRIPT = {"send": "send", "stop": "stop_writing", "step": "toggle_step", "data": "download_data"}


@cache
def read_texts(language: Language) -> dict[str, str]:
    """Key → text; "{n} user|{n} users" holds the form for one and for any other number."""
    texts: dict[str, str] = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def find_language() -> Language:
    """Of the browser whose request is being answered; English outside a request."""
    request = LocalContext.request.get(None)
    if request is None:
        return "en"
    wanted: str = request.headers.get("accept-language", "")
    return choose_language(wanted)


def choose_language(accepted: str) -> Language:
    """Of an Accept-Language header: its first language decides, as it does in the browser, where
    Gradio knows Chinese as zh-CN and zh-TW alone.
    """
    first = accepted.partition(",")[0].partition(";")[0].strip().casefold()
    return "zh" if first in ("zh-cn", "zh-tw") else "en"


def say(key: str, n: float | None = None, **values: object) -> str:
    """A text with its values filled in. n: the number that it counts, also as {n}."""
    text = read_texts(find_language())[key]
    if "|" in text:
        one, _, many = text.partition("|")
        text = one if n == 1 else many
    return text.format(n=n, **values)


def label(key: str) -> I18nData:
    """A text that the browser fills in, for what is laid out before anybody asks."""
    return I18nData(key)


def make_translations() -> I18n:
    """All texts, for Gradio's components."""
    return I18n(**{"en": read_texts("en"), "zh-CN": read_texts("zh"), "zh-TW": read_texts("zh")})


def write_script_texts() -> str:
    """Texts for script.js: language → name there → text, as JSON."""
    languages: tuple[Language, ...] = ("en", "zh")
    return json.dumps(
        {to: {name: read_texts(to)[key] for name, key in SCRIPT.items()} for to in languages},
        ensure_ascii=False,
    )
