"""Fetch a JWK Set, directly or by the discovery document of its issuer (OpenID Connect Discovery §4)."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult

from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.outbound import Outbound, OutboundError, safe_url
from journeyman_guard.strict_json import read_object

DISCOVERY_PATH: Final = "/.well-known/openid-configuration"
_WHAT: Final = "JWKS"


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
        address = require_safe_url(url)
        outbound = Outbound(_WHAT, self.timeout_s, self.trust)
        try:
            return await asyncio.to_thread(outbound.send, address)
        except OutboundError as error:
            raise JwksError(str(error)) from error


@dataclass(frozen=True, slots=True)
class DiscoveryFetch:
    """Fetch the discovery document first, then the keys from where it says.

    The document must name the issuer that is configured: keys of another one are not used.
    """

    issuer: str
    fetch: HttpsFetch = field(default_factory=HttpsFetch)

    async def __call__(self, url: str) -> bytes:
        """Return the JWK Set. Raises JwksError."""
        try:
            document = read_object(await self.fetch(url))
        except ValueError as error:
            raise JwksError("the discovery document is not a JSON object") from error
        address = document.get("jwks_uri")
        if document.get("issuer") != self.issuer:
            raise JwksError("the discovery document is of another issuer")
        if not isinstance(address, str):
            raise JwksError("the discovery document names no jwks_uri")
        try:
            return await self.fetch(address)
        except MisconfiguredError as error:
            raise JwksError("the jwks_uri of the discovery document is not https") from error


def discovery_url(issuer: str) -> str:
    """Return where an issuer publishes its discovery document."""
    return issuer.rstrip("/") + DISCOVERY_PATH


def require_safe_url(text: str) -> SplitResult:
    """Return the parts of a URL that keys may come from. Raises MisconfiguredError."""
    return safe_url(text, _WHAT)
