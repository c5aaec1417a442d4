"""Pieces of HTML. Whatever comes from reviews, files or questions is escaped here: it is data."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.facts import Evidence, GroupCard, GroupRef, Overview
from tools.profiling.profiles import LOUD
from ui.pages import addresses
from ui.pages.palette import colour_of, tone_of
from ui.wording import say


@dataclass(frozen=True)
class Source:
    """What a quote card shows beside the evidence: the writer's group and the whole review."""

    group: GroupRef | None
    review: str


def escape(value: object) -> str:
    """Text that HTML shows as it is."""
    return html.escape(str(value))


def count(n: int, noun: str) -> str:
    """'1 user', '1,204 users', '1,204 位用户'."""
    return say(f"n_{noun}", n)


def percent(share: float | None) -> str:
    """'15%'; '<1%' for what rounding would hide; '–' for unknown."""
    if share is None:
        return "–"
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def percent_finely(share: float) -> str:
    """'2.3%', '<0.1%'."""
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def change(share: float | None) -> str:
    """'+12%', '−5%', or '–' for unknown."""
    return "–" if share is None else f"{share:+.0%}".replace("-", "−")


def stars(rating: float | None) -> str:
    """'4.2 ★', or '–'."""
    return "–" if rating is None else f"{rating:.1f} ★"


def day(moment: datetime | None) -> str:
    """'3 May 2026', '2026年5月3日', or ''."""
    if moment is None:
        return ""
    month = say("months").split()[moment.month - 1]
    return say("date", day=moment.day, month=month, number=moment.month, year=moment.year)


def badge(group: GroupRef | None) -> str:
    """A group's dot, number and name; it leads to the group's profile."""
    if group is None:
        return f'<span class="badge none">{say("no_group")}</span>'
    address = addresses.of_group(group.id)
    return (
        f'<a class="badge" href="?{address}" style="--group:{colour_of(group.id)}" '
        f'title="{say("open_group", group=group.id)}"><i></i>'
        f"{group.id}&nbsp;{escape(group.name)}</a>"
    )


def user(user_id: str) -> str:
    """A user's id; it leads to what suits them."""
    return addresses.link(addresses.of_user(user_id), escape(user_id))


def item(title: str) -> str:
    """An item's title; it leads to its reviews in the chat."""
    return addresses.link(addresses.of_item(title), escape(title))


def topic(name: str) -> str:
    """A topic's name; it leads to what people think of it, in the chat."""
    return addresses.link(addresses.of_topic(name), escape(name))


def bar(share: float, colour: str = "var(--accent)") -> str:
    """A bar for a share in [0, 1]."""
    width = 100 * min(1.0, max(0.0, share))
    return f'<span class="bar"><i style="width:{width:.1f}%;background:{colour}"></i></span>'


def warmth(polarity: float | None) -> str:
    """A signed number and a bar that leaves the middle to the left (cold) or right (warm)."""
    if polarity is None:
        return '<span class="muted">–</span>'
    width = 50 * min(1.0, abs(polarity))
    left = 50.0 if polarity > 0 else 50 - width
    shown = f"{polarity:+.2f}".replace("-", "−")
    return (
        f'<span class="warmth"><span class="axis"><i style="left:{left:.1f}%;width:{width:.1f}%;'
        f'background:{tone_of(polarity)}"></i></span>{shown}</span>'
    )


def cites(numbers: Iterable[int], place: str) -> str:
    """Links to the quote cards with these numbers. place: what makes the cards' ids unique."""
    return " ".join(
        f'<a class="cite" href="#quote-{place}-{n}" aria-label="{say("quote_n", n)}">{n}</a>'
        for n in numbers
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], label: str) -> str:
    """A table of cells that are HTML already; a head with a leading '#' is of numbers."""
    numeric = [head.startswith("#") for head in heads]

    def line(cells: Sequence[str], tag: str) -> str:
        marked = (
            f'<{tag} class="{"number" if n else ""}">{cell}</{tag}>'
            for cell, n in zip(cells, numeric, strict=True)
        )
        return f"<tr>{''.join(marked)}</tr>"

    head = line([escape(h.removeprefix("#")) for h in heads], "th")
    body = "".join(line(row, "td") for row in rows)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


def figures(pairs: Iterable[tuple[str, str]]) -> str:
    """Small labelled numbers in a row; values are HTML already."""
    cells = "".join(f"<div><dt>{escape(k)}</dt><dd>{v}</dd></div>" for k, v in pairs)
    return f'<dl class="figures">{cells}</dl>'


