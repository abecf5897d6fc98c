"""``<DisplayControl>`` in, a display control with its actions out."""

from __future__ import annotations

from typing import Final

from journeyman.policy import rules
from journeyman.policy.element import Element
from journeyman.policy.model import DisplayControl, DisplayControlAction
from journeyman.policy.node import Node, insert, shape
from journeyman.policy.parse_claims import parse_claims, parse_display_claims, parse_validation
from journeyman.policy.problems import Problems

_DISPLAY_CONTROL: Final = shape(
    required="Id", optional="UserInterfaceControlType", once="InputClaims DisplayClaims OutputClaims Actions"
)
_ACTION: Final = shape(required="Id", once="ValidationClaimsExchange")
_PROFILE: Final = "ValidationClaimsExchangeTechnicalProfile"


def parse_display_control(element: Element, problems: Problems) -> DisplayControl | None:
    """Parse ``<DisplayControl>``."""
    node = Node(element, _DISPLAY_CONTROL, problems, element.attributes.get("Id", ""))
    return node.keep(
        DisplayControl(
            id=node.identifier("Id"),
            location=node.location,
            control_type=node.identifier("UserInterfaceControlType") or None,
            input_claims=parse_claims(node, "InputClaims", "InputClaim"),
            display_claims=parse_display_claims(node),
            output_claims=parse_claims(node, "OutputClaims", "OutputClaim"),
            actions=_actions(node),
            parts=node.parts(),
        )
    )


def _actions(node: Node) -> dict[str, DisplayControlAction]:
    table: dict[str, DisplayControlAction] = {}
    for element in node.section("Actions", "Action") or ():
        action = Node(element, _ACTION, node.problems, node.owner)
        elements = action.section("ValidationClaimsExchange", _PROFILE)
        if elements is None:
            node.problems.report(
                rules.MISSING_ELEMENT,
                action.location,
                element=node.owner,
                parent="Action",
                name="ValidationClaimsExchange",
            )
            continue
        profiles = [parse_validation(each, action, attribute="TechnicalProfileReferenceId") for each in elements]
        identifier = action.identifier("Id")
        kept = tuple(profile for profile in profiles if profile)
        insert(
            table, identifier, action.keep(DisplayControlAction(identifier, kept, action.location)), node, kind="Action"
        )
    return table
