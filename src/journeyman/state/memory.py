"""The state store in the memory of one process: for tests and for ``journeyman call``.

No method waits in the middle, so every one of them is one step for the tasks of an event loop.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from journeyman.clock import Clock
from journeyman.state.addresses import id_hash
from journeyman.state.store import Kind, Stored


@dataclass(frozen=True, slots=True)
class _Item:
    """A value, or a counter, which has a number in place of a value."""

    value: bytes
    version: int
    expires_at: datetime


class MemoryStateStore:
    """Keep values in a dictionary, under the hashes of their ids."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: dict[bytes, _Item] = {}

    async def put(self, kind: Kind, id: str, value: bytes, *, expires_at: datetime) -> None:
        """Write a value, new or over an old one."""
        place = id_hash(kind, id)
        old = self._items.get(place)
        version = old.version + 1 if old else secrets.randbits(48)
        self._items[place] = _Item(bytes(value), version, expires_at)

    async def get(self, kind: Kind, id: str) -> Stored | None:
        """Read a value."""
        item = self._live(id_hash(kind, id))
        return Stored(item.value, item.version) if item else None

    async def replace(self, kind: Kind, id: str, value: bytes, *, version: int, expires_at: datetime) -> bool:
        """Write over the value only if it is still of ``version``; say whether it was."""
        place = id_hash(kind, id)
        item = self._live(place)
        if item is None or item.version != version:
            return False
        self._items[place] = _Item(bytes(value), version + 1, expires_at)
        return True

    async def take(self, kind: Kind, id: str) -> bytes | None:
        """Read and delete in one step: of any number of callers only one gets the value."""
        place = id_hash(kind, id)
        item = self._live(place)
        self._items.pop(place, None)
        return item.value if item else None

    async def delete(self, kind: Kind, id: str) -> None:
        """Delete a value, if it is there."""
        self._items.pop(id_hash(kind, id), None)

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter, made on first use to live until ``expires_at``; return its new value."""
        place = b"count" + id_hash(Kind.COUNTER, id)
        item = self._live(place)
        number = item.version + 1 if item else 1
        self._items[place] = _Item(b"", number, item.expires_at if item else expires_at)
        return number

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        self._items.pop(b"count" + id_hash(Kind.COUNTER, id), None)

    async def purge(self, *, limit: int = 1000) -> int:
        """Delete expired values and counters, at most ``limit``; return how many."""
        now = self._clock.now()
        expired = [place for place, item in self._items.items() if item.expires_at <= now][:limit]
        for place in expired:
            del self._items[place]
        return len(expired)

    def _live(self, place: bytes) -> _Item | None:
        item = self._items.get(place)
        return item if item and item.expires_at > self._clock.now() else None
