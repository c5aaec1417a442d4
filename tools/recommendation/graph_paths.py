"""Paths through the knowledge graph to an item: reasons why it may suit a user or a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from tools.errors import InputError
from tools.recommendation.histories import Ints
from tools.recommendation.knowledge_graph import Kind, KnowledgeGraph

Shape = Literal["also liked", "topic", "group", "category"]
Counts = npt.NDArray[np.float64]

# Observations, as many as expected, that every count is mixed with.
PRIOR = 1.0


@dataclass(frozen=True)
class Step:
    """n of `of` observations, where by chance there would be `expected`."""

    n: int
    of: int
    expected: float

    @property
    def lift(self) -> float:
        """How many times more there are than by chance, drawn in towards 1 by one observation."""
        return (self.n + PRIOR) / (self.expected + PRIOR)


@dataclass(frozen=True)
class GraphPath:
    """A reason why an item may suit a user. nodes: ids from the user to the item; name: of the node
    between; steps: what was counted, and out of what:

    - also liked, by way of an item that the user likes: of the other users who like that one,
      those who like this one too;
    - topic, by way of a topic that the user speaks warmly of and that the item is praised for: of
      the user's warm sentences, those on the topic; of the reviews' praise of the item, that for
      the topic;
    - group, by way of the user's group: of its other members, those who like the item;
    - category, by way of the item's: of the other items that the user likes, those in it.

    By chance it would be as with everyone else: the share of other users who like the item, and the
    topic's or category's share of what others say warmly, of the praise of other items, and of
    others' likes. Where there is nobody else, nothing is more than chance.

    A path from a group is the same with these differences: the first step of a topic is, of its
    members, those who speak warmly of it, beside everyone's share; a category is of what all its
    members like; and "group" is its own edge to the item, with no node between.
    """

    shape: Shape
    nodes: tuple[str, ...]
    name: str
    steps: tuple[Step, ...]

    @property
    def weight(self) -> float:
        """The log of the least lift of its steps: a path is as strong as its weakest step.

        All shapes are on this one scale: how many times likelier than by chance the step is. What
        everyone does has a lift of 1, and weighs nothing. A lift is the mean of the rate whose
        prior is Gamma(1, 1) and whose count is Poisson (DuMouchel, American Statistician 1999, with
        one gamma instead of two), so that one in common weighs log 2 at most, however rare it is.
        """
        return log(min(step.lift for step in self.steps))


@dataclass(frozen=True)
class PathFinder:
    """Finds paths in a graph; the first call reads its matrices.

    What a user themself did with the item is left out, but for what they wrote of it: with other
    users' sentences it is in what the item is praised for.
    """

    graph: KnowledgeGraph

    def find_paths(self, user: str, item: str, limit: int = 3) -> list[GraphPath]:
        """The up to `limit` strongest paths from a user to an item, by ids, strongest first; those
        that are no stronger than chance are none.

        Raises: UnknownName for ids that the graph does not hold; InputError for a limit below 1.
        """
        user_row, item_row = self._find("user", user), self._find("item", item)
        likers = self._list_likers(item_row, without=user_row)
        own = _read_row(self._likes, user_row)
        said = _read_row(self._warm, user_row)
        told = _count_steps(said, _sum_columns(self._warm) - said)
        ends = self._name("user", user_row), self._name("item", item_row)
        return _choose(
            [
                *self._follow_likes(own, item_row, likers, ends),
                *self._follow_topics(told, item_row, ends),
                *self._follow_groups(user_row, likers, ends),
                *self._follow_categories(own, item_row, ends),
            ],
            limit,
        )

    def find_group_paths(self, group: str, item: str, limit: int = 3) -> list[GraphPath]:
        """The same from a group, for what its members like and speak warmly of."""
        group_row, item_row = self._find("group", group), self._find("item", item)
        members = _list_columns(self._members, group_row)
        inside = self._mark_users(members)
        own = _multiply(inside, self._likes)
        warm = _multiply(inside, self._warm > 0)
        share = _sum_columns(self._warm > 0) / len(inside)
        told = {
            int(topic): Step(int(warm[topic]), len(members), len(members) * float(share[topic]))
            for topic in np.flatnonzero(warm)
        }
        ends = self._name("group", group_row), self._name("item", item_row)
        likers = self._list_likers(item_row)
        step = _compare_members(members, likers, len(inside))
        return _choose(
            [
                GraphPath("group", ends, self._title("group", group_row), (step,)),
                *self._follow_topics(told, item_row, ends),
                *self._follow_categories(own, item_row, ends),
            ],
            limit,
        )

    def _follow_likes(
        self, own: Counts, item: int, likers: Ints, ends: tuple[str, str]
    ) -> list[GraphPath]:
        n_likers = int((_sum_rows(self._likes) > 0).sum())
        share = len(likers) / max(1, n_likers - 1)
        paths = []
        for liked in np.flatnonzero(own).tolist():
            if liked != item:
                both = np.intersect1d(_list_columns(self._liked_by, liked), likers)
                others = len(_list_columns(self._liked_by, liked)) - 1
                step = Step(len(both), others, others * share)
                paths.append(self._pass("also liked", ends, "item", liked, step))
        return paths

    def _follow_topics(
        self, told: Mapping[int, Step], item: int, ends: tuple[str, str]
    ) -> list[GraphPath]:
        praise = _read_row(self._praise, item)
        praised = _count_steps(praise, _sum_columns(self._praise) - praise)
        return [
            self._pass("topic", ends, "topic", topic, told[topic], step)
            for topic, step in praised.items()
            if topic in told
        ]

    def _follow_groups(self, user: int, likers: Ints, ends: tuple[str, str]) -> list[GraphPath]:
        paths = []
        for group in _list_columns(self._member, user).tolist():
            members = _list_columns(self._members, group)
            step = _compare_members(members[members != user], likers, self._likes.shape[0] - 1)
            paths.append(self._pass("group", ends, "group", group, step))
        return paths

    def _follow_categories(self, own: Counts, item: int, ends: tuple[str, str]) -> list[GraphPath]:
        others = _sum_columns(self._likes) - own
        further = own.copy()
        further[item] = 0
        liked = _count_steps(_multiply(further, self._in), _multiply(others, self._in))
        return [
            self._pass("category", ends, "category", category, liked[category])
            for category in _list_columns(self._in, item).tolist()
            if category in liked
        ]

    def _pass(
        self, shape: Shape, ends: tuple[str, str], kind: Kind, row: int, *steps: Step
    ) -> GraphPath:
        nodes = ends[0], self._name(kind, row), ends[1]
        return GraphPath(shape, nodes, self._title(kind, row), steps)

    def _find(self, kind: Kind, key: str) -> int:
        row = self.graph.find_row(f"{kind}:{key}")
        return row - int(self.graph.span(kind).start)

    def _name(self, kind: Kind, row: int) -> str:
        return str(self.graph.nodes["node"].iloc[self.graph.span(kind).start + row])

    def _title(self, kind: Kind, row: int) -> str:
        return str(self.graph.nodes["name"].iloc[self.graph.span(kind).start + row])

    def _list_likers(self, item: int, without: int = -1) -> Ints:
        """Rows of the users who like an item."""
        likers = _list_columns(self._liked_by, item)
        return np.asarray(likers[likers != without])

    def _mark_users(self, rows: Ints) -> Counts:
        marks = np.zeros(self._likes.shape[0])
        marks[rows] = 1
        return marks

    @cached_property
    def _likes(self) -> sp.csr_matrix:
        return self.graph.count("user", "likes", "item")

    @cached_property
    def _liked_by(self) -> sp.csr_matrix:
        return sp.csr_matrix(self._likes.T)

    @cached_property
    def _warm(self) -> sp.csr_matrix:
        return self.graph.count("user", "speaks warmly of", "topic")

    @cached_property
    def _praise(self) -> sp.csr_matrix:
        return self.graph.count("item", "is praised for", "topic")

    @cached_property
    def _member(self) -> sp.csr_matrix:
        return self.graph.count("user", "is a member of", "group")

    @cached_property
    def _members(self) -> sp.csr_matrix:
        return sp.csr_matrix(self._member.T)

    @cached_property
    def _in(self) -> sp.csr_matrix:
        return self.graph.count("item", "is in", "category")


def _choose(paths: Sequence[GraphPath], limit: int) -> list[GraphPath]:
    if limit < 1:
        raise InputError(f"The number of paths must be at least 1; got {limit}.")
    strong = [path for path in paths if path.weight > 0]
    return sorted(strong, key=lambda path: -path.weight)[:limit]


def _count_steps(own: Counts, others: Counts) -> dict[int, Step]:
    """A step to each place where `own` is above 0; chance is how others' counts are shared out."""
    known = others if others.any() else own
    expected = own.sum() * known / max(1.0, float(known.sum()))
    return {
        int(place): Step(int(own[place]), int(own.sum()), float(expected[place]))
        for place in np.flatnonzero(own)
    }


def _compare_members(members: Ints, likers: Ints, n_users: int) -> Step:
    """Members who like what the likers like, beside everyone's share."""
    liking = int(np.isin(members, likers).sum())
    return Step(liking, len(members), len(members) * len(likers) / max(1, n_users))


def _multiply(row: Counts, matrix: sp.csr_matrix) -> Counts:
    return np.asarray(row @ matrix, dtype=np.float64)


def _read_row(matrix: sp.csr_matrix, row: int) -> Counts:
    return np.asarray(matrix[[row]].toarray(), dtype=np.float64).ravel()


def _list_columns(matrix: sp.csr_matrix, row: int) -> Ints:
    """Columns of a row's entries."""
    return np.asarray(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]], dtype=np.int64)


def _sum_rows(matrix: sp.csr_matrix) -> Counts:
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()


def _sum_columns(matrix: sp.csr_matrix) -> Counts:
    return np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()
