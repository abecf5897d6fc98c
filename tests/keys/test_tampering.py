"""Somebody changes the database: any byte of a stored record is missed and named, and no record opens elsewhere."""

from __future__ import annotations

import pytest

from journeyman.errors import KeyStoreError, SealError
from journeyman.keys.creation import pfx_key, secret_key
from journeyman.keys.ring import KeyRing
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.secret import Secret

PLACE = "policy-key/contoso.onmicrosoft.com/b2c_1a_one/"


@pytest.fixture
async def filled(store, clock):
    for name in ("One", "Two"):
        await store.create(name, [secret_key(f"secret of {name}", use="sig", now=clock.now())])
    return store


async def record_of(database, name):
    row = await database.fetch_one("SELECT record FROM keys WHERE set_key = ?", (f"b2c_1a_{name}",))
    return row[0]


async def put(database, record, name="one"):
    await database.execute("UPDATE keys SET record = ? WHERE set_key = ?", (record, f"b2c_1a_{name}"))


async def test_every_changed_byte_of_a_record_is_missed_and_the_record_named(filled, database, clock):
    record = await record_of(database, "one")
    for position in range(len(record)):
        changed = bytearray(record)
        changed[position] ^= 0x40
        await put(database, bytes(changed))
        with pytest.raises(SealError, match=f"^{PLACE}"):
            await KeyRing(filled, clock).load()

    await put(database, record)
    await KeyRing(filled, clock).load()


@pytest.mark.parametrize("length", [0, 1, 12, 60, 100])
async def test_a_record_that_is_cut_off_is_missed_and_named(filled, database, clock, length):
    await put(database, (await record_of(database, "one"))[:length])

    with pytest.raises(SealError, match=f"^{PLACE}"):
        await KeyRing(filled, clock).load()


async def test_the_record_of_another_policy_key_does_not_open(filled, database, clock):
    await put(database, await record_of(database, "two"))

    with pytest.raises(SealError, match=f"^{PLACE}.*: the sealed record was damaged or moved from another place"):
        await filled.get("One")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE keys SET kid = 'another' WHERE set_key = 'b2c_1a_one'",
        "UPDATE keys SET set_key = 'b2c_1a_two' WHERE set_key = 'b2c_1a_one'",
        "UPDATE keys SET sequence = sequence + 1 WHERE set_key = 'b2c_1a_one'",
        "UPDATE keys SET tenant = 'fabrikam'; UPDATE key_sets SET tenant = 'fabrikam'",
    ],
)
async def test_a_record_that_was_moved_does_not_open(filled, database, clock, change):
    for statement in change.split(";"):
        await database.execute(statement)
    tenant = "fabrikam" if "fabrikam" in change else filled.tenant
    moved = SqlKeyStore(database, filled.sealer, tenant, clock)

    with pytest.raises(SealError):
        await KeyRing(moved, clock).load()


async def test_an_older_record_of_the_same_key_is_not_told_from_the_newer(filled, database, clock):
    """What a seal cannot show: a whole row put back as it was. The audit trail shows that it was changed since."""
    old = await record_of(database, "one")
    (key,) = (await filled.get("One")).keys
    await filled.enable("One", key.kid, enabled=False)
    await put(database, old)

    assert (await filled.get("One")).keys[0].enabled


async def test_a_damaged_policy_key_keeps_the_others_readable(filled, database):
    await put(database, b"")

    with pytest.raises(KeyStoreError):
        await filled.get("One")
    assert (await filled.get("Two")).keys[0].secret.reveal() == "secret of Two"


async def test_every_changed_byte_of_a_certificate_record_is_missed(store, database, clock, client_certificate):
    await store.create("One", [pfx_key(client_certificate.pfx(Secret("pw")), Secret("pw"), now=clock.now())])
    record = await record_of(database, "one")
    for position in range(0, len(record), 37):
        changed = bytearray(record)
        changed[position] ^= 1
        await put(database, bytes(changed))
        with pytest.raises(SealError, match=f"^{PLACE}"):
            await store.get("One")
