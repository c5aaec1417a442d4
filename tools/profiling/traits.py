"""What sets a group apart: topics, likes, dislikes, items, categories and words, beside everyone
else's, tested, so that what is merely common everywhere does not count as a trait.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, stats

from tools.embedding.sentiment import COLD, WARM
from tools.profiling.evidence import choose_evidence
from tools.profiling.terms import tokenize

SIGNIFICANT = 0.05
# A share that is higher by less than this factor is no trait, however sure the difference.
MIN_LIFT = 1.2
MIN_USERS = 3


def find_traits(sentences: pd.DataFrame, items: pd.DataFrame, users: pd.DataFrame) -> pd.DataFrame:
    """One row a group and thing that at least 3 of its users do.

    sentences: user_id, item_id, topic_id, polarity, and what `choose_evidence` reads; items:
    item_id, title, category; users: user_id, group_id (null for none).
    Columns: group_id; kind (topic: talks about, like: speaks warmly of, and is warm on the whole,
    dislike: speaks coldly of, and is cold on the whole,
    item: reviewed, category: reviewed one of); key; n_users of the group that do it; share_in,
    share_out: the share of the group's and of all other groups' users that do it; lift: their
    ratio, the latter counted as half a user where none does; p: two-sided hypergeometric test;
    q: p after Benjamini and Hochberg (1995) over all rows of one kind; evidence: up to 3 sentence
    ids.
    """
    grouped = users.dropna(subset=["group_id"])
    deeds = _list_deeds(sentences.merge(grouped[["user_id", "group_id"]], on="user_id"), items)
    sizes = grouped.groupby("group_id").size()
    parts = [_test(rows, key, kind, sizes) for kind, (rows, key) in deeds.items()]
    traits = _keep_leanings(pd.concat(parts, ignore_index=True), deeds["topic"][0])
    return traits.sort_values(
        ["group_id", "kind", "p", "lift"], ascending=[True, True, True, False]
    )


def count_doers(sentences: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Users of each group that do a thing: rows (kind, key), a column a group_id, 0 for none.

    sentences: as `find_traits` takes them, and group_id.
    """
    grouped = sentences.dropna(subset=["group_id"])
    counts = {
        kind: rows.groupby([rows[key].astype(str), "group_id"])["user_id"].nunique()
        for kind, (rows, key) in _list_deeds(grouped, items).items()
    }
    return pd.concat(counts, names=["kind", "key", "group_id"]).unstack("group_id", fill_value=0)


def is_trait(traits: pd.DataFrame) -> pd.Series[bool]:
    """Rows that hold: more common in the group than elsewhere, and significantly so."""
    return (traits["lift"] > MIN_LIFT) & (traits["q"] < SIGNIFICANT)


