"""Servers that fail in one way each, at one phase of a call, and count what they did before: a fault in, a port out.

Everything is real: sockets, TLS, the bytes of HTTP. The effect that counts is the one of a careless API: it acts as soon as
the body of a request has arrived, whatever happens to its answer.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

OK_BODY = b'{"tier":"gold"}'


@dataclass
class Conversation:
    """One request on a connection of a failing server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    effects: Counter[str]

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def request(self) -> None:
        """Read a whole request and act on it."""
        head = (await self.head()).decode("latin-1")
        lines = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        await self.reader.readexactly(int(lines.get("content-length", "0")))
        self.effects[head.split(" ")[1].partition("?")[0]] += 1

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status: str, body: bytes = b"", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        await self.say("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Break the connection so that the other side gets a reset and not an end."""
        with suppress(OSError):
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        self.writer.transport.abort()


Act = Callable[[Conversation], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    Attributes:
        verdict: what the record of a call that ends with it says.
        effects: how often the API has acted when it failed once.
        retried: whether another try may follow (rest-connectors.md §9.1).
        place: "dns", "connect", "tcp" before TLS, "tls" in the handshake, or "http" after it.
        context: which certificate the server shows.
    """

    name: str
    verdict: str
    effects: int
    retried: bool
    act: Act | None = None
    place: str = "http"
    context: str = "good"


def after(*steps: Act) -> Act:
    async def act(conversation: Conversation) -> None:
        for step in steps:
            await step(conversation)

    return act


async def request(conversation: Conversation) -> None:
    await conversation.request()


async def head(conversation: Conversation) -> None:
    await conversation.head()


async def reset(conversation: Conversation) -> None:
    conversation.reset()


async def hang(conversation: Conversation) -> None:
    """Say nothing until the other side has gone."""
    while await conversation.reader.read(65_536):
        pass


async def close(conversation: Conversation) -> None:
    conversation.writer.close()


def says(data: bytes) -> Act:
    return lambda conversation: conversation.say(data)


def answers(status: str, body: bytes = b"", *headers: str) -> Act:
    return after(request, lambda conversation: conversation.answer(status, body, *headers))


def drips(data: bytes, *, forever: bytes = b"x") -> Act:
    async def act(conversation: Conversation) -> None:
        await conversation.say(data)
        while not conversation.writer.transport.is_closing():
            await conversation.say(forever)
            await asyncio.sleep(0.02)

    return act


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LONG = HEAD + b"Content-Length: 1000\r\n\r\n" + OK_BODY
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
BOMB = gzip.compress(b"[" + b" " * 8_000_000 + b"]")
PROBLEM = json.dumps({"status": 409, "userMessage": "no"}).encode()


def _unreachable(name: str, act: Act, effects: int, **more: str) -> Fault:
    return Fault(name, "connect", effects, True, act, **more)


FAULTS = (
    # --- before the request leaves -------------------------------------------------------------------
    Fault("the name has no address", "dns", 0, True, place="dns"),
    Fault("the name server is silent", "timeout", 0, True, place="dns hangs"),
    Fault("the port is closed", "connect", 0, True, place="closed"),
    Fault("the machine is silent", "timeout", 0, True, place="silent"),
    _unreachable("closed instead of the handshake", close, 0, place="tcp"),
    _unreachable("reset instead of the handshake", reset, 0, place="tcp"),
    Fault("silent in the handshake", "timeout", 0, True, hang, place="tcp"),
    Fault("plain http instead of TLS", "connect", 0, False, says(HEAD + b"\r\n"), place="tcp"),
    Fault("noise instead of TLS", "connect", 0, False, says(b"\x16\x03\x01\x00\x05noise"), place="tcp"),
    Fault("a certificate of an unknown authority", "tls_server_certificate", 0, False, request, context="foreign"),
    Fault("a certificate of another name", "tls_server_certificate", 0, False, request, context="other name"),
    Fault("an expired certificate", "tls_server_certificate", 0, False, request, context="expired"),
    # --- while it is sent ----------------------------------------------------------------------------
    _unreachable("reset after the handshake", reset, 0),
    _unreachable("closed after the handshake", close, 0),
    _unreachable("reset after the head of the request", after(head, reset), 0),
    _unreachable("closed after the head of the request", after(head, close), 0),
    Fault("silent before the request is read", "timeout", 0, True, hang),
    # --- before the first byte -----------------------------------------------------------------------
    _unreachable("reset after the request", after(request, reset), 1),
    _unreachable("closed after the request", after(request, close), 1),
    Fault("silent after the request", "timeout", 1, True, after(request, hang)),
    Fault("early hints without end", "timeout", 1, True, after(request, drips(b"", forever=b"HTTP/1.1 103 Early\r\n\r\n"))),
    # --- in the head of the answer -------------------------------------------------------------------
    _unreachable("reset in the head of the answer", after(request, says(HEAD), reset), 1),
    _unreachable("closed in the head of the answer", after(request, says(HEAD), close), 1),
    Fault("silent in the head of the answer", "timeout", 1, True, after(request, says(HEAD), hang)),
    Fault("a trickled head", "timeout", 1, True, after(request, drips(HEAD + b"X: "))),
    Fault("a head that is no HTTP", "unparsable", 1, False, after(request, says(b"HELLO\r\n\r\n"), close)),
    Fault("a head that is too long", "unparsable", 1, False, after(request, says(HEAD + b"X: " + b"x" * 100_000), close)),
    Fault("two lengths", "unparsable", 1, False, after(request, says(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), close)),
    Fault("a length that is no number", "unparsable", 1, False, after(request, says(HEAD + b"Content-Length: x\r\n\r\n{}"), close)),
    # --- in the body of the answer -------------------------------------------------------------------
    Fault("reset in the body", "unparsable", 1, False, after(request, says(LONG), reset)),
    Fault("closed in the body", "unparsable", 1, False, after(request, says(LONG), close)),
    Fault("silent in the body", "timeout", 1, True, after(request, says(LONG), hang)),
    Fault("a trickled body", "timeout", 1, True, after(request, drips(HEAD + b"Content-Length: 100000\r\n\r\n"))),
    Fault("closed between chunks", "unparsable", 1, False, after(request, says(CHUNKED + b"3\r\nabc\r\n"), close)),
    Fault("a chunk without a length", "unparsable", 1, False, after(request, says(CHUNKED + b"zz\r\nabc\r\n"), close)),
    Fault("chunks without end", "too_large", 1, False, after(request, says(CHUNKED + CHUNK * 20), drips(b"", forever=CHUNK))),
    Fault("a body that is announced too large", "too_large", 1, False, after(request, says(HEAD + b"Content-Length: 99999999\r\n\r\n"), hang)),
    Fault("a body that is packed too large", "too_large", 1, False, answers("200 OK", BOMB, "Content-Encoding: gzip")),
    Fault("a body that is not packed as it says", "unparsable", 1, False, answers("200 OK", OK_BODY, "Content-Encoding: gzip")),
    # --- answers -------------------------------------------------------------------------------------
    Fault("500", "http_error", 1, False, answers("500 Oops", b"x")),
    Fault("502", "http_error", 1, True, answers("502 Bad Gateway")),
    Fault("503", "http_error", 1, True, answers("503 Busy")),
    Fault("503 for long", "http_error", 1, False, answers("503 Busy", b"", "Retry-After: 60")),
    Fault("504", "http_error", 1, True, answers("504 Late")),
    Fault("429", "http_error", 1, False, answers("429 Slow down")),
    Fault("429 for a moment", "http_error", 1, True, answers("429 Slow down", b"", "Retry-After: 0")),
    Fault("401", "credential_refused", 1, False, answers("401 No", b"", 'WWW-Authenticate: Basic realm="x"')),
    Fault("403", "credential_refused", 1, False, answers("403 No")),
    Fault("404", "http_error", 1, False, answers("404 Gone", b"<html>")),
    Fault("a redirect", "http_error", 1, False, answers("307 Elsewhere", b"", "Location: https://api.example.com/other")),
    Fault("a refusal", "refused_by_api", 1, False, answers("409 Conflict", PROBLEM)),
    Fault("an error that is no JSON", "unparsable", 1, False, answers("400 Bad", b"{nonsense", "Content-Type: application/json")),
    Fault("an answer that is no JSON", "ok", 1, False, answers("200 OK", b"{nonsense", "Content-Type: application/json")),
    Fault("an answer of too many levels", "ok", 1, False, answers("200 OK", b"[" * 5000 + b"]" * 5000)),
    Fault("a value of another type", "mapping", 1, False, answers("200 OK", b'{"points":"many"}')),
)  # fmt: skip

CERTIFICATE_REFUSED = Fault(
    "the client certificate is refused", "tls_client_certificate", 0, False, request, context="client"
)
GOOD_ANSWER = HEAD + b"Content-Length: 15\r\n\r\n" + OK_BODY
FINE = Fault("fine", "ok", 1, False, answers("200 OK", OK_BODY))


def after_a_good_answer(fault: Fault) -> Fault:
    """Return the fault for the second request of a connection."""
    return replace(fault, name=f"{fault.name}, later", act=after(request, says(GOOD_ANSWER), fault.act))


def twice_answered(more: bytes, late_s: float, said: asyncio.Event) -> Act:
    """Answer a request and go on to talk, at once or a little later; then answer what comes."""

    async def act(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.say(GOOD_ANSWER if late_s else GOOD_ANSWER + more)
        await asyncio.sleep(late_s)
        await conversation.say(more if late_s else b"")
        said.set()
        await conversation.request()
        await conversation.answer("200 OK", OK_BODY)

    return act


@dataclass
class Servers:
    """The failing servers of one event loop, one per fault."""

    contexts: dict[str, ssl.SSLContext]
    effects: Counter[str] = field(default_factory=Counter)
    ports: dict[str, int] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _blocked: list[socket.socket] = field(default_factory=list)

    async def port(self, fault: Fault) -> int:
        """Return the port where a fault waits; it is started once."""
        if fault.name not in self.ports:
            if fault.place == "silent":
                self.ports[fault.name] = self._silent()
            elif fault.act is None:
                self.ports[fault.name] = self._closed()
            else:
                self.ports[fault.name] = await self._start(fault)
        return self.ports[fault.name]

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for blocked in self._blocked:
            blocked.close()
        await asyncio.sleep(0.02)

    async def _start(self, fault: Fault) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
                await fault.act(Conversation(reader, writer, self.effects))
            self._writers.discard(writer)
            writer.close()

        tls = None if fault.place == "tcp" else self.contexts[fault.context]
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, backlog=512)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    def _closed(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return listener.getsockname()[1]

    def _silent(self) -> int:
        """Return a port whose queue is full, so that nothing comes back when it is dialled."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        self._blocked.append(listener)
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
            self._blocked.append(waiting)
        return listener.getsockname()[1]
