"""k-means beside scikit-learn's: seconds and inertia on the same rows with the same threads.

Large: half a million unit vectors of 384 dimensions into 100 clusters, scikit-learn with its
defaults (one k-means++ start). "mixture": 100 overlapping clusters of unequal weight. "resampled":
a workspace's sentences drawn with replacement, with noise of half their length added to each:
sentences without clear clusters, where Lloyd's algorithm takes longest.

Small: a workspace's user vectors as group finding meets them, scikit-learn with 10 starts,
Tribune with 20 of which the worse half is dropped again and again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from benchmarks.machine import describe_machine
from tools.clustering.groups import MIN_SENTENCES
from tools.clustering.kmeans import fit_kmeans
from tools.workspace import Workspace

DIMENSIONS = 384
ROWS_AT_ONCE = 20_000
Floats = npt.NDArray[np.float32]
Fit = Callable[[int], float]


def mix(n: int, k: int, rng: np.random.Generator) -> Floats:
    """Unit vectors around k random directions, with noise of the same length as the direction."""
    centres = _normalise(rng.standard_normal((k, DIMENSIONS), dtype=np.float32))
    own = rng.choice(k, n, p=rng.dirichlet(np.full(k, 2.0)))
    return _add_noise(centres, own, 1.0, rng)


def resample(vectors: npt.NDArray[np.floating], n: int, rng: np.random.Generator) -> Floats:
    """Unit vectors drawn from `vectors`, with noise of half a vector's length."""
    return _add_noise(vectors, rng.integers(len(vectors), size=n), 0.5, rng)


def _add_noise(
    centres: npt.NDArray[np.floating],
    own: npt.NDArray[np.int64],
    length: float,
    rng: np.random.Generator,
) -> Floats:
    rows = np.empty((len(own), centres.shape[1]), dtype=np.float32)
    scale = np.float32(length / np.sqrt(centres.shape[1]))
    for begin in range(0, len(own), ROWS_AT_ONCE):
        part = centres[own[begin : begin + ROWS_AT_ONCE]].astype(np.float32)
        part += scale * rng.standard_normal(part.shape, dtype=np.float32)
        rows[begin : begin + ROWS_AT_ONCE] = _normalise(part)
    return rows


def _normalise(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def compare(ours: Fit, theirs: Fit, seeds: int) -> dict[str, object]:
    """Medians over seeds, one after the other with each seed; fits return the inertia."""
    measured: dict[str, list[tuple[float, float, float]]] = {"scikit-learn": [], "tribune": []}
    for seed in range(seeds):
        for name, fit in (("scikit-learn", theirs), ("tribune", ours)):
            wall, processor = time.perf_counter(), time.process_time()
            inertia = fit(seed)
            measured[name].append(
                (time.perf_counter() - wall, time.process_time() - processor, inertia)
            )
    medians = {
        name: dict(
            zip(
                ("seconds", "processor_seconds", "inertia"),
                (statistics.median(column) for column in zip(*rows, strict=True)),
                strict=True,
            )
        )
        for name, rows in measured.items()
    }
    slow, fast = medians["scikit-learn"], medians["tribune"]
    return {
        "seeds": seeds,
        "faster": round(slow["seconds"] / fast["seconds"], 2),
        "faster_by_processor_time": round(slow["processor_seconds"] / fast["processor_seconds"], 2),
        "inertia_ratio": round(fast["inertia"] / slow["inertia"], 5),
        **{
            name: {key: float(f"{value:.5g}") for key, value in found.items()}
            for name, found in medians.items()
        },
    }


def compare_large(rows: Floats, k: int, seeds: int) -> dict[str, object]:
    """scikit-learn's defaults (n_init="auto": one start) beside Tribune's."""
    return compare(
        lambda seed: fit_kmeans(rows, k, seed=seed).inertia,
        lambda seed: float(KMeans(k, random_state=seed).fit(rows).inertia_),
        seeds,
    )


def compare_small(rows: Floats, k: int, seeds: int) -> dict[str, object]:
    """20 starts, most of them dropped early, beside scikit-learn's 10 whole runs."""
    return compare(
        lambda seed: fit_kmeans(rows, k, seed=seed, n_init=20).inertia,
        lambda seed: float(KMeans(k, n_init=10, random_state=seed).fit(rows).inertia_),
        seeds,
    )


def main() -> None:
    """Print a line of JSON for the machine and one for each comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--clusters", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2, help="for the large data; small: one")
    parser.add_argument("--seeds", type=int, default=1, help="for the large data; small: seven")
    parser.add_argument("--only", choices=("large", "small"))
    options = parser.parse_args()
    version = Workspace(options.workspace).current()
    print(json.dumps({"machine": describe_machine(), "workspace": str(options.workspace)}))

    def report(threads: int, **found: object) -> None:
        print(json.dumps({"threads": threads, **found}), flush=True)

    if options.only != "large":
        torch.set_num_threads(1)
        users = pd.read_parquet(version / "users.parquet", columns=["n_sentences"])
        vectors = np.load(version / "user_vectors.npy")
        known = vectors[users["n_sentences"].to_numpy() >= MIN_SENTENCES]
        rows = known[np.random.default_rng(0).permutation(len(known))[:2000]]
        with threadpool_limits(1):
            for k in (2, 5, 10, 20):
                found = compare_small(rows, k, 7)
                report(1, data="users", rows=len(rows), dimensions=rows.shape[1], k=k, **found)
    if options.only != "small":
        torch.set_num_threads(options.threads)
        sentences = np.load(version / "sentence_vectors.npy", mmap_mode="r")
        k, n = options.clusters, options.rows
        for name, make in {
            "mixture": lambda rng: mix(n, k, rng),
            "resampled": lambda rng: resample(sentences, n, rng),
        }.items():
            rows = make(np.random.default_rng(0))
            with threadpool_limits(options.threads):
                found = compare_large(rows, k, options.seeds)
            report(options.threads, data=name, rows=n, dimensions=rows.shape[1], k=k, **found)


if __name__ == "__main__":
    main()
