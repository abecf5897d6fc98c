"""Boolean claims transformations (claims.md B.1). An absent boolean counts as false, our choice where not said."""

from __future__ import annotations

from typing import Final

from journeyman.claims.transformations.arguments import boolean, boolean_of, flag, required
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.errors import ClaimsTransformationError


def _and_claims(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    first, second = boolean_of(inputs, "inputclaim1"), boolean_of(inputs, "inputclaim2")
    return {"outputclaim": bool(first and second)}


def _or_claims(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    first, second = boolean_of(inputs, "inputclaim1"), boolean_of(inputs, "inputclaim2")
    return {"outputclaim": bool(first or second)}


def _not_claims(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return {"outputclaim": not boolean_of(inputs, "inputclaim")}


def _assert_equal(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    if not _equal(inputs, parameters):
        message_id = "UserMessageIfClaimsTransformationBooleanValueIsNotEqual"
        raise ClaimsTransformationError(message_id, 'boolean comparison failed for claim type "inputClaim"')
    return {}


def _compare(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return {"compareresult": _equal(inputs, parameters)}


def _equal(inputs: Inputs, parameters: Parameters) -> bool:
    required(parameters, "valuetocompareto")
    return boolean_of(inputs, "inputclaim") is flag(parameters, "valuetocompareto")


_PAIR: Final = frozenset({"inputclaim1", "inputclaim2"})
_ONE: Final = frozenset({"inputclaim"})
_RESULT: Final = frozenset({"outputclaim"})
_COMPARED: Final = frozenset({"valuetocompareto"})

METHODS: Final = (
    Method("AndClaims", _and_claims, inputs=_PAIR, outputs=_RESULT),
    Method("OrClaims", _or_claims, inputs=_PAIR, outputs=_RESULT),
    Method("NotClaims", _not_claims, inputs=_ONE, outputs=_RESULT),
    Method(
        "AssertBooleanClaimIsEqualToValue",
        _assert_equal,
        inputs=_ONE,
        parameters=_COMPARED,
        required_parameters=_COMPARED,
        checks={"valuetocompareto": boolean},
    ),
    Method(
        "CompareBooleanClaimToValue",
        _compare,
        inputs=_ONE,
        parameters=_COMPARED,
        required_parameters=_COMPARED,
        outputs=frozenset({"compareresult"}),
        checks={"valuetocompareto": boolean},
    ),
)
