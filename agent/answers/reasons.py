"""Why a user is in their group: what weighs most, and what would tip the balance."""

from __future__ import annotations

from typing import Any

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
    tribune: Opened,
    user_id: str,
    group: GroupRef,
    rival: GroupRef | None,
    citations: Citations,
) -> tuple[list[facts.Reason], facts.Tip | None]:
    """The three sentences, items or ratings that weigh most for the user's group, and what the user
    would have to write more about to fall to `rival`, the next nearest.
    """
    said, written, own = gather_own(tribune, user_id)
    space, centres = tribune.user_space, tribune.group_vectors
    row = tribune.groups.index(group)
    weights = weigh_evidence(own, space, centres, row)
    ranked = sorted(
        (
            (float(weight), kind, place)
            for kind, values in (
                ("sentence", weights.sentences),
                ("item", weights.items),
                ("rating", weights.ratings),
            )
            for place, weight in enumerate(values)
            if weight >= LEAST_WEIGHT
        ),
        key=lambda found: -found[0],
    )
    reasons = [
        _tell_sentence(tribune, said.iloc[[place]], weight, citations)
        if kind == "sentence"
        else _tell_review(tribune, written.iloc[place], kind, weight)
        for weight, kind, place in ranked[:REASONS]
    ]
    if rival is None:
        return reasons, None
    warmth = tribune.warmth_by_topic(rival)
    tip = find_tip(own, space, centres, row, tribune.groups.index(rival), warmth)
    if tip is None:
        return reasons, None
    return reasons, facts.Tip(topic=tribune.topic_names[tip.topic], n_sentences=tip.n_sentences)


def gather_own(tribune: Opened, user_id: str) -> tuple[pd.DataFrame, pd.DataFrame, OwnEvidence]:
    """The user's sentences (rows of the record), reviews, and both as evidence."""
    said = tribune.sentences[tribune.sentences["user_id"] == user_id]
    written = tribune.table.query(
        "SELECT r.*, i.category, i.price FROM reviews r LEFT JOIN items i USING (item_id) "
        "WHERE user_id = ?",
        [user_id],
    )
    shares = share_among_topics(tribune.own_vectors(said.index.to_numpy()), tribune.cluster_vectors)
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


def _tell_sentence(
    tribune: Opened, said: pd.DataFrame, weight: float, citations: Citations
) -> facts.Reason:
    topic = int(said["topic_id"].iloc[0])
    return facts.Reason(
        kind="sentence",
        what=tribune.topic_names[topic] if said["naming"].iloc[0] > 0 else None,
        stars=None,
        weight=round(weight, 4),
        cites=[citations.cite(int(said.index[0]))],
    )


def _tell_review(tribune: Opened, review: pd.Series[Any], kind: str, weight: float) -> facts.Reason:
    item = review["item_id"]
    return facts.Reason(
        kind="item" if kind == "item" else "rating",
        what=None if pd.isna(item) else tribune.item_titles.get(item, item),
        stars=float(review["rating"]) if kind == "rating" else None,
        weight=round(weight, 4),
    )
