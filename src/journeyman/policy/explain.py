"""What a merged policy is made of: a merged policy in, its elements with the place of every part out.

Each element is a tree of parts; a part has a name as in the XML, a value, and the place in the file
that the value comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from journeyman.diagnostics import Location
from journeyman.policy import model
from journeyman.policy.explain_journey import journey_parts, relying_party_parts
from journeyman.policy.explain_profile import (
    claim_parts,
    display_claim_parts,
    item_parts,
    profile_parts,
    validation_parts,
)
from journeyman.policy.explained import Part, reference_parts, scalar, scalars, section
from journeyman.policy.model import key
from journeyman.policy.origin import NOWHERE, Parts, language_part


@dataclass(frozen=True, slots=True)
class Explained:
    """One element of a merged policy; ``location`` is the place of its most derived definition."""

    kind: str
    id: str
    location: Location
    parts: tuple[Part, ...]


def explain(policy: model.Policy, wanted: str | None = None) -> tuple[Explained, ...]:
    """Return the elements of a merged policy in the order of the language; with ``wanted`` those of this id."""
    found = _elements(policy)
    if wanted is None:
        return tuple(found)
    return tuple(element for element in found if key(element.id) == key(wanted))


def _elements(policy: model.Policy) -> Iterator[Explained]:
    yield Explained("TrustFrameworkPolicy", policy.policy_id, policy.location, tuple(_root_parts(policy)))
    for claim in policy.claim_types.values():
        yield Explained("ClaimType", claim.id, claim.location, tuple(_claim_type_parts(claim)))
    for predicate in policy.predicates.values():
        yield Explained("Predicate", predicate.id, predicate.location, tuple(_predicate_parts(predicate)))
    for kind, table in (
        ("InputValidation", policy.input_validations),
        ("PredicateValidation", policy.predicate_validations),
    ):
        for validation in table.values():
            yield Explained(kind, validation.id, validation.location, tuple(_group_parts(validation.groups)))
    for transformation in policy.claims_transformations.values():
        parts = tuple(_transformation_parts(transformation))
        yield Explained("ClaimsTransformation", transformation.id, transformation.location, parts)
    for client in policy.client_definitions.values():
        flags = scalar("ClientUIFilterFlags", client.filter_flags, client.location)
        yield Explained("ClientDefinition", client.id, client.location, tuple(flags))
    for definition in policy.content_definitions.values():
        parts = tuple(_content_definition_parts(definition))
        yield Explained("ContentDefinition", definition.id, definition.location, parts)
    yield from _localization(policy.localization)
    for control in policy.display_controls.values():
        yield Explained("DisplayControl", control.id, control.location, tuple(_display_control_parts(control)))
    yield from _profiles_and_journeys(policy)


def _profiles_and_journeys(policy: model.Policy) -> Iterator[Explained]:
    for profile in policy.technical_profiles.values():
        yield Explained("TechnicalProfile", profile.id, profile.location, tuple(profile_parts(profile)))
    for kind, journeys in (("UserJourney", policy.user_journeys), ("SubJourney", policy.sub_journeys)):
        for journey in journeys.values():
            yield Explained(kind, journey.id, journey.location, tuple(journey_parts(journey)))
    party = policy.relying_party
    if party is not None:
        yield Explained("RelyingParty", "RelyingParty", party.location, tuple(relying_party_parts(party)))


_ROOT: Final = {
    "TenantId": "tenant_id",
    "PolicyId": "policy_id",
    "PublicPolicyUri": "public_policy_uri",
    "PolicySchemaVersion": "schema_version",
    "TenantObjectId": "tenant_object_id",
    "DeploymentMode": "deployment_mode",
    "UserJourneyRecorderEndpoint": "journey_recorder_endpoint",
}
_CLAIM_TYPE: Final = {
    "DisplayName": "display_name",
    "DataType": "data_type",
    "AdminHelpText": "admin_help_text",
    "UserHelpText": "user_help_text",
    "UserInputType": "user_input_type",
}
_CONTENT_DEFINITION: Final = {"LoadUri": "load_uri", "RecoveryUri": "recovery_uri", "DataUri": "data_uri"}


def _root_parts(policy: model.Policy) -> Iterator[Part]:
    yield from scalars(policy, _ROOT, policy.parts, policy.location)
    for number, path in enumerate(policy.files, 1):
        yield Part("File", f"{number} of {len(policy.files)}", Location(path))


# --- building blocks ---------------------------------------------------------------------------


def _claim_type_parts(claim: model.ClaimType) -> Iterator[Part]:
    yield from scalars(claim, _CLAIM_TYPE, claim.parts, claim.location)
    rows = (
        Part("Protocol", f"{row.name} → {row.partner_claim_type or ''}", row.location)
        for row in claim.default_partner_claim_types.values()
    )
    yield from section("DefaultPartnerClaimTypes", rows)
    if claim.mask is not None:
        mask = f'{claim.mask.type} "{claim.mask.text}"' + (f" for {claim.mask.regex}" if claim.mask.regex else "")
        yield from scalar("Mask", mask, claim.parts.get("Mask", claim.location))
    if claim.restriction is not None:
        yield from section("Restriction", _restriction_parts(claim.restriction))
    yield from reference_parts("InputValidationReference", claim.input_validation)
    yield from reference_parts("PredicateValidationReference", claim.predicate_validation)


def _restriction_parts(restriction: model.Restriction) -> Iterator[Part]:
    yield from _items("Enumeration", restriction.enumerations)
    if restriction.pattern is not None:
        pattern = restriction.pattern
        help_text = scalar("HelpText", pattern.help_text, pattern.location)
        yield Part("Pattern", pattern.regular_expression, pattern.location, tuple(help_text))


def _items(name: str, items: Iterable[model.Enumeration]) -> Iterator[Part]:
    for item in items:
        selected = " (selected by default)" if item.select_by_default else ""
        yield Part(name, f"{item.value} = {item.text}{selected}", item.location)


def _predicate_parts(predicate: model.Predicate) -> Iterator[Part]:
    yield Part("Method", predicate.method, predicate.location)
    for name, text in (("HelpText", predicate.help_text), ("UserHelpText", predicate.user_help_text)):
        yield from scalar(name, text, predicate.location)
    for parameter, value in predicate.parameters.items():
        yield Part("Parameter", f"{parameter} = {value}", predicate.location)


def _group_parts(groups: Iterable[model.PredicateGroup]) -> Iterator[Part]:
    for group in groups:
        wanted = "all" if group.match_at_least is None else f"at least {group.match_at_least}"
        parts = [*scalar("UserHelpText", group.user_help_text, group.location)]
        parts += [Part("PredicateReference", each.id, each.location) for each in group.predicates]
        yield Part("PredicateGroup", f"{group.id} ({wanted})", group.location, tuple(parts))


def _transformation_parts(transformation: model.ClaimsTransformation) -> Iterator[Part]:
    place = transformation.parts.get("TransformationMethod", transformation.location)
    yield from scalar("TransformationMethod", transformation.method, place)
    yield from section("InputClaims", _transformation_claims("InputClaim", transformation.input_claims or ()))
    parameters = (
        Part("InputParameter", f"{each.id} = {each.value} ({each.data_type})", each.location)
        for each in transformation.input_parameters or ()
    )
    yield from section("InputParameters", parameters)
    yield from section("OutputClaims", _transformation_claims("OutputClaim", transformation.output_claims or ()))


def _transformation_claims(name: str, claims: Iterable[model.TransformationClaim]) -> Iterator[Part]:
    for claim in claims:
        role = f" as {claim.transformation_claim_type}" if claim.transformation_claim_type else ""
        yield Part(name, claim.claim_type + role, claim.location)


def _content_definition_parts(definition: model.ContentDefinition) -> Iterator[Part]:
    yield from scalars(definition, _CONTENT_DEFINITION, definition.parts, definition.location)
    yield from section("Metadata", item_parts("Item", definition.metadata))
    references = (
        Part("LocalizedResourcesReference", f"{each.language} → {_resources(each)}", each.location)
        for each in definition.localized_resources or ()
    )
    yield from section("LocalizedResourcesReferences", references)


def _resources(reference: model.LocalizedResourcesReference) -> str:
    return reference.resources.id if reference.resources else reference.url or ""


def _localization(localization: model.Localization | None) -> Iterator[Explained]:
    if localization is None:
        return
    places: Parts = localization.parts
    settings = {"Enabled": "enabled", "DefaultLanguage": "default_language", "PolicyLanguage": "policy_language"}
    parts = [*scalars(localization, settings, places, NOWHERE)]
    parts += [
        Part("SupportedLanguage", language, places.get(language_part(language), NOWHERE))
        for language in localization.supported_languages or ()
    ]
    yield Explained("Localization", "Localization", min(places.values(), default=NOWHERE), tuple(parts))
    for resources in localization.resources.values():
        yield Explained("LocalizedResources", resources.id, resources.location, tuple(_texts(resources)))


def _texts(resources: model.LocalizedResources) -> Iterator[Part]:
    for collection in resources.collections.values():
        name = f"{collection.element_type} {collection.element_id} {collection.target_collection}"
        items = tuple(_items("Item", collection.items))
        yield Part("LocalizedCollection", name, collection.location, items)
    for string in resources.strings.values():
        name = " ".join(filter(None, (string.element_type, string.element_id, string.string_id)))
        yield Part("LocalizedString", f"{name} = {string.text.strip()}", string.location)


def _display_control_parts(control: model.DisplayControl) -> Iterator[Part]:
    place = control.parts.get("UserInterfaceControlType", control.location)
    yield from scalar("UserInterfaceControlType", control.control_type, place)
    yield from section("InputClaims", claim_parts("InputClaim", control.input_claims))
    yield from section("DisplayClaims", display_claim_parts(control.display_claims))
    yield from section("OutputClaims", claim_parts("OutputClaim", control.output_claims))
    for action in control.actions.values():
        name = "ValidationClaimsExchangeTechnicalProfile"
        yield Part("Action", action.id, action.location, tuple(validation_parts(name, action.profiles)))
