"""The tagger: what examples teach it, training, and networks of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase
from typer.testing import CliRunner

from agent.conversation import Example, Turn, read_examples
from agent.evaluation import evaluate, read_questions
from agent.mentions import Known, Reader
from agent.planner import EncoderPlanner
from agent.tagger.inputs import MAX_TOKENS, NOWHERE, ROLES, STANCES, TOOLS, encode, mark
from agent.tagger.network import load_tokenizer
from agent.tagger.tagger import Tagger, load_tagger
from agent.tagger.training import TaggerSettings, train_tagger
from agent.tuning.lessons import hash_data
from agent.tuning.runs import read_losses
from tools.errors import ModelError
from ui.cli import app

HELD_OUT = Path(__file__).parents[1] / "benchmarks" / "questions" / "heldout.jsonl"
SHIPPED = Path(__file__).parents[1] / "agent" / "tagger" / "weights"


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return load_tokenizer()


def _teach(
    tokenizer: PreTrainedTokenizerBase, question: str, tool: str, args: dict[str, str | int]
) -> tuple[str, str, dict[str, str]]:
    """The tool, the stance and the words of each role that an example teaches."""
    reading = Reader(Known()).read(question)
    encoded = encode(reading, (), tokenizer)
    target = mark(encoded, reading, Example(question, (), tool, args))
    said = {
        role: tokenizer.decode(encoded.ids[first : last + 1])
        for role, (first, last) in zip(ROLES, target.places, strict=True)
        if (first, last) != NOWHERE
    }
    return str(TOOLS[target.tool]), STANCES[target.stance], said


def test_an_example_teaches_its_tool_its_stance_and_where_its_arguments_stand(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    args: dict[str, str | int] = {"topic": "rooftop pool", "group": "5"}
    question = "Who in group five loves the rooftop pool?"
    told = _teach(tokenizer, question, "find_users", args)
    assert told == ("find_users", "likes", {"topic": "rooftop pool", "group": "five"})
    pair: dict[str, str | int] = {"first": "2", "second": "2 Fast"}
    question = "compare 2 with 2 Fast"
    assert _teach(tokenizer, question, "compare_groups", pair)[2]["second"] == "2 fast"


def test_how_a_word_is_written_and_what_was_called_before_reach_the_network(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    reader = Reader(Known())
    lower, capital = (encode(reader.read(q), (), tokenizer) for q in ("early birds", "Early Birds"))
    assert lower.ids == capital.ids
    assert lower.shapes != capital.shapes
    before = [Turn("who likes tea?", "find_users", {"topic": "tea"})]
    follow_up = encode(reader.read("early birds"), before, tokenizer)
    assert "find users topic tea" in tokenizer.decode(follow_up.ids)


def test_a_long_question_is_read_from_its_start(tokenizer: PreTrainedTokenizerBase) -> None:
    reading = Reader(Known()).read("tea " * 500)
    encoded = encode(reading, (), tokenizer)
    assert len(encoded.ids) == MAX_TOKENS
    assert encoded.starts[0] > 0
    assert encoded.starts[-1] == -1


def test_the_held_out_questions_are_in_no_training_file() -> None:
    seen = {_fold(e.question) for e in read_examples()}
    asked = [q.question for q in read_questions(HELD_OUT)]
    assert len(asked) >= 150
    # Greetings and the like are the same everywhere.
    assert [q for q in asked if _fold(q) in seen and len(q.split()) > 4] == []


def _fold(question: str) -> str:
    return " ".join(question.casefold().split()).strip("?!. ")


def test_the_shipped_network_was_trained_on_the_data_beside_it() -> None:
    told = json.loads((SHIPPED / "tuning.json").read_text(encoding="utf-8"))
    assert told["data"] == hash_data("calls")
    assert (SHIPPED / "tagger.safetensors").stat().st_size < 12e6


def test_held_out_questions_reach_their_calls() -> None:
    planner = EncoderPlanner(load_tagger(), known=Known(), offered=TOOLS[1:])  # type: ignore[arg-type]
    scores = evaluate(planner, read_questions(HELD_OUT))
    assert scores.call_accuracy >= 0.85
    assert (scores.no_tool_accuracy or 0) >= 0.9
    assert scores.valid_calls == 1.0


def test_training_that_was_ended_goes_on_and_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.tuning.runs.CHECKPOINT_SECONDS", 0.0)
    examples = read_examples()[:128]
    settings = TaggerSettings(rank=4, epochs=2, batch_size=16)
    shares: list[float] = []

    def end_halfway(stage: str, share: float) -> None:
        shares.append(share)
        if share > 0.5 and max(shares[:-1]) <= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_tagger(examples, examples[:8], tmp_path, settings=settings, progress=end_halfway)
    trained = train_tagger(
        examples, examples[:8], tmp_path, settings=settings, resume=True, progress=end_halfway
    )
    assert shares == sorted(shares)
    assert trained.steps == 16
    losses = read_losses(tmp_path)["loss"]
    assert losses.iloc[-1] < losses.iloc[0] - 1
    reading = Reader(Known()).read("which groups are there?")
    tags = Tagger(tmp_path).tag(reading)
    assert sum(chance for _, chance in tags.tools) == pytest.approx(1)


def test_questions_that_cannot_be_read_are_told_before_any_training(tmp_path: Path) -> None:
    told = CliRunner().invoke(
        app, ["train", "planner", "--out", str(tmp_path), "--questions", str(tmp_path / "none")]
    )
    assert told.exit_code != 0
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_planner_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="tribune train planner"):
        Tagger(tmp_path)
