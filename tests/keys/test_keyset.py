from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from journeyman.errors import NoActiveKeyError
from journeyman.keys.keyset import Key, KeySet
from journeyman.secret import Secret

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def key(kid, sequence, **fields):
    return Key(kid, "oct", "sig", sequence, NOON, secret=Secret("hunter2"), **fields)


def active(*keys, now=NOON):
    return KeySet("B2C_1A_Test", keys).active(now).kid


def test_the_key_with_the_latest_activation_date_is_active():
    assert active(key("new", 1, not_before=NOON - HOUR), key("old", 2, not_before=NOON - 2 * HOUR)) == "new"


def test_a_key_takes_over_at_its_activation_date_and_not_before():
    keys = key("old", 1, not_before=NOON - HOUR), key("new", 2, not_before=NOON)

    assert active(*keys, now=NOON - timedelta(seconds=1)) == "old"
    assert active(*keys, now=NOON) == "new"


def test_a_key_ends_at_its_expiration_date_and_the_next_takes_over():
    keys = key("short", 1, not_before=NOON - HOUR, expires_at=NOON), key("long", 2, not_before=NOON - 2 * HOUR)

    assert active(*keys, now=NOON - timedelta(seconds=1)) == "short"
    assert active(*keys, now=NOON) == "long"


def test_an_undated_key_is_used_only_when_no_dated_key_qualifies():
    undated, dated = key("undated", 2), key("dated", 1, not_before=NOON)

    assert active(undated, dated) == "dated"
    assert active(undated, dated, now=NOON - HOUR) == "undated"


def test_of_keys_with_the_same_activation_date_the_one_added_last_is_active():
    assert active(key("b", 2, not_before=NOON), key("a", 1, not_before=NOON)) == "b"
    assert active(key("a", 1, not_before=NOON), key("b", 2, not_before=NOON)) == "b"


def test_of_undated_keys_the_one_added_last_is_active():
    assert active(key("b", 2), key("a", 1)) == "b"
    assert active(key("a", 1), key("b", 2)) == "b"


def test_a_disabled_key_is_not_used():
    assert active(key("new", 2, not_before=NOON, enabled=False), key("old", 1)) == "old"


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (key("expired", 1, expires_at=NOON),),
        (key("future", 1, not_before=NOON + HOUR),),
        (key("disabled", 1, enabled=False),),
    ],
)
def test_without_a_qualifying_key_there_is_none(keys):
    with pytest.raises(NoActiveKeyError, match="'B2C_1A_Test' has no active key"):
        KeySet("B2C_1A_Test", keys).active(NOON)


def test_future_keys_are_good_and_expired_or_disabled_ones_are_not():
    keys = (
        key("future", 1, not_before=NOON + HOUR),
        key("expired", 2, expires_at=NOON),
        key("disabled", 3, enabled=False),
    )

    assert [entry.kid for entry in KeySet("B2C_1A_Test", keys).good(NOON)] == ["future"]


def test_a_key_prints_neither_its_secret_nor_where_it_came_from():
    shown = repr(key("a", 1, origin="digest-of-the-file"))

    assert "hunter2" not in shown
    assert "digest-of-the-file" not in shown
