"""Restaurant sentences that people labelled: what they speak of, and how they feel about it.

SemEval-2016 Task 5 (restaurants), 1,685 sentences with opinions. Everything but the first line is
learned from the labelled sentences themselves, in ten folds that keep each review whole, by
logistic regressions whose strength is chosen within each training part, once over MiniLM's sentence
vectors alone and once with what Tribune knows beside them:

- polarity (1,493 sentences of one polarity): with the polarity and word-list scores that
  `PolarityModel` learned from Yelp's stars, and TF-IDF of words and word pairs;
- categories (12, such as FOOD#QUALITY; a sentence may have several; classes balanced, for most are
  rare): with TF-IDF of words and word pairs. Tribune itself finds topics without labels; no door of
  it asks for such a classifier.

The first line is `benchmarks.polarity`'s: learned from Yelp's stars alone.
"""

from __future__ import annotations

import argparse
import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import MultiLabelBinarizer

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from benchmarks.polarity import learn_from_yelp
from tools.embedding.sentiment import score_lexicon

FOLDS, INNER_FOLDS = 10, 3
STRENGTHS = (0.1, 1.0, 10.0, 100.0)

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Labelled:
    """Sentences with their review's id, categories, and polarities."""

    texts: list[str]
    reviews: list[str]
    categories: list[set[str]]
    polarities: list[set[str]]

    @classmethod
    def read(cls, path: Path) -> Labelled:
        """All sentences of SemEval's XML that hold an opinion."""
        rows = [
            (
                sentence.findtext("text") or "",
                review.get("rid", ""),
                {opinion.get("category", "") for opinion in sentence.iter("Opinion")},
                {opinion.get("polarity", "") for opinion in sentence.iter("Opinion")},
            )
            for review in ET.parse(path).iter("Review")
            for sentence in review.iter("sentence")
        ]
        return cls(*map(list, zip(*(row for row in rows if row[2]), strict=True)))


class Features:
    """Sentence vectors, and beside them scores, if any, and the words of the training part, if
    asked for.
    """

    def __init__(self, texts: Sequence[str], vectors: Floats, scores: Floats | None, words: bool):
        self._texts = np.array(texts, dtype=object)
        self._dense = vectors if scores is None else np.hstack([vectors, scores])
        self._words = words

    def split(
        self, train: npt.NDArray[np.int64], test: npt.NDArray[np.int64]
    ) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Features of the training and of the test part."""
        parts = [sparse.csr_matrix(self._dense[rows]) for rows in (train, test)]
        if self._words:
            counter = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
            counter.fit(self._texts[train])
            parts = [
                sparse.hstack([part, counter.transform(self._texts[rows])]).tocsr()
                for part, rows in zip(parts, (train, test), strict=True)
            ]
        return parts[0], parts[1]


def predict_in_folds(
    features: Features, labels: Bools, reviews: Sequence[str], aim: Literal["accuracy", "f1"]
) -> Bools:
    """Whether each sentence has each label, as learned from the other folds.

    labels: (n, k), the truth; reviews: (n,) ids; aim: what the strength is chosen by. Returns
    (n, k).
    """
    told = np.zeros_like(labels)
    for train, test in GroupKFold(FOLDS).split(labels, groups=reviews):
        known, unknown = features.split(train, test)
        for label in range(labels.shape[1]):
            model = LogisticRegressionCV(
                Cs=STRENGTHS,
                cv=INNER_FOLDS,
                l1_ratios=(0,),
                scoring=aim,
                class_weight="balanced" if aim == "f1" else None,
                max_iter=2000,
                use_legacy_attributes=False,
            )
            told[test, label] = model.fit(known, labels[train, label]).predict(unknown)
    return told


def main() -> None:
    """Print one JSON object a task and model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", type=Path, help="a workspace's embeddings folder to reuse")
    options = parser.parse_args()
    data = Labelled.read(find_data("semeval16_restaurants/reviews.xml"))
    taught = learn_from_yelp(options.embeddings)
    vectors, lexicon = taught.encoder.encode(data.texts), score_lexicon(data.texts)
    warmth = taught.model.predict(vectors, lexicon, data.texts)
    print(json.dumps({"machine": describe_machine(), "sentences": len(data.texts)}))
    _judge_polarity(data, vectors, np.column_stack([warmth, lexicon]))
    _judge_categories(data, vectors)


def _judge_polarity(data: Labelled, vectors: Floats, scores: Floats) -> None:
    positive = np.array([p == {"positive"} for p in data.polarities])
    clear = np.flatnonzero(positive | np.array([p == {"negative"} for p in data.polarities]))
    texts, reviews = ([column[row] for row in clear] for column in (data.texts, data.reviews))
    truth = positive[clear, None]

    def tell(model: str, learned: str, judged: Bools) -> None:
        accuracy = round(float((judged == truth).mean()), 4)
        told = {"task": "polarity", "model": model, "learned_from": learned}
        print(json.dumps({**told, "sentences": len(clear), "accuracy": accuracy}))

    tell("tribune", "Yelp's stars", scores[clear, :1] > 0)
    for name, features in {
        "tribune": Features(texts, vectors[clear], scores[clear], words=True),
        "logistic regression over MiniLM": Features(texts, vectors[clear], None, words=False),
    }.items():
        tell(name, "the same sentences", predict_in_folds(features, truth, reviews, "accuracy"))


def _judge_categories(data: Labelled, vectors: Floats) -> None:
    labels = MultiLabelBinarizer()
    truth = labels.fit_transform(data.categories).astype(bool)
    for name, words in (("tribune", True), ("logistic regression over MiniLM", False)):
        features = Features(data.texts, vectors, None, words=words)
        told = predict_in_folds(features, truth, data.reviews, "f1")
        each = f1_score(truth, told, average=None, zero_division=0.0)
        print(
            json.dumps(
                {
                    "task": "categories",
                    "model": name,
                    "macro_f1": round(float(each.mean()), 4),
                    "micro_f1": round(float(f1_score(truth, told, average="micro")), 4),
                    "f1": dict(zip(labels.classes_, each.round(3).tolist(), strict=True)),
                }
            )
        )


if __name__ == "__main__":
    main()
