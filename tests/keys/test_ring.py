from __future__ import annotations

from datetime import timedelta

import pytest

from journeyman.compiler.spec import KeyInfo
from journeyman.errors import KeySetNotFoundError, NoActiveKeyError, SealError
from journeyman.keys.creation import Lifetime, oct_key, read_certificate, rsa_key, secret_key
from journeyman.keys.keyset import KeySet
from journeyman.keys.ring import KeyRing, key_info


@pytest.fixture
def ring(store, clock):
    return KeyRing(store, clock)


def dated(now, **lifetime):
    return oct_key("x", use="sig", now=now, lifetime=Lifetime(**lifetime))


async def refusal(ring, id):
    await ring.refresh()
    with pytest.raises(NoActiveKeyError) as caught:
        ring.active(id)
    return str(caught.value)


async def test_keys_are_found_without_regard_to_case(ring, store, now):
    await store.create("Rest", [secret_key("hunter2", use="sig", now=now)])
    await ring.load()

    assert ring.get("b2c_1a_REST").id == "B2C_1A_Rest"
    assert ring.active("b2c_1a_REST").secret.reveal() == "hunter2"


async def test_an_unknown_key_set_is_an_error_naming_tenant_and_id(ring):
    await ring.load()

    with pytest.raises(KeySetNotFoundError) as caught:
        ring.get("B2C_1A_Rest")
    assert str(caught.value) == (
        "AADB2C90130: The key container in tenant 'contoso.onmicrosoft.com' with storageReferenceId 'B2C_1A_Rest' "
        "does not exist."
    )


async def test_a_backup_cannot_be_used(ring, store, now):
    await store.create("Rest", [secret_key("x", use="sig", now=now)])
    await store.delete("Rest")
    await ring.load()

    assert ring.infos() == {}
    with pytest.raises(KeySetNotFoundError):
        ring.get("B2C_1A_Rest.bak")


async def test_a_refresh_without_a_change_reads_nothing(ring, store):
    await store.create("Rest")

    assert await ring.refresh() is True
    assert await ring.refresh() is False


async def test_a_refresh_parses_only_what_is_new(ring, store, private_key, now):
    await store.create("Sign", [rsa_key(private_key, use="sig", now=now)])
    await ring.load()
    before = ring.active("B2C_1A_Sign")
    await store.create("Rest", [secret_key("x", use="sig", now=now)])

    assert await ring.refresh() is True
    assert ring.active("B2C_1A_Sign") is before
    assert ring.active("B2C_1A_Rest").secret.reveal() == "x"


async def test_a_changed_key_is_taken_over(ring, store, now):
    await store.create("Rest", [secret_key("one", use="sig", now=now)])
    await ring.load()
    await store.replace("Rest", [secret_key("two", use="sig", now=now)])
    await ring.refresh()

    assert ring.active("B2C_1A_Rest").secret.reveal() == "two"


async def test_the_next_key_takes_over_without_a_refresh_when_its_time_comes(ring, store, clock, now):
    await store.create("Rest", [dated(now, not_before=now), dated(now, not_before=now + timedelta(hours=1))])
    await ring.load()
    first, second = ring.get("B2C_1A_Rest").keys

    assert ring.active("B2C_1A_Rest") is first
    clock.advance(hours=1)
    assert ring.active("B2C_1A_Rest") is second


async def test_without_an_active_secret_the_reason_is_named(ring, store, now):
    await store.create("Empty")
    await store.create("Old", [dated(now, expires_at=now)])
    await store.create("New", [dated(now, not_before=now + timedelta(1))])
    await store.create("Off", [dated(now)])
    await store.enable("Off", (await store.get("Off")).keys[0].kid, enabled=False)

    assert await refusal(ring, "B2C_1A_Old") == (
        "AADB2C90019: The key container with id 'B2C_1A_Old' in tenant 'contoso.onmicrosoft.com' does not has a valid "
        "key. Reason: its keys are expired."
    )
    assert (await refusal(ring, "B2C_1A_New")).endswith("Reason: its keys become active in the future.")
    assert (await refusal(ring, "B2C_1A_Off")).endswith("Reason: all its keys are disabled.")
    assert (await refusal(ring, "B2C_1A_Empty")).endswith("Reason: it holds no key.")


