from __future__ import annotations

import inspect

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from journeyman_guard import (
    ApiKeyCheck,
    BasicCheck,
    Caller,
    ClientCertificateCheck,
    FailureLimit,
    Guard,
    MisconfiguredError,
    any_of,
    hashed_credential,
)
from journeyman_guard.dependency import require

CHECK = any_of(BasicCheck((hashed_credential("u", "p"),)), ApiKeyCheck("x-key", (hashed_credential("k", "secret"),)))


async def test_an_endpoint_gets_the_caller_or_nobody_gets_the_endpoint(serve_app):
    guarded = require(CHECK)

    async def endpoint(request):
        return PlainTextResponse((await guarded(request)).subject)

    api = await serve_app(Starlette(routes=[Route("/", endpoint)]))
    accepted, refused = await api.call("GET /", "x-key: secret"), await api.call("GET /", "x-key: wrong")

    assert (accepted.status, accepted.body) == (200, b"k")
    assert (refused.status, refused.body) == (401, b"unauthorized")
    assert refused.header("www-authenticate") == ['Basic realm="api", charset="UTF-8", ApiKey realm="api"']


async def test_a_refusal_without_a_challenge_has_no_header():
    guarded = require(ClientCertificateCheck(thumbprints=("00" * 32,)))
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})

    with pytest.raises(HTTPException) as raised:
        await guarded(request)

    assert (raised.value.status_code, raised.value.headers) == (403, {"cache-control": "no-store"})


def test_the_signature_is_what_fastapi_injects_from():
    # FastAPI takes classes, not their names, from the annotations of a dependency.
    signature = inspect.signature(require(CHECK))

    assert [parameter.annotation for parameter in signature.parameters.values()] == [Request]
    assert signature.return_annotation is Caller


def test_only_a_check_can_be_required():
    with pytest.raises(MisconfiguredError, match="takes a check"):
        require(None)


async def test_a_source_that_guesses_is_told_when_to_come_back():
    guarded = require(CHECK, Guard({}, limit=FailureLimit(1)))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(b"x-key", b"wrong")],
        "client": ("192.0.2.1", 1),
    }
    for _ in range(2):
        with pytest.raises(HTTPException) as raised:
            await guarded(Request(scope))

    assert (raised.value.status_code, raised.value.headers["retry-after"]) == (429, "60")
