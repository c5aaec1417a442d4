"""An encoder that goes on learning from a workspace's reviews, and whether that made it better.

Two stages, after Gururangan et al., Don't Stop Pretraining, ACL 2020, and Reimers and Gurevych,
Sentence-BERT, EMNLP 2019: words are masked and guessed, then passages of one user, one item or one
band of ratings are drawn together (multiple negatives ranking loss, Henderson et al. 2017).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sentence_transformers import SentenceTransformer

from tools.embedding.device import choose_device
from tools.embedding.encoder import Encoder, find_weights, identify_encoder
from tools.embedding.loading import load_alone, no_bars
from tools.embedding.objectives import AdaptationSettings, freeze
from tools.embedding.pairs import Corpus, band_ratings
from tools.embedding.training import CHECKPOINTS, PAIRS, WORDS, Run, draw_together, guess_words
from tools.embedding.verdict import Verdict, read_verdict, write_verdict
from tools.errors import InputError
from tools.evaluation.encoders import compare_encoders, split_reviews

PLAN = "plan.json"

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
    that `tribune build --encoder` takes, with losses.csv, TensorBoard files and verdict.json.

    reviews: review_id, user_id, item_id, rating, text; sentences: review_id, text, in order.
    announce: told, in a sentence, what is ahead. Killed at any moment, the run goes on with
    `resume` from its last checkpoint; a finished one returns its verdict.

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
    _keep_plan(out, _fingerprint(said, labels, settings))
    before = Encoder(settings.encoder)
    announce(
        f"{len(split.training):,} of {len(reviews):,} different reviews to learn from; "
        f"{len(split.users):,} users and {len(split.items):,} items held out to check it; "
        f"{settings.mlm_steps} steps of words and {settings.contrastive_steps} of pairs on "
        f"{choose_device()}."
    )
    start = time.monotonic()
    with no_bars():
        model = _train_stages(corpus, settings, Run(out, checkpoint_seconds, progress))
    facts = {
        "settings": asdict(settings),
        "reviews": len(reviews),
        "training_reviews": len(split.training),
        "device": choose_device(),
        "seconds": round(time.monotonic() - start, 1),
    }
    model.eval()
    model.save_pretrained(str(out), create_model_card=False)
    after = Encoder(str(out))
    found = compare_encoders(before, after, said, split, seed=settings.seed, progress=progress)
    verdict = Verdict(settings.encoder, found.checks, found.recall, facts)
    write_verdict(out, verdict)
    shutil.rmtree(out / CHECKPOINTS)
    (out / PLAN).unlink()
    return verdict


def _train_stages(corpus: Corpus, settings: AdaptationSettings, run: Run) -> SentenceTransformer:
    """The encoder after both stages; of those that an earlier run finished, their result."""
    weights = find_weights(settings.encoder)
    model = _load(weights, settings)
    for stage, steps, train in (
        (WORDS, settings.mlm_steps, guess_words),
        (PAIRS, settings.contrastive_steps, draw_together),
    ):
        finished = run.folder / CHECKPOINTS / f"after {stage}"
        if finished.is_dir():
            model = _load(finished, settings)
        elif steps:
            train(model, corpus, settings, run)
            draft = finished.with_suffix(".tmp")
            model.save_pretrained(str(draft), create_model_card=False)
            draft.replace(finished)
    return model


def _load(weights: Path | str, settings: AdaptationSettings) -> SentenceTransformer:
    with load_alone():
        model = SentenceTransformer(
            str(weights), device=choose_device(), model_kwargs={"dtype": torch.float32}
        )
    freeze(model, settings.frozen_layers)
    return model


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
    begun = (out / PLAN).is_file()
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


def _keep_plan(out: Path, fingerprint: str) -> None:
    """Note what the run depends on, so that no other goes on from its checkpoints."""
    (out / CHECKPOINTS).mkdir(exist_ok=True)
    path = out / PLAN
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != fingerprint:
        raise InputError(
            f"The checkpoint in {out} was begun with other reviews or settings. Give the same "
            "ones to go on, or another --out to begin anew."
        )
    path.write_text(json.dumps(fingerprint), encoding="utf-8")


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
