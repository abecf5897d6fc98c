from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.state.throttle import MAX_KEYS, Throttle


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at_s = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, UTC)

    def monotonic_s(self) -> float:
        return self.at_s


@pytest.fixture
def clock():
    return Hand()


@pytest.mark.parametrize("per_minute", [1, 3, 7, 60, 12_000])
def test_the_allowance_of_a_minute_may_be_used_at_once(clock, per_minute):
    throttle = Throttle(clock, per_minute)

    assert [throttle.take("a") for _ in range(per_minute)] == [0] * per_minute
    assert throttle.take("a") >= 1


def test_it_comes_back_evenly(clock):
    throttle = Throttle(clock, 6)
    for _ in range(6):
        throttle.take("a")
    first = throttle.take("a")
    clock.at_s += first

    assert first == 10
    assert [throttle.take("a"), throttle.take("a")] == [0, 10]


def test_who_waits_a_minute_has_everything_back_and_no_more(clock):
    throttle = Throttle(clock, 3)
    for _ in range(10):
        throttle.take("a")
    clock.at_s += 3600

    assert [throttle.take("a") == 0 for _ in range(5)] == [True, True, True, False, False]


def test_keys_do_not_see_each_other(clock):
    throttle = Throttle(clock, 1)
    throttle.take("a")

    assert (throttle.take("a") > 0, throttle.take("b")) == (True, 0)


def test_events_may_be_counted_apart_from_asking(clock):
    throttle = Throttle(clock, 2)
    before = [throttle.wait_s("a") for _ in range(5)]
    throttle.note("a")
    throttle.note("a")

    assert (before, throttle.wait_s("a")) == ([0] * 5, 30)


def test_the_keys_that_are_kept_are_bounded(clock):
    throttle = Throttle(clock, 1)
    for number in range(MAX_KEYS + 1):
        throttle.take(str(number))

    assert throttle.take("0") == 0
    assert throttle.take(str(MAX_KEYS)) > 0
