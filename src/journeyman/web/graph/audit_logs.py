"""``/auditLogs/directoryAudits``: who did what, newest first. Source: graph-api.md §2; the names are those of the real graph."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.user_members import moment
from journeyman.storage.audit import AuditEntry
from journeyman.web.graph import schema
from journeyman.web.graph.answers import Entity, listed
from journeyman.web.graph.conditional import chosen
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute

LAST: Final = 5_000
"""How many entries can be reached here; ``journeyman audit`` reads all of them."""

_AUDIT: Final = schema.entity(
    ("id", "activityDisplayName", "activityDateTime"),
    id=schema.TEXT,
    activityDisplayName=schema.TEXT,
    activityDateTime=schema.MOMENT,
)


def audit_log_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the route of the audit log."""

    async def entries(request: GraphRequest) -> Response:
        request.caller.require(Right.READ_AUDIT)
        found = [_json(one) for one in await engine.audit.list(LAST) if one.tenant == engine.tenant.id]
        return listed(request, chosen(request, found), "auditLogs/directoryAudits")

    return (
        GraphRoute(
            "GET",
            "auditLogs/directoryAudits",
            Right.READ_AUDIT,
            entries,
            "List what was done, newest first",
            gives={200: schema.collection(_AUDIT)},
            options=("$filter", "$top", "$skip", "$count"),
        ),
    )


def _json(entry: AuditEntry) -> Entity:
    return {
        "id": str(entry.sequence),
        "activityDateTime": moment(entry.at),
        "activityDisplayName": entry.activity,
        "initiatedBy": {"app": {"displayName": entry.actor}, "user": None},
        "result": "success",
        "targetResources": [{"id": entry.target, "displayName": entry.target}],
        "additionalDetails": [{"key": name, "value": value} for name, value in entry.detail.items()],
    }
