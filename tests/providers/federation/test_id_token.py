"""ID tokens that hold and those that do not. Source of each rule: OpenID Connect Core §3.1.3.7."""

from __future__ import annotations

import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from journeyman.errors import ServiceError
from journeyman.providers.federation.id_token import ExpectedToken, issuer_allowed, peek, verify

NOW = 1_772_366_400
GOOD = {"iss": "https://idp.example", "aud": "client", "sub": "ada", "exp": NOW + 600, "nonce": "n-1"}
EXPECTED = ExpectedToken(audience="client", client_id="client", nonce="n-1", issuer="https://idp.example")


@pytest.fixture(scope="module")
def key():
    return RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048), {"kid": "k1"})


def signed(key, claims, **header):
    return jwt.encode({"alg": "RS256", "kid": "k1", **header}, claims, key)


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_gives_its_claims(key):
    assert verify(signed(key, GOOD), KeySet([key]), EXPECTED, NOW)["sub"] == "ada"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": "https://idp.example/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": ["client", "other"]}, "audience"),
        ({"aud": ["client", "other"], "azp": "other"}, "audience"),
        ({"azp": "other"}, "audience"),
        ({"exp": NOW - 301}, "lifetime"),
        ({"exp": "tomorrow"}, "lifetime"),
        ({"exp": True}, "lifetime"),
        ({"nbf": NOW + 301}, "lifetime"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
    ],
)
def test_a_token_that_says_something_else_is_refused(key, changes, word):
    token = signed(key, {**GOOD, **changes})

    with pytest.raises(ServiceError, match=f"the {word} is wrong") as caught:
        verify(token, KeySet([key]), EXPECTED, NOW)

    assert caught.value.service_code == "AADB2C90273"


def test_several_audiences_are_good_when_the_authorized_party_is_us(key):
    token = signed(key, {**GOOD, "aud": ["client", "other"], "azp": "client"})

    assert verify(token, KeySet([key]), EXPECTED, NOW)["sub"] == "ada"


def test_a_prefix_of_issuers_replaces_the_one_issuer(key):
    expected = ExpectedToken("client", "client", "n-1", None, ("https://login.example/",))
    good, bad = ({**GOOD, "iss": iss} for iss in ("https://login.example/t1", "https://login.example.evil/t1"))

    assert verify(signed(key, good), KeySet([key]), expected, NOW)["sub"] == "ada"
    with pytest.raises(ServiceError, match="issuer"):
        verify(signed(key, bad), KeySet([key]), expected, NOW)


def test_a_token_of_another_key_is_refused(key):
    other = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048), {"kid": "k1"})

    with pytest.raises(ServiceError, match="signature"):
        verify(signed(other, GOOD), KeySet([key]), EXPECTED, NOW)


def test_an_unsigned_token_and_one_signed_with_the_public_key_as_a_secret_are_refused(key):
    unsigned = signed(key, GOOD).split(".")
    none = f"eyJhbGciOiJub25lIn0.{unsigned[1]}."
    signing_input = f"{encoded({'alg': 'HS256', 'kid': 'k1'})}.{unsigned[1]}"
    tag = hmac.digest(key.as_pem(private=False), signing_input.encode(), "sha256")
    confused = f"{signing_input}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"

    for token in (none, confused):
        with pytest.raises(ServiceError, match="signature"):
            verify(token, KeySet([key]), EXPECTED, NOW)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "W10.W10.", "{}.{}.{}", "e30.e30", "x" * 70_000, "é.é.é"])
def test_what_is_no_token_is_refused_before_a_key_is_looked_for(text):
    with pytest.raises(ServiceError, match="no signed token"):
        peek(text)


def test_what_a_token_says_of_itself_can_be_read(key):
    seen = peek(signed(key, GOOD))

    assert (seen.key_id, seen.issuer) == ("k1", "https://idp.example")


@pytest.mark.parametrize(
    ("issuer", "allowed"),
    [
        ("https://idp.example/one/v2.0", True),
        ("https://idp.example.evil.example/one", False),
        ("https://idp.example@evil.example/one", False),
        ("https://idp.example:444/one", False),
        ("http://idp.example/one", False),
        ("https://[", False),
    ],
)
def test_a_prefix_of_issuers_lets_in_issuers_of_its_host_only(issuer, allowed):
    assert issuer_allowed(issuer, ("https://idp.example",)) is allowed
