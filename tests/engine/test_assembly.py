from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from journeyman.diagnostics import PolicyError, Severity
from journeyman.directory.passwords import PasswordHasher
from journeyman.engine import assembly, compiling, open_engine
from journeyman.engine.rewrap import change_under_way, finish, reseal_under
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.errors import JourneymanError, ServiceError, StorageError
from journeyman.keys.creation import generate_secret, secret_key
from journeyman.keys.sealing import local_master_key
from journeyman.secret import Secret
from journeyman.settings import load_settings
from journeyman.state.store import Kind

PRODUCTION = '[server]\nmode = "production"\n'
KEYS = {f"keys/B2C_1A_{name}.txt": "a secret of thirty-two characters" for name in ("Salt",)}


def a_policy(xml, id="B2C_1A_Test", **options):
    profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
    return xml.policy(xml.step(Id="Id"), profiles=(profile,), id=id, **options)


def broken(text):
    return text.replace('TechnicalProfileReferenceId="Id"', 'TechnicalProfileReferenceId="Nobody"')


async def test_a_tenant_folder_becomes_an_engine_that_is_ready(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})

    assert engine.ready
    assert engine.policies.ids() == ("B2C_1A_Test",)
    assert engine.tenant.name == "contoso.onmicrosoft.com"
    assert engine.mailbox is not None


async def test_missing_token_keys_are_made_in_development_with_one_warning_each(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await engine.reload()

    assert open_tenant.warnings == [
        "policy key B2C_1A_TokenSigningKeyContainer was missing: a new one was made, in development mode only",
        "policy key B2C_1A_TokenEncryptionKeyContainer was missing: a new one was made, in development mode only",
    ]
    assert engine.keys.active("B2C_1A_TokenSigningKeyContainer").private_key is not None


async def test_a_second_start_keeps_the_tenant_and_its_keys(xml, open_tenant):
    first = await open_tenant({"test.xml": a_policy(xml)})
    kid, tenant = first.keys.active("B2C_1A_TokenSigningKeyContainer").kid, first.tenant.id
    await first.close()

    second = await open_tenant()

    assert second.keys.active("B2C_1A_TokenSigningKeyContainer").kid == kid
    assert second.tenant.id == tenant


async def test_files_of_the_keys_folder_that_are_no_keys_are_named(xml, open_tenant):
    await open_tenant({"test.xml": a_policy(xml), "keys/README.md": "not a key", **KEYS})

    assert "keys/README.md is not a key file and was passed over" in open_tenant.warnings


async def test_a_broken_policy_is_not_served_in_development_and_the_others_are(xml, open_tenant):
    files = {"good.xml": a_policy(xml), "bad.xml": broken(a_policy(xml, "B2C_1A_Bad"))}

    engine = await open_tenant(files)

    assert engine.policies.ids() == ("B2C_1A_Test",)
    assert any("Nobody" in reason for reason in engine.policies.problems_of("b2c_1a_bad"))
    assert any(one.severity is Severity.ERROR for one in engine.policies.diagnostics)


async def test_production_refuses_a_release_with_an_error_whole(xml, open_tenant):
    files = {"good.xml": a_policy(xml), "bad.xml": broken(a_policy(xml, "B2C_1A_Bad"))}

    with pytest.raises(PolicyError) as caught:
        await open_tenant(files, settings=PRODUCTION)

    assert "the release is refused" in str(caught.value)
    assert any("Nobody" in one.message for one in caught.value.diagnostics)


async def test_production_asks_for_the_token_keys_that_policies_name_and_makes_none(xml, open_tenant):
    with pytest.raises(PolicyError) as caught:
        await open_tenant({"good.xml": a_policy(xml)}, settings=PRODUCTION)

    assert any("B2C_1A_TokenSigningKeyContainer" in one.message for one in caught.value.diagnostics)
    assert open_tenant.warnings == []


async def test_a_reload_serves_what_has_changed_once_it_is_swapped_in(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    before = engine.policies
    open_tenant.write({"more.xml": a_policy(xml, "B2C_1A_More")}, "")

    after = await engine.reload()

    assert engine.policies is before
    assert before.ids() == ("B2C_1A_Test",)
    assert sorted(after.ids()) == ["B2C_1A_More", "B2C_1A_Test"]


async def test_a_reload_that_fails_in_production_leaves_what_is_served(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await engine.close()
    engine = await open_tenant({"test.xml": a_policy(xml)}, settings=PRODUCTION)
    served = engine.policies
    open_tenant.write({"test.xml": broken(a_policy(xml))}, PRODUCTION)

    with pytest.raises(PolicyError):
        await engine.reload()
    assert engine.policies is served
    assert engine.policies.find("B2C_1A_TEST") is not None


async def test_a_start_that_fails_half_way_gives_everything_back(xml, open_tenant):
    with pytest.raises(PolicyError):
        await open_tenant({"bad.xml": broken(a_policy(xml))}, settings=PRODUCTION)

    names = {task.get_name() for task in asyncio.all_tasks()}
    database = sqlite3.connect(open_tenant.folder / ".journeyman" / "journeyman.db", timeout=0.1)
    database.execute("BEGIN EXCLUSIVE")
    database.close()

    assert not any(name.startswith("journeyman") for name in names)


async def test_closing_twice_does_no_harm_and_ends_the_upkeep(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})

    await engine.close()
    await engine.close()

    assert "journeyman-upkeep" not in {task.get_name() for task in asyncio.all_tasks()}
    with pytest.raises((StorageError, sqlite3.ProgrammingError)):
        await engine.database.fetch_one("SELECT 1")


async def test_the_hasher_that_is_given_is_closed_with_the_engine(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml)})
    await engine.close()
    hasher = PasswordHasher(memory_kib=64, time_cost=1)
    another = await open_engine(engine.settings, warn=lambda _: None, passwords=hasher)

    await another.close()

    with pytest.raises(RuntimeError, match="shutdown"):
        await hasher.verify(None, Secret("x"))


