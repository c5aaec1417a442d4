"""Which tool a question asks for: a calibrated classifier over its masked wording."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from agent.conversation import Turn
from agent.mentions import GROUP_NOUNS, ITEM_NOUNS, USER_NOUNS, Reading, read_number
from agent.roles import tell_role
from agent.spans import Spans
from agent.vocabulary import find_concepts

Floats = npt.NDArray[np.float32]

# Found by cross-validation over sentence shapes; at this regularisation probabilities are true to
# the share of right choices.
WORDS_WEIGHT = 0.7
PLAIN_WEIGHT = 0.6
CUES_WEIGHT = 0.3
REGULARISATION = 30.0
SAME_REGULARISATION = 3.0
SURE_SPAN = 0.5
KIND_OF = {"query": "topic", "first": "group", "second": "group"}
# What the words of a tool's questions tell of: a follow-up that tells of another wants another.
INTENTS = {
    "describe_group": ("describe",),
    "describe_user": ("describe",),
    "compare_groups": ("compare",),
    "recommend": ("recommend",),
    "explain_recommendation": ("why",),
    "search_reviews": ("review",),
    "describe_topic": ("opinion",),
    "sentiment_trend": ("trend", "period"),
    "list_alerts": ("alert", "when"),
    "write_report": ("report",),
    "draft_reply": ("reply",),
    "overview": ("overview",),
}
PLACEHOLDERS = {
    "group": "group 5",
    "user": "user 12",
    "item": "item 34",
    "message": "“this message”",
    "topic": "this topic",
}
_THEY = frozenset(
    "they them their theirs he him his she her hers themselves these those there".split()
)
_ARTICLES = frozenset("the a an our your my".split())
_IT = frozenset("it its that this".split())
_LEANING = frozenset(
    """and only just now same but or vs versus also then instead again restrict limit make more
    ok""".split()
)


@dataclass(frozen=True)
class Wording:
    """A question as the classifier sees it: what it names is masked in `text`, and in `plain` too,
    but for its topic. `follows`: the tool that answered before.
    """

    text: str
    plain: str
    cues: dict[str, float]
    follows: str | None = None


class ToolChooser:
    """Multinomial logistic regression over three views of a question: the sentence vector and the
    TF-IDF words and word pairs of its masked wording, and cues (what its words tell of, what it
    names, which tool answered before).

    Masked: what it names is replaced by a stand-in ("group 5", "user 12", "this topic"), and so are
    the pronouns of a follow-up, so that the wording alone decides, not the subject.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Floats]) -> None:
        self._embed = embed

    def fit(self, wordings: Sequence[Wording], tools: Sequence[str | None]) -> ToolChooser:
        """Learn which tool (None: no tool) each wording asks for."""
        self._words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self._words.fit([w.text for w in wordings])
        self._cues = DictVectorizer(dtype=np.float32).fit([w.cues for w in wordings])
        self.tools_ = sorted(set(tools), key=lambda tool: tool or "")
        model = LogisticRegression(C=REGULARISATION, max_iter=200, tol=1e-3)
        vectors = self._embed_all(wordings)
        described = self._describe(wordings, *vectors)
        self._model = model.fit(described, [self.tools_.index(tool) for tool in tools])
        rows = [row for row, w in enumerate(wordings) if w.follows]
        following = [wordings[row] for row in rows]
        same = LogisticRegression(C=SAME_REGULARISATION, max_iter=200, tol=1e-3)
        self._same = same.fit(
            self._describe_following(following, vectors[0][rows]),
            [wordings[row].follows == tools[row] for row in rows],
        )
        return self

    def rank(self, wording: Wording) -> list[tuple[str | None, float]]:
        """All tools with their probabilities, the likeliest first."""
        vectors = self._embed_all([wording])
        scores = self._model.decision_function(self._describe([wording], *vectors))[0]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        if wording.follows is not None and wording.follows in self.tools_:
            following = self._describe_following([wording], vectors[0])
            same = self._same.predict_proba(following)[0, 1]
            chances *= 1 - same
            chances[self.tools_.index(wording.follows)] += same
        return [(self.tools_[row], float(chances[row])) for row in np.argsort(-chances)]

    def _embed_all(self, wordings: Sequence[Wording]) -> tuple[Floats, Floats]:
        """Unit vectors of the masked and of the plain wordings, (n, d) each."""
        vectors = self._embed([w.text for w in wordings] + [w.plain for w in wordings])
        return vectors[: len(wordings)], vectors[len(wordings) :]

    def _describe(
        self, wordings: Sequence[Wording], masked: Floats, plain: Floats
    ) -> sp.csr_matrix:
        views = [
            sp.csr_matrix(masked),
            sp.csr_matrix(plain) * PLAIN_WEIGHT,
            self._words.transform([w.text for w in wordings]) * WORDS_WEIGHT,
            self._cues.transform([w.cues for w in wordings]) * CUES_WEIGHT,
        ]
        return sp.csr_matrix(sp.hstack(views))

    def _describe_following(self, wordings: Sequence[Wording], masked: Floats) -> sp.csr_matrix:
        """The same without what tells the tool before: what repeats it is alike for all tools."""
        cues = [
            {cue: v for cue, v in w.cues.items() if " after " not in cue and cue[:6] != "after "}
            for w in wordings
        ]
        views = [
            sp.csr_matrix(masked),
            self._words.transform([w.text for w in wordings]) * WORDS_WEIGHT,
            self._cues.transform(cues) * CUES_WEIGHT,
        ]
        return sp.csr_matrix(sp.hstack(views))


