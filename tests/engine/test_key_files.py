from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from journeyman.clock import SystemClock
from journeyman.compiler.spec import KeyInfo
from journeyman.engine.key_files import known_key_sets, known_keys
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.keys.creation import Lifetime, generate_secret
from journeyman.keys.folder import import_folder
from journeyman.settings import Settings

CLOCK = SystemClock()


def settings_of(folder):
    return Settings(folder=folder, tenant_name="contoso.onmicrosoft.com", tenant_id=None)


def key_file(folder, name, text="secret"):
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / f"B2C_1A_{name}.txt").write_text(text)


async def store_key(folder, name):
    async with open_tenant_store(settings_of(folder), CLOCK) as store:
        await store.keys.create(name, [generate_secret(use="enc", now=CLOCK.now())])


async def test_a_folder_without_keys_knows_none(tmp_path):
    assert await known_keys(settings_of(tmp_path)) == {}


async def test_keys_of_the_store_and_of_files_are_known_by_id_in_lower_case(tmp_path):
    await store_key(tmp_path, "Stored")
    key_file(tmp_path, "File")
    found = await known_keys(settings_of(tmp_path))

    assert found == {
        "b2c_1a_stored": KeyInfo("B2C_1A_Stored", "oct", False, False, True, "enc"),
        "b2c_1a_file": KeyInfo("B2C_1A_File", "oct", False, False, True, "sig", placeholder=True),
    }


async def test_a_deleted_key_is_not_known_to_policies(tmp_path):
    await store_key(tmp_path, "Gone")
    async with open_tenant_store(settings_of(tmp_path), CLOCK) as store:
        await store.keys.delete("Gone")

    assert await known_keys(settings_of(tmp_path)) == {}
    assert [known.key_set.id for known in await known_key_sets(settings_of(tmp_path), CLOCK)] == ["B2C_1A_Gone.bak"]


async def test_a_file_counts_for_the_store_only_when_it_was_taken_over_as_it_is(tmp_path):
    key_file(tmp_path, "Token", "first")
    async with open_tenant_store(settings_of(tmp_path), CLOCK) as store:
        await import_folder(tmp_path / "keys", store.keys, CLOCK)
    taken_over = await known_key_sets(settings_of(tmp_path), CLOCK)
    key_file(tmp_path, "Token", "second")
    changed = await known_key_sets(settings_of(tmp_path), CLOCK)

    assert [known.stored for known in taken_over] == [True]
    assert [known.stored for known in changed] == [False]


async def test_a_key_that_waits_for_its_date_counts_when_the_settings_say_so(tmp_path):
    settings = settings_of(tmp_path)
    later = Lifetime(CLOCK.now() + timedelta(hours=3))
    async with open_tenant_store(settings, CLOCK) as store:
        await store.keys.create("Late", [generate_secret(use="sig", now=CLOCK.now(), lifetime=later)])
    lenient = replace(settings, activate_sole_future_key=True)

    assert [info.has_active_key for info in (await known_keys(settings)).values()] == [False]
    assert [info.has_active_key for info in (await known_keys(lenient)).values()] == [True]
