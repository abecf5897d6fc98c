"""Look up names by the operating system, on threads of its own: a name in, its addresses out.

A look-up cannot be called off, and one whose name server is silent lasts for many seconds. On the threads
that the process shares it would hold up password hashes and files. These threads hold up nothing but other
look-ups, and they are daemons, so that the process can end while one still waits.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Final, cast

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS: Final = 32
_NUMERIC: Final = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
_FOUND: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV

Found = list[ResolveResult]


class SystemResolver(AbstractResolver):
    """Ask the resolver of the operating system; aiohttp's contract is this base class."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(THREADS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of ``host``. Raises OSError when there is none."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Found] = loop.create_future()
        arguments = (loop, future, host, port, family)
        threading.Thread(target=self._look_up, args=arguments, name="journeyman-look-up", daemon=True).start()
        return await future

    async def close(self) -> None:
        """Do nothing: a look-up that runs is not waited for."""

    def _look_up(
        self,
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[Found],
        host: str,
        port: int,
        family: socket.AddressFamily,
    ) -> None:
        found: Found | OSError
        try:
            found = addresses(host, port, family)
        except OSError as error:
            found = error
        except ValueError:  # UnicodeError among them
            found = OSError("the name is not one that can be looked up")
        with suppress(RuntimeError):  # The loop is closed: the process ends, and nobody waits.
            loop.call_soon_threadsafe(self._ended, future, found)

    def _ended(self, future: asyncio.Future[Found], found: Found | OSError) -> None:
        self._free.release()
        if future.done():
            return
        if isinstance(found, OSError):
            future.set_exception(found)
        else:
            future.set_result(found)


def addresses(host: str, port: int, family: socket.AddressFamily) -> Found:
    """Look up a name and wait for it. Raises OSError, and ValueError for what is no name."""
    infos = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [_result(host, kind, protocol, address) for kind, _, protocol, _, address in infos]


def _result(
    host: str, family: socket.AddressFamily, protocol: int, address: tuple[str | int, ...] | tuple[int, bytes]
) -> ResolveResult:
    text, port = str(address[0]), int(address[1])
    if len(address) == 4 and address[3]:
        # A link-local address belongs to a zone, which only its text has.
        text, _ = socket.getnameinfo(cast("tuple[str, int, int, int]", address), _NUMERIC)
    return ResolveResult(hostname=host, host=text, port=port, family=family, proto=protocol, flags=_FOUND)
