"""What the words around a question's topic say: stance, how many, how long, in which steps."""

from __future__ import annotations

import re
from collections.abc import Collection

from agent.arguments import MAX_LIMIT
from agent.mentions import NUMBER_WORDS, Reading, read_number
from agent.vocabulary import find_concepts

_BOTH = re.compile(
    r"\b(good or bad|bad or good|positive (or|and) negative|love or hate|like or dislike|"
    r"(any|whatever|regardless of)\b.{0,12}\b(opinions?|views?|stance|feelings?)|either way|"
    r"positive or not|at all|for or against|pros? and cons?)\b",
    re.IGNORECASE,
)
_COLD = re.compile(
    r"\b((can|could)('|’)?(no)?t (stand|bear|take|abide|suffer)|cannot (stand|bear|take)|"
    r"(put|turned|ticked|cheesed|hacked) off|let down|fed up|(sick|tired) (and tired )?of|"
    r"(got|been|were|was|felt|feels?) (burned|ripped off)|hard time|least (happy|satisfied|fond|"
    r"pleased)|nothing (nice|good|kind)|"
    r"no (big )?fans?|regret\w*|mind(s|ed)? (it|that|this)|bad experiences?|a joke|"
    r"(not|isn('|’)?t|aren('|’)?t|never|hardly|don('|’)?t|doesn('|’)?t|didn('|’)?t|wasn('|’)?t)"
    r"( \w+){0,2}? (like|likes|liked|love|loves|loved|enjoy\w*|happy|pleased|satisfied|fond|keen|"
    r"appreciate\w*|into|thrilled|impressed|a fan|fans|recommend\w*|care for))\b",
    re.IGNORECASE,
)
_WARM = re.compile(
    r"\b((would|will|be|d) (\w+ )?(miss|sad)|can('|’)?t get enough|(speak|spoke|speaks|say|says|"
    r"saying"
    r"|said|words?) (\w+ )?(well|highly|good|nice)|swears? by|(really |totally |so |are |is |be |"
    r"'s |those |people )into|"
    r"(would|d|might|could|to) be (keen|excited|interested|up for|happy)|campaign around|"
    r"soft spot|sweet spot|mad about|heart|come back for|(should|could|can) we invite|interested "
    r"in)\b",
    re.IGNORECASE,
)
_NOT_LIKING = re.compile(
    r"\b(i|we)('|’)?(d| would) (love|like)\b"
    r"|\b(would|d|'d|’d|look|looks|sounds?|feels?|seems?|more|something|things|is|was|are|say|"
    r"what)\s+like\b"
    r"|\blike\s+(to|\d+|a|this|that|the following)\b|[,;]\s*like\b"
    r"|('|’|\b)(is|are|was|were|s)\b(?!.*\b(do|does|did)\b)[^?]*\blike\W*$",
    re.IGNORECASE,
)
_WEAK = frozenset("stand best great good nice kind pain trouble fault most critical".split())

_SAYS = re.compile(
    r"\b(?:says?|said|writes|wrote(?: us)?|asks?|asked|complains?|complained|posted|sent us|"
    r"tells us|"
    r"told us|saying|writing|replied|message (?:was|is|reads))\b\s*(?:that\s+)?[:,]?\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(\s+(--|—|–|/|<-)\s.*|(?<=[.!?])\s+(please\s+)?(draft|write|suggest|answer|reply|respond|"
    r"what|how|"
    r"compose|prepare|can you|could you|help)\b[^.!?]*[.!?]?|\s*[-–]\s*(response|reply|"
    r"answer)\s*\?)$",
    re.IGNORECASE | re.DOTALL,
)

_DAYS = {
    "hour": 1 / 24,
    "day": 1,
    "week": 7,
    "fortnight": 14,
    "month": 30,
    "quarter": 90,
    "year": 365,
}
_SPAN = re.compile(
    rf"\b(?:(?P<n>half(?: a)?|\d{{1,4}}|{'|'.join(NUMBER_WORDS)}|a|an|couple of|few)[\s-]+)?"
    rf"(?P<unit>{'|'.join(_DAYS)})s?\b",
    re.IGNORECASE,
)
_STEPS = {
    step: re.compile(
        rf"\b({adverb}|{step}([- ](by|to|on|over|after)[- ]{step})|(per|by|each|every|a) {step}|"
        rf"over the {step}s|(in|to|into|need|want) {step}s|{step}s instead)\b",
        re.IGNORECASE,
    )
    for step, adverb in (("day", "daily"), ("week", "weekly"), ("month", "monthly"))
} | {
    "quarter": re.compile(
        r"\b(quarterly|quarter[- ](by|to|on|over)[- ]quarter|(per|by|each|every|a) quarter|"
        r"over the quarters|in quarters|quarters instead)\b",
        re.IGNORECASE,
    )
}
_SORTS = {
    "growth": re.compile(
        r"\b(gr(ow|ew)\w*|expand\w*|rising|on the rise|boom\w*|trending|up and coming|"
        r"up-and-coming|"
        r"gain(ed|ing|s)?|fastest|quickest|momentum|joining|newest)\b",
        re.IGNORECASE,
    ),
    "rating": re.compile(
        r"\b(rat(ed?|es|ings?|ers?)|stars?|scores?|(un)?satisf\w+|(un)?happ\w+|critical|harsh\w*|"
        r"positive|negative|grump\w+|likes? us|pleased|strict\w*|kindest|best average)\b",
        re.IGNORECASE,
    ),
    "size": re.compile(
        r"\b(sizes?|big\w*|larg\w+|small\w*|headcount|numerous|populous|popular|counts?|"
        r"(most|many|number of) (\w+ )?(members|people|users|customers|reviewers))\b",
        re.IGNORECASE,
    ),
}


