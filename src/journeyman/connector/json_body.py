"""JSON bodies: names and values in, text out; the bytes of an answer in, a value of bounded depth out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from json.encoder import encode_basestring
from typing import Final, NoReturn

from journeyman.claims.values import Json

DEPTH_LIMIT: Final = 64
"""How deep arrays and objects may be nested; this project's decision."""


_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class NotJsonError(ValueError):
    """The body is not JSON in UTF-8, or it is nested too deeply; the message never contains it."""


def write_object(members: Iterable[tuple[str, Json]]) -> str:
    """Write a compact JSON object, names in the order given."""
    # An encoder sets itself up for every value; nearly all claims are text, which needs no more than quotes.
    return "{" + ",".join([f"{encode_basestring(name)}:{_value(value)}" for name, value in members]) + "}"


def parse_body(body: bytes, *, unique: bool = False) -> Json:
    """Read the body of an answer.

    Args:
        unique: whether a name may stand in an object only once; else the last value wins.

    Raises:
        NotJsonError: it cannot be read.
    """
    decoder = _UNIQUE if unique else _DECODER
    try:
        value: Json = decoder.decode(body.decode("utf-8-sig"))
    except _TwiceError:
        message = "a name stands twice in an object of the body"
        raise NotJsonError(message) from None
    except (ValueError, RecursionError):
        # The parser's message quotes the body, so its cause is not chained.
        message = "the body is not JSON"
        raise NotJsonError(message) from None
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT:
        _check_depth(value)
    return value


def _value(value: Json) -> str:
    return encode_basestring(value) if isinstance(value, str) else _ENCODE(value)


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


class _TwiceError(Exception):
    """A name stands twice in an object."""


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)
_UNIQUE: Final = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once)
