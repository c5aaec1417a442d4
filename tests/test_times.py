"""Times in all the spellings that files of reviews have."""

from datetime import datetime

import pytest

from tools.reviews.times import parse_times

DAY = datetime(2016, 9, 1)
NOON = datetime(2016, 9, 1, 12, 30, 5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2016-09-01", DAY),
        ("2016-9-1", DAY),
        ("2016/09/01", DAY),
        ("2016.09.01", DAY),
        ("20160901", DAY),
        ("2016年9月1日", DAY),
        ("2016-09", DAY),
        ("2016-9", DAY),
        ("9/2016", DAY),
        ("201609", DAY),
        ("2016", datetime(2016, 1, 1)),
        ("2016-09-01 12:30:05", NOON),
        ("2016-09-01T12:30:05Z", NOON),
        ("2016-09-01T14:30:05+02:00", NOON),
        ("2016-09-01T07:30:05-0500", NOON),
        ("2016-09-01 12:30:05 UTC", NOON),
        ("2016/9/1 12:30:05", NOON),
        ("20160901123005", NOON),
        ("2016-09-01T12:30:05.250", NOON.replace(microsecond=250_000)),
        ("1472733005", NOON),
        ("1472733005.0", NOON),
        ("1472733005000", NOON),
        ("1472733005000000", NOON),
        ("1472733005000000000", NOON),
        ("874724710", datetime(1997, 9, 20, 3, 5, 10)),
        ("09 1, 2016", DAY),
        ("Sep 1, 2016", DAY),
        ("September 1st, 2016", DAY),
        ("1 September 2016", DAY),
        ("01-SEP-2016", DAY),
        ("Sept. 2016", DAY),
        ("Reviewed in the market on September 1, 2016", DAY),
        ("Thu Sep 01 12:30:05 +0000 2016", NOON),
        ("Thu Sep 01 05:30:05 -0700 2016", NOON),
        ("Thu, 01 Sep 2016 12:30:05 GMT", NOON),
        ("September 1, 2016 at 12:30:05 PM", NOON),
        ("9/1/2016 12:30:05 PM", NOON),
        ("9/1/16", DAY),
        ("yesterday", None),
        ("2016-13-45", None),
        ("2016-09-01 and so on", None),
        ("31/31/2016", None),
        ("12", None),
        ("9999-01-01", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_read(value: str | None, expected: datetime | None) -> None:
    assert parse_times([value]).times == [expected]


def test_the_unreadable_are_counted_and_the_missing_not() -> None:
    parsed = parse_times(["2016-09-01", "", "NA", None, "soon", "soon", "0"])
    assert (parsed.unreadable, parsed.example) == (2, "soon")


def test_one_day_above_twelve_settles_the_whole_column() -> None:
    days = parse_times(["01/09/2016", "25/12/2016"])
    assert days.times == [DAY, datetime(2016, 12, 25)]
    months = parse_times(["09/01/2016", "12/25/2016"])
    assert months.times == [DAY, datetime(2016, 12, 25)]
    assert days.notes == months.notes == []


def test_a_column_that_settles_nothing_says_how_it_is_read() -> None:
    parsed = parse_times(["09/01/2016", "10/02/2016"])
    assert parsed.times[0] == DAY
    assert "do not show whether day or month comes first" in parsed.notes[0]
    assert parse_times(["01.09.2016"]).times == [DAY]


def test_a_mixed_column_follows_the_majority_and_says_so() -> None:
    parsed = parse_times(["25/12/2016", "26/12/2016", "12/27/2016", "01/09/2016"])
    assert parsed.times[2:] == [datetime(2016, 12, 27), DAY]
    assert "day first 2, month first 1 times" in parsed.notes[0]
