"""Workspaces built once a session, and no network."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

# Both are read when the libraries are imported.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from agent.use_cases import Tribune
from tools.pipeline import build
from tools.reviews import sample
from tools.workspace import Workspace

LOCAL = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever connects beyond this machine fails the test."""
    connect = socket.socket.connect

    def connect_locally(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect_locally)


@pytest.fixture(scope="session")
def sample_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The whole sample world, built once; its embeddings are kept between runs if TRIBUNE_CACHE
    names a folder.
    """
    folder = tmp_path_factory.mktemp("sample")
    kept = os.environ.get("TRIBUNE_CACHE")
    if kept:
        embeddings = Path(kept) / "test-embeddings"
        embeddings.mkdir(parents=True, exist_ok=True)
        (folder / "embeddings").symlink_to(embeddings)
    workspace = Workspace(folder)
    build([sample.REVIEWS], workspace, items=sample.ITEMS)
    return workspace


@pytest.fixture(scope="session")
def sample_tribune(sample_workspace: Workspace) -> Tribune:
    """The sample world, opened."""
    return Tribune(sample_workspace)
