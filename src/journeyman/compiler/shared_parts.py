"""Compile what policies share once: relying parties of one base have the same claims, profiles and journeys.

A merge leaves what a file does not touch as it is, so shared parts are the same objects. What was
compiled from them is shared too, unless they name the policy (``{policy}``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.compiler.draft import Draft
from journeyman.diagnostics import Diagnostic
from journeyman.policy.model import Policy

_SOURCES: Final = (
    "claim_types",
    "predicates",
    "predicate_validations",
    "input_validations",
    "claims_transformations",
    "client_definitions",
    "content_definitions",
    "localization",
    "display_controls",
    "technical_profiles",
    "user_journeys",
    "sub_journeys",
)
"""The parts of a policy that the shared passes read, and nothing else of it but the tenant and its own id."""
_RESULTS: Final = (
    "sensitivities",
    "predicate_validations",
    "claim_types",
    "transformations",
    "languages",
    "content_definitions",
    "display_controls",
    "technical_profiles",
    "journeys",
    "sub_journeys",
    "lost_outputs",
)
"""What the shared passes write into the draft."""

Pass = Callable[[Draft], None]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was made of some sources; holding them keeps their identities from being given away again."""

    sources: tuple[object, ...]
    tenant_id: str
    policy_id: str | None  # None: fits every policy
    results: tuple[object, ...]
    diagnostics: tuple[Diagnostic, ...]

    def fits(self, policy: Policy) -> bool:
        """Whether it is what the passes would make of ``policy``."""
        return self.tenant_id == policy.tenant_id and self.policy_id in {None, policy.policy_id}


class SharedParts:
    """The shared parts of the policies of one compilation."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], _Kept] = {}

    def run(self, passes: Sequence[Pass], draft: Draft) -> None:
        """Run the passes, or take over what they made of the same sources before."""
        sources = tuple(getattr(draft.policy, name) for name in _SOURCES)
        place = tuple(map(id, sources))
        kept = self._kept.get(place)
        if kept is None or not kept.fits(draft.policy):
            kept = self._kept[place] = _run(passes, draft, sources)
        for name, made in zip(_RESULTS, kept.results, strict=True):
            # A later pass may replace an entry of its own policy.
            setattr(draft, name, made.copy() if isinstance(made, dict | set) else made)
        draft.diagnostics += kept.diagnostics


def _run(passes: Sequence[Pass], draft: Draft, sources: tuple[object, ...]) -> _Kept:
    policy, before = draft.policy, draft.diagnostics
    draft.diagnostics = []
    for run in passes:
        run(draft)
    results = tuple(getattr(draft, name) for name in _RESULTS)
    named = policy.policy_id if draft.names_policy else None
    kept = _Kept(sources, policy.tenant_id, named, results, tuple(draft.diagnostics))
    draft.diagnostics = before
    return kept
