"""Failures per source: who has presented too many wrong credentials is not listened to for a while.

Each source has a bucket that fills again with time. The number of sources that are remembered is bounded; the one that failed
longest ago is forgotten first.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.errors import MisconfiguredError

PER_MINUTE: Final = 120
_MAX_SOURCES: Final = 10_000


@dataclass(slots=True)
class FailureLimit:
    """Count wrong credentials per source.

    Attributes:
        per_minute: so many at once, and so many again each minute; 0 turns the limit off.
    """

    per_minute: int = PER_MINUTE
    clock: Clock = field(default_factory=SystemClock)
    _failed: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.per_minute < 0:
            raise MisconfiguredError("the limit of failures per minute is 0 or more")

    def wait_s(self, source: str) -> int:
        """Return after how many seconds the source is listened to again; 0 is now."""
        if not self._failed:
            return 0
        key = _network(source)
        if key not in self._failed:
            return 0
        level = self._level(key)
        if level <= self.per_minute - 1:
            return 0
        return max(1, math.ceil((level - self.per_minute + 1) * 60 / self.per_minute))

    def note(self, source: str) -> None:
        """Count one wrong credential."""
        if not self.per_minute:
            return
        key = _network(source)
        with self._lock:
            level = min(self._level(key) + 1, float(self.per_minute))
            self._failed[key] = (level, self.clock.monotonic_s())
            self._failed.move_to_end(key)
            while len(self._failed) > _MAX_SOURCES:
                self._failed.popitem(last=False)

    def _level(self, key: str) -> float:
        level, at_s = self._failed.get(key, (0.0, 0.0))
        return max(0.0, level - (self.clock.monotonic_s() - at_s) * self.per_minute / 60)


def _network(source: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 that one IPv6 customer has."""
    if ":" not in source:
        return source
    try:
        address = ipaddress.IPv6Address(source)
    except ValueError:
        return source
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
