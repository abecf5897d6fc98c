"""What all routes of the portal share: who may see them, and how they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from journeyman.web.pages.errors import render_not_found
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint, allowed: Callable[[Request], bool]) -> Endpoint:
    """Return the endpoint for those who may see the portal; anybody else is told that there is nothing."""

    async def answer(request: Request) -> Response:
        if not allowed(request):
            return not_found()
        return await endpoint(request)

    return answer


def page_answer(html: str, nonce: str, *, status: int = 200) -> Response:
    """Return a page with its security headers."""
    return HTMLResponse(html, status_code=status, headers=page_headers(PageSecurity(nonce)))


def json_answer(content: Mapping[str, object]) -> Response:
    """Return JSON that nobody keeps."""
    return JSONResponse(content, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def not_found() -> Response:
    """Return 404, as for any address that does not exist."""
    nonce = new_nonce()
    return HTMLResponse(render_not_found(nonce=nonce), status_code=404, headers=page_headers(PageSecurity(nonce)))
