"""Groups keep their ids over a rebuild, and what became of the others is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.clustering.identity import Change, match_groups


def people(*groups: Sequence[str], first: int = 0) -> dict[str, int]:
    """User → number of the group they stand in."""
    return {user: number for number, group in enumerate(groups, start=first) for user in group}


A, B, C = ["a1", "a2", "a3", "a4", "a5", "a6"], ["b1", "b2", "b3", "b4"], ["c1", "c2", "c3"]
OLD: Mapping[str, int] = people(A, B, C, first=1)


def test_a_group_keeps_its_id_whatever_its_place() -> None:
    matching = match_groups(OLD, people(C, A, B), 3, last=3)
    assert matching.ids == [3, 1, 2]
    assert matching.kept == {1, 2, 3}
    assert matching.changes == []


def test_users_who_come_and_go_are_no_matter() -> None:
    new = people([*A[:4], "x1", "x2", "x3"], [*B, A[5]], [C[0], *[f"y{i}" for i in range(9)]])
    assert match_groups(OLD, new, 3, last=3).ids == [1, 2, 3]


def test_pairs_are_found_that_keep_the_most_users() -> None:
    # The first new group holds more of A than any other, but A goes on in the second.
    new = people(["a1", "a2", "b1", "b2", "b3"], ["a3", "a4", "a5", "a6"], C)
    assert match_groups(OLD, new, 3, last=3).ids == [2, 1, 3]


def test_a_split_gives_the_larger_half_the_id_and_the_other_a_fresh_one() -> None:
    matching = match_groups(OLD, people(A[:4], B, C, A[4:]), 4, last=7)
    assert matching.ids == [1, 2, 3, 8]
    assert matching.changes == [Change("split", 8, 1, 1.0)]


def test_a_merged_group_goes_on_in_the_larger_one() -> None:
    matching = match_groups(OLD, people([*A, *C], B), 2, last=3)
    assert matching.ids == [1, 2]
    assert matching.changes == [Change("merged", 3, 1, 1.0)]


def test_a_group_of_new_users_is_born() -> None:
    matching = match_groups(OLD, people(A, B, C, ["x1", "x2"]), 4, last=3)
    assert matching.ids == [1, 2, 3, 4]
    assert matching.changes == [Change("born", 4, None, 0.0)]


def test_a_group_whose_users_scatter_dies_and_its_id_never_comes_back() -> None:
    new = people([*A[1:], "c1"], [*B[1:], "c2"], ["a1", "b1", "c3", "x1"])
    matching = match_groups(OLD, new, 3, last=3)
    assert matching.ids == [1, 2, 4]
    assert [(c.kind, c.group_id) for c in matching.changes] == [("born", 4), ("died", 3)]


def test_a_first_build_numbers_from_one() -> None:
    matching = match_groups({}, people(A, B), 2, last=0)
    assert matching.ids == [1, 2]
    assert matching.kept == frozenset()


def test_no_groups_left_means_all_died() -> None:
    matching = match_groups(OLD, {}, 0, last=3)
    assert [c.kind for c in matching.changes] == ["died"] * 3
