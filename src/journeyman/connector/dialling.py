"""Names and addresses on the way to a connection: each is checked before it is dialled.

The resolver hands on only addresses that may be called, and the socket of each connection is made
only after the address that will be dialled was checked again.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from journeyman.connector.errors import EgressRefusedError
from journeyman.connector.progress import CURRENT
from journeyman.trace.printable import printable

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]
MakeSocket = Callable[[int, int, int], socket.socket]


class AddressRules(Protocol):
    """Which addresses may be dialled."""

    def check_address(self, text: str, port: int, host: str) -> None:
        """Refuse an address, found under the name ``host``. Raises EgressRefusedError."""
        ...


class GuardedResolver(AbstractResolver):
    """Ask ``inner`` and drop the addresses that may not be called; aiohttp's contract is this base class.

    With ``all_of_them`` a name is refused for one such address: somebody else chooses among them.
    """

    def __init__(self, inner: AbstractResolver, egress: AddressRules, *, all_of_them: bool = False) -> None:
        self._inner = inner
        self._egress = egress
        self._all_of_them = all_of_them

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host`` that may be called.

        Raises:
            OSError: there is no address.
            EgressRefusedError: none of the addresses may be called.
        """
        progress = CURRENT.get()
        if progress is not None:
            progress.name = host
            progress.look_up_s = progress.clock.monotonic_s()
        found = await self._inner.resolve(host, port, family)
        if progress is not None:
            progress.found_s = progress.clock.monotonic_s()
        return self._permitted(host, port, found)

    async def close(self) -> None:
        """Do nothing: the owner of ``inner`` closes it."""

    def _permitted(self, host: str, port: int, found: list[ResolveResult]) -> list[ResolveResult]:
        permitted: list[ResolveResult] = []
        refusal: EgressRefusedError | None = None
        for result in found:
            try:
                self._egress.check_address(result["host"], port, host)
            except EgressRefusedError as error:
                refusal = error
            else:
                permitted.append(result)
        if not permitted or (refusal is not None and self._all_of_them):
            raise refusal or OSError("the name has no address")
        return permitted


@dataclass(frozen=True, slots=True)
class GuardedSockets:
    """Make the socket of a connection once the address that it will dial was checked."""

    egress: AddressRules
    make: MakeSocket = socket.socket

    def __call__(self, info: AddressInfo) -> socket.socket:
        """Return a socket for ``info``. Raises EgressRefusedError."""
        family, kind, protocol, _, address = info
        host, port = str(address[0]), int(str(address[1]))
        progress = CURRENT.get()
        if progress is not None:
            progress.connect_s = progress.clock.monotonic_s()
        self.egress.check_address(host, port, (progress.name if progress is not None else "") or host)
        if progress is not None:
            progress.address = host
        return self.make(family, kind, protocol)


class CleanConnector(aiohttp.TCPConnector):
    """Use no connection again on which the API has talked unasked; only a subclass sees each connection that is taken.

    Its words, for instance a late 408, would be taken for the answer to the next request, which may be of another
    person.
    """

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  # the library's name
    ) -> Connection:
        """Return a connection on which nothing waits to be read."""
        while True:
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is None or not connection.protocol.should_close:
                return connection
            connection.close()


class TimedHandshake(ssl.SSLObject):
    """Note when the TLS handshake began and ended; ``SSLContext.sslobject_class`` takes only a subclass."""

    def do_handshake(self) -> None:
        """Go on with the handshake."""
        progress = CURRENT.get()
        if progress is not None and progress.handshake_s is None:
            progress.handshake_s = progress.clock.monotonic_s()
        super().do_handshake()
        if progress is not None:
            progress.secured_s = progress.clock.monotonic_s()
            progress.tls = agreed(self)


def agreed(connection: ssl.SSLObject) -> str:
    """Return the version of TLS and whose certificate the API has shown, until when it is good.

    The certificate was checked by TLS; where it was not, nothing is known of it.
    """
    certificate: dict[str, Any] = dict(connection.getpeercert() or {})
    version = connection.version() or "TLS"
    if not certificate:
        return f"{version}, certificate not checked"
    subject = dict(pair for part in certificate.get("subject", ()) for pair in part)
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind in {"DNS", "IP Address"}]
    name = subject.get("commonName") or next(iter(names), "no name")
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return f"{version}, certificate of {printable(name, limit=64)}, good until {until:%Y-%m-%d}"


SocketFactory = Callable[[AddressInfo], socket.socket]
