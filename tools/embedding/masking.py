"""Masked-language modelling on a sentence encoder that came without its head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import nn


class MaskedWordModel(nn.Module):  # type: ignore[misc]
    """An encoder's transformer under a head that scores every vocabulary entry at a hidden token:
    BERT's transform and tied embeddings (Devlin et al., NAACL 2019, section 3.1).

    Sentence encoders ship without the head they were pre-trained with. This one starts near a
    unigram model, from which it learns quickly: the transform is the identity and the bias is the
    log frequency of each entry in `tokens`, the ids of each passage.
    """

    def __init__(self, model: SentenceTransformer, tokens: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self.body = model[0].auto_model
        vocabulary, width = self.body.get_input_embeddings().weight.shape
        counts = np.bincount(np.concatenate(tokens), minlength=vocabulary) + 0.1
        self.head = nn.ModuleDict({"dense": nn.Linear(width, width), "norm": nn.LayerNorm(width)})
        self.bias = nn.Parameter(torch.tensor(np.log(counts / counts.sum()), dtype=torch.float32))
        with torch.no_grad():
            self.head["dense"].weight.copy_(torch.eye(width))
            self.head["dense"].bias.zero_()
        self.to(model.device)

    def forward(self, labels: torch.Tensor, **inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        """Mean cross-entropy, in nats, of hidden tokens; labels: (n, length), −100 where shown."""
        hidden = self.body(**inputs).last_hidden_state[labels >= 0]
        transformed = self.head["norm"](nn.functional.gelu(self.head["dense"](hidden)))
        words = self.body.get_input_embeddings().weight
        scores = nn.functional.linear(transformed, words, self.bias)
        return {"loss": nn.functional.cross_entropy(scores.float(), labels[labels >= 0])}
