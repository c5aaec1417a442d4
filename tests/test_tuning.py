"""What the local model learns from, and that an adapter is trained, resumed, merged and used."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from langchain_core.messages import HumanMessage
from safetensors.torch import load_file
from transformers import AutoTokenizer

from agent.arguments import TOOL_ARGUMENTS
from agent.chat_models.models import load_chat_model
from agent.chat_models.weights import ADAPTER
from agent.conversation import read_examples
from agent.placeholders import mask
from agent.tuning.lessons import (
    DATA,
    Lesson,
    hash_data,
    read_asked,
    remask,
    teach_words,
)
from agent.tuning.training import IGNORED, TuningSettings, tokenize, tune
from tools.errors import InputError

LESSONS = [Lesson([HumanMessage(f"who likes {w}?")], f"likes {w}") for w in "abcdefghijkl"]
SMALL = TuningSettings(rank=4, frozen_layers=0, epochs=4, batch_size=4, rate=1e-2)


def test_there_are_enough_lessons_of_both_kinds_and_none_is_in_both_splits() -> None:
    train, validation = (read_examples(DATA / "calls" / s) for s in ("train", "validation"))
    assert len(train) + len(validation) >= 3000
    for split in (train, validation):
        assert sum(e.tool is None for e in split) >= 0.18 * len(split)
        assert {e.tool for e in split} == {None, *TOOL_ARGUMENTS}
    asked = {e.question.casefold() for e in train if not e.history}
    assert not asked & {e.question.casefold() for e in validation if not e.history}
    told = [*teach_words("train"), *teach_words("validation")]
    assert len(told) >= 1000


def test_no_answer_to_be_learned_holds_a_digit_and_all_hold_the_marks_of_their_facts() -> None:
    for lesson in teach_words("train"):
        facts = str(lesson.messages[-1].content)
        said = re.sub(r"^\d+\. ", "", lesson.answer, flags=re.MULTILINE)
        assert not re.search(r"\d", said)
        assert set(re.findall(r"[#@][a-z]\b", said)) == set(re.findall(r"[#@][a-z]\b", facts))


def test_figures_and_names_are_taken_out_and_put_back() -> None:
    facts = [
        "Group 2, Night Owls, has 40 users (9% of all), +0.25 since Q2 2024.",
        "Night Owls: 40.",
    ]
    masked = mask(facts, ["Night Owls", "owls"])
    assert masked is not None
    assert masked.sentences[0] == "Group #a, @a, has #b users (#c of all), #d since #e."
    assert masked.sentences[1] == "@a: #f."
    assert [masked.fill(s) for s in masked.sentences] == facts
    assert masked.fill("#z users") is None
    assert mask(["The mark #a is in the text."], []) is None


def test_an_answer_with_another_figure_teaches_nothing() -> None:
    masked = mask(["40 users like it, 9 do not."], [])
    assert masked is not None
    assert remask(["Of them 40 like it and 9 do not."], masked) == [
        "Of them #a like it and #b do not."
    ]
    assert remask(["Of them 41 like it and 9 do not."], masked) is None


def test_only_the_answers_tokens_are_learned(tiny_folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    row = tokenize(LESSONS[:1], tokenizer, 384)[0]
    learned = [token for token in row["labels"] if token != IGNORED]
    assert tokenizer.decode(learned) == "likes a<|im_end|>"
    assert not tokenize(LESSONS[:1], tokenizer, 10)


@pytest.mark.parametrize("method", ["lora", "adalora"])
def test_an_adapter_is_trained_and_lowers_the_loss(
    tiny_folder: Path, tmp_path: Path, method: str
) -> None:
    settings = TuningSettings(**{**SMALL.__dict__, "method": method, "epochs": 8})
    told = []
    result = tune(
        tiny_folder, LESSONS, LESSONS, tmp_path, settings=settings,
        progress=lambda stage, share: told.append(share),
    )  # fmt: skip
    first = float((tmp_path / "losses.csv").read_text().splitlines()[1].split(",")[1])
    assert result.validation_loss < first
    assert told[-2] == 1.0
    weights = load_file(tmp_path / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    card = json.loads((tmp_path / "adapter_config.json").read_text())
    assert "/" not in card["base_model_name_or_path"]


def test_a_run_that_was_ended_goes_on_from_its_checkpoint(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.tuning.runs.CHECKPOINT_SECONDS", 0.0)
    whole = tune(tiny_folder, LESSONS, LESSONS, tmp_path / "whole", settings=SMALL)

    def stop(stage: str, share: float) -> None:
        if share >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(tiny_folder, LESSONS, LESSONS, tmp_path / "cut", settings=SMALL, progress=stop)
    kept = list((tmp_path / "cut" / "checkpoints").iterdir())
    assert kept
    other = replace(SMALL, seed=1)
    with pytest.raises(InputError, match="other settings or other data"):
        tune(tiny_folder, LESSONS, LESSONS, tmp_path / "cut", settings=other, resume=True)
    steps: list[float] = []
    resumed = tune(
        tiny_folder, LESSONS, LESSONS, tmp_path / "cut", settings=SMALL, resume=True,
        progress=lambda stage, share: steps.append(share),
    )  # fmt: skip
    assert steps[0] > 0.3
    assert resumed.validation_loss == pytest.approx(whole.validation_loss, rel=0.1)


def test_the_shipped_adapter_is_small_and_says_what_it_learned_from() -> None:
    assert (ADAPTER / "adapter_model.safetensors").stat().st_size <= 12 * 2**20
    card = json.loads((ADAPTER / "tuning.json").read_text(encoding="utf-8"))
    assert card["data"] == hash_data("words")


def test_a_folder_without_an_adapter_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tribune train llm --out"):
        load_chat_model(f"local:smollm2@{tmp_path}")


def test_own_questions_are_learned_too(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text(
        '{"question": "who digs the jacuzzi", "tool": "find_users", "args": {"topic": "jacuzzi"}}\n'
    )
    assert read_asked("train", [own])[-1].args == {"topic": "jacuzzi"}
    shutil.rmtree(tmp_path)