async def test_without_an_active_certificate_the_code_is_that_of_certificates(ring, store, clock, own_certificate, now):
    await store.create("Cert", [read_certificate(own_certificate.chain_pem(), now=now)])
    clock.advance(days=366)

    assert (await refusal(ring, "B2C_1A_Cert")).startswith(
        "AADB2C90220: The key container in tenant 'contoso.onmicrosoft.com' with storage identifier 'B2C_1A_Cert' exists"
    )


async def test_the_compiler_learns_kinds_and_never_values(ring, store, private_key, own_certificate, clock, now):
    await store.create("Rest", [dated(now, expires_at=now + timedelta(1))])
    await store.create("Sign", [rsa_key(private_key, use="sig", now=now)])
    await store.create("Cert", [read_certificate(own_certificate.chain_pem(), now=now)])
    await store.create("Empty")
    await ring.load()
    clock.advance(days=2)

    assert ring.infos() == {
        "b2c_1a_rest": KeyInfo("B2C_1A_Rest", "oct", False, False, False, "sig"),
        "b2c_1a_sign": KeyInfo("B2C_1A_Sign", "RSA", True, False, True, "sig"),
        "b2c_1a_cert": KeyInfo("B2C_1A_Cert", "RSA", False, True, True, "sig", self_signed=True),
        "b2c_1a_empty": KeyInfo("B2C_1A_Empty", "", False, False, False),
    }


async def test_a_damaged_record_is_refused_at_load_and_leaves_the_ring_as_it_was(ring, store, database, now):
    await store.create("Rest", [secret_key("x", use="sig", now=now)])
    await ring.load()
    await database.execute("UPDATE keys SET record = ?", (b"damaged",))
    await store.create("Other")

    with pytest.raises(SealError, match=r"^policy-key/contoso.onmicrosoft.com/b2c_1a_rest/"):
        await ring.refresh()
    assert ring.active("B2C_1A_Rest").secret.reveal() == "x"


@pytest.mark.parametrize(
    ("ends", "told"),
    [([29], True), ([31], False), ([29, None], False), ([29, 400], False), ([5, 20], True), ([None], False)],
)
def test_a_key_that_ends_within_30_days_is_told_unless_another_follows(now, ends, told):
    keys = [dated(now, expires_at=None if days is None else now + timedelta(days)) for days in ends]
    at = key_info(KeySet("B2C_1A_Rest", tuple(keys)), now).ends_soon_at

    assert (at is not None) == told


@pytest.mark.parametrize(
    ("secret", "told"),
    [("secret", True), ("changeme", True), ("Rest", True), ("B2C_1A_Rest", True), ("correct horse", False)],
)
def test_a_secret_that_everybody_would_guess_is_told_by_a_flag(now, secret, told):
    for set_id in ("B2C_1A_Rest", "Rest"):
        key_set = KeySet(set_id, (secret_key(secret, use="sig", now=now),))

        assert key_info(key_set, now).placeholder == (told and (secret != "B2C_1A_Rest" or set_id == "B2C_1A_Rest"))


async def test_the_only_key_of_a_set_is_used_before_its_date_when_the_settings_say_so(store, clock, now):
    later = now + timedelta(hours=3)
    await store.create("One", [dated(now, not_before=later)])
    await store.create("Two", [dated(now, not_before=later), dated(now, not_before=later + timedelta(hours=1))])
    await store.create("Ended", [dated(now, expires_at=now)])
    strict, lenient = KeyRing(store, clock), KeyRing(store, clock, sole_future=True)
    await strict.load()
    await lenient.load()

    assert {name: info.has_active_key for name, info in strict.infos().items()} == dict.fromkeys(strict.infos(), False)
    assert lenient.active("B2C_1A_One").secret is not None
    for name in ("B2C_1A_Two", "B2C_1A_Ended"):
        with pytest.raises(NoActiveKeyError):
            lenient.active(name)
