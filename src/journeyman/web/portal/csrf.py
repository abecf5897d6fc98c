"""Forms of the portal: a cookie and a token that belong together in, the right to change something out.

The token is a keyed hash of the cookie. A plain copy of the cookie would not do: cookies of this machine are shared by all
ports, so the page of another server here could set one and send the same value.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "journeyman-portal"
FIELD: Final = "csrf"

_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Csrf:
    """Guard the forms of one process; after a restart an open form is sent once more."""

    secure: bool
    key: bytes = field(default_factory=lambda: secrets.token_bytes(_BYTES), repr=False)

    def cookie(self, request: Request) -> str:
        """Return the value that marks this browser, a new one when it has none."""
        found = request.cookies.get(COOKIE, "")
        return found if 32 <= len(found) <= 128 and found.isascii() else secrets.token_urlsafe(_BYTES)

    def token(self, cookie: str) -> str:
        """Return what a form of this browser carries."""
        return hmac.new(self.key, cookie.encode(), hashlib.sha256).hexdigest()

    def remember(self, response: Response, cookie: str) -> None:
        """Set the cookie; scripts and other sites do not get it."""
        response.set_cookie(COOKIE, cookie, path="/portal", secure=self.secure, httponly=True, samesite="strict")

    def allows(self, request: Request, token: str) -> bool:
        """Whether a form was drawn for this browser, by us, and sent from our own page."""
        cookie = request.cookies.get(COOKIE, "")
        good = hmac.compare_digest(self.token(cookie).encode(), token.encode("utf-8", "replace"))
        return good and bool(cookie) and same_origin(request)


def same_origin(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of the host that it asks for."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return origin == f"{request.url.scheme}://{request.headers.get('host', '')}" and site == "same-origin"
