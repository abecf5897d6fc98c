from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk, jwt

from journeyman.errors import KeyStoreError, ServiceError
from journeyman.keys.certificate import self_signed
from journeyman.keys.creation import Lifetime, generate_rsa, oct_key, read_pfx, rsa_key
from journeyman.keys.jose import Expected, public_jwks, sign_jwt, verify_jwt
from journeyman.keys.keyset import Key, KeySet
from journeyman.secret import Secret

ISSUER = "http://127.0.0.1:8080/tenant/v2.0/"
HOUR = timedelta(hours=1)

# RFC 7515 appendix A.2: the key and the signature of the example.
RFC_KEY = {
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
    "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2"
    "CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9"
    "gb54h4FRWyuXpoQ",
    "e": "AQAB",
    "d": "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-"
    "pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBj"
    "udU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU"
    "91p1DhOVRuOopznQ",
}


@pytest.fixture
def key(private_key, now):
    return rsa_key(private_key, use="sig", now=now)


@pytest.fixture
def key_set(key):
    return KeySet("B2C_1A_Sign", (key,))


def claims(now, **changes):
    start = int(now.timestamp())
    return {"iss": ISSUER, "aud": "app", "sub": "user", "nbf": start, "exp": start + 3600} | changes


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def decoded(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def refused(token, key_set, now, expected=None):
    with pytest.raises(ServiceError) as caught:
        verify_jwt(token, key_set, now, expected or Expected())
    return caught.value.service_code


def test_a_token_has_the_header_of_the_service_and_compact_claims(key):
    head, body, signature = sign_jwt(key, {"sub": "Zoë", "n": 1}).split(".")

    assert decoded(head) == {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    assert base64.urlsafe_b64decode(body + "==") == '{"sub":"Zoë","n":1}'.encode()
    assert len(signature) == 342


def test_the_signature_is_pkcs1_v15_with_sha256(key):
    token = sign_jwt(key, {"sub": "a"})
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")

    assert key.public_key.verify(raw, signed.encode(), PKCS1v15(), SHA256()) is None


def test_another_library_accepts_the_token(key, now):
    token = jwt.decode(sign_jwt(key, claims(now)), jwk.RSAKey.import_key(key.public_key), algorithms=["RS256"])

    assert token.claims == claims(now)


def test_header_parameters_may_be_added_but_not_alg_and_kid(key):
    head = decoded(sign_jwt(key, {}, {"typ": "at+jwt", "alg": "none", "kid": "other", "x": "y"}).split(".")[0])

    assert head == {"alg": "RS256", "kid": key.kid, "typ": "at+jwt", "x": "y"}


def test_a_key_without_private_part_does_not_sign(private_key, now):
    with pytest.raises(KeyStoreError, match=r"^AADB2C90178: The signing key '.{43}' has no private key\.$"):
        sign_jwt(rsa_key(private_key.public_key(), use="sig", now=now), {})


def test_claims_that_are_no_json_are_refused(key):
    with pytest.raises(ValueError, match="Out of range float values"):
        sign_jwt(key, {"n": float("nan")})


def test_a_good_token_is_verified(key, key_set, now):
    expected = Expected(issuers={ISSUER}, audiences={"app", "other"})

    assert verify_jwt(sign_jwt(key, claims(now)), key_set, now, expected) == claims(now)


def test_every_key_that_is_not_disabled_verifies(private_key, key, now):
    old = rsa_key(private_key, use="sig", now=now, lifetime=Lifetime(None, now - HOUR))
    disabled = Key(key.kid, "RSA", "sig", 1, now, enabled=False, public_key=key.public_key)

    assert verify_jwt(sign_jwt(key, claims(now)), KeySet("s", (old,)), now)["sub"] == "user"
    assert refused(sign_jwt(key, claims(now)), KeySet("s", (disabled,)), now) == "AADB2C90239"


@pytest.mark.parametrize(
    ("changes", "expected", "code"),
    [
        ({"iss": "https://evil.example/"}, Expected(issuers={ISSUER}), "AADB2C90238"),
        ({"iss": None}, Expected(issuers={ISSUER}), "AADB2C90238"),
        ({"iss": [ISSUER]}, Expected(issuers={ISSUER}), "AADB2C90238"),
        ({"aud": "evil"}, Expected(audiences={"app"}), "AADB2C90237"),
        ({"aud": []}, Expected(audiences={"app"}), "AADB2C90237"),
        ({"aud": {"app": 1}}, Expected(audiences={"app"}), "AADB2C90237"),
        ({"exp": None}, Expected(), "AADB2C90240"),
        ({"exp": "later"}, Expected(), "AADB2C90240"),
        ({"exp": True}, Expected(), "AADB2C90240"),
        ({"nbf": "x"}, Expected(), "AADB2C90240"),
        ({"nbf": 4102444800}, Expected(), "AADB2C90240"),
    ],
)
def test_a_signed_token_that_says_something_else_is_refused(key, key_set, now, changes, expected, code):
    assert refused(sign_jwt(key, claims(now, **changes)), key_set, now, expected) == code


def test_an_audience_may_be_one_of_a_list(key, key_set, now):
    token = sign_jwt(key, claims(now, aud=["x", "app"]))

    assert verify_jwt(token, key_set, now, Expected(audiences={"app"}))["aud"] == ["x", "app"]


def test_a_token_ends_at_its_exp_unless_the_caller_accepts_that(key, key_set, now):
    token = sign_jwt(key, claims(now))

    assert verify_jwt(token, key_set, now + HOUR - timedelta(seconds=1))["sub"] == "user"
    assert refused(token, key_set, now + HOUR) == "AADB2C90235"
    assert verify_jwt(token, key_set, now + HOUR, Expected(expired=True))["sub"] == "user"


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "ä.b.c", "a.b.c" * 20000])
def test_what_is_no_token_is_malformed(key_set, now, token):
    assert refused(token, key_set, now) == "AADB2C90240"


