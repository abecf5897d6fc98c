"""Composite formatting of .NET: ``{0}``, ``{0,8}``, ``{0:D6}``, ``{{`` in, text out (claims.md B.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.claims.json_text import MAX_TEXT

MAX_FORMAT: Final = 4000
"""The longest format string, in characters."""

_PIECE: Final = re.compile(r"\{\{|\}\}|\{\s*([0-9]{1,3})\s*(?:,\s*(-?[0-9]{1,4})\s*)?(?::([^{}]*))?\}|[{}]|[^{}]+")
_PADDED: Final = re.compile(r"[Dd]([0-9]{1,2})|(0{1,99})")


class FormatError(ValueError):
    """The format string is wrong; the message never contains an argument."""


@dataclass(frozen=True, slots=True)
class _Item:
    index: int
    width: int
    spec: str


def format_composite(template: str, arguments: Sequence[str | int]) -> str:
    """Fill the items of ``template``; a format after the colon counts for numbers only.

    Raises:
        FormatError: the template is too long or malformed, names an argument that is not there, or the text
            would be longer than a value may be.
    """
    made: list[str] = []
    length = 0
    for piece in _pieces(template):
        made.append(piece if isinstance(piece, str) else _fill(piece, arguments))
        length += len(made[-1])
        if length > MAX_TEXT:
            raise FormatError(f"the formatted text is longer than {MAX_TEXT} characters")
    return "".join(made)


def check_format(template: str, count: int) -> None:
    """Check a template for ``count`` arguments. Raises FormatError."""
    format_composite(template, [""] * count)


def _pieces(template: str) -> Iterator[str | _Item]:
    if len(template) > MAX_FORMAT:
        raise FormatError(f"the format string is longer than {MAX_FORMAT} characters")
    for found in _PIECE.finditer(template):
        if found[1] is not None:
            yield _Item(int(found[1]), int(found[2] or 0), found[3] or "")
        elif found[0] in {"{{", "}}"}:
            yield found[0][0]
        elif found[0] in {"{", "}"}:
            raise FormatError("the format string has a brace that belongs to no item")
        else:
            yield found[0]


def _fill(item: _Item, arguments: Sequence[str | int]) -> str:
    if item.index >= len(arguments):
        raise FormatError(f"the format string names argument {item.index} of {len(arguments)}")
    argument = arguments[item.index]
    text = argument if isinstance(argument, str) else _number(argument, item.spec)
    return text.ljust(-item.width) if item.width < 0 else text.rjust(item.width)


def _number(value: int, spec: str) -> str:
    padded = _PADDED.fullmatch(spec)
    if padded is None:
        return str(value)
    digits = int(padded[1]) if padded[1] else len(padded[2])
    return f"{'-' if value < 0 else ''}{abs(value):0{digits}d}" if digits else str(value)
