"""Answers of the authorization endpoint: parameters in; a redirect or a self-posting form out.

Source: protocol.md §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus

from starlette.responses import HTMLResponse, RedirectResponse, Response

from journeyman.engine import Engine
from journeyman.errors import ServiceError
from journeyman.web.pages.errors import render_form_post
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.public_errors import public_text

QUERY: Final = "query"
FRAGMENT: Final = "fragment"
FORM_POST: Final = "form_post"
TEXT_LIMIT: Final = 1000
"""The most characters of a text: it travels in a header, and may quote what was sent."""
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache", "Referrer-Policy": "no-referrer"}


def authorization_response(redirect_uri: str, mode: str, parameters: Mapping[str, str]) -> Response:
    """Send ``parameters`` to the application by its response mode."""
    if mode == FORM_POST:
        nonce = new_nonce()
        html = render_form_post(redirect_uri, parameters, nonce=nonce)
        return HTMLResponse(html, headers=page_headers(PageSecurity(nonce, form_action=redirect_uri)))
    if mode == FRAGMENT:
        return redirect(f"{redirect_uri}#{encoded(parameters)}")
    return redirect(with_query(redirect_uri, parameters))


def redirect(location: str) -> Response:
    """Send the browser on; nothing of it is kept in caches or told as referrer."""
    return RedirectResponse(location, status_code=302, headers=NO_STORE)


def with_query(uri: str, parameters: Mapping[str, str]) -> str:
    """Return ``uri`` with parameters added to its query."""
    if not parameters:
        return uri
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{encoded(parameters)}"


def encoded(parameters: Mapping[str, str]) -> str:
    """Return parameters in form encoding."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in parameters.items())


def error_response(engine: Engine, parameters: Mapping[str, str], error: ServiceError, correlation_id: str) -> Response:
    """Tell the application of an error.

    Args:
        parameters: those of the authorization request, its redirect URI and response mode checked.
    """
    text = public_text(error, development=engine.settings.development)
    answer = {
        "error": error.oauth_error,
        "error_description": error_description(
            error.service_code, text, correlation_id=correlation_id, now=engine.clock.now()
        ),
    }
    if "state" in parameters:
        answer["state"] = parameters["state"]
    return authorization_response(parameters["redirect_uri"], parameters["response_mode"], answer)


def error_description(code: str, text: str, *, correlation_id: str, now: datetime) -> str:
    """Return the text that applications parse: code, text, correlation id and time on lines of their own."""
    return (
        f"{code}: {' '.join(text[:TEXT_LIMIT].split())}\r\nCorrelation ID: {correlation_id}\r\n"
        f"Timestamp: {now:%Y-%m-%d %H:%M:%S}Z\r\n"
    )
