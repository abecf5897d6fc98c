from __future__ import annotations

import asyncio
import json

import pytest

from journeyman_guard import JwksCache, MisconfiguredError
from journeyman_guard.jwks import read_jwks
from journeyman_guard.jwks_fetch import JwksError

URL = "https://issuer.example/keys"


class Published:
    """A document that can change, and how often it was fetched."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.fetched = 0
        self.error: JwksError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, url: str) -> bytes:
        self.fetched += 1
        await self.gate.wait()
        if self.error:
            raise self.error
        return self.document


@pytest.fixture
async def published(issuer):
    return Published(issuer.jwks())


@pytest.fixture
def cache(published, clock):
    return JwksCache(URL, fetch=published, clock=clock)


async def test_a_hundred_callers_at_once_cost_one_fetch(cache, published):
    keys = await asyncio.gather(*(cache.find("rsa-1", "RS256") for _ in range(100)))

    assert published.fetched == 1
    assert {key.key_type for key in keys} == {"RSA"}


async def test_known_keys_are_kept(cache, published, clock):
    for _ in range(5):
        await cache.find("rsa-1", "PS256")
        await cache.find("ec-1", "ES256")
        clock.advance(100)

    assert published.fetched == 1


async def test_old_keys_are_fetched_anew_beside_the_request(cache, published, clock):
    await cache.find("rsa-1", "RS256")
    clock.advance(601)
    published.gate.clear()

    key = await cache.find("rsa-1", "RS256")
    published.gate.set()
    await asyncio.sleep(0.01)

    assert key is not None
    assert published.fetched == 2


async def test_a_withdrawn_key_is_gone_after_the_next_fetch(cache, published, clock):
    await cache.find("rsa-1", "RS256")
    published.document = b'{"keys":[]}'
    clock.advance(601)
    await cache.find("rsa-1", "RS256")
    await asyncio.sleep(0.01)

    assert await cache.find("rsa-1", "RS256") is None


async def test_keys_outlive_an_issuer_that_is_down_for_an_hour_and_no_longer(cache, published, clock):
    await cache.find("rsa-1", "RS256")
    published.error = JwksError("down")
    clock.advance(3_500)
    within = await cache.find("rsa-1", "RS256")
    await asyncio.sleep(0.01)
    clock.advance(200)

    assert within is not None
    assert await cache.find("rsa-1", "RS256") is None


async def test_a_new_key_is_found_and_a_flood_of_unknown_ids_costs_a_fetch_every_30_s(cache, published, clock, issuer):
    await cache.find("rsa-1", "RS256")
    clock.advance(31)
    for number in range(1_000):
        assert await cache.find(f"unknown-{number}", "RS256") is None
    flood = published.fetched
    published.document = issuer.jwks().replace(b"rsa-1", b"rsa-2")
    clock.advance(31)

    assert flood == 2
    assert await cache.find("rsa-2", "RS256") is not None
    assert published.fetched == 3


async def test_one_unknown_id_is_asked_for_once_a_minute(cache, published, clock):
    await cache.find("rsa-1", "RS256")
    clock.advance(31)
    await cache.find("unknown", "RS256")
    clock.advance(31)
    await cache.find("unknown", "RS256")
    early = published.fetched
    clock.advance(31)
    await cache.find("unknown", "RS256")

    assert (early, published.fetched) == (2, 3)


async def test_the_memory_of_unknown_ids_is_bounded(cache, published, clock):
    published.gate.set()
    for number in range(300):
        await cache.find(str(number), "RS256")
        clock.advance(31)

    assert len(cache._unknown) == 256


async def test_failures_are_not_repeated_within_30_s(cache, published, clock, caplog):
    published.error = JwksError("the JWKS endpoint answered 503")
    for _ in range(10):
        assert await cache.find("rsa-1", "RS256") is None
    early = published.fetched
    clock.advance(61)
    published.error = None

    assert early == 1
    assert await cache.find("rsa-1", "RS256") is not None
    assert "answered 503" in caplog.text


async def test_a_caller_does_not_wait_for_ever(cache, published, monkeypatch):
    monkeypatch.setattr("journeyman_guard.jwks._WAIT_S", 0.01)
    published.gate.clear()

    assert await cache.find("rsa-1", "RS256") is None
    published.gate.set()
    await asyncio.sleep(0.01)
    assert await cache.find("rsa-1", "RS256") is not None


async def test_without_a_key_id_there_must_be_no_choice(cache, published, clock, issuer):
    alone = await cache.find(None, "RS256")
    first = json.loads(issuer.jwks())["keys"][0]
    published.document = json.dumps({"keys": [first, {**first, "kid": "rsa-2"}]}).encode()
    clock.advance(601)
    await cache.find(None, "RS256")
    await asyncio.sleep(0.01)

    assert alone is not None
    assert await cache.find(None, "RS256") is None


async def test_a_key_of_one_algorithm_is_not_used_for_another(clock, issuer):
    first = json.loads(issuer.jwks())["keys"][0]
    published = Published(json.dumps({"keys": [{**first, "alg": "RS256"}]}).encode())
    cache = JwksCache(URL, fetch=published, clock=clock)

    assert await cache.find("rsa-1", "RS256") is not None
    assert await cache.find("rsa-1", "PS256") is None


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": 5},
        {"kid": 5},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": None},
        {"n": "AQAB"},
        {"n": "A" * 343},
        {"n": "*" * 343},
        {"n": 5},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
    ],
)
async def test_keys_that_cannot_be_used_are_left_out_and_the_others_kept(issuer, change):
    first, second = json.loads(issuer.jwks())["keys"]

    keys = read_jwks(json.dumps({"keys": [{**first, **change}, second, "x"]}).encode())

    assert [key.key_id for key in keys] == ["ec-1"]


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[],"keys":[]}', b"\xff", json.dumps({"keys": [{}] * 101}).encode()],
)
def test_what_is_not_a_jwk_set_is_an_error(document):
    with pytest.raises(JwksError):
        read_jwks(document)


def test_an_unsafe_address_is_refused_when_the_cache_is_made():
    with pytest.raises(MisconfiguredError, match="https"):
        JwksCache("http://issuer.example/keys")
