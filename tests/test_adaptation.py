"""An encoder adapted to a planted world, on a BERT of two layers made here."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from sklearn.metrics import adjusted_rand_score
from transformers import BertConfig, BertModel, BertTokenizer

from tests.test_cli import run
from tests.worlds import write_csv
from tools.embedding.adaptation import adapt_encoder
from tools.embedding.encoder import Encoder, identify_encoder
from tools.embedding.loss_log import EVENTS, checksum, read_losses
from tools.embedding.masking import mask_words
from tools.embedding.objectives import AdaptationSettings
from tools.embedding.pairs import Corpus, band_ratings
from tools.embedding.training import CHECKPOINT
from tools.embedding.verdict import Check, Verdict, read_verdict, write_verdict
from tools.errors import InputError
from tools.evaluation.encoders import split_reviews
from tools.evaluation.halves import agree, rank_partners
from tools.pipeline import BuildSettings, build
from tools.workspace import Workspace

KINDS = 12
WORDS_PER_KIND = 8
FILLERS = [f"filler{i}" for i in range(12)]
WORDS = [[f"kind{k}word{i}" for i in range(WORDS_PER_KIND)] for k in range(KINDS)]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A sentence encoder of random weights whose vocabulary is the planted world's."""
    folder = tmp_path_factory.mktemp("tiny")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*special, ".", *FILLERS, *(w for kind in WORDS for w in kind)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer = BertTokenizer(vocab=str(folder / "vocab.txt"), model_max_length=64)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body = BertModel(
            BertConfig(
                vocab_size=len(tokenizer),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=64,
                initializer_range=0.05,
            )
        )
        with torch.no_grad():
            body.embeddings.word_embeddings.weight.mul_(4)  # words matter more than places
    body.save_pretrained(folder / "body")
    tokenizer.save_pretrained(folder / "body")
    model = SentenceTransformer(
        modules=[Transformer(str(folder / "body")), Pooling(32), Normalize()], device="cpu"
    )
    model.save_pretrained(str(folder / "encoder"), create_model_card=False)
    return str(folder / "encoder")


