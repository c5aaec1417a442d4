"""What the trained network says of one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from agent.conversation import Turn
from agent.mentions import Reading
from agent.settings import read_settings
from agent.tagger.inputs import ROLES, STANCES, TOOLS, Encoded, encode
from agent.tagger.network import SHIPPED, collate, load_network, load_tokenizer

LONGEST = 8
KEPT = 12


@dataclass(frozen=True)
class Span:
    """Words first … last - 1, and the probability that they are this."""

    first: int
    last: int
    probability: float


@dataclass(frozen=True)
class Tags:
    """tools: all of them (None: no tool) with their probabilities, the likeliest first; stance:
    the likeliest; spans: for each role the likeliest runs of words, best first, whose
    probabilities leave out what "not in this question" has.
    """

    tools: Sequence[tuple[str | None, float]]
    stance: str
    spans: Mapping[str, Sequence[Span]]


class Tagger:
    """Tags questions by the network in a folder (`tribune train planner`). Safe in threads.

    Raises: ModelError where the folder holds none that fits.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._network = load_network(folder)
        self._tokenizer = load_tokenizer()

    def tag(self, reading: Reading, history: Sequence[Turn] = ()) -> Tags:
        """The tags of a question that follows the turns of `history`, the oldest first."""
        encoded = encode(reading, history, self._tokenizer)
        with torch.inference_mode():
            scores = self._network(**collate([encoded]))
        tools = torch.softmax(scores.tools[0], dim=0).tolist()
        ranked = sorted(zip(TOOLS, tools, strict=True), key=lambda pair: -pair[1])
        first, last = scores.first[0].numpy(), scores.last[0].numpy()
        spans = {
            role: _rank_spans(encoded, first[:, n], last[:, n]) for n, role in enumerate(ROLES)
        }
        return Tags(ranked, STANCES[int(scores.stances[0].argmax())], spans)


@cache
def load_tagger() -> Tagger:
    """The one of this process: the shipped network, or that in the folder $TRIBUNE_PLANNER."""
    return Tagger(read_settings().planner or SHIPPED)


def _rank_spans(
    encoded: Encoded, first: npt.NDArray[np.float32], last: npt.NDArray[np.float32]
) -> list[Span]:
    """Softmax over all runs of up to LONGEST words and "nowhere", which is piece 0."""
    places = [
        (start, end)
        for start, piece in enumerate(encoded.starts)
        if piece >= 0
        for end in range(start + 1, min(start + LONGEST, len(encoded.starts)) + 1)
        if encoded.ends[end - 1] >= 0
    ]
    scores = [first[encoded.starts[s]] + last[encoded.ends[e - 1]] for s, e in places]
    logits = np.array([first[0] + last[0], *scores], dtype=np.float64)
    chances = np.exp(logits - logits.max())
    chances /= chances.sum()
    order = np.argsort(-chances[1:], kind="stable")[:KEPT]
    return [Span(places[row][0], places[row][1], float(chances[1 + row])) for row in order]