def count_loaded(overview: Overview) -> str:
    """What a workspace holds, in figures."""
    days = (day(t) for t in (overview.first_time, overview.last_time))
    period = " – ".join(dict.fromkeys(filter(None, days)))
    return figures(
        [
            (say("reviews"), f"{overview.n_reviews:,}"),
            (say("sentences"), f"{overview.n_sentences:,}"),
            (say("users"), f"{overview.n_users:,}"),
            (say("without_group"), f"{overview.n_without_group:,}"),
            (say("items"), f"{overview.n_items:,}"),
            (say("topics"), f"{overview.n_topics:,}"),
            (say("groups"), f"{overview.n_groups:,}"),
            (say("mean_rating"), stars(overview.rating)),
            *([(say("period"), escape(period))] if period else []),
        ]
    )


def notes(texts: Iterable[str]) -> str:
    """Sentences that the reader must also be told."""
    return "".join(f'<p class="note">{escape(text)}</p>' for text in texts)


def empty(title: str, text: str) -> str:
    """What a page shows where it has nothing to show."""
    return f'<div class="empty"><h3>{escape(title)}</h3><p>{escape(text)}</p></div>'


def looking() -> str:
    """What stands where something is being looked for."""
    return f'<p class="muted looking" role="status">{say("looking")}</p>'


def quote_card(evidence: Evidence, source: Source | None, place: str) -> str:
    """One cited sentence with its number, stars, date, item, writer and writer's group."""
    past = evidence.source == "answer"
    facts = [
        say("past_answer_to", question=escape(evidence.item)) if past else "",
        stars(evidence.rating) if evidence.rating is not None else "",
        item(evidence.item) if evidence.item and not past else "",
        user(evidence.user_id) if evidence.user_id else "",
        day(evidence.time),
    ]
    line = " · ".join(f for f in facts if f)
    group = badge(source.group) if source and evidence.user_id else ""
    whole = _whole_review(source.review, evidence.quote) if source else ""
    return (
        f'<article class="quote" id="quote-{place}-{evidence.n}" tabindex="-1" '
        f'aria-label="{say("quote_n", evidence.n)}" style="--tone:{tone_of(evidence.polarity)}">'
        f'<a class="back" href="#answer" title="{say("back_to_answer")}">{evidence.n}</a>'
        f"<blockquote>{escape(evidence.quote)}</blockquote>"
        f'<footer><span class="muted">{line}</span>{group}</footer>{whole}</article>'
    )


def quote_cards(evidence: Sequence[Evidence], sources: Mapping[str, Source], place: str) -> str:
    """All quotes of an answer. sources: by review id; place: unique for the answer."""
    cards = "".join(quote_card(e, sources.get(e.review_id), place) for e in evidence)
    name = say("quoted_reviews")
    return f'<section class="quotes" aria-label="{name}">{cards}</section>' if cards else ""


def group_card(card: GroupCard, chosen: bool, largest: float) -> str:
    """A button that stands for a group. largest: the share that a full bar stands for."""
    terms = "".join(f"<span>{escape(term)}</span>" for term in card.terms[:6])
    return (
        f'<button class="group" data-group="{card.id}" aria-pressed="{str(chosen).lower()}" '
        f'style="--group:{colour_of(card.id)}"><span class="top"><b><i></i>{card.id} '
        f'{escape(card.name)}</b><span class="muted">{stars(card.rating)}</span></span>'
        f'<span class="size">{bar(card.share / largest, colour_of(card.id))}'
        f"{count(card.n_users, 'user')} · {percent(card.share)} · "
        f"{count(card.n_reviews, 'review')}</span>{warn_group(card)}"
        f'<span class="headline">{escape(card.headline)}</span>'
        f'<span class="terms">{terms}</span></button>'
    )


def warn_group(card: GroupCard) -> str:
    """What to know before a group is acted on: that it isn't stable, that one user is loud."""
    warnings = []
    if not card.trusted:
        warnings.append(say("unstable", trust=card.trust))
    if card.top_user_share > LOUD:
        warnings.append(say("loud_user", share=percent(card.top_user_share)))
    return "".join(f'<span class="warning">{escape(w)}</span>' for w in warnings)


def _whole_review(review: str, quote: str) -> str:
    if review.strip() == quote.strip():
        return ""
    before, found, after = review.partition(quote)
    marked = (
        f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}" if found else escape(review)
    )
    return f"<details><summary>{say('whole_review')}</summary><p>{marked}</p></details>"
