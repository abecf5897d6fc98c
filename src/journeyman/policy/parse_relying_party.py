"""``<RelyingParty>`` in: the default journey, endpoints, behaviours and the profile of the token out."""

from __future__ import annotations

from typing import Final

from journeyman.policy.element import Element
from journeyman.policy.model import Behavior, Endpoint, RelyingParty, key
from journeyman.policy.node import Node, report_duplicate, shape
from journeyman.policy.parse_claims import parse_reference
from journeyman.policy.parse_metadata import parse_items
from journeyman.policy.parse_technical_profile import parse_technical_profile
from journeyman.policy.problems import Problems

_RELYING_PARTY: Final = shape(once="DefaultUserJourney Endpoints UserJourneyBehaviors TechnicalProfile")
_ENDPOINT: Final = shape(required="Id UserJourneyReferenceId")
_BEHAVIORS: Final = {
    "SingleSignOn": shape(required="Scope", optional="KeepAliveInDays EnforceIdTokenHintOnLogout"),
    "SessionExpiryType": shape(),
    "SessionExpiryInSeconds": shape(),
    "AzureApplicationInsights": shape(required="InstrumentationKey"),
    "JourneyInsights": shape(
        required="TelemetryEngine InstrumentationKey",
        optional="DeveloperMode ClientEnabled ServerEnabled TelemetryVersion",
    ),
    "ContentDefinitionParameters": shape(many="Parameter"),
    "JourneyFraming": shape(required="Enabled Sources"),
    "ScriptExecution": shape(),
    "OnError": shape(optional="Mode"),
}
_USER_JOURNEY_BEHAVIORS: Final = shape(once=" ".join(_BEHAVIORS))


def parse_relying_party(element: Element, problems: Problems) -> RelyingParty:
    """Parse ``<RelyingParty>``."""
    node = Node(element, _RELYING_PARTY, problems, "RelyingParty")
    profile = node.child("TechnicalProfile")
    return RelyingParty(
        location=element.location,
        default_user_journey=parse_reference(node, "DefaultUserJourney"),
        endpoints=_endpoints(node),
        behaviors=_behaviors(node),
        technical_profile=parse_technical_profile(profile, problems) if profile else None,
    )


def _endpoints(node: Node) -> dict[str, Endpoint]:
    table: dict[str, Endpoint] = {}
    for element in node.section("Endpoints", "Endpoint") or ():
        item = Node(element, _ENDPOINT, node.problems, node.owner)
        journey = item.reference("UserJourneyReferenceId")
        identifier = item.identifier("Id")
        if journey is None or not identifier:
            continue
        first = table.setdefault(key(identifier), Endpoint(identifier, journey))
        if first.journey is not journey:
            report_duplicate(node, identifier, first.journey.location, item.location, kind="Endpoint")
    return table


def _behaviors(node: Node) -> dict[str, Behavior]:
    section = node.child("UserJourneyBehaviors")
    if section is None:
        return {}
    behaviors = Node(section, _USER_JOURNEY_BEHAVIORS, node.problems, node.owner)
    found = {}
    for name, expected in _BEHAVIORS.items():
        element = behaviors.child(name)
        if element is None:
            continue
        item = Node(element, expected, node.problems, node.owner)
        parameters = parse_items(item, item.children("Parameter"))
        behavior = Behavior(name, element.attributes, element.text.strip(), parameters, element.location)
        if item.complete:
            found[key(name)] = behavior
    return found
