from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.creation import Lifetime, oct_key, rsa_key
from journeyman.keys.development import TOKEN_ENCRYPTION, TOKEN_SIGNING, WantedKeySet, make_missing


async def test_missing_token_keys_are_made_once(store, clock, now):
    wanted = (TOKEN_SIGNING, TOKEN_ENCRYPTION)

    assert await make_missing(store, wanted, clock) == (
        "B2C_1A_TokenSigningKeyContainer",
        "B2C_1A_TokenEncryptionKeyContainer",
    )
    assert await make_missing(store, wanted, clock) == ()
    signing = (await store.get("B2C_1A_TokenSigningKeyContainer")).active(now)
    encryption = (await store.get("B2C_1A_TokenEncryptionKeyContainer")).active(now)
    assert (signing.kty, signing.use, signing.private_key.key_size) == ("RSA", "sig", 2048)
    assert (encryption.kty, encryption.use) == ("RSA", "enc")


async def test_a_placeholder_secret_is_made_where_one_is_wanted(store, clock):
    await make_missing(store, [WantedKeySet("B2C_1A_FacebookSecret", kty="oct")], clock)

    assert len((await store.get("B2C_1A_FacebookSecret")).keys[0].secret.reveal()) == 43


async def test_a_set_without_keys_gets_one(store, clock):
    await store.create("B2C_1A_Empty")

    assert await make_missing(store, [WantedKeySet("B2C_1A_Empty", kty="oct")], clock) == ("B2C_1A_Empty",)
    assert len((await store.get("B2C_1A_Empty")).keys) == 1


async def test_a_set_that_exists_is_left_alone_even_when_expired(store, clock, private_key, now):
    await store.create("B2C_1A_Mine", [rsa_key(private_key, use="sig", now=now)])
    await store.create("B2C_1A_Old", [oct_key("x", use="sig", now=now, lifetime=Lifetime(None, now - timedelta(1)))])

    assert await make_missing(store, [WantedKeySet("b2c_1a_mine"), WantedKeySet("B2C_1A_Old")], clock) == ()


async def test_of_processes_that_make_one_key_at_once_one_does(store, clock):
    wanted = [WantedKeySet("B2C_1A_FacebookSecret", kty="oct")]

    made = await asyncio.gather(*(make_missing(store, wanted, clock) for _ in range(4)))

    assert sorted(made) == [(), (), (), ("B2C_1A_FacebookSecret",)]
    assert len((await store.get("B2C_1A_FacebookSecret")).keys) == 1


async def test_a_name_that_is_none_is_refused(store, clock):
    with pytest.raises(KeyStoreError, match="is not a name"):
        await make_missing(store, [WantedKeySet("B2C_1A_a b", kty="oct")], clock)


class FullStore:
    """A store without key sets that takes none."""

    async def get(self, id):
        raise KeySetNotFoundError(id)

    async def create(self, id, keys):
        raise KeyStoreError("the disk is full")


async def test_a_key_that_cannot_be_stored_is_an_error(clock):
    with pytest.raises(KeyStoreError, match="the disk is full"):
        await make_missing(FullStore(), [WantedKeySet("B2C_1A_FacebookSecret", kty="oct")], clock)
