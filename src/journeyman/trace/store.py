"""The recorded journeys in the SQL database: entries in; journeys, newest first, and their timelines out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from journeyman.database import Database, Row, Statement, from_milliseconds, integer, text, to_milliseconds
from journeyman.trace.codec import decode, encode
from journeyman.trace.records import CallRecord, Entry, JourneySummary, Verdict

_OUTCOMES: Final = frozenset({"tokens", "refused", "error"})  # events that are the outcome until another one comes
# A page that refused can be sent again, and what then runs shows that the journey goes on.
_RESUMING: Final = frozenset({"submit", "profile", "page", "step"})
# A refusal by the API is an answer, so it is not a call that failed.
_GOOD_VERDICTS: Final = frozenset({Verdict.OK, Verdict.REFUSED_BY_API})

# ``profiles`` is one JSON string per line, so that processes can add to it without reading it first.
_UPSERT_JOURNEY: Final = """
    INSERT INTO trace_journeys (journey_id, correlation_id, tenant, policy_id, client_id,
        started_at, last_at, outcome, calls, failed_calls, profiles)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (journey_id) DO UPDATE SET
        last_at = CASE WHEN excluded.last_at > trace_journeys.last_at
            THEN excluded.last_at ELSE trace_journeys.last_at END,
        outcome = CASE WHEN excluded.outcome <> 'running' THEN excluded.outcome
            WHEN ? = 1 AND trace_journeys.outcome = 'refused' THEN 'running'
            ELSE trace_journeys.outcome END,
        calls = trace_journeys.calls + excluded.calls,
        failed_calls = trace_journeys.failed_calls + excluded.failed_calls,
        profiles = trace_journeys.profiles || excluded.profiles
"""
_INSERT_ENTRY: Final = """
    INSERT INTO trace_entries (journey_id, sequence, at, type, record)
    SELECT ?, coalesce(max(sequence), 0) + 1, ?, ?, ? FROM trace_entries WHERE journey_id = ?
"""
_SUMMARY: Final = """
    SELECT journey_id, correlation_id, policy_id, client_id, started_at, last_at, outcome, calls, failed_calls, profiles
    FROM trace_journeys
"""
_NEWEST_FIRST: Final = " ORDER BY last_at DESC, journey_id DESC LIMIT ?"
_BEFORE: Final = " WHERE (last_at, journey_id) < (SELECT last_at, journey_id FROM trace_journeys WHERE journey_id = ?)"
_SINCE: Final = " WHERE last_at >= ? ORDER BY last_at, journey_id LIMIT ?"
_ENTRIES: Final = """
    SELECT j.correlation_id, j.tenant, j.policy_id, j.client_id, e.at, e.type, e.record
    FROM trace_entries e JOIN trace_journeys j ON j.journey_id = e.journey_id
    WHERE e.journey_id = ? AND e.sequence > ? ORDER BY e.sequence LIMIT ?
"""
_CALLS: Final = """
    SELECT j.journey_id, j.correlation_id, j.tenant, j.policy_id, j.client_id, e.at, e.type, e.record
    FROM trace_entries e JOIN trace_journeys j ON j.journey_id = e.journey_id
    WHERE e.type = 'call' AND j.journey_id IN
        (SELECT journey_id FROM trace_journeys ORDER BY last_at DESC, journey_id DESC LIMIT ?)
    ORDER BY e.at
"""
_LAST_KEPT: Final = (
    "SELECT last_at, journey_id FROM trace_journeys ORDER BY last_at DESC, journey_id DESC LIMIT 1 OFFSET ?"
)
_PURGE_ENTRIES: Final = """
    DELETE FROM trace_entries WHERE journey_id IN
        (SELECT journey_id FROM trace_journeys WHERE (last_at, journey_id) <= (?, ?))
