from __future__ import annotations

import asyncio
import socket

import pytest

from journeyman_guard import MisconfiguredError
from journeyman_guard.jwks_fetch import DiscoveryFetch, HttpsFetch, JwksError, discovery_url, require_safe_url


async def test_the_document_comes_over_verified_tls(issuer, trust):
    assert await HttpsFetch(trust=trust)(issuer.url) == issuer.jwks()


async def test_a_server_whose_certificate_is_not_trusted_is_refused(issuer):
    with pytest.raises(JwksError, match="SSLCertVerificationError"):
        await HttpsFetch()(issuer.url)

    assert issuer.fetched == 0


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "307 Temporary Redirect", "404 Not Found", "204 No Content"]
)
async def test_a_redirect_is_not_followed_and_only_200_counts(issuer, trust, status):
    issuer.status, issuer.extra_head = status, f"Location: {issuer.url}\r\n"

    with pytest.raises(JwksError, match=f"answered {status[:3]}"):
        await HttpsFetch(trust=trust)(issuer.url)

    assert issuer.fetched == 1


async def test_a_document_of_more_than_256_kib_is_refused(issuer, trust):
    issuer.document = b" " * 262_145

    with pytest.raises(JwksError, match="too large"):
        await HttpsFetch(trust=trust)(issuer.url)


async def test_a_silent_server_is_given_up(issuer, trust):
    issuer.delay_s = 0.5

    with pytest.raises(JwksError, match="TimeoutError"):
        await HttpsFetch(timeout_s=0.1, trust=trust)(issuer.url)


async def test_a_dripping_server_is_given_up():
    finished = asyncio.Event()

    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(20):
            writer.write(b" ")
            await asyncio.sleep(0.02)
        writer.close()
        finished.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    with pytest.raises(JwksError, match="too slow"):
        await HttpsFetch(timeout_s=0.15)(url)
    await finished.wait()
    server.close()


async def test_a_proxy_of_the_environment_is_not_used(issuer, trust, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")

    assert await HttpsFetch(trust=trust)(issuer.url) == issuer.jwks()


async def test_an_endpoint_that_is_down_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(JwksError, match="ConnectionRefusedError"):
        await HttpsFetch()(f"http://127.0.0.1:{port}/keys")


@pytest.mark.parametrize(
    "url", ["https://issuer.example/keys", "http://127.0.0.1:8080/", "http://[::1]:1/k", "http://localhost/keys"]
)
def test_https_and_this_machine_are_accepted(url):
    assert require_safe_url(url).hostname


@pytest.mark.parametrize(
    "url",
    [
        "",
        "keys.json",
        "http://issuer.example/keys",
        "http://127.0.0.1.evil.example/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "https:///keys",
        "https://user@issuer.example/",
        "https://issuer.example/#x",
        "https://issuer.example:0/",
        "https://issuer.example:99999/",
        "https://issuer.example:x/",
        "https://[::1/",
        "https://issuer.example/a b",
        "https://issuer.example/\r\nX: y",
        "https://issüer.example/",
    ],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(MisconfiguredError):
        require_safe_url(url)


class Documents:
    """Documents by their address."""

    def __init__(self, **documents):
        self.documents = {f"https://i.example/{name}": value for name, value in documents.items()}

    async def __call__(self, url):
        require_safe_url(url)
        return self.documents[url]


async def test_discovery_finds_the_keys_of_the_issuer():
    fetch = Documents(d=b'{"issuer":"i","jwks_uri":"https://i.example/k"}', k=b'{"keys":[]}')

    assert await DiscoveryFetch("i", fetch)("https://i.example/d") == b'{"keys":[]}'
    assert discovery_url("https://i.example/t/") == "https://i.example/t/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b'{"issuer":"j","jwks_uri":"https://i.example/k"}', "another issuer"),
        (b'{"jwks_uri":"https://i.example/k"}', "another issuer"),
        (b'{"issuer":"i"}', "no jwks_uri"),
        (b'{"issuer":"i","jwks_uri":["https://i.example/k"]}', "no jwks_uri"),
        (b'{"issuer":"i","jwks_uri":"http://i.example/k"}', "not https"),
        (b"[]", "not a JSON object"),
    ],
)
async def test_keys_of_another_issuer_or_place_are_not_used(document, reason):
    with pytest.raises(JwksError, match=reason):
        await DiscoveryFetch("i", Documents(d=document))("https://i.example/d")
