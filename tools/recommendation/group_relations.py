"""How groups are related: how alike what they like is, and what bridges them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from tools.profiling.traits import MIN_LIFT, MIN_USERS, SIGNIFICANT, adjust, compare_shares
from tools.recommendation.knowledge_graph import Kind, KnowledgeGraph, Relation

Counts = npt.NDArray[np.int64]
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bridge:
    """An item that clearly more members of two groups like than of everyone, or a topic that they
    speak warmly of. Users that do, and their share: of either group and of all users.
    """

    node: str
    name: str
    n_first: int
    n_second: int
    n_everyone: int
    share_first: float
    share_second: float
    share_everyone: float

    @property
    def lift(self) -> float:
        """How many times everyone's share the smaller of both groups' shares is."""
        return min(self.share_first, self.share_second) / self.share_everyone


@dataclass(frozen=True)
class GroupRelation:
    """first, second: nodes of two groups, and their names.

    items_alike, topics_alike: cosine in [-1, 1] of how much more than the other groups they like
    each item, and speak warmly of each topic; 0 for groups that are alike by chance only, NaN where
    one of them likes nothing. items, topics: what bridges them, by lift.
    """

    first: str
    second: str
    first_name: str
    second_name: str
    items_alike: float
    topics_alike: float
    items: tuple[Bridge, ...]
    topics: tuple[Bridge, ...]


@dataclass(frozen=True)
class _Leanings:
    """counts: (n_groups, n_things) members that like each thing; sizes: (n_groups,) members;
    everyone: (n_things,) users that do; n_users: of the graph; alike: (n_groups, n_groups) cosines;
    clear: (n_groups, n_things) whether clearly more members do than other users; nodes, names: of
    the things.
    """

    counts: Counts
    sizes: Counts
    everyone: Counts
    n_users: int
    alike: Table
    clear: npt.NDArray[np.bool_]
    nodes: list[str]
    names: list[str]

    def list_bridges(self, first: int, second: int) -> tuple[Bridge, ...]:
        both = np.flatnonzero(self.clear[first] & self.clear[second])
        share = self.counts / np.maximum(self.sizes, 1)[:, None]
        bridges = [
            Bridge(
                self.nodes[thing],
                self.names[thing],
                int(self.counts[first, thing]),
                int(self.counts[second, thing]),
                int(self.everyone[thing]),
                float(share[first, thing]),
                float(share[second, thing]),
                float(self.everyone[thing] / self.n_users),
            )
            for thing in both
        ]
        return tuple(sorted(bridges, key=lambda bridge: -bridge.lift))


def relate_groups(graph: KnowledgeGraph) -> list[GroupRelation]:
    """One row a pair of groups, those that are most alike first: by the mean of both cosines, of
    which one that is NaN counts as 0.

    A group is a row of log lifts, log((n + 1) / (expected + 1)): n of its members like a thing,
    and as many as the group's and the thing's totals alone would have it are expected. So what
    every group likes counts for nothing, and a group that likes more things than others is not
    alike to all for that. Things that fewer than 3 users like are left out: they cannot be shared.

    A thing bridges two groups if in each at least 3 members like it, at a share more than 1.2 times
    that of all other users, and significantly so: hypergeometric test as in `find_traits`, false
    discovery rate 5% over all groups and things of a kind.
    """
    likes = _read_leanings(graph, "likes", "item")
    warmth = _read_leanings(graph, "speaks warmly of", "topic")
    groups = graph.nodes.iloc[graph.span("group")]
    nodes, names = groups["node"].tolist(), groups["name"].tolist()
    relations = [
        GroupRelation(
            nodes[first],
            nodes[second],
            names[first],
            names[second],
            float(likes.alike[first, second]),
            float(warmth.alike[first, second]),
            likes.list_bridges(first, second),
            warmth.list_bridges(first, second),
        )
        for first, second in combinations(range(len(nodes)), 2)
    ]
    return sorted(
        relations,
        key=lambda r: -float(np.nan_to_num(r.items_alike) + np.nan_to_num(r.topics_alike)),
    )


def compare_tastes(counts: Counts) -> Table:
    """(n_groups, n_groups) cosines of the rows of log lifts of (n_groups, n_things) counts; NaN
    where a row is zeros.
    """
    counts = counts[:, counts.sum(axis=0) >= MIN_USERS]
    total = max(1, int(counts.sum()))
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / total
    lifts = np.log((counts + 1) / (expected + 1))
    norms = np.linalg.norm(lifts, axis=1)
    norms[norms < 1e-9] = np.nan
    return np.asarray(lifts @ lifts.T / np.outer(norms, norms))


def _read_leanings(graph: KnowledgeGraph, relation: Relation, kind: Kind) -> _Leanings:
    counts = graph.count("group", relation, kind).toarray().astype(np.int64)
    member = graph.count("user", "is a member of", "group")
    sizes = np.asarray(member.sum(axis=0)).ravel().astype(np.int64)
    everyone = graph.count("user", relation, kind).getnnz(axis=0).astype(np.int64)
    n_users = int(member.shape[0])
    things = graph.nodes.iloc[graph.span(kind)]
    return _Leanings(
        counts,
        sizes,
        everyone,
        n_users,
        compare_tastes(counts),
        _find_clear(counts, sizes, everyone, n_users),
        things["node"].tolist(),
        things["name"].tolist(),
    )


def _find_clear(
    counts: Counts, sizes: Counts, everyone: Counts, n_users: int
) -> npt.NDArray[np.bool_]:
    groups, things = np.nonzero(counts >= MIN_USERS)
    inside = counts[groups, things]
    lift, p = compare_shares(
        inside, everyone[things] - inside, sizes[groups], n_users - sizes[groups]
    )
    clear = np.zeros(counts.shape, dtype=np.bool_)
    clear[groups, things] = (lift > MIN_LIFT) & (adjust(p) < SIGNIFICANT)
    return clear
