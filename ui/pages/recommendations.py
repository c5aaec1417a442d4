"""What to recommend: to a user or a group, with reasons, filters and room for a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.facts import Aim, Recommendations
from agent.use_cases import Tribune
from tools.errors import InputError
from tools.recommendation.feedback import Verdict, add_feedback, read_feedback
from ui import plots
from ui.pages import addresses, cards, evidence
from ui.pages.addresses import NOTE, Address
from ui.pages.chat import QUIET, Updates
from ui.pages.desk import Desk
from ui.pages.suggestions import list_recommendations
from ui.wording import label, say

PLACE = "suggestion"
ANY = ""
USER, GROUP = "user", "group"
AIMS: dict[Aim, str] = {
    "average": "aim_average",
    "least misery": "aim_least_misery",
    "fair": "aim_fair",
}
VERDICTS = """
element.addEventListener("click", event => {
  const button = event.target.closest("[data-verdict]");
  if (!button) return;
  const pressed = button.getAttribute("aria-pressed") === "true";
  trigger("select", {item: button.dataset.item,
                     verdict: pressed ? "withdrawn" : button.dataset.verdict});
});
window.tribune.register("recommend", ({user, group}) =>
  (user || group) && trigger("submit", {user: user || "", group: group || ""}));
"""


@dataclass(frozen=True)
class RecommendationsPage:
    """The components that handlers read and write."""

    intro: gr.HTML
    about: gr.HTML
    form: gr.Column
    kind: gr.Radio
    user: gr.Textbox
    group: gr.Dropdown
    aim: gr.Radio
    unseen: gr.Checkbox
    category: gr.Dropdown
    price: gr.Number
    limit: gr.Slider
    listed: gr.HTML
    quotes: gr.HTML
    comparison: gr.HTML
    relations: gr.Plot

    @property
    def asked(self) -> list[Any]:
        """What the list depends on."""
        return [
            self.kind, self.user, self.group, self.aim, self.unseen, self.category, self.price,
            self.limit,
        ]  # fmt: skip

    @property
    def outputs(self) -> list[Any]:
        """What opening a workspace changes."""
        return [
            self.intro, self.about, self.form, *self.asked, self.listed, self.quotes,
            self.comparison, self.relations,
        ]  # fmt: skip


def build_recommendations(desk: Desk) -> RecommendationsPage:
    """Lay out the page and wire its events."""
    intro = gr.HTML(elem_id="suggest-intro")
    with gr.Row(elem_id="suggest"):
        with gr.Column(min_width=280, elem_id="suggest-side") as form:
            kind = gr.Radio([USER, GROUP], value=USER, label=label("recommend_to"), elem_id="whom")
            user = gr.Textbox(label=label("user_id"), elem_id="suggest-user", max_length=200)
            group = gr.Dropdown(label=label("group_label"), visible=False, elem_id="suggest-group")
            aim = gr.Radio(
                list(AIMS), value="average", label=label("members_together"), visible=False,
                info=label("aim_info"),
                elem_id="aim",
            )  # fmt: skip
            unseen = gr.Checkbox(False, label=label("unseen"), visible=False, elem_id="unseen")
            with gr.Accordion(label("filters"), open=False):
                category = gr.Dropdown(label=label("category"), elem_id="suggest-category")
                price = gr.Number(label=label("price_at_most"), value=None, elem_id="suggest-price")
                limit = gr.Slider(
                    1, 50, 10, step=1, label=label("how_many"), elem_id="suggest-limit"
                )
            start = gr.Button(label("recommend"), variant="primary", elem_id="suggest-start")
            about = gr.HTML(elem_id="verdicts-about")
        with gr.Column(min_width=280, elem_id="suggestions-side"):
            listed = gr.HTML(elem_id="suggestions", js_on_load=VERDICTS)
            quotes = gr.HTML(elem_id="suggestion-quotes")
    comparison = gr.HTML(elem_id="comparison")
    relations = gr.Plot(show_label=False, container=False, visible=False, elem_id="group-relations")
    page = RecommendationsPage(
        intro, about, form, kind, user, group, aim, unseen, category, price, limit, listed, quotes,
        comparison, relations,
    )  # fmt: skip

    def show(*asked: Any) -> Iterator[Updates]:
        if desk.tribune:
            yield {page.listed: cards.looking(), page.quotes: ""}
            yield show_list(desk.tribune, page, *asked)

    def judge(at: gr.EventData, *asked: Any) -> Updates:
        if desk.tribune is None:
            return {}
        kind, user, group = asked[:3]
        if kind == USER:  # as the list was found, whatever the letters' case was
            user = desk.tribune.recommend(user=user, limit=1).user_id
        verdict: Verdict = at.verdict
        whom = _name_whom(kind, user, group)
        add_feedback(desk.tribune.workspace.path, whom, str(at.item), verdict)
        return show_list(desk.tribune, page, *asked)

    def open_for(at: gr.EventData, *asked: Any) -> Updates:
        if desk.tribune is None:
            return {}
        kind = GROUP if at.group else USER
        user, group = (at.user or asked[1], at.group or asked[2])
        return {
            page.kind: kind,
            **_show_fields(page, kind),
            page.user: gr.Textbox(value=user, visible=kind == USER),
            page.group: gr.Dropdown(value=group, visible=kind == GROUP),
            **show_list(desk.tribune, page, kind, user, group, *asked[3:]),
        }

    kind.change(lambda chosen: _show_fields(page, chosen), kind, page.asked, queue=False, **QUIET)
    shown = [listed, quotes]
    changed = [start.click, user.submit, *(f.input for f in (group, aim, unseen, category))]
    gr.on(changed, show, page.asked, shown, **QUIET).then(js=NOTE)
    opened = [*page.asked, *shown]
    listed.submit(open_for, page.asked, opened, queue=False, **QUIET).then(js=NOTE)
    listed.select(judge, page.asked, shown, queue=False, **QUIET)
    return page


def restore_recommendations(desk: Desk, page: RecommendationsPage, at: Address) -> Updates:
    """The page as it stands for the opened workspace: a list for whom the address names, or for
    the most active user.
    """
    tribune = desk.tribune
    if tribune is None:
        return _explain(page, say("nothing_loaded"), say("use_data_page", problem=desk.problem))
    try:
        tribune.need_users()
        tribune.recommending  # noqa: B018  (it says why nothing can be recommended)
    except InputError as error:
        return _explain(page, say("no_recommendations"), str(error))
    groups = [(f"{g.id} {g.name}", str(g.id)) for g in tribune.groups]
    kind = GROUP if groups and at.get("group") and at.get("tab") == "recommend" else USER
    user = (at.get("tab") == "recommend" and at.get("user")) or str(
        tribune.users["n_reviews"].idxmax()
    )
    group = at.get("group") if kind == GROUP else None
    kinds = sorted(map(str, tribune.items["category"].dropna().unique()))
    group = group or (groups[0][1] if groups else None)
    fresh = {
        page.kind: gr.Radio(_name_kinds(bool(groups)), value=kind),
        page.aim: gr.Radio([(say(key), aim) for aim, key in AIMS.items()], value="average"),
        page.unseen: gr.Checkbox(value=False),
        page.category: gr.Dropdown(
            choices=[(say("any"), ANY), *kinds], value=ANY, visible=bool(kinds)
        ),
        page.price: gr.Number(value=None, visible=bool(tribune.items["price"].notna().any())),
        page.limit: gr.Slider(value=10),
    }
    known = [g for _, g in groups]
    fields = _show_fields(page, kind)
    return {
        page.intro: "",
        page.about: f'<p class="muted">{say("verdicts_kept")}</p>',
        page.form: gr.Column(visible=True),
        **fresh,
        **{part: update for part, update in fields.items() if part in (page.aim, page.unseen)},
        page.user: gr.Textbox(value=user, visible=kind == USER),
        page.group: gr.Dropdown(
            choices=groups, value=group if group in known else None, visible=kind == GROUP
        ),
        **show_list(tribune, page, kind, user, group, "average", False, ANY, None, 10),
        page.comparison: compare_methods(tribune.manifest["recommendation"]["comparison"]),
        page.relations: _relate_groups(tribune),
    }


def show_list(
    tribune: Tribune,
    page: RecommendationsPage,
    kind: str,
    user: str,
    group: str | None,
    aim: Aim,
    unseen: bool,
    category: str | None,
    price: float | None,
    limit: float,
) -> Updates:
    """The list that was asked for, or a sentence on why there is none."""
    filters = {
        "limit": int(limit),
        "category": category or None,
        "max_price": price,
    }
    try:
        if kind == USER:
            if not user.strip():
                raise InputError(say("give_user"))
            found = tribune.recommend(user=user, **filters)  # type: ignore[arg-type]
        else:
            found = tribune.recommend(
                group=str(group),
                aim=aim,
                unseen=unseen,
                **filters,  # type: ignore[arg-type]
            )
    except InputError as error:
        return {page.listed: f'<p class="error">{cards.escape(error)}</p>', page.quotes: ""}
    return {
        page.listed: _show(tribune, found, _name_whom(kind, found.user_id or "", group)),
        page.quotes: _show_quotes(tribune, found),
    }


def compare_methods(comparison: dict[str, Any] | None) -> str:
    """How each recommender did on what users liked next, as a table."""
    if comparison is None:
        return ""
    k, rows = comparison["k"], comparison["rows"]
    cells = [
        [
            cards.escape(row["name"]),
            f"{row['measures']['NDCG']:.3f}",
            f"{row['over_popularity']['mean']:+.3f} "
            f'<span class="muted nowrap">{_interval(row["over_popularity"])}</span>',
            f"{row['measures']['recall']:.3f}",
            f"{row['measures']['hit rate']:.3f}",
            cards.percent(row["spread"]["coverage"]),
            f"{row['spread']['popularity']:.2f}",
        ]
        for row in rows
    ]
    heads = [
        say("method"), f"#NDCG@{k}", f"#{say('over_popularity')}", f"#{say('recall')}@{k}",
        f"#{say('hit_rate')}@{k}", f"#{say('shown_to_anyone')}", f"#{say('popularity_shown')}",
    ]  # fmt: skip
    users = cards.count(comparison["n_users"], "user")
    about = say("compared_about", users=users, n_cold=comparison["n_cold"])
    listed = cards.table(heads, cells, say("recommenders_compared"))
    return (
        f'<section class="facts"><h4>{say("which_method")}</h4>'
        f'<p class="muted">{about}</p>{listed}</section>'
    )


def _show(tribune: Tribune, found: Recommendations, whom: str) -> str:
    feedback = read_feedback(tribune.workspace.path, whom)
    to = f"{cards.user(found.user_id)} " if found.user_id else ""
    head = f"<h3>{say('for_whom', whom=to + cards.badge(found.group))}</h3>"
    open_ = say("could_be_shown", found.n_open)
    if found.n_likes is not None:
        open_ = say("known_likes", items=cards.count(found.n_likes, "item"), n_open=found.n_open)
    likes = f'<p class="muted">{open_}</p>'
    listed = list_recommendations(found, PLACE, feedback)
    address = (
        addresses.of_user(found.user_id)
        if found.user_id
        else addresses.of_group_list(whom.removeprefix("group:"))
    )
    told = f"{head}{likes}{cards.notes(found.notes)}{listed}"
    return f'<section class="facts" data-address="{address}">{told}</section>'


def _show_quotes(tribune: Tribune, found: Recommendations) -> str:
    shown = evidence.show_quotes(found.evidence, tribune, PLACE)
    return f"<h4>{say('reviews_say')}</h4>{shown}" if shown else ""


def _name_whom(kind: str, user: str, group: str | None) -> str:
    return f"user:{user.strip()}" if kind == USER else f"group:{group}"


def _interval(difference: dict[str, float]) -> str:
    low, high = (f"{difference[end]:+.3f}" for end in ("low", "high"))
    return say("interval", low=low, high=high).replace("-", "−")


def _name_kinds(with_groups: bool) -> list[tuple[str, str]]:
    kinds = [(say("to_user"), USER), (say("to_group"), GROUP)]
    return kinds if with_groups else kinds[:1]


def _relate_groups(tribune: Tribune) -> gr.Plot:
    if len(tribune.groups) < 2:
        return gr.Plot(visible=False)
    return gr.Plot(plots.chart_group_relations(tribune.relate_groups()), visible=True)


def _show_fields(page: RecommendationsPage, kind: str) -> Updates:
    whole = kind == GROUP
    return {
        page.user: gr.Textbox(visible=not whole),
        page.group: gr.Dropdown(visible=whole),
        page.aim: gr.Radio(visible=whole),
        page.unseen: gr.Checkbox(visible=whole),
    }


def _explain(page: RecommendationsPage, title: str, text: str) -> Updates:
    return {
        page.intro: cards.empty(title, text),
        page.form: gr.Column(visible=False),
        page.listed: "",
        page.quotes: "",
        page.comparison: "",
        page.relations: gr.Plot(visible=False),
    }
