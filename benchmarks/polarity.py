"""Polarity learned from Yelp ratings alone, on restaurant sentences that people labelled.

SemEval-2016 Task 5 (restaurants): sentences whose opinions are all positive or all negative. The
readers and their weights (tools/embedding/sentiment.py) were chosen looking at the first half of
the file and at the stars of Yelp reviews kept back, so the second half is given by itself. Peers,
on the same sentences: VADER's compound score, and scikit-learn's logistic regression over the same
sentence vectors alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import Encoder, embed
from tools.embedding.sentiment import PolarityModel, score_lexicon
from tools.reviews.reading import read_reviews
from tools.reviews.sentences import split_sentences


def read_labelled(path: Path) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Sentences with opinions of one polarity, and whether it is positive."""
    texts, positive = [], []
    for sentence in ET.parse(path).iter("sentence"):
        found = {opinion.get("polarity") for opinion in sentence.iter("Opinion")}
        if found in ({"positive"}, {"negative"}):
            texts.append(sentence.findtext("text") or "")
            positive.append(found == {"positive"})
    return texts, np.array(positive)


@dataclass(frozen=True)
class Taught:
    """What Yelp's reviews and their stars teach: Tribune's model, and the peer's regression."""

    encoder: Encoder
    model: PolarityModel
    plain: LogisticRegression


def learn_from_yelp(embeddings: Path | None) -> Taught:
    """Learn from 10,000 reviews. embeddings: a workspace's folder of vectors to reuse."""
    table, _ = read_reviews([find_data("yelp10k/reviews.csv.gz")])
    pieces = [split_sentences(text) for text in table["text"].to_pylist()]
    sentences = [sentence for piece in pieces for sentence in piece]
    rows = np.repeat(np.arange(len(pieces)), [len(p) for p in pieces]).astype(np.int32)
    ratings = np.array(table["rating"].to_pylist(), dtype=np.float32)
    encoder = Encoder()
    cache = EmbeddingCache(embeddings or Path(tempfile.mkdtemp()), encoder.name)
    vectors = embed(sentences, encoder, cache)
    model = PolarityModel().fit(vectors, score_lexicon(sentences), sentences, rows, ratings)
    told = (ratings[rows] >= 4) | (ratings[rows] <= 2)
    plain = LogisticRegression(C=0.1, class_weight="balanced", max_iter=300)
    plain.fit(vectors[told], ratings[rows][told] >= 4)
    return Taught(encoder, model, plain)


def main() -> None:
    """Print one JSON object a model: accuracy on all and on either half, and the area under the
    ROC curve on all.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", type=Path, help="a workspace's embeddings folder to reuse")
    options = parser.parse_args()
    tests, positive = read_labelled(find_data("semeval16_restaurants/reviews.xml"))
    taught = learn_from_yelp(options.embeddings)
    vectors, lexicon = taught.encoder.encode(tests), score_lexicon(tests)
    print(json.dumps({"machine": describe_machine(), "sentences": len(tests)}))
    for name, warmth in {
        "tribune": taught.model.predict(vectors, lexicon, tests),
        "vader": lexicon[:, 3],
        "logistic regression over MiniLM": taught.plain.decision_function(vectors),
    }.items():
        right = (warmth > 0) == positive
        half = len(right) // 2
        print(
            json.dumps(
                {
                    "model": name,
                    "accuracy": round(float(right.mean()), 4),
                    "accuracy_first_half": round(float(right[:half].mean()), 4),
                    "accuracy_second_half": round(float(right[half:].mean()), 4),
                    "roc_auc": round(float(roc_auc_score(positive, warmth)), 4),
                }
            )
        )


if __name__ == "__main__":
    main()
