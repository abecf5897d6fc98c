"""Look for a secret in bytes in every form in which a program may write it by accident."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from markupsafe import escape

FRAGMENT = 24
"""A longer secret is also looked for by this many of its first and of its last bytes: it may have been cut."""


@dataclass(frozen=True)
class Canary:
    """A secret; ``alone`` when it is too short to be looked for but as a word of its own."""

    name: str
    value: bytes
    alone: bool = False


@dataclass(frozen=True)
class Sighting:
    """Where a canary was seen, in which form, and what stands around it."""

    canary: str
    form: str
    place: str
    around: str

    def __str__(self) -> str:
        return f"{self.canary}, {self.form}, in {self.place}: …{self.around}…"


def forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each form and the bytes to look for."""
    yield "clear", value
    for offset in range(3):
        encoded = _base64(value, offset)
        yield f"base64 at offset {offset}", encoded
        yield f"base64url at offset {offset}", encoded.translate(bytes.maketrans(b"+/", b"-_"))
    yield "hex", value.hex().encode()
    yield "HEX", value.hex().upper().encode()
    yield "hex with colons", value.hex(":").encode()
    if len(value) > FRAGMENT + 8:
        yield f"first {FRAGMENT} bytes", value[:FRAGMENT]
        yield f"last {FRAGMENT} bytes", value[-FRAGMENT:]
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    yield from ((form, written.encode()) for form, written in _text_forms(text))
    yield "UTF-16", text.encode("utf-16-le")


def look(canaries: Iterable[Canary], place: str, data: bytes) -> list[Sighting]:
    """Return each form of each canary that is in ``data``, once."""
    found: list[Sighting] = []
    for canary in canaries:
        for form, start, end in _hits(canary, data):
            around = data[max(0, start - 60) : end + 30].decode("utf-8", "backslashreplace")
            found.append(Sighting(canary.name, form, place, around))
    return found


def _hits(canary: Canary, data: bytes) -> Iterator[tuple[str, int, int]]:
    if canary.alone:
        hit = re.search(rb"(?<![0-9A-Za-z.])%b(?![0-9A-Za-z])" % re.escape(canary.value), data)
        if hit:
            yield "clear", hit.start(), hit.end()
        return
    seen: set[bytes] = set()
    for form, needle in forms(canary.value):
        start = -1 if needle in seen else data.find(needle)
        seen.add(needle)
        if start >= 0:
            yield form, start, start + len(needle)


def _base64(value: bytes, offset: int) -> bytes:
    """Return the characters that are the same whatever stands before the value, at this offset, and behind it."""
    characters = base64.b64encode(b"\0" * offset + value)
    return characters[(0, 2, 3)[offset] : (offset + len(value)) * 8 // 6]


def _text_forms(text: str) -> Iterator[tuple[str, str]]:
    yield "URL-encoded", quote(text, safe="")
    yield "URL-encoded but slashes", quote(text)
    yield "form-encoded", quote_plus(text)
    yield "URL-encoded in lower case", re.sub("%..", lambda found: found[0].lower(), quote(text, safe=""))
    yield "URL-encoded twice", quote(quote(text, safe=""), safe="")
    once, unicode = json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]
    yield "JSON", once
    yield "JSON in UTF-8", unicode
    yield "JSON in JSON", json.dumps(once)[1:-1]
    yield "JSON in UTF-8 in JSON", json.dumps(unicode)[1:-1]
    yield "HTML", html.escape(text)
    yield "HTML by Jinja", str(escape(text))
    yield "JSON in HTML", str(escape(once))
    yield "JSON in UTF-8 in HTML", str(escape(unicode))
    yield "Python", repr(text)[1:-1]
    yield "Python bytes", repr(text.encode())[2:-1]
