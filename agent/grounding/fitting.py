"""Whether a figure as said is true of a figure of a claim; and which are part and whole."""

from __future__ import annotations

from collections.abc import Sequence

from agent.grounding.numerals import ARTICLES, MAJORITY, Figure
from agent.grounding.reading import Token
from agent.grounding.words import COUNTED, words

THEM = words("them these those whom which")


def pairs_of(tokens: Sequence[Token], figures: Sequence[Figure]) -> list[tuple[Figure, Figure]]:
    """(part, whole) for each "9 of the 14", "5 warm sentences out of 6", "14 …, 9 of them"."""
    pairs: list[tuple[Figure, Figure]] = []
    counts = [f for f in figures if f.role in COUNTED or f.role in {"bare", "count"}]
    for place, figure in enumerate(counts):
        before = [token.low for token in tokens[max(0, figure.start - 3) : figure.start]]
        while before and before[-1] in ARTICLES:
            before.pop()
        behind = [token.low for token in tokens[figure.end : figure.end + 2]]
        if before[-2:] == ["out", "of"] and place:
            pairs.append((counts[place - 1], figure))
        elif before and before[-1] == "of":
            opening = len(before) == 1 or before[-2] in {",", ";", ":", "and", "but", "."}
            if opening:
                later = counts[place + 1 :]
                pairs += [(other, figure) for other in later if same_kind(other, figure)]
            elif place and joined(tokens, counts[place - 1].end, figure.start):
                pairs.append((counts[place - 1], figure))
        elif len(behind) == 2 and behind[0] == "of" and behind[1] in THEM:
            whole = [other for other in counts[:place] if other.value >= figure.value]
            pairs += [(figure, whole[-1])] if whole else []
    return [(part, whole) for part, whole in pairs if not part.decimals and not whole.decimals]


def joined(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether few words, and no mark or other figure, stand between."""
    return end - start <= 6 and all(token.kind in {"word", "name"} for token in tokens[start:end])


def same_kind(said: Figure, true: Figure) -> bool:
    """Whether both count the same thing, as far as each says what it counts."""
    if said.role == true.role:
        return True
    unnamed = {"bare", "count"}
    if said.role in unnamed and true.role in unnamed:
        return True
    if said.role == "bare":
        if said.decimals and true.role in COUNTED:
            return False
        return true.role not in {"p", "group", "rank", "top", "percent", "times"}
    if said.role == "count":
        return true.role in COUNTED
    if true.role not in unnamed:
        return False
    if true.decimals and true.guess not in COUNTED:
        return said.role in {true.guess, "stars", "warmth", "points"}
    return said.role == true.guess if true.guess else said.role in COUNTED


def fits(said: Figure, true: Figure) -> bool:
    """Whether the figure as said is true: equal, rightly rounded, or rightly hedged."""
    if not same_kind(said, true):
        return False
    if true.delta != said.delta and "stars" in {said.role, true.role} and said.decimals:
        return False
    if true.hedge and true.hedge != "about":
        return said.hedge == true.hedge and said.value == true.value
    gap = said.value - true.value
    percent = true.role == "percent"
    scale = true.role in {"stars", "warmth"}
    near = (3.0 if said.loose else 2.0) if percent else 0.1001 if scale else 0.06 * abs(true.value)
    wide = 15.0 if percent else 0.25 * abs(true.value)
    if said.hedge == "about":
        return abs(gap) <= near
    if said.hedge == "nearly":
        return 0 < gap <= near
    if said.hedge == "most":
        return true.value > MAJORITY
    if said.hedge in {"over", "from"}:
        return -wide <= gap <= (0 if said.hedge == "from" else -1e-9)
    if said.hedge in {"under", "to"}:
        return (0 if said.hedge == "to" else 1e-9) <= gap <= wide
    if said.loose:
        return abs(gap) <= 0.7
    return abs(gap) < 1e-9 or is_rounded(said, true)


def is_rounded(said: Figure, true: Figure) -> bool:
    """3.87 as 3.9, and 9.1% as 9%; but 3.9 as 4 must say "about"."""
    if said.decimals >= true.decimals or (said.decimals == 0 and true.role != "percent"):
        return False
    half: float = 0.5 * 10.0**-said.decimals
    return abs(said.value - true.value) <= half + 1e-9