def write_world(*, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """480 reviews by 120 users of 48 items. Users and items have a kind, whose words nothing but
    being written of the same item or by the same user holds together.
    """
    rng = np.random.default_rng(seed)
    items = [[i for i in range(48) if i % KINDS == kind] for kind in range(KINDS)]
    rows, said = [], []
    for review in range(480):
        user = review % 120
        kind = user % KINDS
        words = [*rng.choice(WORDS[kind], 2, replace=False), rng.choice(FILLERS)]
        sentence = " ".join(rng.permutation(words)) + "."
        rows.append(
            {
                "review_id": f"r{review}",
                "user_id": f"u{user}",
                "item_id": f"i{rng.choice(items[kind])}",
                "rating": float(rng.integers(1, 6)),
                "text": sentence,
            }
        )
        said.append({"review_id": f"r{review}", "text": sentence})
    return pd.DataFrame(rows), pd.DataFrame(said)


def choose(encoder: str, **changes: object) -> AdaptationSettings:
    given = {
        "encoder": encoder,
        "mlm_steps": 60,
        "contrastive_steps": 150,
        "frozen_layers": 0,
        "mlm_rate": 2e-3,
        "contrastive_rate": 5e-3,
    }
    return AdaptationSettings(**(given | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def adapted(tiny: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapted") / "encoder"
    adapt_encoder(*write_world(), folder, settings=choose(tiny))
    return folder


# Learning


def test_words_are_guessed_better_step_by_step(adapted: Path) -> None:
    losses = read_losses(adapted)
    masked = losses[losses["stage"] == "masked words"]["loss"].to_numpy()
    assert len(masked) == 60
    assert masked[-10:].mean() < masked[:10].mean() - 0.3


def test_contrastive_training_draws_reviews_of_an_item_together(adapted: Path, tiny: str) -> None:
    reviews, _ = write_world(seed=1)  # other reviews of the same kinds
    kinds = reviews["user_id"].str[1:].astype(int) % KINDS
    same = (kinds.to_numpy()[:, None] == kinds.to_numpy()) & ~np.eye(len(reviews), dtype=bool)

    def separate(name: str) -> float:
        vectors = Encoder(name).encode(reviews["text"].tolist())
        cosines = vectors @ vectors.T
        return float(
            cosines[same].mean() - cosines[kinds.to_numpy()[:, None] != kinds.to_numpy()].mean()
        )

    assert separate(str(adapted)) > separate(tiny) + 0.15


def test_what_helps_held_out_users_is_called_better(adapted: Path) -> None:
    verdict = read_verdict(adapted)
    assert verdict is not None
    assert verdict.better
    assert "is better than" in verdict.describe()
    users = next(check for check in verdict.checks if check.name == "retrieval of users")
    assert users.n >= 25
    assert users.low > 0


def test_shuffled_users_and_items_teach_nothing(tiny: str, tmp_path: Path) -> None:
    reviews, said = write_world()
    rng = np.random.default_rng(0)
    for column in ("user_id", "item_id"):
        reviews[column] = rng.permutation(reviews[column])
    verdict = adapt_encoder(reviews, said, tmp_path / "e", settings=choose(tiny, mlm_steps=0))
    assert not verdict.better
    assert "is not better than" in verdict.describe()
    assert json.loads((tmp_path / "e" / "verdict.json").read_text())["better"] is False


def test_held_out_users_and_items_are_not_learned_from() -> None:
    users, items = np.arange(400) % 50, np.arange(400) % 37
    split = split_reviews(users, items, held_out=0.25, seed=3)
    held = {int(users[rows[0]]) for rows in split.users.first}
    theirs = {int(items[rows[0]]) for rows in split.items.first}
    assert len(held) == round(0.25 * 50)
    assert held.isdisjoint(users[split.training])
    assert theirs.isdisjoint(items[split.training])
    for one, other in zip(split.users.first, split.users.second, strict=True):
        assert set(one).isdisjoint(other)


def test_an_item_of_most_reviews_is_not_held_out() -> None:
    items = np.repeat(np.arange(11), [900, *[10] * 10])
    split = split_reviews(np.full(1000, -1), items, held_out=0.25, seed=0)
    assert len(split.training) >= 750
    assert len(split.items) > 0


# Going on after an interruption


def test_a_resumed_run_ends_as_if_it_had_not_been_interrupted(tiny: str, tmp_path: Path) -> None:
    world = write_world()
    settings = choose(tiny, mlm_steps=8, contrastive_steps=10)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    adapt_encoder(*world, whole, settings=settings)
    for stage, until in (("masked words", 0.5), ("pairs", 0.3)):

        def interrupt(name: str, share: float, stage: str = stage, until: float = until) -> None:
            if name == stage and share >= until:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            adapt_encoder(
                *world,
                parts,
                settings=settings,
                resume=stage == "pairs",
                checkpoint_seconds=0,
                progress=interrupt,
            )
        assert (parts / CHECKPOINT).is_file()
    told: list[str] = []
    verdict = adapt_encoder(*world, parts, settings=settings, resume=True, announce=told.append)
    assert verdict.facts["steps"] == 7  # of the 10 on pairs, 3 were done
    assert len(told) == 1
    assert not (parts / CHECKPOINT).is_file()
    one, other = read_losses(whole), read_losses(parts)
    assert other["step"].tolist() == [*range(1, 9), *range(1, 11)]
    np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-4)
    texts = world[0]["text"].tolist()[:20]
    np.testing.assert_allclose(
        Encoder(str(whole)).encode(texts), Encoder(str(parts)).encode(texts), atol=1e-4
    )


def test_a_finished_run_is_neither_overwritten_nor_repeated(adapted: Path, tiny: str) -> None:
    world = write_world()
    with pytest.raises(InputError, match="already holds an encoder"):
        adapt_encoder(*world, adapted, settings=choose(tiny))
    before = (adapted / "verdict.json").stat().st_mtime_ns
    again = adapt_encoder(*world, adapted, settings=choose(tiny), resume=True)
    assert again == read_verdict(adapted)
    assert (adapted / "verdict.json").stat().st_mtime_ns == before


def test_a_run_does_not_go_on_with_other_settings(tiny: str, tmp_path: Path) -> None:
    world = write_world()

    def interrupt(name: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapt_encoder(
            *world,
            tmp_path,
            settings=choose(tiny, mlm_steps=3),
            checkpoint_seconds=0,
            progress=interrupt,
        )
    with pytest.raises(InputError, match="Go on with --resume"):
        adapt_encoder(*world, tmp_path, settings=choose(tiny, mlm_steps=3))
    with pytest.raises(InputError, match="other reviews or settings"):
        adapt_encoder(*world, tmp_path, settings=choose(tiny, mlm_steps=4), resume=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mlm_steps": -1}, "--mlm-steps must be at least 0; got -1"),
        ({"mlm_steps": 0, "contrastive_steps": 0}, "nothing to train"),
        ({"batch_size": 1}, "--batch-size must be at least 2; got 1"),
        ({"frozen_layers": 2}, "--frozen-layers must be under 2, the encoder's layers; got 2"),
    ],
)
def test_settings_out_of_range_are_refused(
    changes: dict[str, int], message: str, tiny: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        adapt_encoder(*write_world(), tmp_path, settings=choose(tiny, **changes))


def test_reviews_without_users_items_and_ratings_have_no_pairs(tiny: str, tmp_path: Path) -> None:
    reviews, said = write_world()
    reviews = reviews.assign(user_id=None, item_id=None, rating=np.nan)
    with pytest.raises(InputError, match="--contrastive-steps 0"):
        adapt_encoder(reviews, said, tmp_path, settings=choose(tiny))
    verdict = adapt_encoder(
        reviews, said, tmp_path, settings=choose(tiny, mlm_steps=2, contrastive_steps=0)
    )
    assert not verdict.better
    assert "not known to be better" in verdict.describe()


# Use


def test_an_encoder_that_is_not_better_is_built_with_a_note(
    adapted: Path, tiny: str, tmp_path: Path
) -> None:
    reviews, _ = write_world()
    file = write_csv(tmp_path / "reviews.csv", reviews.head(60).to_dict("records"))
    helped = build([file], Workspace(tmp_path / "w"), settings=BuildSettings(str(adapted)))
    assert not any("adapted encoder" in note for note in helped.notes)
    failed = Verdict(tiny, [Check("retrieval of users", 30, 0.5, 0.4, -0.2, 0.0)], {}, {})
    write_verdict(Path(tiny), failed)
    other = build([file], Workspace(tmp_path / "w"), settings=BuildSettings(tiny))
    assert failed.describe() in other.notes
    (Path(tiny) / "verdict.json").unlink()


def test_the_command_trains_an_encoder_and_says_what_came_of_it(tiny: str, tmp_path: Path) -> None:
    reviews, _ = write_world()
    file = write_csv(tmp_path / "reviews.csv", reviews.head(60).to_dict("records"))
    build([file], Workspace(tmp_path / "w"), settings=BuildSettings(tiny))
    done = run(
        "train", "encoder", "--workspace", str(tmp_path / "w"), "--out", str(tmp_path / "e"),
        "--mlm-steps", "2", "--contrastive-steps", "2", "--frozen-layers", "0",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "min of training on cpu" in done.stderr
    verdict = read_verdict(tmp_path / "e")
    assert verdict is not None
    assert verdict.describe() in done.stdout
    assert "plotly" in (tmp_path / "e" / "losses.html").read_text(encoding="utf-8")


def test_a_folder_trained_again_is_another_encoder(tiny: str, adapted: Path) -> None:
    assert identify_encoder("local:minilm") == "local:minilm"
    assert identify_encoder(tiny) == Encoder(tiny).name
    assert identify_encoder(tiny) != identify_encoder(str(adapted))


# The parts


def test_fifteen_percent_of_the_words_are_hidden() -> None:
    ids = np.full((200, 100), 7)
    maskable = np.ones_like(ids, dtype=bool)
    maskable[:, 0] = False
    shown, chosen = mask_words(
        ids, maskable, mask_id=4, vocabulary=1000, rng=np.random.default_rng(0)
    )
    assert not chosen[:, 0].any()
    assert (shown[~chosen] == 7).all()
    assert chosen[:, 1:].mean() == pytest.approx(0.15, abs=0.01)
    assert (shown[chosen] == 4).mean() == pytest.approx(0.8, abs=0.02)
    assert (shown[chosen] == 7).mean() == pytest.approx(0.1, abs=0.02)


def test_contrasted_pairs_never_share_their_label() -> None:
    bands = np.array([0, 0, 1, 1, 2, 2, -1])
    said = [[f"band {band}"] for band in bands]
    corpus = Corpus(said, {"user": np.full(7, -1), "band": bands})
    pairs = corpus.draw_pairs(30, np.random.default_rng(0))
    assert pairs.anchors == pairs.positives  # of one band, whose reviews say the same here
    assert pairs.sets.shape == (10, 3)
    for rows in pairs.sets:
        assert len({pairs.anchors[row] for row in rows}) == 3
    assert "band -1" not in pairs.anchors


def test_ratings_fall_in_thirds_of_their_scale() -> None:
    assert band_ratings(np.array([1, 2, 3, 4, 5, np.nan])).tolist() == [0, 0, 1, 2, 2, -1]
    assert band_ratings(np.array([3.0, 3.0])).tolist() == [-1, -1]


def test_agreement_is_the_adjusted_rand_index() -> None:
    rng = np.random.default_rng(0)
    one = rng.integers(0, 4, 60)
    other = np.where(rng.random(60) < 0.7, one, rng.integers(0, 5, 60))
    rows = rng.integers(60, size=60)
    expected = adjusted_rand_score(one[rows], other[rows])
    assert agree((one, other), rows) == pytest.approx(expected)


def test_ranks_by_hand() -> None:
    first = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    second = np.array([[1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)
    # First half 1 is nearest to second half 2, then to its own; 2's own comes after 1's.
    assert rank_partners(first, second).tolist() == [[1, 1], [2, 2], [2, 2]]


def test_loss_curves_are_written_as_tensorboard_reads_them(adapted: Path) -> None:
    assert checksum(b"123456789") == 0xE3069283  # the check value of CRC-32C
    data = (adapted / EVENTS).read_bytes()
    events = []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        events.append(data[12 : 12 + length])
        data = data[16 + length :]
    assert events[0].endswith(b"brain.Event:2")
    losses = read_losses(adapted)
    assert len(events) == 1 + len(losses)
    assert b"loss/pairs" in events[-1]
    assert struct.unpack("<f", events[-1][-4:])[0] == pytest.approx(
        losses["loss"].iloc[-1], abs=1e-5
    )
