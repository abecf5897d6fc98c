"""Read one element against its shape: attributes and children by name, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol, TypeVar

from journeyman.diagnostics import Location, Rule
from journeyman.policy import rules
from journeyman.policy.element import Element
from journeyman.policy.model import Reference, key
from journeyman.policy.problems import Problems

_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,9}")
_MERGE_BEHAVIORS: Final = ("Append", "Prepend", "ReplaceAll")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand in an element; everything else is reported and ignored.

    Attributes:
        required: attributes that must be there and not be empty.
        attributes: every attribute that may be there.
        once: children that may be there once.
        children: every child that may be there.
        unsupported: attributes and children that the schema knows and this engine does not.
    """

    required: tuple[str, ...]
    attributes: frozenset[str]
    once: frozenset[str]
    children: frozenset[str]
    unsupported: frozenset[str]


def shape(*, required: str = "", optional: str = "", once: str = "", many: str = "", unsupported: str = "") -> Shape:
    """Make a shape from names separated by blanks."""
    ignored = frozenset(unsupported.split())
    return Shape(
        required=tuple(required.split()),
        attributes=frozenset(required.split()) | frozenset(optional.split()) | ignored,
        once=frozenset(once.split()),
        children=frozenset(once.split()) | frozenset(many.split()) | ignored,
        unsupported=ignored,
    )


@cache
def list_shape(item: str, attributes: str) -> Shape:
    """Make the shape of an element that only holds ``item`` elements; there are few of them, so each is made once."""
    return shape(many=item, optional=attributes)


@cache
def reference_shape(attribute: str) -> Shape:
    """Make the shape of an element that only names another one."""
    return shape(required=attribute)


class Located(Protocol):
    """Something of which it is known where it stands."""

    @property
    def location(self) -> Location:
        """Where it stands."""
        ...


Keyed = TypeVar("Keyed", bound=Located)


class Node:
    """One element that is being read; ``owner`` names the element that diagnostics speak of."""

    __slots__ = ("_children", "complete", "element", "location", "owner", "problems")

    def __init__(self, element: Element, shape: Shape, problems: Problems, owner: str = "") -> None:
        self.element = element
        self.location = element.location
        self.problems = problems
        self.owner = owner
        self.complete = True
        _check_attributes(self, shape)
        self._children = _group(self, shape) if element.children else {}

    def identifier(self, name: str) -> str:
        """Return a required attribute without outer blanks; empty when it is missing, which was reported."""
        return self.element.attributes.get(name, "").strip()

    def attribute(self, name: str) -> str | None:
        """Return an attribute as written."""
        return self.element.attributes.get(name)

    def flag(self, name: str) -> bool | None:
        """Return a Boolean attribute; None when it is missing or wrong, which is reported."""
        written = self.element.attributes.get(name)
        return None if written is None else boolean(written, name, self)

    def integer(self, name: str) -> int | None:
        """Return a whole number; None when it is missing or wrong, which is reported."""
        written = self.element.attributes.get(name)
        if written is None:
            return None
        if _INTEGER.fullmatch(written.strip()):
            return int(written)
        self.problems.report(rules.INTEGER, self.location, element=self.owner, value=written, name=name)
        return None

    def reference(self, name: str) -> Reference | None:
        """Return the reference that an attribute holds."""
        written = self.identifier(name)
        return Reference(written, self.location) if written else None

    def merge_behavior(self) -> str | None:
        """Return the attribute MergeBehavior; None when it is missing or wrong, which is reported."""
        written = self.element.attributes.get("MergeBehavior")
        if written is None or written in _MERGE_BEHAVIORS:
            return written
        self.problems.report(rules.MERGE_BEHAVIOR, self.location, element=self.owner, value=written)
        return None

    def child(self, name: str) -> Element | None:
        """Return the first child of this name."""
        found = self._children.get(name)
        return found[0] if found else None

    def children(self, name: str) -> list[Element]:
        """Return the children of this name, in document order."""
        return self._children.get(name, [])

    def text(self, name: str) -> str | None:
        """Return the text of a child without outer blanks; None when there is no such child."""
        found = self._children.get(name)
        return found[0].text.strip() if found else None

    def section(self, name: str, item: str, *, optional: str = "") -> list[Element] | None:
        """Return the ``item`` elements in the ``name`` children; None when there is no ``name``."""
        sections = self._children.get(name)
        if sections is None:
            return None
        expected = list_shape(item, optional)
        return [found for each in sections for found in Node(each, expected, self.problems, self.owner).children(item)]

    def parts(self) -> dict[str, Location]:
        """Return where its attributes and children stand, by name; of several children the first."""
        found = dict.fromkeys(self.element.attributes, self.location)
        found.update((name, children[0].location) for name, children in self._children.items())
        return found

    def keep(self, value: Value) -> Value | None:
        """Return ``value``, or None when something that it needs is missing, which was reported."""
        return value if self.complete else None