def read_stance(reading: Reading, taken: Collection[int]) -> str | None:
    """likes, dislikes or any, where the words outside the `taken` tokens tell; else None."""
    words = _leave_out(reading, taken)
    if _BOTH.search(words):
        return "any"
    if _COLD.search(words):
        return "dislikes"
    words = _NOT_LIKING.sub(" ", words)
    if _WARM.search(words):
        return "likes"
    told: dict[str, int] = {}
    for word in re.findall(r"[\w'’-]+", words):
        for concept in find_concepts(word):
            told[concept] = max(told.get(concept, 0), 1 if word.casefold() in _WEAK else 2)
    warm, cold = told.get("like", 0), told.get("dislike", 0)
    if warm or cold:
        return "likes" if warm > cold else "dislikes"
    return None


def read_limit(reading: Reading, taken: Collection[int]) -> int | None:
    """How many are asked for: "top 7", "five quotes", "only 20"."""
    tokens = reading.tokens
    for place, token in enumerate(tokens):
        value = read_number(token.text)
        if value is None or place in taken or not 1 <= value <= MAX_LIMIT:
            continue
        after = tokens[place + 1].folded if place + 1 < len(tokens) else ""
        if after.rstrip("s") in _DAYS or after in ("star", "stars", "percent", "times"):
            continue
        if token.folded == "one" and not {"review", "person"} & set(find_concepts(after)):
            continue
        return value
    return None


def read_days(reading: Reading) -> int | None:
    """The days to look back on: "last two weeks" is 14, "since yesterday" 1."""
    question = reading.question
    if re.search(r"\b(today|yesterday|tonight|this morning)\b", question, re.IGNORECASE):
        return 1
    for match in _SPAN.finditer(question):
        number, unit = (match["n"] or "").casefold(), match["unit"].casefold()
        count = {"": 1, "a": 1, "an": 1, "couple of": 2, "few": 3, "half": 0.5, "half a": 0.5}.get(
            number
        )
        if count is None:
            count = read_number(number) or 1
        before = question[: match.start()].casefold().split()
        if number in ("", "a", "an", "couple of", "few") and not (
            {"last", "past", "this", "previous", "recent", "latest", "a", "these"}
            & set(before[-2:])
        ):
            continue
        return max(1, round(count * _DAYS[unit]))
    return None


def read_period(reading: Reading, taken: Collection[int]) -> str | None:
    """day, week, month or quarter, where steps of time are asked for."""
    words = _leave_out(reading, taken)
    for step, pattern in _STEPS.items():
        if pattern.search(words):
            return step
    return None


def read_sort(reading: Reading) -> str | None:
    """growth, rating or size, where an order of groups is asked for."""
    for sort, pattern in _SORTS.items():
        if pattern.search(reading.question):
            return sort
    return None


def read_message(reading: Reading) -> str | None:
    """A customer's message: what is quoted, or what follows a colon or "says"."""
    question = reading.question
    messages = reading.of("message")
    if messages:
        return messages[0].value.strip()
    if reading.quotes:
        return reading.cut(*reading.quotes[0])
    start = 0
    for match in re.finditer(r":\s+", question):
        start = match.end()
        break
    else:
        said = _SAYS.search(question)
        if said is None:
            return None
        start = said.end()
    message = _TAIL.sub("", question[start:]).strip().strip("\"“”'")
    return message or None


def _leave_out(reading: Reading, taken: Collection[int]) -> str:
    """The question without some of its tokens."""
    text, position = "", 0
    for place in sorted(taken):
        token = reading.tokens[place]
        text += reading.question[position : token.start]
        position = token.end
    return text + reading.question[position:]
