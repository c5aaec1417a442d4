"""Sentences to vectors: what they are like, and that none is computed twice."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import LengthEncoder
from tests.worlds import list_sentences
from tools.embedding.cache import EmbeddingCache
from tools.embedding.encoder import SENTENCES_PER_CHUNK, Encoder, embed
from tools.errors import ModelError

SENTENCES = [
    *list_sentences("live music"), "One.", "", "距离很近，房间不错。", "😀", "word " * 400,
]  # fmt: skip


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    return Encoder()


def test_vectors_have_unit_length_whatever_the_text(minilm: Encoder) -> None:
    vectors = minilm.encode(SENTENCES)
    assert vectors.shape == (len(SENTENCES), minilm.dimensions) == (len(SENTENCES), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_a_text_has_the_same_vector_in_any_order_and_batch(minilm: Encoder) -> None:
    order = list(range(len(SENTENCES)))
    random.Random(3).shuffle(order)
    vectors = minilm.encode(SENTENCES)
    shuffled = minilm.encode([SENTENCES[i] for i in order])
    np.testing.assert_allclose(shuffled, vectors[order], atol=2e-3)
    for i in (0, 17, len(SENTENCES) - 1):
        np.testing.assert_allclose(minilm.encode([SENTENCES[i]])[0], vectors[i], atol=2e-3)


def test_texts_that_mean_the_same_lie_near_each_other(minilm: Encoder) -> None:
    first, alike, other = minilm.encode(
        ["The pool was closed.", "Nobody could swim that week.", "We paid the invoice by card."]
    )
    assert first @ alike > first @ other + 0.2


def test_no_texts_give_no_vectors(minilm: Encoder, tmp_path: Path) -> None:
    assert minilm.encode([]).shape == (0, 384)
    assert len(embed([], minilm, EmbeddingCache(tmp_path, minilm.name))) == 0


def test_an_encoder_that_is_not_there_ends_in_one_sentence() -> None:
    with pytest.raises(
        ModelError, match=r"^The encoder 'no/such' cannot be loaded \(.*local:minilm"
    ):
        Encoder("no/such")


def test_progress_rises_to_one(minilm: Encoder, tmp_path: Path) -> None:
    shares: list[float] = []
    cache = EmbeddingCache(tmp_path, minilm.name)
    embed(SENTENCES[:60], minilm, cache, progress=lambda step, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_vectors_from_the_cache_are_those_of_the_encoder(minilm: Encoder, tmp_path: Path) -> None:
    wanted = [t for t in SENTENCES if t]
    embed(wanted, minilm, EmbeddingCache(tmp_path, minilm.name))
    again = embed(wanted[::-1], LengthEncoder(minilm.name), EmbeddingCache(tmp_path, minilm.name))
    np.testing.assert_allclose(again[::-1], minilm.encode(wanted), atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(again, axis=1), 1, atol=1e-6)


def test_a_text_is_embedded_once_however_often_it_is_said(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    cache = EmbeddingCache(tmp_path, encoder.name)
    vectors = embed(["good one", "so good one", "good one"], encoder, cache)
    assert sorted(encoder.asked) == ["good one", "so good one"]
    np.testing.assert_allclose(vectors[0], np.array([8, 2]) / np.sqrt(68), atol=1e-3)
    np.testing.assert_allclose(vectors[1], np.array([11, 3]) / np.sqrt(130), atol=1e-3)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    embed(["so good one", "new"], encoder, cache)
    assert sorted(encoder.asked) == ["good one", "new", "so good one"]
    assert "new" in cache
    assert "never said" not in cache


def test_a_killed_run_goes_on_where_its_last_chunk_ended(tmp_path: Path) -> None:
    texts = [f"sentence {n}" for n in range(2 * SENTENCES_PER_CHUNK + 10)]
    killed = LengthEncoder(fails_after=1)
    with pytest.raises(RuntimeError, match="killed"):
        embed(texts, killed, EmbeddingCache(tmp_path, "lengths"))
    done = set(killed.asked)
    assert len(done) == SENTENCES_PER_CHUNK
    resumed = LengthEncoder()
    vectors = embed(texts, resumed, EmbeddingCache(tmp_path, "lengths"))
    assert set(resumed.asked) == set(texts) - done
    assert len(resumed.asked) == SENTENCES_PER_CHUNK + 10
    np.testing.assert_allclose(vectors, LengthEncoder().encode(texts), atol=1e-3)


def test_half_a_chunk_is_no_chunk(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, "lengths")
    embed(["one", "two words"], LengthEncoder(), cache)
    chunk = next(cache.folder.glob("chunk-*.npz"))
    (cache.folder / "chunk-000002.tmp").write_bytes(chunk.read_bytes()[:100])
    again = EmbeddingCache(tmp_path, "lengths")
    assert len(again) == 2
    embed(["three more words"], LengthEncoder(), again)
    assert len(EmbeddingCache(tmp_path, "lengths")) == 3


def test_encoders_do_not_share_vectors(tmp_path: Path) -> None:
    embed(["one"], LengthEncoder("first"), EmbeddingCache(tmp_path, "first"))
    other = LengthEncoder("second")
    embed(["one"], other, EmbeddingCache(tmp_path, "second"))
    assert other.asked == ["one"]


def test_a_text_that_was_never_added_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        EmbeddingCache(tmp_path, "lengths").get(["one"])
