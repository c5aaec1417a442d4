"""An encoder that goes on learning from a workspace's reviews, and whether that made it better.

Two stages, after Gururangan et al., Don't Stop Pretraining, ACL 2020, and Reimers and Gurevych,
Sentence-BERT, EMNLP 2019: words are masked and guessed, then passages of one user, one item or one
band of ratings are drawn together (multiple negatives ranking loss, Henderson et al. 2017).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sentence_transformers import SentenceTransformer
from torch import nn

from tools.embedding.device import choose_device
from tools.embedding.encoder import Encoder, find_weights, identify_encoder
from tools.embedding.objectives import (
    AdaptationSettings,
    contrast,
    freeze,
    guess_words,
    make_head,
)
from tools.embedding.pairs import Corpus, band_ratings
from tools.embedding.training import CHECKPOINT, Run, Stage, estimate_seconds, train
from tools.embedding.verdict import Verdict, read_verdict, write_verdict
from tools.errors import InputError
from tools.evaluation.encoders import compare_encoders, split_reviews

# The head starts from nothing, so it learns faster than the encoder.
HEAD_RATE = 1e-3

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]


def adapt_encoder(
    reviews: pd.DataFrame,
    sentences: pd.DataFrame,
    out: Path,
    *,
    settings: AdaptationSettings = AdaptationSettings(),  # noqa: B008  (frozen)
    resume: bool = False,
    checkpoint_seconds: float = 30.0,
    progress: Progress = lambda stage, share: None,
    announce: Callable[[str], None] = lambda sentence: None,
) -> Verdict:
    """Adapt an encoder to reviews and write it to the folder `out`, a sentence-transformers model
    that `tribune build --encoder` takes, with losses.csv, a TensorBoard file and verdict.json.

    reviews: review_id, user_id, item_id, rating, text; sentences: review_id, text, in order.
    announce: told, in a sentence, what is ahead and about how long it takes. Killed at any moment,
    the run goes on with `resume`; a finished one returns its verdict.

    Raises: InputError if `out` is in use, settings are out of range, the checkpoint is another
    run's or there is nothing to learn from; ModelError if the encoder cannot be loaded.
    """
    _check(settings)
    finished = _open_folder(out, resume)
    if finished:
        return finished
    reviews, said = _list_said(reviews, sentences)
    labels = {
        "user": _number(reviews["user_id"]),
        "item": _number(reviews["item_id"]),
        "band": band_ratings(reviews["rating"].to_numpy(dtype=np.float64)),
    }
    split = split_reviews(
        labels["user"], labels["item"], held_out=settings.held_out, seed=settings.seed
    )
    corpus = Corpus(
        [said[row] for row in split.training],
        {name: of[split.training] for name, of in labels.items()},
    )
    _check_corpus(corpus, settings)
    before = Encoder(settings.encoder)
    model = SentenceTransformer(
        str(find_weights(settings.encoder)),
        device=choose_device(),
        model_kwargs={"dtype": torch.float32},
    )
    freeze(model, settings.frozen_layers)
    module, stages = _plan(model, corpus, settings)
    model.train()
    seconds = estimate_seconds(stages)
    announce(
        f"{len(split.training):,} of {len(reviews):,} different reviews to learn from; "
        f"{len(split.users):,} users and {len(split.items):,} items held out to check it; about "
        f"{max(1, round(seconds / 60))} min of training on {choose_device()}."
    )
    start = time.monotonic()
    run = Run(out, _fingerprint(said, labels, settings), settings.seed, checkpoint_seconds)
    steps = train(module, stages, run, progress=progress)
    facts = {
        "settings": asdict(settings),
        "reviews": len(reviews),
        "training_reviews": len(split.training),
        "steps": steps,
        "seconds": round(time.monotonic() - start, 1),
    }
    model.eval()
    model.save_pretrained(str(out), create_model_card=False)
    after = Encoder(str(out))
    found = compare_encoders(before, after, said, split, seed=settings.seed, progress=progress)
    verdict = Verdict(settings.encoder, found.checks, found.recall, facts)
    write_verdict(out, verdict)
    (out / CHECKPOINT).unlink()
    return verdict


def _plan(
    model: SentenceTransformer, corpus: Corpus, settings: AdaptationSettings
) -> tuple[nn.Module, list[Stage]]:
    head = make_head(model, corpus, settings)
    stages = [
        Stage(
            "masked words",
            settings.mlm_steps,
            lambda step: guess_words(model, head, corpus, settings, step),
            [(model, settings.mlm_rate), (head, HEAD_RATE)],
        ),
        Stage(
            "pairs",
            settings.contrastive_steps,
            lambda step: contrast(model, corpus, settings, step),
            [(model, settings.contrastive_rate)],
        ),
    ]
    return nn.ModuleDict({"encoder": model, "head": head}), stages


def _check(settings: AdaptationSettings) -> None:
    limits = {"mlm_steps": 0, "contrastive_steps": 0, "frozen_layers": 0, "batch_size": 2}
    for name, least in limits.items():
        if getattr(settings, name) < least:
            option = name.replace("_", "-")
            raise InputError(f"--{option} must be at least {least}; got {getattr(settings, name)}.")
    if settings.mlm_steps + settings.contrastive_steps == 0:
        raise InputError("Both numbers of steps are 0, so there is nothing to train. Give one.")


def _check_corpus(corpus: Corpus, settings: AdaptationSettings) -> None:
    if not corpus.sentences:
        raise InputError("No review is left to learn from. Load more reviews.")
    if settings.contrastive_steps and not corpus.rows_of:
        raise InputError(
            "Contrastive training needs two users, items or bands of ratings with two reviews "
            "each. Give --contrastive-steps 0 to learn from masked words alone."
        )


def _open_folder(out: Path, resume: bool) -> Verdict | None:
    """The verdict of a finished run that is resumed, else None and a folder to write in."""
    finished = read_verdict(out)
    begun = (out / CHECKPOINT).is_file()
    if resume and finished:
        return finished
    if begun and not resume:
        raise InputError(
            f"{out} holds a training run that was interrupted. Go on with --resume, or give "
            "another --out."
        )
    if (out / "modules.json").is_file() and not begun:
        raise InputError(f"{out} already holds an encoder. Give another --out.")
    out.mkdir(parents=True, exist_ok=True)
    return None


def _list_said(
    reviews: pd.DataFrame, sentences: pd.DataFrame
) -> tuple[pd.DataFrame, list[list[str]]]:
    """Reviews with different texts and at least one sentence, and the sentences of each."""
    said = sentences.groupby("review_id", sort=False)["text"].agg(list)
    kept = reviews.drop_duplicates("text")
    kept = kept[kept["review_id"].isin(said.index)].reset_index(drop=True)
    return kept, said.reindex(kept["review_id"]).tolist()


def _number(ids: pd.Series) -> Ints:
    return np.asarray(pd.factorize(ids)[0], dtype=np.int64)


def _fingerprint(
    said: Sequence[Sequence[str]], labels: dict[str, Ints], settings: AdaptationSettings
) -> str:
    digest = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True).encode())
    digest.update(identify_encoder(settings.encoder).encode())
    for sentences in said:
        digest.update("\n".join(sentences).encode("utf-8", "surrogatepass"))
    for of in labels.values():
        digest.update(of.tobytes())
    return digest.hexdigest()
