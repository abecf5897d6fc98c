from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from journeyman.errors import KeySetNotFoundError, KeyStoreError, SealError
from journeyman.keys.certificate import self_signed
from journeyman.keys.creation import oct_key, read_pfx, rsa_key, secret_key
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.secret import Secret
from journeyman.storage.audit import AuditEvent, AuditLog

CANARY = "canary-3f9a-hunter2"


@pytest.fixture
def key(now):
    return secret_key(CANARY, use="sig", now=now)


def another(store, **changes):
    return dataclasses.replace(store, **changes)


async def copy_record(database, *, source, target):
    await database.execute(
        "UPDATE keys SET record = (SELECT record FROM keys WHERE set_key = ?) WHERE set_key = ?", (source, target)
    )


async def test_a_created_set_is_empty_and_has_the_prefix(store):
    assert await store.create("RestPassword") == "B2C_1A_RestPassword"
    assert (await store.get("B2C_1A_RestPassword")).keys == ()


async def test_a_key_comes_back_after_a_restart(store, key):
    await store.create("Rest")
    added = await store.add("Rest", key)

    assert (await another(store).get("Rest")).keys == (added,)
    assert added == dataclasses.replace(key, sequence=1)


async def test_a_set_may_be_created_with_its_first_keys(store, key):
    await store.create("Rest", [key])

    assert [entry.kid for entry in (await store.get("Rest")).keys] == [key.kid]


async def test_ids_are_found_without_regard_to_case_and_keep_theirs(store, key):
    await store.create("B2C_1A_RestPassword", [key])

    assert (await store.get("b2c_1a_RESTPASSWORD")).id == "B2C_1A_RestPassword"


async def test_a_set_is_not_created_twice(store):
    await store.create("Rest")

    with pytest.raises(KeyStoreError) as caught:
        await store.create("b2c_1a_rest")
    assert str(caught.value) == (
        "AADB2C95028: Can't create trustframework key set with name 'b2c_1a_rest' because it already exists."
    )


async def test_an_unknown_set_is_not_found(store):
    with pytest.raises(KeySetNotFoundError) as caught:
        await store.get("B2C_1A_Rest")
    assert str(caught.value) == (
        "AADB2C90073: KeyContainer with 'id': 'B2C_1A_Rest' cannot be found in the directory 'contoso.onmicrosoft.com'."
    )


async def test_a_key_is_not_added_to_a_set_that_is_missing(store, key):
    for attempt in (store.add("Rest", key), store.replace("Rest", [key]), store.enable("Rest", "k", enabled=True)):
        with pytest.raises(
            KeySetNotFoundError, match=r"^AADB2C95052: The trustframework key set with id 'B2C_1A_Rest'"
        ):
            await attempt


async def test_keys_keep_the_order_in_which_they_were_added(store, now):
    await store.create("Rest")
    for number in range(12):
        await store.add("Rest", oct_key("x", use="sig", now=now, kid=f"{99 - number}"))

    keys = (await store.get("Rest")).keys
    assert [entry.kid for entry in keys] == [str(99 - number) for number in range(12)]
    assert [entry.sequence for entry in keys] == list(range(1, 13))


async def test_a_set_has_one_type_and_one_use(store, key, private_key, now):
    await store.create("Rest", [key])

    with pytest.raises(KeyStoreError, match=r"^AADB2C95032: "):
        await store.add("Rest", rsa_key(private_key, use="sig", now=now))
    with pytest.raises(KeyStoreError, match=r"^AADB2C95042: "):
        await store.add("Rest", secret_key("x", use="enc", now=now))


async def test_the_same_certificate_is_refused_the_second_time(store, own_certificate, now):
    await store.create("Cert")
    added = await store.add("Cert", read_pfx(own_certificate.pfx(Secret("")), Secret(""), now=now))

    with pytest.raises(KeyStoreError) as caught:
        await store.add("Cert", read_pfx(own_certificate.pfx(Secret("")), Secret(""), now=now))
    assert str(caught.value) == f"AADB2C90180: The presented key '{added.kid}' of type 'RSA' already exists."


