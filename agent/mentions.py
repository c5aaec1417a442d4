"""What a question names: words, quoted text, numbered groups, ids of odd shapes, numbers, times."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.vocabulary import find_concepts

Kind = Literal["group", "user", "item", "title", "id", "message"]

GROUP_NOUNS = frozenset(
    "group groups segment segments cluster clusters cohort cohorts tribe tribes persona personas "
    "crowd community".split()
)
USER_NOUNS = frozenset(
    "user users usr customer customers cust client clients reviewer reviewers guest guests member "
    "shopper buyer account visitor traveller traveler diner patron userid username subscriber "
    "policyholder learner student patient passenger rider listener viewer player gamer reader "
    "tenant resident commuter attendee donor acct".split()
)
ITEM_NOUNS = frozenset(
    "item product article business hotel restaurant place book game app course sku asin movie film "
    "stock ticker listing title itemid venue".split()
)
PRONOUNS = frozenset(
    "it its they them their theirs he him his she her hers this that these those there one ones "
    "same".split()
)
NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}

_SEPARATORS = re.compile(r"->|→|[^\s,;/()\[\]{}\"“”<>|:=+*]+")
_EDGES = ".!?'’‘`…~^"
_NUMBER = r"\d{1,4}|" + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_LINK = r"\s*(?:,|/|&|\band\b|\bor\b|\bvs\b\.?|\bversus\b|\bwith\b|\bto\b|\bagainst\b|\bfrom\b)\s*"
_NUMBERED_GROUP = re.compile(
    rf"\b(?:{'|'.join(sorted(GROUP_NOUNS, key=len, reverse=True))})\s*(?:number|no\.?|nr\.?|id)?"
    rf"\s*[#:]?\s*(?P<first>{_NUMBER})\b(?P<more>(?:{_LINK}(?:the\s+)?#?(?:{_NUMBER})\b(?!-))*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\"([^\"]+)\"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|(?<!\w)['‘](.+?)['’](?!\w)", re.DOTALL
)
_NOT_AN_ID = re.compile(
    r"(\d+([.,:]\d+)*)?(st|nd|rd|th|s|k|am|pm|h|d|x|%|€|\$|min|mins|hrs?|days?|weeks?|months?)?"
    r"|\d+-?(star|stars|day|days|week|month|year|minute|hour|night|person|course)s?"
    r"|top-?\d+|[ei]\.[eg]\.?|[ap]\.m\.?|[$€£]\d.*|(mp|ps|co|covid-?|web)\d+",
    re.IGNORECASE,
)

# "0044-771": six digits or more in parts, and no date.
_NUMBERED_ID = re.compile(r"(?=(?:\D*\d){6})\d+([-./]\d+)+")
_DATE = re.compile(r"(19|20)\d\d[-./]\d{1,2}([-./]\d{1,2})?|\d{1,2}[-./]\d{1,2}[-./](19|20)?\d\d")


@dataclass(frozen=True)
class Token:
    """A word without the punctuation around it; `start` and `end` are places in the question."""

    text: str
    start: int
    end: int

    @property
    def folded(self) -> str:
        return self.text.casefold()


@dataclass(frozen=True)
class Mention:
    """Something named by the tokens first … last - 1.

    title: a known item's, which may be meant as a topic too; id: a user's or an item's.
    """

    kind: Kind
    value: str
    first: int
    last: int


@dataclass(frozen=True)
class Known:
    """The names of a workspace; all empty where there is none.

    groups: (id, name); users: ids; items: id → title; topics: names.
    """

    groups: Sequence[tuple[int, str]] = ()
    users: Collection[str] = frozenset()
    items: Mapping[str, str] = field(default_factory=dict)
    topics: Collection[str] = ()


@dataclass(frozen=True)
class Reading:
    """A question's tokens, its quoted stretches (token ranges) and what it names."""

    question: str
    tokens: Sequence[Token]
    quotes: Sequence[tuple[int, int]]
    mentions: Sequence[Mention]

    def of(self, kind: Kind) -> list[Mention]:
        return [m for m in self.mentions if m.kind == kind]

    def cut(self, first: int, last: int) -> str:
        """The user's own words from token `first` to before token `last`."""
        return self.question[self.tokens[first].start : self.tokens[last - 1].end]


