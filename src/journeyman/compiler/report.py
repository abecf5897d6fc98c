"""What ``check`` prints: verdicts and diagnostics in, lines of text or one JSON object out.

Formats: text for people, JSON for programs, SARIF 2.1.0 (OASIS) for code scanning, and the workflow
commands with which GitHub annotates a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypedDict
from urllib.parse import quote

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
        same = (diagnostic.code, diagnostic.location, diagnostic.message)
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


# --- SARIF and workflow commands ---------------------------------------------------------------

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def sarif_object(diagnostics: Iterable[Diagnostic]) -> dict[str, object]:
    """Return a SARIF 2.1.0 log with one run."""
    found = tuple(diagnostics)
    rules = {diagnostic.code: diagnostic.rule for diagnostic in found}
    described = [
        {"id": code, "shortDescription": {"text": rule.message}, "help": {"text": f"{rule.help} ({rule.source})"}}
        for code, rule in sorted(rules.items())
    ]
    driver = {"name": "journeyman", "rules": described}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_sarif_result(each) for each in found]}],
    }


def _sarif_result(diagnostic: Diagnostic) -> dict[str, object]:
    place = diagnostic.location
    physical: dict[str, object] = {"artifactLocation": {"uri": quote(place.path)}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    location: dict[str, object] = {"physicalLocation": physical}
    if diagnostic.element:
        location["logicalLocations"] = [{"name": diagnostic.element}]
    return {
        "ruleId": diagnostic.code,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": diagnostic.message},
        "locations": [location],
    }


def github_lines(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield one workflow command per diagnostic."""
    for diagnostic in diagnostics:
        place = diagnostic.location
        title = f"{diagnostic.code} {diagnostic.element}".strip()
        properties = {"file": place.path, "line": str(place.line), "col": str(place.column), "title": title}
        written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{_COMMANDS[diagnostic.severity]} {written}::{_data(diagnostic.message)}"


def _data(text: str) -> str:
    # The escapes of workflow commands; without them a text could end the command and begin another.
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
