"""Integer claims transformations (claims.md B.4)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Final

from journeyman.claims.transformations.arguments import (
    boolean,
    choice,
    failure,
    flag,
    number,
    number_of,
    one_of,
    whole_number,
)
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.errors import ClaimsTransformationError

_DIRECTIONS: Final = ("increment", "decrement")
_OPERATORS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "lessthan": operator.lt,
    "greaterthan": operator.gt,
    "greaterthanorequal": operator.ge,
    "lessthanorequal": operator.le,
    "equal": operator.eq,
    "notequal": operator.ne,
}


def _adjust(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    direction = choice(parameters, "operator", _DIRECTIONS, "increment")
    adjusted = (number_of(inputs, "inputclaim") or 0) + (1 if direction == "increment" else -1)
    if not -(2**31) <= adjusted < 2**31:
        raise failure("the adjusted number is out of range")
    return {"outputclaim": adjusted}


def _assert_number(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    compare = _OPERATORS[choice(parameters, "operator", _OPERATORS)]
    value = number_of(inputs, "inputclaim")
    if value is None:
        raise failure("the input claim inputClaim has no value")
    result = compare(value, number(parameters, "comparetovalue"))
    if result and flag(parameters, "throwerror", default=True):
        raise ClaimsTransformationError("AssertNumberError", "number assertion failed")
    return {"outputclaim": result}


def _to_string(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    value = number_of(inputs, "inputclaim")
    return {} if value is None else {"outputclaim": str(value)}


_ONE: Final = frozenset({"inputclaim"})
_RESULT: Final = frozenset({"outputclaim"})

METHODS: Final = (
    Method(
        "AdjustNumber",
        _adjust,
        inputs=_ONE,
        parameters=frozenset({"operator"}),
        outputs=_RESULT,
        checks={"operator": one_of(*_DIRECTIONS)},
    ),
    Method(
        "AssertNumber",
        _assert_number,
        inputs=_ONE,
        parameters=frozenset({"comparetovalue", "operator", "throwerror"}),
        required_parameters=frozenset({"comparetovalue", "operator"}),
        outputs=_RESULT,
        checks={"comparetovalue": whole_number, "operator": one_of(*_OPERATORS), "throwerror": boolean},
    ),
    Method("ConvertNumberToStringClaim", _to_string, inputs=_ONE, outputs=_RESULT),
)
