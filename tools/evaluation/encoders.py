"""Two encoders compared on users and items that neither learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.embedding.encoder import Encoder
from tools.embedding.verdict import Check
from tools.evaluation.halves import (
    Halves,
    agree,
    average_halves,
    bootstrap_difference,
    group_halves,
    hold_out,
    rank_partners,
    split_halves,
)
from tools.pooling import average_parts

MIN_HELD_OUT = 8
# Of all intervals together (Bonferroni).
COVERAGE = 0.95

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Split:
    """Review rows to learn from, and the halves of held-out users and items."""

    training: Ints
    users: Halves
    items: Halves


@dataclass(frozen=True)
class Comparison:
    """checks: what was measured; recall: share of the halves whose partner is among the first ten,
    before and after, for users and for items.
    """

    checks: list[Check]
    recall: dict[str, tuple[float, float]]


def split_reviews(users: Ints, items: Ints, *, held_out: float, seed: int) -> Split:
    """Hold out users and items with at least four reviews; no review of either is learned from.

    users, items: (n_reviews,) their numbers, −1 for none; held_out: at most which share of them
    and of their reviews.
    """
    rng = np.random.default_rng((seed, 0))
    own = hold_out(users, held_out, rng)
    theirs = hold_out(items, held_out, rng)
    training = np.flatnonzero(~np.isin(users, own) & ~np.isin(items, theirs))
    return Split(training, split_halves(users, own, rng), split_halves(items, theirs, rng))


def compare_encoders(
    before: Encoder,
    after: Encoder,
    said: Sequence[Sequence[str]],
    split: Split,
    *,
    seed: int = 0,
    progress: Progress = lambda stage, share: None,
) -> Comparison:
    """Measure both encoders on the held-out halves, whose vectors are means of sentence vectors:

    - retrieval: mean reciprocal rank at which halves of users, and of items, find each other;
    - agreement of the groups that users' first and second halves fall in.

    said: the sentences of each review. Of users or items fewer than eight are not enough. The
    intervals are widened so that all of them together hold with 95% (Bonferroni).
    """
    halves = {
        name: kind
        for name, kind in {"users": split.users, "items": split.items}.items()
        if len(kind) >= MIN_HELD_OUT
    }
    n_checks = len(halves) + ("users" in halves)
    coverage = 1 - (1 - COVERAGE) / max(1, n_checks)
    vectors = _embed_halves((before, after), said, halves, progress)

    def compare(name: str, n: int, measure: Callable[[int, Ints], float]) -> Check:
        low, high = bootstrap_difference(measure, n, coverage=coverage, seed=seed)
        rows = np.arange(n)
        return Check(name, n, measure(0, rows), measure(1, rows), low, high)

    found = Comparison([], {})
    for name, kind in halves.items():
        sides = [(average_halves(v, kind.first), average_halves(v, kind.second)) for v in vectors]
        ranks = np.stack([rank_partners(*pair) for pair in sides])
        gains = (1 / ranks).mean(axis=2)
        found.checks.append(
            compare(
                f"retrieval of {name}",
                len(kind),
                lambda which, rows, gains=gains: float(gains[which, rows].mean()),  # type: ignore[misc]
            )
        )
        recall = (ranks <= 10).mean(axis=(1, 2))
        found.recall[name] = (float(recall[0]), float(recall[1]))
        if name == "users":
            labels = [group_halves(*pair, seed=seed) for pair in sides]
            found.checks.append(
                compare(
                    "agreement of groups",
                    len(kind),
                    lambda which, rows, labels=labels: agree(labels[which], rows),  # type: ignore[misc]
                )
            )
    return found


def _embed_halves(
    encoders: Sequence[Encoder],
    said: Sequence[Sequence[str]],
    halves: dict[str, Halves],
    progress: Progress,
) -> list[Floats]:
    """(n_reviews, d) mean sentence vectors by each encoder; zeros for reviews in no half."""
    parts = [rows for kind in halves.values() for rows in (*kind.first, *kind.second)]
    needed = np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
    counts = [len(said[row]) for row in needed]
    texts = [sentence for row in needed for sentence in said[row]]
    found = []
    for place, encoder in enumerate(encoders):

        def report(_: str, share: float, place: int = place) -> None:
            progress("held-out check", (place + share) / len(encoders))

        vectors = encoder.encode(texts, progress=report)
        found.append(average_parts(vectors, np.repeat(needed, counts), len(said)))
    return found
