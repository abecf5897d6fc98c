"""Claims transformations: claims and parameters in, claims out; one small pure function each.

A method is found in ``METHODS`` by its name in lower case. Source: claims.md part B.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.claims.json_text import JsonTextError
from journeyman.claims.transformations import (
    age_gating,
    boolean,
    date,
    general,
    integer,
    json,
    json_generation,
    localized,
    phone_number,
    random_string,
    social,
    string,
    string_collection,
    string_comparison,
    xml_to_json,
)
from journeyman.claims.transformations.arguments import failure
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert, to_text

__all__ = ["METHODS", "Inputs", "Method", "Outputs", "Parameters", "Surroundings", "problems", "run"]

_FAMILIES: Final = (
    boolean,
    date,
    general,
    integer,
    string,
    string_comparison,
    random_string,
    localized,
    string_collection,
    json,
    json_generation,
    xml_to_json,
    social,
    phone_number,
    age_gating,
)

METHODS: Final[Mapping[str, Method]] = {
    method.name.lower(): method for family in _FAMILIES for method in family.METHODS
}
"""Name of the method in lower case -> method."""


def run(method: Method, inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    """Run a method and convert its results to the data types of the output claims.

    Raises:
        ClaimsTransformationError: it asserts what does not hold, cannot compute, or a result does not fit.
    """
    try:
        outputs = method.function(inputs, parameters, surroundings)
        return {name: _fitted(name, value, surroundings) for name, value in outputs.items()}
    except JsonTextError as error:
        # The text of a collection is JSON, and it may be too long for a value.
        raise failure(str(error)) from error


def problems(method: Method, parameters: Parameters) -> tuple[str, ...]:
    """Return what is wrong with the parameters of a transformation, for the compiler."""
    found = [
        f"the input parameter {name!r} is missing" for name in sorted(method.required_parameters - set(parameters))
    ]
    for name in sorted(method.checks.keys() & parameters.keys()):
        try:
            method.checks[name](parameters[name])
        except ValueError as error:
            found.append(f"the input parameter {name!r} is wrong: {error}")
    return tuple(found)


def _fitted(name: str, value: ClaimValue | None, surroundings: Surroundings) -> ClaimValue | None:
    data_type = surroundings.outputs.get(name)
    if value is None or data_type is None:
        return value
    try:
        # A boolean in a string claim is True or False, as .NET writes it.
        return convert(to_text(value) if data_type is DataType.STRING else value, data_type)
    except ConversionError as error:
        raise failure(f"output claim {name!r}: {error}") from error
