import pytest

from journeyman.claims.transformations import METHODS, problems
from journeyman.errors import ClaimsTransformationError


def test_methods_are_found_by_their_name_in_lower_case():
    assert METHODS["setclaimsifregexmatch"].name == "SetClaimsIfRegexMatch"
    assert all(name == method.name.lower() for name, method in METHODS.items())


def test_every_documented_method_is_there():
    documented = """
        AndClaims OrClaims NotClaims AssertBooleanClaimIsEqualToValue CompareBooleanClaimToValue
        AssertDateTimeIsGreaterThan ConvertDateTimeToDateClaim ConvertDateToDateTimeClaim DateTimeComparison
        GetCurrentDateTime IsTermsOfUseConsentRequired
        CopyClaim DoesClaimExist Hash NullClaim GuidAndRandomGenerator
        AdjustNumber AssertNumber ConvertNumberToStringClaim
        AssertStringClaimsAreEqual BuildUri ChangeCase CompareClaims CompareClaimToValue CopyClaimIfPredicateMatch
        CreateOtpSecret CreateRandomString CreateStringClaim FormatLocalizedString FormatStringClaim
        FormatStringMultipleClaims GetLocalizedStringsTransformation GetMappedValueFromLocalizedCollection LookupValue
        ParseDomain SetClaimIfBooleansMatch SetClaimsIfRegexMatch SetClaimsIfStringsAreEqual SetClaimsIfStringsMatch
        StringContains StringSubstring StringReplace StringJoin StringSplit
        AddItemToStringCollection AddParameterToStringCollection GetSingleItemFromStringCollection
        StringCollectionContains StringCollectionContainsClaim
        CreateJsonArray GenerateJson GetClaimFromJson GetClaimsFromJsonArray GetClaimsFromJsonArrayV2
        GetNumericClaimFromJson GetSingleItemFromJson GetSingleValueFromJsonArray XmlStringToJsonString
        CreateAlternativeSecurityId AddItemToAlternativeSecurityIdCollection
        GetIdentityProvidersFromAlternativeSecurityIdCollectionTransformation
        RemoveAlternativeSecurityIdByIdentityProvider CreateUserIdentity AddItemToUserIdentityCollection
        GetIssuersFromUserIdentityCollectionTransformation RemoveUserIdentityFromCollectionByIssuer
        ConvertPhoneNumberClaimToString ConvertStringToPhoneNumberClaim
        GetNationalNumberAndCountryCodeFromPhoneNumberString GetAgeGroupConsentProvidedAndRequiresConsent
    """

    assert {method.name for method in METHODS.values()} == set(documented.split())


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_the_names_a_method_declares_are_in_lower_case_and_consistent(method):
    for names in (method.inputs, method.parameters, method.outputs):
        assert all(name == name.lower() for name in names or ())
    if method.parameters is not None:
        assert method.required_parameters | method.checks.keys() <= method.parameters


@pytest.mark.parametrize(
    ("method", "parameters", "expected"),
    [
        ("FormatStringClaim", {"stringformat": "user_{0}@{RelyingPartyTenantId}"}, ()),
        ("FormatStringClaim", {}, ("the input parameter 'stringformat' is missing",)),
        (
            "FormatStringClaim",
            {"stringformat": "{1}"},
            ("the input parameter 'stringformat' is wrong: the format string names argument 1 of 1",),
        ),
        ("FormatStringMultipleClaims", {"stringformat": "{0}{1}"}, ()),
        (
            "AssertNumber",
            {"operator": "about", "throwerror": "maybe"},
            (
                "the input parameter 'comparetovalue' is missing",
                (
                    "the input parameter 'operator' is wrong: the value is none of lessthan, greaterthan, "
                    "greaterthanorequal, lessthanorequal, equal, notequal"
                ),
                "the input parameter 'throwerror' is wrong: the value is not a boolean",
            ),
        ),
        (
            "SetClaimsIfRegexMatch",
            {"matchto": "a++"},
            ("the input parameter 'matchto' is wrong: the regular expression has a nested quantifier",),
        ),
        ("CreateRandomString", {"randomgeneratortype": "GUID", "stringformat": "{0}"}, ()),
        (
            "StringReplace",
            {"oldvalue": "", "newvalue": ""},
            ("the input parameter 'oldvalue' is wrong: the value is empty",),
        ),
        ("StringReplace", {"oldvalue": "a", "newvalue": ""}, ()),
        ("IsTermsOfUseConsentRequired", {"termsofusetextupdatedatetime": "2030-06-01"}, ()),
    ],
)
def test_what_is_wrong_with_parameters_is_known_before_the_first_run(method, parameters, expected):
    assert problems(METHODS[method.lower()], parameters) == expected


def test_results_are_converted_to_the_types_of_the_output_claims(transform):
    assert transform("CopyClaim", {"inputClaim": 7}, outputs={"outputClaim": "string"}) == {"outputclaim": "7"}
    assert transform("CopyClaim", {"inputClaim": "7"}, outputs={"outputClaim": "int"}) == {"outputclaim": 7}
    assert transform("NotClaims", {"inputClaim": True}, outputs={"outputClaim": "string"}) == {"outputclaim": "False"}


def test_a_result_that_does_not_fit_is_an_error_without_its_value(transform):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("CopyClaim", {"inputClaim": "hunter2"}, outputs={"outputClaim": "int"})

    assert str(caught.value) == "ClaimsTransformationError: output claim 'outputclaim': the value is not a int"
