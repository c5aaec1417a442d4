"""A reply to a customer's message: who they are, what it is about, and a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from agent import facts
from agent.answers.drafting import Content, compose, join
from agent.citations import Citations, show_plainly
from agent.facts import GroupRef
from agent.names import find_id
from agent.opened import Opened, moment, number
from tools.embedding.sentiment import COLD, WARM
from tools.errors import InputError, UnknownName
from tools.profiling.aspects import stands_out
from tools.profiling.traits import is_trait
from tools.reviews.sentences import split_sentences
from tools.support.knowledge import Findings, Match
from tools.support.urgency import judge_urgency

Floats = npt.NDArray[np.float32]

MAX_MESSAGE = 5000
MATCHES, ALIKE = 3, 8
# Past questions after the first that are likelier than this to answer the message are shown.
FAINT = 0.05
SENTENCES_ASKED, WORDS_ASKED = 8, 4
TASTES = 3
COMPLAINTS = 3
GUIDELINES = 3
# Cosines under which two texts are on different things.
ON_TOPIC, ON_SUBJECT, SAME_TROUBLE = 0.3, 0.4, 0.45
# Median lengths of reviews that differ by this factor are told.
BRIEF = 0.75

NO_ANSWERS = (
    "No past questions are loaded, so nothing can be answered from them. Build with --answers FILE "
    "to draft from past answers."
)


def draft_reply(tribune: Opened, message: str, user: str | None = None) -> facts.ReplyDraft:
    """Who writes, what it is about, how urgent it is, similar past questions, what suits the group,
    and a draft that says nothing beyond the past answers.

    An unknown user is told of, and the draft is for anyone.
    Raises: InputError for an empty message or one of over 5,000 characters.
    """
    message = _check(message)
    vector = tribune.encoder.encode([message])[0]
    citations = Citations(tribune.sentences, tribune.item_titles)
    found = _find_answers(tribune, message)
    matches = [_cite(match, citations) for match in found.matches]
    user_id, notes = _find_user(tribune, user)
    customer = _describe(tribune, user_id, vector, citations) if user_id else None
    group = customer.group if customer else None
    guidelines = _guide(tribune, group, vector, citations) if group else []
    habit = _measure_habit(tribune, group) if group else None
    given = _choose_given(found, matches)
    urgency = _judge(message)
    paragraphs = compose(
        Content(
            urgency=urgency,
            answers=given,
            further=_choose_further(tribune, found, matches, given, group),
            earlier=_find_same_trouble(customer, urgency),
            brief=habit is not None and habit.brief,
            asks="?" in message or "？" in message,
        )
    )
    return facts.ReplyDraft(
        message=message,
        unknown_user=user_id is None and bool(user),
        customer=customer,
        topic=_find_topic(tribune, vector),
        intent=_tell_intent(tribune, message),
        urgency=urgency,
        n_questions=len(tribune.knowledge.questions) if tribune.knowledge else 0,
        matches=matches,
        sure=found.sure,
        threshold=round(found.threshold, 2),
        guidelines=guidelines,
        habit=habit,
        holding=not given,
        draft=join(paragraphs),
        paragraphs=paragraphs,
        evidence=citations.evidence(),
        notes=[*notes, *([] if tribune.knowledge else [NO_ANSWERS]), *tribune.tell_polarity()],
    )


def _check(message: str) -> str:
    message = message.strip()
    if not message:
        raise InputError("The message is empty. Give what the customer wrote.")
    if len(message) > MAX_MESSAGE:
        raise InputError(
            f"A message has at most {MAX_MESSAGE:,} characters; got {len(message):,}. Give the "
            "part that asks for something."
        )
    return message


def _find_user(tribune: Opened, user: str | None) -> tuple[str | None, list[str]]:
    """The user's id, or None and why."""
    if not user or not user.strip():
        return None, []
    try:
        return find_id(user, {u: u for u in tribune.users.index}, "user"), []
    except UnknownName as unknown:
        return None, [f"{unknown} The draft is for anyone."]


# The customer ------------------------------------------------------------------------------------


def _describe(
    tribune: Opened, user_id: str, vector: Floats, citations: Citations
) -> facts.Customer:
    row = tribune.users.loc[user_id]
    own = tribune.sentences[tribune.sentences["user_id"] == user_id]
    group = tribune.group_of(row)
    topics = _feel(tribune, own, citations)
    return facts.Customer(
        user_id=user_id,
        group=group,
        strength=number(row["strength"]),
        trusted=tribune.card(group).trusted if group else None,
        n_reviews=int(row["n_reviews"]),
        rating=number(row["rating"]),
        rating_all=number(tribune.users["rating"].mean()),
        first_time=moment(row["first_time"]),
        last_time=moment(row["last_time"]),
        likes=[topic for topic in topics if topic.polarity >= WARM][:TASTES],
        dislikes=[topic for topic in topics if topic.polarity <= COLD][:TASTES],
        complaints=_find_complaints(tribune, own, vector, citations),
    )


