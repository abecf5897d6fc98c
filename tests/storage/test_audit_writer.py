from __future__ import annotations

import asyncio

import pytest

from journeyman.clock import SystemClock
from journeyman.errors import StorageError
from journeyman.storage.audit import AuditEvent, AuditLog
from journeyman.storage.audit_writer import AuditWriter


def event(number: int) -> AuditEvent:
    return AuditEvent("call", "app", f"REST-{number}")


@pytest.fixture
def log(database) -> AuditLog:
    return AuditLog(database, SystemClock(), key=bytes(32))


async def test_what_was_noted_is_written_when_it_is_closed(log):
    writer = AuditWriter(log, tenant="contoso")
    writer.start()
    for number in range(600):
        writer.note(event(number))
    await writer.close()

    assert await log.verify() == 600
    assert (await log.list(1))[0].target == "REST-599"


async def test_a_written_event_is_in_the_log_when_write_returns(log):
    writer = AuditWriter(log, tenant="contoso")
    writer.start()

    await asyncio.gather(*(writer.write(event(number)) for number in range(50)))

    assert await log.verify() == 50
    await writer.close()


async def test_an_event_that_cannot_be_written_is_told_to_who_waits_and_counted_for_who_does_not(log, database, caplog):
    await database.execute("DROP TABLE audit")
    writer = AuditWriter(log, tenant="contoso")
    writer.start()
    writer.note(event(1))

    with pytest.raises(StorageError):
        await writer.write(event(2))

    assert writer.dropped == 1
    assert "1 audit entries were dropped" in caplog.text
    await writer.close()


async def test_a_waiting_task_that_is_cancelled_disturbs_nobody(log):
    writer = AuditWriter(log, tenant="contoso")
    waiting = asyncio.create_task(writer.write(event(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    writer.start()
    await writer.write(event(2))

    assert await log.verify() == 2
    await writer.close()


async def test_a_full_or_closed_queue_takes_nothing_more(log):
    writer = AuditWriter(log, tenant="contoso", capacity=1)
    writer.note(event(1))
    writer.note(event(2))
    with pytest.raises(StorageError, match="no more entries"):
        await writer.write(event(3))
    writer.start()
    await writer.close()
    with pytest.raises(StorageError, match="no more entries"):
        await writer.write(event(4))

    assert writer.dropped == 1
    assert await log.verify() == 1
