"""The look: system fonts, a warm grey page, one teal accent, light and dark."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from ui.wording import write_script_texts

HERE = Path(__file__).parent
STYLE = HERE / "style.css"
ICON = HERE / "icon.svg"
# Gradio evaluates the scripts of its components. What counts is that no text, whoever wrote it,
# can make the page load a thing from elsewhere.
POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'"

TEAL = gr.themes.Color(
    name="teal",
    c50="#eef6f6",
    c100="#d6eaea",
    c200="#aed5d6",
    c300="#7fbcbf",
    c400="#4e9da1",
    c500="#2f8085",
    c600="#23666b",
    c700="#1d5357",
    c800="#184245",
    c900="#143638",
    c950="#0b2022",
)
STONE = gr.themes.Color(
    name="stone",
    c50="#faf9f7",
    c100="#f3f1ed",
    c200="#e5e2dc",
    c300="#cfcac2",
    c400="#9d9890",
    c500="#6f6b66",
    c600="#54514d",
    c700="#3a3b40",
    c800="#23262c",
    c900="#1a1d22",
    c950="#131518",
)


def make_theme() -> gr.themes.Base:
    """Nothing of it is fetched: the fonts are the system's."""
    return gr.themes.Base(
        primary_hue=TEAL,
        secondary_hue=TEAL,
        neutral_hue=STONE,
        radius_size=gr.themes.sizes.radius_md,
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(
        body_background_fill="#f7f6f3",
        body_background_fill_dark="#131518",
        body_text_color="#22252a",
        body_text_color_dark="#e7e8ea",
        body_text_color_subdued="#64625e",
        body_text_color_subdued_dark="#a0a5ad",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1a1d22",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1a1d22",
        block_border_color="#e5e2dc",
        block_border_color_dark="#2c3037",
        border_color_primary="#e5e2dc",
        border_color_primary_dark="#2c3037",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1a1d22",
        input_border_color="#cfcac2",
        input_border_color_dark="#3a3f47",
        link_text_color="#1d5f64",
        link_text_color_dark="#7fc6c9",
    )


def make_head() -> str:
    """The page's script, and the rule that nothing is fetched from elsewhere."""
    script = (HERE / "script.js").read_text(encoding="utf-8")
    rule = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return f"{rule}<script>window.tribuneTexts = {write_script_texts()};\n{script}</script>"
