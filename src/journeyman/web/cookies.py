"""The cookies of an engine: names and attributes that clients of the real service know.

Source: protocol.md §9.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

BROWSER: Final = "x-ms-cpim-trans"
CSRF: Final = "x-ms-cpim-csrf"
SESSION_PREFIX: Final = "x-ms-cpim-sso"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Set and read cookies; over https they are Secure and usable from a frame of an application."""

    secure: bool

    @property
    def same_site(self) -> Literal["none", "lax"]:
        """``None`` needs Secure; over plain http on this machine Lax is what browsers accept."""
        return "none" if self.secure else "lax"

    def set(self, response: Response, name: str, value: str, *, max_age_s: int | None = None) -> None:
        """Set a cookie that scripts cannot read; without ``max_age_s`` it ends with the browser."""
        response.set_cookie(
            name, value, max_age=max_age_s, path="/", secure=self.secure, httponly=True, samesite=self.same_site
        )

    def delete(self, response: Response, name: str) -> None:
        """Remove a cookie."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite=self.same_site)


def session_cookie(scope: str) -> str:
    """Return the name of the sign-in session cookie of a scope."""
    return f"{SESSION_PREFIX}:{hashlib.sha256(scope.encode()).hexdigest()[:12]}_0"


def browser_of(request: Request) -> str:
    """Return the value that binds journeys to this browser, a new one when it has none."""
    value = request.cookies.get(BROWSER, "")
    return value if 32 <= len(value) <= 128 else secrets.token_urlsafe(32)


def browser_hash(value: str) -> str:
    """Return what a journey remembers of its browser."""
    return hashlib.sha256(value.encode()).hexdigest()


def same_browser(request: Request, remembered: str) -> bool:
    """Whether the request comes from the browser of a journey, in constant time."""
    return hmac.compare_digest(browser_hash(request.cookies.get(BROWSER, "")), remembered)
