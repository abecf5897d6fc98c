"""The path of a request in, its segments out: decoded once, ``name('key')`` taken apart, empty ones left out.

Source: graph-api.md §2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from journeyman.management.errors import InvalidError

VERSIONS: Final = ("v1.0", "beta")
MAX_SEGMENTS: Final = 16

_CALL: Final = re.compile(r"(?P<name>[A-Za-z$_][\w.$]*)\((?P<inner>.*)\)", re.DOTALL)
_NAMED_KEY: Final = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*=\s*'(?P<value>(?:[^']|'')*)'\s*", re.DOTALL)
_QUOTED: Final = re.compile(r"\s*'(?P<value>(?:[^']|'')*)'\s*", re.DOTALL)
_PLAIN_KEY: Final = re.compile(r"[\w.@+-]+")
_NAMESPACE: Final = "microsoft.graph."


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a path.

    Attributes:
        is_key: it stood in brackets, so it is never a word of ours.
        key_name: ``appId`` of ``applications(appId='…')``, else "".
    """

    text: str
    is_key: bool = False
    key_name: str = ""

    @property
    def word(self) -> str:
        """The segment as words of ours are compared."""
        return self.text.lower().removeprefix(_NAMESPACE)


def version_of(path: str) -> str | None:
    """Return the version that a path begins with, None when it is no path of this API."""
    first = path.lstrip("/").partition("/")[0].lower()
    return first if first in VERSIONS else None


def parse_segments(raw_path: bytes) -> tuple[Segment, ...]:
    """Return the segments of a path that is still percent-encoded.

    Raises:
        InvalidError: it is not UTF-8, holds a NUL, or has too many segments.
    """
    parts = [part for part in raw_path.split(b"/") if part]
    if len(parts) > MAX_SEGMENTS:
        raise InvalidError("the address has too many segments")
    return tuple(segment for part in parts for segment in _segments(_decoded(part)))


def _decoded(part: bytes) -> str:
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise InvalidError("the address is not UTF-8") from None
    if "\0" in text:
        raise InvalidError("the address holds a NUL")
    return text


def _segments(text: str) -> tuple[Segment, ...]:
    call = _CALL.fullmatch(text)
    if call is None:
        return (Segment(text),)
    name, inner = call["name"], call["inner"]
    if not inner.strip():
        return (Segment(name),)
    if (named := _NAMED_KEY.fullmatch(inner)) is not None:
        key = Segment(named["value"].replace("''", "'"), is_key=True, key_name=named["name"].lower())
    elif (quoted := _QUOTED.fullmatch(inner)) is not None:
        key = Segment(quoted["value"].replace("''", "'"), is_key=True)
    elif _PLAIN_KEY.fullmatch(inner):
        key = Segment(inner, is_key=True)
    else:
        return (Segment(text),)
    return Segment(name), key
