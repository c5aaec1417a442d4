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
    build([sample.REVIEWS], workspace, items=sample.ITEMS, answers=[sample.ANSWERS])
    return workspace


@pytest.fixture(scope="session")
def sample_tribune(sample_workspace: Workspace) -> Tribune:
    """The sample world, opened."""
    return Tribune(sample_workspace)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights that reads bytes."""
    folder = tmp_path_factory.mktemp("tiny")
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({byte: i for i, byte in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>"
    )
    fast.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        eos_token_id=fast.eos_token_id,
        bos_token_id=fast.bos_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
