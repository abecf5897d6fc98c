"""What goes wrong before an application can be told: an error page for a person, JSON for a program."""

from __future__ import annotations

import uuid

from starlette.responses import HTMLResponse, JSONResponse, Response

from journeyman.engine import Engine
from journeyman.errors import ServiceError
from journeyman.web.oidc.responses import NO_STORE, error_description
from journeyman.web.pages.errors import render_error
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers


def error_page(
    engine: Engine, error: ServiceError, *, correlation_id: str | None = None, status: int = 400
) -> Response:
    """Answer with the error page; details are shown in development only."""
    now = engine.clock.now()
    nonce = new_nonce()
    html = render_error(
        error.service_code,
        error.user_message or (str(error) if engine.settings.development else ""),
        correlation_id or str(uuid.uuid4()),
        now,
        detail=str(error) if engine.settings.development else None,
        nonce=nonce,
    )
    return HTMLResponse(html, status_code=status, headers=page_headers(PageSecurity(nonce)))


def token_error(engine: Engine, error: ServiceError, *, correlation_id: str, headers: dict[str, str]) -> Response:
    """Answer a token request with the two members that the real service sends; always HTTP 400."""
    description = error_description(error, correlation_id=correlation_id, now=engine.clock.now())
    body = {"error": error.oauth_error, "error_description": description}
    return JSONResponse(body, status_code=400, headers={**NO_STORE, **headers})
