"""A test of two means that holds however often one looks, and whenever one stops.

It is a mixture sequential probability ratio test (Robbins 1970; for A/B tests Johari, Pekelis and
Walsh 2015): the likelihood of the data, were the difference of the means drawn from a normal
around 0, over their likelihood were there no difference. Peeking makes that ratio pass 1 / alpha
in no more than a share alpha of the experiments without effect (Ville 1939). As the standard
deviation is not known, the ratio is that of t (Gönen et al. 2005; sequentially, Lindon et al.
2022), with Welch's degrees of freedom. Of values that are normal and vary alike in both arms this
is exact; of others it is what many users come to (Waudby-Smith et al. 2021), and two things guard
the looks at few users, where the small arm of an uneven split has seen too few of its rare values
to know how much they vary: no variance of the difference is taken to be smaller than if both arms
varied alike, and an arm must have shown ten values unlike its commonest. That is not enough where
a handful of users make most of a sum and the arms spread differently: cut such values off before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

# An arm with fewer users, or with fewer users unlike most of it, tells nothing yet.
MIN_USERS = 30
MIN_UNLIKE = 10

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Of the values of each cell, in arrays of one shape: how many there are, their mean, their
    variance (over n − 1), and how many differ from the commonest one. Mean and variance may be NaN
    where there are no values, or one.
    """

    n: Doubles
    mean: Doubles
    variance: Doubles
    unlike: Doubles


@dataclass(frozen=True)
class Bounds:
    """One entry a cell: the treatment's mean less the control's, its confidence sequence at this
    look, and the always-valid p of no difference at this look. Where an arm has too few users, or
    too few unlike most of it, low is −inf, high inf and p 1: nothing is excluded.
    """

    difference: Doubles
    low: Doubles
    high: Doubles
    p: Doubles


def find_best_scale(alpha: float) -> float:
    """By how many of the estimate's variances the mixture should be wide where the confidence
    sequence is to be narrowest: the least (1 + a) / a · log((1 + a) / alpha²), by Lambert's W
    (Waudby-Smith et al. 2021, on the choice of ρ). There it takes a z of sqrt(1 + a) to exclude 0.
    """
    return -float(special.lambertw(-(alpha**2) / np.e, k=-1).real) - 1


def bound_differences(
    control: Moments, treatment: Moments, horizon: npt.ArrayLike, alpha: float
) -> Bounds:
    """Compare two arms in each cell, at one look of however many.

    horizon: the effective size, n₁n₂ / (n₁ + n₂), at which the bounds are to be narrowest, fixed
    before anything was seen. alpha: the bounds hold the truth at all looks in a share 1 − alpha of
    experiments. p ≤ alpha where they exclude 0.
    """
    n1, n2 = control.n, treatment.n
    size = n1 * n2 / np.maximum(n1 + n2, 1)
    wider = 1 + find_best_scale(alpha) * size / np.asarray(horizon, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = control.variance / n1, treatment.variance / n2
        unequal = parts[0] + parts[1]
        freedom = unequal**2 / (parts[0] ** 2 / (n1 - 1) + parts[1] ** 2 / (n2 - 1))
        pooled = ((n1 - 1) * control.variance + (n2 - 1) * treatment.variance) / (n1 + n2 - 2)
        variance = np.maximum(unequal, pooled / size)
        difference = treatment.mean - control.mean
        square = difference**2 / variance
        evidence = np.log1p(square / freedom) - np.log1p(square / (freedom * wider))
        p = np.sqrt(wider) * np.exp(-(freedom + 1) / 2 * evidence)
        needed = (wider / alpha**2) ** (1 / (freedom + 1))
        reach = np.sqrt(variance * freedom * (needed - 1) / (1 - needed / wider))
    enough = (np.minimum(n1, n2) >= MIN_USERS) & (
        np.minimum(control.unlike, treatment.unlike) >= MIN_UNLIKE
    )
    reach = np.where(enough & (needed < wider), reach, np.inf)
    p = np.where(enough, np.minimum(1.0, p), 1.0)
    return Bounds(difference, difference - reach, difference + reach, p)
