"""A change and its entry in the audit trail: both or none."""

from __future__ import annotations

import asyncio

import pytest

from journeyman.errors import ConflictError
from journeyman.storage.audit import AuditEvent, AuditLog
from journeyman.storage.audited import Told, run_audited
from journeyman.storage.sqlite import open_sqlite

INSERT = "INSERT INTO tenant_values (tenant, name, value) VALUES ('t', ?, 'x')"
EXISTS = "EXISTS (SELECT 1 FROM tenant_values WHERE tenant = 't' AND name = ?)"
DELETE = "DELETE FROM tenant_values WHERE tenant = 't' AND name = ?"


@pytest.fixture
async def database(tmp_path):
    database = open_sqlite(tmp_path / "j.db")
    yield database
    await database.close()


@pytest.fixture
def audit(database, clock):
    return AuditLog(database, clock, key=bytes(32))


async def run(database, audit, told, *statements):
    return await run_audited(database, audit, told, statements, tenant="t")


async def told_of(audit):
    return [entry.activity for entry in reversed(await audit.list())]


async def test_a_change_and_its_entry_are_written(database, audit):
    touched = await run(database, audit, Told(AuditEvent("Add", "me", "a")), (INSERT, ("a",)))

    assert (touched, await told_of(audit), await audit.verify()) == ([1], ["Add"], 1)


async def test_a_change_that_is_in_the_way_of_a_row_writes_nothing(database, audit):
    await run(database, audit, Told(AuditEvent("Add", "me", "a")), (INSERT, ("a",)))
    with pytest.raises(ConflictError):
        await run(database, audit, Told(AuditEvent("Again", "me", "a")), (INSERT, ("b",)), (INSERT, ("a",)))

    assert await told_of(audit) == ["Add"]
    assert await database.fetch_one("SELECT 1 FROM tenant_values WHERE name = 'b'") is None


@pytest.mark.parametrize("before", [True, False])
async def test_an_entry_may_depend_on_what_was_there(database, audit, before):
    await run(database, audit, Told(AuditEvent("Add", "me", "a")), (INSERT, ("a",)))
    for name in ("a", "b"):
        told = Told(AuditEvent("Delete", "me", name), EXISTS, (name,), before=before)
        touched = await run(database, audit, told, (DELETE, (name,)))
        assert touched == [1 if name == "a" else 0]

    assert await told_of(audit) == (["Add", "Delete"] if before else ["Add"])


async def test_writers_at_the_same_time_all_get_their_entry(database, audit, clock):
    logs = [AuditLog(database, clock, key=bytes(32)) for _ in range(12)]
    work = [
        run(database, log, Told(AuditEvent("Add", "me", str(number))), (INSERT, (str(number),)))
        for number, log in enumerate(logs)
    ]

    assert await asyncio.gather(*work) == [[1]] * 12
    assert await audit.verify() == 12
