"""Elements of ``<BuildingBlocks>`` in, claim types, claims transformations and content definitions out."""

from __future__ import annotations

from typing import Final

from journeyman.policy import model, rules
from journeyman.policy.element import Element
from journeyman.policy.model import Reference
from journeyman.policy.node import Node, insert, shape
from journeyman.policy.parse_metadata import parse_metadata
from journeyman.policy.problems import Problems

_REFERENCE: Final = shape(required="Id")
_CLAIM_TYPE: Final = shape(
    required="Id",
    optional="StatementType",
    once="DisplayName DataType Mask AdminHelpText UserHelpText UserInputType Restriction"
    " InputValidationReference PredicateValidationReference",
    many="DefaultPartnerClaimTypes",
)
_PARTNER_CLAIM_TYPE: Final = shape(required="Name PartnerClaimType", optional="Handler")
_MASK: Final = shape(required="Type", optional="Regex")
_RESTRICTION: Final = shape(optional="MergeBehavior", once="Pattern", many="Enumeration")
_ENUMERATION: Final = shape(optional="Text Value SelectByDefault")
_PATTERN: Final = shape(required="RegularExpression", optional="HelpText")
_TRANSFORMATION: Final = shape(required="Id TransformationMethod", once="InputClaims InputParameters OutputClaims")
_TRANSFORMATION_CLAIM: Final = shape(required="ClaimTypeReferenceId", optional="TransformationClaimType")
_INPUT_PARAMETER: Final = shape(required="Id DataType", optional="Value")
_CLIENT_DEFINITION: Final = shape(required="Id", once="ClientUIFilterFlags")
_CONTENT_DEFINITION: Final = shape(
    required="Id", once="LoadUri RecoveryUri DataUri Metadata LocalizedResourcesReferences"
)
_RESOURCES_REFERENCES: Final = shape(optional="MergeBehavior", many="LocalizedResourcesReference")
_RESOURCES_REFERENCE: Final = shape(required="Language", optional="LocalizedResourcesReferenceId Url")


def parse_claim_type(element: Element, problems: Problems) -> model.ClaimType | None:
    """Parse ``<ClaimType>``."""
    owner = element.attributes.get("Id", "")
    node = Node(element, _CLAIM_TYPE, problems, owner)
    return node.keep(
        model.ClaimType(
            id=node.identifier("Id"),
            location=node.location,
            display_name=node.text("DisplayName"),
            data_type=node.text("DataType"),
            default_partner_claim_types=_partner_claim_types(node),
            mask=_mask(node),
            admin_help_text=node.text("AdminHelpText"),
            user_help_text=node.text("UserHelpText"),
            user_input_type=node.text("UserInputType"),
            restriction=_restriction(node),
            input_validation=_child_reference(node, "InputValidationReference"),
            predicate_validation=_child_reference(node, "PredicateValidationReference"),
            parts=node.parts(),
        )
    )


def _partner_claim_types(node: Node) -> dict[str, model.Protocol]:
    table: dict[str, model.Protocol] = {}
    for element in node.section("DefaultPartnerClaimTypes", "Protocol") or ():
        row = Node(element, _PARTNER_CLAIM_TYPE, node.problems, node.owner)
        name = row.identifier("Name")
        protocol = model.Protocol(name, row.attribute("Handler"), row.identifier("PartnerClaimType"), row.location)
        insert(table, name, row.keep(protocol), node, kind="Protocol")
    return table


def _mask(node: Node) -> model.Mask | None:
    element = node.child("Mask")
    if element is None:
        return None
    mask = Node(element, _MASK, node.problems, node.owner)
    return mask.keep(model.Mask(mask.identifier("Type"), mask.attribute("Regex"), element.text.strip()))


def _restriction(node: Node) -> model.Restriction | None:
    element = node.child("Restriction")
    if element is None:
        return None
    restriction = Node(element, _RESTRICTION, node.problems, node.owner)
    enumerations = parse_enumerations(restriction.children("Enumeration"), restriction)
    pattern = _pattern(restriction)
    if enumerations and pattern:
        node.problems.report(
            rules.CHOICE,
            element.location,
            element=node.owner,
            parent="Restriction",
            first="Enumeration",
            second="Pattern",
        )
    return model.Restriction(restriction.merge_behavior(), enumerations, pattern, element.location)


def _pattern(restriction: Node) -> model.Pattern | None:
    element = restriction.child("Pattern")
    if element is None:
        return None
    pattern = Node(element, _PATTERN, restriction.problems, restriction.owner)
    expression = element.attributes.get("RegularExpression", "")
    return pattern.keep(model.Pattern(expression, pattern.attribute("HelpText"), element.location))


