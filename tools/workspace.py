"""A workspace: numbered versions of what was built, and one pointer to the published one.

    WORKSPACE/
      CURRENT                 name of the published version, swapped in one rename
      versions/v-000001/      manifest.json, *.parquet, *.npy, chroma/, rejects.csv
      versions/v-000002.tmp/  a build under way (or one that was killed: the next build removes it)
      embeddings/             vectors by content hash, shared by all versions
      conversations.sqlite    the chat's memory
      lock                    held by the process that builds

Whatever moment a build is killed at, a reader finds the old version or the new one, whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tools.errors import WorkspaceError

MANIFEST = "manifest.json"
FORMAT = 4


class Workspace:
    """The folder that `tribune build` writes and every door reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.embeddings = path / "embeddings"
        self.conversations = path / "conversations.sqlite"
        self._versions = path / "versions"
        self._pointer = path / "CURRENT"

    def current(self) -> Path:
        """Folder of the published version.

        Raises: WorkspaceError if nothing was published here, or it was written by another format.
        """
        name = self._published()
        if name is None:
            raise WorkspaceError(
                f"There is no workspace at {self.path}. Build one with `tribune build FILE…`, "
                "or see the sample world with `tribune demo`."
            )
        folder = self._versions / name
        found = read_manifest(folder).get("format")
        if found != FORMAT:
            raise WorkspaceError(
                f"The workspace at {self.path} has format {found}; this Tribune reads "
                f"format {FORMAT}. Build it again with `tribune build`."
            )
        return folder

    @contextmanager
    def new_version(self) -> Iterator[Path]:
        """Yield an empty folder to build in; publish it if the block ends without an error.

        The block must call `write_manifest` last. One process at a time.
        Raises: WorkspaceError if another process is building, or what was written is not whole.
        """
        self._versions.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise WorkspaceError(
                f"Another process is building in {self.path}. Wait for it to end, or give "
                "another --workspace."
            ) from None
        try:
            for leftover in self._versions.glob("*.tmp"):
                shutil.rmtree(leftover)
            name = f"v-{self._last_number() + 1:06d}"
            draft = self._versions / f"{name}.tmp"
            draft.mkdir()
            yield draft
            verify(draft)
            _sync(draft)
            before = self._published()
            draft.rename(self._versions / name)
            _sync_folder(self._versions)
            self._point_to(name)
            # Someone may still read the version before.
            for old in self._versions.glob("v-??????"):
                if old.name not in (name, before):
                    shutil.rmtree(old)
        finally:
            lock.release()

    def _published(self) -> str | None:
        try:
            return self._pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def _last_number(self) -> int:
        return max((int(p.name[2:8]) for p in self._versions.glob("v-??????")), default=0)

    def _point_to(self, name: str) -> None:
        draft = self._pointer.with_suffix(".tmp")
        with draft.open("w", encoding="utf-8") as f:
            f.write(name + "\n")
            f.flush()
            os.fsync(f.fileno())
        draft.replace(self._pointer)
        _sync_folder(self.path)


def write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    """Write `facts` and the size and SHA-256 of every Parquet and NumPy file of `folder`."""
    files = {
        p.name: {"bytes": p.stat().st_size, "sha256": _sha256(p)}
        for p in sorted(folder.iterdir())
        if p.is_file() and p.name != MANIFEST
    }
    text = json.dumps({"format": FORMAT, **facts, "files": files}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises: WorkspaceError if the version has no readable manifest."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise WorkspaceError(
            f"The version {folder} is damaged ({error}). Build the workspace again."
        ) from error
    return manifest


def verify(folder: Path) -> None:
    """Raises: WorkspaceError if a file of the manifest is missing or differs."""
    for name, recorded in read_manifest(folder)["files"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != recorded["sha256"]:
            raise WorkspaceError(
                f"{path} is missing or differs from the manifest. Build the workspace again."
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as f:
                os.fsync(f.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