"""
_PURGE_JOURNEYS: Final = "DELETE FROM trace_journeys WHERE (last_at, journey_id) <= (?, ?)"


class TraceStore:
    """Keep and read the entries of journeys. Every method raises StorageError when the database cannot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, entries: Sequence[Entry]) -> None:
        """Write the entries in one transaction, each at the end of its journey."""
        journeys: dict[str, _Batch] = {}
        statements: list[Statement] = []
        for entry in entries:
            journeys.setdefault(entry.journey_id, _Batch(entry, entry.at)).add(entry)
            record = encode(entry.record)
            statements.append((_INSERT_ENTRY, (entry.journey_id, to_milliseconds(entry.at), *record, entry.journey_id)))
        await self._database.execute_many([batch.statement() for batch in journeys.values()] + statements)

    async def journeys(self, limit: int = 50, *, before: str | None = None) -> list[JourneySummary]:
        """Return journeys, those with the newest entry first; ``before`` is the id of the last one already seen."""
        if before is None:
            rows = await self._database.fetch_all(_SUMMARY + _NEWEST_FIRST, (limit,))
        else:
            rows = await self._database.fetch_all(_SUMMARY + _BEFORE + _NEWEST_FIRST, (before, limit))
        return [_summary(row) for row in rows]

    async def since(self, at: datetime, *, limit: int = 50) -> list[JourneySummary]:
        """Return journeys with an entry at or after ``at``, oldest first, for a page that follows along.

        To go on, ask again from ``last_at`` of the last one; it comes again, and so does any other of
        that millisecond.
        """
        rows = await self._database.fetch_all(_SUMMARY + _SINCE, (to_milliseconds(at), limit))
        return [_summary(row) for row in rows]

    async def summary(self, journey_id: str) -> JourneySummary | None:
        """Return the line of one journey."""
        row = await self._database.fetch_one(_SUMMARY + " WHERE journey_id = ?", (journey_id,))
        return _summary(row) if row else None

    async def journey(self, journey_id: str, *, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Return the entries of a journey in order, without the first ``after``; none when it is not known."""
        rows = await self._database.fetch_all(_ENTRIES, (journey_id, after, limit))
        return [_entry(journey_id, row) for row in rows]

    async def calls(self, journeys: int) -> list[Entry]:
        """Return the REST calls of the last ``journeys`` journeys, oldest first."""
        return [_entry(text(row[0]), row[1:]) for row in await self._database.fetch_all(_CALLS, (journeys,))]

    async def purge(self, *, keep: int) -> int:
        """Delete all but the ``keep`` newest journeys; return how many went."""
        last = await self._database.fetch_one(_LAST_KEPT, (keep,))
        if last is None:
            return 0
        return (await self._database.execute_many([(_PURGE_ENTRIES, last), (_PURGE_JOURNEYS, last)]))[1]


@dataclass(slots=True)
class _Batch:
    """What the entries of one journey in one batch do to its summary."""

    first: Entry
    last_at: datetime
    outcome: str = "running"
    resumed: bool = False
    calls: int = 0
    failed_calls: int = 0
    profiles: dict[str, None] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        self.last_at = max(self.last_at, entry.at)
        record = entry.record
        event = "" if isinstance(record, CallRecord) else record.event
        if record.profile_id and event != "skip":
            self.profiles[record.profile_id] = None
        if isinstance(record, CallRecord):
            self.calls += 1
            self.failed_calls += record.verdict not in _GOOD_VERDICTS
        if event in _OUTCOMES:
            self.outcome = event
        elif event in _RESUMING and self.outcome in {"refused", "running"}:
            self.outcome, self.resumed = "running", True

    def statement(self) -> Statement:
        entry = self.first
        return _UPSERT_JOURNEY, (
            entry.journey_id,
            entry.correlation_id,
            entry.tenant,
            entry.policy_id,
            entry.client_id,
            to_milliseconds(entry.at),
            to_milliseconds(self.last_at),
            self.outcome,
            self.calls,
            self.failed_calls,
            "".join(f"{json.dumps(profile)}\n" for profile in self.profiles),
            int(self.resumed),
        )


def _summary(row: Row) -> JourneySummary:
    return JourneySummary(
        journey_id=text(row[0]),
        correlation_id=text(row[1]),
        policy_id=text(row[2]),
        client_id=text(row[3]),
        started_at=from_milliseconds(integer(row[4])),
        last_at=from_milliseconds(integer(row[5])),
        outcome=text(row[6]),
        calls=integer(row[7]),
        failed_calls=integer(row[8]),
        profiles=tuple(dict.fromkeys(json.loads(line) for line in text(row[9]).splitlines())),
    )


def _entry(journey_id: str, row: Row) -> Entry:
    correlation_id, tenant, policy_id, client_id, at, record_type, record = row
    return Entry(
        journey_id=journey_id,
        correlation_id=text(correlation_id),
        tenant=text(tenant),
        policy_id=text(policy_id),
        client_id=text(client_id),
        at=from_milliseconds(integer(at)),
        record=decode(text(record_type), text(record)),
    )
