"""Find what a reference means: an id as written in, the element with its declared spelling out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from journeyman.claims.claim_type import ClaimType
from journeyman.compiler import rules
from journeyman.compiler.draft import Draft
from journeyman.diagnostics import Location, Severity
from journeyman.policy.model import Reference, key


class Identified(Protocol):
    """An element that is found by its id."""

    @property
    def id(self) -> str:
        """The declared spelling."""
        ...


Element = TypeVar("Element", bound=Identified)


def resolve(
    draft: Draft,
    table: Mapping[str, Element],
    reference: Reference,
    *,
    kind: str,
    element: str = "",
    severity: Severity | None = None,
) -> Element | None:
    """Return the element that ``reference`` names, or report the reference and return None."""
    found = table.get(key(reference.id))
    if found is None:
        rule = rules.UNRESOLVED_REFERENCE
        draft.report(rule.at(reference.location, element=element, severity=severity, kind=kind, id=reference.id))
        return None
    _check_spelling(draft, reference, found.id, kind=kind, element=element)
    return found


def claim_type(
    draft: Draft, claim_id: str, location: Location, *, element: str = "", severity: Severity | None = None
) -> ClaimType | None:
    """Return the claim type with this id, or report that it is not declared and return None."""
    found = draft.claim_types.get(key(claim_id))
    if found is None:
        draft.report(rules.UNDECLARED_CLAIM_TYPE.at(location, element=element, severity=severity, id=claim_id))
        return None
    _check_spelling(draft, Reference(claim_id, location), found.id, kind="ClaimType", element=element)
    return found


def technical_profile_id(draft: Draft, reference: Reference, *, element: str = "") -> str | None:
    """Return the declared id of a technical profile, or report the reference and return None."""
    found = resolve(draft, draft.policy.technical_profiles, reference, kind="TechnicalProfile", element=element)
    return found.id if found else None


def _check_spelling(draft: Draft, reference: Reference, declared: str, *, kind: str, element: str) -> None:
    if reference.id.strip() != declared:
        draft.report(
            rules.SPELLING.at(reference.location, element=element, kind=kind, declared=declared, id=reference.id)
        )
