"""What all routes of the portal share: how they answer."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, JSONResponse, Response

from journeyman.web.pages.errors import render_not_found
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.portal.drawing import draw


def page_answer(html: str, nonce: str, *, status: int = 200) -> Response:
    """Return a page with its security headers."""
    return HTMLResponse(html, status_code=status, headers=page_headers(PageSecurity(nonce)))


def json_answer(content: Mapping[str, object], *, status: int = 200) -> Response:
    """Return JSON that nobody keeps."""
    return JSONResponse(
        content, status_code=status, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    )


def not_found() -> Response:
    """Return 404, as for any address that does not exist."""
    nonce = new_nonce()
    return HTMLResponse(render_not_found(nonce=nonce), status_code=404, headers=page_headers(PageSecurity(nonce)))


def bare(title: str, text: str, remedy: str = "", *, status: int = 200, **values: object) -> Response:
    """Answer with a page outside of the frame."""
    nonce = new_nonce()
    html = draw(
        "bare.html", {"nonce": nonce, "page_title": title, "text": text, "remedy": remedy, "link": None, **values}
    )
    return page_answer(html, nonce, status=status)
