from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.directory.errors import UserChangedError
from journeyman.directory.store import UserStore
from journeyman.directory.user import EMAIL_ADDRESS, FEDERATED, PHONE_NUMBER, USER_NAME, Identity, User, local_identity
from journeyman.errors import SealError, UserExistsError, UserNotFoundError
from journeyman.storage.sqlite import open_sqlite

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def ada(**fields) -> User:
    fields = {
        "attributes": {"displayname": "Ada", "othermails": ("ada@home.example",), "extension_0_level": 7},
        "identities": (local_identity(EMAIL_ADDRESS, "Ada@Example.org"),),
        "principal_name": "cpim_1@contoso.onmicrosoft.com",
        "password_hash": "$argon2id$canary",
        "password_policies": ("DisablePasswordExpiration",),
    } | fields
    return User("", NEVER, **fields)


async def test_a_created_user_is_read_back_by_object_id(store, clock):
    made = await store.create(ada())

    assert await store.find(made.object_id.upper()) == made
    assert made.created_at == clock.now()
    assert made.version == 1
    assert made.attributes == {"displayname": "Ada", "othermails": ("ada@home.example",), "extension_0_level": 7}


async def test_every_field_survives_the_store(store):
    valid_from = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    made = await store.create(
        ada(must_change_password=True, account_enabled=False, refresh_tokens_valid_from=valid_from)
    )

    read = await store.find(made.object_id)

    assert read.must_change_password is True
    assert read.account_enabled is False
    assert read.refresh_tokens_valid_from == valid_from


@pytest.mark.parametrize("name", ["ada@example.org", "ADA@EXAMPLE.ORG", "  Ada@Example.org "])
async def test_a_sign_in_name_is_found_without_regard_to_case(store, name):
    made = await store.create(ada())

    assert (await store.find_by_sign_in_name(name)).object_id == made.object_id


async def test_a_sign_in_name_of_another_kind_is_not_found_by_kind(store):
    await store.create(ada())

    assert await store.find_by_identity(local_identity(USER_NAME, "ada@example.org")) is None
    assert await store.find_by_identity(local_identity("EmailAddress", "ada@example.org")) is not None


async def test_a_principal_name_is_no_sign_in_name(store):
    await store.create(ada())

    assert await store.find_by_principal_name("CPIM_1@contoso.onmicrosoft.com") is not None
    assert await store.find_by_sign_in_name("cpim_1@contoso.onmicrosoft.com") is None


async def test_a_federated_identity_is_found_by_issuer_without_and_by_id_with_regard_to_case(store):
    await store.create(ada(identities=(Identity(FEDERATED, "Facebook.com", "dS03Nw=="),)))

    assert await store.find_federated("facebook.com", "dS03Nw==") is not None
    assert await store.find_federated("facebook.com", "ds03nw==") is None
    assert await store.find_federated("google.com", "dS03Nw==") is None


@pytest.mark.parametrize("name", ["", "x" * 2000, "\ud800"])
async def test_a_blank_overlong_or_broken_name_finds_nobody(store, name):
    assert await store.find_by_sign_in_name(name) is None


async def test_of_two_creations_of_one_address_at_once_exactly_one_succeeds(store):
    outcomes = await asyncio.gather(*(store.create(ada(principal_name="")) for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, UserExistsError) for outcome in outcomes) == 7
    assert len(await store.page()) == 1


async def test_two_processes_on_one_file_cannot_take_one_address(store, database_path, sealer, clock):
    other_database = open_sqlite(database_path)
    other = UserStore(other_database, sealer, clock, tenant_id=store.tenant_id, tenant_name="contoso.onmicrosoft.com")
    outcomes = await asyncio.gather(store.create(ada()), other.create(ada()), return_exceptions=True)
    found = await other.find_by_sign_in_name("ada@example.org")
    await other_database.close()

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["User", "UserExistsError"]
    assert found in outcomes


async def test_the_error_of_a_taken_identity_names_neither_identity_nor_account(store):
    await store.create(ada())
    with pytest.raises(UserExistsError) as caught:
        await store.create(ada())

    assert "ada" not in str(caught.value).lower()
    assert caught.value.__cause__ is None


async def test_another_tenant_does_not_see_the_user(store, database, sealer, clock):
    made = await store.create(ada())
    other = UserStore(database, sealer, clock, tenant_id="99999999-2222-3333-4444-555555555555", tenant_name="x")

    assert await other.find(made.object_id) is None
    assert await other.find_by_sign_in_name("ada@example.org") is None
    assert (await other.create(ada())).version == 1


async def test_an_update_changes_the_record_and_counts_the_version(store):
    made = await store.create(ada())
    changed = await store.update(replace(made, attributes={"displayname": "Ada L."}))

    assert changed.version == 2
    assert (await store.find(made.object_id)).attributes == {"displayname": "Ada L."}


