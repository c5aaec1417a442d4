"""Numbers for the sentences that an answer cites."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from agent.facts import Evidence, Stance
from tools.embedding.sentiment import score_lexicon
from tools.profiling.affinity import share_named
from tools.profiling.evidence import TONE, weigh_evidence
from tools.profiling.terms import measure_naming

SIDES: dict[Stance, float] = {"likes": 1.0, "dislikes": -1.0, "any": 0.0}
# So many sentences that may show a stance are looked at clause by clause.
HEARD = 5
_CLAUSES = re.compile(r"[,;:.!?–—]+\s|\s(?:but|although|though|while|and)\s", re.IGNORECASE)


class Citations:
    """Gives each cited sentence, or past answer, the next number, once.

    sentences: the record's, with a row label each; titles: item id → title.
    """

    def __init__(self, sentences: pd.DataFrame, titles: Mapping[str, str]) -> None:
        self._sentences = sentences
        self._titles = titles
        self._numbers: dict[int, int] = {}
        self._answers: dict[str, Evidence] = {}

    def cite(self, row: int) -> int:
        """The number of the sentence in this row."""
        return self._numbers.setdefault(row, len(self._numbers) + len(self._answers) + 1)

    def cite_id(self, sentence_id: str) -> int:
        """The number of the sentence with this id."""
        found = self._sentences.index[self._sentences["sentence_id"] == sentence_id]
        return self.cite(int(found[0]))

    def cite_answer(self, question_id: str, question: str, answer: str) -> int:
        """The number of a past answer."""
        fresh = Evidence(
            n=len(self._numbers) + len(self._answers) + 1,
            source="answer",
            review_id=question_id,
            user_id=None,
            item_id=None,
            item=question,
            quote=answer,
            rating=None,
            time=None,
            polarity=0.0,
        )
        return self._answers.setdefault(question_id, fresh).n

    @property
    def texts(self) -> set[str]:
        """What the cited sentences say."""
        return set(self._sentences.loc[list(self._numbers), "text"])

    def evidence(self) -> list[Evidence]:
        """All that was cited, in the order of their numbers."""
        listed = []
        for row, n in self._numbers.items():
            s = self._sentences.loc[row]
            item = None if pd.isna(s["item_id"]) else str(s["item_id"])
            listed.append(
                Evidence(
                    n=n,
                    review_id=s["review_id"],
                    user_id=None if pd.isna(s["user_id"]) else s["user_id"],
                    item_id=item,
                    item=self._titles.get(item, item) if item else None,
                    quote=s["text"],
                    rating=None if pd.isna(s["rating"]) else float(s["rating"]),
                    time=None if pd.isna(s["time"]) else s["time"].to_pydatetime(),
                    polarity=round(float(s["polarity"]), 2),
                )
            )
        return sorted([*listed, *self._answers.values()], key=lambda e: e.n)


def show_topic(said: pd.DataFrame, side: float = 0.0) -> int:
    """Row label of the sentence that shows a topic best. said: rows of the record, all on it; side:
    above 0 the warmer ones are preferred, below the colder.
    """
    fit = weigh_evidence(
        said,
        said["similarity"].to_numpy(dtype=np.float64),
        said["naming"].to_numpy(dtype=np.float32),
        side,
    )
    return int(said.index[int(np.argmax(fit))])


def show_plainly(said: pd.DataFrame, side: float) -> int | None:
    """As `show_topic`, of the sentences that say a word of the topic and, where `side` is not 0,
    are of its tone beyond doubt; None where there is none.
    """
    plain = said[said["naming"] > 0]
    if side:
        plain = plain[np.sign(side) * plain["tone"] > 0]
    return show_topic(plain, side) if len(plain) else None


def most_telling(said: pd.DataFrame, stance: Stance, topic: str) -> int:
    """Row label of the sentence that shows the stance best. said: rows of the record, most relevant
    first; topic: in anyone's words.
    """
    rank = 1 - np.arange(len(said)) / max(1, len(said))
    side = SIDES[stance]
    fit = weigh_evidence(said, 0.6 * rank, share_named(said["text"].str.lower(), topic), side)
    best = np.argsort(-fit, kind="stable")[:HEARD]
    heard = [side * hear_clause(text, topic) for text in said["text"].iloc[best]]
    return int(said.index[best[int(np.argmax(fit[best] + TONE * np.array(heard)))]])


def hear_clause(text: str, topic: str) -> float:
    """How warm, by the word list, what a sentence says of the topic itself is, in [-1, 1]: "The
    band was tight, the bar was chaos" is cold about the bar alone. 0 where it does not name it.
    """
    clauses = pd.Series(_CLAUSES.split(text))
    own = clauses[measure_naming(clauses, [topic]) > 0]
    return float(score_lexicon([", ".join(own)])[0, 3]) if len(own) else 0.0
