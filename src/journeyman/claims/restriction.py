"""What a person may enter: options, patterns, masks of a claim type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a list."""

    text: str
    value: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a value must satisfy (search semantics, .NET dialect)."""

    expression: str
    help_text: str


@dataclass(frozen=True, slots=True)
class Mask:
    """How a value is shown; ``regex`` None means a simple mask over the leading characters."""

    text: str
    regex: str | None = None
