"""The unit tests of claims transformations, as their authors mean them: fill the page, read the result and the token.

Each row names where its expected values come from: a section of claims.md, or the default value of the policy. A value
that a row does not enter is the one that the policy puts into the field.
"""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.corpus

SHOWN = [
    # claims.md B.1: a result of a boolean is shown as True or False (policy-language.md §3.1.1).
    ("CT_AndClaims", {"boolean1": "true", "boolean2": "true"}, {"result": "True"}),
    ("CT_AndClaims", {"boolean1": "true", "boolean2": "false"}, {"result": "False"}),
    ("CT_OrClaims", {"boolean1": "false", "boolean2": "true"}, {"result": "True"}),
    ("CT_OrClaims", {"boolean1": "false", "boolean2": "false"}, {"result": "False"}),
    ("CT_NotClaims", {"boolean1": "true"}, {"result": "False"}),
    ("CT_NotClaims", {"boolean1": "false"}, {"result": "True"}),
    # The policy compares to false.
    ("CT_CompareBooleanClaimToValue", {"boolean1": "false"}, {"result": "True"}),
    ("CT_CompareBooleanClaimToValue", {"boolean1": "true"}, {"result": "False"}),
    ("CT_AssertBooleanClaimIsEqualToValue", {"boolean1": "false"}, {"result": "True"}),
    # claims.md B.2: midnight UTC of 1 January 2022; 2022-03-01 and five seconds is not later than 2022-03-02.
    ("CT_ConvertDateToDateTimeClaim", {}, {"result": "2022-01-01T00:00:00.0000000Z"}),
    ("CT_DateTimeComparison", {}, {"result": "False"}),
    ("CT_DateTimeComparison", {"dateTime1": "2022-03-03"}, {"result": "True"}),
    # The terms changed on 2022-01-15.
    ("CT_IsTermsOfUseConsentRequired", {}, {"result": "False"}),
    ("CT_IsTermsOfUseConsentRequired", {"dateTime1": "2022-01-14"}, {"result": "True"}),
    # claims.md B.3
    ("CT_CopyClaim", {"int1": "7"}, {"int1Result": "7", "string1Result": "Helo world"}),
    # base64(SHA256("Hello world" + "mySaltValue" + "unit-test-secret")), computed with sha256sum and base64.
    ("CT_Hash", {}, {"result": "K90T33Pd0VJg5PPUHW8FveeZo5HaKBpb/iauIqjWwXc="}),
    # claims.md B.4
    ("CT_AdjustNumber", {"typeOfTransformation": "increment"}, {"result": "10"}),
    ("CT_AdjustNumber", {"typeOfTransformation": "decrement", "int1": "-2"}, {"result": "-3"}),
    # It asserts that the condition does not hold: 20 is not less than 20.
    ("CT_AssertNumber", {"typeOfTransformation": "LessThan"}, {"result": "False"}),
    ("CT_AssertNumber", {"typeOfTransformation": "Equal", "int1": "21"}, {"result": "False"}),
    ("CT_ConvertNumberToStringClaim", {}, {"result": "99"}),
    # claims.md B.5
    ("CT_ChangeCase", {"inputToCase": "lower"}, {"result": "someone@contoso.com"}),
    ("CT_ChangeCase", {"inputToCase": "upper"}, {"result": "SOMEONE@CONTOSO.COM"}),
    ("CT_CompareClaimToValue", {"inputOperator": "Equal"}, {"result": "True"}),
    ("CT_CompareClaimToValue", {"inputOperator": "Not equal"}, {"result": "False"}),
    ("CT_CompareClaims", {"operator": "Equal"}, {"result": "True"}),
    ("CT_CompareClaims", {"operator": "Not equal", "string2": "ABD"}, {"result": "True"}),
    ("CT_CopyClaimIfPredicateMatch", {}, {"result": "+11234567890"}),
    ("CT_CopyClaimIfPredicateMatch", {"string1": "hello"}, {"result": ""}),
    ("CT_FormatStringClaim", {}, {"result": "ID_Emily"}),
    ("CT_FormatStringMultipleClaims", {}, {"result": "Emily:Smith"}),
    ("CT_LookupValue", {"idToLookup": "test.com"}, {"result": "Test Portal"}),
    ("CT_LookupValue", {"idToLookup": "fabrikam.com"}, {"result": ""}),
    ("CT_NullClaim", {}, {"string1": ""}),
    ("CT_ParseDomain", {}, {"result": "contoso.com"}),
    ("CT_ParseDomain", {"string1": "nobody"}, {"result": ""}),
    ("CT_SetClaimIfBooleansMatch", {"boolean1": "True"}, {"result": "You have a promotion code."}),
    ("CT_SetClaimIfBooleansMatch", {"boolean1": "False"}, {"result": ""}),
    ("CT_SetClaimsIfRegexMatch", {}, {"resultValue": "The value you entered is valid", "resultMatch": "True"}),
    ("CT_SetClaimsIfRegexMatch", {"string1": "12a"}, {"resultValue": "", "resultMatch": "False"}),
    (
        "CT_SetClaimsIfRegexMatch_WithGrouping",
        {"string1": "ann@x.io"},
        {"resultValue": "The email you entered is valid", "resultMatch": "True", "resultGroup1": "ann"},
    ),
    (
        "CT_SetClaimsIfStringsAreEqual",
        {"string1": "V1"},
        {
            "resultCode": "Code if strings are equal",
            "resultValue": "Message if strings are equal",
            "resultMatch": "True",
        },
    ),
    (
        "CT_SetClaimsIfStringsAreEqual",
        {"string1": "v2"},
        {"resultCode": "", "resultValue": "", "resultMatch": "False"},
    ),
    ("CT_SetClaimsIfStringsMatch", {}, {"result": "The value you entered is valid.", "resultMatch": "True"}),
    ("CT_SetClaimsIfStringsMatch", {"string1": "adult"}, {"result": "", "resultMatch": "False"}),
    ("CT_StringContains", {"inputIgnoreCase": "True"}, {"result": "True"}),
    ("CT_StringContains", {"inputIgnoreCase": "False"}, {"result": "False"}),
    ("CT_StringJoin", {}, {"result": "abc,123"}),
    ("CT_StringReplace", {}, {"result": "+164411452054"}),
    ("CT_StringSubstring", {}, {"result": "ADC"}),
    # claims.md B.6
    ("CT_GetSingleItemFromStringCollection", {}, {"result": "someone@contoso.com"}),
    ("CT_StringCollectionContainsClaim", {}, {"result": "True"}),
    ("CT_StringCollectionContainsClaim", {"stringToSearch": "ABC"}, {"result": "True"}),
    ("CT_StringCollectionContainsClaim", {"stringToSearch": "xyz"}, {"result": "False"}),
    # claims.md B.7
    ("CT_CreateJsonArray", {}, {"result": '["someone@contoso.com"]'}),
    (
        "CT_GetClaimFromJson",
        {},
        {
            "resultDisplayName": "Emily Smith",
            "resultEmail": "someone@example.com",
            "resultGivenName": "Emily",
            "resultSurname": "Smith",
        },
    ),
    ("CT_GetNumericClaimFromJson", {}, {"result": "6353399"}),
    ("CT_GetSingleItemFromJson", {}, {"resultKey": "givenName", "resultValue": "Emilty"}),
    ("CT_GetSingleValueFromJsonArray", {}, {"result": "someone@example.com"}),
    (
        "CT_XmlStringToJsonString",
        {},
        {
            "inputXML": "<user><name>Someone</name><email>someone@example.com</email></user>",
            "result": '{"user":{"name":"Someone","email":"someone@example.com"}}',
        },
    ),
    # claims.md B.8
    ("CT_ConvertPhoneNumberClaimToString", {}, {"result": "+11234567890"}),
    ("CT_ConvertStringToPhoneNumberClaim", {"inputCountryCode": "US"}, {"result": "+11234567890"}),
    ("CT_ConvertStringToPhoneNumberClaim_WithoutCountryCodeClaim", {}, {"result": "+11234567890"}),
    (
        "CT_GetNationalNumberAndCountryCodeFromPhoneNumberString",
        {"typeOfTransformation": "ISO3166"},
        {"resultCountryCode": "DE", "resultNationalNumber": "1234567890"},
    ),
    (
        "CT_GetNationalNumberAndCountryCodeFromPhoneNumberString",
        {"typeOfTransformation": "CallingCode"},
        {"resultCountryCode": "+49", "resultNationalNumber": "1234567890"},
    ),
    # claims.md B.9: base64 of 12334, the issuer as it is given.
    ("CT_CreateAlternativeSecurityId", {}, {"result": '{"issuer":"Facebook.com","issuerUserId":"MTIzMzQ="}'}),
]


