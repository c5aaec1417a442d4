"""Recommenders beside their peers on public data: one split, one way to measure, two threads.

gowalla: LightGCN's split; all items ranked, those of the training left out. ml-100k: ratings of 4
and 5 are likes; each user's last fifth of them, by time, is the test. Every model's settings are
searched on a tenth of the training held out (at random; on ml-100k each user's last tenth), by
NDCG, with at most MAX_TRIALS trials each; the test is looked at once, with the settings found.
Each model runs in a process of its own, whose peak memory is told. seconds: learning and the 20
best items of all users.

Cornac's WMF is left out: it needs TensorFlow, and its model is that of implicit's ALS.
The peers are an extra: pip install -c constraints.txt -e '.[peers]'
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.evaluation.ranking import measure_lists
from tools.evaluation.splits import split_at_random, split_each_user
from tools.recommendation.blends import Blend
from tools.recommendation.ease import EASE
from tools.recommendation.factorisation import ALS
from tools.recommendation.graph_filter import GraphFilter
from tools.recommendation.histories import Histories, Interactions, Ints
from tools.recommendation.lightgcn import LightGCN
from tools.recommendation.neighbours import ItemKNN, UserKNN
from tools.recommendation.popularity import Popularity
from tools.recommendation.recommender import Recommender

THREADS = 2
K = 20
MAX_TRIALS = 12
VALIDATION_USERS = 4000

# Learns from histories; returns what gives the k best items of users by row.
Lists = Callable[[Ints, int], Ints]
Learn = Callable[..., Lists]


@dataclass(frozen=True)
class Part:
    """What is learned from, and what is to be found by each user."""

    training: Histories
    test: sp.csr_matrix

    def measure(self, lists: Lists, rows: Ints) -> dict[str, float]:
        """recall@20, ndcg@20 and ndcg@10 over the users in `rows`."""
        found = lists(rows, K)
        long = measure_lists(found, self.test[rows])
        short = measure_lists(found[:, :10], self.test[rows])
        return {
            "recall@20": round(float(long["recall"].mean()), 4),
            "ndcg@20": round(float(long["NDCG"].mean()), 4),
            "ndcg@10": round(float(short["NDCG"].mean()), 4),
        }

    @property
    def rows(self) -> Ints:
        """Users with something to find."""
        return np.flatnonzero(np.diff(self.test.indptr))


def read_gowalla() -> tuple[Part, Part]:
    """Validation and test."""
    pairs = {}
    for name in ("train", "test"):
        rows = []
        with gzip.open(find_data(f"gowalla/{name}.txt.gz"), "rt") as file:
            for line in file:
                user, *items = map(int, line.split())
                rows += [(user, item) for item in items]
        pairs[name] = np.array(rows)
    both = np.concatenate([pairs["train"], pairs["test"]])
    n, m = both.max(axis=0) + 1
    known = Interactions(
        np.arange(n).astype(str),
        np.arange(m).astype(str),
        both[:, 0],
        both[:, 1],
        np.ones(len(both), dtype=bool),
        np.full(len(both), np.nan),
        np.arange(len(both)),
    )
    training = np.arange(len(both)) < len(pairs["train"])
    inner = split_at_random(known, 0.1)
    return (
        Part(_gather(known, training & inner.training), known.count(training & inner.test)),
        Part(_gather(known, training), known.count(~training)),
    )


def read_movielens() -> tuple[Part, Part]:
    """Validation and test."""
    path = find_data("ml-100k/ratings.tsv.gz")
    table = pd.read_csv(path, sep="\t", dtype=str)
    table.columns = [name.partition(":")[0] for name in table.columns]
    known = Interactions.read(
        pd.DataFrame(
            {
                "user_id": table["user_id"],
                "item_id": table["item_id"],
                "rating": table["rating"].astype(float),
                "time": pd.to_datetime(table["timestamp"].astype(float), unit="s"),
            }
        )
    )
    whole = split_each_user(known, 0.2)
    rows = np.flatnonzero(whole.training)
    inner = split_each_user(known.take(rows), 0.1)
    learned, found = np.zeros((2, len(known)), dtype=bool)
    learned[rows], found[rows] = inner.training, inner.test
    return (
        Part(_gather(known, learned, ordered=True), known.count(found)),
        Part(_gather(known, whole.training, ordered=True), known.count(whole.test)),
    )


def _gather(known: Interactions, rows: np.ndarray, *, ordered: bool = False) -> Histories:
    liked = known.count(rows & known.liked)
    seen = known.rank(rows) if ordered else known.count(rows)
    nothing = np.zeros((liked.shape[0], 0), np.float32)
    return Histories(liked, seen, nothing, np.full(liked.shape[0], -1))


def learn_own(make: Callable[..., Recommender]) -> Learn:
    """Tribune's recommenders under the benchmark's contract."""

    def learn(training: Histories, **settings: Any) -> Lists:
        model = make(**settings).fit(training)
        return lambda rows, k: model.recommend(training.take(rows), k).items

    return learn


def learn_implicit(kind: str) -> Learn:
    """The library implicit: its own learning, and its own lists."""

    def learn(training: Histories, **settings: Any) -> Lists:
        from implicit.als import AlternatingLeastSquares
        from implicit.bpr import BayesianPersonalizedRanking
        from implicit.nearest_neighbours import CosineRecommender

        kinds = {
            "ALS": AlternatingLeastSquares,
            "BPR": BayesianPersonalizedRanking,
            "item-kNN": CosineRecommender,
        }
        if kind != "item-kNN":
            settings |= {"random_state": 0}
        model = kinds[kind](**settings, num_threads=THREADS)
        model.fit(training.liked, show_progress=False)

        # What was met but not liked is left out for all models alike.
        extra = int((np.diff(training.seen.indptr) - np.diff(training.liked.indptr)).max())

        def lists(rows: Ints, k: int) -> Ints:
            wide = min(k + extra, training.n_items)
            items = np.asarray(model.recommend(rows, training.liked[rows], N=wide)[0], np.int64)
            return _leave_out(items, training.seen[rows], k) if extra else items

        return lists

    return learn


def learn_cornac() -> Learn:
    """Cornac's EASE: its own learning; its scores are ranked here."""

    def learn(training: Histories, **settings: Any) -> Lists:
        from cornac import models
        from cornac.data import Dataset

        liked = training.liked.tocoo()
        triples = list(zip(liked.row, liked.col, liked.data, strict=True))
        data = Dataset.build(triples, seed=0)
        model = models.EASE(**settings, verbose=False)
        model.fit(data)

        def lists(rows: Ints, k: int) -> Ints:
            scores = np.full((len(rows), training.n_items), -np.inf, np.float32)
            for place, row in enumerate(rows):
                known = data.uid_map.get(row)
                if known is not None:
                    own = np.asarray(model.score(known)).ravel()
                    scores[place, list(data.iid_map)] = own[list(data.iid_map.values())]
            scores[training.seen[rows].nonzero()] = -np.inf
            return np.argsort(-scores, axis=1)[:, :k]

        return lists

    return learn


