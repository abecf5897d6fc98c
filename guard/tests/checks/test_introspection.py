from __future__ import annotations

import asyncio
import base64
import json
import ssl
from contextlib import suppress
from urllib.parse import parse_qs

import pytest

from journeyman_guard import IntrospectionCheck, IntrospectionEndpoint, JwtRules, MisconfiguredError, Refused

NOW_S = 1_769_853_600


class Asked:
    """Answer and count."""

    def __init__(self, answer):
        self.answer, self.tokens = answer, []

    async def __call__(self, token):
        self.tokens.append(token)
        await asyncio.sleep(0)
        return self.answer


def check(answer, clock, **rules):
    asked = Asked(answer)
    return IntrospectionCheck(asked, JwtRules(**rules), clock=clock), asked


def bearer(request_with, token="t-1"):
    return request_with(("authorization", f"Bearer {token}"))


async def test_an_active_token_gets_in_with_its_claims(clock, request_with):
    checked, _ = check({"active": True, "sub": "s", "scope": "a b", "exp": NOW_S + 10}, clock, scopes=("b",))

    caller = await checked.check(bearer(request_with))

    assert (caller.subject, caller.methods, caller.claims["scope"]) == ("s", ("introspection",), "a b")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"active": False}, "does not call the token active"),
        ({"active": "true"}, "does not call the token active"),
        ({"active": 1}, "does not call the token active"),
        ({}, "does not call the token active"),
        ({"active": True, "exp": NOW_S - 61}, "has expired"),
        ({"active": True, "nbf": NOW_S + 61}, "not valid yet"),
        ({"active": True, "exp": "soon"}, "not a number"),
        ({"active": True, "iss": "https://other.example"}, "another issuer"),
        ({"active": True, "iss": "i", "aud": "other"}, "another audience"),
        ({"active": True, "iss": "i", "aud": "api", "client_id": "other"}, "not listed"),
        ({"active": True, "iss": "i", "aud": "api", "client_id": "c", "scope": "x"}, "none of the scopes"),
    ],
)
async def test_everything_else_is_refused(clock, request_with, answer, reason):
    checked, _ = check(
        answer,
        clock,
        issuer="i" if "iss" in answer else "",
        audiences=("api",) if "aud" in answer else (),
        authorized_parties=("c",) if "client_id" in answer else (),
        scopes=("s",),
    )

    with pytest.raises(Refused, match=reason):
        await checked.check(bearer(request_with))


async def test_an_answer_is_used_again_for_a_while(clock, request_with):
    checked, asked = check({"active": True}, clock)
    for seconds in (0, 29.9, 0.2):
        clock.advance(seconds)
        await checked.check(bearer(request_with))

    assert len(asked.tokens) == 2


async def test_a_refusal_is_used_again_for_a_shorter_while(clock, request_with):
    checked, asked = check({"active": False}, clock)
    for seconds in (0, 9.9, 0.2):
        clock.advance(seconds)
        with pytest.raises(Refused):
            await checked.check(bearer(request_with))

    assert len(asked.tokens) == 2


async def test_one_question_serves_all_who_wait(clock, request_with):
    checked, asked = check({"active": True}, clock)

    await asyncio.gather(*(checked.check(bearer(request_with)) for _ in range(20)))

    assert asked.tokens == ["t-1"]


async def test_the_memory_is_bounded(clock, request_with, monkeypatch):
    monkeypatch.setattr("journeyman_guard.checks.introspection._MAX_KEPT", 2)
    checked, asked = check({"active": True}, clock)
    for token in ("a", "b", "c", "a"):
        await checked.check(bearer(request_with, token))

    assert asked.tokens == ["a", "b", "c", "a"]


def test_what_is_kept_is_bounded_in_time_too():
    with pytest.raises(MisconfiguredError, match="0 to 300"):
        IntrospectionCheck(Asked({}), keep_s=301)


@pytest.mark.parametrize(("client", "secret"), [("", "s"), ("c", "")])
def test_the_endpoint_needs_a_client(client, secret):
    with pytest.raises(MisconfiguredError, match="client id"):
        IntrospectionEndpoint("https://as.example/introspect", client, secret)


def test_the_endpoint_is_https_and_its_secret_does_not_show():
    with pytest.raises(MisconfiguredError, match="must be https"):
        IntrospectionEndpoint("http://as.example/introspect", "c", "s")
    assert "canary" not in repr(IntrospectionEndpoint("https://as.example/i", "c", "canary"))


class Live:
    """An introspection endpoint over TLS."""

    def __init__(self, status="200 OK", body=b'{"active":true,"sub":"s"}'):
        self.status, self.body, self.requests = status, body, []

    async def answer(self, reader, writer):
        with suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            size = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
            self.requests.append((head, (await reader.readexactly(size)).decode()))
            writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\n\r\n".encode() + self.body)
            await writer.drain()
        writer.close()


@pytest.fixture
async def live(pem_files, trust):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pem_files[:2])
    endpoint = Live()
    server = await asyncio.start_server(endpoint.answer, "127.0.0.1", 0, ssl=context)
    endpoint.url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/introspect"
    endpoint.check = IntrospectionCheck(IntrospectionEndpoint(endpoint.url, "cl:ient", "sec ret", trust=trust))
    yield endpoint
    server.close()
    await asyncio.sleep(0.01)


async def test_the_issuer_is_asked_as_the_rfc_has_it(live, request_with):
    caller = await live.check.check(bearer(request_with, "opaque+1"))

    ((head, body),) = live.requests
    assert caller.subject == "s"
    assert head.startswith("POST /introspect HTTP/1.1\r\n")
    assert base64.b64encode(b"cl%3Aient:sec+ret").decode() in head
    assert parse_qs(body) == {"token": ["opaque+1"], "token_type_hint": ["access_token"]}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("500 Oops", b"", "answered 500"),
        ("302 Found", b"", "answered 302"),
        ("200 OK", b"active", "not a JSON object"),
        ("200 OK", b'{"active":true,"active":true}', "not a JSON object"),
        ("200 OK", json.dumps({"active": True, "x": "y" * 300_000}).encode(), "too large"),
    ],
)
async def test_an_issuer_that_cannot_be_asked_lets_nobody_in(live, request_with, status, body, reason):
    live.status, live.body = status, body

    with pytest.raises(Refused, match=reason) as raised:
        await live.check.check(bearer(request_with))
    assert (raised.value.status, raised.value.attempt) == (401, False)
