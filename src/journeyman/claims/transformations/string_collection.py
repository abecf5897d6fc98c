"""String collection claims transformations (claims.md B.6)."""

from __future__ import annotations

from typing import Final

from journeyman.claims import ordinal
from journeyman.claims.transformations.arguments import (
    boolean,
    collection_of,
    flag,
    required,
    text_of,
    value_of,
)
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings


def _add_item(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return _added(inputs, text_of(inputs, "item"))


def _add_parameter(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return _added(inputs, required(parameters, "item"))


def _added(inputs: Inputs, item: str | None) -> Outputs:
    """Add at the end what is not there yet; items are compared ordinally, our choice."""
    collection = collection_of(inputs, "collection")
    if item is None:
        return {} if value_of(inputs, "collection") is None else {"collection": collection}
    return {"collection": collection if item in collection else (*collection, item)}


def _single_item(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    collection = collection_of(inputs, "collection")
    return {"extracteditem": collection[0]} if collection else {}


def _contains(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    item, ignore_case = required(parameters, "item"), flag(parameters, "ignorecase")
    return {"outputclaim": _has(collection_of(inputs, "inputclaim"), item, ignore_case=ignore_case)}


def _contains_claim(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    item, ignore_case = text_of(inputs, "item"), flag(parameters, "ignorecase")
    return {"outputclaim": _has(collection_of(inputs, "collection"), item, ignore_case=ignore_case)}


def _has(collection: tuple[str, ...], item: str | None, *, ignore_case: bool) -> bool:
    return item is not None and any(ordinal.equal(held, item, ignore_case=ignore_case) for held in collection)


_COLLECTION: Final = frozenset({"collection"})
_BOTH: Final = frozenset({"collection", "item"})
_ITEM: Final = frozenset({"item"})
_RESULT: Final = frozenset({"outputclaim"})

METHODS: Final = (
    Method("AddItemToStringCollection", _add_item, inputs=_BOTH, outputs=_COLLECTION),
    Method(
        "AddParameterToStringCollection",
        _add_parameter,
        inputs=_COLLECTION,
        parameters=_ITEM,
        required_parameters=_ITEM,
        outputs=_COLLECTION,
    ),
    Method(
        "GetSingleItemFromStringCollection",
        _single_item,
        inputs=_COLLECTION,
        outputs=frozenset({"extracteditem"}),
    ),
    Method(
        "StringCollectionContains",
        _contains,
        inputs=frozenset({"inputclaim"}),
        parameters=frozenset({"item", "ignorecase"}),
        required_parameters=_ITEM,
        outputs=_RESULT,
        checks={"ignorecase": boolean},
    ),
    Method(
        "StringCollectionContainsClaim",
        _contains_claim,
        inputs=_BOTH,
        parameters=frozenset({"ignorecase"}),
        outputs=_RESULT,
        checks={"ignorecase": boolean},
    ),
)
