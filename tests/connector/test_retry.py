from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from journeyman.connector.retry import wait_after_answer_s, wait_after_failure_s


@dataclass
class Noon:
    def now(self):
        return datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def monotonic_s(self):
        return 0.0


NOON = Noon()


def test_the_wait_after_a_failure_is_random_and_short():
    waits = {wait_after_failure_s(10.0) for _ in range(100)}

    assert len(waits) > 90
    assert 0.05 <= min(waits) <= max(waits) <= 0.25


@pytest.mark.parametrize("remaining_s", [0.0, -1.0])
def test_a_time_limit_that_was_used_up_needs_no_wait(remaining_s):
    assert wait_after_failure_s(remaining_s) == 0.0


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 409, 500, 501, 505])
def test_an_answer_of_another_status_stands(status):
    assert wait_after_answer_s(status, "0", 10.0, NOON) is None


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_busy_answer_without_retry_after_is_asked_for_again_shortly(status):
    found_s = wait_after_answer_s(status, None, 10.0, NOON)

    assert found_s is not None
    assert 0.05 <= found_s <= 0.25


@pytest.mark.parametrize(
    ("retry_after", "at_least_s", "at_most_s"),
    [
        ("0", 0.05, 0.25),
        (" 3 ", 3.05, 3.25),
        ("10", 10.0, 10.0),
        ("Sat, 31 Jan 2026 12:00:03 GMT", 3.05, 3.25),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0.05, 0.25),
        ("Sat, 31 Jan 2026 13:00:03 +0100", 3.05, 3.25),
    ],
)
def test_retry_after_is_waited_for_when_it_fits(retry_after, at_least_s, at_most_s):
    found_s = wait_after_answer_s(429, retry_after, 10.0, NOON)

    assert found_s is not None
    assert at_least_s <= found_s <= at_most_s


@pytest.mark.parametrize(
    "retry_after", [None, "", "11", "9999999", "soon", "-1", "1.5", "Sat, 31 Jan 2026 12:01:00 GMT", "Sat, 99 Jan 2026"]
)
def test_too_many_requests_stands_when_retry_after_is_missing_too_long_or_nonsense(retry_after):
    assert wait_after_answer_s(429, retry_after, 10.0, NOON) is None
