"""A bearer token in, the caller out. Source: graph-api.md §9, agreed behaviour 2.

A token counts when this tenant has signed it for this API and it has not ended. What the caller may do is what both
the token and the application say now: a role that was taken away is gone at once, a new one needs a new token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.errors import KeyStoreError, ServiceError
from journeyman.keys.jose import Expected, verify_jwt
from journeyman.management.caller import Caller, caller_of
from journeyman.management.errors import UnauthenticatedError
from journeyman.web.oidc.discovery import platform_issuer
from journeyman.web.oidc.management_audience import management_audiences


@dataclass(frozen=True, slots=True)
class TokenAuthentication:
    """Reads the Authorization header."""

    engine: Engine

    async def caller(self, request: Request) -> Caller:
        """Return the caller. Raises UnauthenticatedError, with the same words for every bad token."""
        headers = request.headers.getlist("authorization")
        if not headers:
            raise UnauthenticatedError("Access token is empty.", service_code="InvalidAuthenticationToken")
        scheme, _, token = headers[0].partition(" ")
        if len(headers) != 1 or scheme.lower() != "bearer":
            raise UnauthenticatedError("Send one Authorization header: Bearer, then the access token.")
        claims = self._claims(token.strip())
        application = await self._application(claims)
        roles = claims.get("roles")
        named = frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else frozenset()
        return caller_of(actor_of(application), named & frozenset(application.roles))

    def _claims(self, token: str) -> Mapping[str, Any]:
        engine = self.engine
        expected = Expected(
            issuers=(platform_issuer(engine.origin, engine.tenant.id),), audiences=management_audiences(engine)
        )
        try:
            claims = verify_jwt(token, engine.keys.get(engine.platform_signing_key), engine.clock.now(), expected)
        except (ServiceError, KeyStoreError):
            raise _invalid() from None
        if claims.get("tid") != engine.tenant.id or "tfp" in claims:
            raise _invalid()
        return claims

    async def _application(self, claims: Mapping[str, Any]) -> Application:
        client_id = claims.get("azp")
        application = await self.engine.applications.get(client_id) if isinstance(client_id, str) else None
        if application is None:
            raise _invalid()
        return application


def actor_of(application: Application) -> str:
    """Return how the audit trail names an application."""
    return f"application {application.client_id} {application.name}"


def _invalid() -> UnauthenticatedError:
    text = "Access token validation failure: it is not one of this tenant for this API, or it has ended."
    return UnauthenticatedError(text)
