"""Faults of an API, made on purpose: a word in, a server of this process that really behaves that way out.

The call of the profile is sent to it by an entry of the egress map, so everything that a real fault
passes is passed: name, address, TLS, time limits, tries. The API itself is not called.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from journeyman.clock import Clock
from journeyman.connector.egress_map import origin_of
from journeyman.connector.look_up import SystemResolver
from journeyman.errors import SettingsError
from journeyman.keys.certificate import IssuedCertificate, Purpose, issue, make_ca, self_signed
from journeyman.settings import EgressSettings, ProfileSettings, Settings

_SLOW: Final = re.compile(r"slow:([0-9]{1,3}(?:\.[0-9]{1,3})?)s?")
_LOOPBACK: Final = "127.0.0.1"
_LONGEST_S: Final = 600.0


class Kind(Enum):
    """What the API does."""

    TIMEOUT = "timeout"
    RESET = "reset"
    ERROR_500 = "500"
    SLOW = "slow"
    BAD_TLS = "badtls"
    DNS = "dns"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault; ``delay_s`` counts for SLOW."""

    kind: Kind
    delay_s: float = 0.0


MEANING: Final = {
    Kind.TIMEOUT: "the API takes the request and never answers",
    Kind.RESET: "the API breaks the connection when it has the request",
    Kind.ERROR_500: "the API answers 500 Internal Server Error",
    Kind.SLOW: "the API answers 200 with an empty JSON object, late",
    Kind.BAD_TLS: "the API shows a certificate of an authority that nobody trusts",
    Kind.DNS: "the name of the API has no address",
}


@dataclass(frozen=True, slots=True)
class Faulty:
    """Settings under which a call meets the fault, and how names are looked up for it."""

    settings: Settings
    make_resolver: Callable[[], AbstractResolver] = SystemResolver


def parse_fault(text: str) -> Fault:
    """Return the fault of ``--fault``. Raises ValueError that says what to write."""
    slow = _SLOW.fullmatch(text)
    if slow and float(slow[1]) <= _LONGEST_S:
        return Fault(Kind.SLOW, float(slow[1]))
    if text in {kind.value for kind in Kind if kind is not Kind.SLOW}:
        return Fault(Kind(text))
    raise ValueError("is unknown; write timeout, reset, 500, slow:3s, badtls or dns")


@asynccontextmanager
async def faulty(fault: Fault, url: URL, profile_id: str, settings: Settings, clock: Clock) -> AsyncIterator[Faulty]:
    """Serve the fault for the API at ``url`` and yield the settings that lead there.

    Raises:
        SettingsError: the fault cannot happen to this URL.
    """
    if fault.kind is Kind.DNS:
        yield _nameless(url, settings)
        return
    if fault.kind is Kind.BAD_TLS and url.scheme != "https":
        raise SettingsError(f"--fault badtls: {profile_id} calls {url.scheme}://, which has no TLS; try another fault")
    with TemporaryDirectory(prefix="journeyman-fault-") as folder:
        trusted = url.scheme == "https" and fault.kind is not Kind.BAD_TLS
        context = await asyncio.to_thread(_tls, Path(folder), url, clock, trusted=trusted)
        behaviour = _Behaviour(fault)
        server = await asyncio.start_server(behaviour.serve, _LOOPBACK, 0, ssl=context)
        try:
            port = server.sockets[0].getsockname()[1]
            yield Faulty(_leading(settings, url, profile_id, port, Path(folder) / "ca.pem" if trusted else None))
        finally:
            server.close()
            await behaviour.end()


def _leading(settings: Settings, url: URL, profile_id: str, port: int, authority: Path | None) -> Settings:
    """Return settings that send the calls for ``url`` to the port; pins and private authorities of the API are off."""
    egress, origin = settings.egress, origin_of(url)
    changed = replace(
        egress,
        trust=(*egress.trust, authority) if authority else egress.trust,
        allow=(*egress.allow, f"{_LOOPBACK}/32:{port}"),
        map={**egress.map, origin: f"{url.scheme}://{_LOOPBACK}:{port}"},
        proxy=None,
        origins={name: one for name, one in egress.origins.items() if name != origin},
    )
    return replace(settings, egress=changed, profiles=_unpinned(settings, profile_id))


def _unpinned(settings: Settings, profile_id: str) -> dict[str, ProfileSettings]:
    profiles = dict(settings.profiles)
    own = profiles.get(profile_id.lower())
    if own is not None:
        profiles[profile_id.lower()] = replace(own, trust=(), pins=())
    return profiles


def _nameless(url: URL, settings: Settings) -> Faulty:
    host = url.raw_host or ""
    if url.host is not None and re.fullmatch(r"[0-9.]+|.*:.*", url.host):
        raise SettingsError(f"--fault dns: ServiceUrl names the address {host}; there is no name to look up")
    egress: EgressSettings = replace(
        settings.egress,
        map={origin: other for origin, other in settings.egress.map.items() if origin != origin_of(url)},
        proxy=None,
    )
    return Faulty(replace(settings, egress=egress), lambda: _Nowhere(host, SystemResolver()))


class _Nowhere(AbstractResolver):
    """Look names up, all but one; aiohttp's contract is this base class."""

    def __init__(self, host: str, others: AbstractResolver) -> None:
        self._host = host
        self._others = others

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host == self._host:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return await self._others.resolve(host, port, family)

    async def close(self) -> None:
        await self._others.close()


def _tls(folder: Path, url: URL, clock: Clock, *, trusted: bool) -> ssl.SSLContext | None:
    """Return TLS with a new certificate for the host; ``ca.pem`` of the folder holds its authority."""
    if url.scheme != "https":
        return None
    certificate = _certificate(folder, url.raw_host or "", clock, trusted=trusted)
    path = folder / "server.pem"
    # The folder is readable by its owner alone, and the key good for nothing: nobody else trusts its authority.
    path.write_bytes(certificate.chain_pem() + certificate.key_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _certificate(folder: Path, host: str, clock: Clock, *, trusted: bool) -> IssuedCertificate:
    names, now = (host, _LOOPBACK), clock.now()
    if not trusted:
        return self_signed("CN=Journeyman fault", purpose=Purpose.SERVER, names=names, now=now)
    authority = make_ca("CN=Journeyman fault authority", now=now)
    (folder / "ca.pem").write_bytes(authority.chain_pem())
    return issue(authority, "CN=Journeyman fault", purpose=Purpose.SERVER, names=names, now=now)


@dataclass(frozen=True, slots=True)
class _Behaviour:
    """What the server does with a request; ``tasks`` are the connections under way."""

    fault: Fault
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        await asyncio.wait([task])

    async def end(self) -> None:
        """Break what is still open, so that nothing of it outlives the call."""
        tasks = [*self.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The transports tell of their end in the next turn of the loop.
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *([0-9]{1,9})", head)
            await reader.readexactly(int(length[1]) if length else 0)
            await self._answer(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # The caller has gone, or never was one: there is nobody to tell.
            return
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self.fault.kind:
            case Kind.TIMEOUT:
                await reader.read()
            case Kind.RESET:
                _reset(writer)
            case Kind.ERROR_500:
                await _send(writer, "500 Internal Server Error", b"")
            case _:
                await asyncio.sleep(self.fault.delay_s)
                await _send(writer, "200 OK", b"{}")


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection by RST: a socket that does not linger sends one when it is closed."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, status: str, body: bytes) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
    await writer.drain()
