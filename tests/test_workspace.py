"""The workspace: at any kill a reader finds the old version or the new one, whole."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from agent.use_cases import Tribune
from tests.worlds import Row, number_reviews, plant_opinions, write_csv
from tools.errors import WorkspaceError
from tools.pipeline import build
from tools.workspace import Workspace, read_manifest, verify, write_manifest

OLD, NEW = 60, 66
# What changes files; before each of these the build may be killed.
CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir")


@pytest.fixture(scope="module")
def reviews() -> list[Row]:
    return number_reviews(plant_opinions().rows)


@pytest.fixture(scope="module")
def builders() -> ForkServerContext:
    """Processes that start with the libraries loaded, each a fresh one that can be killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tools.pipeline", "tests.test_workspace"])
    return context


# Publishing, with files that anyone can write


def publish(workspace: Workspace, content: str) -> Path:
    with workspace.new_version() as folder:
        (folder / "table.parquet").write_text(content)
        write_manifest(folder, {"content": content})
    return workspace.current()


def test_nothing_published_ends_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no workspace at .*tribune build.*tribune demo"):
        Workspace(tmp_path / "none").current()
    assert not (tmp_path / "none").exists()


def test_the_last_version_published_is_the_current_one(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    first = publish(workspace, "one")
    second = publish(workspace, "two")
    assert workspace.current() == second != first
    assert (second / "table.parquet").read_text() == "two"
    assert (first / "table.parquet").read_text() == "one"
    verify(second)


def test_a_reader_of_the_version_before_keeps_it_and_older_ones_go(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    versions = [publish(workspace, str(n)) for n in range(4)]
    assert [v.exists() for v in versions] == [False, False, True, True]


def test_a_reader_keeps_its_version_though_a_killed_build_left_another(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    read = publish(workspace, "read")
    orphan = read.with_name("v-000002")  # renamed, but killed before the pointer was swapped
    orphan.mkdir()
    write_manifest(orphan, {})
    assert workspace.current() == read
    published = publish(workspace, "new")
    assert published.name == "v-000003"
    assert read.exists()


def test_a_block_that_fails_publishes_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    before = publish(workspace, "old")
    with pytest.raises(ZeroDivisionError), workspace.new_version() as folder:
        (folder / "table.parquet").write_text("half")
        raise ZeroDivisionError
    assert workspace.current() == before
    assert publish(workspace, "new").exists()
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_does_not_match_its_manifest_is_not_published(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    before = publish(workspace, "old")
    with pytest.raises(WorkspaceError, match="differs from the manifest"):
        with workspace.new_version() as folder:
            (folder / "table.parquet").write_text("written")
            write_manifest(folder, {})
            (folder / "table.parquet").write_text("changed")
    with pytest.raises(WorkspaceError, match="damaged"), workspace.new_version() as folder:
        (folder / "table.parquet").write_text("no manifest")
    assert workspace.current() == before


def test_a_tampered_or_missing_file_is_told(tmp_path: Path) -> None:
    version = publish(Workspace(tmp_path), "true")
    verify(version)
    (version / "table.parquet").write_text("lies")
    with pytest.raises(WorkspaceError, match=r"table\.parquet is missing or differs .* again\."):
        verify(version)
    (version / "table.parquet").unlink()
    with pytest.raises(WorkspaceError, match="is missing or differs"):
        verify(version)
    (version / "manifest.json").write_text("{half")
    with pytest.raises(WorkspaceError, match="is damaged"):
        Workspace(tmp_path).current()


def test_a_workspace_of_another_format_is_told(tmp_path: Path) -> None:
    version = publish(Workspace(tmp_path), "x")
    manifest = read_manifest(version) | {"format": 99}
    (version / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(WorkspaceError, match=r"has format 99; this Tribune reads format 4\."):
        Workspace(tmp_path).current()


def test_a_second_builder_gets_one_sentence(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with workspace.new_version() as folder:
        with pytest.raises(
            WorkspaceError, match=r"^Another process is building in .* --workspace\.$"
        ):
            publish(Workspace(tmp_path), "second")
        write_manifest(folder, {})
    publish(workspace, "after")


# Builds, killed


class Moments:
    """Counts the moments of a build, and kills this very process at one of them."""

    def __init__(self, folder: Path, last: int) -> None:
        self.folder = str(folder)
        self.last = last
        self.seen: list[str] = []

    def pass_by(self, name: str) -> None:
        self.seen.append(name)
        if len(self.seen) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        """An audit hook: before a file in the workspace is written, renamed or removed."""
        writes = event == "open" and isinstance(args[1], str) and "w" in args[1]
        if (writes or event in CHANGES) and str(args[0]).startswith(self.folder):
            self.pass_by(f"{event} {Path(str(args[0])).name}")


def build_until(file: Path, folder: Path, last: int, report: Path | None) -> None:
    moments = Moments(folder, last)
    sys.addaudithook(moments.hear)
    build(
        [file],
        Workspace(folder),
        progress=lambda step, share: moments.pass_by(f"{step} {share:.2f}"),
    )
    if report:
        report.write_text(json.dumps(moments.seen))


def run(builders: ForkServerContext, *args: object) -> int | None:
    process = builders.Process(target=build_until, args=args)
    process.start()
    process.join()
    return process.exitcode


def check_whole(folder: Path, sizes: set[int]) -> int:
    """Open the workspace as a reader does; returns how many reviews it holds."""
    tribune = Tribune(Workspace(folder))
    verify(tribune.version)
    counts = tribune.manifest["counts"]
    assert counts["reviews"] in sizes
    for name in ("reviews", "sentences", "users", "items", "topics"):
        found = tribune.table.query(f"SELECT count(*) AS n FROM {name}")["n"][0]
        assert found == counts[name]
    assert len(tribune.store) == len(tribune.vectors) == counts["sentences"]
    tribune.store.close()
    return int(counts["reviews"])


def copy_workspace(old: Path, to: Path) -> Path:
    subprocess.run(["cp", "-r", str(old), str(to)], check=True)
    return to


@pytest.fixture(scope="module")
def old_folder(reviews: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the first reviews, built by the command line."""
    folder = tmp_path_factory.mktemp("old")
    file = write_csv(folder / "old.csv", reviews[:OLD])
    build([file], Workspace(folder / "workspace"))
    return folder / "workspace"


def test_a_build_killed_at_any_moment_harms_nothing_and_resumes(
    builders: ForkServerContext, reviews: list[Row], old_folder: Path, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "new.csv", reviews[:NEW])
    whole = copy_workspace(old_folder, tmp_path / "whole")
    assert run(builders, file, whole, 0, tmp_path / "moments.json") == 0
    assert check_whole(whole, {NEW}) == NEW
    moments: list[str] = json.loads((tmp_path / "moments.json").read_text())
    swap = next(i for i, name in enumerate(moments, 1) if name == "os.rename CURRENT.tmp")
    # Some moments of every stretch, and those around the swap of the pointer.
    wanted = sorted({*range(1, swap, swap // 6 + 1), swap - 1, swap})
    assert len(wanted) >= 8
    for last in wanted:
        folder = copy_workspace(old_folder, tmp_path / f"killed-{last}")
        assert run(builders, file, folder, last, None) == -signal.SIGKILL, moments[last - 1]
        assert check_whole(folder, {OLD, NEW}) == OLD, moments[last - 1]
    # Killed right before the swap: all was embedded, so nothing is embedded again.
    embedded = sorted(p.name for p in folder.rglob("chunk-*.npz"))
    assert run(builders, file, folder, 0, None) == 0
    assert check_whole(folder, {NEW}) == NEW
    assert sorted(p.name for p in folder.rglob("chunk-*.npz")) == embedded
    assert not list(folder.rglob("*.tmp"))


def test_nothing_new_is_told_without_a_step(
    reviews: list[Row], old_folder: Path, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "old.csv", reviews[:OLD])
    steps: list[str] = []
    result = build([file], Workspace(old_folder), progress=lambda step, share: steps.append(step))
    assert not result.new
    assert result.version == Workspace(old_folder).current()
    assert result.counts["reviews"] == OLD
    assert steps == []
