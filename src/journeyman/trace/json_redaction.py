"""Parsed JSON in, JSON of the same shape with redacted values out; bounded in depth and number of values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from journeyman.claims.claim_type import Sensitivity

_DEPTH_LIMIT: Final = 8
_VALUES_LIMIT: Final = 400
_MORE: Final = "(more is not shown)"


class Plain(Protocol):
    """Return a text as a record may show it in clear."""

    def __call__(self, text: str, *, limit: int = ...) -> str:
        """Return it in one line, cut at ``limit``."""
        ...


class JsonWalk:
    """One walk over one value; a fresh one is needed for every value, because it counts what it has shown."""

    def __init__(
        self,
        secret: Callable[[str], str],
        masked: Callable[[object], str],
        plain: Plain,
        names: Mapping[str, Sensitivity],
        *,
        show_personal: bool,
    ) -> None:
        self._secret = secret
        self._masked = masked
        self._plain = plain
        self._names = names
        self._show_personal = show_personal
        self._left = _VALUES_LIMIT

    def redact(self, value: object, path: str = "", depth: int = 0) -> object:
        """Return the value redacted; ``path`` is the names and indexes that lead to it, joined by dots."""
        if isinstance(value, dict | list) and depth >= _DEPTH_LIMIT:
            return _kind(value)
        if isinstance(value, dict):
            return self._members(value, path, depth)
        if isinstance(value, list):
            return self._elements(value, path, depth)
        return value if value is None else _kind(value)

    def _members(self, value: Mapping[str, object], path: str, depth: int) -> dict[str, object]:
        shown: dict[str, object] = {}
        for name, member in value.items():
            if not self._take():
                shown["…"] = _MORE
                break
            shown[self._plain(name, limit=64)] = self._known_or_not(member, f"{path}.{name}" if path else name, depth)
        return shown

    def _elements(self, value: list[object], path: str, depth: int) -> list[object]:
        shown: list[object] = []
        for index, element in enumerate(value):
            if not self._take():
                return [*shown, _MORE]
            shown.append(self._known_or_not(element, f"{path}.{index}" if path else str(index), depth))
        return shown

    def _known_or_not(self, value: object, path: str, depth: int) -> object:
        match self._names.get(path):
            case None:
                return self.redact(value, path, depth + 1)
            case Sensitivity.SECRET:
                return None if value is None else self._secret(_text(value))
            case sensitivity:
                plain = sensitivity is Sensitivity.PLAIN or self._show_personal
                return self._known(value, path, depth, plain=plain)

    def _known(self, value: object, path: str, depth: int, *, plain: bool) -> object:
        """Return a value that may be shown, in full or masked; of an object only the members that may."""
        if isinstance(value, dict):
            return self.redact(value, path, depth + 1)
        if isinstance(value, list):
            if depth >= _DEPTH_LIMIT:
                return _kind(value)
            shown = [self._known(element, path, depth + 1, plain=plain) for element in value if self._take()]
            return shown if len(shown) == len(value) else [*shown, _MORE]
        if value is None:
            return None
        if not plain:
            return self._masked(value)
        return self._plain(value) if isinstance(value, str) else value

    def _take(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _kind(value: object) -> str:
    """Return the type and the length of a value."""
    match value:
        case bool():
            return "(hidden, boolean)"
        case str():
            return f"(hidden, string, {len(value)} characters)"
        case list():
            return f"(hidden, array, {len(value)} elements)"
        case dict():
            return f"(hidden, object, {len(value)} members)"
        case _:
            return "(hidden, number)"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
