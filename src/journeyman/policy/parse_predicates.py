"""Predicates and their validations in, both forms alike out."""

from __future__ import annotations

from typing import Final

from journeyman.policy.element import Element
from journeyman.policy.model import Predicate, PredicateGroup, PredicateValidation, key
from journeyman.policy.node import Node, require_child, shape
from journeyman.policy.problems import Problems

_REFERENCE: Final = shape(required="Id")
_PREDICATE: Final = shape(required="Id Method", optional="HelpText", once="UserHelpText Parameters")
_PREDICATE_VALIDATION: Final = shape(required="Id", once="PredicateGroups")
_PREDICATE_GROUP: Final = shape(required="Id", once="UserHelpText PredicateReferences")
_PREDICATE_REFERENCES: Final = shape(optional="Id MatchAtLeast Reject HelpText", many="PredicateReference")
_INPUT_VALIDATION: Final = shape(required="Id", many="PredicateReferences")


def parse_predicate(element: Element, problems: Problems) -> Predicate | None:
    """Parse ``<Predicate>``."""
    node = Node(element, _PREDICATE, problems, element.attributes.get("Id", ""))
    parameters: dict[str, str] = {}
    for item in node.section("Parameters", "Parameter") or ():
        parameter = Node(item, _REFERENCE, problems, node.owner)
        if parameter.complete:
            parameters.setdefault(key(parameter.identifier("Id")), item.text.strip())
    return node.keep(
        Predicate(
            id=node.identifier("Id"),
            location=node.location,
            method=node.identifier("Method"),
            help_text=node.attribute("HelpText"),
            user_help_text=node.text("UserHelpText"),
            parameters=parameters,
        )
    )


def parse_predicate_validation(element: Element, problems: Problems) -> PredicateValidation | None:
    """Parse ``<PredicateValidation>``."""
    node = Node(element, _PREDICATE_VALIDATION, problems, element.attributes.get("Id", ""))
    groups = []
    for item in node.section("PredicateGroups", "PredicateGroup") or ():
        group = Node(item, _PREDICATE_GROUP, problems, node.owner)
        references = group.child("PredicateReferences")
        if references is None:
            require_child(group, "PredicateReferences")
        elif group.complete:
            groups.append(_group(references, group, group.identifier("Id"), group.text("UserHelpText")))
    return node.keep(PredicateValidation(node.identifier("Id"), node.location, tuple(groups)))


def parse_input_validation(element: Element, problems: Problems) -> PredicateValidation | None:
    """Parse the older ``<InputValidation>``: each of its lists of predicates is a group."""
    node = Node(element, _INPUT_VALIDATION, problems, element.attributes.get("Id", ""))
    groups = tuple(
        _group(references, node, references.attributes.get("Id", ""), references.attributes.get("HelpText"))
        for references in node.children("PredicateReferences")
    )
    return node.keep(PredicateValidation(node.identifier("Id"), node.location, groups))


def _group(element: Element, parent: Node, identifier: str, user_help_text: str | None) -> PredicateGroup:
    node = Node(element, _PREDICATE_REFERENCES, parent.problems, parent.owner)
    references = [
        Node(item, _REFERENCE, parent.problems, parent.owner).reference("Id")
        for item in node.children("PredicateReference")
    ]
    return PredicateGroup(
        id=identifier,
        user_help_text=user_help_text,
        match_at_least=node.integer("MatchAtLeast"),
        predicates=tuple(reference for reference in references if reference),
        location=parent.location,
        reject=node.flag("Reject") or False,
    )
