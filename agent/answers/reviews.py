"""What the reviews say of a thing, over groups and time, and what is loaded."""

from __future__ import annotations

import numpy as np
import pandas as pd

from agent import facts
from agent.arguments import check_limit
from agent.citations import Citations, most_telling
from agent.facts import Stance
from agent.names import find_id
from agent.opened import Opened, moment, number
from tools.embedding.sentiment import COLD, WARM, score_lexicon
from tools.profiling.aspects import stands_out, weigh_opinions
from tools.profiling.evidence import SCRAP
from tools.profiling.traits import SIGNIFICANT

# A sentence less similar than this to a query is no answer to it.
MIN_SIMILARITY = 0.25
CLEAR_TONE = 0.3
# What a scrap ("Good path.") loses of its similarity: it is found easily and tells little.
TERSE = 0.15


def search_reviews(
    tribune: Opened,
    query: str,
    stance: Stance = "any",
    group: str | None = None,
    user: str | None = None,
    item: str | None = None,
    limit: int = 5,
) -> facts.ReviewsFound:
    """The reviews themselves: sentences nearest in meaning, one a review."""
    limit = check_limit(limit)
    chosen = tribune.resolve_group(group)
    user_id = find_id(user, {u: u for u in tribune.users.index}, "user") if user else None
    item_id = find_id(item, tribune.item_titles, "item") if item else None
    filters: dict[str, str | int] = {}
    if chosen:
        filters["group_id"] = chosen.id
    if user_id:
        filters["user_id"] = user_id
    if item_id:
        filters["item_id"] = item_id
    # The reviews of an item need not name it.
    whole = item_id is not None and query.casefold() == tribune.item_titles[item_id].casefold()
    tone = _hear_tone(query) if stance == "any" and not whole else 0.0
    found = tribune.store.search(
        tribune.encoder.encode([query])[0],
        limit=min(limit * 10, len(tribune.sentences)),
        equal=filters,
        polarity=stance,
    )
    row_of = tribune.row_of_sentence
    least = -1.0 if whole else MIN_SIMILARITY
    near = {row_of[i]: similarity for i, similarity in found if similarity >= least}
    hits = tribune.sentences.loc[list(near)]
    fit = hits.index.map(near).to_numpy(dtype=np.float64) + 0.2 * tone * hits["polarity"]
    fit -= TERSE * (hits["text"].str.len() < SCRAP)
    hits = hits.loc[fit.sort_values(ascending=False, kind="stable").index]
    citations = Citations(tribune.sentences, tribune.item_titles)
    for row in hits.drop_duplicates("review_id").drop_duplicates("text").head(limit).index:
        citations.cite(int(row))
    said = tribune.sentences
    if not whole:
        said = said.iloc[tribune.find_sentences(query)[1]]
    if tone:
        said = said[said["polarity"] * tone > 0]
    if stance != "any":
        said = said[said["polarity"] >= WARM if stance == "likes" else said["polarity"] <= COLD]
    for column, value in filters.items():
        said = said[said[column].eq(value).fillna(False)]
    return facts.ReviewsFound(
        query=query,
        stance=stance,
        group=chosen,
        user_id=user_id,
        item=tribune.item_titles[item_id] if item_id else None,
        n_sentences=len(said),
        n_reviews=said["review_id"].nunique(),
        polarity=number(said["polarity"].mean()),
        evidence=citations.evidence(),
        notes=tribune.tell_polarity(),
    )


def _hear_tone(query: str) -> float:
    """What the query itself feels, in [-1, 1]: "rude staff" asks for complaints. 0 where it is
    faint.
    """
    tone = float(score_lexicon([query])[0, 3])
    return tone if abs(tone) >= CLEAR_TONE else 0.0


