from __future__ import annotations

import json

import pytest

from journeyman.keys.creation import Lifetime, certificate_key, generate_rsa, pfx_key, secret_key
from journeyman.keys.declared import Material, read_declared
from journeyman.keys.export import keys_toml, public_key_set
from journeyman.keys.keyset import Key, KeySet
from journeyman.secret import Secret

CANARY = "canary-hunter2"


@pytest.fixture
def sets(now, client_certificate):
    from datetime import timedelta

    lifetime = Lifetime(now, now + timedelta(days=30))
    rsa = generate_rsa(use="enc", now=now)
    public = Key("kid", "RSA", "sig", 1, now, public_key=rsa.public_key)
    return [
        KeySet("B2C_1A_RestApiPassword", (secret_key(CANARY, use="enc", now=now, lifetime=lifetime),)),
        KeySet("B2C_1A_Client", (pfx_key(client_certificate.pfx(Secret("pw")), Secret("pw"), now=now),)),
        KeySet("B2C_1A_Partner", (certificate_key(client_certificate.chain_pem(), now=now),)),
        KeySet("b2c_1a_Signing", (rsa,)),
        KeySet("B2C_1A_PublicOnly", (public,)),
        KeySet("B2C_1A_Empty", ()),
        KeySet("B2C_1A_X-9y", (secret_key(CANARY, use="sig", now=now),)),
    ]


def test_the_toml_that_is_written_declares_what_is_there(sets):
    found = read_declared(keys_toml(sets), "keys.toml")

    assert [(one.id, one.material, str(one.source) if one.source else one.generate) for one in found] == [
        ("B2C_1A_RestApiPassword", Material.SECRET, "env REST_API_PASSWORD"),
        ("B2C_1A_Client", Material.PFX, "file B2C_1A_Client.pfx"),
        ("B2C_1A_Partner", Material.CERTIFICATE, "file B2C_1A_Partner.pem"),
        ("b2c_1a_Signing", Material.GENERATE, "rsa"),
        ("B2C_1A_PublicOnly", Material.JWKS, "file B2C_1A_PublicOnly.jwks"),
        ("B2C_1A_X-9y", Material.SECRET, "env X_9Y"),
    ]
    assert found[0].lifetime == Lifetime(sets[0].keys[0].not_before, sets[0].keys[0].expires_at)


def test_no_secret_and_no_private_member_is_exported(sets):
    documents = json.dumps([public_key_set(one) for one in sets]), keys_toml(sets)

    assert CANARY not in "".join(documents)
    for member in ("k", "d", "p", "q", "dp", "dq", "qi"):
        assert f'"{member}":' not in documents[0]


def test_a_certificate_is_exported_with_its_chain(sets):
    (client,) = public_key_set(sets[1])["keys"]
    (secret,) = public_key_set(sets[0])["keys"]

    assert (client["kty"], client["status"], len(client["x5c"]), client["e"]) == ("RSA", "enabled", 2, "AQAB")
    assert secret == {
        "kid": secret["kid"],
        "kty": "oct",
        "use": "enc",
        "nbf": 1748779200,
        "exp": 1751371200,
        "status": "enabled",
    }
