"""The audit log: who did what to which object, in a chain that shows a later change.

Each entry carries an HMAC-SHA256 over the entry and the HMAC of the one before. Someone who can
write to the database but does not know the key cannot change, insert or remove an entry in the
middle unseen. Entries cut off at the end leave no trace in the chain; only a copy kept elsewhere
of the last hash shows that.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from journeyman.clock import Clock
from journeyman.database import Database, Row, Value, blob, from_milliseconds, integer, text, to_milliseconds
from journeyman.errors import ConflictError, StorageError

_NO_HASH: Final = bytes(32)
_TRIES: Final = 100
_PAGE: Final = 500
_LAST: Final = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"
_INSERT: Final = """
    INSERT INTO audit (sequence, tenant, at, activity, actor, target, detail, previous_hash, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What is to be written: the activity, who did it, to what; ``detail`` holds no secrets and no claims."""

    activity: str
    actor: str
    target: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done. ``sequence`` counts from 1 without gaps, over all tenants."""

    sequence: int
    tenant: str
    at: datetime
    activity: str
    actor: str
    target: str
    detail: Mapping[str, str]


class AuditLog:
    """Append entries and check the chain; ``key`` is at least 32 bytes and stays outside the database."""

    def __init__(self, database: Database, clock: Clock, *, key: bytes) -> None:
        if len(key) < 32:
            message = "the key of the audit log has fewer than 32 bytes"
            raise ValueError(message)
        self._database = database
        self._clock = clock
        self._key = key
        self._turn = asyncio.Lock()

    async def append(
        self, activity: str, actor: str, target: str, detail: Mapping[str, str] | None = None, *, tenant: str
    ) -> AuditEntry:
        """Add an entry at the end of the chain; ``detail`` holds no secrets.

        Raises:
            StorageError: it could not be written.
        """
        (entry,) = await self.append_all([AuditEvent(activity, actor, target, detail or {})], tenant=tenant)
        return entry

    async def append_all(self, events: Sequence[AuditEvent], *, tenant: str) -> tuple[AuditEntry, ...]:
        """Add entries at the end of the chain, in one transaction: all of them or none.

        Raises:
            StorageError: they could not be written.
        """
        at = to_milliseconds(self._clock.now())
        # Within the process writers queue up here; the numbers can only be taken by another process.
        async with self._turn:
            for _ in range(_TRIES):
                last = await self._database.fetch_one(_LAST)
                sequence, previous = (integer(last[0]), blob(last[1])) if last else (0, _NO_HASH)
                rows = self._chained(events, tenant, at, sequence, previous)
                try:
                    await self._database.execute_many([(_INSERT, row) for row in rows])
                except ConflictError:
                    continue
                return tuple(_entry(row[:7]) for row in rows)
        raise StorageError("the audit log is written to by too many at once; the entry was not added")

    def _chained(
        self, events: Sequence[AuditEvent], tenant: str, at: int, sequence: int, previous: bytes
    ) -> list[tuple[Value, ...]]:
        rows: list[tuple[Value, ...]] = []
        for number, event in enumerate(events, sequence + 1):
            members = json.dumps(dict(event.detail), sort_keys=True)
            fields = (number, tenant, at, event.activity, event.actor, event.target, members)
            following = self._hash(previous, *fields)
            rows.append((*fields, previous, following))
            previous = following
        return rows

    async def list(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return the last entries, newest first."""
        rows = await self._database.fetch_all(
            "SELECT sequence, tenant, at, activity, actor, target, detail FROM audit ORDER BY sequence DESC LIMIT ?",
            (limit,),
        )
        return tuple(_entry(row) for row in rows)

    async def verify(self) -> int:
        """Check the whole chain and return the number of its entries.

        Raises:
            StorageError: an entry was changed, inserted, moved or removed; the text names the first such place.
        """
        count, previous = 0, _NO_HASH
        while rows := await self._database.fetch_all(
            "SELECT sequence, tenant, at, activity, actor, target, detail, previous_hash, hash FROM audit "
            "WHERE sequence > ? ORDER BY sequence LIMIT ?",
            (count, _PAGE),
        ):
            for row in rows:
                count += 1
                if row[0] != count:
                    raise StorageError(f"the audit log is broken: entry {count} is missing")
                expected = self._hash(previous, *row[:7])
                if not (hmac.compare_digest(blob(row[7]), previous) and hmac.compare_digest(blob(row[8]), expected)):
                    raise StorageError(f"the audit log is broken: entry {count} is not what was written")
                previous = expected
        return count

    def _hash(self, previous: bytes, *fields: object) -> bytes:
        return hmac.digest(self._key, previous + json.dumps(fields).encode(), hashlib.sha256)


def _entry(row: Row) -> AuditEntry:
    sequence, tenant, at, activity, actor, target, detail = row
    return AuditEntry(
        sequence=integer(sequence),
        tenant=text(tenant),
        at=from_milliseconds(integer(at)),
        activity=text(activity),
        actor=text(actor),
        target=text(target),
        detail=json.loads(text(detail)),
    )
