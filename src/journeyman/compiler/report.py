"""What ``check`` prints: verdicts and diagnostics in, lines of text or one JSON object out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypedDict

from journeyman.diagnostics import Diagnostic, Severity

_RANK: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one policy file can be used."""

    id: str
    path: str
    ok: bool


class VerdictJson(TypedDict):
    """One object of ``policies``."""

    id: str
    path: str
    ok: bool


class DiagnosticJson(TypedDict):
    """One object of ``diagnostics``; line and column count from 1, 0 means the file as a whole."""

    code: str
    severity: str
    message: str
    path: str
    line: int
    column: int
    help: str
    element: str


class ReportJson(TypedDict):
    """The whole report."""

    policies: list[VerdictJson]
    diagnostics: list[DiagnosticJson]


def distinct(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return each diagnostic once, by place: what many policies inherit from one base is one mistake.

    Of the same code, place and message the gravest is kept.
    """
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for diagnostic in diagnostics:
        same = (diagnostic.code, diagnostic.location, diagnostic.element, diagnostic.message)
        other = kept.get(same)
        if other is None or _RANK[diagnostic.severity] < _RANK[other.severity]:
            kept[same] = diagnostic
    return tuple(sorted(kept.values(), key=lambda each: (each.location, _RANK[each.severity], each.code, each.message)))


def text_lines(verdicts: Iterable[Verdict], diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield one line per diagnostic, each followed by its remedy, then one line per policy."""
    for diagnostic in diagnostics:
        yield str(diagnostic)
        if diagnostic.help:
            yield f"    help: {diagnostic.help}"
    for verdict in verdicts:
        yield f"{verdict.path}: {verdict.id} {'ok' if verdict.ok else 'has errors'}"


def json_object(verdicts: Iterable[Verdict], diagnostics: Iterable[Diagnostic]) -> ReportJson:
    """Return the report as an object that ``json.dumps`` takes."""
    return ReportJson(
        policies=[VerdictJson(id=verdict.id, path=verdict.path, ok=verdict.ok) for verdict in verdicts],
        diagnostics=[_as_json(diagnostic) for diagnostic in diagnostics],
    )


def _as_json(diagnostic: Diagnostic) -> DiagnosticJson:
    return DiagnosticJson(
        code=diagnostic.code,
        severity=diagnostic.severity.value,
        message=diagnostic.message,
        path=diagnostic.location.path,
        line=diagnostic.location.line,
        column=diagnostic.location.column,
        help=diagnostic.help,
        element=diagnostic.element,
    )
