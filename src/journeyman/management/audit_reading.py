"""The audit log as administrators read it: a caller and a filter in, entries out, and whether the chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.errors import AuditBrokenError
from journeyman.management.caller import Caller, Right
from journeyman.storage.audit import AuditEntry, AuditFilter, AuditLog

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, the newest first, and the number before which the next page begins; None on the last one."""

    entries: tuple[AuditEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain has found: how many entries, the hash of the last, and what is wrong, "" for nothing."""

    entries: int
    head: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AuditReading:
    """The audit log of one tenant; the chain runs over all tenants."""

    log: AuditLog
    tenant_id: str

    async def page(self, caller: Caller, wanted: AuditFilter, *, before: int | None = None) -> AuditPage:
        """Return the last entries that fulfil a filter."""
        caller.require(Right.READ_AUDIT)
        found = await self.log.find(wanted, tenant=self.tenant_id, before=before, limit=PAGE + 1)
        more = len(found) > PAGE
        return AuditPage(found[:PAGE], found[PAGE - 1].sequence if more else None)

    async def verify(self, caller: Caller) -> Verified:
        """Check every entry of the chain."""
        caller.require(Right.READ_AUDIT)
        try:
            number = await self.log.verify()
        except AuditBrokenError as error:
            return Verified(0, "", str(error))
        _, head = await self.log.head()
        return Verified(number, head)
