"""Thousands of canaries at once: each holds 24 random hexadecimal digits, and one pass over bytes finds any of them.

What stands around the digits is what encodings change: quotes, umlauts, percent signs. The digits survive in clear,
in JSON, URLs, forms, HTML and Python; base64 and hexadecimal are decoded first, twice, because a token may hold a
token. Twelve digits in a row are enough to know a canary by, so one that was cut is found, too.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

WINDOW = 12
SPECIAL = '"<&>+/\\%ü'
_DIGITS = re.compile(rb"[0-9a-f]{%d,}" % WINDOW)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{20,}")
_HEX = re.compile(rb"(?:[0-9a-f]{2}){24,}")


@dataclass
class Flock:
    """The canaries of one drive; ``windows`` leads from any twelve digits of one to its number."""

    values: list[str] = field(default_factory=list)
    windows: dict[bytes, int] = field(default_factory=dict)

    def hatch(self, *, plain: bool = False) -> str:
        """Return a new canary; ``plain`` for places that take no letters but simple ones, such as a header."""
        digits = secrets.token_hex(12)
        value = f"Aa1!{digits}" if plain else f"Aa1!{digits}{SPECIAL}"
        for start in range(len(digits) - WINDOW + 1):
            self.windows[digits[start : start + WINDOW].encode()] = len(self.values)
        self.values.append(value)
        return value

    def seen(self, place: str, data: bytes) -> list[str]:
        """Return one line for each canary in ``data``, whatever it is written as."""
        found: dict[int, str] = {}
        for form, view in views(data):
            for run in _DIGITS.finditer(view):
                digits = run.group()
                for start in range(len(digits) - WINDOW + 1):
                    number = self.windows.get(digits[start : start + WINDOW])
                    if number is not None:
                        around = view[max(0, run.start() - 60) : run.end() + 30].decode("utf-8", "backslashreplace")
                        found.setdefault(number, f"canary {number}, {form}, in {place}: …{around}…")
        return list(found.values())


def views(data: bytes, depth: int = 2, form: str = "clear") -> Iterator[tuple[str, bytes]]:
    """Yield the bytes as they are and everything in them that can be decoded, with how."""
    lower = data.lower()
    yield form, lower
    if b"\0" in data:
        yield f"{form}, UTF-16", lower.replace(b"\0", b"")
    if depth == 0:
        return
    decoded = b"\n".join(_from_base64(data))
    if decoded:
        yield from views(decoded, depth - 1, f"{form}, base64")
    decoded = b"\n".join(bytes.fromhex(run.group().decode()) for run in _HEX.finditer(lower))
    if decoded:
        yield from views(decoded, 0, f"{form}, hex")


def _from_base64(data: bytes) -> Iterator[bytes]:
    for run in _BASE64.finditer(data):
        text = run.group().translate(bytes.maketrans(b"-_", b"+/"))
        for offset in range(4):
            piece = text[offset:]
            try:
                yield base64.b64decode(piece[: len(piece) // 4 * 4])
            except binascii.Error:
                continue
