from __future__ import annotations

import base64
import json

import pytest

from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.certificate import Purpose, issue
from journeyman.keys.creation import base64url_number, generate_secret, pfx_key, secret_key
from journeyman.keys.declared import read_declared
from journeyman.keys.keyset import KeySet
from journeyman.keys.plan import Action, carry_out, plan, wanted_key_set
from journeyman.keys.rotation import promote, stage
from journeyman.secret import Secret

SECRET = '[keys.Rest]\nsecret = { env = "REST" }\n'


@pytest.fixture
def apply(store, clock):
    """``await apply(text, REST="value")``: plan and carry out; returns (action, id, reason) of what was done."""

    async def call(text, **values):
        found = await planned(store, clock, text, values)
        for action in found.actions:
            await carry_out(action, store, clock.now())
        assert (await planned(store, clock, text, values)).actions == (), "a second run does nothing"
        return [(one.action, one.id, one.reason) for one in found.actions]

    return call


async def planned(store, clock, text, values):
    def resolve(source):
        value = values[source.name]
        return value.encode() if isinstance(value, str) else value

    wanted = [wanted_key_set(one, resolve, clock.now()) for one in read_declared(text, "keys.toml")]
    present = [KeySet(one.id, tuple(map(store.unseal, one.keys))) for one in await store.stored()]
    return plan(wanted, present, clock.now())


async def active(store, clock, name="Rest"):
    return (await store.get(name)).active(clock.now())


async def test_a_missing_key_is_added_and_a_second_run_does_nothing(apply, store, clock):
    done = await apply(SECRET, REST="one")

    assert done == [(Action.ADD, "B2C_1A_Rest", "secret from env REST")]
    assert (await active(store, clock)).secret.reveal() == "one"


async def test_a_changed_value_is_a_rotation_and_the_old_key_is_kept(apply, store, clock):
    await apply(SECRET, REST="one")
    done = await apply(SECRET, REST="two")

    assert done == [(Action.ROTATE, "B2C_1A_Rest", "another value in env REST")]
    assert (await active(store, clock)).secret.reveal() == "two"
    assert [key.secret.reveal() for key in (await store.get("Rest")).keys] == ["one", "two"]


async def test_a_key_that_is_no_longer_declared_is_deleted_and_kept_as_a_backup(apply, store):
    await apply(SECRET, REST="one")
    done = await apply("")

    assert done == [(Action.DELETE, "B2C_1A_Rest", "it is no longer declared")]
    with pytest.raises(KeySetNotFoundError):
        await store.get("Rest")
    assert (await store.get("Rest.bak")).id == "B2C_1A_Rest.bak"


async def test_a_key_that_was_made_by_other_means_is_left_alone(store, clock):
    await store.create("Other", [generate_secret(use="sig", now=clock.now())])
    found = await planned(store, clock, "", {})

    assert (found.actions, found.unmanaged) == ((), ("B2C_1A_Other",))


async def test_a_value_that_is_there_by_other_means_is_not_stored_again(store, clock):
    await store.create("Rest", [secret_key("one", use="sig", now=clock.now())])

    assert (await planned(store, clock, SECRET, {"REST": "one"})).unchanged == ("B2C_1A_Rest",)


async def test_a_key_added_by_other_means_is_disabled_in_favour_of_the_declared_one(apply, store, clock):
    await apply(SECRET, REST="one")
    intruder = await store.add("Rest", secret_key("intruder", use="sig", now=clock.now()))
    done = await apply(SECRET, REST="one")

    assert done == [(Action.ROTATE, "B2C_1A_Rest", f"the key in use was added by other means ({intruder.kid})")]
    assert (await active(store, clock)).secret.reveal() == "one"


async def test_a_declared_key_that_was_disabled_is_used_again(apply, store, clock):
    await apply(SECRET, REST="one")
    await store.enable("Rest", (await active(store, clock)).kid, enabled=False)
    done = await apply(SECRET, REST="one")

    assert done == [(Action.ROTATE, "B2C_1A_Rest", "the declared key was taken out of use by other means")]
    assert (await active(store, clock)).secret.reveal() == "one"


async def test_a_new_value_is_used_though_the_key_of_before_has_an_activation_date(apply, store, clock):
    await apply(SECRET, REST="one")
    await store.rewrite("Rest", stage(secret_key("two", use="sig", now=clock.now())), activity="stage")
    from datetime import timedelta

    await store.rewrite("Rest", promote(clock.now(), timedelta(hours=1)), activity="promote")
    clock.advance(minutes=1)
    await apply(SECRET, REST="three")

    assert (await active(store, clock)).secret.reveal() == "three"


async def test_a_key_for_later_waits_for_its_date(apply, store, clock):
    await apply(SECRET, REST="one")
    later = SECRET + "activate = 2025-07-01\n"
    await apply(later, REST="two")
    assert (await active(store, clock)).secret.reveal() == "one"
    clock.advance(days=40)

    assert (await active(store, clock)).secret.reveal() == "two"


async def test_other_dates_are_a_rotation(apply, store, clock):
    await apply(SECRET, REST="one")
    done = await apply(SECRET + "expire = 2026-01-01\n", REST="one")

    assert done == [(Action.ROTATE, "B2C_1A_Rest", "another value in env REST")]
    assert f"{(await active(store, clock)).expires_at:%Y}" == "2026"


