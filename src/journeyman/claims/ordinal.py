"""Ordinal text operations of .NET: comparison and invariant case, one character for one character."""

from __future__ import annotations

from typing import Final

_KEPT: Final = frozenset("ıſ")
"""Characters that invariant upper-casing leaves alone: the Turkish dotless i and the long s."""


def upper(text: str) -> str:
    """Return ``text`` in upper case, invariant culture: ``ß`` stays, no Turkish i."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def lower(text: str) -> str:
    """Return ``text`` in lower case, invariant culture."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def equal(first: str, second: str, *, ignore_case: bool) -> bool:
    """Compare by Ordinal or OrdinalIgnoreCase."""
    return upper(first) == upper(second) if ignore_case else first == second


def contains(text: str, part: str, *, ignore_case: bool) -> bool:
    """Whether ``part`` occurs in ``text``."""
    return upper(part) in upper(text) if ignore_case else part in text


def _upper(character: str) -> str:
    changed = character.upper()
    return character if len(changed) != 1 or character in _KEPT else changed


def _lower(character: str) -> str:
    changed = character.lower()
    return changed if len(changed) == 1 else character