async def test_an_update_of_an_old_version_is_refused_and_changes_nothing(store):
    made = await store.create(ada())
    await store.update(replace(made, attributes={"displayname": "first"}))
    with pytest.raises(UserChangedError):
        await store.update(replace(made, identities=(local_identity(EMAIL_ADDRESS, "second@example.org"),)))

    assert (await store.find(made.object_id)).attributes == {"displayname": "first"}
    assert await store.find_by_sign_in_name("second@example.org") is None


async def test_of_two_updates_at_once_one_is_refused_and_leaves_no_identity(store):
    made = await store.create(ada())
    names = ("one@example.org", "two@example.org")
    updates = [store.update(replace(made, identities=(local_identity(EMAIL_ADDRESS, name),))) for name in names]
    outcomes = await asyncio.gather(*updates, return_exceptions=True)
    found = [await store.find_by_sign_in_name(name) for name in names]

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["User", "UserChangedError"]
    assert sum(user is not None for user in found) == 1


async def test_an_update_moves_the_identities(store):
    made = await store.create(ada())
    phone = local_identity(PHONE_NUMBER, "+4912345678")
    await store.update(replace(made, identities=(phone,)))

    assert await store.find_by_sign_in_name("ada@example.org") is None
    assert (await store.find_by_identity(phone)).object_id == made.object_id
    assert (await store.create(ada(principal_name=""))).version == 1


async def test_an_update_to_a_taken_identity_is_refused_whole(store):
    await store.create(ada())
    bob = await store.create(ada(identities=(local_identity(EMAIL_ADDRESS, "bob@example.org"),), principal_name=""))
    taken = (local_identity(EMAIL_ADDRESS, "ada@example.org"),)
    with pytest.raises(UserExistsError):
        await store.update(replace(bob, identities=taken, attributes={}))

    assert await store.find(bob.object_id) == bob
    assert (await store.find_by_sign_in_name("bob@example.org")) == bob


async def test_a_deleted_user_is_gone_and_the_address_is_free(store):
    made = await store.create(ada())

    assert await store.delete(made.object_id) is True
    assert await store.delete(made.object_id) is False
    assert await store.find_by_sign_in_name("ada@example.org") is None
    with pytest.raises(UserNotFoundError):
        await store.update(made)
    assert (await store.create(ada())).object_id != made.object_id


async def test_pages_follow_one_another(store):
    for number in range(5):
        await store.create(ada(identities=(local_identity(USER_NAME, f"user{number}"),), principal_name=""))
    first = await store.page(limit=3)
    second = await store.page(after=first[-1].object_id, limit=3)

    assert [len(first), len(second)] == [3, 2]
    assert len({user.object_id for user in first + second}) == 5


async def test_the_file_holds_no_name_in_clear(store, database, database_path):
    await store.create(ada())
    await database.close()
    content = b"".join(path.read_bytes() for path in database_path.parent.iterdir())

    for clear in (b"Ada", b"ada@", b"example.org", b"argon2id", b"cpim_1"):
        assert clear not in content


async def test_a_record_moved_to_another_user_does_not_open(store, database):
    made = await store.create(ada())
    other = await store.create(ada(identities=(local_identity(USER_NAME, "bob"),), principal_name=""))
    row = await database.fetch_one("SELECT record FROM users WHERE object_id = ?", (other.object_id,))
    await database.execute("UPDATE users SET record = ? WHERE object_id = ?", (row[0], made.object_id))

    with pytest.raises(SealError):
        await store.find(made.object_id)


async def test_the_lookup_survives_a_restart_and_a_first_use_at_once(store, database, sealer, clock):
    stores = [UserStore(database, sealer, clock, tenant_id=store.tenant_id, tenant_name="renamed") for _ in range(4)]
    keys = await asyncio.gather(*(one.name_key("ada") for one in stores))

    assert len(set(keys)) == 1
    assert await store.name_key(" ADA ") == keys[0]


def test_the_repr_of_a_user_shows_no_name_and_no_hash():
    shown = repr(ada())

    for clear in ("Ada", "example.org", "argon2id", "cpim_1"):
        assert clear not in shown


async def test_attributes_of_an_application_that_became_the_tenants_own_are_found(store, database, sealer, clock):
    name = "extension_11112222333344445555666677778888_loyalty"
    made = await store.create(ada(attributes={"displayname": "Ada", name: "7"}))
    place = {"tenant_id": store.tenant_id, "tenant_name": "contoso.onmicrosoft.com"}
    later = UserStore(database, sealer, clock, **place, extensions_app="11112222-3333-4444-5555-666677778888")
    found = await later.find(made.object_id)

    assert found.attributes["extension_00000000000000000000000000000000_loyalty"] == "7"
    assert name not in found.attributes
