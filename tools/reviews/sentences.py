"""Splitting reviews into sentences, the unit that is embedded, judged and counted."""

from __future__ import annotations

import re

# A full stop after one of these does not end a sentence.
ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof st sr jr vs etc approx incl excl no nr dept est min max hr hrs ave blvd
    rd ft lb lbs oz e.g i.e a.m p.m a.k.a u.s u.k n.y l.a d.c cf al inc ltd co corp jan feb
    mar apr jun jul aug sep sept oct nov dec""".split()
)
MAX_WORDS = 48
MIN_WORDS = 3
# Characters around a mark that tell whether it ends a sentence.
NEAR = 40

_LINE = re.compile(r"[\r\n]+")
# A run of closing marks, with closing quotes and brackets; CJK marks need no space after them.
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|[。！？；]+[”’」』）]*")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf](?:[\ufe0f\u200d\U0001f300-\U0001faff])*")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’\-][^\W_]+)*")


def split_sentences(text: str) -> list[str]:
    """The sentences of one review, in order, with their white space folded.

    Knows abbreviations, ellipses, decimal points, emoji that stand for a full stop, Chinese
    punctuation. Fragments of under 3 words join the sentence before them while it has room; text
    without punctuation is cut after at most 48 words, so that nothing is lost to a model's length
    limit.
    A text without any word or emoji gives an empty list.
    """
    pieces: list[str] = []
    for line in _LINE.split(text):
        start = 0
        for end in _boundaries(line):
            pieces.append(line[start:end])
            start = end
        pieces.append(line[start:])
    sentences: list[str] = []
    last = 0
    for piece in pieces:
        folded = " ".join(piece.split())
        if not (_WORD.search(folded) or _EMOJI.search(folded)):
            if sentences and folded:
                sentences[-1] += " " + folded
            continue
        size = count_words(folded)
        if sentences and size < MIN_WORDS and last + size <= MAX_WORDS:
            sentences[-1] += " " + folded
            last += size
        else:
            sentences.extend(_cut(folded) if size > MAX_WORDS else [folded])
            last = count_words(sentences[-1])
    return sentences


def count_words(text: str) -> int:
    """Words of `text`; a Chinese character counts as one."""
    return len(_WORD.findall(text))


def _boundaries(line: str) -> list[int]:
    ends = [m.end() for m in _END.finditer(line) if not _goes_on(line, m)]
    for run in _EMOJI.finditer(line):
        after = line[run.end() : run.end() + NEAR].lstrip()
        if after and (after[0].isupper() or "\u3400" <= after[0] <= "\u9fff"):
            ends.append(run.end())
    return sorted(set(ends))


def _goes_on(line: str, mark: re.Match[str]) -> bool:
    """Whether the sentence goes on after this mark: an abbreviation, an initial, an ellipsis."""
    if mark[0][0] not in ".…":
        return False
    after = line[mark.end() : mark.end() + NEAR].lstrip()
    if len(mark[0]) > 1 or mark[0] == "…":
        return after[:1].islower()
    words = line[max(0, mark.start() - NEAR) : mark.start()].split()
    last = words[-1].lstrip("(\"'“").lower() if words else ""
    if last in ABBREVIATIONS:
        return not (last in {"etc", "a.m", "p.m"} and after[:1].isupper())
    return len(last) == 1 and last.isalpha() and last != "i"


def _cut(sentence: str) -> list[str]:
    """Pieces of at most MAX_WORDS words, cut at a comma or conjunction where one is near."""
    words = sentence.split()
    sizes = [count_words(word) for word in words]
    pieces: list[str] = []
    start, left = 0, sum(sizes)
    while left > MAX_WORDS and len(words) - start >= 4:
        end = _find_break(words, start)
        pieces += _cut(" ".join(words[start:end]))
        left -= sum(sizes[start:end])
        start = end
    rest = " ".join(words[start:])
    return [*pieces, *([rest] if left <= MAX_WORDS else _cut_unspaced(rest))]


def _find_break(words: list[str], start: int) -> int:
    """Where to cut what follows `start`: near its middle, and after at most MAX_WORDS words."""
    size = len(words) - start
    half = start + min(MAX_WORDS, (size + 1) // 2)
    breaks = [
        i + 1
        for i in range((start + half) // 2, start + min(size - 2, MAX_WORDS - 1))
        if words[i].endswith((",", ";", ":", "，", "-", "–"))
        or words[i + 1].lower() in {"and", "but", "so", "because", "then", "which", "though"}
    ]
    return min(breaks, key=lambda i: abs(i - half), default=half)


def _cut_unspaced(sentence: str) -> list[str]:
    """Chinese runs: cut after the comma next to the middle, or in the middle."""
    half = len(sentence) // 2
    commas = [m.end() for m in re.finditer("[，、,]", sentence[:-1])]
    at = min(commas, key=lambda i: abs(i - half), default=half)
    return [*_cut(sentence[:at].strip()), *_cut(sentence[at:].strip())]
