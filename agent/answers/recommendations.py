"""What to recommend to a user or a group, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from agent import facts
from agent.arguments import check_limit
from agent.citations import Citations, hear_clause
from agent.facts import Aim, GroupRef
from agent.names import find_id
from agent.opened import Opened, number
from tools.embedding.sentiment import WARM
from tools.errors import InputError
from tools.recommendation.choice import Recommending
from tools.recommendation.explanation import find_influences, find_place, forget_item
from tools.recommendation.graph_paths import GraphPath
from tools.recommendation.group_ranking import rank_for_group
from tools.recommendation.histories import Histories

PATHS, REASONS = 12, 3
# One user or review is no reason.
MIN_COUNT = 2
QUOTED_LENGTHS = (25, 160)
# What it counts for, beside a tone, that a member of the group wrote it.
OWN = 0.2
# Liked items that are named as what moved an item up: by at least so many places, and so large a
# share of all items.
INFLUENCES = 2
MIN_PLACES, MIN_FALL = 3, 0.02


def recommend(
    tribune: Opened,
    user: str | None = None,
    group: str | None = None,
    limit: int = 10,
    aim: Aim = "average",
    category: str | None = None,
    max_price: float | None = None,
    unseen: bool = False,
) -> facts.Recommendations:
    """The items that suit a user or a group best, with reasons.

    aim: how a group's members are put together; category, max_price: which items may be shown;
    unseen: of a group, only items that none of its members has met.
    """
    limit = check_limit(limit)
    if (user is None) == (group is None):
        raise InputError("Give either a user or a group to recommend to.")
    tribune.need_users()
    known = tribune.recommending
    allowed = _filter_items(tribune, known, category, max_price)
    if user is not None:
        return _recommend_to_user(tribune, known, user, limit, allowed)
    return _recommend_to_group(tribune, known, str(group), limit, aim, allowed, unseen)


def explain_recommendation(tribune: Opened, user: str, item: str) -> facts.RecommendationExplained:
    """Why an item suits a user, or does not."""
    tribune.need_users()
    known = tribune.recommending
    user_id = find_id(user, {u: u for u in tribune.users.index}, "user")
    item_id = find_id(item, tribune.item_titles, "item")
    if item_id not in known.row_of_item:
        raise InputError(
            f"Nobody has reviewed {tribune.item_titles[item_id]!r} yet, so nothing is known of "
            "whom it suits."
        )
    row = known.row_of_item[item_id]
    own = known.take_user(user_id)
    met, liked = row in own.seen.indices, row in own.liked.indices
    stranger = forget_item(own, row)
    citations = Citations(tribune.sentences, tribune.item_titles)
    score = float(known.recommender.score(stranger)[0, row])
    group = tribune.group_of(tribune.users.loc[user_id])
    told = _describe_item(tribune, known, item_id, 1, score, group, citations)
    (moved,) = _name_influences(tribune, known, stranger, [row])
    reasons = _follow_paths(tribune, user_id, item_id, group, citations) + moved
    told = told.model_copy(update={"reasons": reasons})
    return facts.RecommendationExplained(
        user_id=user_id,
        item=told,
        place=find_place(known.recommender, stranger, row),
        n_open=own.n_items - stranger.seen.nnz,
        met=met,
        liked=liked,
        n_likes=stranger.liked.nnz,
        method=known.recommender.name,
        verdict=known.sentence,
        evidence=citations.evidence(),
    )


def _recommend_to_user(
    tribune: Opened,
    known: Recommending,
    user: str,
    limit: int,
    allowed: npt.NDArray[np.bool_] | None,
) -> facts.Recommendations:
    user_id = find_id(user, {u: u for u in tribune.users.index}, "user")
    own = known.take_user(user_id)
    ranking = known.recommender.recommend(own, limit, allowed)
    citations = Citations(tribune.sentences, tribune.item_titles)
    group = tribune.group_of(tribune.users.loc[user_id])
    rows = ranking.items[0][ranking.items[0] >= 0]
    moved = _name_influences(tribune, known, own, rows.tolist())
    items = []
    for place, (row, score) in enumerate(zip(rows, ranking.scores[0], strict=False)):
        item_id, rank = known.items[row], place + 1
        told = _describe_item(tribune, known, item_id, rank, float(score), group, citations)
        reasons = _follow_paths(tribune, user_id, item_id, group, citations) + moved[place]
        items.append(told.model_copy(update={"reasons": reasons}))
    notes = []
    if not own.liked.nnz:
        notes.append(
            f"{user_id} is not known to have liked any item, so this list is no more personal than "
            "what they wrote and their group make it."
        )
    return facts.Recommendations(
        user_id=user_id,
        group=group,
        n_likes=own.liked.nnz,
        aim=None,
        covered=None,
        method=known.recommender.name,
        verdict=known.sentence,
        n_open=_count_open(own.n_items - own.seen.nnz, allowed),
        items=items,
        evidence=citations.evidence(),
        notes=notes,
    )


def _recommend_to_group(
    tribune: Opened,
    known: Recommending,
    group: str,
    limit: int,
    aim: Aim,
    allowed: npt.NDArray[np.bool_] | None,
    unseen: bool,
) -> facts.Recommendations:
    chosen = tribune.need_group(group)
    own = tribune.users["group_id"].eq(chosen.id).fillna(False)
    rows = np.array([known.row_of_user[user] for user in tribune.users.index[own]])
    members = known.histories.take(rows)
    if unseen:
        new = np.asarray(members.seen.sum(axis=0)).ravel() == 0
        allowed = new if allowed is None else new & allowed
    ranking = rank_for_group(known.recommender, members, limit, aim=aim, allowed=allowed)
    citations = Citations(tribune.sentences, tribune.item_titles)
    items = []
    for rank, (row, suits, met) in enumerate(
        zip(ranking.items, ranking.suits, ranking.met, strict=True), 1
    ):
        item_id = known.items[row]
        told = _describe_item(tribune, known, item_id, rank, float(suits), chosen, citations)
        reasons = _find_group_reasons(tribune, chosen, item_id, citations)
        items.append(
            told.model_copy(update={"suits": float(suits), "n_met": int(met), "reasons": reasons})
        )
    notes = []
    if ranking.n_members < len(rows):
        notes.append(f"{ranking.n_members} of the group's {len(rows):,} members were drawn.")
    card = tribune.card(chosen)
    if not card.trusted:
        notes.append(f"Group {chosen.id}, {chosen.name}, is not stable enough to act on.")
    return facts.Recommendations(
        user_id=None,
        group=chosen,
        n_likes=None,
        aim=aim,
        covered=ranking.covered,
        method=known.recommender.name,
        verdict=known.sentence,
        n_open=_count_open(members.n_items, allowed),
        items=items,
        evidence=citations.evidence(),
        notes=notes,
    )


def _filter_items(
    tribune: Opened, known: Recommending, category: str | None, max_price: float | None
) -> npt.NDArray[np.bool_] | None:
    if category is None and max_price is None:
        return None
    table = tribune.items.loc[known.items]
    allowed = np.ones(len(table), dtype=bool)
    if category is not None:
        kinds = {str(kind).casefold(): kind for kind in table["category"].dropna().unique()}
        if category.casefold() not in kinds:
            listed = ", ".join(sorted(map(str, kinds.values()))[:20]) or "none"
            raise InputError(f"There is no category {category!r}. The categories are: {listed}.")
        allowed &= (table["category"] == kinds[category.casefold()]).to_numpy()
    if max_price is not None:
        allowed &= (table["price"] <= max_price).to_numpy()
    return allowed


def _count_open(n: int, allowed: npt.NDArray[np.bool_] | None) -> int:
    return n if allowed is None else min(n, int(allowed.sum()))


def _describe_item(
    tribune: Opened,
    known: Recommending,
    item_id: str,
    rank: int,
    score: float,
    group: GroupRef | None,
    citations: Citations,
) -> facts.RecommendedItem:
    row = tribune.items.loc[item_id]
    likes = known.recommender.popularity_[known.row_of_item[item_id]]
    return facts.RecommendedItem(
        id=item_id,
        title=str(row["title"]),
        rank=rank,
        score=round(score, 4),
        category=None if pd.isna(row["category"]) else str(row["category"]),
        price=number(row["price"]),
        rating=number(row["rating"]),
        n_reviews=int(row["n_reviews"]),
        n_likes=int(likes),
        suits=None,
        n_met=None,
        reasons=[],
        cites=_cite_praise(tribune, item_id, citations, group),
    )


def _cite_praise(
    tribune: Opened,
    item_id: str,
    citations: Citations,
    group: GroupRef | None,
    topic: int | None = None,
) -> list[int]:
    """The warmest sentence on an item, if any is warm: in words of a topic, if given, and rather
    by a member of the group.
    """
    said = tribune.sentences_on(item_id)
    if topic is not None:
        said = said[(said["topic_id"] == topic) & (said["naming"] == 1)]
    clear = (said["polarity"] >= WARM) & (said["tone"] > 0)
    said = said[clear & said["text"].str.len().between(*QUOTED_LENGTHS)]
    fresh = said[~said["text"].isin(citations.texts)]  # reviews may repeat over items
    said = fresh if len(fresh) else said
    if said.empty:
        return []
    fit = said["tone"]
    if topic is not None:
        name = tribune.topic_names[topic]
        heard = said["text"].map(lambda text: hear_clause(text, name))
        fit = (fit + heard)[heard >= 0]
    if group is not None:
        fit = fit + OWN * said["group_id"].eq(group.id).fillna(False)
    return [citations.cite(int(fit.idxmax()))] if len(fit) else []


def _follow_paths(
    tribune: Opened, user_id: str, item_id: str, group: GroupRef | None, citations: Citations
) -> list[facts.Because]:
    """The strongest paths from the user to the item."""
    paths = _keep_telling(tribune.paths.find_paths(user_id, item_id, PATHS))
    return [_word_path(tribune, path, item_id, group, citations) for path in paths]


def _name_influences(
    tribune: Opened, known: Recommending, own: Histories, rows: list[int]
) -> list[list[facts.Because]]:
    """What the user liked that moves each of these items up, none of which they have met."""
    least = max(MIN_PLACES, round(MIN_FALL * own.n_items))
    return [
        [
            facts.Because(kind="moved", what=tribune.item_titles[known.items[i.item]], n=i.places)
            for i in influences[:INFLUENCES]
            if i.places >= least
        ]
        for influences in find_influences(known.recommender, own, rows)
    ]


def _keep_telling(paths: Sequence[GraphPath]) -> list[GraphPath]:
    return [path for path in paths if min(step.n for step in path.steps) >= MIN_COUNT][:REASONS]


def _word_path(
    tribune: Opened, path: GraphPath, item_id: str, group: GroupRef | None, citations: Citations
) -> facts.Because:
    first, last = path.steps[0], path.steps[-1]
    if path.shape == "topic":
        topic = int(path.nodes[1].partition(":")[2])
        return facts.Because(
            kind="topic",
            what=path.name,
            n=last.n,
            n_own=first.n,
            cites=_cite_praise(tribune, item_id, citations, group, topic),
        )
    kinds: dict[str, Literal["users", "group", "category"]] = {
        "also liked": "users", "group": "group", "category": "category",
    }  # fmt: skip
    return facts.Because(
        kind=kinds[path.shape],
        what=path.name,
        n=first.n,
        n_of=first.of,
        expected=round(first.expected, 1),
    )


def _find_group_reasons(
    tribune: Opened, group: GroupRef, item_id: str, citations: Citations
) -> list[facts.Because]:
    """What leads from a group's likes and topics to an item, strongest first."""
    paths = _keep_telling(tribune.paths.find_group_paths(str(group.id), item_id, PATHS))
    return [_word_path(tribune, path, item_id, group, citations) for path in paths]
