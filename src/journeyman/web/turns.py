"""One after the other: requests that touch the same thing wait for each other within this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakValueDictionary


@dataclass(frozen=True, slots=True)
class Turns:
    """A lock for each name, forgotten once nobody holds it.

    It spares people a refusal when a page is sent twice; that nothing happens twice is ensured by the
    versions of the state store, across processes too.
    """

    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def of(self, name: str) -> asyncio.Lock:
        """Return the lock of a name: ``async with turns.of(name)``."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