@pytest.mark.parametrize(("policy", "entered", "expected"), SHOWN)
async def test_the_result_page_shows(run_policy, policy, entered, expected):
    walked = await run_policy(policy, entered)

    assert walked.refusal is None
    assert walked.shown == expected


REFUSED = [
    # Each text is the policy's own, under the message id of claims.md B.0.
    (
        "CT_AssertBooleanClaimIsEqualToValue",
        {"boolean1": "true"},
        "Error the 'boolean1' claim must be false.",
    ),
    ("CT_AssertDateTimeIsGreaterThan", {}, "Error date2 is greater than date1."),
    (
        "CT_AssertNumber",
        {"typeOfTransformation": "Equal"},
        "The assertion failed! Check the value you provided is fits to the predefined target 20.",
    ),
    (
        "CT_AssertStringClaimsAreEqual",
        {"stringComparisonType": "Ordinal", "string2": "ABC"},
        "Error message the string1 and string2 are not identical.",
    ),
    ("CT_ConvertStringToPhoneNumberClaim", {"inputPhoneNumber": "12"}, "The phone number is not valid."),
    (
        "CT_ConvertStringToPhoneNumberClaim_WithoutCountryCodeClaim",
        {"inputPhoneNumber": "1"},
        "The phone number is not valid.",
    ),
    ("CT_GetNationalNumberAndCountryCodeFromPhoneNumberString", {"phoneNumber": "x"}, "The phone number is not valid."),
]


