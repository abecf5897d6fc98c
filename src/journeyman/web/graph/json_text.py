"""Bodies that people and scripts write in, JSON values out.

Two things that are not JSON are taken all the same, since clients send them: a byte order mark, and a comma
after the last member. Source: graph-api.md §6.1.
"""

from __future__ import annotations

import json
from typing import Final, NoReturn

from journeyman.management.errors import InvalidError

MAX_DEPTH: Final = 64


def parse_body(body: bytes) -> object:
    """Return the value of a body. Raises InvalidError when it is no JSON, or holds text that is no Unicode."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError(f"the body is not UTF-8, at byte {error.start}; send JSON in UTF-8") from None
    if not text.strip():
        raise InvalidError("the body is empty; send a JSON object")
    value = _parse(text)
    _refuse_bad_text(value, "", 0)
    return value


def _parse(text: str) -> object:
    try:
        return _strict(text)
    except ValueError:
        pass
    try:
        return _strict(without_trailing_commas(text))
    except json.JSONDecodeError as error:
        raise InvalidError(f"the body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        raise InvalidError(f"the body is not JSON: {error}") from None


def _strict(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels") from None
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def without_trailing_commas(text: str) -> str:
    """Return the text with blanks for commas that a closing bracket follows, outside strings."""
    kept = list(text)
    before, comma, inside, escaped = "", -1, False, False
    for at, letter in enumerate(text):
        if inside:
            inside, escaped = escaped or letter != '"', letter == "\\" and not escaped
        elif not letter.isspace():
            if letter in "]}" and comma >= 0:
                kept[comma] = " "
            # Only a comma after a value is one too many; of two in a row the text stays wrong.
            comma = at if letter == "," and before not in {"", ",", "[", "{", ":"} else -1
            before, inside = letter, letter == '"'
    return "".join(kept)


def _refuse_bad_text(value: object, path: str, depth: int) -> None:
    """Refuse what no store and no answer can hold: half a surrogate pair, a NUL."""
    if depth > MAX_DEPTH:
        raise InvalidError(f"the body is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
            raise InvalidError(f"{path or 'the body'} holds a character that is not allowed", member=path)
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_bad_text(name, path, depth + 1)
            _refuse_bad_text(member, f"{path}/{name[:64]}" if path else name[:64], depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_bad_text(item, f"{path}/{index}", depth + 1)
