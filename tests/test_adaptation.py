"""An encoder adapted to a planted world, on a BERT of two layers made here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from sklearn.metrics import adjusted_rand_score
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import BertConfig, BertModel, BertTokenizer

from tests.test_cli import run
from tests.worlds import write_csv
from tools.embedding.adaptation import adapt_encoder
from tools.embedding.encoder import Encoder, identify_encoder
from tools.embedding.masking import MaskedWordModel
from tools.embedding.objectives import AdaptationSettings, LabelledRankingLoss
from tools.embedding.pairs import Corpus, band_ratings
from tools.embedding.training import CHECKPOINTS, read_losses
from tools.embedding.verdict import Check, Verdict, read_verdict, write_verdict
from tools.errors import InputError
from tools.evaluation.encoders import split_reviews
from tools.evaluation.halves import agree, rank_partners
from tools.manifest import BuildSettings
from tools.pipeline import build
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


def test_a_resumed_run_goes_on_at_its_last_checkpoint(tiny: str, tmp_path: Path) -> None:
    world = write_world()
    settings = choose(tiny, mlm_steps=8, contrastive_steps=10)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    adapt_encoder(*world, whole, settings=settings)
    seen: list[tuple[str, float]] = []
    for stage, until in (("masked words", 0.5), ("pairs", 0.5)):

        def interrupt(name: str, share: float, stage: str = stage, until: float = until) -> None:
            seen.append((name, share))
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
    adapt_encoder(
        *world,
        parts,
        settings=settings,
        resume=True,
        progress=lambda name, share: seen.append((name, share)),
    )
    # The step that was interrupted is done again, and no other.
    words = [round(8 * share) for name, share in seen if name == "masked words"]
    assert words == [1, 2, 3, 4, 4, 5, 6, 7, 8]
    assert [round(10 * s) for name, s in seen if name == "pairs"] == [*range(1, 6), *range(5, 11)]
    assert not (parts / CHECKPOINTS).exists()
    assert read_losses(parts)["step"].tolist() == [*range(1, 9), *range(1, 11)]
    # The masks of a resumed run are drawn anew, so its weights are near, not the same.
    texts = world[0]["text"].tolist()[:20]
    one, other = Encoder(str(whole)).encode(texts), Encoder(str(parts)).encode(texts)
    assert float((one * other).sum(axis=1).min()) > 0.95


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
    assert "2 steps of words and 2 of pairs on cpu" in done.stderr
    verdict = read_verdict(tmp_path / "e")
    assert verdict is not None
    assert verdict.describe() in done.stdout
    assert "plotly" in (tmp_path / "e" / "losses.html").read_text(encoding="utf-8")


def test_a_folder_trained_again_is_another_encoder(tiny: str, adapted: Path) -> None:
    assert identify_encoder("local:minilm") == "local:minilm"
    assert identify_encoder(tiny) == Encoder(tiny).name
    assert identify_encoder(tiny) != identify_encoder(str(adapted))


# The parts


def test_hidden_words_are_scored_near_their_frequency_before_training(tiny: str) -> None:
    model = SentenceTransformer(tiny, device="cpu")
    often, rarely = 10, 11
    words = MaskedWordModel(model, [[often] * 99, [rarely]])
    labels = torch.full((1, 6), -100)
    ids = torch.tensor([[2, 5, 6, 7, 8, 3]])

    def lose(token: int) -> float:
        labels[0, 2] = token
        return float(words(labels, input_ids=ids)["loss"].detach())

    assert lose(rarely) - lose(often) > 2  # nats; their frequencies differ by ln 90


def test_pairs_of_one_label_are_not_each_others_negatives(tiny: str) -> None:
    model = SentenceTransformer(tiny, device="cpu")
    loss = LabelledRankingLoss(model)

    def embed(*texts: str) -> dict[str, torch.Tensor]:
        return dict(model.tokenizer(list(texts), padding=True, return_tensors="pt"))

    pairs = [embed("kind0word0.", "kind0word1."), embed("kind0word2.", "kind0word3.")]
    assert float(loss(pairs, torch.tensor([1, 1])).detach()) == pytest.approx(0, abs=1e-6)
    assert float(loss(pairs, torch.tensor([1, 2])).detach()) > 0.01


def test_pairs_are_two_reviews_of_one_label() -> None:
    bands = np.array([0, 0, 1, 1, 2, 2, -1])
    corpus = Corpus([[f"{i} of {band}"] for i, band in enumerate(bands)], {"band": bands})
    pairs = corpus.draw_pairs("band", 30, np.random.default_rng(0))
    for one, other, label in zip(pairs.anchors, pairs.positives, pairs.labels, strict=True):
        assert one != other
        assert one.endswith(f"of {label}")
        assert other.endswith(f"of {label}")


def test_steps_are_shared_among_the_relations_there_are() -> None:
    users, none = np.array([0, 0, 1, 1]), np.full(4, -1)
    said = [["x"]] * 4
    both = Corpus(said, {"user": users, "item": users, "band": none})
    assert both.share_steps(90) == {"user": 70, "item": 20}
    assert Corpus(said, {"user": users, "item": none}).share_steps(7) == {"user": 7}


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


def test_loss_curves_are_read_by_tensorboard(adapted: Path) -> None:
    losses = read_losses(adapted)
    for stage, rows in losses.groupby("stage"):
        events = EventAccumulator(str(adapted / "tensorboard" / str(stage))).Reload()
        curve = events.Scalars("train/loss")
        assert [event.step for event in curve] == rows["step"].tolist()
        assert curve[-1].value == pytest.approx(rows["loss"].iloc[-1], rel=1e-4)
