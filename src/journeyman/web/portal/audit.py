"""The area of the audit log: who did what to which object, and whether the log is as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.audit_reading import AuditReading, Verified
from journeyman.management.caller import Right
from journeyman.storage.audit import AuditFilter
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit

_PATH = "/portal/audit"


@dataclass(frozen=True, slots=True)
class AuditPages:
    """The pages of the audit log."""

    reading: AuditReading

    async def index(self, visit: Visit) -> Response:
        """List entries."""
        return await self._list(visit)

    async def verify(self, visit: Visit) -> Response:
        """Check the chain and say what was found."""
        return await self._list(visit, await self.reading.verify(visit.caller))

    async def _list(self, visit: Visit, verified: Verified | None = None) -> Response:
        asked = {name: visit.query(name) for name in ("activity", "actor", "target", "since", "until")}
        errors = {
            name: "write a time like 2027-01-31T12:00, in UTC" for name in ("since", "until") if _wrong(asked[name])
        }
        wanted = AuditFilter(
            asked["activity"], asked["actor"], asked["target"], _moment(asked["since"]), _moment(asked["until"])
        )
        before = visit.query("before")
        page = await self.reading.page(visit.caller, wanted, before=_number(before))
        kept = {name: text for name, text in asked.items() if text}
        return await visit.page(
            "audit.html",
            "Audit log",
            status=400 if errors else 200,
            entries=page.entries,
            asked=asked,
            filtered=bool(kept),
            errors=errors,
            first=f"{_PATH}?{urlencode(kept)}" if before else "",
            next=f"{_PATH}?{urlencode({**kept, 'before': page.next_before})}" if page.next_before else "",
            verified=verified,
        )


def audit_area(engine: Engine) -> Area:
    """Return the area of the audit log."""
    pages = AuditPages(AuditReading(engine.audit, engine.tenant.id))
    return Area(
        "audit",
        "Audit log",
        Group.WATCH,
        (Page(_PATH, pages.index, Right.READ_AUDIT), Page(_PATH, pages.verify, Right.READ_AUDIT, "POST")),
    )


def _moment(text: str) -> datetime | None:
    """Return a time that was typed in; None when there is none, or it cannot be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _wrong(text: str) -> bool:
    return bool(text) and _moment(text) is None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
