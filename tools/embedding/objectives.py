"""What an encoder is trained for, which of its layers learn, and the loss on pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.util import cos_sim

from tools.embedding.encoder import DEFAULT_ENCODER
from tools.errors import InputError


@dataclass(frozen=True)
class AdaptationSettings:
    """What the result depends on beside the reviews. The word embeddings and the lowest
    `frozen_layers` stay as they are: what they know of the language is not unlearned, and a step
    takes a third fewer multiplications. `held_out`: share of the users and items with four reviews
    that only the check sees.
    """

    encoder: str = DEFAULT_ENCODER
    mlm_steps: int = 150
    contrastive_steps: int = 150
    batch_size: int = 32
    max_tokens: int = 64
    frozen_layers: int = 3
    mlm_rate: float = 2e-5
    contrastive_rate: float = 2e-5
    held_out: float = 0.25
    seed: int = 0


def freeze(model: SentenceTransformer, layers: int) -> None:
    """Let the word embeddings and the lowest layers stay as they are.

    Raises: InputError unless a layer is left to learn.
    """
    body = model[0].auto_model
    for parameter in body.get_input_embeddings().parameters():
        parameter.requires_grad_(False)
    if not layers:
        return
    stack = getattr(getattr(body, "encoder", None), "layer", [])
    if layers >= len(stack):
        raise InputError(
            f"--frozen-layers must be under {len(stack)}, the encoder's layers; got {layers}."
        )
    for part in (body.embeddings, *stack[:layers]):
        for parameter in part.parameters():
            parameter.requires_grad_(False)


class LabelledRankingLoss(MultipleNegativesRankingLoss):  # type: ignore[misc]
    """Multiple negatives ranking loss (Henderson et al. 2017, arXiv:1705.00652, section 4.4) in
    which pairs of one label are not each other's negatives: two reviews of one user are no error.
    """

    def forward(
        self, sentence_features: Iterable[dict[str, torch.Tensor]], labels: torch.Tensor
    ) -> torch.Tensor:
        """Mean loss of the pairs; labels: (n,) of each pair."""
        alike = labels[:, None] == labels[None, :]
        alike.fill_diagonal_(False)
        self.similarity_fct = lambda one, other: cos_sim(one, other).masked_fill(alike, -torch.inf)
        loss: torch.Tensor = super().forward(sentence_features, labels)
        return loss
