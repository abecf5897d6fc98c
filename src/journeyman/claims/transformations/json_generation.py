"""GenerateJson: claims and parameters under dotted paths in, JSON text out (claims.md B.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from journeyman.claims.json_text import JsonTextError, compact
from journeyman.claims.transformations.arguments import failure, in_order, parameters_in_order
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import ConversionError, DataType, Json, convert, to_json

_LITERALS: Final = frozenset({DataType.BOOLEAN, DataType.INT, DataType.LONG})
"""Data types of a parameter that become a JSON literal; all others are text."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value at the end of a path; None where the claim is absent, which leaves the member out."""

    value: Json


Node = dict[str, "Node | _Leaf"]
"""What stands below each segment of the paths."""


def _generate(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    root: Node = {}
    for path, value in _leaves(inputs, parameters, surroundings):
        _insert(root, path.split("."), _Leaf(value))
    try:
        return {"outputclaim": compact(_built(root))}
    except JsonTextError as error:
        raise failure(str(error)) from error


def _leaves(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Iterator[tuple[str, Json]]:
    for path, value in in_order(inputs, surroundings):
        yield path, None if value is None else to_json(value)
    for path, text in parameters_in_order(parameters, surroundings):
        yield path, _parameter(path, text, surroundings)


def _parameter(path: str, text: str, surroundings: Surroundings) -> Json:
    data_type = surroundings.parameter_types.get(path.casefold(), DataType.STRING)
    if data_type not in _LITERALS:
        return text
    try:
        return to_json(convert(text, data_type))
    except ConversionError as error:
        raise failure(f"input parameter {path!r}: {error}") from error


def _insert(node: Node, segments: list[str], leaf: _Leaf) -> None:
    for segment in segments[:-1]:
        below = node.setdefault(segment, {})
        if isinstance(below, _Leaf):
            raise failure(f"the path {'.'.join(segments)!r} goes through a value")
        node = below
    if isinstance(node.get(segments[-1]), dict):
        raise failure(f"the path {'.'.join(segments)!r} ends where another goes on")
    # The last value of a path counts.
    node[segments[-1]] = leaf


def _built(node: Node) -> Json:
    """Build an array of a node whose segments are all numbers, else an object."""
    if node and all(_is_index(segment) for segment in node):
        return _array(node)
    return {segment: _value(below) for segment, below in node.items() if below != _Leaf(None)}


def _array(node: Node) -> Json:
    by_index = {int(segment): below for segment, below in node.items()}
    if sorted(by_index) != list(range(len(node))):
        raise failure("the indexes of an array have a gap")
    return [_value(by_index[index]) for index in range(len(node)) if by_index[index] != _Leaf(None)]


def _value(below: Node | _Leaf) -> Json:
    return below.value if isinstance(below, _Leaf) else _built(below)


def _is_index(segment: str) -> bool:
    return segment.isascii() and segment.isdigit() and len(segment) <= 5


METHODS: Final = (Method("GenerateJson", _generate, inputs=None, parameters=None, outputs=frozenset({"outputclaim"})),)
