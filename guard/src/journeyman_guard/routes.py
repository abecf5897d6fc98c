"""Which check guards which route: a method and a path in, a check or nothing out.

A pattern is written ``POST /api/members/{memberId}``; a name in braces stands for one segment. There is no wildcard
for several segments, and two patterns that could match one path are refused, so it is always plain which check holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError

_ROUTE: Final = re.compile(r"([A-Z]+) (/\S*)")
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_LITERAL: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@]+")
# A server, a proxy and an application may read these differently, so no guarded path has them.
_AMBIGUOUS_RAW: Final = re.compile(rb"%2f|%5c|%00|;", re.IGNORECASE)
_ANY: Final = None


@dataclass(frozen=True, slots=True)
class GuardedRoute:
    """One method and one path pattern; None stands for any one segment."""

    method: str
    segments: tuple[str | None, ...]
    check: Check

    def matches(self, method: str, segments: tuple[str, ...]) -> bool:
        """Return whether a request is for this route."""
        if method != self.method or len(segments) != len(self.segments):
            return False
        return all(ours in (_ANY, theirs) for ours, theirs in zip(self.segments, segments, strict=True))

    def overlaps(self, other: GuardedRoute) -> bool:
        """Return whether one request could be for both."""
        if self.method != other.method or len(self.segments) != len(other.segments):
            return False
        pairs = zip(self.segments, other.segments, strict=True)
        return all(ours == theirs or _ANY in (ours, theirs) for ours, theirs in pairs)


def compile_routes(policy: Mapping[str, Check]) -> tuple[GuardedRoute, ...]:
    """Read a policy. Raises MisconfiguredError for a pattern that is malformed, doubled or without a check."""
    routes: list[GuardedRoute] = []
    for text, check in policy.items():
        route = _compile(text, check)
        if any(route.overlaps(other) for other in routes):
            raise MisconfiguredError(f"{text}: another pattern matches the same path")
        routes.append(route)
    return tuple(routes)


def find_check(routes: tuple[GuardedRoute, ...], method: str, path: str, raw_path: bytes) -> Check | None:
    """Return the check of a request, or None when its route is not listed or its path is ambiguous."""
    segments = tuple(path.split("/"))[1:]
    # Only the path "/" itself may have an empty segment.
    usable = path == "/" or all(segment not in ("", ".", "..") for segment in segments)
    if not path.startswith("/") or not usable or "\\" in path or not path.isprintable():
        return None
    if _AMBIGUOUS_RAW.search(raw_path):
        return None
    return next((route.check for route in routes if route.matches(method, segments)), None)


def _compile(text: str, check: Check) -> GuardedRoute:
    match = _ROUTE.fullmatch(text)
    if match is None:
        raise MisconfiguredError(f"{text!r}: write the method and the path, for example 'POST /api/members'")
    if not callable(getattr(check, "check", None)):
        raise MisconfiguredError(f"{text}: that is not a check; say AnyoneCheck() for an open route")
    segments = () if match[2] == "/" else tuple(match[2].split("/"))[1:]
    return GuardedRoute(match[1], tuple(_segment(text, part) for part in segments) or ("",), check)


def _segment(text: str, part: str) -> str | None:
    if _PLACEHOLDER.fullmatch(part):
        return _ANY
    if not _LITERAL.fullmatch(part) or part in (".", ".."):
        raise MisconfiguredError(f"{text}: {part!r} is neither a plain segment nor a name in braces")
    return part
