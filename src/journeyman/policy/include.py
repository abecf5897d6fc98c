"""Complete technical profiles with those that they include, over the profiles of the whole merged policy.

Source: policy-language.md §2.3.1. The size of the result is limited by this project: a small policy
could otherwise ask for gigabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from journeyman.policy import rules
from journeyman.policy.keyed import derived_first
from journeyman.policy.merge_technical_profile import claim_key, merge_technical_profile
from journeyman.policy.model import Reference, TechnicalProfile, key
from journeyman.policy.problems import Problems

_MAX_NAMED: Final = 10
_MAX_ENTRIES: Final = 200_000

Profiles = Mapping[str, TechnicalProfile]


def resolve_includes(profiles: Profiles, problems: Problems) -> Profiles:
    """Return the profiles completed by IncludeTechnicalProfile, then by IncludeClaimsFromTechnicalProfile.

    A profile whose include is missing or leads back to itself stays as it is, which is reported.
    """
    included = _Resolution(profiles, problems, _included, _include).run()
    return _Resolution(included, problems, _claims_source, _include_claims).run()


class _Resolution:
    """Follows one kind of reference from profile to profile, without recursion."""

    def __init__(
        self,
        profiles: Profiles,
        problems: Problems,
        reference_of: Callable[[TechnicalProfile], Reference | None],
        combine: Callable[[TechnicalProfile, TechnicalProfile], TechnicalProfile],
    ) -> None:
        self._profiles = profiles
        self._problems = problems
        self._reference_of = reference_of
        self._combine = combine
        self._done: dict[str, TechnicalProfile] = {}
        self._entries = 0

    def run(self) -> Profiles:
        """Resolve all profiles; the mapping itself when there is nothing to do."""
        wanting = [name for name, profile in self._profiles.items() if self._reference_of(profile)]
        if not wanting:
            return self._profiles
        for name in wanting:
            if self._entries <= _MAX_ENTRIES:
                self._resolve(name)
        return {name: self._done.get(name, profile) for name, profile in self._profiles.items()}

    def _resolve(self, name: str) -> None:
        for each in reversed(self._path(name)):
            profile = self._profiles[each]
            reference = self._reference_of(profile)
            source = self._done.get(key(reference.id)) if reference else None
            self._done[each] = self._combine(source, profile) if source else profile
            self._entries += _entries(self._done[each]) if source else 0
            if self._entries > _MAX_ENTRIES:
                self._problems.report(rules.INCLUDE_LIMIT, profile.location, element=profile.id, limit=_MAX_ENTRIES)
                return

    def _path(self, name: str) -> list[str]:
        """Return the profiles from ``name`` to the first that is resolved already, or needs no other."""
        path: list[str] = []
        seen: set[str] = set()
        current: str | None = name
        while current is not None and current not in self._done:
            path.append(current)
            seen.add(current)
            current = self._next(current, path, seen)
        return path

    def _next(self, name: str, path: list[str], seen: set[str]) -> str | None:
        profile = self._profiles[name]
        reference = self._reference_of(profile)
        if reference is None:
            return None
        wanted = key(reference.id)
        if wanted in seen:
            circle = [self._profiles[each].id for each in [*path[path.index(wanted) :], wanted]]
            text = " → ".join(circle if len(circle) <= _MAX_NAMED else [*circle[:_MAX_NAMED], "…"])
            self._problems.report(rules.INCLUDE_CYCLE, reference.location, element=profile.id, path=text)
            return None
        if wanted not in self._profiles:
            self._problems.report(rules.MISSING_INCLUDE, reference.location, element=profile.id, id=reference.id)
            return None
        return wanted


def _included(profile: TechnicalProfile) -> Reference | None:
    return profile.include_technical_profile


def _include(included: TechnicalProfile, profile: TechnicalProfile) -> TechnicalProfile:
    """Merge with ``profile`` as the derived side; its id, provider and references stay its own."""
    return replace(
        merge_technical_profile(included, profile),
        id=profile.id,
        provider_display_name=profile.provider_display_name,
        include_technical_profile=profile.include_technical_profile,
    )


def _claims_source(profile: TechnicalProfile) -> Reference | None:
    return profile.include_claims_from_technical_profile


def _include_claims(source: TechnicalProfile, profile: TechnicalProfile) -> TechnicalProfile:
    return replace(
        profile,
        input_claims=derived_first(source.input_claims, profile.input_claims, claim_key),
        output_claims=derived_first(source.output_claims, profile.output_claims, claim_key),
    )


def _entries(profile: TechnicalProfile) -> int:
    claims = len(profile.input_claims) + len(profile.output_claims) + len(profile.persisted_claims)
    lists = len(profile.display_claims) + len(profile.validation_technical_profiles)
    transformations = len(profile.input_claims_transformations) + len(profile.output_claims_transformations)
    return 1 + claims + lists + transformations + len(profile.metadata) + len(profile.cryptographic_keys)
