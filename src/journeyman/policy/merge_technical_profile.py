"""Merge technical profiles: of a base and a derived file, and of an included profile and the one that includes it."""

from __future__ import annotations

from journeyman.policy.keyed import derived_first, prefer
from journeyman.policy.model import ClaimReference, DisplayClaim, Reference, TechnicalProfile, key


def merge_technical_profile(base: TechnicalProfile, derived: TechnicalProfile) -> TechnicalProfile:
    """Merge a technical profile over one of the same id in a base policy.

    Source: policy-language.md §2.3.1. The id keeps the spelling of its first declaration.
    """
    return TechnicalProfile(
        id=base.id,
        location=derived.location,
        provider_display_name=prefer(derived.provider_display_name, base.provider_display_name),
        domains=derived.domains or base.domains,
        display_name=prefer(derived.display_name, base.display_name),
        description=prefer(derived.description, base.description),
        protocol=prefer(derived.protocol, base.protocol),
        input_token_format=prefer(derived.input_token_format, base.input_token_format),
        output_token_format=prefer(derived.output_token_format, base.output_token_format),
        metadata={**base.metadata, **derived.metadata},
        cryptographic_keys={**base.cryptographic_keys, **derived.cryptographic_keys},
        include_in_sso=prefer(derived.include_in_sso, base.include_in_sso),
        input_claims_transformations=derived_first(
            base.input_claims_transformations, derived.input_claims_transformations, reference_key
        ),
        input_claims=derived_first(base.input_claims, derived.input_claims, claim_key),
        display_claims=derived_first(base.display_claims, derived.display_claims, display_claim_key),
        persisted_claims=derived_first(base.persisted_claims, derived.persisted_claims, claim_key),
        output_claims=derived_first(base.output_claims, derived.output_claims, claim_key),
        output_claims_transformations=derived_first(
            base.output_claims_transformations, derived.output_claims_transformations, reference_key
        ),
        # The inherited ones run again: policies stop them with ContinueOnSuccess="false" on their last own.
        validation_technical_profiles=derived.validation_technical_profiles + base.validation_technical_profiles,
        subject_naming_info=prefer(derived.subject_naming_info, base.subject_naming_info),
        include_technical_profile=prefer(derived.include_technical_profile, base.include_technical_profile),
        include_claims_from_technical_profile=prefer(
            derived.include_claims_from_technical_profile, base.include_claims_from_technical_profile
        ),
        session_management=prefer(derived.session_management, base.session_management),
        enabled_for_user_journeys=prefer(derived.enabled_for_user_journeys, base.enabled_for_user_journeys),
        error_handlers=derived.error_handlers or base.error_handlers,
        parts={**base.parts, **derived.parts},
    )


def reference_key(reference: Reference) -> str:
    """Return under what a reference is compared."""
    return key(reference.id)


def claim_key(claim: ClaimReference) -> str:
    """Return under what an input, output or persisted claim is compared."""
    return key(claim.claim_type)


def display_claim_key(claim: DisplayClaim) -> tuple[str, str]:
    """Return under what a display claim is compared: its claim type or its display control."""
    return key(claim.claim_type or ""), key(claim.display_control or "")
