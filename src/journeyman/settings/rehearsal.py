"""``rehearsal = "HEAD"``: how a new credential may be tried at an API before it is used."""

from __future__ import annotations

import re
from typing import Final

from journeyman.settings.model import RehearsalSettings

_FORM: Final = re.compile(r"(HEAD|OPTIONS|GET)(?: (/[\x21-\x22\x24-\x5b\x5d-\x7e]*))?")


def rehearsal(text: str) -> RehearsalSettings:
    """Read a method and a path. Raises ValueError, which says what to write."""
    found = _FORM.fullmatch(text)
    if found is None or (found[2] or "").startswith("//"):
        raise ValueError('is not a rehearsal; write "HEAD", "OPTIONS" or a method and a path: "GET /api/ping"')
    if found[1] == "GET" and found[2] is None:
        raise ValueError('has no path, and a GET of the ServiceUrl may do something; write "GET /api/ping", or "HEAD"')
    return RehearsalSettings(found[1], found[2] or "")
