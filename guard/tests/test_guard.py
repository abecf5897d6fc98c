from __future__ import annotations

import logging

import pytest

from journeyman_guard import (
    AnyoneCheck,
    ApiKeyCheck,
    FailureLimit,
    Guard,
    GuardMiddleware,
    GuardRequest,
    MisconfiguredError,
    Refused,
    TrustedProxies,
    hashed_credential,
    read_networks,
)
from journeyman_guard.guard import guard_of, refusal_headers

KEY = ApiKeyCheck("x-key", (hashed_credential("k", "canary-good"),))


def request(key=None, source="198.51.100.7", path="/"):
    return GuardRequest("GET", path, ((b"x-key", key),) if key else (), source=source)


async def outcome(guard, arrived):
    try:
        return (await guard.admit(arrived)).subject
    except Refused as refusal:
        return int(refusal.status)


async def test_a_source_with_too_many_wrong_credentials_is_not_listened_to(clock):
    guard = Guard({"GET /": KEY}, limit=FailureLimit(3, clock))
    tried = [await outcome(guard, request(b"wrong")) for _ in range(4)]

    assert tried == [401, 401, 401, 429]
    assert await outcome(guard, request(b"canary-good")) == 429
    assert await outcome(guard, request(b"canary-good", source="198.51.100.8")) == "k"
    clock.advance(60)
    assert await outcome(guard, request(b"canary-good")) == "k"


async def test_a_request_without_a_credential_or_route_does_not_count(clock):
    guard = Guard({"GET /": KEY}, limit=FailureLimit(2, clock))
    tried = [await outcome(guard, request()) for _ in range(5)]
    tried += [await outcome(guard, request(b"x", path="/other")) for _ in range(5)]

    assert tried == [401] * 5 + [403] * 5
    assert await outcome(guard, request(b"canary-good")) == "k"


async def test_everything_is_counted():
    class Broken:
        async def check(self, arrived):
            raise RuntimeError

    guard = Guard({"GET /": KEY, "GET /health": AnyoneCheck(), "GET /broken": Broken()})
    for arrived in (request(b"canary-good"), request(b"wrong"), request(path="/health"), request(path="/x")):
        await outcome(guard, arrived)
    with pytest.raises(RuntimeError):
        await guard.admit(request(path="/broken"))

    assert guard.metrics.accepted == {("GET /", ("api_key",)): 1, ("GET /health", ("anyone",)): 1}
    assert guard.metrics.refused == {
        (401, "the API key is not known"): 1,
        (403, "no check is set for this route"): 1,
    }
    assert guard.metrics.failed == 1
    assert "canary" not in guard.metrics.text()


async def test_a_source_of_several_lines_stays_one_line_in_the_log(caplog):
    with caplog.at_level(logging.WARNING, "journeyman_guard"):
        await outcome(Guard({"GET /": KEY}), request(source="1\r\nrefused" + "x" * 100))

    (text,) = [record.getMessage() for record in caplog.records]
    assert text.startswith("refused GET / from 1\\r\\nrefused")
    assert len(text) < 150


def test_the_answer_says_when_to_come_back():
    refusal = Refused("x", 429, retry_after_s=7)

    assert ("retry-after", "7") in refusal_headers(refusal)


def test_a_form_takes_a_guard_or_a_policy_and_nothing_else():
    guard = Guard({"GET /": KEY})

    assert guard_of(guard) is guard
    with pytest.raises(MisconfiguredError, match="give a Guard"):
        guard_of([KEY])


async def test_the_application_does_not_see_spoofed_headers(serve_app):
    seen = []

    async def app(scope, receive, send):
        seen.extend(name for name, _ in scope["headers"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    proxies = TrustedProxies(read_networks(["10.0.0.1"]), "client-cert")
    api = await serve_app(GuardMiddleware(app, Guard({"GET /": KEY}, proxies=proxies)))
    await api.call("GET /", "x-key: canary-good", "X-ARR-ClientCert: MIIB", "Client-Cert: :MIIB:", "X-Guard-Caller: a")

    assert seen == [b"host", b"connection", b"x-key"]
