"""True answers of every tool over a workspace, with what they are checked against: for audits."""

from __future__ import annotations

import random
from collections.abc import Iterator

from agent.arguments import MAX_DAYS
from agent.claims import write_claims
from agent.facts import Facts
from agent.grounding import Grounding, Names
from agent.use_cases import Tribune
from tools.errors import InputError

TOPICS = 12
MESSAGES = (
    "I was charged twice, please give me my money back!!",
    "Thank you, everything was lovely.",
    "Where do I find the invoice?",
    "This is the worst service ever, I will call my lawyer TODAY",
)
MESSAGES_EACH = 6


def gather_answers(tribune: Tribune, *, seed: int = 0) -> list[tuple[str, Grounding]]:
    """(answer, grounding) pairs: plain answers about the largest topics, groups and some users."""
    names = Names(list_names(tribune))
    answers = []
    for found in _ask_everything(tribune, random.Random(seed)):
        claims = write_claims(found)
        evidence = {e.n: e.quote for e in found.evidence}
        text = " ".join(claim.text for claim in claims)
        answers.append((text, Grounding(claims, evidence=evidence, names=names)))
    return answers


def list_names(tribune: Tribune) -> list[str]:
    """Every group, user, item and topic of a workspace."""
    groups = [group.name for group in tribune.groups]
    titles = list(tribune.item_titles.values())
    return groups + list(tribune.user_ids) + titles + tribune.topic_names


def _ask_everything(tribune: Tribune, rng: random.Random) -> Iterator[Facts]:
    yield tribune.overview()
    for topic in tribune.topic_names[:TOPICS]:
        subject = topic.split(" & ")[0]
        yield tribune.describe_topic(subject)
        yield tribune.search_reviews(subject)
        try:
            yield tribune.sentiment_trend(subject, period="quarter")
            yield tribune.find_users(subject)
            yield tribune.find_users(subject, "dislikes")
        except InputError:
            continue  # data without dates or users has no such answers
    if tribune.sentences["time"].notna().any():
        yield tribune.sentiment_trend(period="quarter")
    for days in (30, 365, MAX_DAYS):
        yield tribune.list_alerts(days)
    if tribune.groups:
        yield tribune.list_groups()
    for group, other in zip(tribune.groups, tribune.groups[1:], strict=False):
        yield tribune.describe_group(str(group.id))
        yield tribune.compare_groups(str(group.id), str(other.id))
    recommends = tribune.manifest["recommendation"]["chosen"] is not None
    if recommends:
        for group in tribune.groups:
            yield tribune.recommend(group=str(group.id))
    yield from _draft_replies(tribune, rng)
    for user in rng.sample(list(tribune.user_ids), min(20, len(tribune.user_ids))):
        yield tribune.describe_user(user)
        if recommends:
            suggested = tribune.recommend(user=user)
            yield suggested
            if suggested.items:
                yield tribune.explain_recommendation(user, suggested.items[0].id)


def _draft_replies(tribune: Tribune, rng: random.Random) -> Iterator[Facts]:
    """Replies to what customers ask, to past questions and to what users complained of."""
    asked = list(MESSAGES)
    if tribune.knowledge is not None:
        asked += rng.sample(
            list(tribune.knowledge.questions["question"]),
            min(MESSAGES_EACH, len(tribune.knowledge.questions)),
        )
    cold = tribune.sentences.sort_values("polarity", kind="stable")["text"]
    asked += list(cold.head(MESSAGES_EACH))
    users = [None, *rng.sample(list(tribune.user_ids), min(len(asked), len(tribune.user_ids)))]
    for place, message in enumerate(asked):
        yield tribune.draft_reply(message, users[place % len(users)])
