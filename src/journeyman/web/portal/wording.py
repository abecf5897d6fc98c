"""How the portal speaks of what was recorded: ids and values of records in, words for people out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from journeyman.trace.records import Verdict

LONGEST: Final = 20_000
"""The number of characters of one value that a page shows."""

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "running": ("Running", "neutral"),
    "tokens": ("Tokens issued", "good"),
    "refused": ("Refused", "warn"),
    "error": ("Failed", "bad"),
}

EVENTS: Final[Mapping[str, tuple[str, str]]] = {
    "start": ("Started", "neutral"),
    "step": ("Step", "neutral"),
    "skip": ("Skipped", "neutral"),
    "profile": ("Technical profile", "neutral"),
    "page": ("Page shown", "accent"),
    "redirect": ("Sent to the identity provider", "accent"),
    "submit": ("Page sent", "accent"),
    "refused": ("Refused", "warn"),
    "tokens": ("Tokens issued", "good"),
    "error": ("Failed", "bad"),
}

VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.OK: ("Accepted", "good"),
    Verdict.REFUSED_BY_API: ("Refused by the API", "warn"),
    Verdict.CREDENTIAL_REFUSED: ("Credential refused", "bad"),
    Verdict.HTTP_ERROR: ("HTTP error", "bad"),
    Verdict.UNPARSABLE: ("Answer cannot be read", "bad"),
    Verdict.MAPPING: ("Claims do not fit", "bad"),
    Verdict.REQUIRED_CLAIM_MISSING: ("Required claim missing", "bad"),
    Verdict.CREDENTIAL_MISSING: ("No credential to send", "bad"),
    Verdict.EGRESS: ("Address not allowed", "bad"),
    Verdict.DNS: ("Name not found", "bad"),
    Verdict.CONNECT: ("No connection", "bad"),
    Verdict.TLS_SERVER_CERTIFICATE: ("Certificate of the API not trusted", "bad"),
    Verdict.TLS_CLIENT_CERTIFICATE: ("Client certificate refused", "bad"),
    Verdict.TIMEOUT: ("Too slow", "bad"),
    Verdict.TOO_LARGE: ("Answer too large", "bad"),
    Verdict.CIRCUIT_OPEN: ("Not tried: circuit open", "bad"),
    Verdict.NOT_SENT: ("Not sent", "neutral"),
    Verdict.NOT_RECORDED: ("Not tried: cannot be audited", "bad"),
}

PHASES: Final[Mapping[str, str]] = {
    "queue": "waiting for its turn",
    "dns": "DNS",
    "connect": "connect",
    "tls": "TLS",
    "first_byte": "first byte",
    "read": "read",
}

# Marks that turn the direction of text around, and control characters but for tab and line break.
_INVISIBLE: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def visible(text: object) -> str:
    """Return a text with invisible characters written out, cut where it would flood the page."""
    plain = str(text)
    shown = _INVISIBLE.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", plain[:LONGEST].replace("\r\n", "\n"))
    return shown if len(plain) <= LONGEST else f"{shown}… ({len(plain)} characters)"


def body_text(body: str) -> str:
    """Return a body for reading: JSON is indented, anything else stays as it is."""
    if len(body) > LONGEST:
        return body
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict | list) else body


def milliseconds(value: float | None) -> str:
    """Return a duration: ``0.4 ms``, ``18 ms``, ``2.41 s``."""
    if value is None:
        return ""
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def without_query(url: str) -> str:
    """Leave out of an address what may hold a function key."""
    bare, mark, _ = url.partition("?")
    return f"{bare}?…" if mark else bare
