"""Routes in, one tree out that finds the route of a path: a word wins over a parameter, as deep as that leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from journeyman.web.graph.path import Segment, parse_segments
from journeyman.web.graph.route import GraphRoute


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    keys: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    routes: dict[str, GraphRoute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The routes of one path by method, and the values of its parameters in their order."""

    routes: Mapping[str, GraphRoute]
    values: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that are served, HEAD with GET."""
        names = set(self.routes) | {"OPTIONS"}
        return tuple(sorted(names | {"HEAD"} if "GET" in names else names))

    def route(self, method: str) -> GraphRoute | None:
        """Return the route of a method, None when it is not served."""
        return self.routes.get("GET" if method == "HEAD" else method)

    def parameters(self, route: GraphRoute) -> Mapping[str, str]:
        """Return the values under the names that the route's pattern gives them."""
        return dict(zip(parameter_names(route.pattern), self.values, strict=True))


class Router:
    """All routes of the API. Raises ValueError when two of them are the same."""

    def __init__(self, routes: Iterable[GraphRoute], *, tenant: Iterable[str] = ()) -> None:
        """Build the tree.

        Args:
            tenant: the names of the tenant in lower case, one of which may stand before every path: the client of
                Terraform writes ``/beta/<tenant id>/identity/b2cUserFlows``.
        """
        self.routes = tuple(routes)
        self._tenant = frozenset(tenant)
        self._root = _Node()
        for route in self.routes:
            node = self._node(route.pattern)
            if route.method in node.routes:
                raise ValueError(f"there are two routes {route.method} {route.pattern}")
            node.routes[route.method] = route

    def find(self, segments: tuple[Segment, ...]) -> Found | None:
        """Return what a path without its version leads to."""
        if segments and segments[0].text.lower() in self._tenant:
            segments = segments[1:]
        return _find(self._root, segments, ())

    def _node(self, pattern: str) -> _Node:
        node = self._root
        for segment in parse_segments(pattern.encode()):
            if segment.key_name:
                node = node.keys.setdefault(segment.key_name, _Node())
            elif _is_parameter(segment):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.words.setdefault(segment.word, _Node())
        return node


def parameter_names(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern's parameters, in their order."""
    return tuple(one.text[1:-1] for one in parse_segments(pattern.encode()) if _is_parameter(one))


def _is_parameter(segment: Segment) -> bool:
    return segment.text.startswith("{") and segment.text.endswith("}")


def _find(node: _Node, segments: tuple[Segment, ...], values: tuple[str, ...]) -> Found | None:
    if not segments:
        return Found(node.routes, values) if node.routes else None
    first, rest = segments[0], segments[1:]
    if first.key_name:
        below = node.keys.get(first.key_name)
        return _find(below, rest, (*values, first.text)) if below else None
    if not first.is_key and (word := node.words.get(first.word)) is not None:
        found = _find(word, rest, values)
        if found is not None:
            return found
    if node.parameter is None or (not first.is_key and first.text.startswith("$")):
        return None
    return _find(node.parameter, rest, (*values, first.text))
