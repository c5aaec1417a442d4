"""Text → will this user like it: a supervised classifier, reported on reviews it has not seen.

Two questions, each by a logistic regression over the encoder's frozen sentence vectors:

- `text`: from a review's own text, by users of whom no review was learned from (a fifth of them);
- `history`: before the review is written, from what its user and its item got earlier, texts and
  ratings, on the latest fifth of the reviews. `ratings` is the same from the earlier ratings
  alone, so that what the texts add is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import accuracy_score, precision_recall_fscore_support, roc_auc_score

from tools.errors import InputError
from tools.pooling import average_parts

TEST_SHARE = 0.2
MIN_PER_CLASS = 10
# A mean of few earlier reviews is drawn towards the mean of all, as if it had this many more.
PRIOR_REVIEWS = 3.0
# Inverse strengths of the penalty; three-fold cross-validation of the training reviews picks one.
STRENGTHS = (1e-3, 1e-2, 1e-1)

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ClassScores:
    """Of one class: share of the predicted that are right, share of the true that are found, their
    harmonic mean, and how many there are.
    """

    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True)
class LikesReport:
    """accuracy beside that of always saying the training reviews' commoner class (`majority`);
    auc: how often a liked review scores above a disliked one, 0.5 by chance.
    """

    question: str
    split: str
    n_training: int
    classes: dict[str, ClassScores]
    accuracy: float
    majority: float
    macro_f1: float
    auc: float

    def describe(self) -> str:
        """A classification report in plain text."""
        lines = [f"{self.question}: {self.split}; learned from {self.n_training:,} reviews."]
        lines.append(f"{'':<12}{'precision':>11}{'recall':>9}{'F1':>9}{'reviews':>10}")
        for name, row in self.classes.items():
            lines.append(
                f"{name:<12}{row.precision:>11.3f}{row.recall:>9.3f}{row.f1:>9.3f}{row.n:>10,}"
            )
        lines.append(
            f"accuracy {self.accuracy:.3f} (majority {self.majority:.3f}), macro F1 "
            f"{self.macro_f1:.3f}, AUC {self.auc:.3f}"
        )
        return "\n".join(lines)


def evaluate_likes(
    reviews: pd.DataFrame, sentences: pd.DataFrame, vectors: Floats, *, seed: int = 0
) -> list[LikesReport]:
    """Report on `text`; on `history` and `ratings` where at least nine in ten reviews have dates.

    reviews: review_id, user_id, item_id, rating, text, time; sentences: review_id, row i of which
    has row i of the (n_sentences, d) vectors. A review is liked if its rating lies above the
    middle of the lowest and the highest rating there are. Reviews without rating or sentence are
    left out, and of those with the same text all but the first, lest the answer be known.

    Raises: InputError where fewer than ten reviews, in training or test, are liked or not liked.
    """
    reviews = reviews.drop_duplicates("text").reset_index(drop=True)
    rows, means = _average_by_review(reviews, sentences, vectors)
    known = reviews.iloc[rows]
    rating = known["rating"].to_numpy(dtype=np.float64)
    if not len(rating) or rating.min() == rating.max():
        raise InputError(
            "Likes are learned from ratings, of which there must be higher and lower ones; this "
            "workspace has none that differ."
        )
    liked = rating > (rating.min() + rating.max()) / 2
    users, items = (np.asarray(pd.factorize(known[c])[0]) for c in ("user_id", "item_id"))
    scaled = means * np.float32(np.sqrt(means.shape[1]))
    test = _draw_users(users, seed)
    reports = [_report("text", "users never seen", scaled, liked, ~test, test)]
    dated = known["time"].notna().to_numpy()
    if dated.mean() >= 0.9:
        order = np.argsort(known["time"].to_numpy()[dated], kind="stable")
        chosen = np.flatnonzero(dated)[order]
        late = np.arange(len(chosen)) >= round((1 - TEST_SHARE) * len(chosen))
        told, texts = _look_back(users[chosen], items[chosen], rating[chosen], scaled[chosen])
        split = "the latest fifth, from what was written before"
        now = liked[chosen]
        both = np.hstack([told, texts])
        reports.append(_report("history", split, both, now, ~late, late))
        reports.append(_report("ratings", split, told, now, ~late, late))
    return reports


def _report(
    question: str, split: str, features: Floats, liked: Bools, training: Bools, test: Bools
) -> LikesReport:
    for part, name in ((training, "training"), (test, "test")):
        smaller = int(min(liked[part].sum(), (~liked[part]).sum()))
        if smaller < MIN_PER_CLASS:
            raise InputError(
                f"At least {MIN_PER_CLASS} {name} reviews must be liked and as many not liked; "
                f"got {smaller}. Load more reviews."
            )
    model = LogisticRegressionCV(
        Cs=STRENGTHS,
        cv=3,
        l1_ratios=(0.0,),
        scoring="neg_log_loss",
        max_iter=1000,
        use_legacy_attributes=False,
    ).fit(features[training], liked[training])
    truth, odds = liked[test], model.decision_function(features[test])
    guess = odds > 0
    scores = np.column_stack(
        precision_recall_fscore_support(truth, guess, labels=[True, False], zero_division=0)
    )
    classes = {
        name: ClassScores(float(p), float(r), float(f), int(n))
        for name, (p, r, f, n) in zip(("liked", "not liked"), scores, strict=True)
    }
    commoner = liked[training].mean() >= 0.5
    return LikesReport(
        question,
        split,
        int(training.sum()),
        classes,
        float(accuracy_score(truth, guess)),
        float((truth == commoner).mean()),
        float(scores[:, 2].mean()),
        float(roc_auc_score(truth, odds)),
    )


def _average_by_review(
    reviews: pd.DataFrame, sentences: pd.DataFrame, vectors: Floats
) -> tuple[Ints, Floats]:
    """Rows of the reviews that have a rating and sentences, and their (n, d) mean vectors."""
    row_of = pd.Series(np.arange(len(reviews)), index=reviews["review_id"])
    of = row_of.reindex(sentences["review_id"]).fillna(-1).to_numpy(dtype=np.int64)
    means = average_parts(vectors.astype(np.float32), of, len(reviews))
    said = np.isin(np.arange(len(reviews)), of)
    rows = np.flatnonzero(said & reviews["rating"].notna().to_numpy())
    return rows, means[rows]


def _draw_users(users: Ints, seed: int) -> Bools:
    """(n,) reviews of a fifth of the users; a review without user is a user of its own."""
    alone = users < 0
    codes = np.where(alone, users.max(initial=-1) + 1 + np.cumsum(alone), users)
    n = int(codes.max()) + 1
    drawn = np.random.default_rng(seed).permutation(n)[: round(TEST_SHARE * n)]
    return np.isin(codes, drawn)


def _look_back(
    users: Ints, items: Ints, ratings: npt.NDArray[np.float64], texts: Floats
) -> tuple[Floats, Floats]:
    """What was known before each of n reviews, given in order of time.

    Returns (n, 4) mean rating, as a deviation from the mean of all before, and log number of
    earlier reviews, of its user and of its item, and (n, 3d) mean text of its user, of its item
    and their product, which is large where the user writes of what the item's reviews speak of.
    """
    told, means = [], []
    before = (np.cumsum(ratings) - ratings) / np.maximum(np.arange(len(ratings)), 1)
    for labels in (users, items):
        deviation = np.zeros(len(labels), dtype=np.float32)
        numbers = np.zeros(len(labels), dtype=np.float32)
        mean = np.zeros_like(texts)
        for label, rows in pd.Series(np.arange(len(labels))).groupby(labels).indices.items():
            if label < 0:
                continue
            n = np.arange(len(rows))
            weights = n / (n + PRIOR_REVIEWS)
            earlier = np.cumsum(ratings[rows]) - ratings[rows]
            deviation[rows] = weights * (earlier / np.maximum(n, 1) - before[rows])
            numbers[rows] = np.log1p(n)
            sums = np.cumsum(texts[rows], axis=0) - texts[rows]
            mean[rows] = sums / (n + PRIOR_REVIEWS)[:, None]
        told += [deviation, numbers]
        means.append(mean)
    scaled = means[0] * means[1] / np.float32(np.sqrt(max(1, texts.shape[1])))
    return (
        np.column_stack(told).astype(np.float32),
        np.hstack([*means, scaled]).astype(np.float32),
    )
