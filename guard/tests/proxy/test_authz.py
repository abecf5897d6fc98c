from __future__ import annotations

import logging

import pytest

from journeyman_guard import (
    ApiKeyCheck,
    FailureLimit,
    Guard,
    MisconfiguredError,
    TrustedProxies,
    hashed_credential,
    read_networks,
)
from journeyman_guard.proxy.authz import AuthzApplication

KEY = ApiKeyCheck("x-key", (hashed_credential("kéy", "good"),), query="code")


@pytest.fixture
def ask(serve_app):
    """Ask as a proxy of a mode would."""

    async def ask(mode, *lines, target="GET /", addresses=("127.0.0.1",), limit=0):
        proxies = TrustedProxies(read_networks(addresses))
        guard = Guard({"POST /api/{x}": KEY}, proxies=proxies, limit=FailureLimit(limit))
        api = await serve_app(AuthzApplication(guard, mode), ssl_context_factory=None, proxy_headers=False)
        return [await plain_call(api.port, target, *lines) for _ in range(2 if limit else 1)][-1]

    return ask


async def plain_call(port, target, *lines):
    import asyncio

    from journeyman_guard.conformance.wire import Probe, Wire

    head = "\r\n".join([f"{target} HTTP/1.1", "Host: guard", "Connection: close", *lines, "", ""]).encode()
    return await asyncio.wait_for(Wire("127.0.0.1", port, tls=False).send(Probe("GET", "/", raw=head)), 5)


NGINX = ("X-Original-Method: POST", "X-Original-URI: /api/1?code=good")
TRAEFIK = ("X-Forwarded-Method: POST", "X-Forwarded-Uri: /api/1?code=good", "X-Forwarded-For: 198.51.100.7")


@pytest.mark.parametrize(("mode", "lines"), [("nginx", NGINX), ("traefik", TRAEFIK)])
async def test_the_question_describes_the_request(ask, mode, lines):
    answer = await ask(mode, *lines)

    assert (answer.status, answer.header("x-guard-caller"), answer.body) == (200, ["k%C3%A9y"], b"")


async def test_envoy_repeats_the_request(ask):
    assert (await ask("envoy", "x-key: good", target="POST /api/1")).status == 200
    assert (await ask("envoy", "x-key: bad", target="POST /api/1")).status == 401
    assert (await ask("envoy", "x-key: good", target="POST /other")).status == 403


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("X-Original-Method: POST", "X-Original-URI: /api/1"), 401),
        (("X-Original-Method: POST", "X-Original-URI: /api/1?code=bad"), 401),
        (("X-Original-Method: GET", "X-Original-URI: /api/1?code=good"), 403),
        (("X-Original-Method: POST", "X-Original-URI: /api/1%2f2?code=good"), 403),
        (("X-Original-Method: POST", "X-Original-URI: /api/%ff?code=good"), 403),
        (("X-Original-Method: POST", "X-Original-URI: /other?code=good"), 403),
        (("X-Original-URI: /api/1?code=good",), 403),
        (("X-Original-Method: POST",), 403),
        (("X-Original-Method: POST", "X-Original-URI:"), 403),
        (("X-Original-Method: POST", *NGINX), 403),
        (("X-Forwarded-Method: POST", "X-Forwarded-Uri: /api/1?code=good"), 403),
    ],
)
async def test_a_wrong_or_unclear_question_keeps_out(ask, lines, status):
    assert (await ask("nginx", *lines)).status == status


async def test_only_a_named_proxy_may_ask(ask, caplog):
    with caplog.at_level(logging.WARNING, "journeyman_guard"):
        answer = await ask("nginx", *NGINX, addresses=("10.0.0.1",))

    assert answer.status == 403
    assert "does not come from a named proxy" in caplog.text


@pytest.mark.parametrize(("mode", "status"), [("nginx", 403), ("traefik", 429)])
async def test_a_limit_is_said_in_a_way_that_the_proxy_understands(ask, mode, status):
    target = {"nginx": "X-Original-URI", "traefik": "X-Forwarded-Uri"}[mode]
    method = target.replace("URI", "Method").replace("Uri", "Method")
    lines = (f"{method}: POST", f"{target}: /api/1?code=x")

    assert (await ask(mode, *lines, limit=1)).status == status


def test_without_named_proxies_nobody_could_ask():
    with pytest.raises(MisconfiguredError, match=r"proxies\.addresses"):
        AuthzApplication(Guard({"GET /": KEY}), "nginx")


async def test_only_http_is_answered():
    application = AuthzApplication(Guard({}, proxies=TrustedProxies(read_networks(["10.0.0.1"]))), "nginx")

    with pytest.raises(ValueError, match="cannot be answered"):
        await application({"type": "websocket"}, None, None)
