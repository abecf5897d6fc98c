"""The area of journeys: the list, the timeline of one, and what their pages ask to stay current."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.responses import Response

from journeyman.management.caller import Right
from journeyman.trace.records import Entry, JourneySummary
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.timeline import head, timeline
from journeyman.web.portal.versions import version_of

LISTED: Final = 200
"""The number of journeys that the page lists."""

Names = Callable[[], Awaitable[Mapping[str, str]]]


class Journeys(Protocol):
    """The part of the trace store that the portal reads."""

    async def journeys(self, limit: int, *, before: str | None = None) -> Sequence[JourneySummary]:
        """Return the last journeys, newest first; ``before`` is the id of the last one already seen."""
        ...

    async def journey(self, journey_id: str) -> Sequence[Entry]:
        """Return what happened in a journey, in order; empty when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class JourneyPages:
    """The pages of journeys; ``names`` gives the applications, client id -> name."""

    trace: Journeys
    names: Names

    async def index(self, visit: Visit) -> Response:
        """List the journeys."""
        before = visit.query("before")
        found = await self.trace.journeys(LISTED + 1, before=before or None)
        summaries = found[:LISTED]
        return await visit.page(
            "journeys.html",
            "Journeys",
            # New ones appear on the first page.
            poll="" if before else "/portal/api/journeys",
            version=version_of(summaries, LISTED),
            journeys=summaries,
            before=before,
            next_before=summaries[-1].journey_id if len(found) > LISTED else "",
            applications=await self.names(),
        )

    async def one(self, visit: Visit) -> Response:
        """Show the timeline of a journey."""
        entries = await self.trace.journey(visit.segment("journey_id"))
        if not entries:
            return await visit.not_found("This journey is not recorded, or not any more.")
        top = head(entries)
        return await visit.page(
            "journey.html",
            top.policy_id,
            poll=f"/portal/api/journeys/{entries[0].journey_id}",
            version=version_of(entries, LISTED),
            head=top,
            items=timeline(entries),
            applications=await self.names(),
        )

    async def index_json(self, visit: Visit) -> Response:
        """List the journeys for a script."""
        summaries = await self.trace.journeys(LISTED)
        listed = [_summary(summary) for summary in summaries]
        return visit.json({"version": version_of(summaries, LISTED), "journeys": listed})

    async def one_json(self, visit: Visit) -> Response:
        """Say whether a journey has gone on."""
        entries = await self.trace.journey(visit.segment("journey_id"))
        if not entries:
            return await visit.not_found()
        return visit.json({"version": version_of(entries, LISTED), "entries": len(entries)})


def journeys_area(trace: Journeys, names: Names) -> Area:
    """Return the area of journeys."""
    pages, read = JourneyPages(trace, names), Right.READ_JOURNEYS
    return Area(
        "journeys",
        "Journeys",
        Group.WATCH,
        (
            Page("/portal/journeys", pages.index, read),
            Page("/portal/journeys/{journey_id}", pages.one, read),
            Page("/portal/api/journeys", pages.index_json, read, by_script=True),
            Page("/portal/api/journeys/{journey_id}", pages.one_json, read, by_script=True),
        ),
    )


def _summary(summary: JourneySummary) -> dict[str, object]:
    return {
        "journey_id": summary.journey_id,
        "correlation_id": summary.correlation_id,
        "policy_id": summary.policy_id,
        "client_id": summary.client_id,
        "started_at": summary.started_at.isoformat(),
        "last_at": summary.last_at.isoformat(),
        "outcome": summary.outcome,
        "calls": summary.calls,
        "failed_calls": summary.failed_calls,
        "profiles": list(summary.profiles),
    }
