"""Pages that are not part of a journey: errors, the end of a session, the hand-over to an application.

Source: pages.md §6.6; the default texts are those of the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from journeyman.web.pages.jinja import render

TITLE: Final = "Sorry, but we're having trouble signing you in."
HELP: Final = (
    "We track these errors automatically, but if the problem persists feel free to contact us. "
    "In the meantime, please try again."
)
_LAYOUT: Final[Mapping[str, object]] = {"language": "en", "direction": "ltr", "brand": ""}


def render_error(
    code: str,
    message: str,
    correlation_id: str,
    timestamp: datetime,
    *,
    detail: str | None,
    nonce: str,
    trace_url: str | None = None,
    brand: str = "",
) -> str:
    """Return the error page.

    Args:
        code: ``AADB2C90046``.
        message: a text that strangers may read.
        detail: what only a developer may read; None in production.
        trace_url: where the trace of the journey is; shown only together with ``detail``.
    """
    values = {
        **_LAYOUT,
        "brand": brand,
        "nonce": nonce,
        "heading": TITLE,
        "help": HELP,
        "code": code,
        "message": message,
        "correlation_id": "".join(c for c in correlation_id if c.isascii() and (c.isalnum() or c == "-")),
        "timestamp": f"{timestamp.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z",
        "detail": detail,
        "trace_url": trace_url,
    }
    return render("error.html", values)


def render_signed_out(*, nonce: str, brand: str = "", frames: Sequence[str] = (), target: str | None = None) -> str:
    """Return the page after a sign-out.

    Args:
        frames: addresses that end further sessions of the browser; they are opened in hidden frames.
        target: where the browser goes when they have answered, or do not; None to stay here.
    """
    values = {**_LAYOUT, "brand": brand, "nonce": nonce, "frames": tuple(frames), "target": target}
    return render("signed_out.html", values)


def render_form_post(redirect_uri: str, fields: Mapping[str, str], *, nonce: str, brand: str = "") -> str:
    """Return the page that posts an answer to an application by itself (response_mode=form_post)."""
    values = {**_LAYOUT, "brand": brand, "nonce": nonce, "action": redirect_uri, "fields": tuple(fields.items())}
    return render("form_post.html", values)


def render_not_found(*, nonce: str) -> str:
    """Return the page for an address that is nothing here; it does not say what exists."""
    return render_notice("There is nothing at this address", ["Check the address and try again."], nonce=nonce)


def render_notice(
    heading: str,
    paragraphs: Sequence[str],
    *,
    nonce: str,
    links: Sequence[tuple[str, str]] = (),
    brand: str = "",
) -> str:
    """Return a page with a heading, some paragraphs and links (text, address)."""
    values = {
        **_LAYOUT,
        "brand": brand,
        "nonce": nonce,
        "heading": heading,
        "paragraphs": tuple(paragraphs),
        "links": tuple(links),
    }
    return render("notice.html", values)
