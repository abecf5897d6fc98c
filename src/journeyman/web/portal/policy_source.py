"""The text of a policy with what is wrong where it is wrong: bytes and diagnostics in, lines to draw out."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.diagnostics import Diagnostic, Severity

LINES: Final = 1500
"""The number of lines that one page shows."""

_LONGEST: Final = 2000
TONES: Final = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.INFO: "accent"}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line; ``text`` is cut where it is very long."""

    number: int
    text: str
    found: tuple[Diagnostic, ...] = ()

    @property
    def tone(self) -> str:
        """That of the worst that was found in it; "" for a line in which nothing was."""
        order = list(TONES)
        return TONES[min((one.severity for one in self.found), key=order.index)] if self.found else ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A part of a text.

    Attributes:
        whole: what is wrong with the file as a whole, and in lines of other files.
        first: the number of the first line that is shown.
    """

    lines: tuple[SourceLine, ...]
    total: int
    first: int
    whole: tuple[Diagnostic, ...]

    @property
    def previous(self) -> int | None:
        """The first line of the part before this one; None when this is the first."""
        return max(self.first - LINES, 1) if self.first > 1 else None

    @property
    def next(self) -> int | None:
        """The first line of the part after this one; None when this is the last."""
        following = self.first + LINES
        return following if following <= self.total else None


def source_view(data: bytes, name: str, diagnostics: Iterable[Diagnostic], *, first: int = 1) -> SourceView:
    """Return the part of a policy that begins with line ``first``.

    Args:
        name: the path of the text in diagnostics.
        diagnostics: those of other texts are shown above.
    """
    every = tuple(diagnostics)
    texts = _decoded(data).splitlines()
    begin = min(max(first, 1), max(len(texts), 1))
    in_lines = [one for one in every if one.location.path == name and 0 < one.location.line <= len(texts)]
    shown = enumerate(texts[begin - 1 : begin - 1 + LINES], start=begin)
    lines = tuple(SourceLine(number, _cut(text), _at(in_lines, number)) for number, text in shown)
    return SourceView(lines, len(texts), begin, tuple(one for one in every if one not in in_lines))


def worst_first(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return errors, then warnings, then the rest, each in the order of their places."""
    order = list(TONES)
    return tuple(sorted(diagnostics, key=lambda one: (order.index(one.severity), one.location, one.code)))


def _at(diagnostics: Sequence[Diagnostic], line: int) -> tuple[Diagnostic, ...]:
    return tuple(one for one in diagnostics if one.location.line == line)


def _decoded(data: bytes) -> str:
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
