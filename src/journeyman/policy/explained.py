"""One part of an explained element, and how the parts of single values and of lists are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from journeyman.diagnostics import Location
from journeyman.policy.model import Reference
from journeyman.policy.origin import Parts


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an element: its name in the XML, its value, and where the value comes from.

    A section, such as ``Metadata``, has no value and the place of its first entry: its entries may
    come from several files.
    """

    name: str
    value: str
    location: Location
    parts: tuple[Part, ...] = ()


def scalar(name: str, value: object, location: Location) -> Iterator[Part]:
    """Yield the part of a single value, nothing when it does not stand in the policy."""
    if value is not None:
        yield Part(name, str(value).lower() if isinstance(value, bool) else str(value), location)


def scalars(element: object, fields: Mapping[str, str], places: Parts, fallback: Location) -> Iterator[Part]:
    """Yield the parts of single values; ``fields`` leads from the name in the XML to the field of ``element``."""
    for name, field in fields.items():
        yield from scalar(name, getattr(element, field), places.get(name, fallback))


def section(name: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield a section, nothing when it is empty."""
    found = tuple(parts)
    if found:
        yield Part(name, "", found[0].location, found)


def reference_parts(name: str, reference: Reference | None) -> Iterator[Part]:
    """Yield the part of an element that only names another one."""
    if reference is not None:
        yield Part(name, reference.id, reference.location)


def references(name: str, found: Iterable[Reference]) -> Iterator[Part]:
    """Yield the parts of a list of references."""
    return (Part(name, reference.id, reference.location) for reference in found)
