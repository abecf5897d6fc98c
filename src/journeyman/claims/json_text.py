"""JSON as text: bounded parsing and compact writing; text or values in, values or text out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON can hold."""

MAX_TEXT: Final = 1_048_576
"""The longest text of one value, in characters; our choice, equal to the cap of an API's answer."""

MAX_DEPTH: Final = 64
"""How deep arrays and objects may be nested in one value; our choice."""


class JsonTextError(ValueError):
    """The text is not JSON, or it is longer or deeper than allowed; the message never contains it."""


def parse_json(text: str) -> Json:
    """Read strict JSON: no NaN, no infinity, at most ``MAX_TEXT`` characters and ``MAX_DEPTH`` levels.

    Raises:
        JsonTextError: the text is something else.
    """
    if len(text) > MAX_TEXT:
        message = f"the JSON text is longer than {MAX_TEXT} characters"
        raise JsonTextError(message)
    try:
        parsed: Json = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # The parser's message quotes the text, so its cause is not chained.
        message = "the text is not valid JSON"
        raise JsonTextError(message) from None
    _check_depth(parsed)
    return parsed


def compact(value: object) -> str:
    """Write JSON without white space.

    Raises:
        JsonTextError: the value is not JSON, or its text would be too long or too deep.
    """
    _check_depth(value)
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        message = "the value cannot be written as JSON"
        raise JsonTextError(message) from None
    if len(text) > MAX_TEXT:
        message = f"the JSON text is longer than {MAX_TEXT} characters"
        raise JsonTextError(message)
    return text


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _check_depth(value: object) -> None:
    level = _children([value])
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = _children(level)
    message = f"the JSON value is nested deeper than {MAX_DEPTH} levels"
    raise JsonTextError(message)


def _children(level: Iterable[object]) -> list[object]:
    found: list[object] = []
    for value in level:
        if isinstance(value, dict):
            found.extend(value.values())
        elif isinstance(value, list | tuple):
            found.extend(value)
    return found
