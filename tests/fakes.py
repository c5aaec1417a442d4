"""Stand-ins that are given in place of a model, and whose answers anyone can work out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tools.embedding.encoder import Encoder, Progress


class LengthEncoder(Encoder):
    """A text's vector is (its characters, its words), made a unit vector.

    asked: all texts that it was ever given, in order; fails_after: number of calls after which it
    raises a RuntimeError, as if it had been killed.
    """

    def __init__(self, name: str = "lengths", *, fails_after: int | None = None) -> None:
        self.name = name
        self.dimensions = 2
        self.asked: list[str] = []
        self._calls_left = fails_after

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> npt.NDArray[np.float32]:
        """(len(texts), 2) unit vectors."""
        if self._calls_left is not None:
            if not self._calls_left:
                raise RuntimeError("killed")
            self._calls_left -= 1
        self.asked += texts
        vectors = np.array([[len(t), len(t.split())] for t in texts], dtype=np.float32)
        if progress:
            progress("embedding", 1.0)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
