"""The files of the tenant folder's ``pages/``: a path in, a response out.

They are public: templates, styles, images and fonts that custom pages are made of. Of an HTML file
only its text is of use, so one that is opened by itself gets no rights in our origin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import PlainTextResponse, Response

FOLDER: Final = "pages"
LIMIT_BYTES: Final = 8 * 1024 * 1024
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".htm": "text/html; charset=utf-8",
    ".cshtml": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ico": "image/vnd.microsoft.icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
}
_HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True, slots=True)
class PageFiles:
    """The files below one folder."""

    folder: Path
    development: bool

    async def serve(self, segments: Sequence[str]) -> Response:
        """Answer with a file; 404 for everything that may not be read."""
        content = await self.read(segments)
        if content is None:
            return PlainTextResponse("There is nothing at this address.\n", status_code=404)
        cache = "no-cache" if self.development else "public, max-age=300"
        media_type = TYPES[Path(segments[-1]).suffix.lower()]
        return Response(content, headers={**_HEADERS, "Cache-Control": cache, "Content-Type": media_type})

    async def read(self, segments: Sequence[str]) -> bytes | None:
        """Return the content of a file, None when it may not be read."""
        return await asyncio.to_thread(self._read, tuple(segments))

    def _read(self, segments: tuple[str, ...]) -> bytes | None:
        if not segments or not all(map(_is_name, segments)) or Path(segments[-1]).suffix.lower() not in TYPES:
            return None
        try:
            folder = self.folder.resolve()
            path = folder.joinpath(*segments).resolve()
            # A symbolic link must not lead out of the folder.
            if not path.is_relative_to(folder) or not path.is_file() or path.stat().st_size > LIMIT_BYTES:
                return None
            return path.read_bytes()
        except OSError:
            return None


def _is_name(segment: str) -> bool:
    return not segment.startswith(".") and segment.isprintable() and not set(segment) & set('\\/:*?"<>|')
