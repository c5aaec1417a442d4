"""What an encoder is trained on: words to guess, and pairs of passages to draw together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import nn

from tools.embedding.encoder import DEFAULT_ENCODER
from tools.embedding.masking import MaskedWordHead, mask_words
from tools.embedding.pairs import Corpus
from tools.errors import InputError

PASSAGES_COUNTED = 5000

Ints = npt.NDArray[np.int64]


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


def make_head(
    model: SentenceTransformer, corpus: Corpus, settings: AdaptationSettings
) -> MaskedWordHead:
    """The head that guesses words, with the corpus's frequencies.

    Raises: InputError if words are to be masked and the encoder knows no mask.
    """
    if settings.mlm_steps and model.tokenizer.mask_token_id is None:
        raise InputError(
            "The encoder's vocabulary has no mask token. Give --mlm-steps 0 to learn from pairs "
            "alone."
        )
    embeddings = model[0].auto_model.get_input_embeddings().weight
    rng = np.random.default_rng((settings.seed, 1))
    rows = rng.permutation(len(corpus.sentences))[:PASSAGES_COUNTED]
    ids = model.tokenizer(
        [" ".join(corpus.sentences[row]) for row in rows], truncation=True, max_length=512
    )["input_ids"]
    counts = np.bincount(np.concatenate(ids), minlength=len(embeddings)).astype(np.int64)
    head = MaskedWordHead(embeddings.shape[1], counts)
    head.to(embeddings.device)
    return head


def guess_words(
    model: SentenceTransformer,
    head: MaskedWordHead,
    corpus: Corpus,
    settings: AdaptationSettings,
    step: int,
) -> torch.Tensor:
    """Mean cross-entropy, in nats, of the words hidden in one batch of passages."""
    rng = np.random.default_rng((settings.seed, 2, step))
    rows = _take_turn(len(corpus.sentences), settings, step)
    features = _tokenize(model, corpus.draw_passages(rows, rng), settings)
    ids = features["input_ids"].numpy()
    maskable = ~np.isin(ids, model.tokenizer.all_special_ids)
    embeddings = model[0].auto_model.get_input_embeddings().weight
    shown, chosen = mask_words(
        ids,
        maskable,
        mask_id=model.tokenizer.mask_token_id,
        vocabulary=len(embeddings),
        rng=rng,
    )
    inputs = {**features, "input_ids": torch.from_numpy(shown)}
    inputs = {key: value.to(embeddings.device) for key, value in inputs.items()}
    hidden = model[0](inputs)["token_embeddings"]
    scores = head(hidden[torch.from_numpy(chosen)], embeddings)
    hid = torch.from_numpy(ids[chosen]).to(embeddings.device)
    return nn.functional.cross_entropy(scores.float(), hid)


def contrast(
    model: SentenceTransformer, corpus: Corpus, settings: AdaptationSettings, step: int
) -> torch.Tensor:
    """Mean multiple negatives ranking loss of the sets of pairs of one batch."""
    rng = np.random.default_rng((settings.seed, 3, step))
    pairs = corpus.draw_pairs(settings.batch_size, rng)
    features = _tokenize(model, [*pairs.anchors, *pairs.positives], settings)
    inputs = {key: value.to(model.device) for key, value in features.items()}
    anchors, positives = model(inputs)["sentence_embedding"].float().chunk(2)
    loss = MultipleNegativesRankingLoss(model)
    none = torch.empty(0)  # the loss has labels for form's sake
    return torch.stack(
        [loss.compute_loss_from_embeddings([anchors[s], positives[s]], none) for s in pairs.sets]
    ).mean()


def _take_turn(n: int, settings: AdaptationSettings, step: int) -> Ints:
    """Rows of one step's batch: every review once an epoch, in an order of its own."""
    places = np.arange(step * settings.batch_size, (step + 1) * settings.batch_size)
    orders = {
        epoch: np.random.default_rng((settings.seed, 4, epoch)).permutation(n)
        for epoch in np.unique(places // n)
    }
    return np.array([orders[place // n][place % n] for place in places])


def _tokenize(
    model: SentenceTransformer, texts: list[str], settings: AdaptationSettings
) -> dict[str, torch.Tensor]:
    encoded = model.tokenizer(
        texts, padding=True, truncation=True, max_length=settings.max_tokens, return_tensors="pt"
    )
    return dict(encoded)
