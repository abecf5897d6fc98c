"""Who asks for tokens: the client of a token request, proven by its secret where it has one.

Source: protocol.md §5.2 and §9.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.secret import Secret
from journeyman.service_codes import service_error
from journeyman.settings import ApplicationType
from journeyman.web.oidc.parameters import basic_credentials

PUBLIC = frozenset({ApplicationType.SPA, ApplicationType.NATIVE})


async def authenticate(engine: Engine, request: Request, form: Mapping[str, str]) -> Application:
    """Return the application of a token request.

    A confidential application proves itself by Basic or in the form, never by both; an application
    without a type and without a secret counts as public, and PKCE then protects its codes.

    Raises:
        ServiceError: it is unknown, sent no secret, a wrong one, or one it should not have.
    """
    basic = basic_credentials(request)
    client_id = basic[0] if basic else form.get("client_id", "")
    secret = basic[1] if basic else form.get("client_secret", "")
    if basic and (form.get("client_secret") or form.get("client_id", client_id) != client_id):
        raise service_error(90122, "client_secret")
    if not client_id:
        raise service_error(90083, "client_id")
    if form.get("client_assertion"):
        raise service_error(99027, "")
    application = await engine.applications.get(client_id)
    if application is None:
        raise service_error(90081)
    if application.type in PUBLIC:
        if secret:
            raise service_error(90084)
        return application
    if not secret:
        if await engine.applications.is_confidential(application):
            raise service_error(90079)
        return application
    if not await engine.applications.check_secret(client_id, Secret(secret)):
        raise service_error(90081)
    return application


async def spa_origin_headers(engine: Engine, request: Request, form: Mapping[str, str]) -> dict[str, str]:
    """Return the CORS headers of a token answer: only for the origin of a registered single-page application."""
    origin = request.headers.get("origin")
    if origin is None:
        return {}
    application = await engine.applications.get(form.get("client_id", ""))
    allowed = (
        application is not None
        and application.type is ApplicationType.SPA
        and origin in {_origin(uri) for uri in application.redirect_uris}
    )
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if allowed else {"Vary": "Origin"}


async def preflight_headers(engine: Engine, request: Request) -> dict[str, str]:
    """Return the headers of a preflight answer: for the origin of any single-page application of the tenant."""
    origin = request.headers.get("origin", "")
    applications = await engine.applications.all()
    known = {
        _origin(uri)
        for application in applications
        if application.type is ApplicationType.SPA
        for uri in application.redirect_uris
    }
    if origin not in known:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", "content-type")[:500],
        "Access-Control-Max-Age": "3600",
        "Vary": "Origin",
    }


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
