"""A user as a vector: what they talk about, how warmly, and how they behave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Mixture:
    """How much each part counts in a user's vector, and how strongly little evidence is shrunk."""

    interest: float = 1.0
    warmth: float = 0.25
    behaviour: float = 0.35
    prior_sentences: float = 4.0


@dataclass(frozen=True)
class UserEvidence:
    """What is known of users. n users, t topics, c categories.

    mentions: (n, t) sentences a user wrote on a topic (fractions where a sentence is shared);
    polarity: (n, t) sum of these sentences' polarities; categories: (n, c) reviews by item
    category; price: (n,) mean price of reviewed items, NaN for unknown; rating: (n,) mean rating,
    NaN for none; reviews: (n,) number of reviews.
    """

    mentions: Floats
    polarity: Floats
    categories: Floats
    price: Floats
    rating: Floats
    reviews: Floats


def build_user_vectors(evidence: UserEvidence, mixture: Mixture = Mixture()) -> Floats:
    """(n, t + t + c + 2) vectors: interest, warmth, categories, price level and rating.

    Every part is a deviation from the average user and is shrunk towards it, so that a user who
    said little lies near the origin.
    """
    interest = _deviate(evidence.mentions, mixture.prior_sentences)
    own = evidence.mentions.sum(axis=0)
    average = evidence.polarity.sum(axis=0) / np.maximum(own, 1e-9)
    warmth = (evidence.polarity - evidence.mentions * average) / (
        evidence.mentions + mixture.prior_sentences / 2
    )
    certainty = evidence.reviews / (evidence.reviews + 2.0)
    scalars = np.column_stack(
        [
            _standardise(np.log1p(evidence.price)) * certainty,
            _standardise(evidence.rating) * certainty * 0.5,
        ]
    )
    parts = [
        mixture.interest * interest,
        mixture.warmth * warmth,
        mixture.behaviour * _deviate(evidence.categories, 3.0),
        mixture.behaviour * 0.3 * scalars,
    ]
    return np.hstack(parts).astype(np.float32)


def _deviate(counts: Floats, prior: float) -> Floats:
    """Square roots of shares minus the average's (Hellinger), with `prior` pseudo-counts."""
    total = counts.sum(axis=0)
    if not total.sum():
        return np.zeros_like(counts)
    average = total / total.sum()
    shares = (counts + prior * average) / (counts.sum(axis=1, keepdims=True) + prior)
    return np.asarray(np.sqrt(shares) - np.sqrt(average), dtype=np.float32)


def _standardise(values: Floats) -> Floats:
    """Zero mean, unit deviation; 0 where unknown or where all are alike."""
    known = ~np.isnan(values)
    if known.sum() < 2:
        return np.zeros_like(values)
    deviation = float(np.std(values[known]))
    scaled = (values - np.mean(values[known])) / deviation if deviation > 0 else values * 0
    return np.nan_to_num(scaled).astype(np.float32)
