"""Where a form was sent from: what the browser says in, ours or not out."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request


def same_origin(request: Request, public: str) -> bool:
    """Whether the browser says that the request comes from a page of the origin that it asks for.

    ``public`` is the origin of the engine: where something in front ends TLS, requests come here over http.
    """
    host = request.headers.get("host", "")
    ours = public if host == urlsplit(public).netloc else f"{request.url.scheme}://{host}"
    site = request.headers.get("sec-fetch-site", "same-origin")
    return request.headers.get("origin") == ours and site == "same-origin"