def parse_enumerations(elements: list[Element], parent: Node) -> tuple[model.Enumeration, ...]:
    """Parse ``<Enumeration>`` elements, or the ``<Item>`` elements of a localized collection."""
    found = []
    for element in elements:
        node = Node(element, _ENUMERATION, parent.problems, parent.owner)
        text, value = node.attribute("Text"), node.attribute("Value")
        for name, written in (("Text", text), ("Value", value)):
            if written is None:
                parent.problems.report(
                    rules.MISSING_ATTRIBUTE, node.location, element=parent.owner, name=name, parent=element.name
                )
        if text is not None and value is not None:
            found.append(model.Enumeration(text, value, node.flag("SelectByDefault") or False, node.location))
    return tuple(found)


def _child_reference(node: Node, name: str) -> Reference | None:
    element = node.child(name)
    return Node(element, _REFERENCE, node.problems, node.owner).reference("Id") if element else None


def parse_claims_transformation(element: Element, problems: Problems) -> model.ClaimsTransformation | None:
    """Parse ``<ClaimsTransformation>``."""
    node = Node(element, _TRANSFORMATION, problems, element.attributes.get("Id", ""))
    return node.keep(
        model.ClaimsTransformation(
            id=node.identifier("Id"),
            location=node.location,
            method=node.identifier("TransformationMethod"),
            input_claims=_transformation_claims(node, "InputClaims", "InputClaim"),
            input_parameters=_input_parameters(node),
            output_claims=_transformation_claims(node, "OutputClaims", "OutputClaim"),
            parts=node.parts(),
        )
    )


def _transformation_claims(node: Node, section: str, item: str) -> tuple[model.TransformationClaim, ...] | None:
    elements = node.section(section, item)
    if elements is None:
        return None
    claims = []
    for element in elements:
        claim = Node(element, _TRANSFORMATION_CLAIM, node.problems, node.owner)
        ours, theirs = claim.identifier("ClaimTypeReferenceId"), claim.identifier("TransformationClaimType")
        claims.append(claim.keep(model.TransformationClaim(ours, theirs or None, element.location)))
    return tuple(claim for claim in claims if claim)


def _input_parameters(node: Node) -> tuple[model.InputParameter, ...] | None:
    elements = node.section("InputParameters", "InputParameter")
    if elements is None:
        return None
    parameters = []
    for element in elements:
        item = Node(element, _INPUT_PARAMETER, node.problems, node.owner)
        value = item.attribute("Value")
        if value is None:
            node.problems.report(
                rules.MISSING_ATTRIBUTE, item.location, element=node.owner, name="Value", parent=element.name
            )
            continue
        parameter = model.InputParameter(item.identifier("Id"), item.identifier("DataType"), value, item.location)
        parameters.append(item.keep(parameter))
    return tuple(parameter for parameter in parameters if parameter)


def parse_client_definition(element: Element, problems: Problems) -> model.ClientDefinition | None:
    """Parse ``<ClientDefinition>``."""
    node = Node(element, _CLIENT_DEFINITION, problems, element.attributes.get("Id", ""))
    flags = node.text("ClientUIFilterFlags") or ""
    return node.keep(model.ClientDefinition(node.identifier("Id"), node.location, flags))


def parse_content_definition(element: Element, problems: Problems) -> model.ContentDefinition | None:
    """Parse ``<ContentDefinition>``."""
    node = Node(element, _CONTENT_DEFINITION, problems, element.attributes.get("Id", ""))
    references, merge_behavior = _resources_references(node)
    return node.keep(
        model.ContentDefinition(
            id=node.identifier("Id"),
            location=node.location,
            load_uri=node.text("LoadUri"),
            recovery_uri=node.text("RecoveryUri"),
            data_uri=node.text("DataUri"),
            metadata=parse_metadata(node),
            localized_resources=references,
            localized_resources_merge_behavior=merge_behavior,
            parts=node.parts(),
        )
    )


def _resources_references(node: Node) -> tuple[tuple[model.LocalizedResourcesReference, ...] | None, str | None]:
    section = node.child("LocalizedResourcesReferences")
    if section is None:
        return None, None
    references = Node(section, _RESOURCES_REFERENCES, node.problems, node.owner)
    found = []
    for element in references.children("LocalizedResourcesReference"):
        item = Node(element, _RESOURCES_REFERENCE, node.problems, node.owner)
        resources = item.reference("LocalizedResourcesReferenceId")
        language, url = item.identifier("Language"), item.attribute("Url")
        found.append(item.keep(model.LocalizedResourcesReference(language, resources, url, item.location)))
    return tuple(reference for reference in found if reference), references.merge_behavior()