def _feel(tribune: Opened, own: pd.DataFrame, citations: Citations) -> list[facts.UserTopic]:
    """The topics that the user is clearly warm or cold about, those of most sentences first; each
    cites a sentence that plainly says so.
    """
    felt = []
    for topic, said in own[own["topic_id"] >= 0].groupby("topic_id"):
        polarity = float(said["polarity"].mean())
        if COLD < polarity < WARM:
            continue
        best = show_plainly(said, polarity)
        if best is not None:
            felt.append((len(said), polarity, int(str(topic)), best))
    felt.sort(key=lambda t: (-t[0], -abs(t[1])))
    kept = [t for t in felt if t[1] > 0][:TASTES] + [t for t in felt if t[1] < 0][:TASTES]
    return [
        facts.UserTopic(
            id=topic,
            name=tribune.topic_names[topic],
            n_sentences=n,
            polarity=round(polarity, 2),
            cites=[citations.cite(best)],
        )
        for n, polarity, topic, best in kept
    ]


def _find_complaints(
    tribune: Opened, own: pd.DataFrame, vector: Floats, citations: Citations
) -> list[facts.Complaint]:
    """The user's last cold sentences, one a review, and the one nearest to the message."""
    cold = own[(own["polarity"] <= COLD) & (own["tone"] < 0)]
    if cold.empty:
        return []
    nearness = tribune.own_vectors(cold.index.to_numpy()) @ vector
    cold = cold.assign(nearness=nearness)
    worst = cold.sort_values("polarity", kind="stable").drop_duplicates("review_id")
    last = worst.sort_values("time", ascending=False, kind="stable").head(COMPLAINTS)
    nearest = cold.loc[[cold["nearness"].idxmax()]]
    if float(nearest["nearness"].iloc[0]) >= SAME_TROUBLE:
        last = pd.concat([nearest, last[last["review_id"] != nearest["review_id"].iloc[0]]])
    return [
        facts.Complaint(
            topic=tribune.topic_names[int(said["topic_id"])] if said["topic_id"] >= 0 else None,
            item=_name_item(tribune, said["item_id"]),
            time=moment(said["time"]),
            nearness=round(float(said["nearness"]), 2),
            cites=[citations.cite(int(str(place)))],
        )
        for place, said in last.head(COMPLAINTS).iterrows()
    ]


def _name_item(tribune: Opened, item: object) -> str | None:
    """Its title; None where it has none but its id, which says nothing to a customer."""
    title = None if pd.isna(item) else tribune.items["title"].get(str(item))
    return None if title is None or title == item else str(title)


def _find_same_trouble(
    customer: facts.Customer | None, urgency: facts.Urgency
) -> facts.Complaint | None:
    """An earlier complaint of the customer on what they write about now."""
    if customer is None or urgency.tone == "pleased":
        return None
    near = [c for c in customer.complaints if c.nearness >= SAME_TROUBLE]
    return near[0] if near else None


# The message -------------------------------------------------------------------------------------


def _find_topic(tribune: Opened, vector: Floats) -> facts.TopicRef | None:
    if not len(tribune.topic_vectors):
        return None
    nearness = tribune.topic_vectors @ vector
    best = int(nearness.argmax())
    if nearness[best] < ON_TOPIC:
        return None
    return facts.TopicRef(id=best, name=tribune.topic_names[best])


def _tell_intent(tribune: Opened, message: str) -> facts.Intent | None:
    intent = tribune.knowledge.tell_intent(message) if tribune.knowledge else None
    if intent is None:
        return None
    return facts.Intent(
        tag=intent.tag,
        confidence=round(intent.confidence, 2),
        sure=intent.sure,
        runner_up=intent.runner_up,
    )


def _judge(message: str) -> facts.Urgency:
    found = judge_urgency(message)
    return facts.Urgency(
        level=found.level,
        tone=found.tone,
        signals=[facts.Signal(kind=s.kind, words=list(s.words)) for s in found.signals],
    )


# Past questions ----------------------------------------------------------------------------------


def _find_answers(tribune: Opened, message: str) -> Findings:
    """Past questions like the message, or, where none of them surely answers it, like one of its
    sentences: greetings and the story before a question lead away from it.
    """
    if tribune.knowledge is None:
        return Findings(message, [], False, 1.0, False)
    whole = tribune.knowledge.find_answers(message, ALIKE)
    sentences = split_sentences(message)
    if whole.sure or len(sentences) < 2:
        return _keep_first(whole, whole.matches, whole.sure)
    asked = [s for s in sentences if len(s.split()) >= WORDS_ASKED][:SENTENCES_ASKED]
    parts = [tribune.knowledge.find_answers(sentence, 1) for sentence in asked]
    sure = [part.matches[0] for part in parts if part.sure]
    if not sure:
        return _keep_first(whole, whole.matches, False)
    best = {m.question_id: m for m in sorted([*sure, *whole.matches], key=lambda m: m.confidence)}
    return _keep_first(whole, sorted(best.values(), key=lambda m: -m.confidence), True)