def test_a_changed_token_is_refused(key, key_set, now):
    head, body, signature = sign_jwt(key, claims(now)).split(".")
    changed = part(claims(now, sub="admin"))

    assert refused(f"{head}.{changed}.{signature}", key_set, now) == "AADB2C90239"
    assert refused(f"{head}.{body}.{signature[:-8]}AAAAAAAA", key_set, now) == "AADB2C90239"
    assert refused(f"{head}.{body}.", key_set, now) == "AADB2C90239"
    assert refused("!.!.!", key_set, now) == "AADB2C90239"


def test_no_other_algorithm_is_accepted(key, key_set, now):
    body = part(claims(now))
    signed = f"{part({'alg': 'HS256', 'kid': key.kid})}.{body}"
    public_pem = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = base64.urlsafe_b64encode(hmac.digest(public_pem, signed.encode(), "sha256")).rstrip(b"=").decode()
    confused = f"{signed}.{mac}"
    larger = jwt.encode({"alg": "RS512", "kid": key.kid}, claims(now), jwk.RSAKey.import_key(key.private_key),
                        algorithms=["RS512"])  # fmt: skip

    assert refused(f"{part({'alg': 'none', 'kid': key.kid})}.{body}.", key_set, now) == "AADB2C90239"
    assert refused(confused, key_set, now) == "AADB2C90239"
    assert refused(larger, key_set, now) == "AADB2C90239"


def test_a_token_of_an_unknown_key_or_with_a_critical_header_is_refused(key, key_set, now):
    other = generate_rsa(use="sig", now=now)
    critical = sign_jwt(key, claims(now), {"crit": ["b64"], "b64": False})

    assert refused(sign_jwt(other, claims(now)), key_set, now) == "AADB2C90239"
    assert refused(critical, key_set, now) == "AADB2C90239"


def test_a_set_of_secrets_verifies_nothing_and_publishes_nothing(key, now):
    secrets = KeySet("s", (oct_key("hunter2", use="sig", now=now, kid=key.kid),))

    assert refused(sign_jwt(key, claims(now)), secrets, now) == "AADB2C90239"
    assert public_jwks(secrets, now) == {"keys": []}


def test_a_published_key_has_the_members_of_the_service_and_no_private_one(now):
    public = RSAPublicNumbers(65537, _number(RFC_KEY["n"]))
    private = RSAPrivateNumbers(*_factors(public), public).private_key()
    key = rsa_key(private, use="sig", now=now, kid="2011-04-29", lifetime=Lifetime(now + HOUR))

    assert public_jwks(KeySet("s", (key,)), now) == {
        "keys": [
            {
                "kid": "2011-04-29",
                "nbf": 1748782800,
                "use": "sig",
                "kty": "RSA",
                "alg": "RS256",
                "e": "AQAB",
                "n": RFC_KEY["n"],
            }
        ]
    }


def _number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def _factors(public):
    from cryptography.hazmat.primitives.asymmetric import rsa

    d = _number(RFC_KEY["d"])
    p, q = rsa.rsa_recover_prime_factors(public.n, public.e, d)
    return p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)


def test_a_certificate_is_published_with_x5c_and_x5t(own_certificate, now):
    key = read_pfx(own_certificate.pfx(Secret("")), Secret(""), now=now)
    (published,) = public_jwks(KeySet("s", (key,)), now)["keys"]

    assert base64.b64decode(published["x5c"][0])[:2] == b"\x30\x82"
    assert len(published["x5c"]) == 1
    assert len(base64.urlsafe_b64decode(published["x5t"] + "=")) == 20


def test_all_good_keys_are_published_the_active_one_first(private_key, now):
    def dated(kid, sequence, start, end=None):
        return Key(
            kid, "RSA", "sig", sequence, now, now + start, end and now + end, public_key=private_key.public_key()
        )

    keys = (
        dated("next", 1, 2 * HOUR),
        dated("old", 2, -2 * HOUR),
        dated("active", 3, -HOUR),
        dated("expired", 4, -HOUR, -HOUR / 2),
    )

    assert [jwk["kid"] for jwk in public_jwks(KeySet("s", keys), now)["keys"]] == ["active", "old", "next"]
    assert [jwk["kid"] for jwk in public_jwks(KeySet("s", keys[:1]), now)["keys"]] == ["next"]


def test_an_undated_key_is_published_with_the_time_at_which_it_was_added(key, now):
    assert public_jwks(KeySet("s", (key,)), now)["keys"][0]["nbf"] == 1748779200


def test_a_key_without_public_part_is_not_verified_with(now):
    self_made = self_signed("CN=x", now=now)
    key = rsa_key(self_made.private_key, use="sig", now=now)
    empty = Key(key.kid, "RSA", "sig", 1, now)

    assert refused(sign_jwt(key, claims(now)), KeySet("s", (empty,)), now) == "AADB2C90239"
