"""Fetch a JWK Set: one request, https only, no redirect, no proxy, bounded in time and size.

It runs in a thread with the standard library, so that the guard needs no HTTP client.
"""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import ssl
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from journeyman_guard.errors import MisconfiguredError

LIMIT_BYTES: Final = 262_144
_PIECE_BYTES: Final = 16_384


class JwksError(Exception):
    """The JWK Set cannot be had or read."""


@dataclass(frozen=True, slots=True)
class HttpsFetch:
    """Fetch over https; over http from this machine only.

    Attributes:
        timeout_s: of the whole answer; connecting and each read are bounded by it too.
        trust: another TLS context than the system's.
    """

    timeout_s: float = 5.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    async def __call__(self, url: str) -> bytes:
        """Return the body of a 200 answer. Raises JwksError."""
        return await asyncio.to_thread(self._fetch, require_safe_url(url))

    def _fetch(self, url: SplitResult) -> bytes:
        deadline = time.monotonic() + self.timeout_s
        connection = self._connection(url)
        try:
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("GET", target, headers={"Accept": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                raise JwksError(f"the JWKS endpoint answered {response.status}")
            return _read(response, deadline)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise JwksError(f"the JWKS endpoint cannot be reached: {type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self, url: SplitResult) -> http.client.HTTPConnection:
        host = url.hostname or ""
        if url.scheme == "http":
            return http.client.HTTPConnection(host, url.port, timeout=self.timeout_s)
        context = self.trust or ssl.create_default_context()
        return http.client.HTTPSConnection(host, url.port, timeout=self.timeout_s, context=context)


def require_safe_url(text: str) -> SplitResult:
    """Return the parts of a URL that keys may come from. Raises MisconfiguredError."""
    try:
        url = urlsplit(text)
        usable = url.port != 0 and bool(url.hostname) and url.username is None and not url.fragment
    except ValueError as error:
        raise MisconfiguredError("the JWKS URL is malformed") from error
    if not usable or not text.isascii() or not text.isprintable() or " " in text:
        raise MisconfiguredError("the JWKS URL is malformed")
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.hostname or "")):
        return url
    raise MisconfiguredError("the JWKS URL must be https")


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    while piece := response.read1(_PIECE_BYTES):
        body += piece
        if len(body) > LIMIT_BYTES:
            raise JwksError("the JWK Set is too large")
        if time.monotonic() > deadline:
            raise JwksError("the JWKS endpoint is too slow")
    return bytes(body)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