async def test_a_renewed_certificate_of_the_same_key_gets_the_thumbprint_of_its_certificate_as_kid(store, now):
    first = self_signed("CN=one", now=now)
    key = read_pfx(first.pfx(Secret("")), Secret(""), now=now)
    renewed = dataclasses.replace(key, certificates=(self_signed("CN=two", now=now).certificate,))
    await store.create("Cert", [key])
    added = await store.add("Cert", renewed)

    assert added.kid != key.kid
    assert len(added.kid) == 43
    with pytest.raises(KeyStoreError, match=r"^AADB2C90180: "):
        await store.add("Cert", renewed)


async def test_the_same_text_may_stand_twice_so_that_its_dates_can_be_extended(store, now):
    await store.create("Rest", [secret_key("x", use="sig", now=now)])
    await store.add("Rest", secret_key("x", use="sig", now=now))

    assert len((await store.get("Rest")).keys) == 2


async def test_replacing_leaves_the_new_keys_only_and_goes_on_counting(store, key, now):
    await store.create("Rest", [key])
    replaced = await store.replace("Rest", [secret_key("new", use="enc", now=now)])

    assert (await store.get("Rest")) == replaced
    assert [(entry.secret.reveal(), entry.sequence) for entry in replaced.keys] == [("new", 2)]


async def test_replacing_may_create_the_set(store, key):
    assert (await store.replace("Rest", [key], create=True)).id == "B2C_1A_Rest"
    assert (await store.replace("REST", [key], create=True)).id == "B2C_1A_Rest"


async def test_a_key_is_disabled_and_enabled(store, key, now):
    await store.create("Rest", [key])
    await store.enable("Rest", key.kid, enabled=False)

    assert not (await store.get("Rest")).keys[0].enabled
    assert (await store.enable("Rest", key.kid, enabled=True)).enabled
    with pytest.raises(KeyStoreError, match="has no key with the kid 'other'"):
        await store.enable("Rest", "other", enabled=False)


async def test_a_deleted_set_is_kept_as_a_backup_and_restored(store, key):
    await store.create("Rest", [key])

    assert await store.delete("REST") == "B2C_1A_Rest.bak"
    with pytest.raises(KeySetNotFoundError):
        await store.get("Rest")
    assert (await store.get("Rest.bak")).keys[0].secret.reveal() == CANARY
    assert await store.restore("b2c_1a_rest.bak") == "B2C_1A_Rest"
    assert (await store.get("Rest")).keys[0].secret.reveal() == CANARY


async def test_a_second_delete_overwrites_the_backup(store, now):
    for text in ("one", "two"):
        await store.create("Rest", [secret_key(text, use="sig", now=now)])
        await store.delete("Rest")

    assert [key.secret.reveal() for key in (await store.get("Rest.bak")).keys] == ["two"]


async def test_deleting_a_backup_is_final(store, key):
    await store.create("Rest", [key])
    await store.delete("Rest")

    assert await store.delete("Rest.bak") is None
    assert await store.stored() == ()


async def test_a_backup_is_not_restored_over_a_set_nor_from_an_id_that_is_none(store, key):
    await store.create("Rest", [key])
    await store.delete("Rest")
    await store.create("Rest")

    with pytest.raises(KeyStoreError, match=r"^AADB2C95028: "):
        await store.restore("Rest.bak")
    with pytest.raises(KeyStoreError, match=r"^AADB2C95027: "):
        await store.restore("Rest")
    with pytest.raises(KeySetNotFoundError, match=r"^AADB2C90073: "):
        await store.restore("Other.bak")


async def test_a_missing_set_is_not_deleted(store):
    with pytest.raises(KeySetNotFoundError, match=r"^AADB2C90073: "):
        await store.delete("Rest")


async def test_a_backup_cannot_be_created_or_written(store, key):
    for attempt in (store.create("Rest.bak"), store.add("Rest.bak", key), store.replace("Rest.bak", [key])):
        with pytest.raises(KeyStoreError, match="is not a name for a policy key"):
            await attempt


