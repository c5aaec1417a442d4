"""Text → will this user like it, on planted reviews."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from tests.test_cli import run
from tests.worlds import write_csv
from tools.errors import InputError
from tools.evaluation.likes import LikesReport, evaluate_likes
from tools.pipeline import build
from tools.workspace import Workspace

World = tuple[pd.DataFrame, pd.DataFrame, npt.NDArray[np.float32]]


def write_reviews(
    liked: npt.NDArray[np.bool_],
    vectors: npt.NDArray[np.floating],
    *,
    users: npt.NDArray[np.int64] | None = None,
    items: npt.NDArray[np.int64] | None = None,
    dated: bool = True,
) -> World:
    """One sentence a review; liked ones have 4 or 5 stars, the others 1 to 3."""
    n = len(liked)
    users = np.arange(n) % (n // 4) if users is None else users
    items = np.arange(n) % 10 if items is None else items
    rng = np.random.default_rng(1)
    stars = np.where(liked, rng.integers(4, 6, n), rng.integers(1, 4, n)).astype(float)
    days = pd.date_range("2024-01-01", periods=n, freq="h") if dated else pd.Series([pd.NaT] * n)
    reviews = pd.DataFrame(
        {
            "review_id": [f"r{i}" for i in range(n)],
            "user_id": [f"u{u}" for u in users],
            "item_id": [f"i{i}" for i in items],
            "rating": stars,
            "text": [f"text {i}" for i in range(n)],
            "time": days,
        }
    )
    return reviews, reviews[["review_id", "text"]].copy(), vectors.astype(np.float32)


def by_question(reports: list[LikesReport]) -> dict[str, LikesReport]:
    return {report.question: report for report in reports}


def test_a_text_that_tells_its_rating_is_classified() -> None:
    rng = np.random.default_rng(0)
    liked = rng.random(600) < 0.7
    mood = np.where(liked, 1.0, -1.0)
    wrong = rng.random(600) < 0.1  # one text in ten says the opposite
    vectors = np.column_stack([np.where(wrong, -mood, mood), rng.normal(0, 0.2, (600, 3))])
    report = by_question(evaluate_likes(*write_reviews(liked, vectors)))["text"]
    assert report.accuracy == pytest.approx(0.9, abs=0.05)
    assert report.majority == pytest.approx(0.7, abs=0.08)
    assert 0.8 < report.auc < 1.0
    assert sum(row.n for row in report.classes.values()) == 120
    assert report.n_training == 480


def test_the_report_is_arithmetic_on_its_own_counts() -> None:
    rng = np.random.default_rng(0)
    liked = rng.random(600) < 0.6
    vectors = np.where(liked, 1.0, -1.0)[:, None] + rng.normal(0, 1.0, (600, 2))
    report = by_question(evaluate_likes(*write_reviews(liked, vectors)))["text"]
    right = sum(row.recall * row.n for row in report.classes.values())
    assert right / 120 == pytest.approx(report.accuracy)
    for row in report.classes.values():
        harmonic = 2 * row.precision * row.recall / (row.precision + row.recall)
        assert row.f1 == pytest.approx(harmonic)
    assert report.macro_f1 == pytest.approx(np.mean([row.f1 for row in report.classes.values()]))
    liked_row = report.classes["liked"]
    said_liked = liked_row.recall * liked_row.n / liked_row.precision
    assert said_liked == pytest.approx(round(said_liked))


def test_ratings_that_no_text_tells_are_not_foretold() -> None:
    rng = np.random.default_rng(3)
    world = write_reviews(rng.random(1500) < 0.5, rng.normal(size=(1500, 8)))
    for report in evaluate_likes(*world):
        assert report.auc == pytest.approx(0.5, abs=0.1)
        assert report.accuracy <= report.majority + 0.1


def test_a_taste_is_learned_from_earlier_texts() -> None:
    """Users write of one of two things, items are made for one; users like what fits. Ratings
    alone tell nothing, since everyone likes half of what they get, and so is every item liked.
    """
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 60, 3000), rng.integers(0, 20, 3000)
    fits = (users % 2) == (items % 2)
    liked = np.where(rng.random(3000) < 0.05, ~fits, fits)
    own, theirs = np.where(users % 2, 1.0, -1.0), np.where(items % 2, 1.0, -1.0)
    # What a user and an item are shows in the same direction of their texts, half of each.
    vectors = np.column_stack([own + theirs, rng.normal(0, 1, (3000, 2))]) / 2
    found = by_question(evaluate_likes(*write_reviews(liked, vectors, users=users, items=items)))
    assert found["history"].auc > 0.9
    assert found["ratings"].auc < 0.6


def test_the_future_is_not_looked_at() -> None:
    """An item's rating turns at the last fifth: what was learned before is wrong, and stays so."""
    n = 1000
    late = np.arange(n) >= 800
    items = np.arange(n) % 2
    liked = np.where(late, items == 0, items == 1)
    vectors = np.random.default_rng(0).normal(size=(n, 2))
    report = by_question(evaluate_likes(*write_reviews(liked, vectors, items=items)))["ratings"]
    assert report.auc < 0.4


def test_a_text_posted_twice_counts_once() -> None:
    rng = np.random.default_rng(0)
    liked = rng.random(400) < 0.5
    reviews, sentences, vectors = write_reviews(liked, rng.normal(size=(400, 2)), dated=False)
    once = evaluate_likes(reviews, sentences, vectors)
    copies = reviews.assign(review_id=reviews["review_id"] + "b", user_id="someone else")
    twice = evaluate_likes(
        pd.concat([reviews, copies]),
        pd.concat([sentences, copies[["review_id", "text"]]]),
        np.vstack([vectors, vectors]),
    )
    assert once == twice


def test_without_dates_there_is_no_before() -> None:
    rng = np.random.default_rng(0)
    world = write_reviews(rng.random(400) < 0.5, rng.normal(size=(400, 2)), dated=False)
    assert [report.question for report in evaluate_likes(*world)] == ["text"]


def test_ratings_that_do_not_differ_are_refused() -> None:
    reviews, sentences, vectors = write_reviews(np.ones(50, dtype=bool), np.ones((50, 2)))
    with pytest.raises(InputError, match="this workspace has none that differ"):
        evaluate_likes(reviews.assign(rating=5.0), sentences, vectors)
    few = np.arange(100) >= 4
    with pytest.raises(InputError, match="10 training reviews must be liked"):
        evaluate_likes(*write_reviews(few, np.ones((100, 2))))


def test_the_command_prints_a_classification_report(tmp_path: Path) -> None:
    moods = {5: "A lovely meal with warm bread, number {}.", 1: "A dreadful cold soup, number {}."}
    rows = [
        {"user_id": f"u{i % 75}", "item_id": f"i{i % 9}", "rating": r, "text": moods[r].format(i)}
        for i, r in enumerate([5, 1] * 75)
    ]
    workspace = tmp_path / "w"
    build([write_csv(tmp_path / "reviews.csv", rows)], Workspace(workspace))
    done = run("evaluate", "likes", "--workspace", str(workspace), "--json")
    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)
    assert report["question"] == "text"
    assert report["auc"] == 1.0
    assert report["classes"]["not liked"]["precision"] == 1.0
    assert {"accuracy", "majority", "macro_f1", "n_training"} <= set(report)
    shown = run("evaluate", "likes", "--workspace", str(workspace)).stdout
    assert "precision" in shown
    assert "majority" in shown