@pytest.mark.parametrize(("policy", "entered", "message"), REFUSED)
async def test_the_page_is_refused_in_the_words_of_the_policy(run_policy, policy, entered, message):
    assert (await run_policy(policy, entered)).refusal.message == message


ACCEPTED = [
    # 2022-03-16 00:00:20 is within the 30,000 ms of the policy, and equal times pass (AssertIfEqualTo is false).
    ("CT_AssertDateTimeIsGreaterThan", {"date1": "2022-03-16T00:00:20"}),
    ("CT_AssertDateTimeIsGreaterThan", {"date1": "2022-03-15T23:59:40"}),
    ("CT_AssertDateTimeIsGreaterThan", {"date1": "2022-03-17"}),
    ("CT_AssertStringClaimsAreEqual", {"stringComparisonType": "ordinalIgnoreCase", "string2": "ABC"}),
    ("CT_AssertStringClaimsAreEqual", {"stringComparisonType": "Ordinal", "string2": "abc"}),
]


@pytest.mark.parametrize(("policy", "entered"), ACCEPTED)
async def test_an_assertion_that_holds_lets_the_journey_end(run_policy, policy, entered):
    walked = await run_policy(policy, entered)

    assert walked.token["sub"] == "1234"


IN_TOKEN = [
    # claims.md B.6 and B.9; collections are arrays in a token.
    ("CT_AddItemToStringCollection", {}, {"result": ["someone@contoso.com", "emily@test.com"]}),
    ("CT_AddItemToStringCollection", {"string2": "someone@contoso.com"}, {"result": ["someone@contoso.com"]}),
    ("CT_AddParameterToStringCollection", {}, {"result": ["emily@contoso.com", "someone@test.com"]}),
    ("CT_StringCollectionContains", {}, {"groups": ["Contributors", "READERS"], "result": True}),
    ("CT_StringSplit", {"string1": "a,,b"}, {"result": ["a", "", "b"]}),
    ("CT_CreateStringClaim", {}, {"result": "Contoso terms of service..."}),
    # The issuer that an authenticator shows is the tenant's name (claims.md A.2).
    (
        "CT_BuildUri",
        {"uriLabel": "Contoso demo:emily@fabrikam.com"},
        {
            "result": "otpauth://totp/Contoso%20demo:emily@fabrikam.com?secret=fay2lj7ynpntjgqa&issuer=contoso.onmicrosoft.com"
        },
    ),
    (
        "CT_AddItemToAlternativeSecurityIdCollection",
        {},
        {
            "alternativeSecurityId1": '{"issuer":"contoso.com","issuerUserId":"MTIzNDU="}',
            "result": [
                {"issuer": "contoso.com", "issuerUserId": "MTIzNDU="},
                {"issuer": "live.com", "issuerUserId": "YWJjZGU="},
            ],
        },
    ),
    (
        "CT_AGetIdentityProvidersFromAlternativeSecurityIdCollectionTransformation",
        {},
        {"result": ["contoso.com", "live.com"]},
    ),
    (
        "CT_RemoveAlternativeSecurityIdByIdentityProvider",
        {},
        {"result": [{"issuer": "live.com", "issuerUserId": "YWJjZGU="}]},
    ),
    # claims.md B.7; 2005-01-23 is 1106438400 s after 1970, displayName is name in a token of the starter pack.
    (
        "CT_GetClaimsFromJsonArray",
        {"typeOfTransformation": "include"},
        {"name": "Someone", "membershipID": 6353399, "active": True, "birthDate": 1106438400},
    ),
    (
        "CT_GetClaimsFromJsonArray",
        {"typeOfTransformation": "dontInclude", "inputJson": '[{"key":"displayName","value":"Ann"}]'},
        {"name": "Ann"},
    ),
    (
        "CT_GetClaimsFromJsonArrayV2",
        {},
        {"name": "Someone", "membershipID": 6353399, "active": True, "birthDate": 1106438400},
    ),
]


