"""Users on a plane, for the map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

MAX_USERS_FOR_TSNE = 2500


def project_users(vectors: npt.NDArray[np.float32], *, seed: int = 0) -> npt.NDArray[np.float32]:
    """(n, 2) positions in [-1, 1] at which like users are near each other.

    t-SNE (van der Maaten and Hinton 2008) for up to 2,500 users, principal components above: the
    map is for the eye alone, no figure is read off it.
    """
    n = len(vectors)
    if n < 3 or vectors.shape[1] < 2:
        return np.zeros((n, 2), dtype=np.float32)
    plane = PCA(2, random_state=seed).fit_transform(vectors)
    if 10 <= n <= MAX_USERS_FOR_TSNE and plane.std() > 1e-6:  # t-SNE divides by it
        plane = TSNE(2, init="pca", perplexity=min(30, n / 4), random_state=seed).fit_transform(
            vectors
        )
    span = np.abs(plane).max() or 1.0
    return np.asarray(plane / span, dtype=np.float32)
