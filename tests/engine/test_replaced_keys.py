"""Key sets that nothing names are deleted after a while, and no others."""

from __future__ import annotations

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.store import ConfigurationStore, Kind
from journeyman.engine.replaced_keys import ReplacedKeys
from journeyman.errors import KeySetNotFoundError
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.settings.identity import ApiConnector, BasicCredentials, IdentityProvider, IdentitySettings
from journeyman.storage.audit import AuditLog
from journeyman.storage.sqlite import open_sqlite

OLD = "B2C_1A_ApiConnector-00112233445566778899aabbccddeeff-password"
NEW = f"{OLD}-0a1b2c"
FACEBOOK = "B2C_1A_IdentityProvider-Facebook-OAUTH-secret-0a1b2c"
PEOPLES = ("B2C_1A_ApiConnector-Loyalty", "B2C_1A_IdentityProvider-Facebook", "B2C_1A_Other")
CONNECTOR = ApiConnector("00112233-4455-6677-8899-aabbccddeeff", "L", "https://api.example", BasicCredentials("u", NEW))


@pytest.fixture
async def tenant(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    configuration = ConfigurationStore(database, clock, AuditLog(database, clock, key=bytes(32)), tenant="one")
    keys = SqlKeyStore(database, EnvelopeSealer(local_master_key(bytes(32))), "one", clock)
    for key_id in (OLD, NEW, FACEBOOK, *PEOPLES):
        await keys.create(key_id)
    yield configuration, keys
    await database.close()


@pytest.fixture
def upkeep(tenant, clock):
    def of(**declared) -> ReplacedKeys:
        return ReplacedKeys(*tenant, IdentitySettings(**declared), clock)

    return of


async def left(tenant) -> set[str]:
    return {each.id for each in await tenant[1].stored()}


async def test_what_is_stored_or_declared_keeps_its_keys_and_other_keys_are_none_of_its_business(tenant, upkeep, clock):
    await tenant[0].create(Kind.API_CONNECTOR, CONNECTOR.id, encode(CONNECTOR))
    provider = IdentityProvider("Facebook-OAUTH", "Facebook", "FB", "id", FACEBOOK.upper())
    running = upkeep(identity_providers=(provider,))

    await running.run()
    before = await left(tenant)
    clock.turn(seconds=61)
    await running.run()

    assert before == {OLD, NEW, FACEBOOK, *PEOPLES}
    assert await left(tenant) == {NEW, FACEBOOK, *PEOPLES}


async def test_a_set_that_is_named_in_the_meantime_stays(tenant, upkeep, clock):
    running = upkeep()
    await running.run()
    await tenant[0].create(Kind.API_CONNECTOR, CONNECTOR.id, encode(CONNECTOR))
    clock.turn(seconds=61)
    await running.run()

    assert await left(tenant) == {NEW, *PEOPLES}


async def test_it_looks_every_quarter_of_a_minute(tenant, upkeep, clock):
    running = upkeep()
    await running.run()
    for _ in range(3):
        clock.turn(seconds=14)
        await running.run()
        clock.turn(seconds=2)

    assert OLD in await left(tenant)


async def test_while_an_object_cannot_be_read_nothing_is_deleted(tenant, upkeep, clock):
    await tenant[0].create(Kind.API_CONNECTOR, "damaged", {"id": "damaged"})
    running = upkeep()
    await running.run()
    clock.turn(seconds=61)
    await running.run()

    assert await left(tenant) == {OLD, NEW, FACEBOOK, *PEOPLES}


async def test_a_set_that_another_process_has_deleted_is_passed_over(tenant, upkeep, clock):
    running = upkeep()
    await running.run()
    clock.turn(seconds=61)
    other = upkeep()
    await other.run()
    running.keys = Late(tenant[1])
    await running.run()

    assert OLD in await left(tenant)


class Late:
    """A store whose sets are gone when they are to be deleted."""

    def __init__(self, store) -> None:
        self.stored = store.stored

    async def delete(self, id):
        raise KeySetNotFoundError(id)


async def test_without_such_sets_the_configuration_is_not_read(tmp_path, clock):
    database = open_sqlite(tmp_path / "other.db")
    keys = SqlKeyStore(database, EnvelopeSealer(local_master_key(bytes(32))), "one", clock)
    await ReplacedKeys(None, keys, IdentitySettings(), clock).run()
    await database.close()
