"""Pairs of passages that should lie close: of one user, of one item, of one band of ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

# How often a step draws its pairs from each relation. Groups are of users, so users come first:
# an item's reviewers speak of different sides of it, and ratings say least.
SHARES = {"user": 0.7, "item": 0.2, "band": 0.1}
PASSAGE_SENTENCES = 3

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """n pairs of passages of one label each: two reviews of one user, item or band."""

    anchors: list[str]
    positives: list[str]
    labels: Ints


@dataclass(frozen=True)
class Corpus:
    """n reviews. sentences: those of each; relations: name → (n,) label of each, −1 for none."""

    sentences: Sequence[Sequence[str]]
    relations: dict[str, Ints]

    def draw_passages(self, rows: Ints, rng: np.random.Generator) -> list[str]:
        """Three sentences that follow each other, or all there are, from a random place of each."""
        passages = []
        for row in rows:
            said = self.sentences[int(row)]
            start = int(rng.integers(max(1, len(said) - PASSAGE_SENTENCES + 1)))
            passages.append(" ".join(said[start : start + PASSAGE_SENTENCES]))
        return passages

    def draw_pairs(self, relation: str, n: int, rng: np.random.Generator) -> Pairs:
        """n pairs of a relation of `rows_of`, the labels drawn evenly."""
        rows = self.rows_of[relation]
        labels = rng.integers(len(rows), size=n)
        both = np.array([rng.choice(rows[label], 2, replace=False) for label in labels])
        first, second = both.reshape(-1, 2).T
        return Pairs(self.draw_passages(first, rng), self.draw_passages(second, rng), labels)

    def share_steps(self, steps: int) -> dict[str, int]:
        """How many of the steps fall to each relation of `rows_of`, by `SHARES`."""
        total = sum(SHARES[name] for name in self.rows_of)
        ends = np.cumsum([0.0, *(SHARES[name] / total for name in self.rows_of)])
        counts = np.diff(np.round(ends * steps).astype(int))
        return dict(zip(self.rows_of, counts.tolist(), strict=True))

    @cached_property
    def rows_of(self) -> dict[str, list[Ints]]:
        """Relation → the rows of each label with at least two, where there are two such labels."""
        found = {name: _list_rows(labels) for name, labels in self.relations.items()}
        return {name: rows for name, rows in found.items() if len(rows) >= 2}


def band_ratings(ratings: npt.NDArray[np.floating]) -> Ints:
    """(n,) thirds of the scale in use: 0 low, 1 middle, 2 high; −1 for no rating.

    On five stars: 1–2, 3, 4–5.
    """
    known = ~np.isnan(ratings)
    if not known.any() or np.nanmin(ratings) == np.nanmax(ratings):
        return np.full(len(ratings), -1, dtype=np.int64)
    place = (ratings - np.nanmin(ratings)) / (np.nanmax(ratings) - np.nanmin(ratings))
    bands = (place >= 1 / 3).astype(np.int64) + (place > 2 / 3)
    return np.where(known, bands, -1)


def _list_rows(labels: Ints) -> list[Ints]:
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] >= 0]
    parts = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return [rows for rows in parts if len(rows) >= 2]
