"""What every request passes, beside what test_app shows over the wire."""

import pytest

from journeyman.web.middleware import DefaultHeaders, HostCheck, SizeLimit


@pytest.mark.parametrize("wrap", [lambda app: HostCheck(app, frozenset()), SizeLimit])
async def test_other_kinds_of_connection_pass(wrap):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    await wrap(app)({"type": "lifespan"}, None, None)

    assert seen == ["lifespan"]


async def test_a_header_that_was_set_stays():
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"public")]})
        await send({"type": "http.response.body"})

    async def send(message):
        sent.append(message)

    await DefaultHeaders(app, {"Cache-Control": "no-store", "X-A": "b"})({"type": "http"}, None, send)

    assert sent[0]["headers"] == [(b"cache-control", b"public"), (b"x-a", b"b")]


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 5000, "²"])
async def test_a_length_that_is_no_number_of_ours_is_refused(length):
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", length.encode("latin-1"))]
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": headers, "method": "POST"}
    await SizeLimit(None)(scope, None, send)

    assert sent[0]["status"] == 413
