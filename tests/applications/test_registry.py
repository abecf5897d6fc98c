from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from journeyman.applications.application import Application
from journeyman.applications.errors import ApplicationChangedError, ApplicationNotFoundError
from journeyman.applications.registry import ApplicationRegistry
from journeyman.errors import SettingsError
from journeyman.secret import Secret
from journeyman.settings import ApplicationSettings, ApplicationType
from journeyman.storage.audit import AuditLog

TENANT_ID = "11111111-2222-3333-4444-555555555555"
FROM_FILE = "22222222-2222-3333-4444-55555555555a"
HASH_KEY = Secret(bytes(range(32)))


@pytest.fixture
def make(database, clock):
    def make(*settings, tenant_id=TENANT_ID, hash_key=HASH_KEY):
        audit = AuditLog(database, clock, key=bytes(32))
        return ApplicationRegistry(settings, database, clock, tenant_id=tenant_id, hash_key=hash_key, audit=audit)

    return make


@pytest.fixture
def registry(make):
    return make(ApplicationSettings(FROM_FILE, "From the file", redirect_uris=("https://app.example/cb",)))


async def test_an_application_of_the_file_is_found_without_regard_to_case(registry):
    application = await registry.get(FROM_FILE.upper())

    assert application.client_id == FROM_FILE
    assert application.redirect_uris == ("https://app.example/cb",)
    assert await registry.get("33333333-2222-3333-4444-555555555555") is None


async def test_an_added_application_is_a_confidential_web_application_with_a_secret(registry, make):
    added, secret = await registry.add("Job", roles=("Policy.Read",), redirect_uris=("https://job.example/cb",))
    after_restart = make()

    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", added.client_id)
    assert added.type is ApplicationType.WEB
    assert len(secret) >= 40
    assert await after_restart.get(added.client_id) == added
    assert await after_restart.is_confidential(added) is True
    assert await after_restart.check_secret(added.client_id, secret) is True


async def test_all_applications_are_listed_with_those_of_the_file_first(registry, clock):
    first, _ = await registry.add("first")
    clock.move(seconds=1)
    second, _ = await registry.add("second", type=None)

    assert [one.client_id for one in await registry.all()] == [FROM_FILE, first.client_id, second.client_id]


async def test_a_wrong_a_blank_and_a_foreign_secret_are_refused(registry):
    one, secret = await registry.add("one")
    other, _ = await registry.add("other")

    assert await registry.check_secret(one.client_id, Secret("")) is False
    assert await registry.check_secret(one.client_id, Secret(secret.reveal()[:-1])) is False
    assert await registry.check_secret(one.client_id, Secret(secret.reveal() * 100)) is False
    assert await registry.check_secret(other.client_id, secret) is False
    assert await registry.check_secret("33333333-2222-3333-4444-555555555555", secret) is False
    assert await registry.check_secret(one.client_id.upper(), secret) is True


async def test_another_tenant_and_another_key_do_not_know_the_secret(registry, make):
    one, secret = await registry.add("one")
    other_tenant = make(tenant_id="99999999-2222-3333-4444-555555555555")

    assert await other_tenant.get(one.client_id) is None
    assert await other_tenant.check_secret(one.client_id, secret) is False
    assert await make(hash_key=Secret(bytes(32))).check_secret(one.client_id, secret) is False


async def test_every_active_secret_is_good_until_it_ends(registry, clock):
    one, first = await registry.add("one")
    second = await registry.add_secret(one.client_id, ends_at=clock.now() + timedelta(days=1))
    before = [await registry.check_secret(one.client_id, secret) for secret in (first, second)]
    clock.move(days=1)

    assert before == [True, True]
    assert await registry.check_secret(one.client_id, first) is True
    assert await registry.check_secret(one.client_id, second) is False


async def test_a_secret_is_not_good_before_its_start(registry, clock):
    one, secret = await registry.add("one")
    clock.move(seconds=-1)

    assert await registry.check_secret(one.client_id, secret) is False


