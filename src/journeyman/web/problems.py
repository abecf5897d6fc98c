"""What goes wrong before an application can be told: an error page for a person, JSON for a program."""

from __future__ import annotations

import uuid

from starlette.responses import HTMLResponse, JSONResponse, Response

from journeyman.engine import Engine
from journeyman.errors import ServiceError, TooManyTriesError
from journeyman.web.oidc.responses import NO_STORE, error_description
from journeyman.web.pages.errors import render_error
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.public_errors import public_text


def error_page(
    engine: Engine, error: ServiceError, *, correlation_id: str | None = None, status: int = 400
) -> Response:
    """Answer with the error page; details are shown in development only."""
    development = engine.settings.development
    nonce = new_nonce()
    html = render_error(
        error.service_code,
        public_text(error, development=development),
        correlation_id or str(uuid.uuid4()),
        engine.clock.now(),
        detail=str(error) if development else None,
        nonce=nonce,
    )
    return HTMLResponse(html, status_code=status, headers=page_headers(PageSecurity(nonce)))


def token_error(engine: Engine, error: ServiceError, *, correlation_id: str, headers: dict[str, str]) -> Response:
    """Answer a token request with the two members that the real service sends; HTTP 400, and 429 for who guesses."""
    text = public_text(error, development=engine.settings.development)
    description = error_description(error.service_code, text, correlation_id=correlation_id, now=engine.clock.now())
    body = {"error": error.oauth_error, "error_description": description}
    if isinstance(error, TooManyTriesError):
        retry = {"Retry-After": str(error.retry_after_s)}
        return JSONResponse(body, status_code=429, headers={**NO_STORE, **headers, **retry})
    return JSONResponse(body, status_code=400, headers={**NO_STORE, **headers})