def _leave_out(items: Ints, seen: sp.csr_matrix, k: int) -> Ints:
    """The first k of each (n, wide) list that are not seen; −1 where there are fewer."""
    met = seen.toarray() > 0
    known = met[np.arange(len(items))[:, None], np.maximum(items, 0)] | (items < 0)
    order = np.argsort(known, axis=1, kind="stable")[:, :k]
    kept = np.take_along_axis(items, order, axis=1)
    return np.where(np.take_along_axis(known, order, axis=1), -1, kept)


def _grid(**options: list[Any]) -> list[dict[str, Any]]:
    return [dict(zip(options, values, strict=True)) for values in product(*options.values())]


def blend(weight: float, **settings: Any) -> Recommender:
    """The graph filter and ALS."""
    return Blend(GraphFilter(**settings), ALS(256, 30.0, 20.0, 5), weight)


Models = dict[str, tuple[Learn, list[dict[str, Any]]]]

FILTERS = [
    {"users": users, "source": source, "target": target, "sharpness": sharpness, "floor": 0.5}
    for users, source, target, sharpness in (
        (1.0, 0.5, 0.5, 1.0),
        (1.0, 0.5, 0.3, 1.0),
        (0.75, 0.7, 0.3, 1.0),
        (0.5, 0.7, 0.25, 1.5),
        (0.5, 0.8, 0.2, 1.5),
        (0.5, 0.8, 0.2, 2.0),
    )
]
GOWALLA: Models = {
    "popularity": (learn_own(Popularity), [{}]),
    "item-kNN": (learn_own(ItemKNN), _grid(k=[50, 200], shrinkage=[0.0, 10.0])),
    "graph filter": (learn_own(GraphFilter), FILTERS),
    "graph filter and ALS": (
        learn_own(blend),
        [{**given, "weight": w} for given in (FILTERS[2], FILTERS[3]) for w in (0.6, 1.0)],
    ),
    "implicit ALS": (
        learn_implicit("ALS"),
        _grid(factors=[128, 256], regularization=[10.0, 30.0], alpha=[20.0], iterations=[4]),
    ),
    "implicit item-kNN": (learn_implicit("item-kNN"), _grid(K=[20, 50, 200])),
}
MOVIELENS: Models = {
    "popularity": (learn_own(Popularity), [{}]),
    "item-kNN": (learn_own(ItemKNN), _grid(k=[50, 200], shrinkage=[0.0, 10.0])),
    "user-kNN": (learn_own(UserKNN), _grid(k=[30, 100, 300])),
    "ALS": (
        learn_own(ALS),
        _grid(factors=[16, 32, 64], regularization=[1.0, 10.0], confidence=[5.0, 20.0]),
    ),
    "EASE": (
        learn_own(EASE),
        _grid(ridge=[200.0, 400.0], met=[0.0, 0.3, 0.6], half_life=[None, 40.0]),
    ),
    "graph filter": (
        learn_own(GraphFilter),
        _grid(users=[0.0, 0.5], source=[0.3, 0.5], target=[0.3], sharpness=[1.0, 2.0, 3.0]),
    ),
    "LightGCN": (learn_own(LightGCN), _grid(layers=[1, 2], epochs=[20, 60], decay=[1e-4, 1e-3])),
    "implicit ALS": (
        learn_implicit("ALS"),
        _grid(factors=[16, 32, 64], regularization=[1.0, 10.0], alpha=[5.0, 20.0]),
    ),
    "implicit BPR": (
        learn_implicit("BPR"),
        _grid(factors=[32, 64], regularization=[0.01, 0.05], iterations=[100, 300, 600]),
    ),
    "implicit item-kNN": (learn_implicit("item-kNN"), _grid(K=[10, 20, 50, 100, 200, 400])),
    "Cornac EASE": (
        learn_cornac(),
        _grid(lamb=[50.0, 100.0, 200.0, 300.0, 400.0, 600.0], posB=[True, False]),
    ),
}
DATASETS = {"gowalla": (read_gowalla, GOWALLA), "ml-100k": (read_movielens, MOVIELENS)}


