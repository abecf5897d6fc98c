from __future__ import annotations

import asyncio
import base64

import pytest

from journeyman.errors import SealError
from journeyman.keys.creation import secret_key
from journeyman.keys.root_keys import (
    add_wrapped,
    drop_wrapped,
    new_root_key,
    open_root_keys,
    read_root_keys,
    wrapped_copies,
)
from journeyman.keys.sealing import EnvelopeSealer, envelope_key_id, local_master_key
from journeyman.keys.stores.sql import SqlKeyStore

MASTER = local_master_key(bytes(range(32)))
OTHER = local_master_key(b"\x07" * 32)


class SlowMaster:
    """A master key that two processes use at once."""

    key_id = MASTER.key_id

    def wrap(self, data_key):
        return MASTER.wrap(data_key)

    def unwrap(self, wrapped):
        return MASTER.unwrap(wrapped)


async def test_the_first_start_makes_a_root_key_that_the_master_key_does_not_contain(database):
    sealer = await open_root_keys(database, MASTER, make=True)
    sealed = sealer.seal(b"secret", context="a")

    assert envelope_key_id(sealed).hex() == sealer.current != MASTER.key_id.hex()
    assert sealer.open(sealed, context="a") == b"secret"


async def test_a_second_start_opens_what_the_first_has_sealed(database):
    sealed = (await open_root_keys(database, MASTER, make=True)).seal(b"secret", context="a")
    again = await open_root_keys(database, MASTER, make=True)

    assert again.open(sealed, context="a") == b"secret"
    assert len((await read_root_keys(database)).wrapped) == 1


async def test_processes_that_start_at_once_agree_on_one_root_key(database):
    sealers = await asyncio.gather(*(open_root_keys(database, SlowMaster(), make=True) for _ in range(8)))

    assert len({sealer.current for sealer in sealers}) == 1
    assert len((await read_root_keys(database)).wrapped) == 1


async def test_another_master_key_is_refused_in_words_that_name_both(database):
    await open_root_keys(database, MASTER, make=True)

    with pytest.raises(
        SealError, match=f"sealed under master key {MASTER.key_id.hex()}, .* holds {OTHER.key_id.hex()}"
    ):
        await open_root_keys(database, OTHER, make=True)


async def test_a_store_from_before_root_keys_is_still_read(database, clock):
    before = SqlKeyStore(database, EnvelopeSealer(MASTER), "contoso", clock)
    await before.create("Old", [secret_key("hunter2", use="sig", now=clock.now())])
    after = SqlKeyStore(database, await open_root_keys(database, MASTER, make=True), "contoso", clock)

    assert (await after.get("Old")).keys[0].secret.reveal() == "hunter2"


async def test_a_store_from_before_root_keys_is_not_claimed_by_a_wrong_master_key(database, clock):
    before = SqlKeyStore(database, EnvelopeSealer(MASTER), "contoso", clock)
    await before.create("Old", [secret_key("hunter2", use="sig", now=clock.now())])

    with pytest.raises(SealError, match="start it with the master key that this store was made with"):
        await open_root_keys(database, OTHER, make=True)
    assert await read_root_keys(database) is None


async def test_reading_makes_nothing(database):
    sealer = await open_root_keys(database, MASTER, make=False)

    assert await read_root_keys(database) is None
    assert sealer.master is MASTER


async def test_a_running_engine_takes_over_a_root_key_that_another_process_has_made(database):
    running = await open_root_keys(database, MASTER, make=True)
    old = running.seal(b"before", context="a")
    root = new_root_key()
    await database.execute_many(
        [*wrapped_copies([root], MASTER), ("UPDATE tenant_values SET value = ? WHERE name = 'root_key'", (root.id,))]
    )

    assert await running.refresh()
    assert not await running.refresh()
    assert running.current == root.id
    assert running.open(old, context="a") == b"before"


async def test_a_running_engine_goes_on_when_its_master_key_is_refused_from_now_on(database):
    running = await open_root_keys(database, MASTER, make=True)
    (root,) = running.roots.values()
    await database.execute_many([*wrapped_copies([root], OTHER), drop_wrapped(root.id, MASTER.key_id.hex())])

    assert await running.refresh()
    assert running.open(running.seal(b"x", context="a"), context="a") == b"x"
    assert (await open_root_keys(database, OTHER, make=True)).current == root.id


@pytest.mark.parametrize("position", [0, 20, 47])
async def test_a_changed_root_key_is_named(database, position):
    sealer = await open_root_keys(database, MASTER, make=True)
    wrapped = bytearray((await read_root_keys(database)).wrapped[sealer.current, MASTER.key_id.hex()])
    wrapped[position] ^= 1
    await database.execute(*add_wrapped(sealer.current, MASTER.key_id.hex(), bytes(wrapped)))

    with pytest.raises(SealError, match=f"the root key {sealer.current} of this store was changed in the database"):
        await open_root_keys(database, MASTER, make=False)


async def test_an_exchanged_root_key_is_named(database):
    sealer = await open_root_keys(database, MASTER, make=True)
    other = MASTER.wrap(bytes(32))
    await database.execute(*add_wrapped(sealer.current, MASTER.key_id.hex(), other))

    with pytest.raises(SealError, match=f"the root key {sealer.current} of this store was exchanged in the database"):
        await open_root_keys(database, MASTER, make=False)


async def test_a_root_key_of_another_length_is_refused(database):
    sealer = await open_root_keys(database, MASTER, make=True)
    await database.execute(*add_wrapped(sealer.current, MASTER.key_id.hex(), MASTER.wrap(b"short")))

    with pytest.raises(SealError, match="was changed in the database"):
        await open_root_keys(database, MASTER, make=False)


async def test_a_row_that_is_not_base64_is_named(database):
    sealer = await open_root_keys(database, MASTER, make=True)
    await database.execute("UPDATE tenant_values SET value = '?' WHERE name LIKE 'root_key/%'")

    with pytest.raises(SealError, match=f"root_key/{sealer.current}/.* was changed in the database"):
        await open_root_keys(database, MASTER, make=False)


async def test_a_root_key_that_nobody_can_unwrap_is_an_error(database):
    await open_root_keys(database, MASTER, make=True)
    await database.execute("DELETE FROM tenant_values WHERE name LIKE 'root_key/%'")

    with pytest.raises(SealError, match="sealed under master key nobody knows"):
        await open_root_keys(database, MASTER, make=False)


def test_a_root_key_does_not_print_itself():
    root = new_root_key()

    assert repr(root) == f"RootKey({root.id})"
    assert base64.b64encode(root.material).decode() not in repr([root])


async def test_root_keys_that_were_removed_under_a_running_engine_are_missed(database):
    running = await open_root_keys(database, MASTER, make=True)
    sealed = running.seal(b"x", context="a")
    await database.execute("DELETE FROM tenant_values")

    with pytest.raises(SealError, match="the root keys of this store were removed from the database"):
        await running.refresh()
    assert running.open(sealed, context="a") == b"x"
