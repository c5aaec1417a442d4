"""The groups: a map of all users, a card for each group, and one group's profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.facts import GroupProfile
from agent.use_cases import Tribune
from tools.errors import InputError
from ui import plots
from ui.pages import addresses, cards, evidence, group_facts
from ui.pages.addresses import NOTE, Address
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.pages.trends import Trends, build_trends, hide_trends, show_trends
from ui.wording import say

PLACE = "profile"
# More points than this only make the map slow and full; a sample shows the same.
MAP_POINTS = 20_000
CARDS = """
element.addEventListener("click", event => {
  const card = event.target.closest("[data-group]");
  if (!card) return;
  trigger("select", {group: Number(card.dataset.group)});
  if (matchMedia("(max-width: 900px)").matches)
    document.getElementById("profile-side").scrollIntoView({behavior: "smooth"});
});
window.tribune.register("groups", ({group}) => group && trigger("select", {group: Number(group)}));
"""


@dataclass(frozen=True)
class GroupsPage:
    """The components that handlers write."""

    intro: gr.HTML
    overlook: gr.Row
    choice: gr.Row
    map: gr.Plot
    caption: gr.HTML
    counts: gr.Plot
    cards: gr.HTML
    profile: gr.HTML
    traits: gr.Plot
    quotes: gr.HTML
    exports: gr.HTML
    trends: Trends

    @property
    def outputs(self) -> list[Any]:
        """What opening a workspace changes."""
        return [
            self.intro,
            self.overlook,
            self.choice,
            self.map,
            self.caption,
            self.counts,
            self.exports,
            *self.chosen,
            *self.trends.outputs,
        ]

    @property
    def chosen(self) -> list[Any]:
        """What choosing a group changes."""
        return [self.cards, self.profile, self.traits, self.quotes]


def build_groups(desk: Desk) -> GroupsPage:
    """Lay out the page and wire its events."""
    chart: dict[str, Any] = {"show_label": False, "container": False, "visible": False}
    intro = gr.HTML(elem_id="groups-intro")
    with gr.Row(elem_id="overlook") as overlook:
        with gr.Column(min_width=280, elem_id="map-side"):
            users = gr.Plot(elem_id="map", **chart)
            caption = gr.HTML(elem_id="map-caption")
        with gr.Column(min_width=280, elem_id="counts-side"):
            counts = gr.Plot(elem_id="counts", **chart)
            exports = gr.HTML(elem_id="exports")
    with gr.Row(elem_id="choice") as choice:
        with gr.Column(min_width=280, elem_id="cards-side"):
            listed = gr.HTML(elem_id="cards", js_on_load=CARDS)
        with gr.Column(min_width=280, elem_id="profile-side"):
            profile = gr.HTML(elem_id="profile")
            traits = gr.Plot(elem_id="traits", **chart)
            quotes = gr.HTML(elem_id="profile-quotes")
    trends = build_trends(desk, listed)
    page = GroupsPage(
        intro,
        overlook,
        choice,
        users,
        caption,
        counts,
        listed,
        profile,
        traits,
        quotes,
        exports,
        trends,
    )

    def choose(at: gr.EventData) -> Updates:
        return show_group(desk, page, int(at.group)) if desk.tribune else {}

    listed.select(choose, None, page.chosen, queue=False, **QUIET).then(js=NOTE)
    return page


def restore_groups(desk: Desk, page: GroupsPage, at: Address) -> Updates:
    """The page as it stands for the opened workspace: the address's group, or the largest."""
    tribune = desk.tribune
    if tribune is None:
        return _explain(page, say("nothing_loaded"), say("use_data_page", problem=desk.problem))
    try:
        listed = tribune.list_groups()
    except InputError as error:
        return {
            **_explain(page, say("no_groups_here"), str(error)),
            page.overlook: gr.Row(visible=tribune.overview().n_users > 0),
            page.map: _map(tribune),
            page.caption: _caption(),
        }
    curve = tribune.manifest["group_counts"]
    ids = [group.id for group in listed.groups]
    asked = at.number("group")
    chosen = asked if asked is not None and asked in ids else ids[0]
    return {
        page.intro: cards.notes([*tribune.tell_changes(), *tribune.manifest["notes"]]),
        page.overlook: gr.Row(visible=True),
        page.choice: gr.Row(visible=True),
        page.map: _map(tribune),
        page.caption: _caption(),
        page.counts: gr.Plot(
            plots.chart_group_counts(curve, len(listed.groups)) if curve else None,
            visible=bool(curve),
        ),
        page.exports: _list_exports(tribune),
        **show_group(desk, page, chosen),
        **show_trends(tribune, page.trends, chosen),
    }


def show_group(desk: Desk, page: GroupsPage, group_id: int) -> Updates:
    """The cards with one pressed, and its profile."""
    assert desk.tribune is not None
    tribune = desk.tribune
    if group_id not in {g.id for g in tribune.groups}:
        return {}
    profile = tribune.describe_group(str(group_id))
    listed = tribune.list_groups().groups
    largest = max(card.share for card in listed)
    pressed = "".join(cards.group_card(card, card.id == group_id, largest) for card in listed)
    name = say("groups_title")
    return {
        page.cards: f'<div class="groups" role="group" aria-label="{name}">{pressed}</div>',
        page.profile: _show_profile(profile),
        page.traits: gr.Plot(evidence.draw(profile), visible=bool(profile.traits)),
        page.quotes: _show_quotes(profile, tribune),
    }


def _map(tribune: Tribune) -> gr.Plot:
    n_users = tribune.overview().n_users
    if not n_users:
        return gr.Plot(visible=False)
    users = tribune.table.query(
        "SELECT user_id, x, y, group_id FROM users "
        f"USING SAMPLE reservoir({MAP_POINTS} ROWS) REPEATABLE (0)"
    )
    return gr.Plot(plots.map_users(users, tribune.groups, n_users), visible=True)


def _caption() -> str:
    return f'<p class="muted">{say("map_caption")}</p>'


def _show_profile(profile: GroupProfile) -> str:
    shown = group_facts.show_profile(profile, PLACE) + group_facts.list_reports([profile.group.id])
    address = addresses.of_group(profile.group.id)
    return f'<section class="facts" data-address="{address}">{shown}</section>'


def _show_quotes(profile: GroupProfile, tribune: Tribune) -> str:
    typical = set(profile.quotes)
    ordered = sorted(profile.evidence, key=lambda e: (e.n not in typical, e.n))
    shown = evidence.show_quotes(ordered, tribune, PLACE)
    return f"<h4>{say('their_words')}</h4>{shown}" if shown else ""


def _list_exports(tribune: Tribune) -> str:
    links = "".join(
        f'<a class="button" href="/download/members.{kind}" download>'
        f"{say('members_in', format=name)}</a>"
        for kind, name in (("csv", "CSV"), ("parquet", "Parquet"))
    )
    booklet = group_facts.list_reports(text="booklet_in")
    return f'<h4>{say("take_away")}</h4>{booklet}<p class="downloads">{links}</p>'


def _explain(page: GroupsPage, title: str, text: str) -> Updates:
    hidden = {plot: gr.Plot(visible=False) for plot in (page.map, page.counts, page.traits)}
    shown = {page.cards: "", page.profile: "", page.quotes: "", page.exports: ""}
    rows = {row: gr.Row(visible=False) for row in (page.overlook, page.choice)}
    return {
        page.intro: cards.empty(title, text),
        **rows,
        **hidden,
        **shown,
        **hide_trends(page.trends),
    }
