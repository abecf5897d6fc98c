"""The state store in the SQL database: one statement, so one write, per call."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from journeyman.clock import Clock
from journeyman.database import Database, Value, blob, integer, to_milliseconds
from journeyman.secret import Sealer
from journeyman.state.addresses import id_hash, seal_context
from journeyman.state.store import Kind, Stored

_PUT: Final = """
    INSERT INTO state (kind, id_hash, value, version, expires_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (kind, id_hash) DO UPDATE
    SET value = excluded.value, version = state.version + 1, expires_at = excluded.expires_at
"""
_GET: Final = "SELECT value, version FROM state WHERE kind = ? AND id_hash = ? AND expires_at > ?"
_REPLACE: Final = """
    UPDATE state SET value = ?, version = version + 1, expires_at = ?
    WHERE kind = ? AND id_hash = ? AND version = ? AND expires_at > ?
"""
_TAKE: Final = "DELETE FROM state WHERE kind = ? AND id_hash = ? RETURNING value, expires_at"
_DELETE: Final = "DELETE FROM state WHERE kind = ? AND id_hash = ?"
_COUNT: Final = """
    INSERT INTO counters (id_hash, value, expires_at) VALUES (?, 1, ?)
    ON CONFLICT (id_hash) DO UPDATE SET
        value = CASE WHEN counters.expires_at <= ? THEN 1 ELSE counters.value + 1 END,
        expires_at = CASE WHEN counters.expires_at <= ? THEN excluded.expires_at ELSE counters.expires_at END
    RETURNING value
"""
_CLEAR: Final = "DELETE FROM counters WHERE id_hash = ?"
_PURGE_STATE: Final = """
    DELETE FROM state WHERE (kind, id_hash) IN (SELECT kind, id_hash FROM state WHERE expires_at <= ? LIMIT ?)
"""
_PURGE_COUNTERS: Final = """
    DELETE FROM counters WHERE id_hash IN (SELECT id_hash FROM counters WHERE expires_at <= ? LIMIT ?)
"""


class SqlStateStore:
    """Keep sealed values in the tables ``state`` and ``counters``.

    Methods raise StorageError when the database cannot, and SealError when a stored value was
    damaged, moved or sealed under another master key.
    """

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def put(self, kind: Kind, id: str, value: bytes, *, expires_at: datetime) -> None:
        """Write a value, new or over an old one."""
        hashed = id_hash(kind, id)
        # Versions start anywhere, so that one read before a delete does not fit a value put after it.
        version = secrets.randbits(48)
        sealed = self._seal(kind, hashed, value)
        await self._database.execute(_PUT, (kind.value, hashed, sealed, version, to_milliseconds(expires_at)))

    async def get(self, kind: Kind, id: str) -> Stored | None:
        """Read a value."""
        hashed = id_hash(kind, id)
        row = await self._database.fetch_one(_GET, (kind.value, hashed, self._now_ms()))
        return Stored(self._open(kind, hashed, row[0]), integer(row[1])) if row else None

    async def replace(self, kind: Kind, id: str, value: bytes, *, version: int, expires_at: datetime) -> bool:
        """Write over the value only if it is still of ``version``; say whether it was."""
        hashed = id_hash(kind, id)
        sealed = self._seal(kind, hashed, value)
        place = (kind.value, hashed, version, self._now_ms())
        return await self._database.execute(_REPLACE, (sealed, to_milliseconds(expires_at), *place)) == 1

    async def take(self, kind: Kind, id: str) -> bytes | None:
        """Read and delete in one step: of any number of callers only one gets the value."""
        hashed = id_hash(kind, id)
        row = await self._database.fetch_one(_TAKE, (kind.value, hashed))
        if row is None or integer(row[1]) <= self._now_ms():
            return None
        return self._open(kind, hashed, row[0])

    async def delete(self, kind: Kind, id: str) -> None:
        """Delete a value, if it is there."""
        await self._database.execute(_DELETE, (kind.value, id_hash(kind, id)))

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter, made on first use to live until ``expires_at``; return its new value."""
        now_ms = self._now_ms()
        place = id_hash(Kind.COUNTER, id)
        row = await self._database.fetch_one(_COUNT, (place, to_milliseconds(expires_at), now_ms, now_ms))
        return integer(row[0] if row else None)

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        await self._database.execute(_CLEAR, (id_hash(Kind.COUNTER, id),))

    async def purge(self, *, limit: int = 1000) -> int:
        """Delete expired values and counters, at most ``limit``; return how many."""
        now_ms = self._now_ms()
        values = await self._database.execute(_PURGE_STATE, (now_ms, limit))
        return values + await self._database.execute(_PURGE_COUNTERS, (now_ms, limit - values))

    def _now_ms(self) -> int:
        return to_milliseconds(self._clock.now())

    def _seal(self, kind: Kind, hashed: bytes, value: bytes) -> bytes:
        return self._sealer.seal(value, context=seal_context(kind, hashed))

    def _open(self, kind: Kind, hashed: bytes, sealed: Value) -> bytes:
        return self._sealer.open(blob(sealed), context=seal_context(kind, hashed))
