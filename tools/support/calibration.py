"""From scores to probabilities of being right, and from which of them on to trust."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# One-sided 95%: the precision that was asked for is reached in 19 of 20 such samples.
QUANTILE = 1.645
# What is likelier wrong than right is never trusted.
LEAST = 0.5


def learn_odds(features: Floats, right: Bools, weights: Floats) -> Floats:
    """(d + 1,) weights of (n, d) features and, last, the intercept, of the log-odds of `right`.

    weights: (n,) how much each of the n counts. Targets lie one case off 0 and 1, so that a sample
    without a single mistake teaches odds that are high, not endless. Platt, Probabilistic outputs
    for support vector machines, 1999.
    """
    yes, no = weights[right].sum(), weights[~right].sum()
    target = np.where(right, (yes + 1) / (yes + 2), 1 / (no + 2))
    model = LogisticRegression(C=100.0, max_iter=1000).fit(
        np.vstack([features, features]),
        np.repeat([1, 0], len(features)),
        sample_weight=np.concatenate([weights * target, weights * (1 - target)]),
    )
    return np.append(model.coef_[0], model.intercept_[0])


def choose_threshold(confidence: Floats, right: Bools, weights: Floats, precision: float) -> float:
    """The lowest confidence, from 0.5 on, at and above which at least `precision` are right, told
    by the lower end of Wilson's interval (one-sided 95%); 1.0 if there is none. Where all may be
    trusted, nothing speaks against less than the least of them, and it is at most `precision`.

    confidence, right, weights: (n,).
    """
    order = np.argsort(-confidence, kind="stable")
    n = np.cumsum(weights[order])
    p = np.cumsum((weights * right)[order]) / np.maximum(n, 1e-9)
    z = QUANTILE
    spread = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    lower = (p + z**2 / (2 * n) - spread) / (1 + z**2 / n)
    last = np.append(np.diff(confidence[order]) != 0, True)
    enough = np.flatnonzero((lower >= precision) & last)
    if not len(enough):
        return 1.0
    lowest = float(confidence[order][enough[-1]])
    return max(LEAST, min(lowest, precision) if enough[-1] == len(order) - 1 else lowest)
