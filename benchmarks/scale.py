"""A whole build of 200,000 synthetic reviews, embedding aside: seconds by step and peak memory.

Users of planted groups write one to three sentences a review, about their group's topics more than
about others. A sentence's words are its topic's; its vector, put into the workspace's cache
beforehand, is its topic's direction and noise of the same length. All else is what a build does.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from benchmarks.machine import describe_machine
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import Encoder
from tools.pipeline import build
from tools.workspace import Workspace, read_manifest

N_GROUPS, N_TOPICS = 12, 120
REVIEWS_PER_USER, REVIEWS_PER_ITEM = 8, 100
TOPICS_PER_GROUP = 15
FONDNESS = 6.0
WORDS_PER_TOPIC, COMMON_WORDS, WORDS_PER_SENTENCE = 40, 400, 9
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
WARM = ("lovely", "excellent", "wonderful", "perfect", "delightful")
COLD = ("awful", "terrible", "dirty", "horrible", "disappointing")
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class World:
    """rows of the reviews' file; sentences and the topic of each; the group of each user."""

    rows: list[dict[str, str | int]]
    sentences: list[str]
    topics: npt.NDArray[np.int64]
    groups: dict[str, int]


def plant_world(n_reviews: int, rng: np.random.Generator) -> World:
    """Reviews whose users' groups and sentences' topics are known."""
    words = _coin_words(N_TOPICS * WORDS_PER_TOPIC + COMMON_WORDS, rng)
    common = words[N_TOPICS * WORDS_PER_TOPIC :]
    n_users = max(N_GROUPS, n_reviews // REVIEWS_PER_USER)
    groups = rng.integers(N_GROUPS, size=n_users)
    favour = np.ones((N_GROUPS, N_TOPICS))
    for group in range(N_GROUPS):
        favour[group, rng.choice(N_TOPICS, TOPICS_PER_GROUP, replace=False)] = FONDNESS
    reach = (favour / favour.sum(axis=1, keepdims=True)).cumsum(axis=1)
    writers = rng.integers(n_users, size=n_reviews)
    items = rng.integers(max(1, n_reviews // REVIEWS_PER_ITEM), size=n_reviews)
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(1000, size=n_reviews), "D")
    stars = rng.choice([1, 2, 4, 5], n_reviews, p=[0.15, 0.15, 0.3, 0.4])
    sizes = rng.integers(1, 4, size=n_reviews)
    rows: list[dict[str, str | int]] = []
    sentences: list[str] = []
    topics: list[int] = []
    for review in range(n_reviews):
        said = []
        for draw in rng.random(sizes[review]):
            topic = int(np.searchsorted(reach[groups[writers[review]]], draw))
            own = words[topic * WORDS_PER_TOPIC : (topic + 1) * WORDS_PER_TOPIC]
            chosen = [
                *(own[i] for i in rng.integers(WORDS_PER_TOPIC, size=WORDS_PER_SENTENCE)),
                *(common[i] for i in rng.integers(COMMON_WORDS, size=4)),
                (WARM if stars[review] > 3 else COLD)[rng.integers(5)],
            ]
            said.append(" ".join(chosen).capitalize() + ".")
            topics.append(topic)
        sentences += said
        rows.append(
            {
                "review_id": f"r{review}",
                "user_id": f"u{writers[review]}",
                "item_id": f"i{items[review]}",
                "rating": int(stars[review]),
                "date": str(days[review].date()),
                "text": " ".join(said),
            }
        )
    places = {f"u{user}": int(group) for user, group in enumerate(groups)}
    return World(rows, sentences, np.array(topics), places)


def _coin_words(n: int, rng: np.random.Generator) -> list[str]:
    """n different made-up words."""
    words: dict[str, None] = {}
    while len(words) < n:
        letters = [
            rng.choice(list(CONSONANTS)) + rng.choice(list(VOWELS))
            for _ in range(rng.integers(2, 5))
        ]
        words["".join(letters)] = None
    return list(words)


def prepare(folder: Path, world: World, rng: np.random.Generator) -> Path:
    """Write the file of reviews, and the sentences' vectors into the workspace's cache."""
    path = folder / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, list(world.rows[0]))
        writer.writeheader()
        writer.writerows(world.rows)
    encoder = Encoder()
    cache = EmbeddingCache(Workspace(folder / "workspace").embeddings, encoder.name)
    directions = rng.standard_normal((N_TOPICS, encoder.dimensions))
    for begin in range(0, len(world.sentences), ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        rows = directions[world.topics[part]]
        rows = rows + rng.standard_normal(rows.shape)
        cache.add(world.sentences[part], rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return path


def measure(path: Path, folder: Path) -> dict[str, object]:
    """Build, in a process of its own so that the peak of memory is the build's."""
    start = time.perf_counter()
    built = build([path], Workspace(folder / "workspace"))
    seconds, processor = time.perf_counter() - start, time.process_time()
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "steps": read_manifest(built.version)["seconds"],
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "counts": built.counts,
        "notes": built.notes,
        "version": str(built.version),
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=200_000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = plant_world(options.reviews, rng)
        path = prepare(folder, world, rng)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            found = pool.submit(measure, path, folder).result()
        users = pd.read_parquet(Path(str(found.pop("version"))) / "users.parquet")
        users = users.dropna(subset=["group_id"])
        truth = users["user_id"].map(world.groups)
        agreement = adjusted_rand_score(truth, users["group_id"])
    print(json.dumps({"machine": describe_machine(), **found, "ari": round(agreement, 3)}))


if __name__ == "__main__":
    main()
