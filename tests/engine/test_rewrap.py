from __future__ import annotations

import asyncio
import base64
from datetime import timedelta

import pytest

from journeyman.clock import SystemClock
from journeyman.directory.store import UserStore
from journeyman.directory.tenant_key import tenant_key
from journeyman.directory.user import User
from journeyman.engine.rewrap import change_under_way, finish, reseal_under
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.errors import KeyStoreError, SealError
from journeyman.keys.creation import secret_key
from journeyman.keys.root_keys import open_root_keys, read_root_keys
from journeyman.keys.sealing import local_master_key
from journeyman.settings import Settings
from journeyman.state.sql import SqlStateStore
from journeyman.state.store import Kind
from journeyman.storage import tables
from journeyman.storage.audit import AuditLog

OLD = local_master_key(bytes(range(32)))
NEW = local_master_key(b"\x07" * 32)
CLOCK = SystemClock()
MAGIC = b"JM\x01"


@pytest.fixture
async def store(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNEYMAN_MASTER_KEY", base64.b64encode(bytes(range(32))).decode())
    settings = Settings(folder=tmp_path, tenant_name="contoso.onmicrosoft.com", tenant_id=None)
    async with open_tenant_store(settings, CLOCK) as store:
        await fill(store)
        yield store


async def fill(store):
    """Put a sealed record into every table that holds some."""
    await store.keys.create("Rest", [secret_key("hunter2", use="sig", now=CLOCK.now())])
    await state_of(store).put(Kind.JOURNEY, "j", b"state", expires_at=CLOCK.now() + timedelta(hours=1))
    users = UserStore(store.database, store.sealer, CLOCK, tenant_id=store.tenant_id, tenant_name="contoso")
    await users.create(User(object_id="", created_at=CLOCK.now()))
    await tenant_key(store.database, store.sealer, store.tenant_id, "redaction")


def state_of(store):
    return SqlStateStore(store.database, store.sealer, CLOCK)


async def sealed_under(store):
    """Return the ids of the keys that sealed bytes stand under, in all columns of all tables."""
    found = {}
    for table in tables.METADATA.tables.values():
        for column in table.columns:
            for (value,) in await store.database.fetch_all(f"SELECT {column.name} FROM {table.name}"):
                text = isinstance(value, str) and value.startswith(base64.b64encode(MAGIC).decode()[:4])
                record = base64.b64decode(value) if text else value
                if isinstance(record, bytes) and record.startswith(MAGIC):
                    found.setdefault(f"{table.name}.{column.name}", set()).add(record[3:11].hex())
    return found


async def rewrapped(store, target=NEW):
    return await reseal_under(store, target, wait_s=0, actor="test", tell=lambda _: None)


async def test_every_sealed_record_of_every_table_is_sealed_anew(store):
    before = store.sealer.current
    assert await sealed_under(store) == {
        name: {before} for name in ("keys.record", "state.value", "users.record", "tenant_values.value")
    }
    result = await rewrapped(store)

    assert result.records == {"tenant_values": 2, "keys": 1, "users": 1, "state": 1}
    assert (
        {root for roots in (await sealed_under(store)).values() for root in roots} == {store.sealer.current} != {before}
    )
    assert (await store.keys.get("Rest")).keys[0].secret.reveal() == "hunter2"
    assert (await state_of(store).get(Kind.JOURNEY, "j")).value == b"state"


async def test_both_master_keys_open_the_store_until_the_change_is_finished(store):
    await rewrapped(store)
    for master in (OLD, NEW):
        assert (await open_root_keys(store.database, master, make=False)).current == store.sealer.current
    await finish(store, await change_under_way(store), actor="test")

    with pytest.raises(SealError, match="start it with the master key that this store was made with"):
        await open_root_keys(store.database, OLD, make=False)
    assert (await open_root_keys(store.database, NEW, make=False)).current == store.sealer.current
    assert await change_under_way(store) is None


async def test_an_engine_that_runs_meanwhile_reads_and_writes_on(store):
    running = await open_root_keys(store.database, OLD, make=False)
    state = SqlStateStore(store.database, running, CLOCK)
    await rewrapped(store)
    await state.put(Kind.SESSION, "late", b"1", expires_at=CLOCK.now() + timedelta(hours=1))
    await running.refresh()
    await finish(store, await change_under_way(store), actor="test")
    await running.refresh()

    assert (await state.get(Kind.JOURNEY, "j")).value == b"state"
    late = await SqlStateStore(store.database, store.sealer, CLOCK).get(Kind.SESSION, "late")
    assert late.value == b"1"


async def test_what_a_running_engine_has_written_under_the_old_root_key_is_found_by_the_next_pass(store):
    running = SqlStateStore(store.database, await open_root_keys(store.database, OLD, make=False), CLOCK)
    task = asyncio.create_task(reseal_under(store, NEW, wait_s=0.2, actor="test", tell=lambda _: None))
    await asyncio.sleep(0.3)
    await running.put(Kind.SESSION, "late", b"1", expires_at=CLOCK.now() + timedelta(hours=1))
    result = await task

    assert result.records["state"] == 2


async def test_a_change_to_another_key_is_refused_while_one_is_under_way(store):
    await rewrapped(store)

    with pytest.raises(
        KeyStoreError, match=f"to the master key {NEW.key_id.hex()} is under way, this is {OLD.key_id.hex()}"
    ):
        await rewrapped(store, OLD)


async def test_going_on_does_nothing_twice(store):
    await rewrapped(store)
    result = await rewrapped(store)

    assert set(result.records.values()) == {0}


async def test_the_root_key_of_before_is_kept_until_the_next_change(store):
    first = store.sealer.current
    await rewrapped(store)
    await finish(store, await change_under_way(store), actor="test")
    second, rows = store.sealer.current, await read_root_keys(store.database)
    assert set(rows.wrapped) == {(first, NEW.key_id.hex()), (second, NEW.key_id.hex())}
    again = await reseal_under(store, OLD, wait_s=0, actor="test", tell=lambda _: None)
    await finish(store, await change_under_way(store), actor="test")

    rows = await read_root_keys(store.database)
    assert again.damaged == {}
    assert set(rows.wrapped) == {(second, OLD.key_id.hex()), (store.sealer.current, OLD.key_id.hex())}


async def test_a_damaged_record_is_named_and_the_others_are_sealed_anew(store):
    await store.database.execute("UPDATE users SET record = ?", (MAGIC + bytes(100),))
    result = await rewrapped(store)

    assert list(result.damaged) == [f"users/{store.tenant_id}/{await object_id(store)}"]
    assert result.records["keys"] == 1


async def object_id(store):
    return (await store.database.fetch_one("SELECT object_id FROM users"))[0]


async def test_the_change_is_in_the_audit_trail(store):
    await rewrapped(store)
    await finish(store, await change_under_way(store), actor="ann")
    newest, before, *_ = await store.audit.list()

    assert (before.activity, newest.activity) == ("Begin change of master key", "Finish change of master key")
    assert (newest.actor, newest.target) == ("ann", f"master key {NEW.key_id.hex()}")
    key = (await tenant_key(store.database, store.sealer, "", "audit")).reveal_bytes()
    assert await AuditLog(store.database, CLOCK, key=key).verify() == 3


async def test_a_value_that_is_not_sealed_is_left_alone(store):
    await store.database.execute("INSERT INTO tenant_values (tenant, name, value) VALUES ('', 'plain', 'SGVsbG8=')")
    await rewrapped(store)

    row = await store.database.fetch_one("SELECT value FROM tenant_values WHERE name = 'plain'")
    assert row[0] == "SGVsbG8="


class BusyDatabase:
    """An engine that seals under the old root key after every pass."""

    def __init__(self, database, spoil):
        self._database, self._spoil = database, spoil

    async def execute_many(self, statements):
        touched = await self._database.execute_many(statements)
        await self._spoil()
        return touched

    def __getattr__(self, name):
        return getattr(self._database, name)


async def test_an_engine_that_never_takes_the_new_root_key_over_ends_the_command(store):
    from dataclasses import replace

    old = SqlStateStore(store.database, await open_root_keys(store.database, OLD, make=False), CLOCK)

    async def spoil():
        await old.put(Kind.SESSION, "old", b"1", expires_at=CLOCK.now() + timedelta(hours=1))

    busy = replace(store, database=BusyDatabase(store.database, spoil))

    with pytest.raises(KeyStoreError, match="a running engine still seals records under the old root key; restart"):
        await rewrapped(busy)
