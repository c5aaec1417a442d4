"""The command line as its users call it: a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.workspace import Workspace


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from ui.cli import main; main()", *arguments]
    here = str(Path(__file__).parents[1])
    return subprocess.run(
        program,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": here},
        check=False,
    )


def test_ask_prints_the_one_object_that_is_promised(sample_workspace: Workspace) -> None:
    done = run(
        "ask", "How do groups 2 and 5 differ?", "--json", "--model", "none",
        "--workspace", str(sample_workspace.path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    keys = {"question", "answer", "model", "tool_calls", "facts", "citations", "checks", "seconds"}
    assert keys <= set(told)
    assert told["tool_calls"][0]["name"] == "compare_groups"
    assert told["facts"]["first"]["id"] == 2
    assert told["facts"]["second"]["id"] == 5
    assert {"numbers", "quotes", "citations", "fallback"} <= set(told["checks"])
    assert told["seconds"]["first"] <= told["seconds"]["total"]


def test_facts_are_the_same_by_command_and_by_question(sample_workspace: Workspace) -> None:
    place = ("--workspace", str(sample_workspace.path))
    asked = json.loads(
        run("ask", "What is group 3 like?", "--json", "--model", "none", *place).stdout
    )
    shown = json.loads(run("group", "3", "--json", *place).stdout)
    assert asked["facts"] == shown


def test_groups_print_what_is_promised(sample_workspace: Workspace) -> None:
    told = json.loads(run("groups", "--json", "--workspace", str(sample_workspace.path)).stdout)
    for group in told["groups"]:
        assert {"id", "name", "size", "share", "trust", "trusted"} <= set(group)
        assert 0 <= group["trust"] <= 1
        assert group["share"] == pytest.approx(group["size"] / told["n_users"])


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("group", "99"), 2, "There is no group '99'"),
        (("user", "nobody-at-all"), 2, "There is no user 'nobody-at-all'"),
        (("search", "soup", "--limit", "0"), 2, "limit must be from 1 to 200; got 0"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(
    sample_workspace: Workspace, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    done = run(*arguments, "--workspace", str(sample_workspace.path))
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_workspace_says_what_to_do(tmp_path: Path) -> None:
    done = run("groups", "--workspace", str(tmp_path))
    assert done.returncode == 1
    assert "tribune build" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    done = run("build", "missing.csv", "--workspace", str(tmp_path / "w"), cwd=tmp_path)
    assert done.returncode == 2
    assert "missing.csv" in done.stderr
    assert not (tmp_path / "w" / "CURRENT").exists()
