"""The first page of the portal: how the engine is, what failed, what ends, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.engine.expiry import Expiring
from journeyman.management.caller import Right
from journeyman.trace.latency import Latency, latency_report
from journeyman.trace.records import JourneySummary
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.key_view import bar
from journeyman.web.portal.versions import version_of

SHOWN: Final = 8
LOOKED_AT: Final = 200
"""The number of recorded journeys whose calls are counted."""

POLL_MS: Final = 5_000
"""How often the page asks: a busy engine always has something new, and the page counts calls."""

_POLL: Final = "/portal/api/overview"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the state of the engine; ``tone`` is good, warn or bad."""

    name: str
    text: str
    tone: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """The calls of one technical profile; ``good`` is the share that succeeded, in whole per cent, rounded down."""

    latency: Latency

    @property
    def good(self) -> int:
        """A rate of 100 means that no call failed."""
        return 100 * (self.latency.calls - self.latency.errors) // self.latency.calls

    @property
    def tone(self) -> str:
        """How the rate is shown."""
        return "good" if self.good == 100 else "warn" if self.good >= 90 else "bad"


@dataclass(frozen=True, slots=True)
class OverviewPages:
    """The overview of an engine."""

    engine: Engine

    async def index(self, visit: Visit) -> Response:
        """Show it, as far as the visitor may see."""
        summaries: Sequence[JourneySummary] = ()
        targets: Sequence[Target] = ()
        if visit.may(Right.READ_JOURNEYS):
            summaries = await self.engine.traces.journeys(LOOKED_AT)
            targets = await self._targets()
        now = self.engine.clock.now()
        ending = self._ending(now) if visit.may(Right.READ_KEYS) else ()
        return await visit.page(
            "overview.html",
            "Overview",
            poll=_POLL,
            poll_ms=POLL_MS,
            version=version_of(summaries, LOOKED_AT),
            facts=self._facts(ending, now),
            sees_journeys=visit.may(Right.READ_JOURNEYS),
            sees_applications=visit.may(Right.WRITE_APPLICATIONS),
            sees_keys=visit.may(Right.READ_KEYS),
            journeys=summaries[:SHOWN],
            targets=targets[:SHOWN],
            ending=[(one, bar(one, now)) for one in ending[:SHOWN]],
            applications={one.client_id: one.name for one in await self.engine.applications.all()},
            origin=self.engine.origin,
        )

    async def versions(self, visit: Visit) -> Response:
        """Say whether something has happened."""
        summaries = await self.engine.traces.journeys(LOOKED_AT) if visit.may(Right.READ_JOURNEYS) else ()
        return visit.json({"version": version_of(summaries, LOOKED_AT)})

    async def _targets(self) -> list[Target]:
        found = map(Target, latency_report(await self.engine.traces.calls(LOOKED_AT)).profiles)
        return sorted(found, key=lambda one: (one.good, one.latency.profile_id))

    def _ending(self, now: datetime) -> tuple[Expiring, ...]:
        found = self.engine.key_upkeep.found if self.engine.key_upkeep is not None else ()
        return tuple(one for one in found if one.level(now) is not None)

    def _facts(self, ending: Sequence[Expiring], now: datetime) -> list[Fact]:
        served, broken = len(self.engine.policies.served), len(self.engine.policies.problems)
        policies = f"{_many(served, 'policy', 'policies')} served"
        if broken:
            policies += f", {broken} not served because of errors"
        expired = sum(one.ends <= now for one in ending)
        keys = f"{expired} expired, {len(ending) - expired} ending soon" if ending else "nothing ends soon"
        return [
            Fact("Engine", "ready" if self.engine.ready else "starting", "good" if self.engine.ready else "warn"),
            Fact("Policies", policies, "bad" if broken else "good" if served else "warn"),
            Fact("Credentials", keys, "bad" if expired else "warn" if ending else "good", "/portal/keys"),
        ]


def overview_area(engine: Engine) -> Area:
    """Return the area of the overview."""
    pages = OverviewPages(engine)
    return Area(
        "overview",
        "Overview",
        Group.HOME,
        (Page("/portal", pages.index), Page(_POLL, pages.versions, by_script=True)),
    )


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