def run(dataset: str, name: str) -> dict[str, Any]:
    """One model's line, measured in this process."""
    torch.set_num_threads(THREADS)
    read, models = DATASETS[dataset]
    validation, test = read()
    learn, trials = models[name]
    assert len(trials) <= MAX_TRIALS
    rows = validation.rows
    if len(rows) > VALIDATION_USERS:
        rows = np.sort(np.random.default_rng(0).choice(rows, VALIDATION_USERS, replace=False))
    best, chosen = -1.0, trials[0]
    for trial in trials:
        found = validation.measure(learn(validation.training, **trial), rows)
        ndcg = found["ndcg@20" if dataset == "gowalla" else "ndcg@10"]
        if ndcg > best:
            best, chosen = ndcg, trial
    start = time.monotonic()
    lists = learn(test.training, **chosen)
    everyone = lists(np.arange(len(test.training)), K)
    seconds = time.monotonic() - start
    return {
        "model": name,
        **test.measure(lambda rows, k: everyone[rows, :k], test.rows),
        "seconds": round(seconds, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "validation": best,
        "settings": chosen,
    }


def main() -> None:
    """Print one JSON line a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", choices=list(DATASETS), default="ml-100k")
    parser.add_argument("--model", action="append", help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true", help="nothing but the lines")
    options = parser.parse_args()
    if not options.json:
        print(json.dumps(describe_machine()), file=sys.stderr)
    spawned = multiprocessing.get_context("spawn")
    for name in options.model or DATASETS[options.dataset][1]:
        with spawned.Pool(1) as pool:
            print(json.dumps(pool.apply(run, (options.dataset, name))), flush=True)


if __name__ == "__main__":
    main()
