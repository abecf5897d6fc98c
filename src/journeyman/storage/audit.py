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
from journeyman.database import Database, Row, Statement, Value, blob, from_milliseconds, integer, text, to_milliseconds
from journeyman.errors import AuditBrokenError, ConflictError, StorageError

_NO_HASH: Final = bytes(32)
_TRIES: Final = 100
_PAGE: Final = 500
_LAST: Final = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"
_INSERT: Final = """
    INSERT INTO audit (sequence, tenant, at, activity, actor, target, detail, previous_hash, hash)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?
"""
_BEFORE_THE_FIRST: Final = "SELECT sequence FROM audit WHERE sequence < 1 ORDER BY sequence LIMIT 1"
_ROWS: Final = (
    "SELECT sequence, tenant, at, activity, actor, target, detail, previous_hash, hash FROM audit "
    "WHERE sequence > ? ORDER BY sequence LIMIT ?"
)

_FIND: Final = (
    "SELECT sequence, tenant, at, activity, actor, target, detail FROM audit "
    "WHERE tenant = ? AND (? IS NULL OR sequence < ?) AND lower(activity) LIKE ? ESCAPE '!' "
    "AND lower(actor) LIKE ? ESCAPE '!' AND lower(target) LIKE ? ESCAPE '!' "
    "AND (? IS NULL OR at >= ?) AND (? IS NULL OR at < ?) ORDER BY sequence DESC LIMIT ?"
)


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


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are looked for: texts are found anywhere in a field, whatever their case; "" finds all."""

    activity: str = ""
    actor: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


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
        # Within the process writers queue up here; the numbers can only be taken by another process.
        async with self._turn:
            for _ in range(_TRIES):
                statements = await self.statements(events, tenant=tenant)
                try:
                    await self._database.execute_many(statements)
                except ConflictError:
                    continue
                return tuple(_entry(row[:7]) for _, row in statements)
        raise StorageError("the audit log is written to by too many at once; the entry was not added")

    async def statements(self, events: Sequence[AuditEvent], *, tenant: str) -> list[Statement]:
        """Return the statements that add entries, to be run in one transaction with what they tell of.

        Somebody else may write first; the transaction then ends in a ConflictError, and both are to be made
        again. The statements are ``INSERT … SELECT`` without a condition, so that the caller can add one.
        """
        last = await self._database.fetch_one(_LAST)
        sequence, previous = (integer(last[0]), blob(last[1])) if last else (0, _NO_HASH)
        rows = self._chained(events, tenant, to_milliseconds(self._clock.now()), sequence, previous)
        return [(_INSERT, row) for row in rows]

    async def head(self) -> tuple[int, str]:
        """Return the number and the hash, in hexadecimal, of the last entry; kept elsewhere it shows a log cut short."""
        last = await self._database.fetch_one(_LAST)
        if last is None:
            return 0, _NO_HASH.hex()
        return integer(last[0]), _hex(last[1])

    async def refuse_other_head(self, sequence: int, hash: str) -> None:
        """Raise AuditBrokenError unless entry ``sequence`` is there and has this hash, as ``head`` gave it once."""
        row = await self._database.fetch_one("SELECT hash FROM audit WHERE sequence = ?", (sequence,))
        if row is None:
            raise AuditBrokenError(f"the audit log is broken: entry {sequence} is missing", sequence=sequence)
        if not hmac.compare_digest(_hex(row[0]), hash.lower()):
            detail = f"the audit log is broken: entry {sequence} is not the one whose hash was kept"
            raise AuditBrokenError(detail, sequence=sequence)

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

    async def list(self, limit: int = 100, *, target: str | None = None) -> tuple[AuditEntry, ...]:
        """Return the last entries, of one target or of all, newest first."""
        rows = await self._database.fetch_all(
            "SELECT sequence, tenant, at, activity, actor, target, detail FROM audit "
            "WHERE ? IS NULL OR lower(target) = lower(?) ORDER BY sequence DESC LIMIT ?",
            (target, target, limit),
        )
        return tuple(_entry(row) for row in rows)

    async def find(
        self, wanted: AuditFilter, *, tenant: str, before: int | None = None, limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """Return the last entries of a tenant that fulfil a filter, newest first; ``before`` is the number of the last one seen."""
        rows = await self._database.fetch_all(
            _FIND,
            (
                tenant,
                before,
                before,
                _contains(wanted.activity),
                _contains(wanted.actor),
                _contains(wanted.target),
                _milliseconds(wanted.since),
                _milliseconds(wanted.since),
                _milliseconds(wanted.until),
                _milliseconds(wanted.until),
                limit,
            ),
        )
        return tuple(_entry(row) for row in rows)

    async def verify(self) -> int:
        """Check the whole chain and return the number of its entries.

        Raises:
            AuditBrokenError: an entry was changed, inserted, moved or removed; names the first such place.
        """
        if (odd := await self._database.fetch_one(_BEFORE_THE_FIRST)) is not None:
            raise AuditBrokenError(f"the audit log is broken: entry {odd[0]!r} was never written", sequence=0)
        count, previous = 0, _NO_HASH
        while rows := await self._database.fetch_all(_ROWS, (count, _PAGE)):
            for row in rows:
                count += 1
                if row[0] != count:
                    raise AuditBrokenError(f"the audit log is broken: entry {count} is missing", sequence=count)
                previous = self._checked(row, previous)
        return count

    def _checked(self, row: Row, previous: bytes) -> bytes:
        """Return the hash of an entry that follows on ``previous``."""
        fields, (before, stored) = row[:7], row[7:]
        # A text or a number that was made bytes cannot be hashed.
        expected = b"" if any(isinstance(value, bytes) for value in fields) else self._hash(previous, *fields)
        if not (_same(before, previous) and _same(stored, expected)):
            detail = f"the audit log is broken: entry {row[0]!r} is not what was written"
            raise AuditBrokenError(detail, sequence=integer(row[0]))
        return expected

    def _hash(self, previous: bytes, *fields: object) -> bytes:
        return hmac.digest(self._key, previous + json.dumps(fields).encode(), hashlib.sha256)


def _contains(text: str) -> str:
    plain = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{plain}%"


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else to_milliseconds(at)


def _same(stored: Value, expected: bytes) -> bool:
    return isinstance(stored, bytes) and hmac.compare_digest(stored, expected)


def _hex(stored: Value) -> str:
    # What is no hash is reported by ``verify``, with its place.
    return stored.hex() if isinstance(stored, bytes) else ""


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
