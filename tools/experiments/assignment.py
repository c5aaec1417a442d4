"""Who sees which arm: the same user always the same one, in every process, with nothing stored."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import json
import math
from dataclasses import dataclass

from tools.errors import InputError

_PLACES = 2**53


@dataclass(frozen=True)
class Experiment:
    """weights: arm → weight, of any sum; the first arm is the control that the others are compared
    with. salt: another one draws all users anew, as does another name. Weights changed while the
    experiment runs move users to another arm, and both their exposures are lost: take a new name.

    Raises: InputError where there are fewer than two arms or a weight is not above 0.
    """

    name: str
    weights: dict[str, float]
    salt: str = ""

    def __post_init__(self) -> None:
        if len(self.weights) < 2:
            raise InputError(
                f"An experiment must have at least 2 arms; {self.name} has {len(self.weights)}. "
                "Add one to compare with."
            )
        for arm, weight in self.weights.items():
            if not (weight > 0 and math.isfinite(weight)):
                raise InputError(
                    f"An arm's weight must be above 0 and finite; {arm} has {weight}. Give it a "
                    "weight or leave the arm out."
                )

    @property
    def control(self) -> str:
        return next(iter(self.weights))

    @property
    def shares(self) -> dict[str, float]:
        """The share of all users that each arm is to get; they add up to 1."""
        total = sum(self.weights.values())
        return {arm: weight / total for arm, weight in self.weights.items()}


def assign_arm(experiment: Experiment, user_id: str) -> str:
    """The arm of a user, who may be any string.

    The first 53 bits of BLAKE2b over name, salt and user id are a place in [0, 1), and the arms lie
    there one after the other, each as wide as its share (Tang et al. 2010, Overlapping experiment
    infrastructure). Written as JSON, no two triples look alike.
    """
    key = json.dumps([experiment.name, experiment.salt, user_id]).encode()
    digest = hashlib.blake2b(key, digest_size=8).digest()
    place = (int.from_bytes(digest, "big") >> 11) / _PLACES
    arms, shares = list(experiment.shares), experiment.shares.values()
    return arms[bisect.bisect(list(itertools.accumulate(shares))[:-1], place)]
