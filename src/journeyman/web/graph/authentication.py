"""A bearer token in, the caller out. Source: graph-api.md §9, agreed behaviour 2.

A token counts when this tenant has signed it for this API and it has not ended. What the caller may do is what both
the token and the application say now: a role that was taken away is gone at once, a new one needs a new token.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.errors import KeyStoreError, ServiceError
from journeyman.keys.jose import Expected, verify_jwt
from journeyman.management.caller import Caller, caller_of
from journeyman.management.errors import ThrottledError, UnauthenticatedError
from journeyman.state.throttle import Throttle
from journeyman.web.client_address import client_address
from journeyman.web.oidc.discovery import platform_issuer
from journeyman.web.oidc.management_audience import management_audiences

KEPT: Final = 1000
"""How many tokens that were checked are remembered, by their hashes, until they end or the signing keys change."""


@dataclass(slots=True)
class CheckedTokens:
    """The claims of tokens whose signature is good; the signature costs most of a small request."""

    version: int = -1
    claims: OrderedDict[bytes, Mapping[str, Any]] = field(default_factory=OrderedDict)

    def get(self, token: str, version: int, now_s: float) -> Mapping[str, Any] | None:
        """Return the claims of a token that was checked under the same keys and has not ended."""
        if version != self.version:
            self.version = version
            self.claims.clear()
        found = self.claims.get(_hash(token))
        return found if found is not None and found["exp"] > now_s else None

    def keep(self, token: str, claims: Mapping[str, Any]) -> None:
        """Remember a token; the oldest is forgotten."""
        self.claims[_hash(token)] = claims
        if len(self.claims) > KEPT:
            self.claims.popitem(last=False)


class TokenAuthentication:
    """Reads the Authorization header, and counts bad tokens by the address that sends them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._checked = CheckedTokens()
        self._requests = Throttle(engine.clock, engine.settings.management.requests_per_minute)
        self._bad = Throttle(engine.clock, engine.settings.management.failures_per_minute)

    async def caller(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            UnauthenticatedError: there is no token, or a bad one; for every bad one with the same words.
            ThrottledError: the caller or the address sends too many requests, or too many bad tokens.
        """
        address = client_address(request, self._engine.settings.server.trusted_proxies)
        self._allow(f"address {address}")
        claims = self._claims(_token(request), address)
        application = await self._application(claims)
        self._allow(f"caller {application.client_id}")
        roles = claims.get("roles")
        named = frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else frozenset()
        return caller_of(actor_of(application), named & frozenset(application.roles))

    def _allow(self, who: str) -> None:
        if wait_s := self._requests.take(who):
            raise ThrottledError("Too many requests are sent; try again later.", retry_after_s=wait_s)

    def _claims(self, token: str, address: str) -> Mapping[str, Any]:
        engine, now = self._engine, self._engine.clock.now()
        known = self._checked.get(token, engine.keys.version, now.timestamp())
        if known is not None:
            return known
        if wait_s := self._bad.wait_s(address):
            raise ThrottledError("Too many bad access tokens are sent; try again later.", retry_after_s=wait_s)
        expected = Expected(
            issuers=(platform_issuer(engine.origin, engine.tenant.id),), audiences=management_audiences(engine)
        )
        try:
            claims = verify_jwt(token, engine.keys.get(engine.platform_signing_key), now, expected)
        except (ServiceError, KeyStoreError):
            self._bad.note(address)
            raise _invalid() from None
        if claims.get("tid") != engine.tenant.id or "tfp" in claims:
            self._bad.note(address)
            raise _invalid()
        self._checked.keep(token, claims)
        return claims

    async def _application(self, claims: Mapping[str, Any]) -> Application:
        client_id = claims.get("azp")
        application = await self._engine.applications.get(client_id) if isinstance(client_id, str) else None
        if application is None:
            raise _invalid()
        return application


def actor_of(application: Application) -> str:
    """Return how the audit trail names an application."""
    return f"application {application.client_id} {application.name}"


def _token(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    if not headers:
        raise UnauthenticatedError("Access token is empty.")
    scheme, _, token = headers[0].partition(" ")
    if len(headers) != 1 or scheme.lower() != "bearer":
        raise UnauthenticatedError("Send one Authorization header: Bearer, then the access token.")
    return token.strip()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _invalid() -> UnauthenticatedError:
    text = "Access token validation failure: it is not one of this tenant for this API, or it has ended."
    return UnauthenticatedError(text)
