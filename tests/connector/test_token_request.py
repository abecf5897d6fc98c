from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwk, jwt
from multidict import CIMultiDict
from yarl import URL

from journeyman.clock import SystemClock
from journeyman.connector.authenticator import Credential
from journeyman.connector.limits import CallRules, Limits
from journeyman.connector.managed_bearer import TokenHolders
from journeyman.connector.token_request import token_client, token_request
from journeyman.keys.keyset import Key
from journeyman.secret import Secret
from journeyman.settings import BearerSettings, ClientAuthentication

URL_TEXT = "https://login.example/token"
CREDENTIAL = Credential((("B2C_1A_Key", "1"),))


def settings(method, **more):
    return BearerSettings(URL_TEXT, "engine:1", "B2C_1A_Key", method, **more)


def sent(method, key, **more):
    chosen = settings(method, **more)
    client = token_client(chosen, key, CREDENTIAL, SystemClock())
    headers = CIMultiDict()
    client.authenticate(headers, {})
    request = token_request(chosen, URL(URL_TEXT), client)
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
    return headers, {name: value for name, [value] in parse_qs(request.body.decode(), keep_blank_values=True).items()}


@pytest.fixture
def secret_key():
    def make(value):
        return Key(kid="1", kty="oct", use="sig", sequence=1, added_at=SystemClock().now(), secret=Secret(value))

    return make


def test_client_secret_basic_encodes_both_parts_as_a_form_does(secret_key):
    headers, form = sent(ClientAuthentication.CLIENT_SECRET_BASIC, secret_key("a b:c\r\nß"), scope="x y")

    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"engine%3A1:a+b%3Ac%0D%0A%C3%9F"
    assert form == {"grant_type": "client_credentials", "scope": "x y"}


def test_client_secret_post_sends_id_and_secret_in_the_form(secret_key):
    headers, form = sent(ClientAuthentication.CLIENT_SECRET_POST, secret_key("a&b=ß"), audience="https://api.example")

    assert dict(headers) == {}
    assert form == {
        "grant_type": "client_credentials",
        "audience": "https://api.example",
        "client_id": "engine:1",
        "client_secret": "a&b=ß",
    }


def test_private_key_jwt_is_signed_by_the_key_for_this_endpoint_and_used_once(authority):
    key = authority.client_key()
    _, form = sent(ClientAuthentication.PRIVATE_KEY_JWT, key)
    _, again = sent(ClientAuthentication.PRIVATE_KEY_JWT, key)
    public = jwk.RSAKey.import_key(key.certificates[0].public_bytes(Encoding.PEM))
    token = jwt.decode(form["client_assertion"], public, algorithms=["RS256"])
    der = key.certificates[0].public_bytes(Encoding.DER)

    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert (form["client_id"], token.claims["iss"], token.claims["sub"]) == ("engine:1",) * 3
    assert token.claims["aud"] == URL_TEXT
    assert token.claims["exp"] - token.claims["iat"] == 300
    assert token.claims["jti"] != jwt.decode(again["client_assertion"], public, algorithms=["RS256"]).claims["jti"]
    assert token.header["x5t#S256"] == base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")
    assert token.header["x5t"] == base64.urlsafe_b64encode(hashlib.sha1(der).digest()).decode().rstrip("=")


def test_a_private_key_without_certificate_signs_too(authority):
    from dataclasses import replace

    _, form = sent(ClientAuthentication.PRIVATE_KEY_JWT, replace(authority.client_key(), certificates=()))

    assert form["client_assertion"].count(".") == 2


async def test_tls_client_auth_shows_the_certificate_to_the_token_endpoint(serve, authority, client_for, ring, answer):
    token = '{"access_token":"t","token_type":"Bearer","expires_in":60}'
    endpoint = await serve(answer("200 OK", token), context=authority.server_context(client_ca=authority))
    ring.put("B2C_1A_Cert", authority.client_key())
    holders = TokenHolders(client_for(), ring, "contoso.onmicrosoft.com", CallRules(Limits(5, 0)))
    bearer = BearerSettings(f"{endpoint.url}/token", "engine", "B2C_1A_Cert", ClientAuthentication.TLS_CLIENT_AUTH)
    found = await holders.source("A", bearer).current(5)

    assert found.token.reveal() == "t"
    assert endpoint.received[0].certificate is not None
    assert parse_qs(endpoint.received[0].body.decode())["client_id"] == ["engine"]