def boolean(written: str, name: str, node: Node) -> bool | None:
    """Return the Boolean value of a text; None when it is none, which is reported."""
    value = _BOOLEANS.get(written.strip().lower())
    if value is None:
        node.problems.report(rules.BOOLEAN, node.location, element=node.owner, value=written, name=name)
    return value


def insert(table: dict[str, Keyed], identifier: str, value: Keyed | None, node: Node, *, kind: str) -> None:
    """Put ``value`` under its key; the first of two with one key stays, the second is reported."""
    if value is None:
        return
    first = table.setdefault(key(identifier), value)
    if first is not value:
        report_duplicate(node, identifier, first.location, value.location, kind=kind)


def report_duplicate(node: Node, identifier: str, first: Location, second: Location, *, kind: str) -> None:
    """Report that a key stands twice in one file."""
    node.problems.report(
        rules.DUPLICATE_KEY, second, element=node.owner or identifier, id=identifier, kind=kind, line=first.line
    )


def require_child(node: Node, name: str) -> str:
    """Return the text of a child that must be there; empty when it is missing, which is reported."""
    text = node.text(name)
    if not text:
        node.complete = False
        parent = node.element.name
        node.problems.report(rules.MISSING_ELEMENT, node.location, element=node.owner, parent=parent, name=name)
    return text or ""


def _check_attributes(node: Node, expected: Shape) -> None:
    attributes, parent = node.element.attributes, node.element.name
    for name in expected.required:
        if not attributes.get(name, "").strip():
            node.complete = False
            node.problems.report(rules.MISSING_ATTRIBUTE, node.location, element=node.owner, name=name, parent=parent)
    for name in attributes:
        if name not in expected.attributes:
            known = ", ".join(sorted(expected.attributes)) or "no attribute"
            node.problems.report(
                rules.UNKNOWN_ATTRIBUTE, node.location, element=node.owner, name=name, parent=parent, known=known
            )
        elif name in expected.unsupported:
            node.problems.report(rules.NOT_SUPPORTED, node.location, element=node.owner, name=name, parent=parent)


def _group(node: Node, expected: Shape) -> dict[str, list[Element]]:
    groups: dict[str, list[Element]] = {}
    for child in node.element.children:
        if child.name not in expected.children:
            _report_child(rules.UNKNOWN_ELEMENT, node, child, known=", ".join(sorted(expected.children)) or "nothing")
        elif child.name in expected.unsupported:
            _report_child(rules.NOT_SUPPORTED, node, child)
        elif child.name in groups and child.name in expected.once:
            _report_child(rules.REPEATED_ELEMENT, node, child)
        else:
            groups.setdefault(child.name, []).append(child)
    return groups


def _report_child(rule: Rule, node: Node, child: Element, **values: str) -> None:
    parent = node.element.name
    node.problems.report(rule, child.location, element=node.owner, parent=parent, name=child.name, **values)
