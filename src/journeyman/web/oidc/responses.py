"""Answers of the authorization endpoint: parameters in; a redirect or a self-posting form out.

Source: protocol.md §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus, urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from journeyman.errors import ServiceError
from journeyman.web.pages.errors import render_form_post
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers

QUERY: Final = "query"
FRAGMENT: Final = "fragment"
FORM_POST: Final = "form_post"
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache", "Referrer-Policy": "no-referrer"}


def authorization_response(redirect_uri: str, mode: str, parameters: Mapping[str, str]) -> Response:
    """Send ``parameters`` to the application by its response mode."""
    if mode == FORM_POST:
        nonce = new_nonce()
        html = render_form_post(redirect_uri, parameters, nonce=nonce)
        return HTMLResponse(html, headers=page_headers(PageSecurity(nonce, form_action=redirect_uri)))
    encoded = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in parameters.items())
    if mode == FRAGMENT:
        location = f"{redirect_uri}#{encoded}"
    else:
        location = f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{encoded}"
    return RedirectResponse(location, status_code=302, headers=NO_STORE)


def error_parameters(error: ServiceError, *, correlation_id: str, now: datetime, state: str | None) -> dict[str, str]:
    """Return the parameters of an error redirect."""
    parameters = {
        "error": error.oauth_error,
        "error_description": error_description(error, correlation_id=correlation_id, now=now),
    }
    return parameters if state is None else {**parameters, "state": state}


def error_description(error: ServiceError, *, correlation_id: str, now: datetime) -> str:
    """Return the text that applications parse: code, text, correlation id and time on lines of their own."""
    text = error.user_message or str(error)
    return (
        f"{error.service_code}: {_one_line(text)}\r\nCorrelation ID: {correlation_id}\r\n"
        f"Timestamp: {now:%Y-%m-%d %H:%M:%S}Z\r\n"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