class Reader:
    """Finds what questions name. Known names are looked up, others told by shape and context."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._users = {user.casefold(): user for user in known.users}
        titles = {_fold(title): title for title in known.items.values() if title}
        self._items = titles | {_fold(item): item for item in known.items}
        self._longest = max((t.count(" ") + 1 for t in titles), default=1)
        self._groups = {name.casefold(): name for _, name in known.groups}
        self._topics = {_stem(t.folded) for name in known.topics for t in split_words(name)}

    def read(self, question: str) -> Reading:
        """Tokens and mentions; mentions don't overlap, and are in the order of the question."""
        tokens = split_words(question)
        quotes = [_cover(tokens, m.start() + 1, m.end() - 1) for m in _QUOTED.finditer(question)]
        quotes = [(first, last) for first, last in quotes if first < last]
        found = [
            *self._find_messages(question, tokens, quotes),
            *self._find_known_groups(tokens),
            *_find_numbered_groups(question, tokens),
            *self._find_ids(tokens),
        ]
        taken: set[int] = set()
        kept = []
        for mention in found:
            places = set(range(mention.first, mention.last))
            if not places & taken:
                kept.append(mention)
                taken |= places
        return Reading(question, tokens, quotes, sorted(kept, key=lambda m: m.first))

    def name_group(self, words: str) -> str:
        """The one known name that holds all these words, else the words themselves."""
        if words.casefold() in self._groups or not self._groups:
            return words
        stems = {_stem(w) for w in words.casefold().split()}
        holding = [
            name
            for folded, name in self._groups.items()
            if stems <= {_stem(w) for w in re.split(r"[\s,&-]+", folded)}
        ]
        return holding[0] if len(holding) == 1 else words

    def knows_group(self, name: str) -> bool:
        """Whether this is, but for small misspellings, a known group; True where none is known."""
        folded = name.casefold()
        if not self._groups or folded in self._groups:
            return True
        if any(folded == str(number) for number, _ in self.known.groups):
            return True
        return bool(difflib.get_close_matches(folded, self._groups, n=1, cutoff=0.75))

    def knows(self, kind: str, value: str) -> bool:
        """Whether this is a known user's id, or a known item's id or title."""
        return value.casefold() in self._users if kind == "user" else _fold(value) in self._items

    def knows_topic(self, words: str) -> bool:
        """Whether a known topic's name shares a word with these."""
        return not self._topics.isdisjoint(_stem(t.folded) for t in split_words(words))

    def list_groups_in(self, answer: str) -> list[str]:
        """Known groups in the order in which an answer names them. What it quotes is passed over:
        reviews have no say in what is called.
        """
        told = re.sub(r"“[^”]*”|\"[^\"]*\"", " ", answer).casefold()
        places = {told.find(folded): name for folded, name in self._groups.items()}
        return [name for place, name in sorted(places.items()) if place >= 0]

    def _find_messages(
        self, question: str, tokens: Sequence[Token], quotes: Sequence[tuple[int, int]]
    ) -> list[Mention]:
        """Quoted text that is too long to be a name."""
        found = []
        for first, last in quotes:
            words = question[tokens[first].start : tokens[last - 1].end]
            known = words.casefold() in self._groups or _fold(words) in self._items
            if last - first >= 4 and not known:
                closing = question[tokens[last - 1].end :]
                tail = re.match(r"[.!?…:()]+", closing)
                words += tail[0] if tail else ""
                found.append(Mention("message", words, first, last))
        return found

    def _find_known_groups(self, tokens: Sequence[Token]) -> list[Mention]:
        folded = [t.folded for t in tokens]
        found = []
        for name in sorted(self._groups, key=len, reverse=True):
            words = [t.folded for t in split_words(name)]
            for first in range(len(folded) - len(words) + 1) if words else ():
                topic = first > 0 and folded[first - 1] == "topic"  # it may have a group's name
                if folded[first : first + len(words)] == words and not topic:
                    value = self._groups[name]
                    found.append(Mention("group", value, first, first + len(words)))
        for place, word in enumerate(folded[:-1]):  # "the boots group" for Path & Boots
            name = self.name_group(word)
            if folded[place + 1] in GROUP_NOUNS and name != word and not find_concepts(word):
                found.append(Mention("group", name, place, place + 1))
        return found

    def _find_ids(self, tokens: Sequence[Token]) -> list[Mention]:
        found = []
        for place, token in enumerate(tokens):
            before = tokens[place - 1].folded if place else ""
            if before in ("id", "number", "no", "nr", "with", "called", "named") and place > 1:
                before = tokens[place - 2].folded
            shaped = is_shaped_like_id(token.text)
            digits = token.text.isdigit()
            kind: Kind | None = None
            counted = any(c.isdigit() for c in token.text)
            if before in USER_NOUNS and (shaped or counted or token.folded in self._users):
                kind = "user"
            elif before in ITEM_NOUNS and (shaped or counted or token.folded in self._items):
                kind = "item"
            elif not digits and (shaped or self._is_known_user(token)):
                kind = self._tell_kind(token)
            if kind:
                names = self._items if kind == "item" else self._users
                value = names.get(token.folded, token.text)
                found.append(Mention(kind, value, place, place + 1))
        return [*self._find_titles(tokens), *found]

    def _is_known_user(self, token: Token) -> bool:
        """Whether this is a user's id that no common word is."""
        return token.text in self.known.users and not find_concepts(token.text)

    def _tell_kind(self, token: Token) -> Kind:
        """Of a lone id: by the known ones; "id" where only the question as a whole can tell."""
        user, item = token.folded in self._users, token.folded in self._items
        return "id" if user == item else "user" if user else "item"

    def _find_titles(self, tokens: Sequence[Token]) -> list[Mention]:
        """Known titles of two words or more, the longest first."""
        found = []
        for size in range(min(self._longest, len(tokens)), 1, -1):
            for first in range(len(tokens) - size + 1):
                words = " ".join(t.folded for t in tokens[first : first + size])
                if words in self._items:
                    found.append(Mention("title", self._items[words], first, first + size))
        return found


