"""Words of questions and messages, and how far a question covers those of a message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import bm25s
import numpy as np
import numpy.typing as npt

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:['’\-./][^\W_\u3400-\u9fff]+)*")
_MEASURE = re.compile(r"\d+(?:st|nd|rd|th|am|pm|mins?|hrs?|hours?|days?|[gmk]b|[kcm]?[gml]|k|x)")
MIN_CODE = 4
MIN_DIGITS = 5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def list_words(text: str) -> list[str]:
    """Lower-case words; a code (`find_codes`) as one word without its dashes; of a run of Chinese
    the pairs of neighbouring characters, as Lucene's CJK analyzer makes them.
    """
    words: list[str] = []
    for run in _WORD.findall(text.lower().replace("’", "'")):
        if _CHINESE.match(run):
            words += [a + b for a, b in pairwise(run)] or [run]
            continue
        code = _join_code(run)
        words += [code] if code else re.split(r"[\-./]", run)
    return words


def split_words(text: str) -> list[str]:
    """Words and pairs of neighbouring words."""
    words = list_words(text)
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def find_codes(text: str) -> set[str]:
    """Order numbers, models, error codes: letters and digits mixed, four or more, or at least five
    digits; lower case, without dashes and dots. Measures (10pm, 50gb) are none.
    """
    return {code for run in _WORD.findall(text.lower()) if (code := _join_code(run))}


class WordIndex:
    """BM25 over n texts, and the weights of their words.

    BM25 in Lucene's form (Lù, BM25S, arXiv 2407.03618); a word that t of n texts hold weighs
    log(1 + (n − t + 0.5) / (t + 0.5)).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        listed = [list_words(text) for text in texts]
        self._words = [frozenset(words) for words in listed]
        self._holders = Counter(word for words in self._words for word in words)
        self._bm25 = bm25s.BM25() if any(listed) else None
        if self._bm25:
            self._bm25.index(listed, show_progress=False)

    def search(self, message: str, *, limit: int, without: Iterable[int] = ()) -> Ints:
        """Up to `limit` rows that share a word with the message, best first; `without`: rows that
        are not to be found.
        """
        words = [word for word in list_words(message) if word in self._holders]
        if not words or self._bm25 is None:
            return np.empty(0, dtype=np.int64)
        scores = np.array(self._bm25.get_scores(words), dtype=np.float64)
        scores[list(without)] = 0
        rows = np.argsort(-scores, kind="stable")[:limit]
        return np.asarray(rows[scores[rows] > 0], dtype=np.int64)

    def measure_cover(self, message: str, rows: Ints) -> Floats:
        """(len(rows),) share of the weight of the message's words that each text holds, in [0, 1].

        A word that no text holds counts against all of them, but for a code: that is most often
        the customer's own.
        """
        codes = find_codes(message)
        words = {w for w in list_words(message) if w in self._holders or w not in codes}
        weights = {word: self._weigh(word) for word in words}
        total = sum(weights.values())
        if not total:
            return np.zeros(len(rows))
        shared = (self._words[row] & words for row in rows)
        return np.array([sum(weights[word] for word in held) for held in shared]) / total

    def match_codes(self, message: str, rows: Ints) -> Floats:
        """(len(rows),) from −1 to 1: of the message's codes that are known here, does a text hold
        none or all of them? 0 where the message has none.
        """
        codes = {code for code in find_codes(message) if code in self._holders}
        if not codes:
            return np.zeros(len(rows))
        held = np.array([len(self._words[row] & codes) for row in rows])
        return 2 * held / len(codes) - 1

    def share_words(self, message: str, row: int, *, limit: int = 5) -> tuple[str, ...]:
        """The weightiest words that message and text share."""
        shared = self._words[row] & set(list_words(message))
        return tuple(sorted(shared, key=lambda word: (-self._weigh(word), word))[:limit])

    def _weigh(self, word: str) -> float:
        held = self._holders[word]
        return float(np.log1p((len(self._words) - held + 0.5) / (held + 0.5)))


def _join_code(run: str) -> str:
    joined = re.sub(r"[\-./'’]", "", run)
    digits = sum(character.isdigit() for character in joined)
    if _CHINESE.match(run) or not digits or _MEASURE.fullmatch(joined):
        return ""
    mixed = digits < len(joined) and len(joined) >= MIN_CODE
    return joined if mixed or digits >= MIN_DIGITS else ""