@pytest.mark.parametrize(("policy", "entered", "expected"), IN_TOKEN)
async def test_the_token_holds(run_policy, policy, entered, expected):
    walked = await run_policy(policy, entered)

    assert {name: walked.token.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ({}, [False] * 6),
        (
            {"boolean1": "true", "date1": "2022-01-01", "int1": "1", "string1": "x"},
            [True, True, True, False, True, False],
        ),
    ],
)
async def test_a_claim_exists_when_it_has_a_value(run_policy, entered, expected):
    # claims.md B.3. The page asks for boolean, date, int and string; long and collection are never set.
    walked = await run_policy("CT_DoesClaimExist", entered)

    names = ("boolean1", "date1", "int1", "long1", "string1", "stringCollection1")
    assert [walked.shown[f"{name}Result"] for name in names] == [str(value) for value in expected]


async def test_json_is_generated_of_claims_and_parameters(run_policy):
    entered = {"boolean1": "true", "dateTime1": "2022-01-01", "int1": "5", "string1": 'a "b"'}

    walked = await run_policy("CT_GenerateJson", entered)

    # claims.md B.7: numbers and booleans are literals, a date is ISO text, text is escaped.
    assert walked.token["result"] == (
        '{"customerEntity":{"BooleanClaim":true,"DateTimeClaim":"2022-01-01T00:00:00.0000000Z","IntClaim":5,'
        '"LongClaim":123456,"StringClaim":"a \\"b\\"","properties":{"FixedString":"Administrator","FixedLong":123456789}}}'
    )


@pytest.mark.parametrize("policy", ["CT_GetCurrentDateTime", "CT_ConvertDateTimeToDateClaim"])
async def test_the_current_time_is_now_in_utc(run_policy, policy):
    walked = await run_policy(policy)

    shown = walked.shown["dateTimeClaims" if policy == "CT_ConvertDateTimeToDateClaim" else "result"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", shown)
    if policy == "CT_ConvertDateTimeToDateClaim":
        assert walked.shown["result"] == shown[:10]
        assert walked.token["result"] == shown[:10]


async def test_an_otp_secret_is_base32(run_policy):
    # claims.md B.5: 16 characters, lower case.
    assert re.fullmatch(r"[a-z2-7]{16}", (await run_policy("CT_CreateOtpSecret")).token["result"])


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("Integer", r"\d{1,10}"),
        ("IntegerWithFormat", r"ID_\d{1,10}"),
        ("GUID", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("GUIDWithFormat", r"ID_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        # base64 of what begins with ID_
        ("IntegerWithFormatWithBase64", r"SURf[A-Za-z0-9+/]+=*"),
        ("GUIDWithFormatWithBase64", r"SURf[A-Za-z0-9+/]+=*"),
    ],
)
async def test_a_random_string_has_its_form(run_policy, kind, pattern):
    walked = await run_policy("CT_CreateRandomString", {"typeOfTransformation": kind})

    assert re.fullmatch(pattern, walked.shown["result"])


async def test_a_localized_string_is_formatted_with_the_claims_in_their_order(run_policy):
    walked = await run_policy("CT_FormatLocalizedString", {"string2": "{0}"})

    assert walked.shown == {"result": "Format localized string sample: 'abc', '{0}', 123"}


async def test_the_strings_of_the_page_become_claims(run_policy):
    shown = (await run_policy("CT_GetLocalizedStringsTransformation")).shown

    assert shown["string1"] == "Contoso account email verification code"
    assert shown["string4"] == "Sincerely"


async def test_a_code_is_mapped_through_the_localized_collection(run_policy):
    walked = await run_policy("CT_GetMappedValueFromLocalizedCollection")

    assert walked.shown == {"result": "Second message in english"}


@pytest.mark.parametrize("json", ["{", '{"other": 1}', "[]"])
async def test_json_that_cannot_be_read_ends_the_journey(run_policy, json):
    # The authors: "if the JSON isn't valid, or an element not found, the policy won't continue to the next step".
    walked = await run_policy("CT_GetNumericClaimFromJson", {"inputJson": json})

    assert (walked.refusal.message, len(walked.pages)) == ("Unable to validate the information provided.", 1)
