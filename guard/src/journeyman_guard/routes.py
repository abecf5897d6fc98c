"""Which check guards which route: a method and a path in, a check or nothing out.

A pattern is written ``POST /api/members/{memberId}``; a name in braces stands for one segment. Two patterns that could match
one path are refused, so it is always plain which check holds. ``ANY`` stands for every method, and ``/**`` at the end for every
path below; such a pattern holds where no narrower one does: the narrower path first, then the named method.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.request import GuardRequest

_ROUTE: Final = re.compile(r"([A-Z]+) (/\S*)")
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_LITERAL: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@]+")
# A server, a proxy and an application may read these differently, so no guarded path has them.
_AMBIGUOUS_RAW: Final = re.compile(rb"%2f|%5c|%00|%25|;|[^\x21-\x7e]", re.IGNORECASE)
_USABLE: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[^/\\]+)+|/")
_ANY: Final = None
_EVERY_METHOD: Final = "ANY"
_BELOW: Final = "/**"


@dataclass(frozen=True, slots=True)
class GuardedRoute:
    """One method and one path pattern; None stands for any one segment.

    Attributes:
        below: whether every path below the segments is meant too.
        raw_path: the path as it arrives when nothing in it is encoded; empty for a pattern.
    """

    text: str
    method: str
    segments: tuple[str | None, ...]
    below: bool
    check: Check
    raw_path: bytes = b""

    def matches(self, method: str, segments: tuple[str, ...]) -> bool:
        """Return whether a request is for this route."""
        if self.method not in (method, _EVERY_METHOD):
            return False
        if self.below:
            segments = segments[: len(self.segments)]
        if len(segments) != len(self.segments):
            return False
        return all(ours in (_ANY, theirs) for ours, theirs in zip(self.segments, segments, strict=True))

    def overlaps(self, other: GuardedRoute) -> bool:
        """Return whether one request could be for both, and neither is the narrower."""
        if (self.method, self.below, len(self.segments)) != (other.method, other.below, len(other.segments)):
            return False
        pairs = zip(self.segments, other.segments, strict=True)
        return all(ours == theirs or _ANY in (ours, theirs) for ours, theirs in pairs)

    @property
    def rank(self) -> tuple[bool, int, bool]:
        """Sort the narrower pattern before the wider one."""
        return self.below, -len(self.segments), self.method == _EVERY_METHOD


class RouteTable:
    """The routes of a policy. Raises MisconfiguredError for a pattern that is malformed, doubled or without a check."""

    def __init__(self, policy: Mapping[str, Check]) -> None:
        self.routes = compile_routes(policy)
        self._literal = {
            (route.method, "/" + "/".join(str(segment) for segment in route.segments)): route
            for route in self.routes
            if not route.below and _ANY not in route.segments and route.method != _EVERY_METHOD
        }

    def find(self, request: GuardRequest) -> GuardedRoute | None:
        """Return the route of a request, or None when it is not listed or its path is ambiguous."""
        raw_path = request.raw_path
        found = self._literal.get((request.method, request.path))
        # A literal path that arrived as it is written can be read in one way only.
        if found is not None and raw_path and raw_path == found.raw_path:
            return found
        if _AMBIGUOUS_RAW.search(raw_path):
            return None
        return found or find_route(self.routes, request.method, request.path)


def compile_routes(policy: Mapping[str, Check]) -> tuple[GuardedRoute, ...]:
    """Read a policy, the narrowest pattern first. Raises MisconfiguredError."""
    routes: list[GuardedRoute] = []
    for text, check in policy.items():
        route = _compile(text, check)
        if any(route.overlaps(other) for other in routes):
            raise MisconfiguredError(f"{text}: another pattern matches the same path")
        routes.append(route)
    return tuple(sorted(routes, key=lambda route: route.rank))


def find_route(routes: tuple[GuardedRoute, ...], method: str, path: str) -> GuardedRoute | None:
    """Return the route of a path that can be read in one way only."""
    if not _USABLE.fullmatch(path) or not path.isprintable() or not method.isalpha() or not method.isupper():
        return None
    segments = tuple(path.split("/"))[1:]
    return next((route for route in routes if route.matches(method, segments)), None)


def _compile(text: str, check: Check) -> GuardedRoute:
    match = _ROUTE.fullmatch(text)
    if match is None:
        raise MisconfiguredError(f"{text!r}: write the method and the path, for example 'POST /api/members'")
    if not callable(getattr(check, "check", None)):
        raise MisconfiguredError(f"{text}: that is not a check; say AnyoneCheck() for an open route")
    path, below = match[2], match[2].endswith(_BELOW)
    if below:
        path = path.removesuffix(_BELOW)
        parts = path.split("/")[1:]
    else:
        parts = [""] if path == "/" else path.split("/")[1:]
    segments = tuple(_segment(text, part) for part in parts) if parts != [""] else ("",)
    literal = not below and _ANY not in segments and ";" not in path
    return GuardedRoute(text, match[1], segments, below, check, path.encode() if literal else b"")


def _segment(text: str, part: str) -> str | None:
    if _PLACEHOLDER.fullmatch(part):
        return _ANY
    if not _LITERAL.fullmatch(part) or part in (".", "..", "**"):
        raise MisconfiguredError(f"{text}: {part!r} is neither a plain segment nor a name in braces")
    return part
