"""Vectors by the hash of their text, so that no text is ever embedded twice in a workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

HASH_BYTES = 16


class EmbeddingCache:
    """Append-only chunks `chunk-000001.npz` of one encoder's vectors.

    A chunk is written under another name and then renamed: a kill loses the chunk being written,
    nothing else. Vectors are stored as float16 (error below 5e-4 on a unit vector's components).
    """

    def __init__(self, folder: Path, encoder: str) -> None:
        name = hashlib.blake2b(encoder.encode(), digest_size=6).hexdigest()
        self.folder = folder / name
        self._rows: dict[bytes, tuple[int, int]] = {}
        self._chunks: list[npt.NDArray[np.float16]] = []
        for path in sorted(self.folder.glob("chunk-??????.npz")):
            with np.load(path) as chunk:
                self._remember(chunk["keys"], chunk["vectors"])

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, text: str) -> bool:
        return _key(text) in self._rows

    def get(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(len(texts), dimensions) vectors. Raises: KeyError if one was never added."""
        places = [self._rows[_key(t)] for t in texts]
        dimensions = self._chunks[0].shape[1] if self._chunks else 0
        vectors = np.empty((len(texts), dimensions), dtype=np.float32)
        for row, (chunk, place) in enumerate(places):
            vectors[row] = self._chunks[chunk][place]
        return vectors

    def add(self, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Keep the vectors (len(texts), dimensions) of texts not yet held, on disk and here."""
        keys = np.frombuffer(b"".join(_key(t) for t in texts), dtype=f"V{HASH_BYTES}")
        halves = vectors.astype(np.float16)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"chunk-{len(self._chunks) + 1:06d}.npz"
        draft = path.with_suffix(".tmp")
        with draft.open("wb") as f:
            np.savez(f, keys=keys, vectors=halves)
        draft.replace(path)
        self._remember(keys, halves)

    def _remember(self, keys: npt.NDArray[np.void], vectors: npt.NDArray[np.float16]) -> None:
        chunk = len(self._chunks)
        self._chunks.append(vectors)
        for place, key in enumerate(keys):
            self._rows[key.tobytes()] = (chunk, place)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()
