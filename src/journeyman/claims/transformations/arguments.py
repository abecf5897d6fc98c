"""Arguments of a claims transformation: untyped inputs and parameters in, typed ones out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import TypeVar

from journeyman.claims.dotnet_regex import compile_regex
from journeyman.claims.json_text import MAX_TEXT
from journeyman.claims.transformations.contract import Inputs, Parameters, Surroundings
from journeyman.claims.values import ClaimValue, ConversionError, DataType, UserIdentity, convert, to_text
from journeyman.errors import ClaimsTransformationError

T = TypeVar("T")

GENERIC_ERROR = "ClaimsTransformationError"
"""The id of errors for which the service has none."""


def failure(text: str) -> ClaimsTransformationError:
    """Return the error of a transformation that cannot compute; ``text`` holds no claim value and is for the log.

    A policy may show a text of its own under the id of the error.
    """
    return ClaimsTransformationError(GENERIC_ERROR, text, for_person=False)


def check_length(length: int) -> None:
    """Refuse a result before it is made when it would be longer than a value may be. Raises ClaimsTransformationError."""
    if length > MAX_TEXT:
        raise failure(f"the result is longer than {MAX_TEXT} characters")


def value_of(inputs: Inputs, *names: str) -> ClaimValue | None:
    """Return the first present value among inputs of these names."""
    found = (value for name in names for value in inputs.get(name, ()))
    return next((value for value in found if value is not None), None)


def text_of(inputs: Inputs, *names: str) -> str | None:
    """Return an input as text, None when it is absent."""
    value = value_of(inputs, *names)
    return None if value is None else to_text(value)


def boolean_of(inputs: Inputs, name: str) -> bool | None:
    """Return an input as a boolean, None when it is absent. Raises ClaimsTransformationError."""
    return _read(inputs, name, lambda value: convert(value, DataType.BOOLEAN))


def number_of(inputs: Inputs, name: str) -> int | None:
    """Return an input as a 64-bit number, None when it is absent. Raises ClaimsTransformationError."""
    return _read(inputs, name, lambda value: convert(value, DataType.LONG))


def moment_of(inputs: Inputs, name: str) -> datetime | None:
    """Return an input as a time in UTC, None when it is absent. Raises ClaimsTransformationError."""
    return _read(inputs, name, lambda value: convert(value, DataType.DATE_TIME))


def collection_of(inputs: Inputs, name: str) -> tuple[str, ...]:
    """Return an input as a string collection, empty when it is absent. Raises ClaimsTransformationError."""
    return _read(inputs, name, lambda value: convert(value, DataType.STRING_COLLECTION)) or ()


def identity_of(inputs: Inputs, *names: str) -> UserIdentity | None:
    """Return the first present input of these names as an identity. Raises ClaimsTransformationError."""
    present = next((name for name in names if value_of(inputs, name) is not None), names[0])
    return _read(inputs, present, lambda value: convert(value, DataType.USER_IDENTITY))


def identities_of(inputs: Inputs, name: str) -> tuple[UserIdentity, ...]:
    """Return an input as a collection of identities, empty when it is absent. Raises ClaimsTransformationError."""
    return _read(inputs, name, lambda value: convert(value, DataType.USER_IDENTITY_COLLECTION)) or ()


def in_order(inputs: Inputs, surroundings: Surroundings) -> Iterator[tuple[str, ClaimValue | None]]:
    """Yield (transformation claim type as written, value) of every input, in document order."""
    taken: dict[str, int] = {}
    ids = surroundings.input_ids or tuple(name for name, values in inputs.items() for _ in values)
    for input_id in ids:
        name = input_id.strip().casefold()
        position = taken.get(name, 0)
        taken[name] = position + 1
        values = inputs.get(name, [])
        yield input_id.strip(), values[position] if position < len(values) else None


def parameters_in_order(parameters: Parameters, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    """Yield (id as written, value) of every parameter, in document order."""
    for parameter_id in surroundings.parameter_ids or tuple(parameters):
        name = parameter_id.strip().casefold()
        if name in parameters:
            yield parameter_id.strip(), parameters[name]


def required(parameters: Parameters, name: str) -> str:
    """Return a parameter. Raises ClaimsTransformationError when it is missing."""
    if name not in parameters:
        raise failure(f"the input parameter {name!r} is missing")
    return parameters[name]


def flag(parameters: Parameters, name: str, *, default: bool = False) -> bool:
    """Return a boolean parameter. Raises ClaimsTransformationError when it is no boolean."""
    return _checked(parameters[name], name, boolean) if parameters.get(name, "").strip() else default


def number(parameters: Parameters, name: str, default: int | None = None) -> int:
    """Return a 32-bit parameter. Raises ClaimsTransformationError when it is no number, or missing without default."""
    if default is not None and not parameters.get(name, "").strip():
        return default
    return _checked(required(parameters, name), name, whole_number)


def choice(parameters: Parameters, name: str, allowed: Collection[str], default: str | None = None) -> str:
    """Return an enumerated parameter in lower case. Raises ClaimsTransformationError when it is none of ``allowed``."""
    if default is not None and not parameters.get(name, "").strip():
        return default
    return _checked(required(parameters, name), name, one_of(*allowed))


def boolean(text: str) -> bool:
    """Read a boolean parameter. Raises ValueError."""
    return convert(text, DataType.BOOLEAN)


def whole_number(text: str) -> int:
    """Read a 32-bit parameter. Raises ValueError."""
    return convert(text, DataType.INT)


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a reader of an enumerated parameter, which compares without regard to case and raises ValueError."""

    def read(text: str) -> str:
        wanted = " ".join(text.split()).lower()
        if wanted not in allowed:
            raise ValueError(f"the value is none of {', '.join(allowed)}")
        return wanted

    return read


def expression(text: str) -> None:
    """Check a regular expression. Raises ValueError."""
    compile_regex(text)


def _checked(text: str, name: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise failure(f"input parameter {name!r}: {error}") from error


def _read(inputs: Inputs, name: str, convert_value: Callable[[ClaimValue], T]) -> T | None:
    value = value_of(inputs, name)
    if value is None:
        return None
    try:
        return convert_value(value)
    except ConversionError as error:
        raise failure(f"input claim {name!r}: {error}") from error
