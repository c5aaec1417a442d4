"""Masked-language modelling: words hidden from an encoder, and the head that guesses them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

MASKED_SHARE = 0.15
# Of the chosen tokens these shares become [MASK] and a random token; the rest stay as they are.
REPLACED, RANDOM = 0.8, 0.1

Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def mask_words(
    ids: Ids, maskable: Bools, *, mask_id: int, vocabulary: int, rng: np.random.Generator
) -> tuple[Ids, Bools]:
    """Hide 15% of the maskable tokens of (n, length) ids, one of them at least.

    Returns the ids to show, 80% of the chosen being [MASK], 10% a random token and 10% themselves,
    and (n, length) which tokens were chosen. Devlin et al., BERT, NAACL 2019, section 3.1.
    """
    chosen = maskable & (rng.random(ids.shape) < MASKED_SHARE)
    if not chosen.any() and maskable.any():
        places = np.argwhere(maskable)
        chosen[tuple(places[rng.integers(len(places))])] = True
    fate = rng.random(ids.shape)
    shown = np.where(chosen & (fate < REPLACED), mask_id, ids)
    swapped = chosen & (fate >= REPLACED) & (fate < REPLACED + RANDOM)
    shown[swapped] = rng.integers(vocabulary, size=int(swapped.sum()))
    return shown, chosen


class MaskedWordHead(nn.Module):  # type: ignore[misc]
    """Scores of every vocabulary entry at a hidden token: BERT's transform and tied embeddings.

    Sentence encoders ship without the head they were pre-trained with. This one starts near a
    unigram model, from which it learns quickly: the transform is the identity and the bias is the
    log frequency of each vocabulary entry in the corpus.
    """

    def __init__(self, width: int, counts: Ids) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        frequencies = (counts + 0.1) / (counts + 0.1).sum()
        self.bias = nn.Parameter(torch.tensor(np.log(frequencies), dtype=torch.float32))
        with torch.no_grad():
            self.dense.weight.copy_(torch.eye(width))
            self.dense.bias.zero_()

    def forward(self, hidden: torch.Tensor, embeddings: torch.Tensor) -> torch.Tensor:
        """(n, vocabulary) log-odds from (n, width) hidden states and (vocabulary, width) words."""
        transformed = self.norm(nn.functional.gelu(self.dense(hidden)))
        return nn.functional.linear(transformed, embeddings, self.bias)
