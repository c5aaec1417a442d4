"""Groups of users: how many there are, and who is in which."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score, silhouette_score

from tools.clustering.algorithms import ALGORITHMS, Clusterer
from tools.errors import InputError

MIN_SENTENCES = 5
MIN_USERS_PER_GROUP = 8
MAX_GROUPS = 20
RESAMPLES = 4
CLEAR_SILHOUETTE = 0.1
MIN_GROUPS_OF_CONTINUUM = 5
MAX_USERS_FOR_CHOICE = 2000

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Groups:
    """labels: (n_users,) group of each user, largest group first, −1 for no group;
    strengths: (n_users, k) memberships, rows summing to 1, zeros for users of no group;
    centres: (k, d); curve: k → (silhouette, stability) of every number tried.
    """

    labels: Ints
    strengths: Floats
    centres: Floats
    curve: dict[int, tuple[float, float]] = field(default_factory=dict)


def find_groups(
    vectors: Floats,
    n_sentences: Ints,
    *,
    algorithm: str = "kmeans",
    k: int | None = None,
    seed: int = 0,
) -> Groups:
    """Group users by their (n, d) vectors; k is chosen where none is given.

    Users with under 5 sentences have said too little: they get −1.
    Raises: InputError for a k below 1 or beyond the number of users who said enough.
    """
    enough = np.flatnonzero(n_sentences >= MIN_SENTENCES)
    known = vectors[enough]
    labels = np.full(len(vectors), -1, dtype=np.int32)
    curve: dict[int, tuple[float, float]] = {}
    if len(known) < MIN_USERS_PER_GROUP:
        empty = np.zeros((len(vectors), 0), dtype=np.float32)
        return Groups(labels, empty, np.zeros((0, vectors.shape[1]), np.float32))
    if k is None:
        curve = try_group_counts(known, algorithm=algorithm, seed=seed)
        k = choose_group_count(curve)
    if not 1 <= k <= len(known):
        raise InputError(
            f"The number of groups must be from 1 to {len(known):,}, the users with at least "
            f"{MIN_SENTENCES} sentences; got {k}."
        )
    model = ALGORITHMS[algorithm](k, seed=seed).fit(known)
    k = len(model.centres_)
    order = np.argsort(-np.bincount(model.labels_, minlength=k), kind="stable")
    centres = model.centres_[order]
    strengths = np.zeros((len(vectors), k), dtype=np.float32)
    labels[enough] = np.argsort(order)[model.labels_]
    strengths[enough] = model.assign(known)[1][:, order]
    return Groups(labels, strengths, centres, curve)


def choose_group_count(curve: dict[int, tuple[float, float]]) -> int:
    """The number with the highest silhouette × stability; 1 for an empty curve.

    Where no number separates users clearly (silhouette under 0.1 throughout), users form a
    continuum, and two halves of it would win while telling nothing: then at least five groups are
    made, if that many were tried.
    """
    if not is_clear_cut(curve):
        curve = {k: v for k, v in curve.items() if k >= MIN_GROUPS_OF_CONTINUUM} or curve
    return max(curve, key=lambda k: curve[k][0] * curve[k][1], default=1)


def is_clear_cut(curve: dict[int, tuple[float, float]]) -> bool:
    """Whether some number of groups separates users with a silhouette of at least 0.1."""
    return any(silhouette >= CLEAR_SILHOUETTE for silhouette, _ in curve.values())


def try_group_counts(
    vectors: Floats, *, algorithm: str = "kmeans", seed: int = 0
) -> dict[int, tuple[float, float]]:
    """Separation and stability of every group count from 2 to 20 that leaves 8 users a group.

    Separation: mean silhouette (Rousseeuw 1987). Stability: mean adjusted Rand index between the
    groups of all users and those that a fit on 80% of them gives everyone. At most 2,000 users,
    drawn at random, are looked at.
    """
    rng = np.random.default_rng(seed)
    if len(vectors) > MAX_USERS_FOR_CHOICE:
        vectors = vectors[rng.choice(len(vectors), MAX_USERS_FOR_CHOICE, replace=False)]
    kind = ALGORITHMS[algorithm]
    curve = {}
    for k in range(2, min(MAX_GROUPS, len(vectors) // MIN_USERS_PER_GROUP) + 1):
        model = kind(k, seed=seed).fit(vectors)
        if len(model.centres_) < k:
            break  # no more users differ
        labels = model.labels_
        stability = np.mean([_agree(kind, k, vectors, labels, rng) for _ in range(RESAMPLES)])
        curve[k] = (float(silhouette_score(vectors, labels)), float(stability))
    return curve


def _agree(
    kind: type[Clusterer], k: int, vectors: Floats, labels: Ints, rng: np.random.Generator
) -> float:
    rows = rng.choice(len(vectors), int(0.8 * len(vectors)), replace=False)
    again = kind(k, seed=int(rng.integers(2**31))).fit(vectors[rows])
    return float(adjusted_rand_score(labels, again.assign(vectors)[0]))
