"""Date claims transformations (claims.md B.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from journeyman.claims.transformations.arguments import (
    boolean,
    choice,
    failure,
    flag,
    moment_of,
    number,
    one_of,
    whole_number,
)
from journeyman.claims.transformations.arguments import required as required_parameter
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import ConversionError, DataType, convert
from journeyman.errors import ClaimsTransformationError

_OPERATORS: Final = ("same", "later than", "earlier than", "greater than", "less than")


def _assert_greater(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    right = moment_of(inputs, "rightoperand")
    left = moment_of(inputs, "leftoperand")
    if right is None:
        holds = flag(parameters, "assertifrightoperandisnotpresent")
    elif left is None:
        holds = False
    else:
        tolerance = timedelta(milliseconds=number(parameters, "treatasequalifwithinmillseconds", 0))
        equal = abs(left - right) <= tolerance
        # The newer documents and a unit test say that the flag makes equal times an error.
        holds = not flag(parameters, "assertifequalto", default=True) if equal else left > right
    if not holds:
        text = "comparison failed: left operand is greater than the right operand"
        raise ClaimsTransformationError("DateTimeGreaterThan", text)
    return {}


def _to_date(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    moment = moment_of(inputs, "inputclaim")
    return {} if moment is None else {"outputclaim": moment.date()}


def _to_date_time(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    moment = moment_of(inputs, "inputclaim")
    if moment is None:
        return {}
    return {"outputclaim": moment.replace(hour=0, minute=0, second=0, microsecond=0)}


def _compare(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    operator = choice(parameters, "operator", _OPERATORS)
    first = moment_of(inputs, "firstdatetime")
    if first is None:
        raise failure("the input claim firstDateTime has no value")
    second = moment_of(inputs, "seconddatetime") or surroundings.now
    try:
        shifted = first + timedelta(seconds=number(parameters, "timespaninseconds", 0))
    except OverflowError as error:
        raise failure("the input parameter timeSpanInSeconds leads out of the calendar") from error
    return {"result": _holds(operator, shifted, second)}


def _holds(operator: str, first: datetime, second: datetime) -> bool:
    if operator == "same":
        return first == second
    return first > second if operator in {"later than", "greater than"} else first < second


def _now(_inputs: Inputs, _parameters: Parameters, surroundings: Surroundings) -> Outputs:
    return {"currentdatetime": surroundings.now}


def _consent_required(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    consent = moment_of(inputs, "termsofuseconsentdatetime")
    try:
        update = _moment(required_parameter(parameters, "termsofusetextupdatedatetime"))
    except ConversionError as error:
        raise failure(f"input parameter termsOfUseTextUpdateDateTime: {error}") from error
    return {"result": consent is None or consent < update}


def _moment(text: str) -> datetime:
    return convert(text, DataType.DATE_TIME)


_ONE: Final = frozenset({"inputclaim"})
_RESULT: Final = frozenset({"outputclaim"})

METHODS: Final = (
    Method(
        "AssertDateTimeIsGreaterThan",
        _assert_greater,
        inputs=frozenset({"leftoperand", "rightoperand"}),
        parameters=frozenset(
            {"assertifequalto", "assertifrightoperandisnotpresent", "treatasequalifwithinmillseconds"}
        ),
        checks={
            "assertifequalto": boolean,
            "assertifrightoperandisnotpresent": boolean,
            "treatasequalifwithinmillseconds": whole_number,
        },
    ),
    Method("ConvertDateTimeToDateClaim", _to_date, inputs=_ONE, outputs=_RESULT),
    Method("ConvertDateToDateTimeClaim", _to_date_time, inputs=_ONE, outputs=_RESULT),
    Method(
        "DateTimeComparison",
        _compare,
        inputs=frozenset({"firstdatetime", "seconddatetime"}),
        parameters=frozenset({"operator", "timespaninseconds"}),
        required_parameters=frozenset({"operator"}),
        outputs=frozenset({"result"}),
        checks={"operator": one_of(*_OPERATORS), "timespaninseconds": whole_number},
    ),
    Method(
        "GetCurrentDateTime",
        _now,
        inputs=frozenset({"currentdatetime"}),
        outputs=frozenset({"currentdatetime"}),
    ),
    Method(
        "IsTermsOfUseConsentRequired",
        _consent_required,
        inputs=frozenset({"termsofuseconsentdatetime"}),
        parameters=frozenset({"termsofusetextupdatedatetime"}),
        required_parameters=frozenset({"termsofusetextupdatedatetime"}),
        outputs=frozenset({"result"}),
        checks={"termsofusetextupdatedatetime": _moment},
    ),
)
