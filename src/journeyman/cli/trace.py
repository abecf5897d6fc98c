"""``journeyman trace``: the recorded journeys of a tenant folder, read beside a running engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from journeyman.cli.terminal import errors_in_words, say, say_json
from journeyman.engine.tenant_store import read_database
from journeyman.errors import SettingsError
from journeyman.settings import Settings, load_settings
from journeyman.trace.latency import LatencyReport, latency_json, latency_lines, latency_report
from journeyman.trace.records import Entry, JourneySummary
from journeyman.trace.render import journey_json, summary_line, timeline
from journeyman.trace.store import TraceStore

LISTED: Final = 20
_PAGE: Final = 200
_ENTRIES: Final = 1000
_SHORTEST_PREFIX: Final = 4

Journey = tuple[JourneySummary, list[Entry]]


def trace(folder: Path, wanted: str | None, *, limit: int | None, as_json: bool) -> None:
    """Print the newest journey, or the wanted one, step by step; as JSON every recorded one."""
    with errors_in_words():
        settings = load_settings(folder, environment=os.environ)
        if as_json:
            say_json(asyncio.run(_as_json(settings, wanted, limit)))
            return
        for line in asyncio.run(_as_lines(settings, wanted, limit or LISTED)):
            say(line)


def latency(folder: Path, *, limit: int | None, as_json: bool) -> None:
    """Print how long the recorded calls took, per profile, and which would break a limit."""
    with errors_in_words():
        report = asyncio.run(_latency(load_settings(folder, environment=os.environ), limit))
        if as_json:
            say_json(latency_json(report))
            return
        if not report.profiles:
            say("no REST call is recorded yet; open a policy of a running `journeyman up` in a browser")
            return
        for line in latency_lines(report):
            say(line)


async def _latency(settings: Settings, limit: int | None) -> LatencyReport:
    async with read_database(settings) as database:
        if database is None:
            return latency_report(())
        store = TraceStore(database)
        journeys = [await _journey(store, summary) async for summary in _summaries(store, limit) if summary.calls]
        return latency_report(entry for _, entries in journeys for entry in entries)


async def _as_json(settings: Settings, wanted: str | None, limit: int | None) -> list[dict[str, Any]]:
    async with read_database(settings) as database:
        if database is None:
            if wanted is not None:
                raise _unknown(wanted)
            return []
        store = TraceStore(database)
        if wanted is not None:
            return [journey_json(*await _journey(store, await _find(store, wanted)))]
        return [journey_json(*await _journey(store, summary)) async for summary in _summaries(store, limit)]


async def _as_lines(settings: Settings, wanted: str | None, limit: int) -> list[str]:
    async with read_database(settings) as database:
        store = None if database is None else TraceStore(database)
        if store is not None and wanted is not None:
            return timeline(*await _journey(store, await _find(store, wanted)))
        if wanted is not None:
            raise _unknown(wanted)
        found = [] if store is None else [summary async for summary in _summaries(store, limit)]
        if store is None or not found:
            return ["no journey is recorded yet; open a policy of a running `journeyman up` in a browser"]
        lines = timeline(*await _journey(store, found[0]))
        if len(found) > 1:
            lines += ["", "journeys, newest first; `journeyman trace ID` prints one:", *map(summary_line, found)]
        return lines


async def _summaries(store: TraceStore, limit: int | None) -> AsyncIterator[JourneySummary]:
    """Yield the journeys, newest first, all of them when there is no limit."""
    left, before = limit, None
    while left is None or left > 0:
        page = await store.journeys(_PAGE if left is None else min(left, _PAGE), before=before)
        for summary in page:
            yield summary
        if len(page) < _PAGE:
            return
        before = page[-1].journey_id
        left = None if left is None else left - len(page)


async def _journey(store: TraceStore, summary: JourneySummary) -> Journey:
    entries: list[Entry] = []
    while page := await store.journey(summary.journey_id, after=len(entries), limit=_ENTRIES):
        entries += page
    return summary, entries


async def _find(store: TraceStore, wanted: str) -> JourneySummary:
    """Return the newest journey whose id or correlation id begins with ``wanted``."""
    exact = await store.summary(wanted)
    if exact is not None:
        return exact
    if len(wanted) >= _SHORTEST_PREFIX:
        async for summary in _summaries(store, None):
            if summary.journey_id.startswith(wanted) or summary.correlation_id.startswith(wanted.lower()):
                return summary
    raise _unknown(wanted)


def _unknown(wanted: str) -> SettingsError:
    detail = f"no recorded journey has an id or a correlation id that begins with {wanted[:100]!r}"
    return SettingsError(f"{detail}; `journeyman trace` lists them")
