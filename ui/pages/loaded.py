"""What a workspace holds and how it came about, as HTML."""

from __future__ import annotations

from typing import Any

from agent.use_cases import Tribune
from ui.pages import cards
from ui.pages.cards import escape
from ui.wording import say

STEPS = {
    "starting": "build_starting",
    "reading": "build_reading",
    "embedding": "build_embedding",
    "judging polarity": "build_polarity",
    "finding topics": "build_topics",
    "finding groups": "build_groups",
    "profiling": "build_profiling",
    "watching": "build_watching",
    "comparing recommenders": "build_recommenders",
    "writing": "build_writing",
    "indexing": "build_indexing",
    "learning past answers": "build_answers",
}


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
    parts = (
        say("n_loaded", counts["reviews"]),
        cards.count(counts["duplicates"], "duplicate"),
        say("n_rejected", counts["rejected"]),
    )
    link = (
        f'<a class="button" href="/download/rejects.csv" download>{say("rejects")}</a>'
        if counts["rejected"]
        else ""
    )
    read = say("records_read", counts["records"])
    told = say("account", read=read, parts=" + ".join(parts))
    return f'<h4>{say("every_record")}</h4><p>{told}</p><p class="downloads">{link}</p>'


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
    numbers = ("size", "read", "loaded", "duplicates", "rejected")
    heads = [say("file"), say("kind"), *(f"#{say(key)}" for key in numbers)]
    return f"<h4>{say('files')}</h4>" + cards.table(heads, rows, say("files"))


def _list_mapping(mapping: dict[str, str]) -> str:
    rows = [[escape(field), escape(column)] for field, column in mapping.items()]
    heads = [say("field"), say("from_column")]
    return f"<h4>{say('columns')}</h4>" + cards.table(heads, rows, say("columns"))


def _explain_polarity(polarity: dict[str, Any]) -> str:
    if polarity["learned"]:
        learned = cards.count(polarity["reviews"], "review")
        told = say("learned", reviews=learned)
    else:
        told = say("word_list")
    return f"<h4>{say('polarity_title')}</h4><p>{told}</p>"


def name_step(step: str) -> str:
    """What a build does now, or did."""
    return say(STEPS[step]) if step in STEPS else escape(step)


def _list_seconds(manifest: dict[str, Any]) -> str:
    seconds: dict[str, float] = manifest["seconds"]
    longest = max(seconds.values(), default=1.0) or 1.0
    rows = [[name_step(k), f"{cards.bar(v / longest)} {v:,.1f} s"] for k, v in seconds.items()]
    built = escape(manifest["built"].replace("T", " ")[:16])
    encoder = escape(manifest["settings"]["encoder"])
    title = say("built_with", time=built, encoder=encoder)
    return f"<h4>{title}</h4>" + cards.table([say("step"), say("time")], rows, say("timings"))