def word_question(reading: Reading, spans: Spans, history: Sequence[Turn]) -> Wording:
    """The masked wording and the cues of a question that follows `history`."""
    last = history[-1] if history else None
    parts = _find_parts(reading, spans)
    taken = {place for first, end, _ in parts for place in range(first, end)}
    if last is not None:
        parts += [
            (place, place + 1, kind)
            for place, kind in _refer(reading, last).items()
            if place not in taken
        ]
    return Wording(
        _mask(reading, parts),
        _mask(reading, [part for part in parts if part[2] != "topic"]),
        _find_cues(reading, parts, last),
        last.tool if last else None,
    )


def _mask(reading: Reading, parts: Sequence[tuple[int, int, str]]) -> str:
    """The question with stand-ins for its parts, and one noun each for groups and users."""
    swaps = [(*_widen(reading, first, end, kind), PLACEHOLDERS[kind]) for first, end, kind in parts]
    for place, token in enumerate(reading.tokens):
        after = reading.tokens[place + 1].text if place + 1 < len(reading.tokens) else ""
        plural = "s" * token.folded.endswith("s")
        if token.folded in GROUP_NOUNS and "report" not in find_concepts(after):
            swaps.append((token.start, token.end, f"group{plural}"))
        elif token.folded in USER_NOUNS:
            swaps.append((token.start, token.end, f"user{plural}"))
    text, position = "", 0
    for start, stop, words in sorted(swaps):
        if start >= position:
            text += reading.question[position:start] + words
            position = stop
    return text + reading.question[position:]


def _find_parts(reading: Reading, spans: Spans) -> list[tuple[int, int, str]]:
    """Token ranges that name something, with what they name; they don't overlap."""
    kinds = {m.kind for m in reading.mentions}
    title = "item" if kinds & {"user", "id"} else "topic"
    parts: list[tuple[int, int, str]] = []
    for m in reading.mentions:
        kind = {"id": tell_role(reading, m), "title": title}.get(m.kind, m.kind)
        parts.append((m.first, m.last, kind))
    taken = {place for first, last, _ in parts for place in range(first, last)}
    ranked = [(s.probability, s.first, s.last, "topic") for s in spans.topics]
    ranked += [(s.probability, s.first, s.last, "group") for s in spans.groups]
    for probability, first, last, kind in sorted(ranked, reverse=True):
        bare = last == first + 1 and read_number(reading.tokens[first].text) is not None
        if probability >= SURE_SPAN and not bare and taken.isdisjoint(range(first, last)):
            parts.append((first, last, kind))
            taken |= set(range(first, last))
    return parts


