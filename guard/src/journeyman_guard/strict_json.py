"""JSON objects read so that no two parsers can disagree about them."""

from __future__ import annotations

import json
from collections.abc import Mapping


def read_object(data: bytes) -> Mapping[str, object]:
    """Return a JSON object. Raises ValueError for anything else, repeated members and NaN included."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    match value:
        case dict():
            return value
        case _:
            raise ValueError("the JSON is not an object")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a JSON member is repeated")
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