@pytest.mark.parametrize(("kind", "kty"), [("rsa", "RSA"), ("secret", "oct")])
async def test_a_generated_key_is_made_once(apply, store, clock, kind, kty):
    text = f'[keys.Made]\ngenerate = "{kind}"\nuse = "enc"\n'
    done = await apply(text)

    assert done == [(Action.ADD, "B2C_1A_Made", f"generate {kind}")]
    assert ((await active(store, clock, "Made")).kty, (await active(store, clock, "Made")).use) == (kty, "enc")


async def test_an_empty_set_is_filled(apply, store, clock):
    await store.create("Rest")
    await apply(SECRET, REST="one")

    assert (await active(store, clock)).secret.reveal() == "one"


PFX = '[keys.Client]\npfx = { %s = "P" }\npassword = { env = "W" }\n'


async def test_a_renewed_certificate_is_a_rotation_in_a_file_and_in_base64_elsewhere(apply, store, clock, authority):
    one, two = (issue(authority, f"CN=c{n}", now=clock.now(), purpose=Purpose.CLIENT) for n in (1, 2))
    password = Secret("pw")
    await apply(PFX % "file", P=one.pfx(password), W="pw")
    clock.advance(days=1)
    done = await apply(PFX % "vault", P=base64.b64encode(two.pfx(password)).decode(), W="pw")

    assert done == [(Action.ROTATE, "B2C_1A_Client", "another value in vault P")]
    assert (await active(store, clock, "Client")).certificates[0] == two.certificate


async def test_a_certificate_that_was_disabled_takes_its_place_again(apply, store, clock, client_certificate):
    pfx = client_certificate.pfx(Secret("pw"))
    await apply(PFX % "file", P=pfx, W="pw")
    await store.enable("Client", (await active(store, clock, "Client")).kid, enabled=False)
    await apply(PFX % "file", P=pfx, W="pw")

    assert len((await store.get("Client")).keys) == 1
    assert (await active(store, clock, "Client")).enabled


async def test_a_certificate_without_its_private_key(apply, store, clock, client_certificate):
    text = '[keys.Partner]\ncertificate = { file = "C" }\n'
    await apply(text, C=client_certificate.chain_pem())
    present = (await planned(store, clock, text, {"C": client_certificate.chain_pem()})).unchanged

    assert (await active(store, clock, "Partner")).private_key is None
    assert present == ("B2C_1A_Partner",)


async def test_a_certificate_that_is_there_by_other_means_is_not_stored_again(store, clock, client_certificate):
    pfx = client_certificate.pfx(Secret("pw"))
    await store.create("Client", [pfx_key(pfx, Secret("pw"), now=clock.now())])

    assert (await planned(store, clock, PFX % "file", {"P": pfx, "W": "pw"})).unchanged == ("B2C_1A_Client",)


def jwks(*keys):
    members = [
        {"kty": "RSA", "use": "sig", "kid": kid, **{n: base64url_number(getattr(v, n)) for n in ("n", "e")}}
        for kid, v in keys
    ]
    return json.dumps({"keys": members})


async def test_a_jwk_set_is_the_whole_set(apply, store, private_key):
    text, numbers = '[keys.Signing]\njwks = { file = "J" }\n', private_key.public_key().public_numbers()
    await apply(text, J=jwks(("a", numbers), ("b", numbers)))
    done = await apply(text, J=jwks(("b", numbers), ("c", numbers)))

    assert done == [(Action.ROTATE, "B2C_1A_Signing", "another value in file J")]
    assert [key.kid for key in (await store.get("Signing")).keys] == ["b", "c"]


async def test_a_policy_key_of_another_kind_is_refused_with_what_to_do(store, clock):
    await store.create("Rest", [secret_key("one", use="enc", now=clock.now())])

    with pytest.raises(KeyStoreError, match=r"B2C_1A_Rest: .* of another kind: AADB2C95042.* keys delete B2C_1A_Rest`"):
        await planned(store, clock, SECRET, {"REST": "two"})


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        (SECRET, b"", r"B2C_1A_Rest \(env REST\): AADB2C90253"),
        (SECRET, b"\xff", r"B2C_1A_Rest \(env REST\): the text is not in UTF-8"),
        ('[keys.Rest]\npfx = { env = "REST" }\n', b"?", r"AADB2C90216: a PFX that is not in a file must be in base64"),
        ('[keys.Rest]\njwks = { env = "REST" }\n', b"?", r"AADB2C95026: this is not JSON"),
        (SECRET + "expire = 2020-01-01\n", b"old", "AADB2C90214: The key has expired"),
    ],
)
async def test_a_value_that_cannot_be_used_names_the_key_and_the_place(store, clock, text, value, words):
    with pytest.raises(KeyStoreError, match=words):
        await planned(store, clock, text, {"REST": value})


async def test_one_final_line_break_of_a_file_is_dropped_and_none_of_a_variable(apply, store, clock):
    await apply('[keys.Rest]\nsecret = { file = "REST" }\n', REST="one\n")
    of_file = (await active(store, clock)).secret.reveal()
    await apply(SECRET, REST="two\n")

    assert (of_file, (await active(store, clock)).secret.reveal()) == ("one", "two\n")


async def test_a_backup_is_neither_deleted_nor_told(apply, store, clock):
    await apply(SECRET, REST="one")
    await store.delete("Rest")

    assert (await planned(store, clock, "", {})).unmanaged == ()