def _keep_first(found: Findings, matches: Sequence[Match], sure: bool) -> Findings:
    """The best match of each answer, the first three."""
    each = {match.answer: match for match in reversed(matches)}
    kept = [
        match
        for match in matches
        if each[match.answer] is match and (match.confidence >= FAINT or match is matches[0])
    ][:MATCHES]
    return replace(found, matches=kept, sure=sure)


def _cite(match: Match, citations: Citations) -> facts.PastAnswer:
    return facts.PastAnswer(
        question=match.question,
        answer=match.answer,
        tags=list(match.tags),
        confidence=round(match.confidence, 2),
        cites=[citations.cite_answer(match.question_id, match.question, match.answer)],
    )


def _choose_given(found: Findings, matches: Sequence[facts.PastAnswer]) -> list[facts.PastAnswer]:
    """The answers that are sure, each once; none where the first is not."""
    sure = [
        told
        for match, told in zip(found.matches, matches, strict=True)
        if found.sure and match.confidence >= found.threshold
    ]
    return list({told.answer: told for told in reversed(sure)}.values())[::-1]


def _choose_further(
    tribune: Opened,
    found: Findings,
    matches: Sequence[facts.PastAnswer],
    given: Sequence[facts.PastAnswer],
    group: GroupRef | None,
) -> facts.PastAnswer | None:
    """Of the other past questions on the subject, the one nearest to what the group cares about."""
    said = {told.answer for told in given}
    others = [
        told
        for match, told in zip(found.matches, matches, strict=True)
        if match.cosine >= ON_SUBJECT and told.answer not in said
    ]
    if group is None or not others:
        return None
    own = tribune.traits[tribune.traits["group_id"] == group.id]
    held = own[is_trait(own) & own["kind"].isin(["topic", "like", "dislike"])]
    topics = tribune.topic_vectors[held["key"].astype(int).unique()]
    if not len(topics):
        return None
    vectors = tribune.encoder.encode([told.question for told in others])
    nearness = (vectors @ topics.T).max(axis=1)
    best = int(nearness.argmax())
    return others[best] if nearness[best] >= ON_SUBJECT else None


# The group ---------------------------------------------------------------------------------------


def _guide(
    tribune: Opened, group: GroupRef, vector: Floats, citations: Citations
) -> list[facts.Guideline]:
    """What the group likes and dislikes more than the others: up to three do's and three don'ts,
    those nearest to the message first.
    """
    listed = [*_list_traits(tribune, group), *_list_aspects(tribune, group)]
    nearness = tribune.topic_vectors @ vector
    listed.sort(key=lambda row: -float(nearness[int(row["topic"])]))
    kept: list[facts.Guideline] = []
    seen: set[int] = set()
    for row in listed:
        topic = int(row["topic"])
        if topic in seen or sum(g.do == row["do"] for g in kept) == GUIDELINES:
            continue
        seen.add(topic)
        kept.append(
            facts.Guideline(
                do=row["do"],
                topic=tribune.topic_names[topic],
                n_users=int(row["n_users"]),
                share_in=number(row.get("share_in")),
                share_out=number(row.get("share_out")),
                polarity=number(row.get("polarity")),
                others=number(row.get("others")),
                nearness=round(float(nearness[topic]), 2),
                cites=[citations.cite_id(i) for i in list(row["evidence"])[:1]],
            )
        )
    return sorted(kept, key=lambda g: not g.do)


def _list_traits(tribune: Opened, group: GroupRef) -> list[dict[str, Any]]:
    own = tribune.traits[tribune.traits["group_id"] == group.id]
    held = own[is_trait(own) & own["kind"].isin(["like", "dislike"])]
    columns = ["n_users", "share_in", "share_out", "evidence"]
    rows = held.assign(topic=held["key"].astype(int), do=held["kind"] == "like")
    return list(rows[["topic", "do", *columns]].to_dict("records"))


def _list_aspects(tribune: Opened, group: GroupRef) -> list[dict[str, Any]]:
    own = tribune.aspects[tribune.aspects["group_id"] == group.id]
    clear = own[stands_out(own) & own["others"].notna()]
    rows = clear.assign(
        topic=clear["topic_id"],
        do=clear["polarity"] > clear["others"],
        polarity=clear["polarity"].round(2),
        others=clear["others"].round(2),
    )
    columns = ["topic", "do", "n_users", "polarity", "others", "evidence"]
    return list(rows[columns].to_dict("records"))


def _measure_habit(tribune: Opened, group: GroupRef) -> facts.Habit | None:
    """How many words the group's reviews have, where it is far from what the others' have."""
    lengths = tribune.table.query(
        """SELECT u.group_id = ? AS own, median(len(regexp_split_to_array(trim(text), '\\s+'))) AS n
           FROM reviews r JOIN users u USING (user_id) WHERE u.group_id IS NOT NULL GROUP BY own""",
        [group.id],
    ).set_index("own")["n"]
    if len(lengths) < 2:
        return None
    words, others = round(float(lengths[True])), round(float(lengths[False]))
    brief = words <= BRIEF * others
    if not brief and others > BRIEF * words:
        return None
    return facts.Habit(brief=brief, words=words, others=others)