class BadDay:
    """Keys whose store fails while ``failing`` is set."""

    version = 0

    def infos(self):
        return {}

    def key_sets(self):
        return ()

    def __init__(self):
        self.failing = True
        self.refreshed = 0

    async def refresh(self):
        self.refreshed += 1
        if self.failing:
            raise StorageError("the disk is full")
        return False


class Counted:
    """A state store that counts purges."""

    def __init__(self):
        self.purged = 0

    async def purge(self):
        self.purged += 1


async def until(condition):
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


async def test_upkeep_survives_a_database_that_fails_and_says_so_once(xml, open_tenant, monkeypatch, caplog):
    monkeypatch.setattr(assembly, "KEY_REFRESH_S", 0.001)
    monkeypatch.setattr(assembly, "PURGE_EVERY_S", 0.005)
    engine = await open_tenant({"test.xml": a_policy(xml)})
    keys, state = BadDay(), Counted()
    watched = replace(engine, keys=keys, state=state)

    task = asyncio.create_task(assembly._upkeep(watched, keys))
    await until(lambda: keys.refreshed > 3)
    keys.failing = False
    await until(lambda: state.purged > 1)
    await assembly._stop(task)

    assert [record.levelno for record in caplog.records if record.name == "journeyman.engine.assembly"] == [
        logging.ERROR,
        logging.WARNING,
    ]
    assert "the disk is full" in caplog.text


async def test_a_key_of_another_process_is_taken_over(xml, open_tenant, monkeypatch):
    monkeypatch.setattr(assembly, "KEY_REFRESH_S", 0.001)
    one = await open_tenant({"test.xml": a_policy(xml)})
    other = await open_tenant()

    await other.key_store.delete("B2C_1A_TokenEncryptionKeyContainer")

    await until(lambda: "b2c_1a_tokenencryptionkeycontainer" not in one.keys.infos())


async def test_a_key_that_comes_serves_its_policy_and_one_that_goes_leaves_it_served(xml, open_tenant, monkeypatch):
    monkeypatch.setattr(assembly, "KEY_REFRESH_S", 0.01)
    metadata = {"ServiceUrl": "https://api.example.com", "AuthenticationType": "ApiKeyHeader"}
    key = '</Metadata><CryptographicKeys><Key Id="x-key" StorageReferenceId="B2C_1A_ApiKey" /></CryptographicKeys>'
    profile = xml.profile("REST-Get", "rest", metadata=metadata, outputs=("tier",)).replace("</Metadata>", key)
    policy = xml.policy(
        xml.step(Get="REST-Get"), claims=(xml.claim("tier"),), profiles=(profile,), outputs=("tier",), subject=""
    )
    engine = await open_tenant({"test.xml": policy})
    before = set(engine.policies.served)
    await engine.key_store.create("ApiKey", [generate_secret(use="sig", now=engine.clock.now())])
    await until(lambda: set(engine.policies.served) != before)
    await asyncio.sleep(0.2)  # the token keys that were made are taken over, too
    await engine.key_store.delete("ApiKey")
    await until(lambda: "b2c_1a_apikey" not in engine.keys.infos())
    await asyncio.sleep(0.1)

    assert (before, set(engine.policies.served)) == (set(), {"b2c_1a_test"})


