"""One exchange, byte for byte as given: no repair of odd requests, no redirect, no proxy, bounded in time and size."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

LIMIT_BYTES: Final = 1_048_576
_HEAD_BYTES: Final = 131_072


@dataclass(frozen=True, slots=True)
class Identity:
    """A client certificate with its chain, and the private key; both PEM."""

    chain: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Probe:
    """One request.

    Attributes:
        raw: the whole message in place of method, target, headers and body.
        pieces: the message goes out in so many pieces, a quarter of a second apart.
        before: requests sent first on the same connection; their answers are not judged.
    """

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    identity: Identity | None = None
    raw: bytes | None = field(default=None, repr=False)
    pieces: int = 1
    before: tuple[bytes, ...] = field(default=(), repr=False)

    def with_header(self, name: str, value: str | bytes) -> Probe:
        """Return the request with one more header line."""
        data = value if isinstance(value, bytes) else value.encode("utf-8")
        return replace(self, headers=(*self.headers, (name.encode("utf-8"), data)))

    def message(self) -> bytes:
        """Return the bytes that are sent."""
        if self.raw is not None:
            return self.raw
        lines = [f"{self.method} {self.target} HTTP/1.1".encode()]
        lines += [name + b": " + value for name, value in self.headers]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}".encode())
        return b"\r\n".join([*lines, b"", b""]) + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: None where the connection ended, or the time, without an answer.
        ended: "answered", "closed", "handshake refused" or "silent".
    """

    status: int | None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    ended: str = "answered"
    seconds: float = 0.0

    def header(self, name: str) -> list[str]:
        """Return the values of all lines with this name."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to one host and port, and to nowhere else.

    Attributes:
        trust: PEM of authorities in place of the system's.
        step_s: between the pieces of a slow message.
    """

    host: str
    port: int
    tls: bool
    trust: Path | None = None
    timeout_s: float = 10.0
    step_s: float = 0.25
    _contexts: dict[Identity | None, ssl.SSLContext] = field(default_factory=dict, repr=False, compare=False)

    async def send(self, probe: Probe) -> Answer:
        """Return what came back. Raises OSError when there is no connection at all."""
        started = asyncio.get_running_loop().time()
        try:
            answer = await asyncio.wait_for(self._exchange(probe), self.timeout_s)
        except TimeoutError:
            answer = Answer(None, ended="silent")
        return replace(answer, seconds=asyncio.get_running_loop().time() - started)

    async def _exchange(self, probe: Probe) -> Answer:
        try:
            reader, writer = await asyncio.open_connection(
                self.host, self.port, ssl=self._context(probe.identity) if self.tls else None, limit=_HEAD_BYTES
            )
        except ssl.SSLCertVerificationError:
            raise
        except (ssl.SSLError, ConnectionResetError):
            return Answer(None, ended="handshake refused")
        try:
            for earlier in probe.before:
                writer.write(earlier)
                await writer.drain()
                await _read_answer(reader)
            await _write(writer, probe, self.step_s)
            return await _read_answer(reader)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError, ValueError, IndexError, asyncio.LimitOverrunError):
            return Answer(None, ended="closed")
        finally:
            writer.close()
            with suppress(OSError, ssl.SSLError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    def _context(self, identity: Identity | None) -> ssl.SSLContext:
        # The list of the system's authorities takes 20 ms to load.
        if identity not in self._contexts:
            self._contexts[identity] = self._made_context(identity)
        return self._contexts[identity]

    def _made_context(self, identity: Identity | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=None if self.trust is None else str(self.trust))
        if identity is not None:
            # The standard library loads a key from files only.
            with tempfile.NamedTemporaryFile() as file:
                file.write(identity.key + b"\n" + identity.chain)
                file.flush()
                context.load_cert_chain(file.name)
        return context


async def _write(writer: asyncio.StreamWriter, probe: Probe, step_s: float) -> None:
    message = probe.message()
    size = -(-len(message) // probe.pieces)
    with suppress(ConnectionError, ssl.SSLError):
        for start in range(0, len(message), size):
            writer.write(message[start : start + size])
            # A server that has already answered may read no further.
            await asyncio.wait_for(writer.drain(), 5)
            if probe.pieces > 1:
                await asyncio.sleep(step_s)


async def _read_answer(reader: asyncio.StreamReader) -> Answer:
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1])
        headers = tuple(_split(line) for line in lines if ":" in line)
        if status == 101 or status >= 200:
            break
    return Answer(status, headers, await _read_body(reader, status, headers))


def _split(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


async def _read_body(reader: asyncio.StreamReader, status: int, headers: Sequence[tuple[str, str]]) -> bytes:
    named = dict(headers)
    if status in (101, 204, 304):
        return b""
    with suppress(asyncio.IncompleteReadError, ValueError, OSError, ssl.SSLError, TimeoutError):
        if "chunked" in named.get("transfer-encoding", ""):
            return await _read_chunks(reader)
        if "content-length" in named:
            size = min(int(named["content-length"]), LIMIT_BYTES)
            # The answer to HEAD announces a body and has none.
            return await asyncio.wait_for(reader.readexactly(size), 1 if size else None)
        return await asyncio.wait_for(reader.read(LIMIT_BYTES), 1)
    return b""


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while len(body) < LIMIT_BYTES:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if not size:
            break
    return bytes(body)
