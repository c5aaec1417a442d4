"""How well grounding catches lies: true answers are mutated, and each mutant must be refused."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from agent.grounding import Grounding
from agent.grounding.reading import is_proper
from agent.grounding.sense import Sense

KINDS = ("digit", "figure", "unit", "name", "quote", "polarity", "citation")
QUOTED = re.compile(r"“[^“”]+”|\"[^\"]+\"")
CITED = re.compile(r"\[(\d+)\]")
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,.]*\w)")
HEDGED = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|over|under|more than|less than|fewer than|half|at "
    r"least|at most|up to)\s+(?:a\s+)?$",
    re.IGNORECASE,
)
NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
UNITS = ("users", "reviews", "sentences", "stars", "days", "weeks", "groups", "euros", "items")
UNIT = re.compile(rf"(?<=\d)%|\b(?:{'|'.join(UNITS)}|times|user|sentence|review|star)\b")
STRANGERS = ("never", "always", "bathroom", "lovely", "terrible", "nobody", "garden", "expensive")
FLIPPED = """
love hate; loves hates; loved hated; like dislike; likes dislikes; praise criticise; praises
criticises; praised criticised; warm cold; warmer colder; warmest coldest; warmly coldly; positive
negative; happy unhappy; best worst; more less; most least; above below; higher lower; highest
lowest; larger smaller; largest smallest; rose fell; rises falls; rising falling; rise fall;
increased decreased; grew shrank; climbed dropped; up down; before after; previous following; leads
trails; often seldom; more fewer; same different; first last; fastest slowest; annoyed delighted;
since until; nobody everybody; over-represented under-represented; complain rave; complains raves;
complained raved; top bottom; better worse; likes loathes; biggest tiniest
"""
OPPOSITES: dict[str, str] = {}
for pair in FLIPPED.split(";"):
    one, two = pair.split()
    OPPOSITES.setdefault(one, two)
    OPPOSITES.setdefault(two, one)
DENIALS = (
    (re.compile(r"\b(is|are|was|were) not\b"), r"\1"),
    (re.compile(r"\b(?:do|does)(?: not|n't|n’t) "), ""),
    (re.compile(r"\bNo (user|one|alert)\b"), r"Every \1"),
    (re.compile(r"\bno (user|one|alert|group)"), r"every \1"),
    (re.compile(r"\b(is|are|was|were)\b(?! not)"), r"\1 not"),
)


@dataclass
class AuditReport:
    """made, caught: mutants per kind. sentences: true ones checked; alarms: those refused.

    missed: (kind, mutant) that passed. claims, claim_alarms: the same for the plain claims.
    """

    made: dict[str, int] = field(default_factory=dict)
    caught: dict[str, int] = field(default_factory=dict)
    missed: list[tuple[str, str]] = field(default_factory=list)
    sentences: int = 0
    alarms: list[str] = field(default_factory=list)
    claims: int = 0
    claim_alarms: list[str] = field(default_factory=list)

    def rate(self, *kinds: str) -> float:
        """Share of the mutants of these kinds that were caught; 1.0 where none was made."""
        made = sum(self.made.get(kind, 0) for kind in kinds)
        return sum(self.caught.get(kind, 0) for kind in kinds) / made if made else 1.0

    def to_json(self) -> str:
        """Counts and rates as one JSON object, with every miss and alarm."""
        rates = {kind: self.rate(kind) for kind in KINDS}
        return json.dumps(
            asdict(self) | {"rates": rates, "alarm_rate": self.alarm_rate},
            indent=2,
            ensure_ascii=False,
        )

    def describe(self) -> str:
        """The same for a person: a line per kind of change, then the alarms."""
        lines = [
            f"{kind:9} {self.caught.get(kind, 0):5} of {self.made.get(kind, 0):5} changes caught "
            f"({self.rate(kind):.1%})"
            for kind in KINDS
        ]
        lines.append(
            f"False alarms: {len(self.alarms)} of {self.sentences} sentences, "
            f"{len(self.claim_alarms)} of {self.claims} claims."
        )
        return "\n".join(lines)

    @property
    def alarm_rate(self) -> float:
        """Share of the true sentences that were refused."""
        return len(self.alarms) / self.sentences if self.sentences else 0.0


def audit(answers: Sequence[tuple[str, Grounding]], *, n: int, seed: int) -> AuditReport:
    """Check true answers and `n` mutants of their sentences, all kinds in turn.

    A mutation that may leave the sentence true is not made: figures behind "about" or "more than"
    are let be, a citation is changed only to one that no claim holds beside the old one, and names
    only in sentences that say something of them. Fewer than `n` are made where nothing is left to
    mutate.
    """
    report = AuditReport()
    checked: dict[int, Grounding] = {id(grounding): grounding for _, grounding in answers}
    for grounding in checked.values():
        for claim in grounding.claims:
            report.claims += 1
            if grounding.check(claim.text):
                report.claim_alarms.append(claim.text)
    stock: list[tuple[str, Grounding]] = []
    for text, grounding in answers:
        for sentence, failures in grounding.check_answer(text):
            report.sentences += 1
            if failures:
                report.alarms.append(sentence)
            else:
                stock.append((sentence, grounding))
    rng = random.Random(seed)
    for turn in range(n if stock else 0):
        try_mutant(report, KINDS[turn % len(KINDS)], stock, rng)
    return report


def try_mutant(
    report: AuditReport, kind: str, stock: Sequence[tuple[str, Grounding]], rng: random.Random
) -> None:
    """Mutate a random sentence that the kind applies to, and count whether it was caught."""
    for _ in range(200):
        sentence, grounding = rng.choice(stock)
        mutant = MUTATIONS[kind](sentence, grounding, rng)
        if mutant and mutant != sentence and all(mutant != c.text for c in grounding.claims):
            report.made[kind] = report.made.get(kind, 0) + 1
            if grounding.check(mutant):
                report.caught[kind] = report.caught.get(kind, 0) + 1
            else:
                report.missed.append((kind, mutant))
            return


def places(sentence: str, grounding: Grounding, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Matches outside of quotes, citations and known names."""
    hidden = [match.span() for match in QUOTED.finditer(sentence)]
    hidden += [match.span() for match in CITED.finditer(sentence)]
    for name in set(names_in(sentence, grounding)):
        hidden += [m.span() for m in re.finditer(re.escape(name), sentence, re.IGNORECASE)]
    return [
        match
        for match in pattern.finditer(sentence)
        if not any(low < match.end() and match.start() < high for low, high in hidden)
    ]


