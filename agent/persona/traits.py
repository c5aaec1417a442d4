"""What a report says sets a group apart: its topics, likes, dislikes, items, words and voices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from agent.persona.group import Group
from agent.persona.parts import Contrast, Contrasts, Tone
from tools.embedding.sentiment import COLD, WARM
from tools.profiling.terms import tokenize
from tools.profiling.traits import SIGNIFICANT, is_trait

Kind = Literal["topic", "like", "dislike", "less", "item", "category"]
WORDS, TERMS = 8, 6
VOICES, ALIKE = 8, 2
COMMON = 3
STANCES = {"topic": "", "like": ", warmly", "dislike": ", coldly"}


@dataclass(frozen=True)
class _Wording:
    """fallback: the title where nothing is clearly more common than among the others."""

    title: str
    name: str
    limit: int
    note: str
    tone: Tone = "plain"
    fallback: str = ""


_ALL = "Users with at least one sentence on the topic."
_WORDINGS: dict[Kind, _Wording] = {
    "topic": _Wording("What they talk about more than the others", "Topic", 8, _ALL),
    "like": _Wording(
        "What they love",
        "Topic",
        6,
        "Users with a clearly warm sentence on it, where the group is warm on the whole.",
        "warm",
        "What they praise; none of it clearly more than the others",
    ),
    "dislike": _Wording(
        "What they hate",
        "Topic",
        6,
        "Users with a clearly cold sentence on it, where the group is cold on the whole.",
        "cold",
        "What they complain of; none of it clearly more than the others",
    ),
    "less": _Wording("What they talk about less than the others", "Topic", 4, _ALL),
    "item": _Wording(
        "Items they review more than the others", "Item", 6, "Users who reviewed the item."
    ),
    "category": _Wording(
        "Categories they review more than the others",
        "Category",
        4,
        "Users who reviewed an item of the category.",
    ),
}


def contrast_kind(g: Group, kind: Kind) -> Contrasts:
    """The group's traits of one kind, most certain first; what is left out is counted.

    Without any, the likes and dislikes are the most common ones, and the title says so.
    """
    wording = _WORDINGS[kind]
    own = g.traits[g.traits["kind"] == ("topic" if kind == "less" else kind)]
    surely_less = (own["lift"] < 1) & (own["q"] < SIGNIFICANT)
    held = own[surely_less if kind == "less" else is_trait(own)]
    title, shown = wording.title, held.head(wording.limit)
    if held.empty and wording.fallback:
        title = wording.fallback
        shown = own.sort_values(["n_users", "p"], ascending=[False, True]).head(COMMON)
    more = f" {len(held) - len(shown)} more are not shown." if len(held) > len(shown) else ""
    rows = tuple(_contrast(g, kind, row) for _, row in shown.iterrows())
    quoted = kind in ("topic", "like", "dislike")
    return Contrasts(title, wording.name, "users", rows, wording.tone, wording.note + more, quoted)


def contrast_words(g: Group) -> Contrasts:
    """The group's strongest words: how many of its users use them, and of the others."""
    rows = []
    for word in g.card.terms[:WORDS]:
        users = _find_users_of(g, word)
        inside, outside = (int(f["user_id"].isin(users).sum()) for f in (g.members, g.others))
        rows.append(Contrast(word, inside, g.n_inside, outside, g.n_outside))
    return Contrasts(
        "Words that more of them use",
        "Word",
        "users",
        tuple(rows),
        note="Users with the word in at least one review.",
    )


def pick_voices(g: Group) -> list[tuple[int, str]]:
    """Up to 8 further sentences that show the group's traits: the number of the source, and what
    it speaks of. Each is of another user, users not yet cited first, and at most two speak of one
    thing.
    """
    held = g.traits[is_trait(g.traits) & g.traits["kind"].isin(list(STANCES))]
    names, known_users = g.tribune.topic_names, g.cited_users
    found = [
        (sentence, names[int(trait["key"])] + STANCES[trait["kind"]])
        for _, trait in held.iterrows()
        for sentence in trait["evidence"]
    ]
    found.sort(key=lambda pair: g.evidence[pair[0]].user in known_users)
    speakers: set[str] = set()
    topics: list[str] = []
    voices = []
    for sentence, about in found:
        user, text = g.evidence[sentence]
        if user in speakers or text in g.cited_texts or topics.count(about) == ALIKE:
            continue
        speakers.add(user)
        topics.append(about)
        voices.append((g.cite(sentence), about))
        if len(voices) == VOICES:
            break
    return voices


def _contrast(g: Group, kind: Kind, row: pd.Series) -> Contrast:
    name, detail = str(row["key"]), ""
    if kind == "item":
        name = g.tribune.item_titles.get(name, name)
    elif kind != "category":
        topic = int(name)
        name = g.tribune.topic_names[topic]
        detail = _tell_stances(g, topic) if kind in ("like", "dislike") else _list_terms(g, topic)
    return Contrast(
        name=name,
        inside=int(row["n_users"]),
        n_inside=g.n_inside,
        outside=round(float(row["share_out"]) * g.n_outside),
        n_outside=g.n_outside,
        lift=float(row["lift"]),
        q=float(row["q"]),
        detail=detail,
        cite=_cite(g, list(row["evidence"])),
    )


def _cite(g: Group, sentences: list[str]) -> int | None:
    """The number of the first sentence that is new and of someone new, or else of the first."""
    if not sentences:
        return None
    users, texts = g.cited_users, g.cited_texts
    fresh = [s for s in sentences if g.evidence[s].text not in texts]
    others = [s for s in fresh if g.evidence[s].user not in users]
    return g.cite((others or fresh or sentences)[0])


def _list_terms(g: Group, topic: int) -> str:
    found = g.tribune.table.query("SELECT terms FROM topics WHERE topic_id = ?", [topic])
    return ", ".join(list(found["terms"].iloc[0])[:TERMS])


def _tell_stances(g: Group, topic: int) -> str:
    found = g.tribune.table.query(
        """SELECT count(DISTINCT user_id) AS mention,
                  count(DISTINCT user_id) FILTER (polarity >= ?) AS warm,
                  count(DISTINCT user_id) FILTER (polarity <= ?) AS cold
           FROM sentences WHERE group_id = ? AND topic_id = ?""",
        [WARM, COLD, g.card.id, topic],
    ).iloc[0]
    return f"{found['mention']} mention it, {found['warm']} warmly, {found['cold']} coldly"


def _find_users_of(g: Group, word: str) -> set[str]:
    # Words do not reach over blanks: only what stands around the word is cut into words.
    found = g.tribune.table.query(
        r"""WITH written AS (SELECT user_id, replace(lower(text), '’', '''') AS text
                             FROM reviews JOIN users USING (user_id) WHERE group_id IS NOT NULL)
            SELECT DISTINCT user_id,
                   unnest(regexp_extract_all(text, '\S*' || regexp_escape($1) || '\S*')) AS piece
            FROM written WHERE contains(text, $1)""",
        [word],
    )
    pieces = {piece for piece in found["piece"].unique() if word in tokenize(piece)}
    return set(found["user_id"][found["piece"].isin(pieces)])
