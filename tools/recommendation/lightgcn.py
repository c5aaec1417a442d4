"""A graph network over users and items that knows users it has not met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import torch
from torch.nn.functional import softplus

from tools.embedding.device import choose_device
from tools.recommendation.histories import Floats, Histories
from tools.recommendation.recommender import Arrays, Recommender, count_likes


class LightGCN(Recommender):
    """Light graph convolution (He et al., SIGIR 2020, equations 3 to 8), trained by BPR with Adam.

    A user has no vector of their own: layer 0 is the mean of what they liked (as in the inductive
    module of Wu et al., SIGIR 2022, equation 4), so that new users are folded in exactly.
    """

    name = "LightGCN"

    def __init__(
        self,
        factors: int = 64,
        layers: int = 2,
        epochs: int = 60,
        rate: float = 0.01,
        decay: float = 1e-4,
        batch_size: int = 4096,
        seed: int = 0,
    ) -> None:
        self.factors = factors
        self.layers = layers
        self.epochs = epochs
        self.rate = rate
        self.decay = decay
        self.batch_size = batch_size
        self.seed = seed

    def fit(self, training: Histories, item_text: Floats | None = None) -> Self:
        self.popularity_ = count_likes(training)
        device = choose_device()
        random = torch.Generator().manual_seed(self.seed)
        mean, smooth = (_to_torch(m, device) for m in self._normalise(training.liked))
        smooth_back = smooth.t().coalesce()
        vectors = 0.1 * torch.randn(training.n_items, self.factors, generator=random)
        vectors = vectors.to(device).requires_grad_()
        optimizer = torch.optim.Adam([vectors], lr=self.rate)
        edges = training.liked.tocoo()
        users, items = torch.from_numpy(edges.row.astype(np.int64)), torch.from_numpy(edges.col)
        for _ in range(self.epochs):
            order = torch.randperm(len(users), generator=random)
            for batch in order.split(self.batch_size):
                found, given = self._propagate(vectors, mean, smooth, smooth_back)
                other = torch.randint(training.n_items, (len(batch),), generator=random)
                user = found[users[batch].to(device)]
                good, bad = items[batch].long().to(device), other.to(device)
                margin = (user * (given[good] - given[bad])).sum(dim=1)
                weight = vectors[good].square().sum() + vectors[bad].square().sum()
                loss = softplus(-margin).mean() + self.decay * weight / len(batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            self.layers_ = self._convolve(vectors, mean, smooth, smooth_back)[1].cpu().numpy()
        return self

    def embed(self, users: Histories) -> Floats:
        """(n, factors) of each user, from what they liked; zeros for nothing."""
        mean, smooth = self._normalise(users.liked)
        layers = [mean @ self.layers_[0]]
        layers += [smooth @ of for of in self.layers_[:-1]]
        return np.asarray(sum(layers) / len(layers), dtype=np.float32)

    def score(self, users: Histories) -> Floats:
        return np.asarray(self.embed(users) @ self.layers_.mean(axis=0).T, dtype=np.float32)

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity_, "layers": self.layers_}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        self.popularity_, self.layers_ = arrays["popularity"], arrays["layers"]
        return self

    def _normalise(self, liked: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        """Rows that sum to 1, and rows and columns scaled by the root of their degrees."""
        likes = np.maximum(np.asarray(liked.sum(axis=1)).ravel(), 1)
        items = np.maximum(self.popularity_, 1)
        smooth = sp.diags(likes**-0.5) @ liked @ sp.diags(items**-0.5)
        return (
            sp.csr_matrix(sp.diags(1 / likes) @ liked, dtype=np.float32),
            sp.csr_matrix(smooth, dtype=np.float32),
        )

    def _propagate(
        self,
        vectors: torch.Tensor,
        mean: torch.Tensor,
        smooth: torch.Tensor,
        smooth_back: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        users, items = self._convolve(vectors, mean, smooth, smooth_back)
        return users.mean(dim=0), items.mean(dim=0)

    def _convolve(
        self,
        vectors: torch.Tensor,
        mean: torch.Tensor,
        smooth: torch.Tensor,
        smooth_back: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(layers + 1, …) vectors of users and of items."""
        users, items = [mean @ vectors], [vectors]
        for _ in range(self.layers):
            users.append(smooth @ items[-1])
            items.append(smooth_back @ users[-2])
        return torch.stack(users), torch.stack(items)


def _to_torch(matrix: sp.csr_matrix, device: str) -> torch.Tensor:
    edges = matrix.tocoo()
    places = torch.from_numpy(np.vstack([edges.row, edges.col]).astype(np.int64))
    weights = torch.from_numpy(edges.data)
    return torch.sparse_coo_tensor(
        places, weights, edges.shape, device=device, check_invariants=False
    ).coalesce()
