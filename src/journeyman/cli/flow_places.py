"""Say of declared user flows where they stand in ``journeyman.toml``: a report on policies in, the same with places out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from journeyman.compiler.compile_folder import CompileResult
from journeyman.diagnostics import Diagnostic, Location
from journeyman.settings import FILE_NAME, Settings
from journeyman.settings.places import nearest, places_of

FLOW: Final = "user flow "
"""What stands before the id of a user flow in place of the path of a file."""


def at_place_of_flows(result: CompileResult, settings: Settings) -> CompileResult:
    """Return the report with the places of user flows that ``journeyman.toml`` declares."""
    declared = _declared(settings)
    return replace(
        result,
        verdicts=tuple(replace(each, path=FILE_NAME) if each.path in declared else each for each in result.verdicts),
        diagnostics=diagnostics_at_flows(result.diagnostics, settings),
    )


def diagnostics_at_flows(diagnostics: Sequence[Diagnostic], settings: Settings) -> tuple[Diagnostic, ...]:
    """Return diagnostics with the places of user flows that ``journeyman.toml`` declares."""
    declared = _declared(settings)
    if not declared:
        return tuple(diagnostics)
    places = places_of(settings.folder)

    def moved(found: Diagnostic) -> Diagnostic:
        index = declared.get(found.location.path)
        if index is None:
            return found
        keys = tuple(int(part) if part.isdecimal() else part for part in found.element.split("."))
        line, column = nearest(places, ("user_flows", index, *keys))
        return replace(found, location=Location(FILE_NAME, line, column))

    return tuple(moved(each) for each in diagnostics)


def _declared(settings: Settings) -> dict[str, int]:
    return {f"{FLOW}{flow.id}": index for index, flow in enumerate(settings.identity.user_flows)}
