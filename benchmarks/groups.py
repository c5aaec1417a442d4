"""Groups among customer-service questions whose 77 intents people labelled (banking77).

Texts become MiniLM vectors; the number of groups is not given to Tribune, which must assign every
text. The labels of the train split were looked at when the method was chosen, those of the test
split were not. Peers, on the same vectors: scikit-learn's k-means, which is told the true number;
UMAP and HDBSCAN; EVoC. AMI: adjusted mutual information with the labels; for peers that leave texts
out, over all texts, those left out counted as one group of their own.

The peers are an extra: pip install -c constraints.txt -e '.[peers]'
"""

from __future__ import annotations

import argparse
import csv
import json
import time
import warnings
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.clustering.algorithms import KMeansGroups, WardGroups
from tools.clustering.group_count import choose_group_count, try_group_counts
from tools.embedding.encoder import Encoder

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
TEXTS_PER_GROUP = 8


def group_texts(vectors: Floats, algorithm: type[KMeansGroups | WardGroups]) -> Ints:
    """Tribune's way: the number that predicts best between halves, then the algorithm."""
    largest = len(vectors) // TEXTS_PER_GROUP
    k = choose_group_count(try_group_counts(vectors, largest=largest))
    return algorithm(k).fit(vectors).labels_


def group_by_umap(vectors: Floats) -> Ints:
    """UMAP to 5 dimensions and HDBSCAN, with the settings that BERTopic has by default."""
    from umap import UMAP

    plane = UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=0
    ).fit_transform(vectors)
    found = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(plane)
    return np.asarray(found, dtype=np.int32)


def group_by_evoc(vectors: Floats) -> Ints:
    """EVoC with its defaults."""
    from evoc import EVoC

    return np.asarray(EVoC(random_state=0).fit_predict(vectors), dtype=np.int32)


def main() -> None:
    """Print one JSON object a method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=["test", "train"], default="test")
    parser.add_argument("--limit", type=int, help="only so many texts, drawn at random")
    options = parser.parse_args()
    with find_data(f"banking77/{options.split}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if options.limit:
        drawn = np.random.default_rng(0).permutation(len(rows))[: options.limit]
        rows = [rows[i] for i in drawn]
    truth = [row["category"] for row in rows]
    vectors = Encoder().encode([row["text"] for row in rows])
    true_k = len(set(truth))
    methods: dict[str, Callable[[], Ints]] = {
        "Tribune, k-means (default)": lambda: group_texts(vectors, KMeansGroups),
        "Tribune, Ward": lambda: group_texts(vectors, WardGroups),
        "scikit-learn KMeans, true k given": lambda: np.asarray(
            KMeans(true_k, n_init=10, random_state=0).fit_predict(vectors), dtype=np.int32
        ),
        "UMAP + HDBSCAN": lambda: group_by_umap(vectors),
        "EVoC": lambda: group_by_evoc(vectors),
    }
    print(json.dumps({"machine": describe_machine(), "texts": len(rows), "true_k": true_k}))
    for name, find in methods.items():
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the peers' own
            labels = find()
        seconds = time.perf_counter() - start
        found = {
            "method": name,
            "ami": round(float(adjusted_mutual_info_score(truth, labels)), 4),
            "ari": round(float(adjusted_rand_score(truth, labels)), 4),
            "k": len(set(labels[labels >= 0].tolist())),
            "left_out": round(float((labels < 0).mean()), 3),
            "seconds": round(seconds, 1),
        }
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
