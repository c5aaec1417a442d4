"""Why a user is in their group: what is cited holds them there, and what would tip the balance."""

from __future__ import annotations

import numpy as np
import pytest

from agent.answers.reasons import gather_own
from agent.use_cases import Tribune
from tools.clustering.algorithms import measure_membership
from tools.clustering.explanation import OwnEvidence, find_tip, weigh_evidence
from tools.clustering.user_vectors import UserEvidence, UserSpace

CATEGORIES = np.zeros((2, 0), np.float32)
NAN = np.full(2, np.nan, np.float32)


def speak_of(*topics: int, n_topics: int = 3) -> OwnEvidence:
    """A user with one sentence on each of these topics, in two reviews."""
    shares = np.eye(n_topics, dtype=np.float32)[list(topics)]
    return OwnEvidence(shares, np.zeros(len(topics), np.float32), CATEGORIES, NAN, NAN)


@pytest.fixture
def space() -> UserSpace:
    """Three topics of which all users speak alike."""
    everyone = UserEvidence(
        mentions=np.full((3, 3), 4, np.float32),
        polarity=np.zeros((3, 3), np.float32),
        categories=np.zeros((3, 0), np.float32),
        price=np.full(3, np.nan, np.float32),
        rating=np.full(3, np.nan, np.float32),
        reviews=np.ones(3, np.float32),
    )
    return UserSpace.learn(everyone)


@pytest.fixture
def centres(space: UserSpace) -> np.ndarray:
    """Groups of users who speak of one topic alone."""
    return np.vstack([space.place(speak_of(*[topic] * 6).whole()) for topic in range(3)])


def test_sentences_on_the_groups_topic_hold_and_others_pull_away(
    space: UserSpace, centres: np.ndarray
) -> None:
    own = speak_of(0, 0, 1)
    weights = weigh_evidence(own, space, centres, group=0)
    assert weights.sentences[0] == pytest.approx(weights.sentences[1])
    assert weights.sentences[0] > 0 > weights.sentences[2]
    # By hand: membership with and without the first sentence.
    whole, less = (
        measure_membership(space.place(speak_of(*topics).whole()), centres)[0, 0]
        for topics in ((0, 0, 1), (0, 1))
    )
    assert weights.sentences[0] == pytest.approx(whole - less, abs=1e-5)


def test_ratings_and_prices_that_nobody_gave_weigh_nothing(
    space: UserSpace, centres: np.ndarray
) -> None:
    weights = weigh_evidence(speak_of(0, 1), space, centres, group=0)
    np.testing.assert_allclose([*weights.items, *weights.ratings], 0, atol=1e-7)


def test_the_tip_is_the_fewest_sentences_that_move_the_user(
    space: UserSpace, centres: np.ndarray
) -> None:
    own = speak_of(0, 0, 0)
    tip = find_tip(own, space, centres, 0, 2, np.zeros(3, np.float32))
    assert tip is not None
    assert (tip.topic, tip.n_sentences) == (2, 4)
    for n, nearest in ((3, 0), (4, 2)):  # three on either side leave the balance even
        moved = space.place(speak_of(0, 0, 0, *[2] * n).whole())
        strengths = measure_membership(moved, centres)[0]
        assert strengths[nearest] == pytest.approx(strengths.max())


def test_nothing_is_said_to_tip_who_is_far_from_another_group(
    space: UserSpace, centres: np.ndarray
) -> None:
    own = speak_of(*[0] * 60)
    assert find_tip(own, space, centres, 0, 1, np.zeros(3, np.float32)) is None


def test_what_is_cited_holds_users_more_than_as_much_at_random(sample_tribune: Tribune) -> None:
    tribune, rng = sample_tribune, np.random.default_rng(0)
    placed = tribune.users[tribune.users["group_id"].notna()]["user_id"]
    users = rng.permutation(placed)[:200]
    held = 0
    for user in users:
        group = tribune.group_of(tribune.users.loc[user])
        assert group is not None
        own = gather_own(tribune, user)[2]
        row, centres = tribune.groups.index(group), tribune.group_vectors
        weights = weigh_evidence(own, tribune.user_space, centres, row)
        weight = np.concatenate([weights.sentences, weights.items, weights.ratings])
        n = min(3, len(weight) - 1)

        def fall(left_out: np.ndarray) -> float:
            kept = np.ones((1, len(weight)), np.float32)  # noqa: B023
            kept[0, left_out] = 0
            s, r = len(own.polarity), len(own.rating)  # noqa: B023
            less = own.leave_out(kept[:, :s], kept[:, s : s + r], kept[:, s + r :])  # noqa: B023
            place = tribune.user_space.place
            before, after = (
                measure_membership(place(e), centres)[0, row]  # noqa: B023
                for e in (own.whole(), less)  # noqa: B023
            )
            return float(before - after)

        at_random = [fall(rng.choice(len(weight), n, replace=False)) for _ in range(10)]
        held += fall(np.argsort(-weight)[:n]) > np.mean(at_random)
    assert held >= 0.95 * len(users)


def test_a_user_is_told_their_reasons_with_their_own_sentences(sample_tribune: Tribune) -> None:
    placed = sample_tribune.users[sample_tribune.users["group_id"].notna()]["user_id"]
    for user in placed[:20]:
        told = sample_tribune.describe_user(user)
        assert 1 <= len(told.reasons) <= 3
        weights = [reason.weight for reason in told.reasons]
        assert weights == sorted(weights, reverse=True)
        assert min(weights) > 0
        quoted = {e.n: e for e in told.evidence}
        for reason in told.reasons:
            assert (reason.kind == "sentence") == bool(reason.cites)
            assert all(quoted[n].user_id == user for n in reason.cites)
