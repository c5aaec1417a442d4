"""Topics: clusters of sentences, each with a name made of its own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.clustering.kmeans import fit_kmeans
from tools.profiling.terms import count_terms, measure_naming, measure_nouns, weigh_terms

# Width of a sentence's soft membership in topics, as cosine. On the sample world users' true groups
# are found with ARI 0.93 at 0.05, against 0.87 with each sentence in one topic alone.
SOFTNESS = 0.05
# Below this cosine to its topic's centre a sentence belongs to no topic.
MIN_SIMILARITY = 0.3
TERMS_PER_TOPIC = 8
# A cluster of which a smaller share of the sentences hold one of its terms is no topic: what they
# share is a manner of speaking ("you must be kidding"). What lies below on Yelp and on the sample
# world, read through, is nearly all of that kind.
MIN_NAMED = 0.25
# Nor is one whose terms are on average less like nouns than this ("recommend", "try", "soon").
MIN_NOUNS = 0.1
# What hardly ever follows an article is a verb or an interjection, and comes late among the terms.
NOUN = 0.03
# Topics are begun afresh where their number would change by more than this share.
SAME_NUMBER = 0.15
# A topic is one from before where the cosine of their centres is at least this.
SAME_TOPIC = 0.9

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Topics:
    """labels: (n_sentences,) topic of each sentence, −1 for none; similarity: (n_sentences,)
    cosine to the nearest centre; centres: (n_clusters, d) unit vectors, of the topics first, then
    of clusters that have no subject; terms and names per topic. Topics are ordered by size, largest
    first.
    """

    labels: Ints
    similarity: Floats
    centres: Floats
    terms: list[list[str]]
    names: list[str]


def choose_topic_count(n_sentences: int) -> int:
    """About n^0.48 (74 for 8,000 sentences, 150 at most), and at most one for 8 sentences."""
    return int(max(1, min(round(n_sentences**0.48), n_sentences // 8, 150)))


def find_topics(
    vectors: Floats,
    sentences: Sequence[str],
    encode: Callable[[Sequence[str]], Floats],
    *,
    n_topics: int | None = None,
    start: Floats | None = None,
    seed: int = 0,
) -> Topics:
    """Cluster (n, d) unit vectors of sentences by k-means and name the clusters.

    encode: texts to unit vectors, for choosing among the terms those nearest to the topic; start:
    (t, d) topics from before, gone on with where about as many are wanted now.
    """
    if not len(vectors):
        empty = np.empty((0, vectors.shape[1] if vectors.ndim == 2 else 0), np.float32)
        return Topics(np.empty(0, np.int32), np.empty(0, np.float32), empty, [], [])
    wanted = n_topics or choose_topic_count(len(vectors))
    if start is not None and abs(len(start) - wanted) > SAME_NUMBER * wanted:
        start = None
    number = len(start) if start is not None else wanted
    found = fit_kmeans(vectors, number, start=start, seed=seed)
    sizes = np.bincount(found.labels, minlength=len(found.centres))
    order = np.argsort(-sizes, kind="stable")
    centres = found.centres[order]
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    labels = np.argsort(order)[found.labels].astype(np.int32)
    similarity = np.einsum("ij,ij->i", vectors, centres[labels]).astype(np.float32)
    labels[similarity < MIN_SIMILARITY] = -1
    terms, subject = choose_terms(sentences, labels, centres, encode)
    order = np.argsort(~subject, kind="stable")
    labels = np.where(labels >= 0, np.argsort(order)[labels], -1).astype(np.int32)
    n_topics = int(subject.sum())
    labels[labels >= n_topics] = -1
    named = [terms[topic] for topic in order[:n_topics]]
    return Topics(labels, similarity, centres[order], named, name_topics(named))


def assign_topics(vectors: Floats, centres: Floats, n_topics: int) -> tuple[Ints, Floats]:
    """Topic of each (n, d) sentence vector, −1 for none, and its cosine to the nearest centre.

    centres: (n_clusters, d), the first n_topics of which are topics.
    """
    similarity = vectors @ centres.T
    labels = similarity.argmax(axis=1).astype(np.int32)
    nearest = similarity.max(axis=1)
    labels[(nearest < MIN_SIMILARITY) | (labels >= n_topics)] = -1
    return labels, np.asarray(nearest, dtype=np.float32)


def share_among_topics(vectors: Floats, centres: Floats) -> Floats:
    """(n, n_clusters) memberships of (n, d) sentence vectors in clusters; rows sum to 1.

    Softmax of the cosines over 0.05: a sentence about price and breakfast counts for both.
    """
    scores = vectors @ centres.T / SOFTNESS
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float32)


def choose_terms(
    sentences: Sequence[str],
    labels: Ints,
    centres: Floats,
    encode: Callable[[Sequence[str]], Floats],
) -> tuple[list[list[str]], npt.NDArray[np.bool_]]:
    """For each cluster up to 8 terms, frequent there beyond elsewhere and near its centre, nouns
    first; and (n_clusters,) whether they tell a subject.
    """
    n_clusters = len(centres)
    counts, vocabulary = count_terms(sentences, min_count=3 if len(sentences) > 500 else 1)
    if not len(vocabulary):
        return [[] for _ in range(n_clusters)], np.ones(n_clusters, dtype=bool)
    weights = weigh_terms(counts, labels, n_clusters)
    candidates = np.argsort(-weights, axis=1)[:, :20]
    used = np.unique(candidates)
    vectors = encode([str(t) for t in vocabulary[used]])
    place = {int(t): row for row, t in enumerate(used)}
    words = vocabulary[used].tolist()
    likeness = dict(zip(words, measure_nouns(sentences, words), strict=True))
    said = pd.Series(sentences)
    chosen, subject = [], np.ones(n_clusters, dtype=bool)
    for cluster in range(n_clusters):
        mine = [int(t) for t in candidates[cluster] if weights[cluster, t] > 0]
        scores = {
            t: float(weights[cluster, t] / weights[cluster, mine[0]])
            + 1.5 * float(vectors[place[t]] @ centres[cluster])
            for t in mine
        }
        ranked = sorted(mine, key=lambda t: -scores[t])
        terms = _drop_overlaps([str(vocabulary[t]) for t in ranked])[:TERMS_PER_TOPIC]
        if terms:
            naming = measure_naming(said[labels == cluster], terms)
            nouns = np.mean([likeness[term] for term in terms])
            subject[cluster] = (naming > 0).mean() >= MIN_NAMED and nouns >= MIN_NOUNS
        chosen.append(sorted(terms, key=lambda term: likeness[term] < NOUN))
    return chosen, subject


def name_topics(terms: Sequence[Sequence[str]]) -> list[str]:
    """A unique name for each topic: its first two terms, with a third where two would clash."""
    names: list[str] = []
    for topic, own in enumerate(terms):
        for size in (2, 3, 4):
            name = " & ".join(own[:size]) or f"topic {topic}"
            if name not in names:
                break
        names.append(name if name not in names else f"{name} ({topic})")
    return names


def keep_names(topics: Topics, before: Floats, names: Sequence[str]) -> list[str]:
    """Names of `topics`, where a topic goes on from before with the name that it had.

    before: (t, d) unit vectors of the clusters from before; names: of the topics, the first of
    them. A topic goes on from the one nearest to it, if it is also the nearest to that one.
    """
    similarity = topics.centres @ before.T
    nearest, back = similarity.argmax(axis=1), similarity.argmax(axis=0)
    goes_on = {
        topic: names[origin]
        for topic, origin in enumerate(nearest[: len(topics.names)])
        if origin < len(names) and back[origin] == topic and similarity[topic, origin] >= SAME_TOPIC
    }
    taken = set(goes_on.values())
    return [
        goes_on.get(topic) or (f"{name} ({topic})" if name in taken else name)
        for topic, name in enumerate(topics.names)
    ]


def _drop_overlaps(ranked: Sequence[str]) -> list[str]:
    """Without terms whose words another, better term already holds ("beach" after "beach walk")."""
    kept: list[str] = []
    for term in ranked:
        if not any(_overlap(term, other) for other in kept):
            kept.append(term)
    return kept


def _overlap(term: str, other: str) -> bool:
    if not term.isascii() and (term in other or other in term):
        return True  # Chinese words are joined without a space
    return any(_alike(_stem(a), _stem(b)) for a in term.split() for b in other.split())


def _alike(word: str, other: str) -> bool:
    """Whether one is the other, or begins with it and goes on ("rain", "rained")."""
    short, long = sorted((word, other), key=len)
    return short == long or (len(short) > 3 and long.startswith(short))


def _stem(word: str) -> str:
    joined = word.replace("-", "")
    return joined[:-1] if joined.endswith("s") and len(joined) > 3 else joined
