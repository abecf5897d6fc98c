"""String claims transformations that read localized texts (claims.md B.5)."""

from __future__ import annotations

from typing import Final

from journeyman.claims.transformations.arguments import failure, in_order, required, text_of
from journeyman.claims.transformations.composite_format import FormatError, format_composite
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import to_text

MAX_RESULT: Final = 4000
"""The longest formatted text, in characters."""


def _format_localized(inputs: Inputs, parameters: Parameters, surroundings: Surroundings) -> Outputs:
    string_id = required(parameters, "stringformatid").lower()
    template = surroundings.texts("formatlocalizedstringtransformationclaimtype", string_id)
    if template is None:
        return {}
    arguments = ["" if value is None else to_text(value) for _, value in in_order(inputs, surroundings)]
    try:
        text = format_composite(template, arguments)
    except FormatError as error:
        raise failure(f"the localized string: {error}") from error
    if len(text) > MAX_RESULT:
        raise failure(f"the formatted text is longer than {MAX_RESULT} characters")
    return {"outputclaim": text}


def _localized_strings(_inputs: Inputs, _parameters: Parameters, surroundings: Surroundings) -> Outputs:
    element_type = "getlocalizedstringstransformationclaimtype"
    return {name: surroundings.texts(element_type, name) or "" for name in surroundings.outputs}


def _mapped_value(inputs: Inputs, _parameters: Parameters, surroundings: Surroundings) -> Outputs:
    text = text_of(inputs, "mapfromclaim")
    target = surroundings.output_claims.get("restrictionvalueclaim")
    options = target.options if target else ()
    found = next((option.value for option in options if option.text == text), None)
    return {} if found is None else {"restrictionvalueclaim": found}


METHODS: Final = (
    Method(
        "FormatLocalizedString",
        _format_localized,
        inputs=None,
        parameters=frozenset({"stringformatid"}),
        required_parameters=frozenset({"stringformatid"}),
        outputs=frozenset({"outputclaim"}),
    ),
    Method("GetLocalizedStringsTransformation", _localized_strings, outputs=None),
    Method(
        "GetMappedValueFromLocalizedCollection",
        _mapped_value,
        inputs=frozenset({"mapfromclaim"}),
        outputs=frozenset({"restrictionvalueclaim"}),
    ),
)
