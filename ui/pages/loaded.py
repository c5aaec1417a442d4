"""What a workspace holds and how it came about, as HTML."""

from __future__ import annotations

from typing import Any

from agent.use_cases import Tribune
from ui.pages import cards
from ui.pages.cards import escape


def show_loaded(tribune: Tribune) -> str:
    """What the opened version holds and how it came about."""
    manifest = tribune.manifest
    parts = (
        f"<h3>{escape(tribune.workspace.path.absolute().name)}</h3>",
        cards.count_loaded(tribune.overview()),
        cards.notes(manifest["notes"]),
        _account(tribune),
        _list_sources(manifest["sources"]),
        _list_mapping(manifest["mapping"]),
        _explain_polarity(manifest["polarity"]),
        _list_seconds(manifest),
    )
    return f'<section class="facts">{"".join(parts)}</section>'


def _account(tribune: Tribune) -> str:
    counts = tribune.manifest["counts"]
    parts = [
        f"{counts['records']:,} records read",
        f"{counts['reviews']:,} loaded",
        cards.count(counts["duplicates"], "duplicate"),
        f"{counts['rejected']:,} rejected",
    ]
    link = (
        '<a class="button" href="/download/rejects.csv" download>Rejects (CSV)</a>'
        if counts["rejected"]
        else ""
    )
    told = f"{parts[0]} = {' + '.join(parts[1:])}."
    return f'<h4>Every record</h4><p>{told}</p><p class="downloads">{link}</p>'


def _list_sources(sources: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"<b>{escape(s['name'])}</b>",
            f'<span class="nowrap">{escape(s["format"])}, {escape(s["encoding"])}</span>',
            f'<span class="nowrap">{s["bytes"] / 1e6:,.1f} MB</span>',
            f"{s['read']:,}",
            f"{s['loaded']:,}",
            f"{s['duplicates']:,}",
            f"{s['rejected']:,}",
        ]
        for s in sources
    ]
    heads = ["file", "kind", "#size", "#read", "#loaded", "#duplicates", "#rejected"]
    return "<h4>Files</h4>" + cards.table(heads, rows, "Files")


def _list_mapping(mapping: dict[str, str]) -> str:
    rows = [[escape(field), escape(column)] for field, column in mapping.items()]
    return "<h4>Columns</h4>" + cards.table(["field", "from column"], rows, "Columns")


def _explain_polarity(polarity: dict[str, Any]) -> str:
    if polarity["learned"]:
        learned = cards.count(polarity["reviews"], "review")
        told = f"Learned from the ratings of {learned}."
    else:
        told = "From a word list (VADER, English only): there were too few ratings to learn from."
    return f"<h4>Warmth (polarity)</h4><p>{told}</p>"


def _list_seconds(manifest: dict[str, Any]) -> str:
    seconds: dict[str, float] = manifest["seconds"]
    longest = max(seconds.values(), default=1.0) or 1.0
    rows = [[escape(k), f"{cards.bar(v / longest)} {v:,.1f} s"] for k, v in seconds.items()]
    built = escape(manifest["built"].replace("T", " ")[:16])
    encoder = escape(manifest["settings"]["encoder"])
    return f"<h4>Built {built} with {encoder}</h4>" + cards.table(["step", "time"], rows, "Timings")