def _refer(reading: Reading, last: Turn) -> dict[int, str]:
    """Token → what the pronoun there stands for, by the last call's arguments."""
    person = (
        "group" if {"group", "first"} & set(last.args) else "user" if "user" in last.args else ""
    )
    thing = "topic" if {"topic", "query"} & set(last.args) else ""
    found = {}
    for place, token in enumerate(reading.tokens):
        after = reading.tokens[place + 1].folded if place + 1 < len(reading.tokens) else ""
        word = re.split(r"['’]", token.folded)[0]
        if word in _THEY and person and after not in USER_NOUNS:
            found[place] = person
        elif word in _IT and (thing or person) and after not in GROUP_NOUNS | USER_NOUNS:
            found[place] = thing or person
        elif word in _IT | _THEY and after in GROUP_NOUNS and person == "group":
            found[place] = "group"
        elif word in _IT and after in USER_NOUNS | {"person"} and person == "user":
            found[place] = "user"
    return found


def _widen(reading: Reading, first: int, last: int, kind: str) -> tuple[int, int]:
    """Places in the question: with the noun beside a name, as in "the Bookworms segment"."""
    tokens = reading.tokens
    nouns = {"group": GROUP_NOUNS, "user": USER_NOUNS, "item": ITEM_NOUNS}.get(kind, frozenset())
    if first and tokens[first - 1].folded in nouns | _ARTICLES:
        first -= 1
    if last < len(tokens) and kind == "group" and tokens[last].folded in nouns:
        last += 1
    return tokens[first].start, tokens[last - 1].end


def _find_cues(
    reading: Reading, parts: Sequence[tuple[int, int, str]], last: Turn | None
) -> dict[str, float]:
    inside = {place for first, end, _ in parts for place in range(first, end)}
    cues: dict[str, float] = {}
    for place, token in enumerate(reading.tokens):
        if place in inside:
            continue
        for concept in find_concepts(token.text):
            cues[f"tells {concept}"] = 1
        for nouns, name in ((GROUP_NOUNS, "group"), (USER_NOUNS, "user"), (ITEM_NOUNS, "item")):
            if token.folded in nouns:
                cues[f"noun {name} {token.folded.endswith('s')}"] = 1
    for place in {0, 1} & set(range(len(reading.tokens))) - inside:
        cues[f"word {place} {reading.tokens[place].folded}"] = 1
    for _, _, kind in parts:
        cues[f"names {kind}"] = cues.get(f"names {kind}", 0) + 1
    for kind in ("group", "user"):
        if cues.get(f"names {kind}", 0) > 1:
            cues[f"names two {kind}s"] = 1
    cues[f"length {min(len(reading.tokens) // 3, 4)}"] = 1
    if last is not None:
        cues["follows"] = 1
        own = INTENTS.get(last.tool or "", ())
        for cue in [cue for cue in cues if cue.startswith("tells ")]:
            concept = cue.removeprefix("tells ")
            if concept in own:
                cues["tells the same"] = 1
            elif any(concept in intent for intent in INTENTS.values()):
                cues[f"tells new {concept}"] = 1
        cues[f"after {last.tool}"] = 2
        if is_elliptical(reading):
            cues["elliptical"] = 1
            cues[f"elliptical after {last.tool}"] = 2
        for _, _, kind in parts:
            cues[f"another {kind}"] = float(kind in {KIND_OF.get(a, a) for a in last.args})
    return cues


def is_elliptical(reading: Reading) -> bool:
    """Whether a question leans on the one before it: "and sushi?", "only group 3", "by week"."""
    words = [t.folded for t in reading.tokens]
    return (
        len(words) <= 3
        or words[0] in _LEANING
        or words[:2] in (["what", "about"], ["how", "about"])
    )
