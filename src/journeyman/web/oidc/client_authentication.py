"""Who asks for tokens: the client of a token request, proven by its secret where it has one.

Source: protocol.md §5.2 and §9.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.errors import TooManyTriesError
from journeyman.secret import Secret
from journeyman.service_codes import service_error
from journeyman.settings import ApplicationType
from journeyman.web.client_address import client_address
from journeyman.web.oidc.parameters import BasicCredentials, basic_credentials

PUBLIC: Final = frozenset({ApplicationType.SPA, ApplicationType.NATIVE})

_HEADER_NAMES: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, -]{0,500}")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a token request; ``proven`` says that it showed a good secret."""

    application: Application
    proven: bool


async def authenticate(engine: Engine, request: Request, form: Mapping[str, str]) -> Client:
    """Return the client of a token request.

    A confidential application proves itself by Basic or in the form, never by both; an application
    without a type and without a secret counts as public, and PKCE then protects its codes.

    Raises:
        ServiceError: it is unknown, sent no secret, a wrong one, or one it should not have.
    """
    basic = basic_credentials(request)
    client_id, secrets = _presented(basic, form)
    if not client_id:
        raise service_error(90083, "client_id")
    if form.get("client_assertion"):
        raise service_error(99027, "")
    application = await engine.applications.get(client_id)
    if application is None:
        raise service_error(90081)
    if application.type in PUBLIC and secrets:
        raise service_error(90084)
    if not secrets:
        if await engine.applications.is_confidential(application):
            raise service_error(90079)
        return Client(application, proven=False)
    guess = f"{application.client_id} {client_address(request, engine.settings.server.trusted_proxies)}"
    if wait_s := engine.wrong_secrets.wait_s(guess):
        detail = "Too many wrong client secrets were sent. Try again later."
        raise TooManyTriesError(detail, service_code="AADB2C90244", retry_after_s=wait_s)
    checks = [await engine.applications.check_secret(application.client_id, secret) for secret in secrets]
    if not any(checks):
        engine.wrong_secrets.note(guess)
        raise service_error(90081)
    return Client(application, proven=True)


def _presented(basic: BasicCredentials | None, form: Mapping[str, str]) -> tuple[str, tuple[Secret, ...]]:
    in_form = form.get("client_secret", "")
    if basic is None:
        return form.get("client_id", ""), (Secret(in_form),) if in_form else ()
    if in_form:
        raise service_error(90122, "client_secret")
    if form.get("client_id", basic.client_id).lower() != basic.client_id.lower():
        raise service_error(90122, "client_id")
    return basic.client_id, basic.secrets


async def spa_origin_headers(engine: Engine, request: Request, form: Mapping[str, str]) -> dict[str, str]:
    """Return the CORS headers of a token answer: only for the origin of a registered single-page application."""
    origin = request.headers.get("origin")
    application = await engine.applications.get(form.get("client_id", "")) if origin else None
    if origin and application is not None and origin in _spa_origins([application]):
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    return {"Vary": "Origin"}


async def preflight_headers(engine: Engine, request: Request) -> dict[str, str]:
    """Return the headers of a preflight answer: for the origin of any single-page application of the tenant."""
    origin = request.headers.get("origin", "")
    if origin not in _spa_origins(await engine.applications.all()):
        return {"Vary": "Origin"}
    wanted = request.headers.get("access-control-request-headers", "")
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": wanted if wanted and _HEADER_NAMES.fullmatch(wanted) else "content-type",
        "Access-Control-Max-Age": "3600",
        "Vary": "Origin, Access-Control-Request-Headers",
    }


def _spa_origins(applications: Iterable[Application]) -> frozenset[str]:
    return frozenset(_origin(uri) for application in applications for uri in _spa_redirect_uris(application))


def _spa_redirect_uris(application: Application) -> tuple[str, ...]:
    return application.redirect_uris if application.type is ApplicationType.SPA else application.spa_redirect_uris


def _origin(uri: str) -> str:
    """Return the origin of a redirect URI as browsers write it: in lower case, without a default port."""
    parts = urlsplit(uri.lower())
    default = f":{_DEFAULT_PORTS.get(parts.scheme, '')}"
    return f"{parts.scheme}://{parts.netloc.removesuffix(default) if len(default) > 1 else parts.netloc}"
