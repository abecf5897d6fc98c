"""``<UserJourney>`` and ``<SubJourney>`` in, journeys with their orchestration steps out."""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Location
from journeyman.policy import rules
from journeyman.policy.element import Element
from journeyman.policy.model import (
    ClaimsExchange,
    ClaimsProviderSelection,
    OrchestrationStep,
    Reference,
    UserJourney,
    key,
)
from journeyman.policy.node import Node, report_duplicate, shape
from journeyman.policy.parse_claims import parse_preconditions, parse_reference, parse_references, report_choice
from journeyman.policy.problems import Problems

_USER_JOURNEY: Final = shape(
    required="Id",
    optional="NonInteractive DefaultCpimIssuerTechnicalProfileReferenceId",
    once="AssuranceLevel PreserveOriginalAssertion Authorization OrchestrationSteps ClientDefinition CryptographicKeys",
)
_SUB_JOURNEY: Final = shape(required="Id Type", once="OrchestrationSteps")
_AUTHORIZATION: Final = shape(once="AuthorizationTechnicalProfiles")
_AUTHORIZATION_PROFILE: Final = shape(optional="ReferenceId TechnicalProfileReferenceId")
_STEP: Final = shape(
    required="Order Type",
    optional="ContentDefinitionReferenceId CpimIssuerTechnicalProfileReferenceId",
    many="Preconditions ClaimsProviderSelections ClaimsExchanges JourneyList",
)
_SELECTION: Final = shape(optional="TargetClaimsExchangeId ValidationClaimsExchangeId")
_EXCHANGE: Final = shape(required="Id TechnicalProfileReferenceId")


def parse_user_journey(element: Element, problems: Problems) -> UserJourney | None:
    """Parse ``<UserJourney>``."""
    node = Node(element, _USER_JOURNEY, problems, element.attributes.get("Id", "").strip())
    return node.keep(
        UserJourney(
            id=node.identifier("Id"),
            location=node.location,
            non_interactive=node.flag("NonInteractive"),
            default_issuer_technical_profile=node.reference("DefaultCpimIssuerTechnicalProfileReferenceId"),
            authorization_technical_profiles=_authorization(node),
            client_definition=parse_reference(node, "ClientDefinition"),
            steps=_steps(node),
            parts=node.parts(),
        )
    )


def parse_sub_journey(element: Element, problems: Problems) -> UserJourney | None:
    """Parse ``<SubJourney>``."""
    node = Node(element, _SUB_JOURNEY, problems, element.attributes.get("Id", "").strip())
    journey_type = node.identifier("Type")
    return node.keep(
        UserJourney(
            node.identifier("Id"),
            node.location,
            sub_journey_type=journey_type,
            steps=_steps(node),
            parts=node.parts(),
        )
    )


def _authorization(node: Node) -> tuple[Reference, ...] | None:
    element = node.child("Authorization")
    if element is None:
        return None
    authorization = Node(element, _AUTHORIZATION, node.problems, node.owner)
    references = []
    for item in authorization.section("AuthorizationTechnicalProfiles", "AuthorizationTechnicalProfile") or ():
        profile = Node(item, _AUTHORIZATION_PROFILE, node.problems, node.owner)
        reference = profile.reference("ReferenceId") or profile.reference("TechnicalProfileReferenceId")
        if reference is None:
            node.problems.report(
                rules.MISSING_ATTRIBUTE, item.location, element=node.owner, name="ReferenceId", parent=item.name
            )
        else:
            references.append(reference)
    return tuple(references)


def _steps(node: Node) -> dict[int, OrchestrationStep]:
    table: dict[int, OrchestrationStep] = {}
    exchange_locations: dict[str, Location] = {}
    for element in node.section("OrchestrationSteps", "OrchestrationStep") or ():
        step = _step(element, node, exchange_locations)
        if step is None:
            continue
        first = table.setdefault(step.order, step)
        if first is not step:
            report_duplicate(node, str(step.order), first.location, step.location, kind="OrchestrationStep")
    return dict(sorted(table.items()))


def _step(element: Element, parent: Node, exchange_locations: dict[str, Location]) -> OrchestrationStep | None:
    node = Node(element, _STEP, parent.problems, parent.owner)
    order = node.integer("Order")
    option, selections = _selections(node)
    exchanges = _exchanges(node, exchange_locations)
    journeys = parse_references(node, "JourneyList", "Candidate", attribute="SubJourneyReferenceId")
    step = OrchestrationStep(
        order=order or 0,
        location=node.location,
        type=node.identifier("Type"),
        content_definition=node.reference("ContentDefinitionReferenceId"),
        issuer_technical_profile=node.reference("CpimIssuerTechnicalProfileReferenceId"),
        preconditions=parse_preconditions(node),
        display_option=option,
        claims_provider_selections=selections,
        claims_exchanges=exchanges,
        journey_list=journeys if node.child("JourneyList") else None,
        parts=node.parts(),
    )
    return node.keep(step) if order is not None else None


def _selections(node: Node) -> tuple[str | None, tuple[ClaimsProviderSelection, ...]]:
    option = None
    for section in node.children("ClaimsProviderSelections"):
        option = section.attributes.get("DisplayOption", "").strip() or option
    found = []
    elements = node.section("ClaimsProviderSelections", "ClaimsProviderSelection", optional="DisplayOption")
    for element in elements or ():
        item = Node(element, _SELECTION, node.problems, node.owner)
        target, validation = item.identifier("TargetClaimsExchangeId"), item.identifier("ValidationClaimsExchangeId")
        if bool(target) == bool(validation):
            report_choice(item, "TargetClaimsExchangeId", "ValidationClaimsExchangeId")
        else:
            found.append(ClaimsProviderSelection(target or None, validation or None, item.location))
    return option, tuple(found)


def _exchanges(node: Node, locations: dict[str, Location]) -> dict[str, ClaimsExchange]:
    table: dict[str, ClaimsExchange] = {}
    for element in node.section("ClaimsExchanges", "ClaimsExchange", optional="UserIdentity") or ():
        item = Node(element, _EXCHANGE, node.problems, node.owner)
        profile = item.reference("TechnicalProfileReferenceId")
        identifier = item.identifier("Id")
        if profile is None or not identifier:
            continue
        first = locations.setdefault(key(identifier), item.location)
        if first is not item.location:
            report_duplicate(node, identifier, first, item.location, kind="ClaimsExchange")
        table.setdefault(key(identifier), ClaimsExchange(identifier, profile))
    return table
