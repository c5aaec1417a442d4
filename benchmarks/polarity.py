"""Polarity learned from Yelp ratings alone, on restaurant sentences that people labelled.

SemEval-2016 Task 5 (restaurants): sentences whose opinions are all positive or all negative. The
weight of the lexicon (tools/embedding/sentiment.py) was chosen looking at the first half of the
file, so the second half is given by itself. Peers, on the same sentences: VADER's compound score,
and scikit-learn's logistic regression over the same sentence vectors alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

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


def main() -> None:
    """Print one JSON object a model: accuracy on all, and on the second half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", type=Path, help="a workspace's embeddings folder to reuse")
    options = parser.parse_args()
    table, _ = read_reviews([find_data("yelp10k/reviews.csv.gz")])
    pieces = [split_sentences(text) for text in table["text"].to_pylist()]
    sentences = [sentence for piece in pieces for sentence in piece]
    rows = np.repeat(np.arange(len(pieces)), [len(p) for p in pieces]).astype(np.int32)
    ratings = np.array(table["rating"].to_pylist(), dtype=np.float32)
    tests, positive = read_labelled(find_data("semeval16_restaurants/reviews.xml"))
    encoder = Encoder()
    folder = options.embeddings or Path(tempfile.mkdtemp())
    cache = EmbeddingCache(folder, encoder.name)
    vectors, test_vectors = embed(sentences, encoder, cache), encoder.encode(tests)
    lexicon, test_lexicon = score_lexicon(sentences), score_lexicon(tests)
    model = PolarityModel().fit(vectors, lexicon, sentences, rows, ratings)
    told = (ratings[rows] >= 4) | (ratings[rows] <= 2)
    plain = LogisticRegression(C=0.1, class_weight="balanced", max_iter=300)
    plain.fit(vectors[told], ratings[rows][told] >= 4)
    print(json.dumps({"machine": describe_machine(), "sentences": len(tests)}))
    for name, judged in {
        "tribune": model.predict(test_vectors, test_lexicon, tests) > 0,
        "vader": test_lexicon[:, 3] > 0,
        "logistic regression over MiniLM": plain.predict(test_vectors),
    }.items():
        right = judged == positive
        half = len(right) // 2
        print(
            json.dumps(
                {
                    "model": name,
                    "accuracy": round(float(right.mean()), 4),
                    "accuracy_second_half": round(float(right[half:].mean()), 4),
                }
            )
        )


if __name__ == "__main__":
    main()
