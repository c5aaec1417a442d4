"""Who likes what, and who someone is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agent import facts
from agent.answers.reasons import find_reasons
from agent.arguments import check_limit
from agent.citations import SIDES, Citations, hear_clause, most_telling, show_plainly
from agent.facts import Stance
from agent.names import find_id
from agent.opened import Opened, moment, number
from tools.embedding.sentiment import COLD, WARM
from tools.profiling.affinity import rank_users
from tools.profiling.traits import compare_shares


def find_users(
    tribune: Opened, topic: str, stance: Stance = "likes", group: str | None = None, limit: int = 10
) -> facts.UsersFound:
    """Who likes, dislikes or talks about a topic, and which groups they come from; first those of
    whom a sentence plainly says so.
    """
    tribune.need_users()
    limit = check_limit(limit)
    relevant, rows = tribune.find_sentences(topic)
    chosen = tribune.resolve_group(group)
    said = tribune.sentences.iloc[rows]
    users = said["user_id"].map(tribune.user_row).fillna(-1).to_numpy(dtype=np.int32)
    if chosen:
        users = np.where(said["group_id"].eq(chosen.id).fillna(False), users, -1)
    polarity = said["polarity"].to_numpy(dtype=np.float32)
    tone = said["tone"].to_numpy(dtype=np.float32)
    ranked = rank_users(users, polarity, tone, relevant.weights, stance)
    citations = Citations(tribune.sentences, tribune.item_titles)
    plain = relevant.named & ((stance == "any") | (SIDES[stance] * tone > 0))
    unclear = ~np.isin(ranked.users, users[plain])
    # Of more than are shown, those come last whose best sentence says the reverse of the topic.
    shown = [
        (place, most_telling(said[users == ranked.users[place]], stance, topic))
        for place in np.argsort(unclear, kind="stable")[: 2 * limit]
    ]
    shown.sort(key=lambda p: SIDES[stance] * hear_clause(said["text"][p[1]], topic) < 0)
    hits = []
    for place, best in shown[:limit]:
        user = tribune.users.iloc[int(ranked.users[place])]
        hits.append(
            facts.UserHit(
                user_id=user["user_id"],
                group=tribune.group_of(user),
                score=round(float(ranked.scores[place]), 3),
                mentions=int(ranked.mentions[place]),
                warm=int(ranked.warm[place]),
                cold=int(ranked.cold[place]),
                cites=[citations.cite(best)],
            )
        )
    return facts.UsersFound(
        topic=topic,
        stance=stance,
        group=chosen,
        n_sentences=int((users >= 0).sum()),
        n_speakers=len(np.unique(users[users >= 0])),
        n_users=len(ranked.users),
        nearest_topic=None if len(ranked.users) else tribune.nearest_topic(topic),
        users=hits,
        groups=[] if chosen else _lift_groups(tribune, ranked.users),
        evidence=citations.evidence(),
        notes=[*tribune.tell_unsaid(topic), *tribune.tell_polarity()],
    )


def describe_user(tribune: Opened, user: str) -> facts.UserProfile:
    """A user's profile, group, and the sentences that place them there."""
    tribune.need_users()
    row = tribune.users.loc[find_id(user, {u: u for u in tribune.users.index}, "user")]
    citations = Citations(tribune.sentences, tribune.item_titles)
    own = tribune.sentences[tribune.sentences["user_id"] == row["user_id"]]
    topics = []
    for topic, said in own[own["topic_id"] >= 0].groupby("topic_id"):
        tone = float(said["polarity"].mean())
        clear = 0.0 if COLD < tone < WARM else tone
        best = show_plainly(said, clear)
        if best is not None:
            topics.append((len(said), tone, int(str(topic)), best))
    topics.sort(key=lambda t: (-t[0], t[2]))
    group = tribune.group_of(row)
    rival = tribune.group_at(row["runner_up"])
    reasons, tip = (
        find_reasons(tribune, row["user_id"], group, rival, citations) if group else ([], None)
    )
    return facts.UserProfile(
        user_id=row["user_id"],
        n_reviews=int(row["n_reviews"]),
        n_sentences=int(row["n_sentences"]),
        rating=number(row["rating"]),
        rating_all=number(tribune.users["rating"].mean()),
        polarity=number(row["polarity"]),
        first_time=moment(row["first_time"]),
        last_time=moment(row["last_time"]),
        group=group,
        strength=number(row["strength"]),
        runner_up=rival,
        runner_up_strength=number(row["runner_up_strength"]),
        topics=[
            facts.UserTopic(
                id=t,
                name=tribune.topic_names[t],
                n_sentences=n,
                polarity=round(p, 2),
                cites=[citations.cite(s)],
            )
            for n, p, t, s in topics[:5]
        ],
        trusted=tribune.card(group).trusted if group else None,
        reasons=reasons,
        tip=tip,
        evidence=citations.evidence(),
        notes=tribune.tell_polarity(),
    )


def _lift_groups(tribune: Opened, user_rows: npt.NDArray[np.int32]) -> list[facts.GroupLift]:
    """Where the users found come from: each group's share of them beside its share of all users."""
    found = tribune.users.iloc[user_rows]["group_id"]
    if not len(found) or not tribune.cards:
        return []
    inside = np.array([int((found == card.id).sum()) for card in tribune.cards])
    sizes = np.array([card.n_users for card in tribune.cards])
    everyone = len(tribune.users)
    # Of the group's users, those found, beside the same among all other users.
    _, p = compare_shares(inside, len(found) - inside, sizes, everyone - sizes)
    lift = (inside / len(found)) / (sizes / everyone)
    return [
        facts.GroupLift(
            id=tribune.cards[g].id,
            name=tribune.cards[g].name,
            n_users=int(inside[g]),
            share=float(inside[g] / len(found)),
            lift=round(float(lift[g]), 2),
            p=float(p[g]),
        )
        for g in np.argsort(-lift, kind="stable")
        if inside[g] > 0
    ]
