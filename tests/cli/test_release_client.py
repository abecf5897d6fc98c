"""What a server that is none of ours, or a hostile one, may answer to ``journeyman deploy``."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from journeyman.cli.release_client import RemoteError, remote_releases
from journeyman.errors import SettingsError
from journeyman.policy.load import PolicyText

CREDENTIALS = {"JOURNEYMAN_CLIENT_ID": "build", "JOURNEYMAN_CLIENT_SECRET": "Canary-of-the-build"}
TOKEN = 200, {}, b'{"access_token": "token"}'
PLAN = {
    "after": 1,
    "added": [],
    "changed": [],
    "removed": [],
    "unchanged": [],
    "problems": [],
    "breaks": [],
    "names": {},
}


class Answering(ThreadingHTTPServer):
    """Answers the token request, then every other with ``answer``; keeps what it was asked."""

    def __init__(self) -> None:
        self.token, self.answer, self.asked = TOKEN, (200, {}, b"{}"), []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/contoso.onmicrosoft.com"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, body, dict(self.headers)))
        status, headers, content = self.server.token if "/oauth2/" in self.path else self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - the names of http.server

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server():
    found = Answering()
    thread = threading.Thread(target=found.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


async def test_the_secret_goes_to_the_token_endpoint_alone_and_the_token_to_the_rest(server):
    releases = await remote_releases(server.url, "", None, CREDENTIALS)
    server.answer = 200, {}, json.dumps(PLAN).encode()

    await releases.plan([PolicyText("x.xml", b"<x/>")])

    (token, sent, _), (path, body, headers) = server.asked
    assert (token, path) == ("/contoso.onmicrosoft.com/oauth2/v2.0/token", "/beta/trustFramework/releases/plan")
    assert b"client_secret=Canary-of-the-build" in sent
    assert headers["Authorization"] == "Bearer token"
    assert b"Canary" not in body
    assert "Canary" not in str(headers)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "redirects, which is not followed"),
        ((200, {}, b"<html>"), "does not answer as Journeyman does"),
        ((200, {}, b"[1]"), "does not answer as Journeyman does"),
        ((200, {}, b"[" * 100_000), "does not answer as Journeyman does"),
        ((200, {}, b"{}"), "use the same version on both sides"),
        ((200, {}, b'{"after": "x", "added": 7}'), "use the same version on both sides"),
        ((500, {}, b"oops"), "refused with 500"),
        ((403, {}, b'{"error": {"code": "c", "message": "no \\u001b[2J\\nright"}}'), r"c: no \x1b[2J right"),
    ],
)
async def test_another_answer_than_ours_is_an_error_in_one_line(server, answer, text):
    releases = await remote_releases(server.url, "", None, CREDENTIALS)
    server.answer = answer

    with pytest.raises(RemoteError) as caught:
        await releases.plan([PolicyText("x.xml", b"<x/>")])
    assert text in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(server.asked) == 2


async def test_texts_of_the_server_move_no_cursor(server):
    releases = await remote_releases(server.url, "", None, CREDENTIALS)
    release = {"number": 1, "createdDateTime": "2026-03-01T12:00:00Z", "actor": "\x1b]0;x\x07", "note": "a\nb"}
    server.answer = 200, {}, json.dumps({"value": [release | {"policies": [{"id": "x\x1b", "sha256": "0"}]}]}).encode()

    (found,) = await releases.list()

    assert (found.actor.isprintable(), found.note) == (True, "a b")
    assert all(name.isprintable() for name in found.manifest)


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ((400, {}, b'{"error": "invalid_client", "error_description": "the secret is wrong"}'), "the secret is wrong"),
        ((404, {}, b"{}"), "has no tenant"),
        ((200, {}, b'{"access_token": 7}'), "gives no token"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b"{}"), "gives no token"),
    ],
)
async def test_a_token_that_is_refused_is_told_without_the_secret(server, token, text):
    server.token = token

    with pytest.raises(RemoteError) as caught:
        await remote_releases(server.url, "", None, CREDENTIALS)
    assert text in str(caught.value)
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://u:p@id.contoso.example/t",
        "https://id.contoso.example/a/b",
        "https://id.contoso.example/t?x=1",
        "https:///t",
        "https://id.contoso.example:99999/t",
        "https://id.contoso.example/t\n",
        "http://id.contoso.example/t",
        "id.contoso.example",
    ],
)
async def test_an_address_that_is_none_is_refused_before_anything_is_sent(url):
    with pytest.raises(SettingsError, match="--to"):
        await remote_releases(url, "t", None, CREDENTIALS)
