"""A real HTTP proxy that connects by CONNECT, and a real API behind it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from aiohttp.abc import AbstractResolver
from yarl import URL

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.errors import (
    ApiTimeoutError,
    ApiUnreachableError,
    EgressRefusedError,
    NameResolutionError,
    ProxyRefusedError,
    ServerCertificateError,
)
from journeyman.connector.limits import Limits
from journeyman.connector.proxy import ProxyOnly, proxy_of

NONE = NoAuthentication()


@dataclass
class HttpProxy:
    """Connect where it is told to and pass bytes on."""

    target: int
    status: str = "200 Connection established"
    heads: list[bytes] = field(default_factory=list)
    port: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(f"HTTP/1.1 {self.status}\r\n\r\n".encode())
            if self.status.startswith("200"):
                behind, to = await asyncio.open_connection("127.0.0.1", self.target)
                self.writers.append(to)
                await asyncio.gather(self.pass_on(reader, to), self.pass_on(behind, writer))
        writer.close()

    async def close(self):
        for writer in self.writers:
            writer.transport.abort()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.sleep(0.01)

    async def pass_on(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()


class Names(AbstractResolver):
    """Know one name, and count how often it is asked for."""

    def __init__(self, **names):
        self.names = {name.replace("_", "."): address for name, address in names.items()}

    async def resolve(self, host, port=0, family=0):
        address = self.names.get(host, host if host[0].isdigit() else "")
        if not address:
            raise OSError("no such name")
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


@pytest.fixture
async def proxied(serve, sender_for, authority):
    """Return a proxy, the API behind it, and a sender that knows api.example as a public address."""
    context = authority.server_context("api.example", client_ca=authority)
    context.verify_mode = 1
    api = await serve(context=context)
    proxy = HttpProxy(api.port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]

    def sender(direct=(), **names):
        known = names or {"api_example": "93.184.215.14"}
        way = proxy_of(f"http://127.0.0.1:{proxy.port}", direct)
        return sender_for(loopback=False, proxy=way, resolver=lambda: Names(**known))

    yield proxy, api, sender
    server.close()
    await proxy.close()


async def test_a_call_goes_through_the_proxy_and_tls_to_the_api_from_end_to_end(proxied):
    proxy, api, sender = proxied
    calling = sender()
    answers = [await calling.get("https://api.example/a?code=1", NONE) for _ in range(2)]

    assert [one.status for one in answers] == [200, 200]
    assert [head.split(b"\r\n")[0] for head in proxy.heads] == [b"CONNECT api.example:443 HTTP/1.1"]
    assert b"code" not in proxy.heads[0]
    assert api.received[0].request_line == "GET /a?code=1 HTTP/1.1"
    assert calling.progress.dialled == f"https://api.example through http://127.0.0.1:{proxy.port}"


async def test_a_client_certificate_is_shown_to_the_api_and_not_to_the_proxy(proxied, authority):
    _, api, sender = proxied
    shown = ClientCertificate(authority.client_key(), Credential((("B2C_1A_Cert", "1"),), in_tls=True))

    assert (await sender().get("https://api.example/a", shown)).status == 200
    assert api.received[0].certificate is not None


async def test_the_name_in_the_certificate_is_that_of_the_api(proxied):
    _, api, sender = proxied
    with pytest.raises(ServerCertificateError):
        await sender(other_example="93.184.215.14").get("https://other.example/a", NONE)

    assert api.received == []


async def test_an_api_that_may_not_be_called_is_refused_before_the_proxy_hears_of_it(proxied):
    proxy, _, sender = proxied
    with pytest.raises(EgressRefusedError, match=r"intern\.example is 169\.254\.169\.254"):
        await sender(intern_example="169.254.169.254").get("https://intern.example/a", NONE)
    with pytest.raises(EgressRefusedError, match="loopback"):
        await sender().get("https://127.0.0.1/a", NONE)
    with pytest.raises(NameResolutionError):
        await sender().get("https://unknown.example/a", NONE)

    assert proxy.heads == []


async def test_a_proxy_that_refuses_is_named_and_not_asked_again(proxied):
    proxy, _, sender = proxied
    proxy.status = "407 Proxy Authentication Required"
    with pytest.raises(ProxyRefusedError, match=r"api\.example: the proxy answered 407 and made no connection"):
        await sender().get("https://api.example/a", NONE, limits=Limits(timeout_s=5, retries=1))

    assert len(proxy.heads) == 1


async def test_a_proxy_that_is_not_there_is_unreachable(sender_for):
    sender = sender_for(
        loopback=False, proxy=proxy_of("http://127.0.0.1:1", ()), resolver=lambda: Names(a_example="93.184.215.14")
    )
    with pytest.raises(ApiUnreachableError, match=r"a\.example: the proxy cannot be reached: Connection refused"):
        await sender.get("https://a.example/a", NONE)


async def test_a_proxy_that_says_nothing_is_held_to_the_time_limit(sender_for):
    async def silent(reader, writer):
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    way = proxy_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", ())
    sender = sender_for(loopback=False, proxy=way, resolver=lambda: Names(a_example="93.184.215.14"))
    with pytest.raises(ApiTimeoutError):
        await sender.get("https://a.example/a", NONE, limits=Limits(timeout_s=0.2, retries=0))

    server.close()


async def test_the_environment_names_no_proxy(serve, sender_for, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    api = await serve()

    assert (await sender_for().get(f"{api.url}/a", NONE)).status == 200


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://api.example/", True),
        ("http://api.example/", False),
        ("https://intern.example/", False),
        ("https://a.corp.example/", False),
        ("https://corp.example/", True),
        ("https://xcorp.example/", True),
        ("https://10.1.2.3/", False),
        ("https://INTERN.example:8443/", False),
    ],
)
def test_https_goes_through_the_proxy_unless_the_host_is_direct(url, taken):
    proxy = proxy_of("http://proxy.example:3128", ("intern.example", ".corp.example", "10.1.2.3"))

    assert proxy.takes(URL(url)) is taken


def test_nothing_but_the_proxy_may_be_dialled_on_its_connections():
    ProxyOnly(3128).check_address("10.1.2.3", 3128, "proxy.example")
    with pytest.raises(EgressRefusedError, match="is not the proxy"):
        ProxyOnly(3128).check_address("10.1.2.3", 22, "proxy.example")
