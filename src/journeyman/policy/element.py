"""XML without its syntax: what the parser of the policy language works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from journeyman.diagnostics import Location

POLICY_NAMESPACE = "http://schemas.microsoft.com/online/cpim/schemas/2013/06"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the policy namespace.

    Attributes:
        name: the local name.
        attributes: those without a prefix, as written; other namespaces are left out.
        children: the elements of the policy namespace, in document order.
        text: the character data that stands directly in the element, not trimmed.
        location: where ``<`` of the start tag stands in the file as its author sees it.
    """

    name: str
    attributes: Mapping[str, str]
    children: tuple[Element, ...]
    text: str
    location: Location
