"""How often something may happen: a key and the time in, leave or the seconds to wait out.

Counted in the process by the generic cell rate algorithm: a key may use the allowance of a minute at once, and gets it
back evenly. Several nodes allow as much each.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from journeyman.clock import Clock

WINDOW_S: Final = 60.0
MAX_KEYS: Final = 20_000
"""The keys that are kept; those that were idle for longest are forgotten first."""


class Throttle:
    """Allow ``per_minute`` events of one key in a minute."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._interval_s = WINDOW_S / per_minute
        self._used_until: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> int:
        """Count one event and return 0; when there is no allowance count nothing and return the seconds to wait."""
        wait_s = self.wait_s(key)
        if wait_s == 0:
            self.note(key)
        return wait_s

    def wait_s(self, key: str) -> int:
        """Return after how many whole seconds the next event is allowed, 0 for now."""
        ahead_s = self._used_until.get(key, 0.0) + self._interval_s - self._clock.monotonic_s() - WINDOW_S
        # The last event of an allowance may miss it by the rounding of floating point.
        return 0 if ahead_s <= self._interval_s / 1000 else max(1, math.ceil(ahead_s))

    def note(self, key: str) -> None:
        """Count one event."""
        used_until = max(self._used_until.pop(key, 0.0), self._clock.monotonic_s())
        self._used_until[key] = used_until + self._interval_s
        if len(self._used_until) > MAX_KEYS:
            self._used_until.popitem(last=False)
