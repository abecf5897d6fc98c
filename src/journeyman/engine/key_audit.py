"""Policy keys in the audit trail: who changed them, in the transaction of the change, and which key signed.

A signature is not an entry of its own: a busy engine signs thousands a minute, and the chain is written one
entry after the other. For each version of a key an entry says how many answers it signed since the last
one: the first is written within a second of the first use, the others once a minute. That is this
project's decision.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from journeyman.clock import Clock
from journeyman.database import Statement
from journeyman.errors import StorageError
from journeyman.keys.store import KeyEvent
from journeyman.storage.audit import AuditEvent, AuditLog

SIGNED: Final = "Sign with policy key"
INTERVAL_S: Final = 60.0

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyAuditTrail:
    """Entries of key changes; ``actor`` is who makes them."""

    log: AuditLog
    actor: str

    def by(self, actor: str) -> KeyAuditTrail:
        """Return the trail of changes that somebody else makes."""
        return replace(self, actor=actor)

    async def statements(self, events: Sequence[KeyEvent], *, tenant: str) -> Sequence[Statement]:
        """Return the statements that add the entries."""
        entries = [AuditEvent(event.activity, self.actor, event.target, event.detail) for event in events]
        return await self.log.statements(entries, tenant=tenant)


@dataclass(frozen=True, slots=True)
class _Count:
    """Answers that one version of a key has signed since its last entry; ``written_s`` is when that was written."""

    number: int = 0
    since: datetime | None = None
    written_s: float | None = None


@dataclass(slots=True)
class SigningAudit:
    """Count what is signed and write the entries; ``flush`` is called every second."""

    log: AuditLog
    tenant: str
    clock: Clock
    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)

    def note(self, set_id: str, kid: str) -> None:
        """Count one answer whose tokens are signed with a version of a key."""
        place = set_id, kid
        count = self._counts.get(place, _Count())
        self._counts[place] = replace(count, number=count.number + 1, since=count.since or self.clock.now())

    async def flush(self, *, all: bool = False) -> None:
        """Write the entries that are due, or all. Raises StorageError; what was not written is kept."""
        now_s = self.clock.monotonic_s()
        due = {place: count for place, count in self._counts.items() if count.number and (all or _due(count, now_s))}
        if not due:
            return
        self._counts |= {place: _Count(written_s=now_s) for place in due}
        try:
            await self.log.append_all([_event(*place, count) for place, count in due.items()], tenant=self.tenant)
        except StorageError:
            for place, count in due.items():
                newer = self._counts[place]
                self._counts[place] = replace(count, number=count.number + newer.number)
            raise

    async def close(self) -> None:
        """Write what is left; a store that fails at the end is only logged, because nobody is left to wait for it."""
        try:
            await self.flush(all=True)
        except StorageError as error:
            lost = sum(count.number for count in self._counts.values())
            _LOG.error("the signatures of %d answers are not in the audit trail: %s", lost, error)


def _due(count: _Count, now_s: float) -> bool:
    return count.written_s is None or now_s - count.written_s >= INTERVAL_S


def _event(set_id: str, kid: str, count: _Count) -> AuditEvent:
    since = f"{count.since:%Y-%m-%dT%H:%M:%SZ}" if count.since else ""
    return AuditEvent(SIGNED, "engine", set_id, {"kid": kid, "answers": str(count.number), "since": since})
