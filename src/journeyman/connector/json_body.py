"""The JSON body of an answer: bytes in, a value of bounded depth out."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from journeyman.claims.values import Json

DEPTH_LIMIT: Final = 64
"""How deep arrays and objects may be nested; this project's decision."""


class NotJsonError(ValueError):
    """The body is not JSON in UTF-8, or it is nested too deeply; the message never contains it."""


def parse_body(body: bytes) -> Json:
    """Read the body of an answer. Raises NotJsonError."""
    try:
        value: Json = _DECODER.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # The parser's message quotes the body, so its cause is not chained.
        message = "the body is not JSON"
        raise NotJsonError(message) from None
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT:
        _check_depth(value)
    return value


def _check_depth(value: Json) -> None:
    level: list[Json] = [value]
    for _ in range(DEPTH_LIMIT + 1):
        level = [child for item in level if isinstance(item, dict | list) for child in _children(item)]
        if not level:
            return
    message = f"the body is nested deeper than {DEPTH_LIMIT} levels"
    raise NotJsonError(message)


def _children(item: dict[str, Json] | list[Json]) -> list[Json]:
    return list(item.values()) if isinstance(item, dict) else item


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)