async def test_the_version_grows_at_every_change_and_at_no_refused_one(store, key):
    versions = [await store.version()]
    await store.create("Rest")
    versions.append(await store.version())
    added = await store.add("Rest", key)
    versions.append(await store.version())
    with pytest.raises(KeyStoreError):
        await store.add("Rest", added)

    assert versions[0] == 0 < versions[1] < versions[2] == await store.version()


async def test_many_writers_at_once_lose_nothing(store, now):
    await store.create("Rest")
    keys = [oct_key("x", use="sig", now=now, kid=str(number)) for number in range(4)]
    await asyncio.gather(*(another(store).add("Rest", key) for key in keys))

    stored = (await store.get("Rest")).keys
    assert sorted(key.kid for key in stored) == ["0", "1", "2", "3"]
    assert [key.sequence for key in stored] == [1, 2, 3, 4]


async def test_of_two_who_create_the_same_set_one_is_refused(store, key):
    results = await asyncio.gather(
        store.create("Rest", [key]), another(store).create("Rest", [key]), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["KeyStoreError", "str"]
    assert len((await store.get("Rest")).keys) == 1


class RestlessDatabase:
    """Another writer comes first, every time."""

    def __init__(self, database):
        self._database = database

    async def execute_many(self, statements):
        await self._database.execute("UPDATE versions SET value = value + 1", ())
        return await self._database.execute_many(statements)

    def __getattr__(self, name):
        return getattr(self._database, name)


async def test_a_writer_who_always_comes_second_gives_up_with_a_code_and_writes_nothing(store, database, key):
    await store.create("Rest")
    late = another(store, database=RestlessDatabase(database))

    with pytest.raises(KeyStoreError, match=r"^AADB2C95053: "):
        await late.add("Rest", key)
    with pytest.raises(KeyStoreError, match=r"^AADB2C95053: "):
        await late.create("Other")
    with pytest.raises(KeyStoreError, match=r"^AADB2C95053: "):
        await late.delete("Rest")
    assert (await store.get("Rest")).keys == ()
    assert [entry.id for entry in await store.stored()] == ["B2C_1A_Rest"]


async def test_tenants_see_only_their_own(store, key):
    await store.create("Rest", [key])
    other = another(store, tenant="fabrikam.onmicrosoft.com")

    assert await other.stored() == ()
    assert await other.version() == 0


async def test_the_value_is_nowhere_in_the_database_in_clear(store, database, key, own_certificate, now, tmp_path):
    await store.create("Rest", [key])
    await store.create("Cert", [read_pfx(own_certificate.pfx(Secret("")), Secret(""), now=now)])
    await store.delete("Rest")
    await database.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("journeyman.db*"))

    assert b"contoso" in content
    assert CANARY.encode() not in content
    assert b"Y2FuYXJ5" not in content
    assert b"MII" not in content


async def test_a_record_moved_to_another_set_is_refused(store, database, key, now):
    await store.create("One", [key])
    await store.create("Two", [dataclasses.replace(secret_key("two", use="sig", now=now), kid=key.kid)])
    await copy_record(database, source="b2c_1a_one", target="b2c_1a_two")

    with pytest.raises(SealError, match=r"policy-key/contoso.onmicrosoft.com/b2c_1a_two/.* damaged or moved"):
        await store.get("Two")


async def test_a_record_moved_to_another_tenant_or_kid_is_refused(store, database, key):
    await store.create("One", [key])
    await database.execute("UPDATE keys SET kid = ?", ("other",))

    with pytest.raises(SealError):
        await store.get("One")
    await database.execute("UPDATE keys SET kid = ?, tenant = ?", (key.kid, "fabrikam"))
    await database.execute("UPDATE key_sets SET tenant = ?", ("fabrikam",))
    with pytest.raises(SealError):
        await another(store, tenant="fabrikam").get("One")


async def test_a_changed_order_of_keys_is_refused(store, database, key):
    await store.create("One", [key])
    await database.execute("UPDATE keys SET sequence = ?", (7,))

    with pytest.raises(SealError, match="the order of the keys was changed"):
        await store.get("One")


