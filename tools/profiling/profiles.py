"""Users, items and groups as tables: size, activity, taste, name and headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.profiling.terms import measure_nouns
from tools.profiling.traits import find_words, is_trait

HEADLINE_TOPICS = 3
# What follows an article in a smaller share of its uses is hardly ever a noun.
NOUN = 0.1
# One user who wrote more than this share of a group's sentences speaks for it.
LOUD = 0.3


def profile_users(
    reviews: pd.DataFrame, sentences: pd.DataFrame, items: pd.DataFrame
) -> pd.DataFrame:
    """One row a user, ordered by user_id: user_id, n_reviews, n_sentences, rating (mean or NaN),
    polarity (mean over sentences), first_time, last_time, price (mean over items, NaN: unknown).
    """
    known = reviews.dropna(subset=["user_id"]).merge(
        items[["item_id", "price"]], on="item_id", how="left"
    )
    users = known.groupby("user_id").agg(
        n_reviews=("review_id", "size"),
        rating=("rating", "mean"),
        first_time=("time", "min"),
        last_time=("time", "max"),
        price=("price", "mean"),
    )
    said = sentences.dropna(subset=["user_id"]).groupby("user_id")
    users["n_sentences"] = said.size().reindex(users.index, fill_value=0)
    users["polarity"] = said["polarity"].mean()
    return users.sort_index().reset_index()


def profile_items(reviews: pd.DataFrame, given: pd.DataFrame | None) -> pd.DataFrame:
    """One row an item: item_id, title (the id where none is given), category, price, n_reviews,
    n_users, rating, polarity, then further columns of `given`.
    """
    known = reviews.dropna(subset=["item_id"]).groupby("item_id")
    seen = known.agg(
        n_reviews=("review_id", "size"),
        n_users=("user_id", "nunique"),
        rating=("rating", "mean"),
        polarity=("polarity", "mean"),
    ).reset_index()
    if given is None:
        items = seen.assign(title=seen["item_id"], category=None, price=np.nan)
    else:
        further = [c for c in given.columns if c not in seen.columns or c == "item_id"]
        items = seen.merge(given[further], on="item_id", how="outer")
        items["title"] = items["title"].fillna(items["item_id"])
        counts = ["n_reviews", "n_users"]
        items[counts] = items[counts].fillna(0).astype("int64")
    first = ["item_id", "title", "category", "price", "n_reviews", "n_users", "rating", "polarity"]
    items["category"] = items["category"].astype("object")
    return items[first + [c for c in items.columns if c not in first]]


def profile_groups(
    users: pd.DataFrame,
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    traits: pd.DataFrame,
    topics: pd.DataFrame,
    kept_names: Mapping[int, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """One row a group: group_id, name, headline, terms, n_users, share (of all users), n_reviews,
    reviews_per_user, rating, polarity, price, top_user_share (of the group's sentences that its
    most talkative user wrote), voices (how many equally talkative users would concentrate them as
    much: 1 / Σ shares², Hill 1973), first_time, last_time.

    kept_names: group_id → the name that a group keeps.
    """
    grouped = users.dropna(subset=["group_id"])
    sizes = grouped.groupby("group_id").agg(
        n_users=("user_id", "size"),
        n_reviews=("n_reviews", "sum"),
        reviews_per_user=("n_reviews", "mean"),
        price=("price", "mean"),
        first_time=("first_time", "min"),
        last_time=("last_time", "max"),
        n_sentences=("n_sentences", "sum"),
        loudest=("n_sentences", "max"),
        squares=("n_sentences", lambda n: float((n.astype(float) ** 2).sum())),
    )
    places = grouped[["user_id", "group_id"]]
    sizes["rating"] = reviews.merge(places, on="user_id").groupby("group_id")["rating"].mean()
    sizes["polarity"] = sentences.groupby("group_id")["polarity"].mean()
    groups = sizes.reset_index()
    groups["share"] = groups["n_users"] / max(1, len(users))
    groups["top_user_share"] = groups.pop("loudest") / groups["n_sentences"]
    groups["voices"] = groups["n_sentences"] ** 2 / groups.pop("squares")
    ids = groups["group_id"].tolist()
    groups["terms"] = _group_words(grouped, reviews, ids)
    names = topics.set_index("topic_id")["name"]
    telling = dict(
        zip(ids, _put_nouns_first(groups["terms"], sentences["text"].tolist()), strict=True)
    )
    for group, words in telling.items():
        if len(_without_variants(words)) < 2:
            telling[group] = _list_topic_words(traits[traits["group_id"] == group], names)
    groups["name"] = name_groups(telling, kept_names)
    groups["headline"] = [
        _headline(traits[traits["group_id"] == g], names) for g in groups["group_id"]
    ]
    return groups


def name_groups(terms: Mapping[int, Sequence[str]], kept: Mapping[int, str]) -> list[str]:
    """A name of two to four words for each group id, no two alike, from its strongest words; those
    of `kept` keep theirs.
    """
    names = dict(kept)
    for group, words in terms.items():
        if group in kept:
            continue
        distinct = _without_variants(words)
        name = f"Group {group}"
        for second in range(1, len(distinct)):
            name = f"{_capitalise(distinct[0])} & {_capitalise(distinct[second])}"
            if name not in names.values():
                break
        names[group] = name if name not in names.values() else f"{name} {group}"
    return [names[group] for group in terms]


def _group_words(grouped: pd.DataFrame, reviews: pd.DataFrame, ids: list[int]) -> list[list[str]]:
    texts = reviews.groupby("user_id")["text"].agg(" ".join)
    place = {g: i for i, g in enumerate(ids)}
    rows: npt.NDArray[np.int32] = grouped["group_id"].map(place).to_numpy(dtype=np.int32)
    return find_words(texts.reindex(grouped["user_id"]).tolist(), rows, len(ids))


def _put_nouns_first(terms: pd.Series[Any], texts: Sequence[str]) -> list[list[str]]:
    """Each group's terms, what is hardly ever a noun last: "took" names no group."""
    words = sorted({term for own in terms for term in own})
    noun = dict(zip(words, measure_nouns(texts, words) >= NOUN, strict=True))
    return [sorted(own, key=lambda term: not noun[term]) for own in terms]


def _list_topic_words(traits: pd.DataFrame, names: pd.Series[str]) -> list[str]:
    """The words by which the topics are called that set a group apart."""
    held = traits[is_trait(traits) & (traits["kind"] == "topic")]
    return [word for key in held["key"] for word in names[int(key)].split(" & ")]


def _headline(traits: pd.DataFrame, names: pd.Series[str]) -> str:
    held = traits[is_trait(traits)]

    def top(kind: str, n: int) -> list[str]:
        keys = held[held["kind"] == kind]["key"].head(n)
        return [str(names.get(int(k), k)) for k in keys]

    talk, warm, cold = top("topic", HEADLINE_TOPICS), top("like", 1), top("dislike", 1)
    parts = [f"Talk more than others about {_join(talk)}"] if talk else []
    if warm:
        parts.append(f"warm about {_join(warm)}")
    if cold:
        parts.append(f"critical of {_join(cold)}")
    return "; ".join(parts) + "." if parts else "Nothing sets them clearly apart from the others."


def _join(names: Sequence[str]) -> str:
    quoted = [f"“{n}”" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _without_variants(words: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if not any(word[:4] == other[:4] for other in kept):
            kept.append(word)
    return kept


def _capitalise(word: str) -> str:
    return word[:1].upper() + word[1:]
