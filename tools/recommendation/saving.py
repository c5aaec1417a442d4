"""A learned recommender as a JSON file of what it is and plain arrays of what it learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tools.recommendation.blends import Blend, GroupPrior, TextHybrid
from tools.recommendation.ease import EASE
from tools.recommendation.factorisation import ALS
from tools.recommendation.graph_filter import GraphFilter
from tools.recommendation.lightgcn import LightGCN
from tools.recommendation.neighbours import ItemKNN, UserKNN
from tools.recommendation.popularity import Popularity
from tools.recommendation.recommender import Recommender

DESCRIPTION, ARRAYS = "recommender.json", "recommender.npz"
KINDS: tuple[type[Recommender], ...] = (
    Popularity, ItemKNN, UserKNN, ALS, EASE, GraphFilter, LightGCN, Blend, TextHybrid, GroupPrior,
)  # fmt: skip


def save(recommender: Recommender, folder: Path) -> None:
    """Write recommender.json and recommender.npz."""
    text = json.dumps(describe(recommender), indent=2)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")
    np.savez(folder / ARRAYS, allow_pickle=False, **recommender.arrays())


def load(folder: Path) -> Recommender:
    """What `save` wrote. Raises: FileNotFoundError where nothing was."""
    recommender = make(json.loads((folder / DESCRIPTION).read_text(encoding="utf-8")))
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        return recommender.restore({name: arrays[name] for name in arrays.files})


def describe(recommender: Recommender) -> dict[str, Any]:
    """name and settings; those that are recommenders are described in turn."""
    settings = {
        key: describe(value) if isinstance(value, Recommender) else value
        for key, value in vars(recommender).items()
        if not key.endswith("_")
    }
    return {"name": recommender.name, **settings}


def make(description: dict[str, Any]) -> Recommender:
    """The recommender, yet to learn, that `describe` gave."""
    kinds = {kind.name: kind for kind in KINDS}
    settings = {
        key: make(value) if isinstance(value, dict) else value
        for key, value in description.items()
        if key != "name"
    }
    return kinds[description["name"]](**settings)
