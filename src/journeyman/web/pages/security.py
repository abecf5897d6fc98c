"""The security headers of a page: what it may load and who may frame it in, headers out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_FORBIDDEN: Final = frozenset(" \t\r\n\f;,'\"")


def new_nonce() -> str:
    """Return a fresh nonce of 128 random bits; every response needs its own."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class PageSecurity:
    """What differs from page to page.

    Attributes:
        framing_sources: who may frame the page (JourneyFraming); nobody when empty.
        form_action: where the form of the page goes: the redirect URI of a form_post. Browsers hold the redirects that
            the application answers with to the same directive, so such a page lets its one form go anywhere.
        template_sources: the origins that a custom template loads from; they may give styles, images
            and fonts, and scripts when ``script_allowed``.
        custom_template: whether the page is merged into a template that is not ours. Such templates
            are full of style attributes, so these are then allowed.
        frame_sources: addresses that the page opens in frames.
    """

    nonce: str
    framing_sources: tuple[str, ...] = ()
    form_action: str = ""
    template_sources: tuple[str, ...] = ()
    custom_template: bool = False
    script_allowed: bool = False
    frame_sources: tuple[str, ...] = ()


def page_headers(security: PageSecurity) -> dict[str, str]:
    """Return every header of an HTML page. Pages are never cached: they carry one person's claims."""
    headers = {
        "Content-Security-Policy": content_security_policy(security),
        "Cache-Control": "no-store",
        "Pragma": "no-cache",
        "X-Content-Type-Options": "nosniff",
        # The address holds the transaction; "no-referrer" would turn the Origin of a form_post into null.
        "Referrer-Policy": "strict-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }
    if not security.framing_sources:
        headers["X-Frame-Options"] = "DENY"
    return headers


def content_security_policy(security: PageSecurity) -> str:
    """Return the value of Content-Security-Policy."""
    directives: dict[str, list[str]] = {
        "default-src": ["'none'"],
        "script-src": [f"'nonce-{security.nonce}'"],
        "style-src": ["'self'", f"'nonce-{security.nonce}'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *_form_target(security.form_action), *(["*"] if security.form_action else [])],
        "frame-ancestors": _sources(security.framing_sources) or ["'none'"],
        "base-uri": ["'none'"],
    }
    if security.frame_sources:
        directives["frame-src"] = list(dict.fromkeys(o for uri in security.frame_sources for o in _form_target(uri)))
    if security.custom_template:
        _open_for_template(directives, security)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _open_for_template(directives: dict[str, list[str]], security: PageSecurity) -> None:
    origins = _sources(security.template_sources)
    # A nonce in style-src would switch 'unsafe-inline' off.
    directives["style-src"] = ["'self'", "'unsafe-inline'", *origins]
    directives["img-src"] = ["'self'", "data:", "https:", *origins]
    directives["font-src"] = ["'self'", "data:", "https:", *origins]
    directives["media-src"] = ["https:", *origins]
    if security.script_allowed:
        directives["script-src"] += origins


def _form_target(uri: str) -> list[str]:
    if not uri:
        return []
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return _sources([f"{parts.scheme}://{parts.netloc}"])
    return _sources([f"{parts.scheme}:"]) if parts.scheme else []


def _sources(values: Iterable[str]) -> list[str]:
    """Return the values that are one source expression; anything else could add a directive."""
    return [value for value in values if value and value.isascii() and not _FORBIDDEN.intersection(value)]
