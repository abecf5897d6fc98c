"""Counters of sign-in attempts: an account's id in, how often it was tried out."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final, Protocol

from journeyman.clock import Clock
from journeyman.database import Database, integer, to_milliseconds

_COUNT: Final = """
    INSERT INTO counters (id_hash, value, expires_at) VALUES (?, 1, ?)
    ON CONFLICT (id_hash) DO UPDATE SET
        value = CASE WHEN counters.expires_at <= ? THEN 1 ELSE counters.value + 1 END,
        expires_at = CASE WHEN counters.expires_at <= ? THEN excluded.expires_at ELSE counters.expires_at END
    RETURNING value
"""
_CLEAR: Final = "DELETE FROM counters WHERE id_hash = ?"


class AttemptCounter(Protocol):
    """Count attempts; what one node counts, all nodes see."""

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter, made on first use to live until ``expires_at``; return its new value."""
        ...

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        ...


class DatabaseAttempts:
    """Count attempts in the table ``counters``, from which the state store removes what has expired."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter, made on first use to live until ``expires_at``; return its new value."""
        now = to_milliseconds(self._clock.now())
        row = await self._database.fetch_one(_COUNT, (_address(id), to_milliseconds(expires_at), now, now))
        return integer(row[0] if row else None)

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        await self._database.execute(_CLEAR, (_address(id),))


def _address(id: str) -> bytes:
    return hashlib.sha256(f"directory attempts\0{id}".encode()).digest()
