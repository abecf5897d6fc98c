"""Preconditions and the validation technical profiles that carry them.

Source: policy-language.md §4.4, §5.3.
"""

from __future__ import annotations

from collections.abc import Iterable

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import DataType
from journeyman.compiler import rules
from journeyman.compiler.compiled import Precondition, ValidationProfile
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import claim_type, technical_profile_id
from journeyman.policy import model
from journeyman.policy.model import key

SKIP_STEP = "SkipThisOrchestrationStep"
SKIP_VALIDATION = "SkipThisValidationTechnicalProfile"
_COLLECTIONS = frozenset(
    {
        DataType.STRING_COLLECTION,
        DataType.USER_IDENTITY_COLLECTION,
        DataType.ALTERNATIVE_SECURITY_ID_COLLECTION,
        DataType.OBJECT_IDENTITY_COLLECTION,
    }
)


def preconditions(
    draft: Draft, written: Iterable[model.Precondition], *, action: str, element: str
) -> tuple[Precondition, ...]:
    """Compile preconditions in document order; ``action`` is the one that belongs to the place."""
    found = (_precondition(draft, precondition, action=action, element=element) for precondition in written)
    return tuple(precondition for precondition in found if precondition is not None)


def validation_profiles(
    draft: Draft, written: Iterable[model.ValidationTechnicalProfile], *, element: str
) -> tuple[ValidationProfile, ...]:
    """Compile the validation technical profiles of a page or of a display-control action."""
    compiled: list[ValidationProfile] = []
    for validation in written:
        conditions = preconditions(draft, validation.preconditions, action=SKIP_VALIDATION, element=element)
        profile_id = technical_profile_id(draft, validation.profile, element=element)
        if profile_id is not None:
            compiled.append(
                ValidationProfile(
                    profile_id=profile_id,
                    continue_on_success=validation.continue_on_success is not False,
                    continue_on_error=validation.continue_on_error is True,
                    preconditions=conditions,
                )
            )
    return tuple(compiled)


def _precondition(draft: Draft, written: model.Precondition, *, action: str, element: str) -> Precondition | None:
    for value in written.actions:
        if key(value) != key(action):
            rule = rules.PRECONDITION_ACTION
            draft.report(rule.at(written.location, element=element, value=value, expected=action))
    match key(written.type), len(written.values):
        case "claimsexist", count if count >= 1:
            claims = _claims(draft, written, written.values, element=element)
            return Precondition(claims, None, written.execute_actions_if) if claims else None
        case "claimequals", 2:
            return _equals(draft, written, element=element)
        case ("claimsexist" | "claimequals") as kind, count:
            needed = "a claim type id" if kind == "claimsexist" else "a claim type id and a text"
            rule = rules.PRECONDITION_VALUES
            draft.report(rule.at(written.location, element=element, type=written.type, count=count, needed=needed))
        case _:
            draft.report(rules.PRECONDITION_TYPE.at(written.location, element=element, value=written.type))
    return None


def _claims(draft: Draft, written: model.Precondition, ids: Iterable[str], *, element: str) -> tuple[str, ...]:
    found = [claim_type(draft, claim_id, written.location, element=element) for claim_id in ids]
    return tuple(claim.id for claim in found if claim is not None)


def _equals(draft: Draft, written: model.Precondition, *, element: str) -> Precondition | None:
    claim = claim_type(draft, written.values[0], written.location, element=element)
    if claim is None:
        return None
    literal = written.values[1]
    if _never_equal(claim, literal):
        rule = rules.PRECONDITION_LITERAL
        draft.report(
            rule.at(written.location, element=element, claim=claim.id, data_type=claim.data_type.value, value=literal)
        )
    return Precondition((claim.id,), literal, written.execute_actions_if)


def _never_equal(claim: ClaimType, literal: str) -> bool:
    boolean = claim.data_type is DataType.BOOLEAN and literal not in {"True", "False"}
    return boolean or claim.data_type in _COLLECTIONS
