from __future__ import annotations

import logging

import pytest

from journeyman_guard import AnyoneCheck, ApiKeyCheck, GuardMiddleware, caller_of, hashed_credential

KEY = ApiKeyCheck("x-key", (hashed_credential("k", "canary-good"),))
REFUSED = b'{"error":"unauthorized"}'


class App:
    """Record what reaches the application."""

    def __init__(self) -> None:
        self.scopes: list[dict] = []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})


class Broken:
    """Fail without a decision."""

    async def check(self, request):
        raise RuntimeError("broken")


@pytest.fixture
def app():
    return App()


async def test_an_accepted_request_reaches_the_application_with_its_caller(serve_app, app):
    api = await serve_app(GuardMiddleware(app, {"GET /a/{x}": KEY}))

    answer = await api.call("GET /a/1", "x-key: canary-good")

    assert answer.status == 204
    assert caller_of(app.scopes[0]).subject == "k"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("GET /a/1", 401),
        ("GET /a/1?x-key=canary-good", 401),
        ("GET /a/%31", 401),
        ("GET /a/1/", 403),
        ("GET /b", 403),
        ("POST /a/1", 403),
        ("HEAD /a/1", 403),
        ("OPTIONS /a/1", 403),
        ("GET /a/x/..%2f1", 403),
        ("GET /a/1%2f", 403),
        ("GET /a/%2e%2e", 403),
        ("GET //a/1", 403),
        ("GET /a/1;x", 403),
        ("GET http://evil.example/b", 403),
    ],
)
async def test_a_refused_request_never_reaches_the_application(serve_app, app, target, status):
    api = await serve_app(GuardMiddleware(app, {"GET /a/{x}": KEY}))

    answer = await api.call(target)

    assert (answer.status, app.scopes) == (status, [])
    assert answer.body in (REFUSED, b"")
    assert answer.header("www-authenticate") == (['ApiKey realm="api"'] if status == 401 else [])


async def test_an_unlisted_route_is_refused_even_with_a_good_credential(serve_app, app):
    api = await serve_app(GuardMiddleware(app, {"GET /a": KEY}))

    answer = await api.call("GET /b", "x-key: canary-good")

    assert (answer.status, app.scopes) == (403, [])


async def test_a_check_that_fails_without_a_decision_lets_nobody_in(serve_app, app):
    api = await serve_app(GuardMiddleware(app, {"GET /": Broken()}))

    answer = await api.call("GET /")

    assert (answer.status, app.scopes) == (500, [])


async def test_the_log_has_the_cause_and_no_secret(serve_app, app, caplog):
    api = await serve_app(GuardMiddleware(app, {"POST /a/{x}": KEY}))

    with caplog.at_level(logging.DEBUG, "journeyman_guard"):
        await api.call("POST /a/1?code=canary-query", "x-key: canary-bad", "Cookie: canary-cookie")

    (text,) = [record.getMessage() for record in caplog.records if record.name == "journeyman_guard"]
    assert text == "refused POST /a/1 from 127.0.0.1 with 401: the API key is not known"


async def test_a_line_break_in_the_path_makes_no_second_line_in_the_log(serve_app, app, caplog):
    api = await serve_app(GuardMiddleware(app, {"GET /": KEY}))

    with caplog.at_level(logging.WARNING, "journeyman_guard"):
        await api.call("GET /a%0d%0arefused%1b[2J" + "x" * 400)

    (text,) = [record.getMessage() for record in caplog.records if record.name == "journeyman_guard"]
    assert text.startswith("refused GET /a\\r\\nrefused\\x1b[2Jx")
    assert len(text) < 300


async def test_the_root_path_of_a_mounted_application_is_taken_off(app):
    guard = GuardMiddleware(app, {"GET /a": AnyoneCheck()})
    statuses = []

    async def send(message):
        statuses.append(message.get("status"))

    for root, path in (("/v1", "/v1/a"), ("/v1", "/a"), ("/v1", "/v1a/a"), ("/v1", "/v1")):
        scope = {"type": "http", "method": "GET", "path": path, "root_path": root, "headers": [], "client": None}
        await guard(scope, None, send)

    assert statuses[::2] == [204, 204, 403, 403]


async def test_websockets_are_closed_and_the_lifespan_passes(app):
    guard = GuardMiddleware(app, {"GET /": AnyoneCheck()})
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    await guard({"type": "websocket", "path": "/"}, receive, send)
    await guard({"type": "lifespan"}, receive, send)

    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert [scope["type"] for scope in app.scopes] == ["lifespan"]


async def test_an_unknown_kind_of_connection_is_an_error(app):
    with pytest.raises(ValueError, match="cannot be guarded"):
        await GuardMiddleware(app, {})({"type": "webtransport"}, None, None)

    assert app.scopes == []


def test_without_a_guard_there_is_no_caller():
    with pytest.raises(LookupError, match="GuardMiddleware"):
        caller_of({"type": "http"})