async def test_the_master_key_is_changed_under_a_running_engine(xml, open_tenant, monkeypatch):
    monkeypatch.setattr(assembly, "KEY_REFRESH_S", 0.01)
    engine = await open_tenant({"test.xml": a_policy(xml)})
    ends = engine.clock.now() + timedelta(hours=1)
    await engine.state.put(Kind.SESSION, "before", b"1", expires_at=ends)
    async with open_tenant_store(engine.settings, engine.clock) as store:
        target = local_master_key(b"\x07" * 32)
        resealed = await reseal_under(store, target, wait_s=0.3, actor="test", tell=lambda _: None)
        await finish(store, await change_under_way(store), actor="test")
    await engine.state.put(Kind.SESSION, "after", b"2", expires_at=ends)
    await engine.key_store.create("Late", [generate_secret(use="sig", now=engine.clock.now())])

    assert resealed.damaged == {}
    assert [(await engine.state.get(Kind.SESSION, name)).value for name in ("before", "after")] == [b"1", b"2"]
    await until(lambda: "b2c_1a_late" in engine.keys.infos())


async def test_transformations_read_policy_keys_and_miss_those_that_are_not_there(xml, open_tenant):
    engine = await open_tenant({"test.xml": a_policy(xml), "keys/B2C_1A_Salt.txt": "pepper"})

    key_text = engine.policies.find("B2C_1A_Test").runner.pipeline.key_text

    assert key_text("B2C_1A_Salt") == "pepper"
    assert key_text("B2C_1A_Nothing") is None
    assert key_text("B2C_1A_TokenSigningKeyContainer") is None


async def test_a_policy_whose_profile_cannot_be_wired_is_told_apart(xml, open_tenant, monkeypatch):
    def unwireable(*_, **__):
        raise ServiceError("the profile has no key", service_code="AADB2C90025")

    await (await open_tenant({"test.xml": a_policy(xml)})).close()
    monkeypatch.setattr(compiling, "serve", unwireable)
    detail = "B2C_1A_Test cannot be served: AADB2C90025: the profile has no key"

    engine = await open_tenant()

    assert engine.policies.ids() == ()
    assert engine.policies.problems_of("B2C_1A_Test") == (detail,)
    assert detail in open_tenant.warnings
    await engine.close()
    with pytest.raises(PolicyError, match="cannot be served"):
        await open_tenant({"test.xml": a_policy(xml)}, settings=PRODUCTION)


async def test_a_folder_without_settings_is_an_error_and_no_crash(tmp_path):
    with pytest.raises(JourneymanError):
        load_settings(tmp_path, environment={})


async def test_in_development_a_policy_is_served_once_the_key_is_there_that_it_was_missing(
    xml, open_tenant, monkeypatch
):
    monkeypatch.setattr(assembly, "KEY_REFRESH_S", 0.001)
    engine = await open_tenant({"test.xml": a_policy(xml)})
    before = engine.policies
    await engine.key_store.create("B2C_1A_Another", [secret_key("x", use="sig", now=engine.clock.now())])

    await until(lambda: engine.policies is not before)
    assert engine.policies.ids() == before.ids()


async def test_a_relying_party_without_a_journey_is_not_served_and_says_why(open_tenant, xml):
    text = xml.policy(xml.step("Noop"), outputs=(), subject="").replace(
        '<DefaultUserJourney ReferenceId="Journey" />', ""
    )

    engine = await open_tenant({"test.xml": text})

    assert engine.policies.find("B2C_1A_Test") is None
    (reason,) = engine.policies.problems_of("B2C_1A_Test")
    assert "AADB2C90031: The relying party has no DefaultUserJourney" in reason
