"""The knowledge graph's nodes and edges, from a version's tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.embedding.pairs import band_ratings
from tools.embedding.sentiment import COLD, WARM
from tools.recommendation.histories import Interactions, Ints
from tools.recommendation.knowledge_graph import KnowledgeGraph, Relation

# The tables that a graph is made of, in the order that `build_graph` takes them.
GRAPHED = ("reviews", "sentences", "users", "items", "topics", "groups")


def build_graph(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    users: pd.DataFrame,
    items: pd.DataFrame,
    topics: pd.DataFrame,
    groups: pd.DataFrame,
) -> KnowledgeGraph:
    """The graph of a version's tables, where an id that its own table does not hold has no edges.

    reviews: user_id, item_id, rating, time; sentences: review_id, user_id, item_id, topic_id,
    polarity; users: user_id, group_id, strength; items: item_id, title, category; topics: topic_id,
    name; groups: group_id, name.

    A user likes an item as `Interactions.read` says, and dislikes it where their last rating of it
    is in the lower third of the scale. A user speaks warmly (coldly) of a topic if their sentences
    on it are warm (cold) on average, and n is how many of them are. An item is praised (criticised)
    for a topic likewise, with a review's mean on the topic as one voice, so that no long review
    outweighs the others.
    """
    categories = pd.Series(np.sort(items["category"].dropna().unique()), dtype=object)
    nodes = pd.concat(
        [
            _list_nodes("user", users["user_id"], users["user_id"]),
            _list_nodes("item", items["item_id"], items["title"]),
            _list_nodes("category", categories, categories),
            _list_nodes("topic", topics["topic_id"], topics["name"]),
            _list_nodes("group", groups["group_id"], groups["name"]),
        ],
        ignore_index=True,
    )
    first_item = len(users)
    first_category = first_item + len(items)
    first_topic = first_category + len(categories)
    first_group = first_topic + len(topics)
    said = pd.DataFrame(
        {
            "user": _place(sentences["user_id"], users["user_id"], 0),
            "item": _place(sentences["item_id"], items["item_id"], first_item),
            "topic": _place(sentences["topic_id"], topics["topic_id"], first_topic),
            "review": pd.factorize(sentences["review_id"])[0],
            "polarity": sentences["polarity"].to_numpy(dtype=np.float64),
        }
    )
    said = said[said["topic"] >= 0]
    voices = said.groupby(["item", "review", "topic"], as_index=False)["polarity"].mean()
    tastes = _list_tastes(reviews, users["user_id"], items["item_id"], first_item)
    warmth = _list_opinions(said, "user", "speaks warmly of", "speaks coldly of")
    member = _place(users["group_id"], groups["group_id"], first_group)
    everyone = np.arange(len(users))
    edges = pd.concat(
        [
            tastes,
            warmth,
            _list_opinions(voices, "item", "is praised for", "is criticised for"),
            _link(
                first_item + np.arange(len(items)),
                _place(items["category"], categories, first_category),
                "is in",
            ),
            _link(everyone, member, "is a member of", users["strength"].to_numpy(dtype=np.float64)),
            _pool(tastes, "likes", member),
            _pool(warmth, "speaks warmly of", member),
        ],
        ignore_index=True,
    )
    ids = nodes["node"]
    ends = {end: ids.take(edges[end]).reset_index(drop=True) for end in ("source", "target")}
    return KnowledgeGraph(nodes, edges.assign(**ends))


def _list_nodes(kind: str, keys: pd.Series, names: pd.Series) -> pd.DataFrame:
    keys = keys.astype(str).reset_index(drop=True)
    names = names.astype(str).reset_index(drop=True)
    return pd.DataFrame({"node": kind + ":" + keys, "kind": kind, "key": keys, "name": names})


def _place(keys: pd.Series, known: pd.Series, start: int) -> Ints:
    """(n,) `start` and the row of each key among the known ones, −1 for none."""
    rows = pd.Index(known).get_indexer(pd.Index(keys)).astype(np.int64)
    return np.where(rows < 0, -1, rows + start)


def _link(
    sources: Ints,
    targets: Ints,
    relation: Relation,
    weights: npt.NDArray[np.float64] | float = 1.0,
    counts: Ints | int = 1,
) -> pd.DataFrame:
    """Edges by rows of nodes, but for those of which an end is −1."""
    edges = pd.DataFrame(
        {"source": sources, "target": targets, "relation": relation, "weight": weights, "n": counts}
    )
    return edges[(edges["source"] >= 0) & (edges["target"] >= 0)]


def _list_tastes(
    reviews: pd.DataFrame, users: pd.Series, items: pd.Series, first_item: int
) -> pd.DataFrame:
    """Who likes and who dislikes what."""
    known = Interactions.read(reviews)
    user = _place(pd.Series(known.users), users, 0)[known.user]
    item = _place(pd.Series(known.items), items, first_item)[known.item]
    low = band_ratings(reviews["rating"].to_numpy(dtype=np.float64))[known.review] == 0
    return pd.concat(
        [
            _link(user[known.liked], item[known.liked], "likes"),
            _link(user[low], item[low], "dislikes"),
        ]
    )


def _list_opinions(
    voices: pd.DataFrame, of: str, warmly: Relation, coldly: Relation
) -> pd.DataFrame:
    """What each source says of each topic, where it is warm or cold on average.

    voices: rows of the source, in the column `of`, and of the topic; polarity.
    """
    judged = voices.assign(warm=voices["polarity"] >= WARM, cold=voices["polarity"] <= COLD)
    about = judged.groupby([of, "topic"], as_index=False).agg(
        polarity=("polarity", "mean"), warm=("warm", "sum"), cold=("cold", "sum")
    )
    warm, cold = about[about["polarity"] >= WARM], about[about["polarity"] <= COLD]
    return pd.concat(
        [
            _link(
                warm[of].to_numpy(),
                warm["topic"].to_numpy(),
                warmly,
                warm["polarity"],
                warm["warm"],
            ),
            _link(
                cold[of].to_numpy(),
                cold["topic"].to_numpy(),
                coldly,
                -cold["polarity"],
                cold["cold"],
            ),
        ]
    )


def _pool(edges: pd.DataFrame, relation: Relation, member: Ints) -> pd.DataFrame:
    """The same edges of groups, from those of their members.

    member: (n_users,) row of each user's group, −1 for none.
    """
    held = edges[edges["relation"] == relation]
    group = pd.Series(member[held["source"]], index=held.index)
    counts = held[group >= 0].groupby([group, "target"]).size().rename_axis(["group", "target"])
    rows = counts.rename("n").reset_index()
    sizes = np.bincount(member[member >= 0])
    share = rows["n"].to_numpy() / sizes[rows["group"]]
    return _link(
        rows["group"].to_numpy(), rows["target"].to_numpy(), relation, share, rows["n"].to_numpy()
    )
