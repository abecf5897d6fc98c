"""Which objects are looked for: a condition and the members of an object in, whether it holds out.

Texts are compared without regard to case, as the directory of the service does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

Literal = str | bool | int | float | None
ValueOf = Callable[[str], object]
"""Returns a member by its name: a text, number, flag, None, a list of texts or a list of mappings."""


class Operator(Enum):
    """How a member is compared."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


class Part(Enum):
    """Which part of a text is compared."""

    STARTS = "startswith"
    ENDS = "endswith"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Compare:
    """``displayName eq 'Ada'``."""

    name: str
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class Matches:
    """``startswith(displayName,'A')``."""

    name: str
    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class AnyItem:
    """``identities/any(c:c/issuer eq 'x')``: some item of a list fulfils ``condition``; its own value has the name ""."""

    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """``a and b``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``a or b``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """``not a``."""

    part: Condition


Condition = Compare | Matches | AnyItem | AllOf | AnyOf | Negated


def holds(condition: Condition, value_of: ValueOf) -> bool:
    """Say whether an object fulfils a condition."""
    match condition:
        case Compare(name, operator, value):
            return _compare(value_of(name), operator, value)
        case Matches(name, part, text):
            return _matches(value_of(name), part, text)
        case AnyItem(name, inner):
            return any(holds(inner, _item(item)) for item in _items(value_of(name)))
        case AllOf(parts):
            return all(holds(part, value_of) for part in parts)
        case AnyOf(parts):
            return any(holds(part, value_of) for part in parts)
        case Negated(part):
            return not holds(part, value_of)


def names_of(condition: Condition) -> Iterator[str]:
    """Yield the members that a condition looks at; of a list its name."""
    match condition:
        case Compare(name) | Matches(name) | AnyItem(name):
            yield name
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from names_of(part)
        case Negated(part):
            yield from names_of(part)


def required_equals(condition: Condition) -> Iterator[Compare | AnyItem]:
    """Yield the comparisons by ``eq``, and on lists, without which the condition cannot hold."""
    match condition:
        case Compare(_, Operator.EQ, _) | AnyItem():
            yield condition
        case AllOf(parts):
            for part in parts:
                yield from required_equals(part)
        case _:
            return


_ORDER: Final[Mapping[Operator, Callable[[int], bool]]] = {
    Operator.GT: lambda order: order > 0,
    Operator.GE: lambda order: order >= 0,
    Operator.LT: lambda order: order < 0,
    Operator.LE: lambda order: order <= 0,
}


def _compare(held: object, operator: Operator, value: Literal) -> bool:
    if operator is Operator.EQ:
        return _same(held, value)
    if operator is Operator.NE:
        return not _same(held, value)
    order = _order(held, value)
    return order is not None and _ORDER[operator](order)


def _same(held: object, value: Literal) -> bool:
    if isinstance(held, str) and isinstance(value, str):
        return held.casefold() == value.casefold()
    # True would be equal to 1.
    return isinstance(held, bool) == isinstance(value, bool) and held == value


def _order(held: object, value: Literal) -> int | None:
    if isinstance(held, str) and isinstance(value, str):
        left, right = held.casefold(), value.casefold()
        return (left > right) - (left < right)
    if isinstance(held, bool) or isinstance(value, bool):
        return None
    if isinstance(held, int | float) and isinstance(value, int | float):
        return (held > value) - (held < value)
    return None


def _matches(held: object, part: Part, text: str) -> bool:
    if not isinstance(held, str):
        return False
    folded, wanted = held.casefold(), text.casefold()
    match part:
        case Part.STARTS:
            return folded.startswith(wanted)
        case Part.ENDS:
            return folded.endswith(wanted)
        case Part.CONTAINS:
            return wanted in folded


def _items(held: object) -> list[object]:
    return list(held) if isinstance(held, list | tuple) else []


def _item(item: object) -> ValueOf:
    if isinstance(item, Mapping):
        lower = {str(name).lower(): value for name, value in item.items()}
        return lambda name: lower.get(name.lower())
    return lambda name: None if name else item
