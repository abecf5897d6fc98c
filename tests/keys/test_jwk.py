from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import RSAKey

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import rsa_thumbprint
from journeyman.keys.jwk import key_from_jwk, keys_from_jwks


@pytest.fixture(scope="session")
def rsa_jwk(private_key):
    return dict(RSAKey.import_key(private_key).as_dict(private=True), use="sig")


def jwks(*keys):
    return json.dumps({"keys": keys}).encode()


def without(jwk, *names):
    return {name: value for name, value in jwk.items() if name not in names}


def refused(jwk, now):
    with pytest.raises(KeyStoreError) as caught:
        key_from_jwk(jwk, now=now)
    return str(caught.value)


def test_a_private_rsa_key_keeps_kid_and_dates(rsa_jwk, private_key, now):
    (key,) = keys_from_jwks(jwks(rsa_jwk | {"kid": "key-1", "nbf": 1717243200, "exp": 1780315200}), now=now)

    assert (key.kid, key.kty, key.use) == ("key-1", "RSA", "sig")
    assert key.not_before == datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
    assert key.expires_at == datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    assert key.private_key.private_numbers() == private_key.private_numbers()


def test_the_keys_stand_in_the_order_of_the_file(rsa_jwk, now):
    oct_jwk = {"kty": "oct", "use": "sig", "k": "aGVsbG8"}
    keys = keys_from_jwks(jwks(oct_jwk | {"kid": "b"}, oct_jwk | {"kid": "a"}), now=now)

    assert [key.kid for key in keys] == ["b", "a"]


def test_without_a_kid_rsa_has_its_thumbprint_and_oct_a_random_one(rsa_jwk, private_key, now):
    oct_jwk = {"kty": "oct", "k": "aGVsbG8"}

    assert key_from_jwk(without(rsa_jwk, "kid"), now=now).kid == rsa_thumbprint(private_key.public_key())
    assert key_from_jwk(oct_jwk, now=now).kid != key_from_jwk(oct_jwk, now=now).kid


def test_an_oct_key_holds_the_decoded_bytes(now):
    key = key_from_jwk({"kty": "oct", "use": "enc", "k": "_-8AaGVsbG8="}, now=now)

    assert (key.use, key.secret.reveal_bytes()) == ("enc", b"\xff\xef\x00hello")


def test_a_private_key_of_n_e_and_d_alone_is_completed(rsa_jwk, private_key, now):
    key = key_from_jwk(without(rsa_jwk, "p", "q", "dp", "dq", "qi"), now=now)

    assert key.private_key.private_numbers().d == private_key.private_numbers().d
    assert key.private_key.public_key() == private_key.public_key()


def test_a_public_rsa_key_is_taken_without_private_part(rsa_jwk, now):
    assert key_from_jwk({name: rsa_jwk[name] for name in ("kty", "n", "e")}, now=now).private_key is None


@pytest.mark.parametrize(
    ("members", "use"),
    [({}, "sig"), ({"key_ops": ["sign"]}, "sig"), ({"key_ops": ["decrypt"]}, "enc"), ({"use": "ENC"}, "enc")],
)
def test_the_use_may_be_left_out(members, use, now):
    assert key_from_jwk({"kty": "oct", "k": "aGVsbG8"} | members, now=now).use == use


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        ({"kty": "oct"}, "AADB2C95029"),
        ({"kty": "oct", "k": ""}, "AADB2C95029"),
        ({"kty": "oct", "k": 5}, "AADB2C95029"),
        ({"kty": "oct", "k": "not base64url!"}, "AADB2C95029"),
        ({"kty": "oct", "k": "aGVsb"}, "AADB2C95029"),
        ({"k": "aGVsbG8"}, "AADB2C95030"),
        ({"kty": "EC", "crv": "P-256"}, "AADB2C95031"),
        ({"kty": 5}, "AADB2C95031"),
        ({"kty": "oct", "k": "aGVsbG8", "use": "tls"}, "AADB2C95033"),
        ({"kty": "oct", "k": "aGVsbG8", "use": 5}, "AADB2C95033"),
        ({"kty": "RSA", "e": "AQAB"}, "AADB2C95039"),
        ({"kty": "RSA", "n": "AQAB"}, "AADB2C95039"),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "AADB2C90137"),
    ],
)
def test_a_wrong_key_is_refused_with_the_code_of_the_service(jwk, code, now):
    assert refused(jwk, now).startswith(code + ":")


