from __future__ import annotations

import asyncio
import hashlib

import pytest

from journeyman.configuration.errors import ConfigurationChangedError, DamagedObjectError, ObjectNotFoundError
from journeyman.configuration.releases import Difference, NewRelease, ReleaseStore, difference
from journeyman.errors import StorageError
from journeyman.storage.audit import AuditLog
from journeyman.storage.sqlite import open_sqlite


@pytest.fixture
async def store(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    audit = AuditLog(database, clock, key=bytes(32))
    yield ReleaseStore(database, clock, audit, tenant="one", actor="ann")
    await database.close()


async def publish(store, after, texts, *, kept=None, note=""):
    return await store.publish(NewRelease(after, "Upload policy", "B2C_1A_x", texts, kept or {}, {"why": "test"}, note))


async def test_before_the_first_upload_there_is_release_zero(store):
    current = await store.current()

    assert (current.number, current.manifest, await store.version()) == (0, {}, 0)


async def test_a_release_has_a_number_an_actor_a_note_and_the_hash_of_each_text(store, clock):
    await publish(store, 0, {"B2C_1A_b": b"<b/>", "B2C_1A_A": b"<a/>"}, note="first")

    current = await store.current()

    assert (current.number, current.actor, current.note, current.at) == (1, "ann", "first", clock.now())
    assert list(current.manifest) == ["B2C_1A_A", "B2C_1A_b"]
    assert current.manifest["B2C_1A_b"] == hashlib.sha256(b"<b/>").hexdigest()
    assert await store.texts(current) == {"B2C_1A_A": b"<a/>", "B2C_1A_b": b"<b/>"}
    assert current.find("b2c_1a_B") == "B2C_1A_b"


async def test_of_writers_who_planned_upon_one_release_one_publishes(store):
    results = await asyncio.gather(
        *(publish(store, 0, {"B2C_1A_x": str(number).encode()}) for number in range(10)), return_exceptions=True
    )

    assert sum(isinstance(result, ConfigurationChangedError) for result in results) == 9
    assert (await store.current()).number == 1


async def test_a_release_is_in_the_audit_trail_and_a_refused_one_is_not(store):
    await publish(store, 0, {"B2C_1A_x": b"<x/>"}, note="first")
    with pytest.raises(ConfigurationChangedError, match="release 1 was published"):
        await publish(store, 0, {"B2C_1A_x": b"<y/>"})

    (entry,) = await store.audit.list()

    assert (entry.activity, entry.actor, entry.target) == ("Upload policy", "ann", "B2C_1A_x")
    assert entry.detail == {"why": "test", "release": "1", "note": "first"}


async def test_a_text_that_several_releases_name_is_kept_once(store):
    first = await publish(store, 0, {"B2C_1A_x": b"<x/>"})
    await publish(store, 1, {"B2C_1A_x": b"<x/>", "B2C_1A_y": b"<x/>"})
    await publish(store, 2, {}, kept=first.manifest)

    rows = await store.database.fetch_all("SELECT hash FROM policy_texts")

    assert len(rows) == 1
    assert (await store.current()).manifest == first.manifest


async def test_old_releases_are_forgotten_with_the_texts_that_no_other_names(store, monkeypatch):
    monkeypatch.setattr("journeyman.configuration.releases.KEPT", 3)
    for number in range(5):
        texts = {"B2C_1A_x": b"always", "B2C_1A_y": str(number).encode()}
        await publish(store, number, texts)

    assert [one.number for one in await store.list()] == [5, 4, 3]
    rows = await store.database.fetch_all("SELECT text FROM policy_texts ORDER BY text")
    assert [bytes(row[0]) for row in rows] == [b"2", b"3", b"4", b"always"]
    with pytest.raises(ObjectNotFoundError, match="no release 2"):
        await store.get(2)


@pytest.mark.parametrize("number", [-1, 0, 7, 2**63, 2**200])
async def test_a_number_without_a_release_is_not_found(store, number):
    with pytest.raises(ObjectNotFoundError):
        await store.get(number)


async def test_a_text_that_was_changed_in_the_database_is_not_given_out(store):
    release = await publish(store, 0, {"B2C_1A_x": b"<x/>"})
    await store.database.execute("UPDATE policy_texts SET text = ?", (b"<evil/>",))

    with pytest.raises(DamagedObjectError, match="changed in the database"):
        await store.texts(release)


@pytest.mark.parametrize("manifest", ["", "[]", '{"x": 1}', '{"x": "no hash"}', "null"])
async def test_a_release_that_was_changed_in_the_database_is_named(store, manifest):
    await publish(store, 0, {"B2C_1A_x": b"<x/>"})
    await store.database.execute("UPDATE policy_releases SET manifest = ?", (manifest,))

    with pytest.raises(DamagedObjectError, match="release 1 was changed in the database"):
        await store.current()


async def test_tenants_do_not_see_each_other(store):
    await publish(store, 0, {"B2C_1A_x": b"<x/>"})
    other = ReleaseStore(store.database, store.clock, store.audit, tenant="two")

    assert (await other.current()).number == 0
    with pytest.raises(DamagedObjectError):
        await other.text(hashlib.sha256(b"<x/>").hexdigest())


async def test_a_store_that_was_opened_for_reading_publishes_nothing(store):
    reading = ReleaseStore(store.database, store.clock, None, tenant="one")

    with pytest.raises(StorageError, match="for reading only"):
        await publish(reading, 0, {"B2C_1A_x": b"<x/>"})


def test_manifests_are_compared_by_ids_in_any_case():
    before = {"B2C_1A_Same": "1", "B2C_1A_Changed": "2", "B2C_1A_Gone": "3"}
    after = {"B2C_1A_SAME": "1", "B2C_1A_Changed": "9", "B2C_1A_New": "4"}

    assert difference(before, after) == Difference(
        ("B2C_1A_New",), ("B2C_1A_Changed",), ("B2C_1A_Gone",), ("B2C_1A_SAME",)
    )
    assert difference(before, before).empty
