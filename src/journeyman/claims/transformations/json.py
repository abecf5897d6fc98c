"""JSON claims transformations that read (claims.md B.7). JSON is read strictly; an absent source is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from journeyman.claims.json_text import JsonTextError, compact, parse_json
from journeyman.claims.transformations.arguments import boolean, collection_of, failure, flag, required, text_of
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import ClaimValue, ConversionError, DataType, Json, convert, to_text


def _create_array(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    text = text_of(inputs, "inputclaim")
    return {} if text is None else {"outputclaim": compact([text])}


def _claim(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    member = _member(inputs, parameters)
    if member is None:
        raise failure("the member that claimToExtract names is null")
    return {"extractedclaim": _text(member)}


def _numeric_claim(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    member = _member(inputs, parameters)
    try:
        return {"extractedclaim": convert(member if isinstance(member, int | float) else None, DataType.LONG)}
    except ConversionError as error:
        raise failure("the member that claimToExtract names is not a whole number") from error


def _member(inputs: Inputs, parameters: Parameters) -> Json:
    name = required(parameters, "claimtoextract")
    source = _object(inputs, "inputjson")
    if name not in source:
        raise failure(f"the JSON has no member {name!r}")
    return source[name]


def _single_item(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    source = _object(inputs, "inputjson")
    if not source:
        raise failure("the JSON object is empty")
    key, value = next(iter(source.items()))
    return {"key": key, "value": None if value is None else _text(value)}


def _single_value(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    source = _parsed(text_of(inputs, "inputjsonclaim"))
    if not isinstance(source, list) or not source:
        raise failure("the JSON is not an array with an item")
    return {"extractedclaim": None if source[0] is None else _text(source[0])}


def _claims_of_array(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    source = _parsed(text_of(inputs, "jsonsource", "jsonsourceclaim"))
    if not isinstance(source, list):
        raise failure("the JSON is not an array")
    return _claims(source, parameters, surroundings)


def _claims_of_collection(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    name = "jsonsource" if "jsonsource" in inputs else "jsonsourceclaim"
    return _claims([_parsed(item) for item in collection_of(inputs, name)], parameters, surroundings)


def _claims(items: Iterable[Json], parameters: Parameters, surroundings: Surroundings) -> Outputs:
    values = _by_key(items, parameters)
    include_empty = flag(parameters, "includeemptyclaims")
    outputs: dict[str, ClaimValue | None] = {}
    for name in surroundings.outputs:
        if name not in values:
            if flag(parameters, "erroronmissingclaims"):
                raise failure(f"the JSON has no item for the output claim {name!r}")
        elif values[name] not in (None, ""):
            outputs[name] = _value(values[name])
        elif include_empty:
            outputs[name] = "" if surroundings.outputs[name] is DataType.STRING else None
    return outputs


def _by_key(items: Iterable[Json], parameters: Parameters) -> Mapping[str, Json]:
    """Return the values by key without case, as transformation claim types are compared; the first of a key counts."""
    key_name = parameters.get("jsonsourcekeyname") or "key"
    value_name = parameters.get("jsonsourcevaluename") or "value"
    found: dict[str, Json] = {}
    for item in items:
        if not isinstance(item, dict):
            raise failure("an item of the JSON is not an object")
        key = item.get(key_name)
        if isinstance(key, str):
            found.setdefault(key.casefold(), item.get(value_name))
    return found


def _object(inputs: Inputs, name: str) -> dict[str, Json]:
    source = _parsed(text_of(inputs, name))
    if not isinstance(source, dict):
        raise failure("the JSON is not an object")
    return source


def _parsed(text: str | None) -> Json:
    if text is None:
        raise failure("the input claim with the JSON has no value")
    try:
        return parse_json(text)
    except JsonTextError as error:
        raise failure(str(error)) from error


def _value(value: Json) -> ClaimValue:
    return value if isinstance(value, bool | int | str) else _text(value)


def _text(value: Json) -> str:
    if isinstance(value, bool | str):
        return to_text(value)
    try:
        return compact(value)
    except JsonTextError as error:
        raise failure(str(error)) from error


_INPUT_JSON: Final = frozenset({"inputjson"})
_EXTRACTED: Final = frozenset({"extractedclaim"})
_TO_EXTRACT: Final = frozenset({"claimtoextract"})
_SOURCE: Final = frozenset({"jsonsource", "jsonsourceclaim"})
_ARRAY_PARAMETERS: Final = frozenset(
    {"erroronmissingclaims", "includeemptyclaims", "jsonsourcekeyname", "jsonsourcevaluename"}
)
_ARRAY_CHECKS: Final = {"erroronmissingclaims": boolean, "includeemptyclaims": boolean}

METHODS: Final = (
    Method("CreateJsonArray", _create_array, inputs=frozenset({"inputclaim"}), outputs=frozenset({"outputclaim"})),
    Method(
        "GetClaimFromJson",
        _claim,
        inputs=_INPUT_JSON,
        parameters=_TO_EXTRACT,
        required_parameters=_TO_EXTRACT,
        outputs=_EXTRACTED,
    ),
    Method(
        "GetNumericClaimFromJson",
        _numeric_claim,
        inputs=_INPUT_JSON,
        parameters=_TO_EXTRACT,
        required_parameters=_TO_EXTRACT,
        outputs=_EXTRACTED,
    ),
    Method("GetSingleItemFromJson", _single_item, inputs=_INPUT_JSON, outputs=frozenset({"key", "value"})),
    Method(
        "GetSingleValueFromJsonArray",
        _single_value,
        inputs=frozenset({"inputjsonclaim"}),
        outputs=_EXTRACTED,
    ),
    Method(
        "GetClaimsFromJsonArray",
        _claims_of_array,
        inputs=_SOURCE,
        parameters=_ARRAY_PARAMETERS,
        outputs=None,
        checks=_ARRAY_CHECKS,
    ),
    Method(
        "GetClaimsFromJsonArrayV2",
        _claims_of_collection,
        inputs=_SOURCE,
        parameters=_ARRAY_PARAMETERS,
        outputs=None,
        checks=_ARRAY_CHECKS,
    ),
)
