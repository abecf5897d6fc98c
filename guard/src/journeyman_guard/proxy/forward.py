"""Pass an admitted request on to the API behind, and its answer back: an ASGI application.

Bodies stream in both directions. Headers that speak of one connection end here (RFC 9110 §7.6.1), and the API learns who calls
from ``X-Guard-Caller``, which nobody else can set.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from journeyman_guard.asgi import Receive, Scope, Send
from journeyman_guard.middleware import caller_of

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_OWN: Final = frozenset(
    {b"host", b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"expect"}
)
_PIECE_BYTES: Final = 65_536


class _Body:
    """The body of one request, as it arrives."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self.too_large = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body. Raises aiohttp.ClientConnectionError, which keeps half a body from looking like a whole one."""
        size = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise aiohttp.ClientConnectionError("the caller has gone")
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size > self._limit_bytes:
                self.too_large = True
                raise aiohttp.ClientConnectionError("the body is too large")
            if piece:
                yield piece
            if not message.get("more_body"):
                return


class Forwarder:
    """Send to one origin; ``open`` and ``close`` belong to the event loop that serves.

    Args:
        upstream: the origin of the API.
        tls: whether callers come by https, for ``X-Forwarded-Proto``.
    """

    def __init__(self, upstream: str, *, tls: bool, timeout_s: float, limit_bytes: int) -> None:
        self._origin = upstream.rstrip("/")
        self._scheme = "https" if tls else "http"
        self._timeout = aiohttp.ClientTimeout(total=None, connect=timeout_s, sock_read=timeout_s)
        self._limit_bytes = limit_bytes
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the pool of connections."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            timeout=self._timeout,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one admitted request."""
        if self._session is None:
            raise RuntimeError("the forwarder is not open")
        started = False
        body = _Body(receive, self._limit_bytes)
        try:
            async with self._session.request(
                scope["method"],
                self._url(scope),
                headers=self._headers(scope),
                data=body.pieces() if _has_body(scope) else None,
                allow_redirects=False,
            ) as response:
                headers = [pair for pair in response.raw_headers if pair[0].lower() not in _connection_names(response)]
                await send({"type": "http.response.start", "status": response.status, "headers": headers})
                started = True
                async for piece in response.content.iter_chunked(_PIECE_BYTES):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            if started:
                # The caller must see that the answer is not whole, so the connection is cut.
                raise
            if body.too_large:
                await _answer(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
                return
            late = isinstance(error, TimeoutError)
            await _answer(
                send, HTTPStatus.GATEWAY_TIMEOUT if late else HTTPStatus.BAD_GATEWAY, "the API does not answer"
            )

    def _url(self, scope: Scope) -> URL:
        query: bytes = scope.get("query_string") or b""
        path: bytes = scope["raw_path"]
        text = path.decode("ascii") + (f"?{query.decode('ascii')}" if query else "")
        return URL(self._origin + text, encoded=True)

    def _headers(self, scope: Scope) -> CIMultiDict[str]:
        headers: CIMultiDict[str] = CIMultiDict()
        named = _named_in_connection(scope["headers"])
        host = ""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            if name not in _HOP_BY_HOP and name not in _OWN and name not in named:
                headers.add(name.decode("latin-1"), value.decode("latin-1"))
        client = scope.get("client")
        headers["X-Forwarded-For"] = client[0] if client else "unknown"
        headers["X-Forwarded-Proto"] = self._scheme
        headers["X-Forwarded-Host"] = host
        headers["X-Guard-Caller"] = header_text(caller_of(scope).subject)
        return headers


def header_text(text: str) -> str:
    """Return what a header can hold of a name; the rest is percent-encoded."""
    return "".join(
        letter
        if " " <= letter <= "~" and letter != "%"
        else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
        for letter in text[:512]
    )


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _named_in_connection(headers: list[tuple[bytes, bytes]]) -> frozenset[bytes]:
    values = [value for name, value in headers if name == b"connection"]
    return frozenset(part.strip().lower() for value in values for part in value.split(b","))


def _connection_names(response: aiohttp.ClientResponse) -> frozenset[bytes]:
    named = response.headers.getall("Connection", [])
    return _HOP_BY_HOP | {part.strip().lower().encode("latin-1") for value in named for part in value.split(",")}


async def _answer(send: Send, status: HTTPStatus, text: str) -> None:
    body = b'{"error":"%s"}' % text.encode("ascii")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
