from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from journeyman.trace.records import Entry, StepRecord
from journeyman.trace.store import TraceStore
from journeyman.trace.writer import TraceWriter


def entry(journey_id: str, event: str = "start") -> Entry:
    return Entry(journey_id, "", "", "", "", datetime(2026, 1, 2, tzinfo=UTC), StepRecord(event))


class AnnouncingStore:
    """Says when it has written something."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self.written = asyncio.Event()

    async def append(self, entries: list[Entry]) -> None:
        await self._store.append(entries)
        self.written.set()


async def test_an_entry_is_written_soon_without_anybody_waiting_for_it(store):
    announcing = AnnouncingStore(store)
    async with TraceWriter(announcing, flush_interval_s=0.01) as writer:
        for number in (1, 2):
            announcing.written.clear()
            writer.record(entry("j"))
            async with asyncio.timeout(5):
                await announcing.written.wait()

            assert len(await store.journey("j")) == number
            assert writer.dropped == 0


async def test_close_writes_what_is_queued_at_once(store):
    writer = TraceWriter(store, flush_interval_s=60)
    writer.start()
    for number in range(1200):
        writer.record(entry(f"j{number % 3}"))
    async with asyncio.timeout(30):
        await writer.close()

    assert [len(await store.journey(f"j{n}")) for n in range(3)] == [400, 400, 400]


async def test_an_idle_writer_closes_at_once(store):
    async with asyncio.timeout(5):
        async with TraceWriter(store, flush_interval_s=60):
            pass

    assert await store.journeys() == []


async def test_entries_recorded_before_the_start_and_flushed_by_hand_are_written(store):
    writer = TraceWriter(store)
    writer.record(entry("j"))
    await writer.flush()
    await writer.close()

    assert len(await store.journey("j")) == 1


async def test_a_full_queue_drops_new_entries_and_counts_them(store):
    writer = TraceWriter(store, capacity=2)
    for _ in range(5):
        writer.record(entry("j"))
    await writer.close()

    assert writer.dropped == 3
    assert len(await store.journey("j")) == 2


async def test_an_entry_after_the_close_is_dropped_and_counted(store):
    writer = TraceWriter(store)
    await writer.close()
    writer.record(entry("j"))

    assert writer.dropped == 1


async def test_a_database_that_cannot_be_written_costs_the_trace_and_not_the_journey(store, database, caplog):
    await database.close()
    writer = TraceWriter(store)
    writer.record(entry("j"))
    with caplog.at_level(logging.WARNING, "journeyman.trace.writer"):
        await writer.close()

    assert writer.dropped == 1
    assert "1 trace entries were dropped" in caplog.text


async def test_old_journeys_are_purged_as_new_ones_come(store):
    writer = TraceWriter(store, keep=10)
    for number in range(1000):
        writer.record(entry(f"j{number:04}"))
    await writer.close()

    assert [summary.journey_id for summary in await store.journeys(20)] == [f"j{n:04}" for n in range(999, 989, -1)]
