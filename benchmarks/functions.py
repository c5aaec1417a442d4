"""Calls of functions that Tribune has never seen: BFCL v4 simple_python, multiple and irrelevance.

    python -m benchmarks.functions --model local:smollm2-base --sample 100

A call counts if its name is right and every argument is one of the allowed values; arguments that
may be left out may be. Where no function fits (irrelevance), a text must come. `forced` has the
grammar make the model call; `free` leaves it the choice.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage

from agent.chat_models.local_chat import LocalChat
from agent.chat_models.models import load_chat_model
from benchmarks.data import find_data
from benchmarks.machine import describe_machine
from tools.errors import ModelError

TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}


def main() -> None:
    """Print the shares of right answers per set, as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--sample", type=int, default=0, help="questions a set; 0: all")
    options = parser.parse_args()
    model = load_chat_model(options.model)
    assert isinstance(model, LocalChat)
    print(describe_machine())
    for name, choice in (
        ("simple_python", "any"),
        ("simple_python", "auto"),
        ("multiple", "any"),
        ("multiple", "auto"),
        ("irrelevance", "auto"),
    ):
        share, n, seconds = measure(model, name, choice, options.sample)
        kind = "forced" if choice == "any" else "free"
        print(f"{options.model}  {name} {kind}: {share:.3f} of {n} ({seconds:.1f} s each)")


def measure(model: LocalChat, name: str, choice: str, sample: int) -> tuple[float, int, float]:
    """The share of right answers, of how many, and the median seconds of one."""
    cases = _read(find_data(f"bfcl/{name}.jsonl"))
    truths = {}
    if name != "irrelevance":
        answers = find_data(f"bfcl/{name}.answers.jsonl")
        truths = {row["id"]: row["ground_truth"] for row in _read(answers)}
    if sample and sample < len(cases):
        cases = random.Random(0).sample(cases, sample)
    right, seconds = 0, []
    for case in cases:
        tools = [_describe(function) for function in case["function"]]
        started = time.perf_counter()
        try:
            bound = model.bind_tools(tools, tool_choice=choice).bind(max_tokens=160)
            asked = [HumanMessage(message["content"]) for message in case["question"][0]]
            calls = bound.invoke(asked).tool_calls
        except ModelError:  # a call that was cut off or breaks its schema is a wrong one
            calls = [{"name": "", "args": {}}]
        seconds.append(time.perf_counter() - started)
        right += matches(calls, truths.get(case["id"]))
    return right / len(cases), len(cases), statistics.median(seconds)


def matches(calls: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether these calls are the true one, or none where `truth` is None."""
    if truth is None or not calls:
        return truth is None and not calls
    (name, allowed), call = next(iter(truth[0].items())), calls[0]
    given = call["args"]
    return (
        call["name"] == _name(name)
        and set(given) <= set(allowed)
        and all(
            any(_same(given[key], value) for value in values) if key in given else "" in values
            for key, values in allowed.items()
        )
    )


def _same(got: Any, wanted: Any) -> bool:
    if isinstance(got, str) and isinstance(wanted, str):
        return got.strip().casefold() == wanted.strip().casefold()
    if isinstance(got, dict) and isinstance(wanted, dict):
        return all(any(_same(got.get(k), v) for v in values) for k, values in wanted.items())
    return bool(got == wanted)


def _describe(function: Mapping[str, Any]) -> dict[str, Any]:
    parameters = _translate(function["parameters"])
    described = {"description": function["description"], "parameters": parameters}
    return {"type": "function", "function": {"name": _name(function["name"]), **described}}


def _translate(schema: Any) -> Any:
    """BFCL's types in JSON Schema's words."""
    if isinstance(schema, list):
        return [_translate(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: _translate(v) for k, v in schema.items() if k not in ("default", "optional")}
    if isinstance(kept.get("type"), str):
        kept["type"] = TYPES.get(kept["type"], kept["type"])
    return kept


def _name(name: str) -> str:
    return name.replace(".", "_")


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
