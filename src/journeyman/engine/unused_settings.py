"""Settings of profiles that have no effect: the settings and the policies of a tenant folder in, diagnostics out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from journeyman.compiler.handlers import API_CALLS, handler_of
from journeyman.diagnostics import Diagnostic, Location, Rule, Severity
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import TechnicalProfile
from journeyman.settings import FILE_NAME, Settings

_CALLS: Final = {handler.casefold() for handler in API_CALLS} | {""}

UNUSED_PROFILE: Final = Rule(
    code="JM1161",
    severity=Severity.WARNING,
    message='[profiles."{profile}"] has no effect: {reason}.',
    help="{advice}",
    source="docs/reference/settings.md",
)


def unused_profile_settings(settings: Settings, loaded: LoadedPolicies) -> Iterator[Diagnostic]:
    """Yield a warning for each table of ``[profiles]`` that is not that of a profile which calls an API."""
    if not settings.profiles:
        return
    known: dict[str, TechnicalProfile] = {}
    for name, policy in loaded.policies.items():
        known |= (loaded.merged(name)[0] or policy).technical_profiles
    for name in settings.profiles:
        profile = known.get(name)
        if profile is None:
            near = difflib.get_close_matches(name, known, n=1)
            advice = f"did you mean {known[near[0]].id!r}?" if near else f"remove it from {FILE_NAME}"
            yield _unused(name, "no policy has a technical profile of this id", advice)
        elif handler_of(profile).casefold() not in _CALLS:
            yield _unused(profile.id, "the profile calls no API", f"remove it from {FILE_NAME}")


def _unused(profile_id: str, reason: str, advice: str) -> Diagnostic:
    return UNUSED_PROFILE.at(Location(FILE_NAME), element=profile_id, profile=profile_id, reason=reason, advice=advice)
