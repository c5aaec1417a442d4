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
    """Two passages of each of several labels; `sets` (n_sets, set_size) says which pairs are
    contrasted with each other: no two of a set share a label.
    """

    anchors: list[str]
    positives: list[str]
    sets: Ints


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

    def draw_pairs(self, n: int, rng: np.random.Generator) -> Pairs:
        """About n pairs of one relation, drawn at random by `SHARES`.

        Raises: ValueError without a relation in which two labels have two reviews each.
        """
        names = list(self.rows_of)
        if not names:
            raise ValueError("No relation has two labels of at least two reviews.")
        weights = np.array([SHARES[name] for name in names])
        of_label = self.rows_of[str(rng.choice(names, p=weights / weights.sum()))]
        size = min(n, len(of_label))
        anchors, positives = [], []
        n_sets = n // size
        for _ in range(n_sets):
            for label in rng.choice(len(of_label), size, replace=False):
                first, second = rng.choice(of_label[label], 2, replace=False)
                anchors.append(first)
                positives.append(second)
        return Pairs(
            self.draw_passages(np.array(anchors), rng),
            self.draw_passages(np.array(positives), rng),
            np.arange(n_sets * size).reshape(n_sets, size),
        )

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
