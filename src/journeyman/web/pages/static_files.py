"""The style sheets and scripts of the pages: files of this package in, cacheable responses out.

One hash over all files stands in the path, so that modules can import each other by relative names
and a new version never mixes with a cached old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All files, and the hash that names this set of them."""

    version: str
    files: Mapping[str, bytes]


def asset_path(name: str) -> str:
    """Return the address of a static file, ``/static/journeyman/<hash>/page.css``.

    Raises:
        KeyError: there is no such file.
    """
    static = _static_files()
    if name not in static.files:
        raise KeyError(name)
    return f"/static/journeyman/{static.version}/{name}"


def static_routes() -> list[Route]:
    """Return the route that serves the files."""
    return [Route("/static/journeyman/{version}/{name}", _serve, methods=["GET"])]


async def _serve(request: Request) -> Response:
    static = _static_files()
    name = request.path_params["name"]
    content = static.files.get(name)
    if content is None or request.path_params["version"] != static.version:
        return Response("not found", status_code=404, media_type="text/plain", headers={"Cache-Control": "no-store"})
    return Response(content, headers={**_HEADERS, "Content-Type": _TYPES[Path(name).suffix]})


@cache
def _static_files() -> StaticFiles:
    folder = Path(__file__).parent / "static"
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
    digest = sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return StaticFiles(digest.hexdigest()[:16], files)
