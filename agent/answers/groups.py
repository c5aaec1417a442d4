"""The groups: a list, one profile, two compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from agent import facts
from agent.citations import Citations
from agent.facts import GroupRef
from agent.opened import Opened
from tools.errors import InputError
from tools.profiling.aspects import stands_out
from tools.profiling.traits import SIGNIFICANT, compare_shares, count_doers, is_trait
from tools.recommendation.group_relations import Bridge, GroupRelation

GROUP_TRAITS = 6
SUBGROUP_TRAITS = 3
GROUP_ASPECTS = 6
DIFFERENCES = 8
BRIDGES = 3


def list_groups(
    tribune: Opened, sort: Literal["size", "rating", "growth"] = "size"
) -> facts.GroupList:
    """The groups with size and headline traits."""
    tribune.need_groups()
    keys = {
        "size": lambda c: -c.n_users,
        "rating": lambda c: -(c.rating if c.rating is not None else -1),
        "growth": lambda c: -(c.growth if c.growth is not None else -9),
    }
    return facts.GroupList(
        sort=sort,
        n_users=len(tribune.users),
        n_without_group=int(tribune.users["group_id"].isna().sum()),
        groups=sorted(tribune.cards, key=keys[sort]),
        notes=tribune.tell_changes(),
    )


def describe_group(tribune: Opened, group: str) -> facts.GroupProfile:
    """One group's profile: traits beside everyone else's, with evidence."""
    chosen = tribune.need_group(group)
    citations = Citations(tribune.sentences, tribune.item_titles)
    traits = _pick_traits(tribune, chosen, citations)
    quotes = [n for t in traits if t.kind in ("topic", "like") for n in t.cites][:4]
    return facts.GroupProfile(
        group=tribune.card(chosen),
        traits=traits,
        aspects=_pick_aspects(tribune, chosen, citations),
        subgroups=_list_subgroups(tribune, chosen, citations),
        quotes=list(dict.fromkeys(quotes)),
        evidence=citations.evidence(),
        notes=tribune.tell_polarity(),
    )


def compare_groups(tribune: Opened, first: str, second: str) -> facts.GroupComparison:
    """How two groups differ: the things whose shares differ most, tested against each other."""
    a, b = tribune.need_group(first), tribune.need_group(second)
    if a.id == b.id:
        raise InputError(f"Both are group {a.id}, {a.name}. Name two different groups to compare.")
    citations = Citations(tribune.sentences, tribune.item_titles)
    return facts.GroupComparison(
        first=tribune.card(a),
        second=tribune.card(b),
        differences=_find_differences(tribune, a, b, citations),
        likeness=_find_pair(tribune, a, b),
        evidence=citations.evidence(),
    )


def relate_groups(tribune: Opened) -> facts.GroupRelations:
    """How alike the groups are in what they like, pair by pair."""
    tribune.need_groups()
    by_name = {f"group:{group.id}": group for group in tribune.groups}
    pairs = [
        _tell_pair(relation, by_name[relation.first], by_name[relation.second])
        for relation in tribune.relations
    ]
    return facts.GroupRelations(groups=tribune.groups, pairs=pairs)


def _find_pair(tribune: Opened, first: GroupRef, second: GroupRef) -> facts.GroupPair:
    """The relation of two groups, the first of them first."""
    low, high = sorted((first, second), key=lambda group: group.id)
    ends = (f"group:{low.id}", f"group:{high.id}")
    relation = next(r for r in tribune.relations if (r.first, r.second) == ends)
    pair = _tell_pair(relation, low, high)
    if low.id == first.id:
        return pair
    turned = [
        b.model_copy(update={"n_first": b.n_second, "n_second": b.n_first}) for b in pair.bridges
    ]
    return pair.model_copy(update={"first": first, "second": second, "bridges": turned})


def _tell_pair(relation: GroupRelation, first: GroupRef, second: GroupRef) -> facts.GroupPair:
    kinds: tuple[tuple[Literal["item", "topic"], Sequence[Bridge]], ...] = (
        ("item", relation.items), ("topic", relation.topics),
    )  # fmt: skip
    return facts.GroupPair(
        first=first,
        second=second,
        items_alike=_round(relation.items_alike),
        topics_alike=_round(relation.topics_alike),
        bridges=[
            facts.Bridge(kind=kind, name=b.name, n_first=b.n_first, n_second=b.n_second)
            for kind, bridges in kinds
            for b in bridges[:BRIDGES]
        ],
    )


def _round(cosine: float) -> float | None:
    return None if np.isnan(cosine) else round(cosine, 2)


def _pick_traits(tribune: Opened, group: GroupRef, citations: Citations) -> list[facts.Trait]:
    own = tribune.traits[tribune.traits["group_id"] == group.id]
    held = own[is_trait(own)].sort_values("p")
    kinds = (("topic", GROUP_TRAITS), ("like", 3), ("dislike", 3), ("item", 3), ("category", 3))
    return [
        _tell_trait(tribune, row, citations)
        for kind, n in kinds
        for _, row in held[held["kind"] == kind].head(n).iterrows()
    ]


def _list_subgroups(tribune: Opened, group: GroupRef, citations: Citations) -> list[facts.Subgroup]:
    parts = tribune.subgroups[tribune.subgroups["group_id"] == group.id]
    traits = tribune.subtraits[tribune.subtraits["group_id"] == group.id]
    listed = []
    for _, part in parts.sort_values("subgroup").iterrows():
        own = traits[traits["subgroup"] == part["subgroup"]]
        held = own[is_trait(own) & own["kind"].isin(["topic", "like", "dislike"])].sort_values("p")
        listed.append(
            facts.Subgroup(
                name=part["name"],
                n_users=int(part["n_users"]),
                share=float(part["share"]),
                headline=part["headline"],
                traits=[
                    _tell_trait(tribune, row, citations)
                    for _, row in held.head(SUBGROUP_TRAITS).iterrows()
                ],
            )
        )
    return listed


def _tell_trait(tribune: Opened, row: pd.Series[Any], citations: Citations) -> facts.Trait:
    return facts.Trait(
        kind=row["kind"],
        name=tribune.name_key(row["kind"], row["key"]),
        n_users=int(row["n_users"]),
        share_in=float(row["share_in"]),
        share_out=float(row["share_out"]),
        lift=round(float(row["lift"]), 1),
        q=float(row["q"]),
        cites=[citations.cite_id(i) for i in list(row["evidence"])[:1]],
    )


def _pick_aspects(tribune: Opened, group: GroupRef, citations: Citations) -> list[facts.Aspect]:
    own = tribune.aspects[tribune.aspects["group_id"] == group.id]
    best = own[stands_out(own)].sort_values("difference", key=abs, ascending=False)
    return [
        facts.Aspect(
            topic=tribune.topic_names[int(row["topic_id"])],
            n_users=int(row["n_users"]),
            n_others=int(row["n_others"]),
            polarity=round(float(row["polarity"]), 2),
            low=round(float(row["low"]), 2),
            high=round(float(row["high"]), 2),
            others=round(float(row["others"]), 2),
            q=float(row["q"]),
            cites=[citations.cite_id(i) for i in list(row["evidence"])[:1]],
        )
        for _, row in best.head(GROUP_ASPECTS).iterrows()
    ]


def _find_differences(
    tribune: Opened, a: GroupRef, b: GroupRef, citations: Citations
) -> list[facts.TraitPair]:
    own = tribune.traits[tribune.traits["group_id"].isin([a.id, b.id])]
    evidence = {(t.group_id, t.kind, t.key): t.evidence for t in own.itertuples()}
    said = tribune.sentences[tribune.sentences["group_id"].isin([a.id, b.id])]
    doers = count_doers(said, tribune.items.reset_index(drop=True))
    doers = doers.reindex(pd.MultiIndex.from_frame(own[["kind", "key"]].drop_duplicates()))
    doers = doers.reindex(columns=[a.id, b.id], fill_value=0)
    counts = doers.to_numpy(dtype=np.int64)
    sizes = np.array([tribune.card(g).n_users for g in (a, b)])
    shares = counts / sizes
    n_a, n_b = np.broadcast_to(sizes[:, None], (2, len(counts)))
    _, p = compare_shares(counts[:, 0], counts[:, 1], n_a, n_b)
    places = doers.index.to_frame(index=False).assign(p=p, gap=np.abs(shares[:, 0] - shares[:, 1]))
    best = places[p < SIGNIFICANT].sort_values(["p", "gap"], ascending=[True, False])
    pairs = []
    for row, place in best.groupby("kind").head(4).iterrows():
        more = (a, b)[int(shares[row].argmax())]
        shown = evidence.get((more.id, place["kind"], place["key"]))
        if shown is None:  # not a trait of those who do it more
            continue
        pairs.append(
            facts.TraitPair(
                kind=place["kind"],
                name=tribune.name_key(place["kind"], place["key"]),
                share_first=float(shares[row, 0]),
                share_second=float(shares[row, 1]),
                n_first=int(counts[row, 0]),
                n_second=int(counts[row, 1]),
                p=float(place["p"]),
                cites=[citations.cite_id(s) for s in list(shown)[:1]],
            )
        )
    return pairs[:DIFFERENCES]
