from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import open_tenant_store, read_tenant_store
from journeyman.errors import KeyStoreError, SettingsError
from journeyman.keys.creation import generate_secret
from journeyman.keys.master_key import master_key_from_file
from journeyman.settings import MasterKeySettings, MasterKeySource, Settings, VaultSettings

CLOCK = SystemClock()


def settings_of(folder, tenant_id=None):
    return Settings(folder=folder, tenant_name="contoso.onmicrosoft.com", tenant_id=tenant_id)


async def test_the_tenant_id_is_made_once_and_kept(tmp_path):
    async with open_tenant_store(settings_of(tmp_path), CLOCK) as store:
        first = store.tenant_id
    async with read_tenant_store(settings_of(tmp_path), CLOCK) as store:
        assert store is not None
        second = store.tenant_id

    assert len(first) == 36
    assert first == second


async def test_the_tenant_id_of_the_settings_wins(tmp_path):
    async with open_tenant_store(settings_of(tmp_path, "11111111-2222-3333-4444-555555555555"), CLOCK) as store:
        assert store.tenant_id == "11111111-2222-3333-4444-555555555555"


async def test_reading_before_the_first_start_is_none_and_makes_nothing(tmp_path):
    async with read_tenant_store(settings_of(tmp_path), CLOCK) as store:
        assert store is None

    assert list(tmp_path.iterdir()) == []


async def test_a_key_is_read_as_it_was_written(tmp_path):
    async with open_tenant_store(settings_of(tmp_path), CLOCK) as store:
        await store.keys.create("Token", [generate_secret(use="sig", now=CLOCK.now())])
    async with read_tenant_store(settings_of(tmp_path), CLOCK) as store:
        assert store is not None
        assert (await store.keys.get("Token")).id == "B2C_1A_Token"


async def test_a_lost_master_key_is_an_error_and_no_new_one_is_made(tmp_path):
    async with open_tenant_store(settings_of(tmp_path), CLOCK):
        pass
    (tmp_path / ".journeyman" / "master.key").unlink()
    with pytest.raises(KeyStoreError, match="the master key of this store is missing; put it back"):
        async with read_tenant_store(settings_of(tmp_path), CLOCK):
            pass

    assert not (tmp_path / ".journeyman" / "master.key").exists()


async def test_before_the_first_start_there_is_no_redaction_key(tmp_path):
    async with open_tenant_store(settings_of(tmp_path), CLOCK) as store:
        assert await store.redaction_key() is None


async def test_a_start_without_the_master_key_of_its_store_makes_no_new_one(tmp_path):
    async with open_tenant_store(settings_of(tmp_path), CLOCK):
        pass
    (tmp_path / ".journeyman" / "master.key").unlink()
    with pytest.raises(KeyStoreError, match="the master key of this store is missing; put it back, or set JOURNEYMAN"):
        async with open_tenant_store(settings_of(tmp_path), CLOCK):
            pass

    assert not (tmp_path / ".journeyman" / "master.key").exists()


async def test_a_file_that_the_settings_name_wins_over_the_environment(tmp_path, monkeypatch):
    settings = replace(settings_of(tmp_path), master_key=MasterKeySettings(file=tmp_path / "named.key"))
    expected = master_key_from_file(tmp_path / "named.key").key_id
    monkeypatch.setenv("JOURNEYMAN_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    async with open_tenant_store(settings, CLOCK) as store:
        assert store.sealer.master.key_id == expected


async def test_a_file_that_the_settings_name_is_not_made(tmp_path):
    settings = replace(settings_of(tmp_path), master_key=MasterKeySettings(file=tmp_path / "named.key"))
    with pytest.raises(KeyStoreError, match=r"named\.key: the master key of this store is missing; put it back$"):
        async with open_tenant_store(settings, CLOCK):
            pass

    assert not (tmp_path / "named.key").exists()


async def test_a_vault_without_its_table_is_refused(tmp_path):
    settings = replace(settings_of(tmp_path), master_key=MasterKeySettings(MasterKeySource.VAULT))
    with pytest.raises(SettingsError, match=r"names no vault; add \[vault\]"):
        async with open_tenant_store(settings, CLOCK):
            pass


async def test_a_store_whose_master_key_is_in_the_vault_has_no_key_file(tmp_path, vault_server, monkeypatch):
    monkeypatch.setenv("VAULT_TOKEN", vault_server.token)
    vault = VaultSettings(vault_server.address, trust=vault_server.ca)
    settings = replace(settings_of(tmp_path), master_key=MasterKeySettings(MasterKeySource.VAULT), vault=vault)
    async with open_tenant_store(settings, CLOCK) as store:
        await store.keys.create("Token", [generate_secret(use="sig", now=CLOCK.now())])
    async with read_tenant_store(settings, CLOCK) as store:
        assert store is not None
        assert len((await store.keys.get("Token")).keys) == 1

    assert not (tmp_path / ".journeyman" / "master.key").exists()
