"""Rows pooled by the part that they belong to: a review's sentences, a cluster's rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float32]


def sum_parts(rows: Floats, parts: npt.NDArray[np.integer], n_parts: int) -> Floats:
    """(n_parts, d) sums of (n, d) rows by (n,) part; zeros for a part without rows, and rows of
    part −1 count nowhere.
    """
    known = np.flatnonzero(parts >= 0)
    belongs = sparse.csr_matrix(
        (np.ones(len(known), dtype=np.float32), (parts[known], known)), shape=(n_parts, len(rows))
    )
    return np.asarray(belongs @ rows, dtype=np.float32)


def average_parts(rows: Floats, parts: npt.NDArray[np.integer], n_parts: int) -> Floats:
    """(n_parts, d) means, as `sum_parts`."""
    sizes = np.bincount(parts[parts >= 0], minlength=n_parts)
    means = sum_parts(rows, parts, n_parts) / np.maximum(sizes, 1)[:, None]
    return np.asarray(means, dtype=np.float32)