def compare_shares(
    inside: npt.NDArray[np.int64],
    outside: npt.NDArray[np.int64],
    n_inside: npt.NDArray[np.int64],
    n_outside: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Lift and two-sided hypergeometric p of inside of n_inside against outside of n_outside."""
    share_out = np.maximum(outside, 0.5) / np.maximum(n_outside, 1)
    lift = (inside / n_inside) / share_out
    population, hits = n_inside + n_outside, inside + outside
    upper = stats.hypergeom.sf(inside - 1, population, hits, n_inside)
    lower = stats.hypergeom.cdf(inside, population, hits, n_inside)
    return lift, np.minimum(1.0, 2 * np.minimum(upper, lower))


def adjust(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """False discovery rates of p-values, Benjamini and Hochberg 1995."""
    if not len(p):
        return p
    return np.asarray(stats.false_discovery_control(p))


def find_words(
    texts: Sequence[str], groups: npt.NDArray[np.int32], n_groups: int, *, top: int = 12
) -> list[list[str]]:
    """For each group the words that more of its users use than others do, strongest first.

    texts: all that each grouped user wrote; groups: 0 … n_groups − 1. Ranked by the z-score of the
    log-odds ratio with an informative Dirichlet prior (Monroe et al. 2008, eq. 22) over users.
    """
    bags = [set(tokenize(text)) for text in texts]
    counts: dict[str, int] = {}
    for bag in bags:
        for word in bag:
            counts[word] = counts.get(word, 0) + 1
    words = sorted(w for w, n in counts.items() if n >= MIN_USERS)
    place = {w: i for i, w in enumerate(words)}
    rows = [(groups[u], place[w]) for u, bag in enumerate(bags) for w in bag if w in place]
    if len(words) < 2:  # a lone word has no odds beside others
        return [[] for _ in range(n_groups)]
    at = np.array(rows)
    table = np.asarray(
        sparse.csr_matrix(
            (np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(n_groups, len(words))
        ).todense()
    )
    total = table.sum(axis=0)
    prior = total / total.sum() * 100
    result = []
    for group in range(n_groups):
        a, b = table[group] + prior, total - table[group] + prior
        odds = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
        z = odds / np.sqrt(1 / a + 1 / b)
        best = [i for i in np.argsort(-z)[:top] if z[i] > 1 and table[group, i] >= MIN_USERS]
        result.append([words[i] for i in best])
    return result


def _list_deeds(said: pd.DataFrame, items: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, str]]:
    """For each kind of trait the sentences that show it, and the column that says of what."""
    said = said.merge(items[["item_id", "category"]], on="item_id", how="left")
    about = said[said["topic_id"] >= 0]
    return {
        "topic": (about, "topic_id"),
        "like": (about[about["polarity"] >= WARM], "topic_id"),
        "dislike": (about[about["polarity"] <= COLD], "topic_id"),
        "item": (said.dropna(subset=["item_id"]), "item_id"),
        "category": (said.dropna(subset=["category"]), "category"),
    }


def _keep_leanings(traits: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Without likes of what the group is cold about on the whole, and dislikes of the reverse:
    who speaks of a thing a lot has both warm and cold words for it.
    """
    mean = about.groupby(["group_id", "topic_id"])["polarity"].mean()
    places = zip(traits["group_id"], traits["key"], traits["kind"], strict=True)
    lean = np.array(
        [
            mean.get((g, int(k)), 0.0) if kind in ("like", "dislike") else 0.0
            for g, k, kind in places
        ]
    )
    kind = traits["kind"].to_numpy()
    against = ((kind == "like") & (lean < 0)) | ((kind == "dislike") & (lean >= 0))
    return traits[~against].reset_index(drop=True)


def _test(rows: pd.DataFrame, key: str, kind: str, sizes: pd.Series[int]) -> pd.DataFrame:
    doers = rows.drop_duplicates(["group_id", key, "user_id"])
    counts = doers.groupby(["group_id", key]).size().rename("n_users").reset_index()
    everyone = counts.groupby(key)["n_users"].transform("sum")
    counts["outside"] = everyone - counts["n_users"]
    counts = counts[counts["n_users"] >= MIN_USERS].reset_index(drop=True)
    n_in = counts["group_id"].map(sizes).to_numpy(dtype=np.int64)
    n_out = int(sizes.sum()) - n_in
    inside = counts["n_users"].to_numpy(dtype=np.int64)
    outside = counts["outside"].to_numpy(dtype=np.int64)
    lift, p = compare_shares(inside, outside, n_in, n_out)
    evidence = choose_evidence(rows, key)
    places = list(zip(counts["group_id"], counts[key], strict=True))
    return pd.DataFrame(
        {
            "group_id": counts["group_id"].astype("int64"),
            "kind": kind,
            "key": counts[key].astype(str),
            "n_users": inside,
            "share_in": inside / np.maximum(n_in, 1),
            "share_out": outside / np.maximum(n_out, 1),
            "lift": lift,
            "p": p,
            "q": adjust(p),
            "evidence": [evidence.get(place, []) for place in places],
        }
    )
