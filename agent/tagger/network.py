"""The tagger's network: MiniLM with low-rank adapters and four small heads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from agent.tagger.inputs import ROLES, SHAPES, STANCES, TOOLS, Encoded
from tools.embedding.encoder import DEFAULT_ENCODER, find_weights
from tools.embedding.loading import load_alone
from tools.errors import ModelError

SHIPPED = Path(__file__).parent / "weights"
WEIGHTS = "tagger.safetensors"
ADAPTED = ["query", "key", "value", "dense"]
IMPOSSIBLE = -1e4


@dataclass(frozen=True)
class Scores:
    """Logits: tools (n, 15); stances (n, 3); first and last (n, pieces, roles), in which piece 0
    stands for "nowhere in the question".
    """

    tools: torch.Tensor
    stances: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor


class Network(nn.Module):  # type: ignore[misc]
    """Chooses the tool and the stance from the question as a whole, and points at the first and
    last piece of each argument, as joint models of intents and slots do (Chen, Zhuo and Wang
    2019), with pointers in place of tags (Devlin et al. 2019, section 4.2).

    The encoder reads lower case; how words are written is added to its embeddings.
    """

    def __init__(self, rank: int, dropout: float = 0.1) -> None:
        super().__init__()
        with load_alone():
            base = AutoModel.from_pretrained(
                find_weights(DEFAULT_ENCODER), dtype=torch.float32, local_files_only=True
            )
            adapters = LoraConfig(
                r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules=ADAPTED
            )
            self.encoder = get_peft_model(base, adapters)
        width = base.config.hidden_size
        self.shape = nn.Embedding(len(SHAPES), width)
        nn.init.zeros_(self.shape.weight)
        self.dropout = nn.Dropout(dropout)
        self.tool = nn.Linear(2 * width, len(TOOLS))
        self.stance = nn.Linear(2 * width, len(STANCES))
        self.point = nn.Linear(width, 2 * len(ROLES))
        self.nowhere = nn.Linear(2 * width, 2 * len(ROLES))

    def forward(
        self,
        ids: torch.Tensor,
        segments: torch.Tensor,
        shapes: torch.Tensor,
        asked: torch.Tensor,
        attended: torch.Tensor,
    ) -> Scores:
        """The scores of every question of a batch, given as `collate` does."""
        words = self.encoder.get_input_embeddings()(ids) + self.shape(shapes)
        hidden = self.encoder(
            inputs_embeds=words, token_type_ids=segments, attention_mask=attended
        ).last_hidden_state
        asked = asked[..., None]
        mean = (hidden * asked).sum(1) / asked.sum(1).clamp(min=1)
        whole = self.dropout(torch.cat([hidden[:, 0], mean], dim=1))
        points = self.point(self.dropout(hidden)).masked_fill(~asked, IMPOSSIBLE)
        points = torch.cat([self.nowhere(whole)[:, None], points[:, 1:]], dim=1)
        first, last = points.chunk(2, dim=2)
        return Scores(self.tool(whole), self.stance(whole), first, last)

    def list_trained(self) -> dict[str, torch.Tensor]:
        """What training changes, by name: adapters and heads, not the encoder's own weights."""
        return {name: p for name, p in self.named_parameters() if p.requires_grad}

    def save(self, folder: Path) -> None:
        """Write what was trained, in float16."""
        kept = {name: p.detach().half().contiguous() for name, p in self.list_trained().items()}
        save_file(kept, folder / WEIGHTS)


def load_network(folder: Path = SHIPPED) -> Network:
    """A trained network, its adapters merged, ready to ask.

    Raises: ModelError where the folder holds none that fits.
    """
    try:
        told = json.loads((folder / "tuning.json").read_text(encoding="utf-8"))
        kept = load_file(folder / WEIGHTS)
        network = Network(rank=told["settings"]["rank"])
        unexpected = network.load_state_dict(
            {name: tensor.float() for name, tensor in kept.items()}, strict=False
        ).unexpected_keys
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"{folder} holds no planner that fits ({reason}). Train one: "
            f"tribune train planner --out {folder}"
        ) from error
    if unexpected or set(network.list_trained()) - set(kept):
        raise ModelError(
            f"The planner in {folder} is not whole. Train it again: tribune train planner"
        )
    network.encoder = network.encoder.merge_and_unload()
    network.eval()
    return network


def load_tokenizer() -> PreTrainedTokenizerBase:
    """The encoder's own."""
    return AutoTokenizer.from_pretrained(find_weights(DEFAULT_ENCODER), local_files_only=True)


def collate(rows: Sequence[Encoded]) -> dict[str, torch.Tensor]:
    """Several questions, padded on the right: (n, pieces) each."""
    longest = max(len(row.ids) for row in rows)

    def pad(values: Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor([[*row, *[0] * (longest - len(row))] for row in values])

    return {
        "ids": pad([row.ids for row in rows]),
        "segments": pad([row.segments for row in rows]),
        "shapes": pad([row.shapes for row in rows]),
        "asked": pad([row.asked for row in rows]).bool(),
        "attended": pad([[1] * len(row.ids) for row in rows]).bool(),
    }
