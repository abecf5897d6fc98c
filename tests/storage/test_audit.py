from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from journeyman.errors import ConflictError, StorageError
from journeyman.storage.audit import AuditEntry, AuditEvent, AuditLog

KEY = bytes(range(32))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class StoppedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture
def log(database) -> AuditLog:
    return AuditLog(database, StoppedClock(), key=KEY)


async def fill(log: AuditLog, number: int) -> None:
    for n in range(number):
        await log.append("upload key", "cli", f"B2C_1A_Key{n}", {"kid": str(n)}, tenant="contoso")


async def test_an_entry_comes_back_with_its_place_in_the_chain(log):
    first = await log.append("upload key", "cli", "B2C_1A_Key", {"kid": "1"}, tenant="contoso")
    second = await log.append("delete key", "portal", "B2C_1A_Key", tenant="contoso")

    assert first == AuditEntry(1, "contoso", NOW, "upload key", "cli", "B2C_1A_Key", {"kid": "1"})
    assert second == AuditEntry(2, "contoso", NOW, "delete key", "portal", "B2C_1A_Key", {})
    assert await log.list() == (second, first)
    assert await log.list(limit=1) == (second,)


async def test_a_chain_as_written_is_verified(log):
    assert await log.verify() == 0
    await fill(log, 3)
    assert await log.verify() == 3


async def test_several_entries_are_written_together_or_not_at_all(log, database):
    await fill(log, 1)
    good = [AuditEvent("call", "app", f"REST-{n}", {"n": str(n)}) for n in range(3)]

    entries = await log.append_all(good, tenant="contoso")
    with pytest.raises(StorageError):
        await log.append_all([*good, AuditEvent("call", "app", "\ud800")], tenant="contoso")

    assert [(entry.sequence, entry.target) for entry in entries] == [(2, "REST-0"), (3, "REST-1"), (4, "REST-2")]
    assert await log.verify() == 4


async def test_a_chain_longer_than_one_page_is_verified(log):
    await asyncio.gather(*(fill(log, 51) for _ in range(10)))

    assert await log.verify() == 510


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'somebody else' WHERE sequence = 2",
        "UPDATE audit SET at = at + 1 WHERE sequence = 2",
        "UPDATE audit SET tenant = 'fabrikam' WHERE sequence = 2",
        "UPDATE audit SET detail = '{}' WHERE sequence = 2",
        "UPDATE audit SET hash = x'00' WHERE sequence = 2",
        "UPDATE audit SET previous_hash = hash WHERE sequence = 2",
    ],
)
async def test_a_changed_entry_breaks_the_chain(log, database, change):
    await fill(log, 3)
    await database.execute(change)

    with pytest.raises(StorageError, match="the audit log is broken: entry 2 is not what was written"):
        await log.verify()


async def test_a_removed_entry_breaks_the_chain(log, database):
    await fill(log, 3)
    await database.execute("DELETE FROM audit WHERE sequence = 2")
    with pytest.raises(StorageError, match="entry 2 is missing"):
        await log.verify()
    await database.execute("UPDATE audit SET sequence = 2 WHERE sequence = 3")

    with pytest.raises(StorageError, match="entry 2 is not what was written"):
        await log.verify()


async def test_a_chain_written_without_the_key_is_not_accepted(log, database):
    await fill(AuditLog(database, StoppedClock(), key=bytes(32)), 1)

    with pytest.raises(StorageError, match="entry 1"):
        await log.verify()


async def test_a_short_key_is_refused(database):
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        AuditLog(database, StoppedClock(), key=b"short")


class CrowdedDatabase:
    """Another process always takes the number first."""

    async def fetch_one(self, sql, parameters=()):
        return None

    async def execute_many(self, statements):
        raise ConflictError("taken")


async def test_an_entry_that_never_finds_a_free_number_is_an_error():
    with pytest.raises(StorageError, match="the entry was not added"):
        await AuditLog(CrowdedDatabase(), StoppedClock(), key=KEY).append("a", "b", "c", tenant="t")


_OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from journeyman.clock import SystemClock
from journeyman.storage.audit import AuditLog
from journeyman.storage.sqlite import open_sqlite

async def main():
    database = open_sqlite(Path(sys.argv[1]))
    log = AuditLog(database, SystemClock(), key=bytes(range(32)))
    for n in range(30):
        await log.append("test", "process", str(n), tenant="contoso")
    await database.close()

asyncio.run(main())
"""


async def test_processes_that_append_at_once_make_one_chain(log, path):
    others = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _OTHER_PROCESS, str(path), stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    await fill(log, 30)
    ends = [await other.communicate() for other in others]

    assert [stderr for _, stderr in ends] == [b"", b""]
    assert await log.verify() == 90
