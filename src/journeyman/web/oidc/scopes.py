"""The scopes of a request as the endpoints need them; the rules themselves are in ``applications/scopes``."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from journeyman.applications.application import Application
from journeyman.applications.registry import ApplicationRegistry
from journeyman.applications.scopes import GrantedScopes, resolve_scopes
from journeyman.service_codes import service_error

WITHOUT_EFFECT: Final = frozenset({"profile", "email", "address", "phone"})
"""Scopes that need no grant. They are named in the answer too: oauthlib compares it with what it asked for."""


async def granted_scopes(registry: ApplicationRegistry, application: Application, scope: str) -> GrantedScopes:
    """Return what of ``scope`` an application may have. Raises ServiceError when it may have nothing."""
    scopes = resolve_scopes(scope, application, await registry.all())
    words = dict.fromkeys(scope.split())
    return replace(scopes, granted=tuple(word for word in words if word in {*scopes.granted, *WITHOUT_EFFECT}))


async def narrowed_scopes(
    registry: ApplicationRegistry, application: Application, granted: tuple[str, ...], asked: str
) -> GrantedScopes:
    """Return the part of a grant that a token request asks for; all of it when it asks for nothing."""
    words = set(asked.split())
    kept = [scope for scope in granted if not words or scope in words]
    if not kept:
        raise service_error(90205)
    return await granted_scopes(registry, application, " ".join(kept))


def check_response_types(scopes: GrantedScopes, types: frozenset[str], scope: str) -> None:
    """Check that the scopes fit the response type (protocol.md §7). Raises ServiceError when they do not."""
    if "id_token" in types and not scopes.openid:
        raise service_error(90110, " ".join(sorted(types)))
    if "token" in types and scopes.resource is None:
        raise service_error(90055, scope[:200])
    if "code" in types and not scopes.openid and scopes.resource is None:
        raise service_error(90115)
