"""``<ClaimsProviders>`` and ``<TechnicalProfile>`` in, technical profiles out."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from journeyman.policy.element import Element
from journeyman.policy.error_handlers import ErrorHandler
from journeyman.policy.model import (
    CryptographicKey,
    Protocol,
    Reference,
    SubjectNamingInfo,
    TechnicalProfile,
    ValidationTechnicalProfile,
    key,
)
from journeyman.policy.node import Node, boolean, insert, report_duplicate, shape
from journeyman.policy.parse_claims import (
    parse_claims,
    parse_display_claims,
    parse_reference,
    parse_references,
    parse_validation,
)
from journeyman.policy.parse_metadata import parse_metadata
from journeyman.policy.problems import Problems

_CLAIMS_PROVIDER: Final = shape(once="Domain Domains DisplayName TechnicalProfiles")
_DOMAINS: Final = shape(many="Domain")
_TECHNICAL_PROFILE: Final = shape(
    required="Id",
    once="Domain Domains DisplayName Description Protocol InputTokenFormat OutputTokenFormat Metadata"
    " CryptographicKeys IncludeInSso InputClaims DisplayClaims PersistedClaims OutputClaims SubjectNamingInfo"
    " Extensions IncludeClaimsFromTechnicalProfile IncludeTechnicalProfile"
    " UseTechnicalProfileForSessionManagement EnabledForUserJourneys ErrorHandlers",
    many="InputClaimsTransformations OutputClaimsTransformations ValidationTechnicalProfiles",
    unsupported="AssuranceLevelOfOutputClaims RequiredAssuranceLevelsOfInputClaims SubjectAuthenticationRequirements"
    " Suppressions PreferredBinding InputTokenSources",
)
_PROTOCOL: Final = shape(required="Name", optional="Handler")
_KEY: Final = shape(required="Id StorageReferenceId")
_ERROR_HANDLER: Final = shape(once="ErrorResponseFormat ResponseMatch Action", many="AdditionalRequestParameters")
_PARAMETER: Final = shape(required="Key")
_SUBJECT: Final = shape(
    required="ClaimType", optional="NameQualifier SPNameQualifier Format SPProvidedID ExcludeAsClaim"
)


def parse_claims_provider(element: Element, problems: Problems) -> list[TechnicalProfile]:
    """Parse ``<ClaimsProvider>``: its profiles, with its name and domains where they have none of their own."""
    node = Node(element, _CLAIMS_PROVIDER, problems)
    name, domains = node.text("DisplayName"), _domains(node)
    profiles = []
    for item in node.section("TechnicalProfiles", "TechnicalProfile") or ():
        profile = parse_technical_profile(item, problems)
        if profile is not None:
            parts = {**profile.parts, "ClaimsProvider": element.location}
            profiles.append(
                replace(profile, provider_display_name=name, domains=profile.domains or domains, parts=parts)
            )
    return profiles


def parse_technical_profile(element: Element, problems: Problems) -> TechnicalProfile | None:
    """Parse ``<TechnicalProfile>``."""
    node = Node(element, _TECHNICAL_PROFILE, problems, element.attributes.get("Id", "").strip())
    return node.keep(
        TechnicalProfile(
            id=node.identifier("Id"),
            location=node.location,
            domains=_domains(node),
            display_name=node.text("DisplayName"),
            description=node.text("Description"),
            protocol=_protocol(node),
            input_token_format=node.text("InputTokenFormat"),
            output_token_format=node.text("OutputTokenFormat"),
            metadata=parse_metadata(node),
            cryptographic_keys=_cryptographic_keys(node),
            include_in_sso=_text_flag(node, "IncludeInSso"),
            input_claims_transformations=_transformations(node, "InputClaimsTransformation"),
            input_claims=parse_claims(node, "InputClaims", "InputClaim"),
            display_claims=parse_display_claims(node),
            persisted_claims=parse_claims(node, "PersistedClaims", "PersistedClaim"),
            output_claims=parse_claims(node, "OutputClaims", "OutputClaim"),
            output_claims_transformations=_transformations(node, "OutputClaimsTransformation"),
            validation_technical_profiles=_validations(node),
            subject_naming_info=_subject_naming_info(node),
            include_technical_profile=parse_reference(node, "IncludeTechnicalProfile"),
            include_claims_from_technical_profile=_claims_source(node),
            session_management=parse_reference(node, "UseTechnicalProfileForSessionManagement"),
            enabled_for_user_journeys=node.text("EnabledForUserJourneys"),
            error_handlers=_error_handlers(node),
            parts=node.parts(),
        )
    )


def _domains(node: Node) -> tuple[str, ...]:
    elements = node.children("Domain") + (node.section("Domains", "Domain") or [])
    return tuple(text for element in elements if (text := element.text.strip()))


def _protocol(node: Node) -> Protocol | None:
    element = node.child("Protocol")
    if element is None:
        return None
    protocol = Node(element, _PROTOCOL, node.problems, node.owner)
    handler = protocol.identifier("Handler") or None
    return protocol.keep(Protocol(protocol.identifier("Name"), handler, None, element.location))


def _cryptographic_keys(node: Node) -> dict[str, CryptographicKey]:
    table: dict[str, CryptographicKey] = {}
    for element in node.section("CryptographicKeys", "Key") or ():
        item = Node(element, _KEY, node.problems, node.owner)
        identifier = item.identifier("Id")
        value = item.keep(CryptographicKey(identifier, item.identifier("StorageReferenceId"), element.location))
        insert(table, identifier, value, node, kind="Key")
    return table


def _error_handlers(node: Node) -> tuple[ErrorHandler, ...]:
    found = []
    for element in node.section("ErrorHandlers", "ErrorHandler") or ():
        item = Node(element, _ERROR_HANDLER, node.problems, node.owner)
        parameters = (
            Node(each, _PARAMETER, node.problems, node.owner) for each in item.children("AdditionalRequestParameters")
        )
        found.append(
            ErrorHandler(
                item.text("ErrorResponseFormat"),
                item.text("ResponseMatch") or "",
                item.text("Action") or "",
                element.location,
                {each.identifier("Key"): each.element.text.strip() for each in parameters},
            )
        )
    return tuple(found)


def _text_flag(node: Node, name: str) -> bool | None:
    text = node.text(name)
    return None if text is None else boolean(text, name, node)


def _transformations(node: Node, item: str) -> tuple[Reference, ...]:
    return parse_references(node, f"{item}s", item)


def _validations(node: Node) -> tuple[ValidationTechnicalProfile, ...]:
    found: dict[str, ValidationTechnicalProfile] = {}
    for element in node.section("ValidationTechnicalProfiles", "ValidationTechnicalProfile") or ():
        validation = parse_validation(element, node, attribute="ReferenceId")
        if validation is None:
            continue
        reference = validation.profile
        first = found.setdefault(key(reference.id), validation)
        if first is not validation:
            kind = "ValidationTechnicalProfile"
            report_duplicate(node, reference.id, first.profile.location, reference.location, kind=kind)
    return tuple(found.values())


def _subject_naming_info(node: Node) -> SubjectNamingInfo | None:
    element = node.child("SubjectNamingInfo")
    if element is None:
        return None
    subject = Node(element, _SUBJECT, node.problems, node.owner)
    claim_type, exclude = subject.identifier("ClaimType"), subject.flag("ExcludeAsClaim") or False
    return subject.keep(SubjectNamingInfo(claim_type, subject.attribute("Format"), exclude, element.location))


def _claims_source(node: Node) -> Reference | None:
    element = node.child("IncludeClaimsFromTechnicalProfile")
    text = element.text.strip() if element else ""
    return Reference(text, element.location) if element and text else None
