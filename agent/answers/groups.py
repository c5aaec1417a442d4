"""The groups: a list, one profile, two compared."""

from __future__ import annotations

from typing import Literal

import numpy as np

from agent import facts
from agent.citations import Citations
from agent.facts import GroupRef
from agent.opened import Opened
from tools.errors import InputError
from tools.profiling.traits import SIGNIFICANT, compare_shares

GROUP_TRAITS = 6
DIFFERENCES = 8


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
    )


def describe_group(tribune: Opened, group: str) -> facts.GroupProfile:
    """One group's profile: traits beside everyone else's, with evidence."""
    chosen = tribune.need_group(group)
    citations = Citations(tribune.sentences, tribune.item_titles)
    traits = _pick_traits(tribune, chosen, citations)
    quotes = [n for t in traits if t.kind in ("topic", "like") for n in t.cites][:4]
    return facts.GroupProfile(
        group=tribune.cards[chosen.id - 1],
        traits=traits,
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
        first=tribune.cards[a.id - 1],
        second=tribune.cards[b.id - 1],
        differences=_find_differences(tribune, a, b, citations),
        evidence=citations.evidence(),
    )


def _pick_traits(tribune: Opened, group: GroupRef, citations: Citations) -> list[facts.Trait]:
    own = tribune.traits[
        (tribune.traits["group_id"] == group.id) & (tribune.traits["q"] < SIGNIFICANT)
    ]
    picked = []
    for kind in ("topic", "like", "dislike", "item", "category"):
        best = own[(own["kind"] == kind) & (own["lift"] > 1.2)].sort_values("p")
        for _, row in best.head(GROUP_TRAITS if kind == "topic" else 3).iterrows():
            picked.append(
                facts.Trait(
                    kind=kind,
                    name=tribune.name_key(kind, row["key"]),
                    n_users=int(row["n_users"]),
                    share_in=float(row["share_in"]),
                    share_out=float(row["share_out"]),
                    lift=round(float(row["lift"]), 1),
                    q=float(row["q"]),
                    cites=[citations.cite_id(i) for i in list(row["evidence"])[:1]],
                )
            )
    return picked


def _find_differences(
    tribune: Opened, a: GroupRef, b: GroupRef, citations: Citations
) -> list[facts.TraitPair]:
    columns = ["kind", "key", "n_users", "share_in", "evidence"]
    sides = [
        tribune.traits[tribune.traits["group_id"] == g.id][columns].set_index(["kind", "key"])
        for g in (a, b)
    ]
    both = sides[0].join(sides[1], how="outer", lsuffix="_a", rsuffix="_b").reset_index()
    sizes = [tribune.cards[g.id - 1].n_users for g in (a, b)]
    counts = both[["n_users_a", "n_users_b"]].fillna(0).to_numpy(dtype=np.int64)
    n_a, n_b = (np.full(len(both), n) for n in sizes)
    _, p = compare_shares(counts[:, 0], counts[:, 1], n_a, n_b)
    both["p"] = p
    gap = np.abs(counts[:, 0] / sizes[0] - counts[:, 1] / sizes[1])
    both["gap"] = gap
    best = both[both["p"] < SIGNIFICANT].sort_values(["p", "gap"], ascending=[True, False])
    best = best.groupby("kind").head(4).head(DIFFERENCES)
    pairs = []
    for i, row in best.iterrows():
        n_first, n_second = (int(n) for n in counts[both.index.get_loc(i)])
        side = "evidence_a" if n_first / sizes[0] >= n_second / sizes[1] else "evidence_b"
        shown = list(row[side]) if isinstance(row[side], (list, np.ndarray)) else []
        pairs.append(
            facts.TraitPair(
                kind=row["kind"],
                name=tribune.name_key(row["kind"], row["key"]),
                share_first=n_first / sizes[0],
                share_second=n_second / sizes[1],
                n_first=n_first,
                n_second=n_second,
                p=float(row["p"]),
                cites=[citations.cite_id(s) for s in shown[:1]],
            )
        )
    return pairs
