"""The parts of a journey and of a relying party."""

from __future__ import annotations

from collections.abc import Iterator

from journeyman.policy import model
from journeyman.policy.explain_profile import item_parts, precondition_parts, profile_parts
from journeyman.policy.explained import Part, reference_parts, references, scalar, section


def journey_parts(journey: model.UserJourney) -> Iterator[Part]:
    """Yield the attributes of a user journey or sub journey, then its steps in their order."""
    place = journey.parts.get
    yield from scalar("Type", journey.sub_journey_type, place("Type", journey.location))
    yield from scalar("NonInteractive", journey.non_interactive, place("NonInteractive", journey.location))
    issuer = "DefaultCpimIssuerTechnicalProfileReferenceId"
    yield from reference_parts(issuer, journey.default_issuer_technical_profile)
    authorized = references("AuthorizationTechnicalProfile", journey.authorization_technical_profiles or ())
    yield from section("AuthorizationTechnicalProfiles", authorized)
    for step in journey.steps.values():
        yield Part("OrchestrationStep", f"{step.order} {step.type or ''}".strip(), step.location, tuple(_step(step)))
    yield from reference_parts("ClientDefinition", journey.client_definition)


def _step(step: model.OrchestrationStep) -> Iterator[Part]:
    yield from scalar("Type", step.type, step.parts.get("Type", step.location))
    yield from reference_parts("ContentDefinitionReferenceId", step.content_definition)
    yield from reference_parts("CpimIssuerTechnicalProfileReferenceId", step.issuer_technical_profile)
    yield from section("Preconditions", precondition_parts(step.preconditions or ()))
    yield from scalar("DisplayOption", step.display_option, step.parts.get("ClaimsProviderSelections", step.location))
    yield from section("ClaimsProviderSelections", _selections(step))
    exchanges = (
        Part("ClaimsExchange", f"{exchange.id} → {exchange.profile.id}", exchange.profile.location)
        for exchange in step.claims_exchanges.values()
    )
    yield from section("ClaimsExchanges", exchanges)
    yield from section("JourneyList", references("Candidate", step.journey_list or ()))


def _selections(step: model.OrchestrationStep) -> Iterator[Part]:
    for each in step.claims_provider_selections:
        target, validation = each.target_claims_exchange, each.validation_claims_exchange
        value = f"target {target}" if target else f"validation {validation}"
        yield Part("ClaimsProviderSelection", value, each.location)


def relying_party_parts(party: model.RelyingParty) -> Iterator[Part]:
    """Yield the journeys, the behaviours and the profile of the token."""
    yield from reference_parts("DefaultUserJourney", party.default_user_journey)
    endpoints = (
        Part("Endpoint", f"{each.id} → {each.journey.id}", each.journey.location) for each in party.endpoints.values()
    )
    yield from section("Endpoints", endpoints)
    yield from section("UserJourneyBehaviors", _behaviors(party))
    if party.technical_profile is not None:
        profile = party.technical_profile
        yield Part("TechnicalProfile", profile.id, profile.location, tuple(profile_parts(profile)))


def _behaviors(party: model.RelyingParty) -> Iterator[Part]:
    for behavior in party.behaviors.values():
        said = [f"{name}={value}" for name, value in behavior.attributes.items()]
        value = " ".join([*said, *filter(None, [behavior.text])])
        yield Part(behavior.name, value, behavior.location, tuple(item_parts("Parameter", behavior.parameters)))
