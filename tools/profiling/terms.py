"""Words and phrases that set classes of text apart: tokens and class-based TF-IDF."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_TOKEN = re.compile(r"[\u3400-\u9fff]+|[^\W\d_](?:[^\W_]|['’\-](?=\w))+")
# What reviews say everywhere, beside scikit-learn's list, which lacks contractions.
STOP_WORDS = ENGLISH_STOP_WORDS | frozenset(
    """don't didn't doesn't isn't wasn't weren't won't wouldn't couldn't can't it's i'm i've i'd
    i'll that's there's they're you're we're he's she's you'll let's just really like got get
    getting went going came come said say says told ask asked want wanted know think thought
    make made lot bit little thing things way also even still much many one two three way sure
    quite pretty actually maybe definitely definately probably ever never always time times day
    days good great nice bad best better worst love loved ok okay amazing awesome use used using
    excellent fantastic wonderful overall favorite favorites favourite favourites fav fave
    four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand
    review reviews star stars place places experience experiences visit visits visited
    did does ll ve re im ive dont didnt doesnt isnt wasnt cant wont thats theres around back
    away yes oh http https www com amp rt
    的 了 是 我 在 也 和 就 都 很 有 不 没有 还 说 去 到 要 这 那 他 她 我们 你 一个 这个 比较
    非常 但是 可以 就是 没 还是 不过 因为 所以 如果 一下 什么 给 对 好 上 人 会 来 多 大 被 让
    把 比 与 及 而 等""".split()
)

_WORD = re.compile(r"[^\W\d_](?:[^\W_]|'(?=\w)|-(?=\w))*")
# What nouns follow, and verbs, adverbs and interjections hardly ever.
_BEFORE_NOUN = frozenset(
    "the a an my our your his her their its some any no another these those of with for".split()
)
# Texts in which a smaller share of the words than this follows such a word are not English.
MIN_ENGLISH = 0.05
PRIOR_USES = 5
# So many texts tell how words are used; of more, some are looked at.
ENOUGH_TEXTS = 50_000


def tokenize(text: str) -> list[str]:
    """Lower-case words of `text` without stop words; Chinese runs are cut by jieba."""
    tokens: list[str] = []
    for match in _TOKEN.finditer(text.lower().replace("’", "'")):
        token = match[0].removesuffix("'s")
        if _CHINESE.match(token):
            tokens.extend(w for w in _cut_chinese(token) if w not in STOP_WORDS)
        elif token not in STOP_WORDS and len(token) > 1:
            tokens.append(token)
    return tokens


def count_terms(
    texts: Sequence[str], *, min_count: int = 3
) -> tuple[sparse.csr_matrix, npt.NDArray[np.str_]]:
    """(len(texts), n_terms) counts of words and two-word phrases, and the terms."""
    vectorizer = CountVectorizer(analyzer=_words_and_pairs, min_df=min_count, max_features=50_000)
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's way to say that no term is frequent enough
        return sparse.csr_matrix((len(texts), 0)), np.array([], dtype=np.str_)
    return counts.tocsr(), vectorizer.get_feature_names_out()


def measure_nouns(texts: Sequence[str], terms: Sequence[str]) -> npt.NDArray[np.float64]:
    """(n_terms,) how like a noun each term is: the share of the uses of its last word in `texts`
    that follow an article, a possessive or a preposition, shrunk towards the share of all words by
    five uses; 1 for all terms of texts that are not English.
    """
    uses, following = Counter[str](), Counter[str]()
    for text in texts[:: max(1, len(texts) // ENOUGH_TEXTS)]:
        words = [w.removesuffix("'s") for w in _WORD.findall(text.lower().replace("’", "'"))]
        uses.update(words)
        following.update(word for before, word in pairwise(words) if before in _BEFORE_NOUN)
    telling = [word for word in uses if word not in STOP_WORDS and len(word) > 1]
    usual = sum(following[w] for w in telling) / max(1, sum(uses[w] for w in telling))
    if usual < MIN_ENGLISH:
        return np.ones(len(terms))
    last = [term.rpartition(" ")[2] for term in terms]
    n_following = np.array([following[word] for word in last], dtype=np.float64)
    n_uses = np.array([uses[word] for word in last], dtype=np.float64)
    return np.asarray((n_following + PRIOR_USES * usual) / (n_uses + PRIOR_USES))


def measure_naming(texts: pd.Series[str], terms: Sequence[str]) -> npt.NDArray[np.float32]:
    """(n,) how plainly each text says what `terms` name: 1 where it holds a word of the first two,
    by which topics are called, 0.5 where only of a later one, else 0. Plurals count as their words.
    """
    lower = texts.str.lower()
    naming = np.zeros(len(texts), dtype=np.float32)
    for weight, some in ((0.5, terms[2:]), (1.0, terms[:2])):
        stems = [re.escape(w.removesuffix("s")) for term in some for w in tokenize(term)]
        if stems:
            pattern = "|".join(rf"\b{s}(?:e?s)?\b" if s.isascii() else s for s in stems)
            naming[lower.str.contains(pattern, regex=True).to_numpy(dtype=bool)] = weight
    return naming


def weigh_terms(
    counts: sparse.csr_matrix, classes: npt.NDArray[np.int32], n_classes: int
) -> npt.NDArray[np.float32]:
    """(n_classes, n_terms) class-based TF-IDF of texts in `classes` (−1: in none).

    Grootendorst, BERTopic, arXiv 2203.05794, eq. 2: tf(t, c) · log(1 + A / f(t)), with tf as the
    term's share of the class's words, A the average number of words a class, f the term's count.
    """
    known = np.flatnonzero(classes >= 0)
    members = sparse.csr_matrix(
        (np.ones(len(known)), (classes[known], known)), shape=(n_classes, len(classes))
    )
    per_class = np.asarray((members @ counts).todense(), dtype=np.float64)
    words = per_class.sum(axis=1, keepdims=True)
    frequency = per_class.sum(axis=0)
    weights = (per_class / np.maximum(words, 1)) * np.log1p(words.mean() / np.maximum(frequency, 1))
    return np.asarray(weights, dtype=np.float32)


def _words_and_pairs(text: str) -> list[str]:
    words = tokenize(text)
    glue = "" if words and _CHINESE.match(words[0]) else " "
    return words + [a + glue + b for a, b in pairwise(words) if a != b]


def _cut_chinese(run: str) -> list[str]:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return list(jieba.cut(run))