@pytest.mark.parametrize(("column", "error"), [("record", SealError), ("sequence", KeyStoreError)])
async def test_a_value_of_a_wrong_type_in_the_database_is_refused(store, database, key, column, error):
    await store.create("One", [key])
    await database.execute(f"UPDATE keys SET {column} = ?", ("text",))

    with pytest.raises(error):
        await store.get("One")


async def test_dates_are_kept_to_the_millisecond(store, now):
    when = now + timedelta(milliseconds=1)
    key = dataclasses.replace(oct_key("x", use="sig", now=when), not_before=when, expires_at=when + timedelta(1))
    await store.create("One", [key])

    stored = (await store.get("One")).keys[0]
    assert (stored.added_at, stored.not_before, stored.expires_at) == (when, when, when + timedelta(1))


async def test_a_store_is_for_one_tenant(database, sealer, clock):
    assert SqlKeyStore(database, sealer, "contoso", clock).tenant == "contoso"


async def test_a_set_that_opens_is_not_discarded_and_one_that_is_not_there_is_missed(store, key):
    await store.create("Rest", [key])

    with pytest.raises(KeyStoreError, match="is not damaged; delete it without --damaged"):
        await store.discard("Rest")
    with pytest.raises(KeySetNotFoundError, match="AADB2C90073"):
        await store.discard("Other")
    assert (await store.get("Rest")).keys == (await store.get("rest")).keys


async def test_a_damaged_set_is_discarded_and_others_stay(store, database, key):
    await store.create("Rest", [key])
    await store.create("Other", [key])
    await database.execute("UPDATE keys SET record = x'00' WHERE set_key = 'b2c_1a_rest'")

    assert await store.discard("Rest") == "B2C_1A_Rest"
    assert [entry.id for entry in await store.stored()] == ["B2C_1A_Other"]


class Trail:
    """The audit trail of the engine, as the store sees it; ``late`` times somebody else writes first."""

    def __init__(self, log, late=0):
        self.log, self.late = log, late

    async def statements(self, events, *, tenant):
        entries = [AuditEvent(event.activity, "test", event.target, event.detail) for event in events]
        found = await self.log.statements(entries, tenant=tenant)
        if self.late:
            self.late -= 1
            await self.log.append("call", "app", "REST-Get", tenant=tenant)
        return found


@pytest.fixture
def log(database, clock):
    return AuditLog(database, clock, key=bytes(32))


async def test_every_change_and_its_entry_are_written_together(store, key, log):
    audited = another(store, audit=Trail(log))
    await audited.create("Empty")
    await audited.create("Rest", [key])
    await audited.replace("Rest", [key])
    await audited.rewrite("Rest", lambda found: found.keys, activity="Promote key")
    await audited.enable("Rest", key.kid, enabled=False)
    await audited.enable("Rest", key.kid, enabled=True)
    await audited.add("Empty", key)
    for name in ("Rest", "Rest.bak"):
        await audited.delete(name)

    assert [(entry.activity, entry.target) for entry in reversed(await log.list())] == [
        ("Create policy key", "B2C_1A_Empty"),
        ("Create policy key", "B2C_1A_Rest"),
        ("Replace keys of policy key", "B2C_1A_Rest"),
        ("Promote key", "B2C_1A_Rest"),
        ("Disable key of policy key", "B2C_1A_Rest"),
        ("Enable key of policy key", "B2C_1A_Rest"),
        ("Add key to policy key", "B2C_1A_Empty"),
        ("Delete policy key", "B2C_1A_Rest"),
        ("Delete backup of policy key", "B2C_1A_Rest.bak"),
    ]
    assert (await log.list())[-1].detail == {"kid": ""}


async def test_a_change_is_planned_again_when_somebody_else_has_written_the_next_entry(store, key, log):
    await another(store, audit=Trail(log, late=3)).create("Rest", [key])

    assert [entry.activity for entry in await log.list()] == ["Create policy key", "call", "call", "call"]
    assert await log.verify() == 4


async def test_a_trail_that_is_never_quiet_ends_the_change_with_a_code_and_nothing_is_written(store, key, log):
    with pytest.raises(KeyStoreError, match=r"^AADB2C95053: "):
        await another(store, audit=Trail(log, late=1000)).create("Rest", [key])

    assert await store.stored() == ()
