"""Why a user is in their group: what weighs most, and what would tip the balance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from agent import facts
from agent.citations import Citations
from agent.facts import GroupRef
from agent.opened import Opened
from tools.clustering.explanation import OwnEvidence, find_tip, weigh_evidence
from tools.clustering.topics import share_among_topics

REASONS = 3
# A hundredth of a percent of membership is nobody's reason.
LEAST_WEIGHT = 1e-4


def find_reasons(
    tribune: Opened, user_id: str, group: GroupRef, citations: Citations
) -> list[facts.Reason]:
    """The three sentences, items or ratings that weigh most for the user's group."""
    said, written, own = gather_own(tribune, user_id)
    weights = weigh_evidence(own, tribune.user_space, tribune.group_vectors, _row(tribune, group))
    found: list[tuple[float, str, int]] = []
    for kind, values in (
        ("sentence", weights.sentences),
        ("item", weights.items),
        ("rating", weights.ratings),
    ):
        found += [(float(w), kind, row) for row, w in enumerate(values) if w >= LEAST_WEIGHT]
    reasons = []
    for weight, kind, row in sorted(found, key=lambda f: -f[0])[:REASONS]:
        if kind == "sentence":
            sentence = said.iloc[row]
            topic = int(sentence["topic_id"])
            reasons.append(
                facts.Reason(
                    kind="sentence",
                    what=tribune.topic_names[topic] if topic >= 0 else None,
                    stars=None,
                    weight=round(weight, 4),
                    cites=[citations.cite(int(said.index[row]))],
                )
            )
            continue
        review = written.iloc[row]
        item = review["item_id"]
        reasons.append(
            facts.Reason(
                kind="item" if kind == "item" else "rating",
                what=None if pd.isna(item) else tribune.item_titles.get(item, item),
                stars=float(review["rating"]) if kind == "rating" else None,
                weight=round(weight, 4),
            )
        )
    return reasons


def tell_tip(
    tribune: Opened, user_id: str, group: GroupRef, rival: GroupRef | None
) -> facts.Tip | None:
    """What the user would have to write more about to fall to the next nearest group."""
    if rival is None:
        return None
    own = gather_own(tribune, user_id)[2]
    tip = find_tip(
        own,
        tribune.user_space,
        tribune.group_vectors,
        _row(tribune, group),
        _row(tribune, rival),
        tribune.warmth_by_topic(rival),
    )
    if tip is None:
        return None
    return facts.Tip(topic=tribune.topic_names[tip.topic], n_sentences=tip.n_sentences)


def gather_own(tribune: Opened, user_id: str) -> tuple[pd.DataFrame, pd.DataFrame, OwnEvidence]:
    """The user's sentences (rows of the record), reviews, and both as evidence."""
    said = tribune.sentences[tribune.sentences["user_id"] == user_id]
    written = tribune.table.query(
        "SELECT r.*, i.category, i.price FROM reviews r LEFT JOIN items i USING (item_id) "
        "WHERE user_id = ?",
        [user_id],
    )
    shares = share_among_topics(tribune.own_vectors(said.index.to_numpy()), tribune.topic_vectors)
    names = tribune.manifest["categories"]
    visited = [[category == name for name in names] for category in written["category"]]
    own = OwnEvidence(
        shares=shares,
        polarity=said["polarity"].to_numpy(dtype=np.float32),
        categories=np.array(visited, dtype=np.float32).reshape(len(written), len(names)),
        price=written["price"].to_numpy(dtype=np.float32),
        rating=written["rating"].to_numpy(dtype=np.float32),
    )
    return said, written, own


def _row(tribune: Opened, group: GroupRef) -> int:
    return tribune.groups.index(group)
