"""An API behind the guard's proxy, both live."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import pytest

from journeyman_guard import ApiKeyCheck, FailureLimit, Guard, GuardMiddleware, hashed_credential
from journeyman_guard.proxy.forward import Forwarder

KEY = ApiKeyCheck("x-key", (hashed_credential("kéy", "good"),), query="code")


@pytest.fixture
def guard() -> Guard:
    return Guard({"ANY /**": KEY}, limit=FailureLimit(0))


async def echo(scope, receive, send):
    """Say what arrived."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]]
    shown = {"method": scope["method"], "raw_path": scope["raw_path"].decode(), "query": scope["query_string"].decode()}
    data = json.dumps({**shown, "headers": headers, "size": len(body)}).encode()
    start = [(b"content-length", str(len(data)).encode()), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send(
        {
            "type": "http.response.start",
            "status": 207,
            "headers": [*start, (b"connection", b"x-gone"), (b"x-gone", b"1")],
        }
    )
    await send({"type": "http.response.body", "body": data})


@pytest.fixture
async def behind(serve_app, guard) -> AsyncIterator[Callable]:
    """Serve an application behind the proxy, which speaks TLS."""
    opened = []

    async def start(app=echo, **settings):
        upstream = await serve_app(app, ssl_context_factory=None)
        forwarder = Forwarder(
            f"http://127.0.0.1:{upstream.port}", tls=True, **{"timeout_s": 5, "limit_bytes": 100_000, **settings}
        )
        await forwarder.open()
        opened.append(forwarder)
        return await serve_app(GuardMiddleware(forwarder, guard), proxy_headers=False)

    yield start
    for forwarder in opened:
        await forwarder.close()
        await forwarder.close()
