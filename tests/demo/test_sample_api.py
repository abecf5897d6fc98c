"""The sample API over real TLS: each route with its own credential, and with everybody else's."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import trustme
from joserfc import jwt
from joserfc.jwk import RSAKey

from journeyman.clock import SystemClock
from journeyman.demo.sample_api import LIMIT_BYTES, SampleApiConfig, serve_sample_api
from journeyman.web.server import bind, start
from journeyman_guard import hashed_credential

ISSUER = "http://127.0.0.1/contoso.onmicrosoft.com/v2.0/"
BASIC = {"Authorization": aiohttp.encode_basic_auth("journeyman", "basic-secret")}
BEARER = {"Authorization": "Bearer static-secret"}
API_KEY = {"x-functions-key": "key-secret", "x-member-id": "M-0A1B2C3D"}
LOYALTY = {"loyaltyNumber": "12345670", "email": "ada@example.com"}
MEMBER = {"objectId": "user-1", "displayName": "Ada", "loyaltyNumber": "12345670", "correlationId": "c"}
BENEFITS = "GET /api/members/M-0A1B2C3D/benefits"


@dataclass
class SampleApi:
    """The running API, and what is needed to call it."""

    url: str
    authority: trustme.CA
    key: RSAKey

    async def call(self, target: str, headers=None, body=None, *, identity=None, data=None) -> tuple[int, dict]:
        method, path = target.split(" ")
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if identity is not None:
            identity.configure_cert(context)
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.request(method, self.url + path, headers=headers, json=body, data=data, ssl=context) as answer,
        ):
            return answer.status, json.loads(await answer.text() or "{}")

    def bearer(self, **claims: object) -> dict[str, str]:
        now_s = int(SystemClock().now().timestamp())
        merged = {"iss": ISSUER, "aud": "api-1", "sub": "engine", "exp": now_s + 300, "roles": ["benefits.read"]}
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, {**merged, **claims}, self.key)
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def signing_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture
async def jwks_url(signing_key: RSAKey) -> AsyncIterator[str]:
    public = {**signing_key.as_dict(private=False), "kid": "k1", "use": "sig", "nbf": 1}
    body = json.dumps({"keys": [public]}).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    server.close()


@pytest.fixture
async def api(authority: trustme.CA, signing_key: RSAKey, jwks_url: str, tmp_path: Path) -> AsyncIterator[SampleApi]:
    certificate, key, ca = tmp_path / "api.pem", tmp_path / "api.key", tmp_path / "ca.pem"
    served = authority.issue_cert("127.0.0.1")
    served.cert_chain_pems[0].write_to_path(certificate)
    served.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca)
    config = SampleApiConfig(
        users=(hashed_credential("journeyman", "basic-secret"),),
        client_ca=ca,
        issuer=ISSUER,
        audience="api-1",
        jwks_url=jwks_url,
        bearer_tokens=(hashed_credential("static", "static-secret"),),
        api_keys=(hashed_credential("default", "key-secret"),),
    )
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = serve_sample_api(config, "127.0.0.1", port, certificate=certificate, key=key, client_ca=ca)
    task = await start(server, listener)
    yield SampleApi(f"https://127.0.0.1:{port}", authority, signing_key)
    server.should_exit = True
    await task


@pytest.fixture
def identity(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("loyalty.contoso.example")


@pytest.mark.parametrize(("number", "tier"), [("92345670", "gold"), ("52345672", "silver"), ("12345678", "bronze")])
async def test_an_even_loyalty_number_has_the_tier_of_its_first_digit(api, number, tier):
    assert await api.call("POST /api/loyalty/check", BASIC, {**LOYALTY, "loyaltyNumber": number}) == (
        200,
        {"tier": tier},
    )


async def test_an_odd_loyalty_number_is_refused_with_a_message_for_the_user(api):
    assert await api.call("POST /api/loyalty/check", BASIC, {**LOYALTY, "loyaltyNumber": "12345671"}) == (
        409,
        {
            "version": "1.0.0",
            "status": 409,
            "userMessage": "The loyalty number 1234 5671 is not known. Please check the number on your card.",
            "code": "LOYALTY_UNKNOWN",
        },
    )


@pytest.mark.parametrize("number", ["", "abc", "123", "12345670; drop", "１２３４５６７０", "1" * 20])
async def test_what_is_no_loyalty_number_is_a_conflict_that_repeats_nothing(api, number):
    status, body = await api.call("POST /api/loyalty/check", BASIC, {**LOYALTY, "loyaltyNumber": number})

    assert (status, body["code"]) == (409, "LOYALTY_MALFORMED")
    assert body["userMessage"] == "A loyalty number has digits only. Please check the number on your card."


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b"\xff", b"{}", b'{"loyaltyNumber":1,"email":"a"}', b'{"loyaltyNumber":"10"}', b"[" * 50_000],
)
async def test_a_body_of_another_shape_is_400(api, data):
    status, body = await api.call("POST /api/loyalty/check", BASIC, data=data)

    assert (status, body) == (400, {"error": "loyaltyNumber and email are strings"})


async def test_a_body_of_more_than_64_kib_is_400(api):
    body = json.dumps({**LOYALTY, "padding": "x" * LIMIT_BYTES}).encode()

    assert (await api.call("POST /api/loyalty/check", BASIC, data=body))[0] == 400


async def test_a_member_registered_twice_has_one_id(api, identity):
    first = await api.call("POST /api/members", None, MEMBER, identity=identity)
    second = await api.call("POST /api/members", None, MEMBER, identity=identity)

    # The first eight digits of `printf user-1 | sha256sum`.
    assert first == second == (200, {"memberId": "M-C6C289E4"})


async def test_a_member_needs_an_object_id(api, identity):
    assert await api.call("POST /api/members", None, {"objectId": ""}, identity=identity) == (
        400,
        {"error": "objectId is a string"},
    )


@pytest.mark.parametrize("claims", [{}, {"roles": None, "scp": "benefits.read"}])
async def test_a_token_of_the_issuer_reads_the_benefits(api, claims):
    assert await api.call(BENEFITS, api.bearer(**claims)) == (
        200,
        {"benefits": ["Free returns", "Early access", "Birthday gift"]},
    )


async def test_a_member_id_of_another_shape_is_not_found(api):
    assert await api.call("GET /api/members/nobody/benefits", api.bearer()) == (404, {"error": "not found"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?tier=gold", ["Trail mug", "Canvas bag", "Sticker set"]),
        ("?tier=silver", ["Canvas bag", "Sticker set"]),
        ("?tier=bronze", ["Sticker set"]),
        ("", ["Sticker set"]),
    ],
)
async def test_the_gifts_of_a_tier_come_best_first(api, query, names):
    status, body = await api.call(f"GET /api/gifts{query}", BEARER)

    assert (status, [gift["name"] for gift in body["gifts"]]) == (200, names)


async def test_an_unknown_tier_is_400(api):
    assert (await api.call("GET /api/gifts?tier=iron", BEARER))[0] == 400


async def test_the_delivery_of_a_member_takes_two_days(api):
    assert await api.call("GET /api/delivery", API_KEY) == (200, {"days": 2})
    assert (await api.call("GET /api/delivery", {"x-functions-key": "key-secret"}))[0] == 400


async def test_health_is_open(api):
    assert await api.call("GET /health") == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("target", "own", "status"),
    [
        ("POST /api/loyalty/check", "basic", 401),
        ("POST /api/members", "certificate", 403),
        (BENEFITS, "jwt", 401),
        ("GET /api/gifts", "bearer", 401),
        ("GET /api/delivery", "api_key", 401),
    ],
)
async def test_the_credentials_of_the_other_routes_do_not_open_a_route(api, identity, target, own, status):
    credentials = {"basic": BASIC, "jwt": api.bearer(), "bearer": BEARER, "api_key": API_KEY, "none": {}}

    outcomes = {name: (await api.call(target, headers)) for name, headers in credentials.items() if name != own}
    if own != "certificate":
        outcomes["certificate"] = await api.call(target, {}, identity=identity)

    assert set(map(str, outcomes.values())) == {str((status, {"error": "unauthorized"}))}


@pytest.mark.parametrize(
    ("claims", "status"),
    [({"aud": "api-2"}, 401), ({"iss": "https://evil.example"}, 401), ({"exp": 1}, 401), ({"roles": ["other"]}, 403)],
)
async def test_a_token_for_others_does_not_read_the_benefits(api, claims, status):
    assert await api.call(BENEFITS, api.bearer(**claims)) == (status, {"error": "unauthorized"})


async def test_a_certificate_of_a_foreign_authority_registers_nobody(api):
    foreign = trustme.CA().issue_cert("loyalty.contoso.example")

    for _ in range(3):
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            await api.call("POST /api/members", None, MEMBER, identity=foreign)


@pytest.mark.parametrize(
    "target", ["GET /", "GET /api/loyalty/check", "PUT /api/members", "GET /openapi.json", "GET /api/gifts/"]
)
async def test_what_is_not_listed_is_refused_whoever_asks(api, identity, target):
    assert await api.call(target, {**BASIC, **API_KEY}, identity=identity) == (403, {"error": "unauthorized"})
