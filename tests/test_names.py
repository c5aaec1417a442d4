"""From what people type to the group, user or item they mean."""

from __future__ import annotations

import pytest

from agent.facts import GroupRef
from agent.names import find_group, find_id
from tools.errors import UnknownName

GROUPS = [
    GroupRef(id=1, name="Night Owls"),
    GroupRef(id=2, name="Hostel & Kitchen"),
    GroupRef(id=12, name="Spa & Suite"),
]
USERS = {u: u for u in ("007", "7", "NA", "anna_k", "Anna_K", "bruno_28", "none")}
ITEMS = {"LIS01": "Casa do Telheiro Hostel", "LIS02": "Hotel Aurélia Palace", "7": "Seven"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("2", 2), ("12", 12), ("group 2", 2), ("Group 12", 12), ("groups 1", 1), ("#2", 2),
        ("group #2", 2), ("no. 1", 1), ("segment 12", 12), ("cluster 2", 2), (" 2 ", 2),
        ("Night Owls", 1), ("night owls", 1), ("the night owls", 1), ("Night Owls group", 1),
        ("nigth owls", 1), ("Night Owl", 1), ("hostel & kitchen", 2), ("hostel and kitchen", 2),
        ("Hostle & Kitchn", 2), ("spa & suite", 12), ("the Spa & Suite group", 12),
        ("the group Night Owls", 1), ("group 2, Hostel & Kitchen", 2), ("the group 12", 12),
        ("group 12, Spa & Suite", 12), ("number 1", 1),
    ],
)  # fmt: skip
def test_groups_are_known_by_number_and_by_name_with_slips(text: str, number: int) -> None:
    assert find_group(text, GROUPS).id == number


@pytest.mark.parametrize("text", ["3", "group 99", "0", "-1", "21", "families", "owl", "", "1.5"])
def test_a_group_that_is_not_there_is_not_guessed(text: str) -> None:
    listed = r"The groups are: 1 Night Owls, 2 Hostel & Kitchen, 12 Spa & Suite\.$"
    with pytest.raises(UnknownName, match=listed) as raised:
        find_group(text, GROUPS)
    assert repr(text) in str(raised.value)


def test_without_groups_that_is_said() -> None:
    with pytest.raises(UnknownName, match="none were found in this data"):
        find_group("1", [])


@pytest.mark.parametrize(
    ("text", "user"),
    [("007", "007"), ("7", "7"), ("NA", "NA"), ("none", "none"), ("anna_k", "anna_k"),
     ("Anna_K", "Anna_K"), ("BRUNO_28", "bruno_28"), (" bruno_28 ", "bruno_28"), ("na", "NA")],
)  # fmt: skip
def test_ids_are_found_as_they_are_written_before_anything_else(text: str, user: str) -> None:
    assert find_id(text, USERS, "user") == user


@pytest.mark.parametrize("text", ["07", "0007", "7.0", "0", "", "nobody at all"])
def test_an_id_is_never_another_number(text: str) -> None:
    with pytest.raises(UnknownName, match=r"^There is no user .* among 7 users\."):
        find_id(text, USERS, "user")


@pytest.mark.parametrize(
    ("text", "item"),
    [("LIS01", "LIS01"), ("lis02", "LIS02"), ("Casa do Telheiro Hostel", "LIS01"),
     ("hotel aurélia palace", "LIS02"), ("seven", "7"), ("7", "7")],
)  # fmt: skip
def test_items_are_known_by_id_and_by_title(text: str, item: str) -> None:
    assert find_id(text, ITEMS, "item") == item


def test_a_misspelt_id_brings_the_nearest_ones() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean bruno_28\?$"):
        find_id("brunno_28", USERS, "user")
    with pytest.raises(UnknownName, match=r"Did you mean Casa do Telheiro Hostel\?$"):
        find_id("Casa Telheiro Hostel", ITEMS, "item")


def test_among_very_many_ids_the_nearest_are_still_found_at_once() -> None:
    many = {f"user{n:06d}": f"user{n:06d}" for n in range(60_000)}
    assert find_id("USER000123", many, "user") == "user000123"
    with pytest.raises(UnknownName, match="among 60,000 users"):
        find_id("zzz", many, "user")
