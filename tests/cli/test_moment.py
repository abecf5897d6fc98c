from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.cli.moment import moment
from journeyman.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_utc(text, at):
    assert moment("--expire", text) == at


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "0001-01-01T00:00:00+23:59"])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(SettingsError, match="is not a time; write 2027-01-31 or 2027-01-31T12:00:00Z"):
        moment("--expire", text)