@pytest.mark.parametrize(
    "members",
    [{"kid": ""}, {"kid": 5}, {"kid": "x" * 257}, {"kid": "a\nb"}, {"nbf": "soon"}, {"exp": True}, {"nbf": -1},
     {"exp": 1e300}, {"exp": float("nan")}],
)  # fmt: skip
def test_a_wrong_kid_or_date_is_refused_by_its_name(members, now):
    assert f"the member '{next(iter(members))}' must be" in refused({"kty": "oct", "k": "aGVsbG8"} | members, now)


@pytest.mark.parametrize(
    "changed",
    [{"d": "AQAB"}, {"d": "_" * 400}, {"p": "AQAB"}, {"e": "Ag"}, {"qi": "AQAB", "dp": "AQ"}],
)
def test_members_that_do_not_belong_together_are_refused_and_not_quoted(rsa_jwk, changed, now):
    message = refused(rsa_jwk | changed, now)

    assert message == "AADB2C95039: The members of the RSA key do not belong together."


def test_a_wrong_exponent_alone_is_refused_at_once(rsa_jwk, now):
    bare = without(rsa_jwk, "p", "q", "dp", "dq", "qi")
    begun = time.perf_counter()

    assert refused(bare | {"d": bare["n"]}, now) == "AADB2C95039: The members of the RSA key do not belong together."
    assert refused(bare | {"d": "AA"}, now) == "AADB2C95039: The members of the RSA key do not belong together."
    assert time.perf_counter() - begun < 2


def test_a_private_key_with_some_of_its_factors_is_refused(rsa_jwk, now):
    assert refused(without(rsa_jwk, "qi"), now) == "AADB2C95039: The member 'qi' is required."


def test_the_certificates_of_x5c_come_along_and_must_fit(own_certificate, rsa_jwk, now):
    der = base64.b64encode(own_certificate.certificate.public_bytes(Encoding.DER)).decode()
    own = RSAKey.import_key(own_certificate.private_key).as_dict(private=True)

    assert key_from_jwk(own | {"x5c": [der]}, now=now).certificates == (own_certificate.certificate,)
    assert "does not belong to the key" in refused(rsa_jwk | {"x5c": [der]}, now)
    assert "something that is not a certificate" in refused(rsa_jwk | {"x5c": ["AAAA"]}, now)
    assert "must be an array" in refused(rsa_jwk | {"x5c": "AAAA"}, now)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"{}", b'{"keys": []}', b'{"keys": {}}', b'{"keys": [5]}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_jwk_set_is_refused(data, now):
    with pytest.raises(KeyStoreError, match=r"^AADB2C95026: "):
        keys_from_jwks(data, now=now)


def test_a_byte_order_mark_is_tolerated(now):
    assert len(keys_from_jwks(b"\xef\xbb\xbf" + jwks({"kty": "oct", "k": "aGVsbG8"}), now=now)) == 1


def test_two_types_two_uses_or_one_kid_twice_are_refused(rsa_jwk, now):
    one = {"kty": "oct", "k": "aGVsbG8", "kid": "a"}

    with pytest.raises(KeyStoreError, match=r"^AADB2C95032: "):
        keys_from_jwks(jwks(one, rsa_jwk), now=now)
    with pytest.raises(KeyStoreError, match=r"^AADB2C95042: "):
        keys_from_jwks(jwks(one, one | {"kid": "b", "use": "enc"}), now=now)
    with pytest.raises(KeyStoreError, match=r"^AADB2C90180: The presented key 'a' of type 'oct' already exists"):
        keys_from_jwks(jwks(one, one), now=now)


def test_a_refusal_names_the_position_of_the_key_and_not_its_value(now):
    with pytest.raises(KeyStoreError, match=r"\(key 2 of the JWK Set\)$") as caught:
        keys_from_jwks(jwks({"kty": "oct", "k": "aGVsbG8"}, {"kty": "oct", "k": "hunter2!"}), now=now)
    assert "hunter2" not in str(caught.value)


def test_a_set_beyond_the_limits_is_refused(now):
    with pytest.raises(KeyStoreError, match="at most 100 keys, this one has 101"):
        keys_from_jwks(jwks(*[{"kty": "oct", "k": "aGVsbG8"}] * 101), now=now)
    with pytest.raises(KeyStoreError, match="at most 262144 bytes"):
        keys_from_jwks(b" " * 262145, now=now)
