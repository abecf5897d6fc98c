"""The parts of a technical profile, and of the lists that other elements share with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from journeyman.policy import model
from journeyman.policy.explained import Part, reference_parts, references, scalar, scalars, section

_TEXTS: Final = {
    "DisplayName": "display_name",
    "Description": "description",
    "InputTokenFormat": "input_token_format",
    "OutputTokenFormat": "output_token_format",
    "IncludeInSso": "include_in_sso",
    "EnabledForUserJourneys": "enabled_for_user_journeys",
}
_INCLUDE: Final = "IncludeTechnicalProfile"
_INCLUDE_CLAIMS: Final = "IncludeClaimsFromTechnicalProfile"


def profile_parts(profile: model.TechnicalProfile) -> Iterator[Part]:
    """Yield the parts in the order of the schema; what was included comes from where it was written."""
    yield from scalar(
        "ClaimsProvider", profile.provider_display_name, profile.parts.get("ClaimsProvider", profile.location)
    )
    for domain in profile.domains:
        places = (profile.parts.get(name) for name in ("Domain", "Domains", "ClaimsProvider"))
        yield Part("Domain", domain, next((place for place in places if place), profile.location))
    yield from _protocol(profile.protocol)
    yield from scalars(profile, _TEXTS, profile.parts, profile.location)
    yield from section("Metadata", item_parts("Item", profile.metadata))
    keys = (
        Part("Key", f"{each.id} → {each.storage_reference_id}", each.location)
        for each in profile.cryptographic_keys.values()
    )
    yield from section("CryptographicKeys", keys)
    yield from _claims(profile)
    validations = validation_parts("ValidationTechnicalProfile", profile.validation_technical_profiles)
    yield from section("ValidationTechnicalProfiles", validations)
    if profile.subject_naming_info is not None:
        subject = profile.subject_naming_info
        yield Part("SubjectNamingInfo", subject.claim_type, subject.location)
    yield from reference_parts(_INCLUDE, profile.include_technical_profile)
    yield from reference_parts(_INCLUDE_CLAIMS, profile.include_claims_from_technical_profile)
    yield from reference_parts("UseTechnicalProfileForSessionManagement", profile.session_management)
    handlers = (
        Part("ErrorHandler", f"{each.response_match} → {each.action}", each.location) for each in profile.error_handlers
    )
    yield from section("ErrorHandlers", handlers)


def _claims(profile: model.TechnicalProfile) -> Iterator[Part]:
    inputs = references("InputClaimsTransformation", profile.input_claims_transformations)
    outputs = references("OutputClaimsTransformation", profile.output_claims_transformations)
    yield from section("InputClaimsTransformations", inputs)
    yield from section("InputClaims", claim_parts("InputClaim", profile.input_claims))
    yield from section("DisplayClaims", display_claim_parts(profile.display_claims))
    yield from section("PersistedClaims", claim_parts("PersistedClaim", profile.persisted_claims))
    yield from section("OutputClaims", claim_parts("OutputClaim", profile.output_claims))
    yield from section("OutputClaimsTransformations", outputs)


def _protocol(protocol: model.Protocol | None) -> Iterator[Part]:
    if protocol is not None:
        handler = f" {protocol.handler.split(',')[0].strip()}" if protocol.handler else ""
        yield Part("Protocol", protocol.name + handler, protocol.location)


def item_parts(name: str, items: Mapping[str, model.Item]) -> Iterator[Part]:
    """Yield metadata items or parameters."""
    return (Part(name, f"{item.key} = {item.value}", item.location) for item in items.values())


def claim_parts(name: str, claims: Iterable[model.ClaimReference]) -> Iterator[Part]:
    """Yield input, output or persisted claims with their attributes."""
    for claim in claims:
        said = [claim.claim_type]
        said += [f"PartnerClaimType={claim.partner_claim_type}"] if claim.partner_claim_type else []
        said += [f'DefaultValue="{claim.default_value}"'] if claim.default_value is not None else []
        flags = {
            "AlwaysUseDefaultValue": claim.always_use_default_value,
            "Required": claim.required,
            "OverwriteIfExists": claim.overwrite_if_exists,
        }
        yield Part(name, " ".join([*said, *(flag for flag, there in flags.items() if there)]), claim.location)


def display_claim_parts(claims: Iterable[model.DisplayClaim]) -> Iterator[Part]:
    """Yield display claims."""
    for claim in claims:
        said = [claim.claim_type or f"DisplayControl {claim.display_control}"]
        said += [f"ControlClaimType={claim.control_claim_type}"] if claim.control_claim_type else []
        yield Part("DisplayClaim", " ".join([*said, *(["Required"] if claim.required else [])]), claim.location)


def validation_parts(name: str, validations: Iterable[model.ValidationTechnicalProfile]) -> Iterator[Part]:
    """Yield the profiles of a validation list or of an action."""
    for validation in validations:
        said = [validation.profile.id]
        said += (
            [f"ContinueOnSuccess={_lower(validation.continue_on_success)}"]
            if validation.continue_on_success is not None
            else []
        )
        said += (
            [f"ContinueOnError={_lower(validation.continue_on_error)}"]
            if validation.continue_on_error is not None
            else []
        )
        conditions = tuple(precondition_parts(validation.preconditions))
        yield Part(name, " ".join(said), validation.profile.location, conditions)


def precondition_parts(preconditions: Iterable[model.Precondition]) -> Iterator[Part]:
    """Yield preconditions as the test that they are."""
    for condition in preconditions:
        test = " ".join((condition.type, *condition.values))
        action = ", ".join(condition.actions)
        value = f"{test} is {_lower(condition.execute_actions_if)}: {action}"
        yield Part("Precondition", value, condition.location)


def _lower(value: object) -> str:
    return str(value).lower()
