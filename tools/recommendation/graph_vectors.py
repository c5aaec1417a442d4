"""Vectors of the knowledge graph's nodes, of which near ones are alike."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import scipy.sparse as sp

from tools.errors import InputError
from tools.recommendation.histories import Floats, Histories
from tools.recommendation.knowledge_graph import Kind, KnowledgeGraph
from tools.recommendation.lightgcn import LightGCN

# What draws two nodes together. What a group likes is said by its members' own edges.
BONDS = ("likes", "speaks warmly of", "is praised for", "is in", "is a member of")
FACTORS = 64
# A step looks at this many edges and passes through the whole graph once, whatever its size, so
# few steps with a high rate are taken.
STEPS, EDGES_A_STEP, RATE = 24, 131_072, 0.05


@dataclass(frozen=True)
class Neighbour:
    """cosine: between the node's vector and this one's."""

    node: str
    name: str
    cosine: float


def embed_nodes(graph: KnowledgeGraph, seed: int = 0) -> Floats:
    """(n_nodes, 64) float32 unit vectors in the order of the nodes; zeros for a node that nothing
    warm or common ties to another.

    `LightGCN` learns which node has an edge to which, from the square adjacency of the graph, in
    which both the users and the items of its matrix are all nodes: as a user a node is the mean of
    its odd neighbourhoods (1 and 3 edges away), as an item that of its even ones (itself, and 2
    edges away). The sum of both is the node's mean over all layers, as in He et al., SIGIR 2020,
    equation 4. Edges run both ways and count their weights, a membership 1; dislikes, cold words
    and criticism are left out, since they hold nodes apart.
    """
    bonds = _list_bonds(graph)
    tied = np.diff(bonds.indptr) > 0
    if not tied.any():
        return np.zeros((len(graph), FACTORS), np.float32)
    histories = Histories.of(bonds)
    model = LightGCN(
        factors=FACTORS,
        epochs=ceil(STEPS / ceil(bonds.nnz / EDGES_A_STEP)),
        rate=RATE,
        batch_size=EDGES_A_STEP,
        seed=seed,
    ).fit(histories)
    vectors = (model.embed(histories) + model.layers_.mean(axis=0)) * tied[:, None]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def find_nearest(
    graph: KnowledgeGraph, vectors: Floats, node: str, kind: Kind, k: int = 10
) -> list[Neighbour]:
    """The up to k nodes of a kind nearest to a node, itself left out, nearest first.

    vectors: what `embed_nodes` gave. Nodes whose vectors are zeros are near nothing.
    Raises: UnknownName for a node that the graph does not hold; InputError for a k below 1.
    """
    if k < 1:
        raise InputError(f"The number of neighbours must be at least 1; got {k}.")
    row, span = graph.find_row(node), graph.span(kind)
    rows = np.arange(span.start, span.stop)
    known = vectors[rows].any(axis=1) & (rows != row) & vectors[row].any()
    rows = rows[known]
    cosines = vectors[rows] @ vectors[row]
    best = np.argsort(-cosines, kind="stable")[:k]
    found = graph.nodes.iloc[rows[best]]
    return [
        Neighbour(*near)
        for near in zip(found["node"], found["name"], cosines[best].tolist(), strict=True)
    ]


def _list_bonds(graph: KnowledgeGraph) -> sp.csr_matrix:
    """(n_nodes, n_nodes) symmetric weights."""
    edges, groups = graph.edges, graph.span("group")
    sources, targets = graph.ends
    own = (sources < groups.start) & edges["relation"].isin(BONDS).to_numpy(dtype=bool)
    member = (edges["relation"] == "is a member of").to_numpy(dtype=bool)
    weights = np.where(member, 1.0, edges["weight"].to_numpy(dtype=np.float64)).astype(np.float32)
    one_way = sp.csr_matrix(
        (weights[own], (sources[own], targets[own])), shape=(len(graph), len(graph))
    )
    return sp.csr_matrix(one_way + one_way.T)
