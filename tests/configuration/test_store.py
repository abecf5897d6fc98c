from __future__ import annotations

import asyncio

import pytest

from journeyman.configuration.errors import ConfigurationChangedError, ObjectExistsError, ObjectNotFoundError
from journeyman.configuration.store import ConfigurationStore, Kind
from journeyman.storage.audit import AuditLog
from journeyman.storage.sqlite import open_sqlite


@pytest.fixture
async def store(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    audit = AuditLog(database, clock, key=bytes(32))
    yield ConfigurationStore(database, clock, audit, tenant="one", actor="ann")
    await database.close()


async def test_an_object_is_found_by_its_id_in_any_case_and_keeps_the_case_it_was_given(store):
    await store.create(Kind.USER_FLOW, "B2C_1_SignIn", {"type": "signIn"})

    found = await store.get(Kind.USER_FLOW, "b2c_1_SIGNIN")

    assert (found.id, found.record, found.version) == ("B2C_1_SignIn", {"type": "signIn"}, 1)


async def test_a_second_object_of_one_id_is_refused(store):
    await store.create(Kind.USER_FLOW, "B2C_1_a", {})

    with pytest.raises(ObjectExistsError, match="B2C_1_A"):
        await store.create(Kind.USER_FLOW, "B2C_1_A", {})
    await store.create(Kind.USER_ATTRIBUTE, "B2C_1_a", {})


async def test_a_write_over_what_somebody_else_wrote_is_refused(store):
    read = await store.create(Kind.API_CONNECTOR, "x", {"n": 1})
    await store.replace(read, {"n": 2})

    with pytest.raises(ConfigurationChangedError):
        await store.replace(read, {"n": 3})
    with pytest.raises(ConfigurationChangedError):
        await store.delete(read)
    assert (await store.get(Kind.API_CONNECTOR, "x")).record == {"n": 2}


async def test_of_many_writers_who_read_the_same_version_one_succeeds(store):
    read = await store.create(Kind.API_CONNECTOR, "x", {"n": 0})

    results = await asyncio.gather(
        *(store.replace(read, {"n": number}) for number in range(1, 21)), return_exceptions=True
    )

    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert sum(isinstance(result, ConfigurationChangedError) for result in results) == 19


async def test_a_deleted_object_is_gone_and_cannot_be_written(store):
    read = await store.create(Kind.API_CONNECTOR, "x", {})
    await store.delete(read)

    with pytest.raises(ObjectNotFoundError):
        await store.get(Kind.API_CONNECTOR, "x")
    with pytest.raises(ObjectNotFoundError):
        await store.replace(read, {"n": 1})
    assert await store.all(Kind.API_CONNECTOR) == ()


async def test_tenants_do_not_see_each_other(store):
    other = ConfigurationStore(store.database, store.clock, store.audit, tenant="two")
    await store.create(Kind.API_CONNECTOR, "x", {})

    assert await other.all(Kind.API_CONNECTOR) == ()


async def test_the_version_grows_at_every_change(store):
    before = await store.version()
    created = await store.create(Kind.API_CONNECTOR, "x", {})
    between = await store.version()
    await store.delete(created)

    assert before < between < await store.version()


async def test_every_change_is_in_the_audit_trail_under_the_name_of_who_made_it(store):
    created = await store.by("bob").create(Kind.API_CONNECTOR, "x", {})
    await store.replace(created, {"n": 1}, detail="targetUrl")

    entries = await store.database.fetch_all("SELECT activity, actor, target, detail FROM audit ORDER BY sequence")

    assert [tuple(row) for row in entries] == [
        ("Create apiConnector", "bob", "x", "{}"),
        ("Update apiConnector", "ann", "x", '{"changed": "targetUrl"}'),
    ]
