"""What an identity provider said in, values by their names on the wire out.

A value that does not fit its claim is left out, so that one odd member does not end a sign-in.
Source: technical-profiles.md §25.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeyman.claims.values import ConversionError, convert
from journeyman.compiler.compiled import ClaimMapping, TechnicalProfile
from journeyman.connector.json_path import compile_path


def values_of(profile: TechnicalProfile, document: Mapping[str, Any], *, json_paths: bool) -> dict[str, object]:
    """Return what ``document`` holds for the output claims of a profile."""
    found: dict[str, object] = {}
    for mapping in profile.output_claims:
        value = _find(document, mapping.name, json_paths=json_paths)
        if value is not None and _fits(value, mapping):
            found[mapping.name] = value
    return found


def _find(document: Mapping[str, Any], name: str, *, json_paths: bool) -> object:
    if name in document:
        return document[name]
    path = compile_path(name) if json_paths else None
    return path.find(dict(document)) if path is not None else None


def _fits(value: object, mapping: ClaimMapping) -> bool:
    try:
        convert(value, mapping.claim.data_type)
    except ConversionError:
        return False
    return True
