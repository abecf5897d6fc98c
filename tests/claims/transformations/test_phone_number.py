"""Expected numbers are those of claims.md B.8, of ITU-T E.164 (calling codes) and of ISO 3166."""

import pytest

from journeyman.errors import ClaimsTransformationError


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+47 22 33 44 55", None, "+4722334455"),
        ("+49 (123) 456-7890", None, "+491234567890"),
        ("22 33 44 55", "NO", "+4722334455"),
        ("22334455", "no", "+4722334455"),
        # The example of the documents: Denmark's calling code is 45, and the number is longer than its plan allows.
        ("033 456-7890", "DK", "+450334567890"),
        # With both, the number's own calling code counts.
        ("+47 22334455", "DK", "+4722334455"),
        ("+1 (425) 555-0123", "", "+14255550123"),
        # An extension is no part of it.
        ("+47 22 33 44 55 ext. 12", None, "+4722334455"),
        # A number of ten digits that Norway's plan does not have.
        ("+47 2233445566", None, "+472233445566"),
        ("٢٢٣٣٤٤٥٥", "NO", "+4722334455"),
    ],
)
def test_a_text_becomes_a_phone_number(transform, text, country, expected):
    inputs = {"phoneNumberString": text, "country": country}

    assert transform("ConvertStringToPhoneNumberClaim", inputs, outputs={"outputClaim": "phoneNumber"}) == {
        "outputclaim": expected
    }


def test_the_older_name_of_the_input_is_taken(transform):
    assert transform("ConvertStringToPhoneNumberClaim", {"inputClaim": "+4722334455"}) == {"outputclaim": "+4722334455"}


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("22334455", None),  # neither country nor calling code
        ("22334455", "Norway"),  # no ISO code
        ("+99912345678", None),  # 999 is not a calling code
        ("+47 123456789012345", None),  # more than 15 digits
        ("12", "NO"),
        ("", "NO"),
        ("hello", "NO"),
        ("+" + "1" * 300, None),
    ],
)
def test_what_is_no_phone_number_is_refused_under_its_message_id(transform, text, country):
    inputs = {"phoneNumberString": text, "country": country}

    with pytest.raises(ClaimsTransformationError) as caught:
        transform("ConvertStringToPhoneNumberClaim", inputs, outputs={"outputClaim": "phoneNumber"})

    assert caught.value.message_id == "UserMessageIfClaimsTransformationInvalidPhoneNumber"
    assert caught.value.user_message == "the phone number is not valid"


def test_a_phone_number_becomes_text(transform):
    method = "ConvertPhoneNumberClaimToString"

    assert transform(method, {"phoneNumber": "+4722334455"}) == {"phonenumberstring": "+4722334455"}
    assert transform(method, {"phoneNumber": None}) == {}
    with pytest.raises(ClaimsTransformationError, match="the value is not a phoneNumber"):
        transform(method, {"phoneNumber": "hello"})


@pytest.mark.parametrize(
    ("text", "code_type", "expected"),
    [
        ("+47 22 33 44 55", "ISO3166", ("22334455", "NO")),
        ("+47 22 33 44 55", "CallingCode", ("22334455", "+47")),
        ("+47 22 33 44 55", "", ("22334455", "+47")),
        ("+49 (123) 456-7890", "iso3166", ("1234567890", "DE")),
        # Several countries share +1; its main region counts.
        ("+1 416 555 0123", "ISO3166", ("4165550123", "US")),
        # In Italy the leading zero belongs to the number.
        ("+39 06 1234 5678", "CallingCode", ("0612345678", "+39")),
    ],
)
def test_a_phone_number_is_split(transform, text, code_type, expected):
    outputs = transform(
        "GetNationalNumberAndCountryCodeFromPhoneNumberString", {"phoneNumber": text}, {"countryCodeType": code_type}
    )

    assert outputs == {"nationalnumber": expected[0], "countrycode": expected[1]}


@pytest.mark.parametrize("text", ["22334455", "+999123", "ann@contoso.com", "", None, "+800 1234 5678"])
def test_what_cannot_be_split_is_left_or_refused(transform, text):
    method, parameters = "GetNationalNumberAndCountryCodeFromPhoneNumberString", {"countryCodeType": "ISO3166"}

    assert transform(method, {"phoneNumber": text}, parameters) == {}
    with pytest.raises(ClaimsTransformationError) as caught:
        transform(method, {"phoneNumber": text}, {**parameters, "throwExceptionOnFailure": "true"})
    assert caught.value.message_id == "UserMessageIfPhoneNumberParseFailure"


def test_an_absent_text_makes_no_phone_number(transform):
    assert transform("ConvertStringToPhoneNumberClaim", {"phoneNumberString": None, "country": "NO"}) == {}
