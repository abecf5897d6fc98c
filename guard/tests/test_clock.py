from __future__ import annotations

from datetime import UTC

from journeyman_guard.clock import SystemClock


def test_the_time_of_day_is_in_utc_and_the_other_clock_never_goes_back():
    clock = SystemClock()
    first = clock.monotonic_s()

    assert clock.now().tzinfo is UTC
    assert clock.monotonic_s() >= first