def names_in(sentence: str, grounding: Grounding) -> list[str]:
    return [name for _, name in Sense(sentence, grounding.names).names]


def put(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]


def plain_figures(sentence: str, grounding: Grounding) -> list[re.Match[str]]:
    found = places(sentence, grounding, NUMBER)
    return [match for match in found if not HEDGED.search(sentence[: match.start()])]


def change_digit(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """One digit of one figure changed, or one number word for another."""
    spelled = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b(?! (?:groups|thirds))", re.IGNORECASE)
    found = plain_figures(sentence, grounding)
    found += [
        match
        for match in places(sentence, grounding, spelled)
        if not HEDGED.search(sentence[: match.start()])
    ]
    if not found:
        return None
    match = rng.choice(found)
    text = match.group()
    if text.isalpha():
        return put(sentence, match, rng.choice([w for w in NUMBER_WORDS if w != text.casefold()]))
    at = rng.choice([at for at, letter in enumerate(text) if letter.isdigit()])
    digit = rng.choice([digit for digit in "123456789" if digit != text[at]])
    return put(sentence, match, text[:at] + digit + text[at + 1 :])


def swap_figure(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """One figure replaced by another of the same answer, its unit left as it was."""
    found = plain_figures(sentence, grounding)
    others = {m.group() for c in grounding.claims for m in plain_figures(c.text, grounding)}
    if not found:
        return None
    match = rng.choice(found)
    old = float(match.group().replace(",", ""))
    values = sorted(other for other in others if float(other.replace(",", "")) != old)
    return put(sentence, match, rng.choice(values)) if values else None


def change_unit(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """The unit behind a figure exchanged: users for reviews, % for stars."""
    found = [
        match
        for match in places(sentence, grounding, UNIT)
        if re.search(r"\d\s?(?:\w+\s){0,1}$", sentence[: match.start()])
    ]
    if not found:
        return None
    match = rng.choice(found)
    if match.group() == "%":
        return put(sentence, match, " " + rng.choice(["users", "stars", "times", "reviews"]))
    others = [unit for unit in (*UNITS, "times") if not unit.startswith(match.group()[:4])]
    return put(sentence, match, rng.choice(others))


def swap_name(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """A group, user, item or topic exchanged for another known one that isn't in the sentence."""
    sense = Sense(sentence, grounding.names)
    if not sense.names or not (sense.figures or sense.ways or sense.quotes):
        return None
    at, name = rng.choice(sense.names)
    match = re.search(re.escape(sense.tokens[at].text), sentence)
    spoken = {other for claim in grounding.claims for other in names_in(claim.text, grounding)}
    known = spoken if rng.random() < 0.5 else set(grounding.names)
    present = {other for _, other in sense.names}
    others = sorted(o for o in known - present if is_proper(o) == is_proper(name))
    return put(sentence, match, rng.choice(others)) if match and others else None


def change_quote(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """A word within a quote dropped or replaced."""
    found = [m for m in QUOTED.finditer(sentence) if len(m.group().split()) > 2]
    if not found:
        return None
    match = rng.choice(found)
    inner = match.group()[1:-1].split()
    at = rng.randrange(1, len(inner) - 1)
    if "…" in inner[at - 1 : at + 2]:
        return None
    word = rng.choice([word for word in STRANGERS if word not in inner])
    inner[at : at + 1] = [] if rng.random() < 0.5 else [word]
    mark = match.group()
    return put(sentence, match, mark[0] + " ".join(inner) + mark[-1])


def flip_polarity(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """A word turned into its opposite, or a "not" put in or taken out."""
    words = places(sentence, grounding, re.compile(r"[A-Za-z][A-Za-z-]*"))
    found = [match for match in words if is_polar(sentence, match)]
    if found and rng.random() < 0.75:
        match = rng.choice(found)
        new = OPPOSITES[match.group().casefold()]
        return put(sentence, match, new.capitalize() if match.group()[0].isupper() else new)
    for pattern, new in DENIALS:
        for match in places(sentence, grounding, pattern):
            return put(sentence, match, match.expand(new))
    return None


def is_polar(sentence: str, match: re.Match[str]) -> bool:
    """Whether the word has an opposite here: not the "up" of "made up", nor a causal "since"."""
    word, behind = match.group().casefold(), sentence[match.end() :]
    if word in {"up", "down"}:
        made = re.search(r"ma[dk]e $", sentence[: match.start()])
        return not made and bool(re.match(r" (?:from|by|to|\d)", behind))
    if word in {"since", "until"}:
        return bool(re.match(r" (?:\d{1,2} )?(?:[A-Z]|\d{4}\b)", behind))
    return word in OPPOSITES and not sentence[: match.start()].endswith("as ")


def change_citation(sentence: str, grounding: Grounding, rng: random.Random) -> str | None:
    """A citation exchanged for one of another claim, or for one that does not exist."""
    found = list(CITED.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    old = match.group(1)
    groups = [set(CITED.findall(claim.text)) for claim in grounding.claims]
    beside = set().union(*(group for group in groups if old in group)) | {old}
    valid = sorted(set().union(*groups) - beside - set(CITED.findall(sentence)))
    new = rng.choice(valid) if valid and rng.random() < 0.7 else str(rng.randrange(40, 99))
    return put(sentence, match, f"[{new}]")


MUTATIONS: dict[str, Callable[[str, Grounding, random.Random], str | None]] = {
    "digit": change_digit,
    "figure": swap_figure,
    "unit": change_unit,
    "name": swap_name,
    "quote": change_quote,
    "polarity": flip_polarity,
    "citation": change_citation,
}
