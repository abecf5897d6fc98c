"""String claims transformations that compare, assert and look up (claims.md B.5)."""

from __future__ import annotations

from typing import Final

from journeyman.claims import ordinal
from journeyman.claims.dotnet_regex import RegexTimeoutError, compile_regex
from journeyman.claims.dotnet_syntax import DotnetRegexError
from journeyman.claims.transformations.arguments import (
    boolean,
    boolean_of,
    choice,
    expression,
    failure,
    flag,
    one_of,
    required,
    text_of,
)
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.errors import ClaimsTransformationError

_COMPARISONS: Final = ("ordinal", "ordinalignorecase")
_OPERATORS: Final = ("equal", "not equal")


def _assert_equal(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    comparison = choice(parameters, "stringcomparison", _COMPARISONS)
    first, second = text_of(inputs, "inputclaim1"), text_of(inputs, "inputclaim2")
    if not _equal(first, second, ignore_case=comparison == "ordinalignorecase"):
        name = "OrdinalIgnoreCase" if comparison == "ordinalignorecase" else "Ordinal"
        message_id = "UserMessageIfClaimsTransformationStringsAreNotEqual"
        raise ClaimsTransformationError(message_id, f'comparison failed using StringComparison "{name}"')
    return {}


def _compare_claims(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return _compared(text_of(inputs, "inputclaim1"), text_of(inputs, "inputclaim2"), parameters)


def _compare_to_value(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    return _compared(text_of(inputs, "inputclaim1"), required(parameters, "compareto"), parameters)


def _compared(first: str | None, second: str | None, parameters: Parameters) -> Outputs:
    operator = choice(parameters, "operator", _OPERATORS)
    equal = _equal(first, second, ignore_case=flag(parameters, "ignorecase"))
    return {"outputclaim": equal is (operator == "equal")}


def _equal(first: str | None, second: str | None, *, ignore_case: bool) -> bool:
    if first is None or second is None:
        return first is second
    return ordinal.equal(first, second, ignore_case=ignore_case)


def _lookup_value(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    wanted = text_of(inputs, "inputparameterid")
    table = {name: value for name, value in parameters.items() if name != "erroronfailedlookup"}
    found = table.get(wanted.casefold()) if wanted is not None else None
    if found is not None:
        return {"outputclaim": found}
    if flag(parameters, "erroronfailedlookup"):
        raise ClaimsTransformationError("LookupNotFound", "no match in the list of input parameter ids")
    return {}


def _set_if_booleans_match(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    value = boolean_of(inputs, "claimtomatch")
    if value is None:
        raise failure("the input claim claimToMatch has no value")
    required(parameters, "matchto")
    matched = value is flag(parameters, "matchto")
    return {"outputclaim": required(parameters, "outputclaimifmatched")} if matched else {}


def _set_if_regex_match(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    text = text_of(inputs, "claimtomatch")
    try:
        groups = None if text is None else compile_regex(required(parameters, "matchto")).search(text)
    except (DotnetRegexError, RegexTimeoutError) as error:
        raise failure(f"input parameter 'matchto': {error}") from error
    if groups is None:
        return {"outputclaim": None, "regexcompareresultclaim": False}
    extracted: dict[str, str] = {}
    if flag(parameters, "extractgroups"):
        # The text of a group that took no part in the match is empty in .NET.
        extracted = {name.casefold(): value or "" for name, value in groups.items()}
    if "outputclaimifmatched" in parameters:
        extracted["outputclaim"] = parameters["outputclaimifmatched"]
    return {**extracted, "regexcompareresultclaim": True}


def _set_if_strings_are_equal(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    if not _matches(text_of(inputs, "inputclaim"), parameters):
        return {"stringcompareresultclaim": False}
    # The documents' example has the two outputs swapped; their table and a unit test agree on this order.
    outputs = {"outputclaim1": "stringmatchmsg", "outputclaim2": "stringmatchmsgcode"}
    found = {output: parameters[name] for output, name in outputs.items() if name in parameters}
    return {**found, "stringcompareresultclaim": True}


def _set_if_strings_match(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    if not _matches(text_of(inputs, "claimtomatch"), parameters):
        return {"outputclaim": None, "stringcompareresultclaim": False}
    return {"outputclaim": required(parameters, "outputclaimifmatched"), "stringcompareresultclaim": True}


def _matches(text: str | None, parameters: Parameters) -> bool:
    ignore_case = choice(parameters, "stringcomparison", _COMPARISONS) == "ordinalignorecase"
    return _equal(text, required(parameters, "matchto"), ignore_case=ignore_case)


def _contains(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    text, part = text_of(inputs, "inputclaim"), required(parameters, "contains")
    ignore_case = flag(parameters, "ignorecase")
    return {"outputclaim": text is not None and ordinal.contains(text, part, ignore_case=ignore_case)}


_PAIR: Final = frozenset({"inputclaim1", "inputclaim2"})
_RESULT: Final = frozenset({"outputclaim"})
_MATCH: Final = frozenset({"claimtomatch"})

METHODS: Final = (
    Method(
        "AssertStringClaimsAreEqual",
        _assert_equal,
        inputs=_PAIR,
        parameters=frozenset({"stringcomparison"}),
        required_parameters=frozenset({"stringcomparison"}),
        checks={"stringcomparison": one_of(*_COMPARISONS)},
    ),
    Method(
        "CompareClaims",
        _compare_claims,
        inputs=_PAIR,
        parameters=frozenset({"operator", "ignorecase"}),
        required_parameters=frozenset({"operator"}),
        outputs=_RESULT,
        checks={"operator": one_of(*_OPERATORS), "ignorecase": boolean},
    ),
    Method(
        "CompareClaimToValue",
        _compare_to_value,
        inputs=frozenset({"inputclaim1"}),
        parameters=frozenset({"compareto", "operator", "ignorecase"}),
        required_parameters=frozenset({"compareto", "operator"}),
        outputs=_RESULT,
        checks={"operator": one_of(*_OPERATORS), "ignorecase": boolean},
    ),
    Method(
        "LookupValue",
        _lookup_value,
        inputs=frozenset({"inputparameterid"}),
        parameters=None,
        outputs=_RESULT,
        checks={"erroronfailedlookup": boolean},
    ),
    Method(
        "SetClaimIfBooleansMatch",
        _set_if_booleans_match,
        inputs=_MATCH,
        parameters=frozenset({"matchto", "outputclaimifmatched"}),
        required_parameters=frozenset({"matchto", "outputclaimifmatched"}),
        outputs=_RESULT,
        checks={"matchto": boolean},
    ),
    Method(
        "SetClaimsIfRegexMatch",
        _set_if_regex_match,
        inputs=_MATCH,
        parameters=frozenset({"matchto", "outputclaimifmatched", "extractgroups"}),
        required_parameters=frozenset({"matchto"}),
        outputs=None,
        checks={"matchto": expression, "extractgroups": boolean},
    ),
    Method(
        "SetClaimsIfStringsAreEqual",
        _set_if_strings_are_equal,
        inputs=frozenset({"inputclaim"}),
        parameters=frozenset({"matchto", "stringcomparison", "stringmatchmsg", "stringmatchmsgcode"}),
        required_parameters=frozenset({"matchto", "stringcomparison"}),
        outputs=frozenset({"outputclaim1", "outputclaim2", "stringcompareresultclaim"}),
        checks={"stringcomparison": one_of(*_COMPARISONS)},
    ),
    Method(
        "SetClaimsIfStringsMatch",
        _set_if_strings_match,
        inputs=_MATCH,
        parameters=frozenset({"matchto", "stringcomparison", "outputclaimifmatched"}),
        required_parameters=frozenset({"matchto", "stringcomparison", "outputclaimifmatched"}),
        outputs=frozenset({"outputclaim", "stringcompareresultclaim"}),
        checks={"stringcomparison": one_of(*_COMPARISONS)},
    ),
    Method(
        "StringContains",
        _contains,
        inputs=frozenset({"inputclaim"}),
        parameters=frozenset({"contains", "ignorecase"}),
        required_parameters=frozenset({"contains"}),
        outputs=_RESULT,
        checks={"ignorecase": boolean},
    ),
)
