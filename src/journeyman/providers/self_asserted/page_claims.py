"""Which claims a page asks for: a self-asserted technical profile in, its fields in their order out.

Source: technical-profiles.md §2.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from journeyman.compiler.compiled import ClaimMapping, CompiledPolicy, DisplayControl, TechnicalProfile
from journeyman.providers.self_asserted.form import FIXED
from journeyman.technical_profile import Shown

CODE: Final = "verificationcode"
"""The ControlClaimType of the code of a verification control, in lower case."""


def asked_claims(profile: TechnicalProfile, policy: CompiledPolicy) -> tuple[Shown, ...]:
    """Return the claims of a selfasserted page: the display claims, without them the output claims to be asked for."""
    return _displayed(profile, policy) if profile.display_claims else tuple(_asked(profile, policy))


def identifier_and_password(profile: TechnicalProfile, policy: CompiledPolicy) -> tuple[Shown, ...]:
    """Return the claims of a unified page: the first two that a person can enter, and must.

    Claims that a derived policy adds stand first, so those that are required go before those that are not. What
    cannot be entered or has a default is no candidate: a unit-test policy adds a Readonly claim. Both are our choice.
    """
    shown = _displayed(profile, policy) if profile.display_claims else _entered(profile)
    first_required = sorted((each for each in shown if not each.control), key=lambda each: not each.required)
    return tuple(replace(each, required=True) for each in first_required[:2])


def _entered(profile: TechnicalProfile) -> tuple[Shown, ...]:
    pairs = zip(profile.output_claims, _outputs(profile), strict=True)
    return tuple(shown for mapping, shown in pairs if mapping.default is None and _can_be_entered(shown))


def _can_be_entered(shown: Shown) -> bool:
    return shown.claim.user_input_type is not None and shown.claim.user_input_type not in FIXED


def _displayed(profile: TechnicalProfile, policy: CompiledPolicy) -> tuple[Shown, ...]:
    """Return the display claims in their order, the claims of a display control in its place."""
    verified = {shown.claim.id for shown in _outputs(profile) if shown.verify}
    found: list[Shown] = []
    for display in profile.display_claims:
        if display.claim is not None:
            found.append(Shown(display.claim, display.required, verify=display.claim.id in verified))
        elif display.display_control is not None:
            found += control_claims(policy.display_controls[display.display_control])
    return tuple(found)


def control_claims(control: DisplayControl) -> tuple[Shown, ...]:
    """Return the claims that a display control shows; its code must be entered whatever the policy says."""
    roles = [(display, (display.control_claim_type or "").casefold()) for display in control.display_claims]
    return tuple(
        Shown(display.claim, display.required or role == CODE, verify=False, control=control.id, role=role)
        for display, role in roles
        if display.claim is not None
    )


def _outputs(profile: TechnicalProfile) -> tuple[Shown, ...]:
    enforced = profile.metadata.flag("EnforceEmailVerification", default=True)
    return tuple(
        Shown(mapping.claim, mapping.required, verify=enforced and _is_verified_email(mapping))
        for mapping in profile.output_claims
    )


def _is_verified_email(mapping: ClaimMapping) -> bool:
    return (mapping.partner_claim_type or "").casefold() == "verified.email"


def _asked(profile: TechnicalProfile, policy: CompiledPolicy) -> Iterator[Shown]:
    """Yield the output claims that a person must enter (rule 2)."""
    computed = {claim.id for transformation in profile.output_transformations for _, claim in transformation.outputs}
    own_inputs = {mapping.claim.id for mapping in profile.input_claims}
    for mapping, shown in zip(profile.output_claims, _outputs(profile), strict=True):
        claim_id = mapping.claim.id
        if mapping.claim.user_input_type is None or mapping.default is not None or claim_id in computed:
            continue
        if mapping.required or claim_id in own_inputs or not _produced(profile, policy, claim_id):
            yield shown


def _produced(profile: TechnicalProfile, policy: CompiledPolicy, claim_id: str) -> bool:
    """Whether a validation profile makes the claim before any of them needs it from the page."""
    for validation in profile.validation_profiles:
        target = policy.technical_profiles[validation.profile_id]
        if any(mapping.claim.id == claim_id for mapping in (*target.input_claims, *target.persisted_claims)):
            return False
        if any(mapping.claim.id == claim_id for mapping in target.output_claims):
            return True
    return False
