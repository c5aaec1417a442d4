"""What customers ask: intents of banking77's test questions, learned from its train split.

The encoder is frozen. Method, settings, odds and the threshold for 95% precision come from the
train split alone; of the test split only the figures printed were seen. The baseline is a plain
logistic regression over the same vectors, its penalty chosen by cross-validation. Retrieval takes
the intent for the answer: is the best past question of the message's intent, and sure when right?
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import train_test_split

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import DEFAULT_ENCODER, Encoder
from tools.support.intents import IntentClassifier
from tools.support.knowledge import build_knowledge, open_knowledge

STRENGTHS = (1.0, 10.0, 100.0)
HELD_OUT = 0.2


def read_split(dataset: str, split: str) -> tuple[list[str], list[str]]:
    """Questions and their intents."""
    with find_data(f"{dataset}/{split}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["category"] for row in rows]


def measure_retrieval(
    known: tuple[list[str], list[str]], asked: tuple[list[str], list[str]], encoder: Encoder
) -> dict[str, float]:
    """How often the first match has the right answer, and when it is sure."""
    dialogues = pd.DataFrame({"question": known[0], "answer": known[1]})
    dialogues["question_id"] = [f"q{row}" for row in range(len(dialogues))]
    dialogues["tags"], dialogues["times"] = [[] for _ in known[0]], 1
    with tempfile.TemporaryDirectory() as folder:
        cache = EmbeddingCache(Path(folder) / "embeddings", encoder.name)
        build_knowledge(dialogues, Path(folder), encoder, cache)
        knowledge = open_knowledge(Path(folder), encoder)
        start = time.perf_counter()
        found = [knowledge.find_answers(message, limit=1) for message in asked[0]]
        seconds = time.perf_counter() - start
        knowledge.close()
    right = np.array([f.matches[0].answer == a for f, a in zip(found, asked[1], strict=True)])
    sure = np.array([f.sure for f in found])
    return {
        "right_first": round(float(right.mean()), 4),
        "sure": round(float(sure.mean()), 4),
        "right_when_sure": round(float(right[sure].mean()), 4),
        "milliseconds_a_message": round(1000 * seconds / len(found), 1),
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", choices=["banking77"], default="banking77")
    parser.add_argument("--encoder", default=DEFAULT_ENCODER)
    parser.add_argument("--retrieval", action="store_true", help="measure find_answers too")
    parser.add_argument(
        "--validate", action="store_true", help="a fifth of train in place of the test split"
    )
    parser.add_argument("--json", action="store_true", help="on one line")
    options = parser.parse_args()
    begin = time.perf_counter()
    known, asked = read_split(options.dataset, "train"), ([""], [""])
    if options.validate:
        parts = train_test_split(*known, test_size=HELD_OUT, stratify=known[1], random_state=0)
        known, asked = (parts[0], parts[2]), (parts[1], parts[3])
    else:
        asked = read_split(options.dataset, "test")
    encoder = Encoder(options.encoder)
    vectors, messages = encoder.encode(known[0]), encoder.encode(asked[0])
    start = time.perf_counter()
    model = IntentClassifier().fit(known[0], vectors, known[1])
    fitted = time.perf_counter()
    found = model.predict(asked[0], messages)
    predicted = time.perf_counter()
    right = np.array([f.tag == truth for f, truth in zip(found, asked[1], strict=True)])
    sure = np.array([f.sure for f in found])
    confidence = np.array([f.confidence for f in found])
    plain = LogisticRegressionCV(
        Cs=STRENGTHS,
        cv=3,
        l1_ratios=(0.0,),
        scoring="accuracy",
        max_iter=1000,
        use_legacy_attributes=False,
    ).fit(vectors, known[1])
    baseline = float((plain.predict(messages) == np.array(asked[1])).mean())
    figures: dict[str, object] = {
        "dataset": options.dataset,
        "split": "validation" if options.validate else "test",
        "known": len(known[0]),
        "asked": len(asked[0]),
        "accuracy": round(float(right.mean()), 4),
        "coverage_at_95": round(float(sure.mean()), 4),
        "precision_reached": round(float(right[sure].mean()), 4),
        "threshold": round(model.threshold_, 4),
        "mean_confidence": round(float(confidence.mean()), 4),
        "left_out_accuracy": round(model.left_out_accuracy_, 4),
        "baseline_accuracy": round(baseline, 4),
        "fit_seconds": round(fitted - start, 1),
        "milliseconds_a_message": round(1000 * (predicted - fitted) / len(found), 1),
    }
    if options.retrieval:
        figures["retrieval"] = measure_retrieval(known, asked, encoder)
    figures["machine"] = describe_machine()
    figures["seconds"] = round(time.perf_counter() - begin, 1)
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