def describe_topic(tribune: Opened, topic: str) -> facts.TopicOpinion:
    """What people, group by group, think of a topic."""
    relevant, rows = tribune.find_sentences(topic)
    said = tribune.sentences.iloc[rows]
    citations = Citations(tribune.sentences, tribune.item_titles)
    opinions = []
    cards = {card.id: card for card in tribune.cards}
    weighed = weigh_opinions(said.assign(topic_id=0))
    for _, row in weighed.assign(differs=stands_out(weighed)).iterrows():
        card = cards[int(row["group_id"])]
        own = said[said["group_id"].eq(card.id).fillna(False)]
        best = most_telling(own, "likes" if row["polarity"] >= 0 else "dislikes", topic)
        opinions.append(
            facts.GroupOpinion(
                id=card.id,
                name=card.name,
                n_users=int(row["n_users"]),
                share=float(row["n_users"] / card.n_users),
                n_sentences=int(row["n_sentences"]),
                polarity=round(float(row["polarity"]), 2),
                low=round(float(row["low"]), 2),
                high=round(float(row["high"]), 2),
                others=None if pd.isna(row["others"]) else round(float(row["others"]), 2),
                q=float(row["q"]),
                differs=bool(row["differs"]),
                cites=[citations.cite(int(best))],
            )
        )
    if not opinions and len(said):
        plainly = said.iloc[np.argsort(~relevant.named, kind="stable")]
        for row in plainly.drop_duplicates("text").index[:3]:
            citations.cite(int(row))
    return facts.TopicOpinion(
        topic=topic,
        n_sentences=len(said),
        n_users=said["user_id"].nunique(),
        polarity=number(said["polarity"].mean()),
        positive_share=number((said["polarity"] >= WARM).mean()),
        negative_share=number((said["polarity"] <= COLD).mean()),
        nearest_topic=None if len(said) else tribune.nearest_topic(topic),
        groups=sorted(opinions, key=lambda o: -o.share),
        evidence=citations.evidence(),
        notes=[*tribune.tell_unsaid(topic), *tribune.tell_polarity()],
    )


def overview(tribune: Opened) -> facts.Overview:
    """What is loaded."""
    counts = tribune.manifest["counts"]
    times = tribune.table.query("SELECT min(time) a, max(time) b, avg(rating) r FROM reviews").iloc[
        0
    ]
    return facts.Overview(
        n_reviews=counts["reviews"],
        n_sentences=counts["sentences"],
        n_users=counts["users"],
        n_items=counts["items"],
        n_topics=counts["topics"],
        n_groups=counts["groups"],
        n_without_group=counts["users_without_group"],
        rating=number(times["r"]),
        first_time=moment(times["a"]),
        last_time=moment(times["b"]),
        groups=tribune.groups,
        topics=tribune.topic_names[:8],
        notes=tribune.manifest["notes"],
    )


def suggest_questions(tribune: Opened) -> list[str]:
    """Example questions made from the loaded data's own groups and topics."""
    traits = tribune.traits[
        (tribune.traits["kind"] == "like") & (tribune.traits["q"] < SIGNIFICANT)
    ]
    liked = [
        tribune.topic_names[int(k)].split(" & ")[0] for k in traits.sort_values("p")["key"].head(2)
    ]
    topics = liked or [n.split(" & ")[0] for n in tribune.topic_names[:2]]
    questions = []
    if len(tribune.users) and topics:
        questions.append(f"Which users love {topics[0]}?")
    if tribune.groups:
        first = tribune.groups[0].id
        questions.append(f"What is group {first} like?")
        if tribune.manifest["recommendation"]["chosen"]:
            questions.append(f"What should we recommend to group {first}?")
        else:
            questions.append("Which groups are there?")
    if len(tribune.groups) > 4:
        questions.append("How do groups 2 and 5 differ?")
    if topics:
        questions.append(f"What do people think of {topics[-1]}?")
        if not tribune.sentences["time"].isna().all():
            questions.append(f"How did sentiment on {topics[0]} move by quarter?")
            questions.append("What surged in the last year?")
    return questions
