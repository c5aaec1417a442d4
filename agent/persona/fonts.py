"""Fonts for a PDF: FiraGO from a Python package, and what the machine has for Chinese, Japanese
and Korean.

FiraGO holds Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai and Georgian letters; Noto's
symbols stand beside it. What none of them holds is shown as □ and counted.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf import FPDF
from fpdf.fonts import TTFFont
from pymupdf_fonts import fontbuffers

FAMILY = "firago"
MISSING = "□"
_STYLES = {"": "figo", "B": "figbo", "I": "figit"}
_SYMBOLS = ("symbol1", "symbol2")
_FIRST_EAST_ASIAN = 0x1100
# Where Linux, macOS and Windows keep a font with Chinese, Japanese and Korean letters.
_EAST_ASIAN = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/msyh.ttc",
)


class Letters:
    """Which characters the loaded fonts can show; the large East Asian font is loaded when the
    first character is met that needs it. missing: how often each character was met that no font
    holds.
    """

    def __init__(self, pdf: FPDF) -> None:
        self.missing: Counter[str] = Counter()
        self._pdf = pdf
        self._known = {sign for font in pdf.fonts.values() for sign in _list_signs(font)}
        self._others = [path for path in map(Path, _EAST_ASIAN) if path.is_file()][:1]

    def fit(self, text: str) -> str:
        """The text with one □ for every character that no font holds; blanks become spaces."""
        return "".join(self._fit(sign) for sign in text)

    def _fit(self, sign: str) -> str:
        if self._knows(sign) and sign.isprintable():
            return sign
        kind = unicodedata.category(sign)
        if kind[0] == "Z" or kind == "Cc":
            return " "
        # Joiners and variation selectors show nothing by themselves.
        if kind == "Cf" or "VARIATION SELECTOR" in unicodedata.name(sign, ""):
            return ""
        self.missing[sign] += 1
        return MISSING

    def _knows(self, sign: str) -> bool:
        if self._others and ord(sign) not in self._known and ord(sign) >= _FIRST_EAST_ASIAN:
            self._pdf.add_font("eastasian", "", self._others.pop())
            self._pdf.set_fallback_fonts([*_SYMBOLS, "eastasian"], exact_match=False)
            self._known.update(_list_signs(self._pdf.fonts["eastasian"]))
        return ord(sign) in self._known


@contextmanager
def load_fonts(pdf: FPDF) -> Iterator[Letters]:
    """Add the fonts to `pdf`, which must be output within the block: it reads them from files."""
    with TemporaryDirectory() as folder:
        for style, name in _STYLES.items():
            pdf.add_font(FAMILY, style, _unpack(name, folder))
        for name in _SYMBOLS:
            pdf.add_font(name, "", _unpack(name, folder))
        pdf.set_fallback_fonts(_SYMBOLS, exact_match=False)
        yield Letters(pdf)


def _unpack(name: str, folder: str) -> Path:
    path = Path(folder) / f"{name}.ttf"
    path.write_bytes(fontbuffers[name]())
    return path


def _list_signs(font: object) -> Collection[int]:
    """The characters that a font file holds; the PDF's own fonts hold none that count."""
    return font.cmap.keys() if isinstance(font, TTFFont) else ()
