"""The client-credentials grant: an application's own credentials in, an access token for an API out.

It is served at the token endpoint of a policy and at the one of the tenant, which is what a policy's
``REST-AcquireAccessToken`` calls. Source: protocol.md §11.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from journeyman.applications.application import Application
from journeyman.applications.scopes import resolve_default_scope
from journeyman.claims.values import Json
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.secret import Secret
from journeyman.service_codes import service_error
from journeyman.web.oidc.client_authentication import authenticate
from journeyman.web.oidc.discovery import platform_issuer
from journeyman.web.oidc.management_audience import management_audience
from journeyman.web.oidc.parameters import basic_credentials, read_form
from journeyman.web.oidc.responses import NO_STORE
from journeyman.web.oidc.tokens import sign, signing_key
from journeyman.web.problems import token_error

LIFETIME_S: Final = 3_600


async def client_credentials(
    engine: Engine, request: Request, form: Mapping[str, str], served: ServedPolicy | None
) -> Mapping[str, Json]:
    """Return the token answer. Raises ServiceError when the client, its secret or the scope is refused."""
    client = await authenticate(engine, request, form)
    if not client.proven:
        raise service_error(90079)
    application = client.application
    audience = management_audience(engine, form.get("scope", "")) if served is None else None
    if audience is not None:
        return _management_token(engine, application, audience)
    scopes = resolve_default_scope(form.get("scope", ""), application, await engine.applications.all())
    resource = scopes.resource.client_id if scopes.resource else application.client_id
    now_s = int(engine.clock.now().timestamp())
    claims = _claims(engine, application, resource, scopes.scope_names, now_s=now_s)
    key_id, lifetime_s = engine.platform_signing_key, LIFETIME_S
    claims["iss"] = platform_issuer(engine.origin, engine.tenant.id)
    if served is not None:
        issuer = served.default_issuer
        key_id, lifetime_s = issuer.signing_key, issuer.access_s
        claims["iss"] = issuer.name(engine.origin, engine.tenant.id, served.policy.policy_id)
        claims["tfp"] = served.policy.policy_id
    claims["exp"] = now_s + lifetime_s
    return {
        "access_token": sign(signing_key(engine, key_id), claims),
        "token_type": "Bearer",
        "not_before": now_s,
        "expires_in": lifetime_s,
        "expires_on": now_s + lifetime_s,
        "resource": resource,
    }


def _management_token(engine: Engine, application: Application, audience: str) -> Mapping[str, Json]:
    """Return the answer with a token for the management API; what it allows are the application's roles."""
    now_s, lifetime_s = int(engine.clock.now().timestamp()), engine.settings.management.token_lifetime_s
    claims = _claims(engine, application, audience, (), now_s=now_s)
    claims["iss"] = platform_issuer(engine.origin, engine.tenant.id)
    claims["roles"] = [*application.roles]
    claims["exp"] = now_s + lifetime_s
    return {
        "access_token": sign(signing_key(engine, engine.platform_signing_key), claims),
        "token_type": "Bearer",
        "not_before": now_s,
        "expires_in": lifetime_s,
        "ext_expires_in": lifetime_s,
        "expires_on": now_s + lifetime_s,
        "resource": audience,
    }


def _claims(
    engine: Engine, application: Application, resource: str, roles: tuple[str, ...], *, now_s: int
) -> dict[str, Json]:
    claims: dict[str, Json] = {
        "ver": "2.0",
        "aud": resource,
        "iat": now_s,
        "nbf": now_s,
        "sub": application.client_id,
        "oid": str(uuid.uuid5(uuid.UUID(engine.tenant.id), application.client_id)),
        "azp": application.client_id,
        "azpacr": "1",
        "tid": engine.tenant.id,
        "jti": str(uuid.uuid4()),
    }
    if roles:
        claims["roles"] = list(roles)
        claims["scp"] = " ".join(roles)
    return claims


@dataclass(frozen=True, slots=True)
class PlatformTokenEndpoint:
    """``/{tenant}/oauth2/v2.0/token`` without a policy."""

    engine: Engine

    async def handle(self, request: Request, *, first_version: bool = False) -> Response:
        """Answer a client-credentials request; the first version names a ``resource``, and answers numbers as texts."""
        try:
            if request.method != "POST":
                raise service_error(90226)
            form = await read_form(request)
            if first_version:
                form = of_second_version(form)
            grant_type = form.get("grant_type", "")
            if grant_type != "client_credentials":
                raise service_error(90086, grant_type[:64]) if grant_type else service_error(90083, "grant_type")
            body = await client_credentials(self.engine, request, without_repeated_secret(request, form), None)
        except ServiceError as error:
            return token_error(self.engine, error, correlation_id=str(uuid.uuid4()), headers={})
        if first_version:
            body = {name: str(value) if isinstance(value, int) else value for name, value in body.items()}
        return JSONResponse(dict(body), headers=NO_STORE)


def without_repeated_secret(request: Request, form: Mapping[str, str]) -> Mapping[str, str]:
    """Return a form without a secret that the Basic header says as well: deployment tools send both.

    The tools are those of graph-api.md §11; header and form that contradict each other stay, and are refused.
    """
    basic = basic_credentials(request)
    if basic is None or Secret(form.get("client_secret", "")) not in basic.secrets:
        return form
    return {name: value for name, value in form.items() if name != "client_secret"}


def of_second_version(form: Mapping[str, str]) -> dict[str, str]:
    """Return a form of the first version as the second has it; a scope beside the resource means nothing there.

    Raises:
        ServiceError: it names no resource.
    """
    resource = form.get("resource", "")
    if not resource:
        raise service_error(90083, "resource")
    return {**form, "scope": f"{resource.rstrip('/')}/.default"}
