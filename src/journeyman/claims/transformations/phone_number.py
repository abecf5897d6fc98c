"""Phone number claims transformations (claims.md B.8), over a port of libphonenumber. Numbers are E.164 text."""

from __future__ import annotations

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from journeyman.claims.transformations.arguments import boolean, choice, failure, flag, one_of, text_of
from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings
from journeyman.claims.values import ConversionError, DataType, convert
from journeyman.errors import ClaimsTransformationError

_CODE_TYPES: Final = ("callingcode", "iso3166")
_DIGITS: Final = range(7, 16)
"""How many digits a number may have that fits no numbering plan; our choice."""

_NO_REGION: Final = "001"
"""What the library says of calling codes that belong to no country."""


def _to_string(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    text = text_of(inputs, "phonenumber")
    if text is None:
        return {}
    try:
        return {"phonenumberstring": convert(text, DataType.PHONE_NUMBER)}
    except ConversionError as error:
        raise failure(f"input claim 'phoneNumber': {error}") from error


def _to_phone_number(inputs: Inputs, _parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    # Documents of 2020 name the input inputClaim.
    text = text_of(inputs, "phonenumberstring", "inputclaim")
    if text is None:
        return {}
    try:
        return {"outputclaim": _international(text, (text_of(inputs, "country") or "").strip().upper())}
    except NumberParseException:
        # The library's message quotes nothing, but it says no more than this.
        message_id = "UserMessageIfClaimsTransformationInvalidPhoneNumber"
        raise ClaimsTransformationError(message_id, "the phone number is not valid") from None


def _international(text: str, country: str) -> str:
    """Return the number in E.164; ``country`` is "" when the text must begin with a calling code.

    A number that fits no numbering plan is taken as calling code and digits, as in the example of the documents.
    """
    number = phonenumbers.parse(text, country or None)
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(number) and len(written) - 1 not in _DIGITS:
        raise NumberParseException(NumberParseException.TOO_LONG, "no phone number has so many or so few digits")
    return written


def _split(inputs: Inputs, parameters: Parameters, _surroundings: Surroundings) -> Outputs:
    code_type = choice(parameters, "countrycodetype", _CODE_TYPES, "callingcode")
    try:
        number = phonenumbers.parse(text_of(inputs, "phonenumber") or "", None)
        code = _country_code(number, code_type)
    except NumberParseException:
        if not flag(parameters, "throwexceptiononfailure"):
            return {}
        message_id = "UserMessageIfPhoneNumberParseFailure"
        raise ClaimsTransformationError(message_id, "the phone number could not be parsed") from None
    return {"nationalnumber": phonenumbers.national_significant_number(number), "countrycode": code}


def _country_code(number: PhoneNumber, code_type: str) -> str:
    if code_type == "callingcode":
        return f"+{number.country_code}"
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    if region == _NO_REGION:
        raise NumberParseException(NumberParseException.INVALID_COUNTRY_CODE, "the number belongs to no country")
    return region


METHODS: Final = (
    Method(
        "ConvertPhoneNumberClaimToString",
        _to_string,
        inputs=frozenset({"phonenumber"}),
        outputs=frozenset({"phonenumberstring"}),
    ),
    Method(
        "ConvertStringToPhoneNumberClaim",
        _to_phone_number,
        inputs=frozenset({"phonenumberstring", "inputclaim", "country"}),
        outputs=frozenset({"outputclaim"}),
    ),
    Method(
        "GetNationalNumberAndCountryCodeFromPhoneNumberString",
        _split,
        inputs=frozenset({"phonenumber"}),
        parameters=frozenset({"throwexceptiononfailure", "countrycodetype"}),
        outputs=frozenset({"nationalnumber", "countrycode"}),
        checks={"throwexceptiononfailure": boolean, "countrycodetype": one_of(*_CODE_TYPES)},
    ),
)