def split_words(text: str) -> list[Token]:
    """Words, ids and numbers as tokens; `'s` and `#` are cut off, bare punctuation is left out."""
    tokens = []
    for match in _SEPARATORS.finditer(text):
        word, start = match[0], match.start()
        stripped = word.lstrip(_EDGES + "#")
        start += len(word) - len(stripped)
        word = stripped.rstrip(_EDGES)
        if not any(c.isalnum() for c in word):
            continue
        possessive = re.search(r"['’]s$", word)
        end = start + len(word)
        if possessive and len(word) > 2:
            cut = start + possessive.start()
            tokens += [Token(text[start:cut], start, cut), Token(text[cut:end], cut, end)]
        else:
            tokens.append(Token(word, start, end))
    return tokens


def is_shaped_like_id(word: str) -> bool:
    """Whether a word looks like an id: A1Z59RFKN0M5QL, foodie_anna, tomas.r, EL-9913, qWbTRZkY."""
    if _NUMBERED_ID.fullmatch(word) and not _DATE.fullmatch(word):
        return True
    if _NOT_AN_ID.fullmatch(word) or not any(c.isalpha() for c in word):
        return False
    digit = any(c.isdigit() for c in word)
    inner_dot = re.fullmatch(r"[\w-]*[^\W\d_]\.[\w.-]+", word) is not None
    mixed_case = re.search(r"[a-z][A-Z].*[a-z]?[A-Z0-9]", word) is not None and len(word) >= 8
    return digit or "_" in word or inner_dot or mixed_case


def read_number(word: str) -> int | None:
    """7, "seven", "top-7" → 7."""
    folded = word.casefold().removeprefix("top").strip("-#")
    if folded.isdigit() and folded.isascii() and len(folded) <= 4:
        return int(folded)
    return NUMBER_WORDS.get(folded)


def _find_numbered_groups(question: str, tokens: Sequence[Token]) -> list[Mention]:
    found = []
    for match in _NUMBERED_GROUP.finditer(question):
        spans = [match.span("first")]
        offset = match.start("more")
        for number in re.finditer(rf"(?<![\w-])(?:{_NUMBER})(?!\w)", match["more"], re.IGNORECASE):
            spans.append((number.start() + offset, number.end() + offset))
        for start, end in spans:
            value = read_number(question[start:end])
            first, last = _cover(tokens, start, end)
            if first < last and value is not None:
                found.append(Mention("group", str(value), first, last))
    return found


def _cover(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """The range of tokens that lie between two places of the question."""
    inside = [place for place, t in enumerate(tokens) if t.start >= start and t.end <= end]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _fold(title: str) -> str:
    """A title as its words are found in a question: without the signs between them."""
    return " ".join(token.folded for token in split_words(title))


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word
