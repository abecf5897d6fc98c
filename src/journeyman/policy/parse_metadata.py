"""``<Metadata>`` and other lists of named texts in, items by key out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from journeyman.policy.element import Element
from journeyman.policy.model import Item
from journeyman.policy.node import Node, insert, shape

_ATTRIBUTES: Final = {"Item": "Key", "Parameter": "Name"}
_SHAPES: Final = {name: shape(required=attribute) for name, attribute in _ATTRIBUTES.items()}


def parse_metadata(node: Node) -> dict[str, Item]:
    """Parse ``<Metadata>``; an empty text is an explicit empty value."""
    return parse_items(node, node.section("Metadata", "Item") or ())


def parse_items(node: Node, elements: Sequence[Element]) -> dict[str, Item]:
    """Parse ``<Item Key>`` or ``<Parameter Name>`` elements of ``node``."""
    table: dict[str, Item] = {}
    for element in elements:
        row = Node(element, _SHAPES[element.name], node.problems, node.owner)
        name = row.identifier(_ATTRIBUTES[element.name])
        item = row.keep(Item(name, element.text.strip(), element.location))
        insert(table, name, item, node, kind=element.name)
    return table
