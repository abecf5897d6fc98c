"""The conversions of the contract module ``database``, beside the implementation that they serve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from journeyman.database import blob, from_milliseconds, integer, text, to_milliseconds
from journeyman.errors import StorageError


def test_times_are_whole_milliseconds_since_1970_rounded_down():
    assert to_milliseconds(datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=UTC)) == 1767323045678
    assert to_milliseconds(datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)) == -1
    assert to_milliseconds(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == 0
    assert from_milliseconds(1767323045678) == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_a_time_without_a_zone_is_a_type_error():
    with pytest.raises(TypeError):
        to_milliseconds(datetime(2026, 1, 2))  # noqa: DTZ001  the mistake under test


def test_a_column_of_the_right_type_is_returned():
    assert (integer(1), text("a"), blob(b"b")) == (1, "a", b"b")


@pytest.mark.parametrize(
    ("convert", "value", "words"),
    [
        (integer, "1", "a column holds str where an integer belongs"),
        (text, None, "a column holds NoneType where text belongs"),
        (blob, "x", "a column holds str where bytes belong"),
    ],
)
def test_a_column_of_another_type_is_a_storage_error(convert, value, words):
    with pytest.raises(StorageError, match=words):
        convert(value)
