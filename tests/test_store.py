"""The index: found by meaning, filtered by what is known, and rebuilt from the record."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from agent.use_cases import Tribune
from tools.reviews.store import QUESTIONS, SENTENCES, SentenceStore
from tools.workspace import Workspace

Pair = tuple[str, float]


def plant(folder: Path, n: int = 300, d: int = 16) -> tuple[SentenceStore, np.ndarray]:
    """Sentence i is by user i % 3, of group 1 or 2, on topic i % 5, with polarity from −1 to 1."""
    vectors = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    metadata: list[dict[str, str | int | float]] = [
        {
            "user_id": ["007", "7", "NA"][i % 3],
            "group_id": 1 + i % 2,
            "topic_id": i % 5,
            "polarity": -1 + 2 * i / (n - 1),
        }
        for i in range(n)
    ]
    store = SentenceStore(folder)
    store.add([f"s{i}" for i in range(n)], vectors, metadata)
    return store, vectors


def rows(found: list[Pair]) -> list[int]:
    return [int(sentence[1:]) for sentence, _ in found]


def test_the_nearest_come_first_with_their_cosine(tmp_path: Path) -> None:
    store, vectors = plant(tmp_path)
    found = store.search(vectors[42], limit=10, equal={})
    cosine = vectors @ vectors[42]
    assert rows(found) == np.argsort(-cosine)[:10].tolist()
    np.testing.assert_allclose([c for _, c in found], np.sort(cosine)[::-1][:10], atol=1e-5)
    store.close()


@pytest.mark.parametrize(
    "equal", [{"user_id": "007"}, {"user_id": "7", "group_id": 2}, {"topic_id": 3, "user_id": "NA"}]
)
def test_filters_leave_only_what_matches_all_of_them(
    tmp_path: Path, equal: dict[str, str | int]
) -> None:
    store, vectors = plant(tmp_path)
    users = np.array(["007", "7", "NA"])
    i = np.arange(len(vectors))
    known = {"user_id": users[i % 3], "group_id": 1 + i % 2, "topic_id": i % 5}
    fits = np.all([known[key] == value for key, value in equal.items()], axis=0)
    found = rows(store.search(vectors[0], limit=300, equal=equal))
    assert sorted(found) == np.flatnonzero(fits).tolist()
    store.close()


def test_stances_leave_only_clear_words(tmp_path: Path) -> None:
    store, vectors = plant(tmp_path)
    polarity = -1 + 2 * np.arange(300) / 299
    warm = rows(store.search(vectors[0], limit=300, equal={}, polarity="likes"))
    cold = rows(store.search(vectors[0], limit=300, equal={"group_id": 1}, polarity="dislikes"))
    assert sorted(warm) == np.flatnonzero(polarity >= 0.25).tolist()
    assert sorted(cold) == [i for i in np.flatnonzero(polarity <= -0.25) if i % 2 == 0]
    store.close()


def test_more_sentences_than_one_batch_holds_are_all_there(tmp_path: Path) -> None:
    n = 5800
    vectors = np.random.default_rng(1).normal(size=(n, 4)).astype(np.float32)
    shares: list[float] = []
    store = SentenceStore(tmp_path)
    store.add(
        [f"s{i}" for i in range(n)],
        vectors,
        [{"topic_id": i} for i in range(n)],
        progress=lambda step, share: shares.append(share),
    )
    assert len(store) == n
    assert len(shares) > 1
    assert shares[-1] == 1
    assert rows(store.search(vectors[n - 1], limit=1, equal={"topic_id": n - 1})) == [n - 1]
    store.close()


def test_what_was_closed_is_found_again(tmp_path: Path) -> None:
    store, vectors = plant(tmp_path)
    before = store.search(vectors[1], limit=20, equal={})
    store.close()
    again = SentenceStore(tmp_path)
    assert len(again) == 300
    assert rows(again.search(vectors[1], limit=20, equal={})) == rows(before)
    again.close()


def test_an_index_rebuilt_from_the_record_finds_the_same(
    sample_workspace: Workspace, sample_tribune: Tribune, tmp_path: Path
) -> None:
    version = sample_workspace.current()
    record = duckdb.execute(
        f"SELECT sentence_id, group_id, polarity FROM '{version}/sentences.parquet' LIMIT 2000"
    ).df()
    vectors = np.load(version / "sentence_vectors.npy")[:2000].astype(np.float32)
    rebuilt = SentenceStore(tmp_path)
    metadata = [
        {k: v for k, v in row.items() if not pd.isna(v)}  # of no group
        for row in record[["group_id", "polarity"]].to_dict("records")
    ]
    rebuilt.add(record["sentence_id"].tolist(), vectors, metadata)
    query = sample_tribune.encoder.encode(["cheap hostel kitchens"])[0]
    first = set(record["sentence_id"])
    published = [
        pair
        for pair in sample_tribune.store.search(query, limit=100, equal={"group_id": 1})
        if pair[0] in first
    ]
    found = rebuilt.search(query, limit=len(published), equal={"group_id": 1})
    assert len(published) > 5
    assert [i for i, _ in found] == [i for i, _ in published]
    np.testing.assert_allclose([c for _, c in found], [c for _, c in published], atol=1e-3)
    rebuilt.close()
    shutil.rmtree(tmp_path / "chroma")


def test_no_sentence_is_no_index(tmp_path: Path) -> None:
    store = SentenceStore(tmp_path)
    store.add([], np.empty((0, 4), np.float32), [])
    assert len(store) == 0
    assert store.search(np.ones(4, np.float32), limit=5, equal={}) == []
    assert store.search(np.ones(4, np.float32), limit=0, equal={}) == []
    store.close()


def test_indexes_of_one_folder_open_and_close_in_several_threads(tmp_path: Path) -> None:
    def open_and_close(n: int) -> int:
        store = SentenceStore(tmp_path, QUESTIONS if n % 2 else SENTENCES)
        size = len(store)
        store.close()
        return size

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(open_and_close, range(40))) == [0] * 40
