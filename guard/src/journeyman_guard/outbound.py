"""One HTTP request of the guard itself: https only, no redirect, no proxy, bounded in time and size.

It runs in a thread with the standard library, so that the guard needs no HTTP client.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from journeyman_guard.errors import MisconfiguredError

LIMIT_BYTES: Final = 262_144
_PIECE_BYTES: Final = 16_384


class OutboundError(Exception):
    """The other side cannot be reached or answers otherwise than with 200; the text holds no part of the exchange."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """Send over https; over http to this machine only.

    Attributes:
        what: the endpoint, as error messages name it.
        timeout_s: of the whole answer; connecting and each read are bounded by it too.
        trust: another TLS context than the system's.
    """

    what: str
    timeout_s: float = 5.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    def send(
        self,
        url: SplitResult,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> bytes:
        """Return the body of a 200 answer. Raises OutboundError."""
        deadline = time.monotonic() + self.timeout_s
        connection = self._connection(url)
        try:
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request(method, target, body, {"Accept": "application/json", **(headers or {})})
            response = connection.getresponse()
            if response.status != 200:
                raise OutboundError(f"the {self.what} endpoint answered {response.status}")
            return self._read(response, deadline)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise OutboundError(f"the {self.what} endpoint cannot be reached: {type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self, url: SplitResult) -> http.client.HTTPConnection:
        host = url.hostname or ""
        if url.scheme == "http":
            return http.client.HTTPConnection(host, url.port, timeout=self.timeout_s)
        context = self.trust or ssl.create_default_context()
        return http.client.HTTPSConnection(host, url.port, timeout=self.timeout_s, context=context)

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        body = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            body += piece
            if len(body) > LIMIT_BYTES:
                raise OutboundError(f"the answer of the {self.what} endpoint is too large")
            if time.monotonic() > deadline:
                raise OutboundError(f"the {self.what} endpoint is too slow")
        return bytes(body)


def safe_url(text: str, what: str) -> SplitResult:
    """Return the parts of a URL that the guard may ask. Raises MisconfiguredError."""
    try:
        url = urlsplit(text)
        usable = url.port != 0 and bool(url.hostname) and url.username is None and not url.fragment
    except ValueError as error:
        raise MisconfiguredError(f"the {what} URL is malformed") from error
    if not usable or not text.isascii() or not text.isprintable() or " " in text:
        raise MisconfiguredError(f"the {what} URL is malformed")
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.hostname or "")):
        return url
    raise MisconfiguredError(f"the {what} URL must be https")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
