"""Claim references, display claims, preconditions and validation lists, wherever they stand."""

from __future__ import annotations

from typing import Final

from journeyman.policy import rules
from journeyman.policy.element import Element
from journeyman.policy.model import ClaimReference, DisplayClaim, Precondition, Reference, ValidationTechnicalProfile
from journeyman.policy.node import Node, reference_shape, shape

_CLAIM: Final = shape(
    required="ClaimTypeReferenceId",
    optional="PartnerClaimType DefaultValue AlwaysUseDefaultValue Required OverwriteIfExists",
    unsupported="From",
)
_DISPLAY_CLAIM: Final = shape(optional="ClaimTypeReferenceId DisplayControlReferenceId ControlClaimType Required")
_PRECONDITION: Final = shape(required="Type ExecuteActionsIf", many="Value Action")
_VALIDATION: Final = {
    name: shape(required=name, optional="ContinueOnSuccess ContinueOnError", many="Preconditions")
    for name in ("ReferenceId", "TechnicalProfileReferenceId")
}


def parse_claims(node: Node, section: str, item: str) -> tuple[ClaimReference, ...]:
    """Parse InputClaims, OutputClaims or PersistedClaims."""
    claims = [_claim(element, node) for element in node.section(section, item) or ()]
    return tuple(claim for claim in claims if claim)


def _claim(element: Element, parent: Node) -> ClaimReference | None:
    node = Node(element, _CLAIM, parent.problems, parent.owner)
    return node.keep(
        ClaimReference(
            claim_type=node.identifier("ClaimTypeReferenceId"),
            location=node.location,
            partner_claim_type=node.identifier("PartnerClaimType") or None,
            default_value=node.attribute("DefaultValue"),
            always_use_default_value=node.flag("AlwaysUseDefaultValue") or False,
            required=node.flag("Required") or False,
            overwrite_if_exists=node.flag("OverwriteIfExists") or False,
        )
    )


def parse_display_claims(node: Node) -> tuple[DisplayClaim, ...]:
    """Parse DisplayClaims; each names a claim type or a display control."""
    claims = []
    for element in node.section("DisplayClaims", "DisplayClaim") or ():
        item = Node(element, _DISPLAY_CLAIM, node.problems, node.owner)
        claim_type, control = item.identifier("ClaimTypeReferenceId"), item.identifier("DisplayControlReferenceId")
        if bool(claim_type) == bool(control):
            report_choice(item, "ClaimTypeReferenceId", "DisplayControlReferenceId")
            continue
        role = item.identifier("ControlClaimType") or None
        required = item.flag("Required") or False
        claims.append(DisplayClaim(claim_type or None, control or None, required, item.location, role))
    return tuple(claims)


def report_choice(node: Node, first: str, second: str) -> None:
    """Report that an element has none or both of two attributes."""
    parent = node.element.name
    node.problems.report(rules.CHOICE, node.location, element=node.owner, parent=parent, first=first, second=second)


def parse_references(node: Node, section: str, item: str, *, attribute: str = "ReferenceId") -> tuple[Reference, ...]:
    """Parse a list of elements that only name another element."""
    expected = reference_shape(attribute)
    references = [
        Node(element, expected, node.problems, node.owner).reference(attribute)
        for element in node.section(section, item) or ()
    ]
    return tuple(reference for reference in references if reference)


def parse_reference(node: Node, child: str, *, attribute: str = "ReferenceId") -> Reference | None:
    """Parse a child that only names another element."""
    element = node.child(child)
    if element is None:
        return None
    return Node(element, reference_shape(attribute), node.problems, node.owner).reference(attribute)


def parse_preconditions(node: Node) -> tuple[Precondition, ...] | None:
    """Parse Preconditions; None when there are none."""
    elements = node.section("Preconditions", "Precondition")
    if elements is None:
        return None
    preconditions = [_precondition(element, node) for element in elements]
    return tuple(precondition for precondition in preconditions if precondition)


def _precondition(element: Element, parent: Node) -> Precondition | None:
    node = Node(element, _PRECONDITION, parent.problems, parent.owner)
    execute = node.flag("ExecuteActionsIf") if node.complete else None
    if execute is None:
        return None
    return Precondition(
        type=node.identifier("Type"),
        execute_actions_if=execute,
        values=tuple(value.text.strip() for value in node.children("Value")),
        actions=tuple(action.text.strip() for action in node.children("Action")),
        location=node.location,
    )


def parse_validation(element: Element, parent: Node, *, attribute: str) -> ValidationTechnicalProfile | None:
    """Parse one profile of a validation list or of an action; ``attribute`` names the profile."""
    node = Node(element, _VALIDATION[attribute], parent.problems, parent.owner)
    reference = node.reference(attribute)
    if reference is None:
        return None
    return ValidationTechnicalProfile(
        profile=reference,
        continue_on_success=node.flag("ContinueOnSuccess"),
        continue_on_error=node.flag("ContinueOnError"),
        preconditions=parse_preconditions(node) or (),
    )
