"""``<Localization>`` in, languages and localized resources out."""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Location
from journeyman.policy import rules
from journeyman.policy.element import Element
from journeyman.policy.model import (
    Localization,
    LocalizedCollection,
    LocalizedResources,
    LocalizedString,
    key,
)
from journeyman.policy.node import Node, insert, shape
from journeyman.policy.origin import language_part
from journeyman.policy.parse_building_blocks import parse_enumerations
from journeyman.policy.problems import Problems

_LOCALIZATION: Final = shape(optional="Enabled", once="SupportedLanguages", many="LocalizedResources")
_LANGUAGES: Final = shape(optional="DefaultLanguage PolicyLanguage MergeBehavior", many="SupportedLanguage")
_RESOURCES: Final = shape(required="Id", optional="Culture", once="LocalizedCollections LocalizedStrings")
_STRING: Final = shape(required="ElementType StringId", optional="ElementId")
_COLLECTION: Final = shape(required="ElementType ElementId TargetCollection", many="Item")

_TextKey = tuple[str, str, str]


def parse_localization(element: Element, problems: Problems) -> Localization:
    """Parse ``<Localization>``."""
    node = Node(element, _LOCALIZATION, problems, "Localization")
    languages = node.child("SupportedLanguages")
    resources = _resources(node)
    if languages is None:
        return Localization(enabled=node.flag("Enabled"), resources=resources, parts=node.parts())
    supported = Node(languages, _LANGUAGES, problems, "Localization")
    return Localization(
        enabled=node.flag("Enabled"),
        default_language=supported.identifier("DefaultLanguage") or None,
        policy_language=supported.identifier("PolicyLanguage") or None,
        supported_languages=tuple(item.text.strip() for item in supported.children("SupportedLanguage")),
        supported_languages_merge_behavior=supported.merge_behavior(),
        resources=resources,
        parts={**node.parts(), **supported.parts(), **_language_places(supported)},
    )


def _language_places(supported: Node) -> dict[str, Location]:
    return {language_part(item.text): item.location for item in supported.children("SupportedLanguage")}


def _resources(node: Node) -> dict[str, LocalizedResources]:
    table: dict[str, LocalizedResources] = {}
    for element in node.children("LocalizedResources"):
        item = Node(element, _RESOURCES, node.problems, element.attributes.get("Id", ""))
        identifier = item.identifier("Id")
        resources = LocalizedResources(identifier, item.location, _strings(item), _collections(item))
        insert(table, identifier, item.keep(resources), item, kind="LocalizedResources")
    return table


def _strings(node: Node) -> dict[_TextKey, LocalizedString]:
    table: dict[_TextKey, LocalizedString] = {}
    for element in node.section("LocalizedStrings", "LocalizedString") or ():
        item = Node(element, _STRING, node.problems, node.owner)
        element_type, string_id = item.identifier("ElementType"), item.identifier("StringId")
        element_id = item.identifier("ElementId") or None
        if not item.complete:
            continue
        text_key = (key(element_type), key(element_id or ""), key(string_id))
        if text_key in table and table[text_key].text != element.text:
            _report_second_text(item, element_id, string_id)
        table[text_key] = LocalizedString(element_type, element_id, string_id, element.text, item.location)
    return table


def _report_second_text(node: Node, element_id: str | None, string_id: str) -> None:
    name = f"{element_id}/{string_id}" if element_id else string_id
    node.problems.report(rules.DUPLICATE_LOCALIZED_STRING, node.location, element=node.owner, id=name)


def _collections(node: Node) -> dict[_TextKey, LocalizedCollection]:
    table: dict[_TextKey, LocalizedCollection] = {}
    for element in node.section("LocalizedCollections", "LocalizedCollection") or ():
        item = Node(element, _COLLECTION, node.problems, node.owner)
        if not item.complete:
            continue
        names = item.identifier("ElementType"), item.identifier("ElementId"), item.identifier("TargetCollection")
        options = parse_enumerations(item.children("Item"), item)
        table[key(names[0]), key(names[1]), key(names[2])] = LocalizedCollection(*names, options, item.location)
    return table
