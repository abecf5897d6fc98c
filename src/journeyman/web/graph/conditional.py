"""``$filter``, ``$orderby`` and ``$select`` on collections that are whole in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from journeyman.management.conditions import ValueOf, holds
from journeyman.web.graph.answers import Entity
from journeyman.web.graph.filters import parse_filter
from journeyman.web.graph.request import GraphRequest


def chosen(request: GraphRequest, items: Sequence[Entity]) -> Sequence[Entity]:
    """Return the items that fulfil ``$filter``, in the order of ``$orderby``.

    Raises:
        InvalidError: one of them cannot be read.
    """
    condition = parse_filter(request.query.filter)
    found = [item for item in items if condition is None or holds(condition, value_of(item))]
    for name, descending in reversed(request.query.order_by):
        found.sort(key=_key_of(name), reverse=descending)
    return found


def value_of(item: Entity) -> ValueOf:
    """Return what gives the members of an object by their paths, like ``web/logoutUrl``, in any case."""

    def value(path: str) -> object:
        at: object = item
        for name in path.lower().split("/"):
            if not isinstance(at, Mapping):
                return None
            at = next((one for key, one in at.items() if str(key).lower() == name), None)
        return at

    return value


def _key_of(name: str) -> Callable[[Entity], str]:
    return lambda item: str(value_of(item)(name) or "").casefold()
