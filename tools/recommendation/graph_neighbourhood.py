"""A small part of the knowledge graph, around one node, to look at."""

from __future__ import annotations

import networkx as nx
import numpy as np
import scipy.sparse as sp

from tools.errors import InputError
from tools.recommendation.knowledge_graph import KnowledgeGraph


def to_networkx(
    graph: KnowledgeGraph, around: str, hops: int = 2, limit: int = 60
) -> nx.DiGraph[str]:
    """A node, and up to limit − 1 others at most so many edges away, whichever way these run, with
    all edges between them. Nodes carry kind, key, name and hops; edges relation, weight and n.

    The nearer come first. Of those that are equally far, the ones come first that a random walk
    along the edges' weights is likeliest to be at, so that who shares three items with a user comes
    before the thousands who share a topic.
    Raises: UnknownName for a node that the graph does not hold; InputError for hops or a limit
    below 1.
    """
    for what, number in (("hops", hops), ("nodes", limit)):
        if number < 1:
            raise InputError(f"The number of {what} must be at least 1; got {number}.")
    found = _walk(_chain(graph), graph.find_row(around), hops, limit)
    near = nx.DiGraph()
    nodes = graph.nodes.iloc[list(found)].to_dict("records")
    for node, distance in zip(nodes, found.values(), strict=True):
        near.add_node(node.pop("node"), **node, hops=distance)
    between = np.logical_and(*(np.isin(ends, list(found)) for ends in graph.ends))
    for edge in graph.edges[between].to_dict("records"):
        near.add_edge(edge.pop("source"), edge.pop("target"), **edge)
    return near


def _chain(graph: KnowledgeGraph) -> sp.csr_matrix:
    """(n, n) probabilities of a step from each node (column) to each other one (row)."""
    weights = graph.edges["weight"].to_numpy(dtype=np.float64)
    one_way = sp.csr_matrix((weights, graph.ends), shape=(len(graph), len(graph)))
    both = sp.csr_matrix(one_way + one_way.T)
    sums = np.asarray(both.sum(axis=0)).ravel()
    return sp.csr_matrix(both @ sp.diags(1 / np.maximum(sums, 1e-12)))


def _walk(chain: sp.csr_matrix, start: int, hops: int, limit: int) -> dict[int, int]:
    """Rows of up to `limit` nodes, and how many edges away each is."""
    found = {start: 0}
    visits = np.zeros(chain.shape[0])
    visits[start] = 1.0
    for distance in range(1, hops + 1):
        reached = chain @ visits
        reached[list(found)] = 0
        near = np.argsort(-reached, kind="stable")[: limit - len(found)]
        near = near[reached[near] > 0]
        found.update(dict.fromkeys(near.tolist(), distance))
        visits = np.zeros_like(reached)
        visits[near] = reached[near]
    return found
