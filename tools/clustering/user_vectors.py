"""A user as a vector: what they talk about, how warmly, and how they behave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class UserSpace:
    """The average user, from whom every user's vector is a deviation. t topics, c categories.

    topic_shares: (t,) sum 1, zeros where nobody said anything; topic_polarity: (t,) mean polarity
    of the sentences on a topic; category_shares: (c,); price, rating: mean and deviation over
    users, of log(1 + price) and of the mean rating.

    Users who come later are placed by what the average was when it was learned, so that nobody
    moves because others wrote.
    """

    topic_shares: Floats
    topic_polarity: Floats
    category_shares: Floats
    price: Floats
    rating: Floats
    mixture: Mixture = Mixture()

    @classmethod
    def learn(cls, evidence: UserEvidence, mixture: Mixture = Mixture()) -> UserSpace:
        """The averages over all users of `evidence`."""
        own = evidence.mentions.sum(axis=0)
        return cls(
            _share(own),
            (evidence.polarity.sum(axis=0) / np.maximum(own, 1e-9)).astype(np.float32),
            _share(evidence.categories.sum(axis=0)),
            _measure_spread(np.log1p(evidence.price)),
            _measure_spread(evidence.rating),
            mixture,
        )

    def place(self, evidence: UserEvidence) -> Floats:
        """(n, t + t + c + 2) vectors: interest, warmth, categories, price level and rating.

        Every part is shrunk towards the average user, so that a user who said little lies near the
        origin.
        """
        mixture = self.mixture
        prior = mixture.prior_sentences
        warmth = (evidence.polarity - evidence.mentions * self.topic_polarity) / (
            evidence.mentions + prior / 2
        )
        certainty = evidence.reviews / (evidence.reviews + 2.0)
        scalars = np.column_stack(
            [
                _standardise(np.log1p(evidence.price), self.price) * certainty,
                _standardise(evidence.rating, self.rating) * certainty * 0.5,
            ]
        )
        parts = [
            mixture.interest * _deviate(evidence.mentions, self.topic_shares, prior),
            mixture.warmth * warmth,
            mixture.behaviour * _deviate(evidence.categories, self.category_shares, 3.0),
            mixture.behaviour * 0.3 * scalars,
        ]
        return np.hstack(parts).astype(np.float32)

    def save(self, file: Path) -> None:
        """Write the averages as plain arrays (.npz); the mixture is the code's own."""
        np.savez(
            file,
            topic_shares=self.topic_shares,
            topic_polarity=self.topic_polarity,
            category_shares=self.category_shares,
            price=self.price,
            rating=self.rating,
        )

    @classmethod
    def load(cls, file: Path) -> UserSpace:
        """The averages that `save` wrote."""
        with np.load(file, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})


def _share(counts: Floats) -> Floats:
    return np.asarray(counts / max(float(counts.sum()), 1e-9), dtype=np.float32)


def _deviate(counts: Floats, average: Floats, prior: float) -> Floats:
    """Square roots of shares minus the average's (Hellinger), with `prior` pseudo-counts."""
    if not average.sum():
        return np.zeros_like(counts)
    shares = (counts + prior * average) / (counts.sum(axis=1, keepdims=True) + prior)
    return np.asarray(np.sqrt(shares) - np.sqrt(average), dtype=np.float32)


def _measure_spread(values: Floats) -> Floats:
    """Mean and deviation of the known values; a deviation of 0 where fewer than two are known."""
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return np.zeros(2, dtype=np.float32)
    return np.array([known.mean(), known.std()], dtype=np.float32)


def _standardise(values: Floats, spread: Floats) -> Floats:
    """Zero mean, unit deviation; 0 where unknown or where all are alike."""
    mean, deviation = spread
    scaled = (values - mean) / deviation if deviation > 0 else np.zeros_like(values)
    return np.nan_to_num(scaled).astype(np.float32)
