"""Users, items, categories, topics and groups, and what holds between them, as one graph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp

from tools.errors import UnknownName
from tools.recommendation.histories import Ints

Kind = Literal["user", "item", "category", "topic", "group"]
Relation = Literal[
    "likes",
    "dislikes",
    "speaks warmly of",
    "speaks coldly of",
    "is praised for",
    "is criticised for",
    "is in",
    "is a member of",
]
KINDS: tuple[Kind, ...] = ("user", "item", "category", "topic", "group")
NODES, EDGES = "graph_nodes.parquet", "graph_edges.parquet"


@dataclass(frozen=True)
class KnowledgeGraph:
    """nodes: one row a node, those of a kind together, in the order of `KINDS`: node (its id, as
    "user:u1" or "topic:3"), kind, key (the id in its own table), name.

    edges: one row a directed edge, no two with the same source and target: source, target (ids of
    nodes), relation, weight in (0, 1], n. What these are:

    | source | relation | target | weight | n |
    |---|---|---|---|---|
    | user | likes, dislikes | item | 1 | 1 |
    | user | speaks warmly of, speaks coldly of | topic | mean polarity, unsigned | sentences |
    | item | is praised for, is criticised for | topic | mean polarity, unsigned | reviews |
    | item | is in | category | 1 | 1 |
    | user | is a member of | group | strength | 1 |
    | group | likes | item | share of its members that do | members that do |
    | group | speaks warmly of | topic | share of its members that do | members that do |
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame

    def save(self, folder: Path) -> None:
        """Write graph_nodes.parquet and graph_edges.parquet."""
        self.nodes.to_parquet(folder / NODES, index=False)
        self.edges.to_parquet(folder / EDGES, index=False)

    @classmethod
    def load(cls, folder: Path) -> KnowledgeGraph:
        """What `save` wrote. Raises: FileNotFoundError where nothing was."""
        return cls(pd.read_parquet(folder / NODES), pd.read_parquet(folder / EDGES))

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def ends(self) -> tuple[Ints, Ints]:
        """(n_edges,) rows of the edges' sources among the nodes, and of their targets."""
        source, target = (
            self._places.get_indexer(pd.Index(self.edges[end])) for end in ("source", "target")
        )
        return source.astype(np.int64), target.astype(np.int64)

    def span(self, kind: Kind) -> slice:
        """The rows of a kind's nodes."""
        return self._spans[kind]

    def find_row(self, node: str) -> int:
        """The row of a node. Raises: UnknownName if the graph does not hold it."""
        if node not in self._places:
            raise UnknownName(
                f"There is no node {node!r} among {len(self):,} nodes. A node is its kind and its "
                f'id, as "user:ID" or "topic:3"; the kinds are {", ".join(KINDS)}.'
            )
        return int(self._places.get_loc(node))

    def count(self, source: Kind, relation: Relation, target: Kind) -> sp.csr_matrix:
        """(n_source, n_target) CSR float64 of the edges' n, by rows within either kind."""
        of, to = self.span(source), self.span(target)
        rows, columns = self.ends
        held = (
            (self.edges["relation"] == relation).to_numpy(dtype=bool)
            & ((rows >= of.start) & (rows < of.stop))
            & ((columns >= to.start) & (columns < to.stop))
        )
        n = self.edges["n"].to_numpy(dtype=np.float64)[held]
        return sp.csr_matrix(
            (n, (rows[held] - of.start, columns[held] - to.start)),
            shape=(of.stop - of.start, to.stop - to.start),
        )

    @cached_property
    def _places(self) -> pd.Index[str]:
        return pd.Index(self.nodes["node"])

    @cached_property
    def _spans(self) -> dict[Kind, slice]:
        sizes = [int((self.nodes["kind"] == kind).sum()) for kind in KINDS]
        stops = np.cumsum(sizes).tolist()
        return {
            kind: slice(stop - size, stop)
            for kind, size, stop in zip(KINDS, sizes, stops, strict=True)
        }
