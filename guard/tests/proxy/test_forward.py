from __future__ import annotations

import asyncio
import json

import pytest

from journeyman_guard.proxy.forward import Forwarder, header_text


def shown(answer):
    return json.loads(answer.body)


def headers_of(answer):
    headers = {}
    for name, value in shown(answer)["headers"]:
        headers.setdefault(name, []).append(value)
    return headers


async def test_a_right_request_reaches_the_api_unchanged(behind):
    api = await behind()

    answer = await api.call("GET /a%20b/c?x=%2f&y=1", "x-key: good", "Accept: text/x", "Cookie: a=b")

    assert answer.status == 207
    assert (shown(answer)["raw_path"], shown(answer)["query"]) == ("/a%20b/c", "x=%2f&y=1")
    assert headers_of(answer)["accept"] == ["text/x"]
    assert headers_of(answer)["cookie"] == ["a=b"]
    assert answer.header("set-cookie") == ["a=1", "b=2"]


async def test_the_api_learns_who_calls_and_from_where_and_nobody_can_lie(behind):
    api = await behind()

    answer = await api.call(
        "GET /", "x-key: good", "X-Guard-Caller: admin", "X-Forwarded-For: 1.1.1.1", "X-Forwarded-Proto: http"
    )

    headers = headers_of(answer)
    assert headers["x-guard-caller"] == ["k%C3%A9y"]
    assert headers["x-forwarded-for"] == ["127.0.0.1"]
    assert (headers["x-forwarded-proto"], headers["x-forwarded-host"]) == (["https"], ["api"])


async def test_headers_of_one_connection_end_here(behind):
    api = await behind()

    answer = await api.call("GET /", "x-key: good", "Connection: x-hop", "X-Hop: 1", "TE: trailers", "Keep-Alive: 1")

    assert {"x-hop", "te", "keep-alive"}.isdisjoint(headers_of(answer))
    assert answer.header("x-gone") == []


async def test_a_wrong_request_does_not_reach_the_api(behind):
    reached = []

    async def app(scope, receive, send):
        reached.append(scope)

    api = await behind(app)
    statuses = [(await api.call("GET /", *lines)).status for lines in ([], ["x-key: bad"])]
    statuses.append((await api.call("GET /a%2fb", "x-key: good")).status)

    assert (statuses, reached) == ([401, 401, 403], [])


async def test_bodies_pass_in_both_directions(behind):
    api = await behind()

    answer = await api.call("POST /", "x-key: good", "Content-Length: 3", "", "abc")

    assert (shown(answer)["method"], shown(answer)["size"]) == ("POST", 3)


async def test_a_chunked_body_passes(behind):
    api = await behind()

    answer = await api.call("PUT /", "x-key: good", "Transfer-Encoding: chunked", "", "5", "hello", "0", "")

    assert shown(answer)["size"] == 5


async def test_a_body_that_is_too_large_is_refused(behind):
    api = await behind(limit_bytes=2)

    answer = await api.call("POST /", "x-key: good", "Content-Length: 3", "", "abc")

    assert (answer.status, answer.body) == (413, b'{"error":"the body is too large"}')


async def test_redirects_and_errors_of_the_api_pass(behind):
    async def app(scope, receive, send):
        await send(
            {"type": "http.response.start", "status": 302, "headers": [(b"location", b"/x"), (b"content-length", b"0")]}
        )
        await send({"type": "http.response.body", "body": b""})

    answer = await (await behind(app)).call("GET /", "x-key: good")

    assert (answer.status, answer.header("location")) == (302, ["/x"])


async def test_a_compressed_answer_is_not_touched(behind):
    async def app(scope, receive, send):
        headers = [(b"content-encoding", b"gzip"), (b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"\x1f\x8bxx"})

    assert (await (await behind(app)).call("GET /", "x-key: good")).body == b"\x1f\x8bxx"


async def test_an_api_that_is_away_is_502(serve_app, guard, behind):
    from journeyman_guard import GuardMiddleware

    forwarder = Forwarder("http://127.0.0.1:1", tls=False, timeout_s=2, limit_bytes=10)
    await forwarder.open()
    api = await serve_app(GuardMiddleware(forwarder, guard))
    answer = await api.call("GET /", "x-key: good")
    await forwarder.close()

    assert (answer.status, answer.body) == (502, b'{"error":"the API does not answer"}')


async def test_an_api_that_is_too_slow_is_504(behind):
    async def app(scope, receive, send):
        await asyncio.sleep(0.5)

    answer = await (await behind(app, timeout_s=0.1)).call("GET /", "x-key: good")

    assert answer.status == 504


async def test_an_answer_that_breaks_off_is_cut_and_not_completed(behind):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("broken")

    answer = await (await behind(app)).call("GET /", "x-key: good")

    assert answer.body == b"half"
    assert answer.header("content-length") == ["100"]


async def test_it_serves_only_when_open():
    with pytest.raises(RuntimeError, match="not open"):
        await Forwarder("http://127.0.0.1:1", tls=False, timeout_s=1, limit_bytes=1)({"type": "http"}, None, None)


async def test_a_caller_that_goes_sends_no_half_body(behind):
    reached = []

    async def app(scope, receive, send):
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        reached.append(message["type"])

    api = await behind(app)
    _, writer = await asyncio.open_connection("127.0.0.1", api.port, ssl=api.client_context())
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nx-key: good\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.transport.abort()
    await asyncio.sleep(0.2)

    assert reached in ([], ["http.disconnect"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("CN=a b,O=c", "CN=a b,O=c"), ("é", "%C3%A9"), ("a\r\nb", "a%0D%0Ab"), ("50%", "50%25"), ("\ud800", "?")],
)
def test_a_name_becomes_what_a_header_can_hold(text, expected):
    assert header_text(text).replace("%3F", "?") == expected