async def test_an_application_of_the_file_may_be_given_a_secret(registry):
    application = await registry.get(FROM_FILE)
    public = await registry.is_confidential(application)
    secret = await registry.add_secret(FROM_FILE)

    assert public is False
    assert await registry.is_confidential(application) is True
    assert await registry.check_secret(FROM_FILE, secret) is True


async def test_an_expired_secret_does_not_make_an_application_public_again(registry, clock):
    await registry.add_secret(FROM_FILE, ends_at=clock.now())

    assert await registry.is_confidential(await registry.get(FROM_FILE)) is True


@pytest.mark.parametrize(
    ("kind", "confidential"),
    [(ApplicationType.WEB, True), (ApplicationType.SPA, False), (ApplicationType.NATIVE, False), (None, False)],
)
async def test_the_type_says_whether_a_secret_is_needed(make, kind, confidential):
    registry = make(ApplicationSettings(FROM_FILE, "a", type=kind))

    assert await registry.is_confidential(await registry.get(FROM_FILE)) is confidential


async def test_a_secret_of_an_application_that_left_the_file_opens_nothing(registry, make):
    secret = await registry.add_secret(FROM_FILE)

    assert await make().check_secret(FROM_FILE, secret) is False


async def test_a_secret_for_an_unknown_application_is_refused(registry):
    with pytest.raises(SettingsError, match="apps add"):
        await registry.add_secret("33333333-2222-3333-4444-555555555555")


async def test_applications_added_at_once_are_all_kept(registry):
    added = await asyncio.gather(*(registry.add(f"app {number}") for number in range(10)))

    assert len(await registry.all()) == 11
    assert all([await registry.check_secret(one.client_id, secret) for one, secret in added])


async def test_the_database_holds_of_a_secret_only_a_hash_and_three_characters(registry, database, database_path):
    one, secret = await registry.add("one")
    row = await database.fetch_one("SELECT hash, hint FROM application_secrets WHERE client_id = ?", (one.client_id,))
    await database.close()
    content = b"".join(path.read_bytes() for path in database_path.parent.iterdir())

    assert len(row[0]) == 32
    assert row[1] == secret.reveal()[:3]
    assert secret.reveal_bytes() not in content
    assert secret.reveal() not in repr((one, secret))


async def test_the_dates_of_client_secrets_are_told_and_nothing_else_of_them(registry, clock):
    one, _ = await registry.add("one")
    await registry.add_secret(one.client_id, ends_at=clock.now() + timedelta(days=30))
    dates = await registry.secret_dates()

    assert {(found.name, found.starts_at, found.ends_at) for found in dates} == {
        ("one", clock.now(), None),
        ("one", clock.now(), clock.now() + timedelta(days=30)),
    }


async def test_an_application_of_an_older_version_can_be_changed(registry, database):
    client_id = "44444444-2222-3333-4444-555555555555"
    record = '{"name":"Old","type":"web","redirect_uris":["https://old.example/cb"],"roles":["Reader"]}'
    await database.execute(
        "INSERT INTO applications (tenant, client_id, record, created_at) VALUES (?, ?, ?, 0)",
        (TENANT_ID, client_id, record),
    )
    before = await registry.get(client_id)
    after = await registry.changes("test").replace(before, replace(before, roles=()))

    assert (before.roles, after.roles) == (("Reader",), ())
    assert await registry.get(client_id) == after
    with pytest.raises(ApplicationChangedError):
        await registry.changes("test").replace(before, replace(before, name="New"))


async def test_what_is_not_there_cannot_be_changed(registry):
    stranger = Application("55555555-2222-3333-4444-555555555555", "Stranger")
    changes = registry.changes("test")

    with pytest.raises(ApplicationChangedError):
        await changes.replace(stranger, stranger)
    with pytest.raises(ApplicationNotFoundError):
        await changes.delete(stranger)
    with pytest.raises(ApplicationNotFoundError):
        await changes.remove_secret(stranger.client_id, "66666666-2222-3333-4444-555555555555")
