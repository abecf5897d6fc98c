from __future__ import annotations

import pytest

from journeyman_guard import FailureLimit, MisconfiguredError
from journeyman_guard.failure_limit import _MAX_SOURCES


def fail(limit, source, times):
    for _ in range(times):
        limit.note(source)


def test_too_many_failures_close_the_door_and_time_opens_it(clock):
    limit = FailureLimit(6, clock)
    fail(limit, "a", 6)

    assert limit.wait_s("a") == 10
    clock.advance(9.9)
    assert limit.wait_s("a") == 1
    clock.advance(0.2)
    assert limit.wait_s("a") == 0


def test_fewer_failures_and_other_sources_are_heard(clock):
    limit = FailureLimit(6, clock)
    fail(limit, "a", 5)
    fail(limit, "b", 60)

    assert (limit.wait_s("a"), limit.wait_s("c")) == (0, 0)
    assert limit.wait_s("b") == 10


def test_zero_turns_the_limit_off(clock):
    limit = FailureLimit(0, clock)
    fail(limit, "a", 1000)

    assert limit.wait_s("a") == 0


def test_an_ipv6_customer_is_one_source_and_a_mapped_address_is_its_ipv4(clock):
    limit = FailureLimit(2, clock)
    fail(limit, "2001:db8:0:1::1", 1)
    fail(limit, "2001:db8:0:1::2", 1)
    fail(limit, "::ffff:10.0.0.1", 2)
    fail(limit, "a:b", 2)

    assert limit.wait_s("2001:db8:0:1:ffff::9") > 0
    assert limit.wait_s("2001:db8:0:2::1") == 0
    assert (limit.wait_s("10.0.0.1"), limit.wait_s("a:b")) == (30, 30)


def test_the_memory_is_bounded(clock):
    limit = FailureLimit(1, clock)
    for number in range(_MAX_SOURCES + 5):
        limit.note(f"s{number}")

    assert (limit.wait_s("s4"), limit.wait_s("s5")) == (0, 60)


def test_a_limit_is_not_negative():
    with pytest.raises(MisconfiguredError, match="0 or more"):
        FailureLimit(-1)
