import pytest

from journeyman.claims.claim_type import ClaimType
from journeyman.claims.predicates import PredicateGroup, PredicateValidation, compile_predicate
from journeyman.claims.values import DataType
from journeyman.errors import ClaimsTransformationError


@pytest.mark.parametrize(
    ("method", "inputs", "parameters", "expected"),
    [
        ("ChangeCase", {"inputClaim1": "Ñandú"}, {"toCase": "UPPER"}, {"outputclaim": "ÑANDÚ"}),
        ("ChangeCase", {"inputClaim1": "Ñandú"}, {"toCase": "lower"}, {"outputclaim": "ñandú"}),
        ("ChangeCase", {"inputClaim1": None}, {"toCase": "LOWER"}, {}),
        ("CreateStringClaim", {}, {"value": "v1"}, {"createdclaim": "v1"}),
        (
            "CreateStringClaim",
            {},
            {"value": "{relyingPartyTenantId}|{TrustFrameworkTenantId}|{TechnicalProfileId}|{Culture:LCID}"},
            {"createdclaim": "fab.onmicrosoft.com|base.onmicrosoft.com|Create-Names|{Culture:LCID}"},
        ),
        (
            "FormatStringClaim",
            {"inputClaim": "k7"},
            {"stringFormat": "user_{0}@{RelyingPartyTenantId}"},
            {"outputclaim": "user_k7@fab.onmicrosoft.com"},
        ),
        ("FormatStringClaim", {"inputClaim": None}, {"stringFormat": "[{0}]"}, {"outputclaim": "[]"}),
        ("FormatStringClaim", {"inputClaim": True}, {"stringFormat": "{0}"}, {"outputclaim": "True"}),
        (
            "FormatStringClaim",
            {"inputClaim": "{RelyingPartyTenantId}"},
            {"stringFormat": "{0}"},
            {"outputclaim": "{RelyingPartyTenantId}"},
        ),
        (
            "FormatStringMultipleClaims",
            {"inputClaim1": "a", "inputClaim2": None},
            {"stringFormat": "{0}%3A {1}"},
            {"outputclaim": "a%3A "},
        ),
        ("ParseDomain", {"emailAddress": "a@b@contoso.example"}, {}, {"domain": "contoso.example"}),
        ("ParseDomain", {"emailAddress": "nobody"}, {}, {"domain": ""}),
        ("ParseDomain", {"emailAddress": None}, {}, {"domain": ""}),
        ("StringSubstring", {"inputClaim": "+4512"}, {"startIndex": "0", "length": "3"}, {"outputclaim": "+45"}),
        ("StringSubstring", {"inputClaim": "+4512"}, {"startIndex": "5", "length": "0"}, {"outputclaim": ""}),
        ("StringSubstring", {"inputClaim": "😀a"}, {"startIndex": "2", "length": "1"}, {"outputclaim": "a"}),
        ("StringSubstring", {"inputClaim": None}, {"startIndex": "0", "length": "3"}, {}),
        ("StringReplace", {"inputClaim": "a.b.c"}, {"oldValue": ".", "newValue": ""}, {"outputclaim": "abc"}),
        ("StringReplace", {"inputClaim": "abc"}, {"oldValue": "x", "newValue": "y"}, {"outputclaim": "abc"}),
        ("StringReplace", {"inputClaim": None}, {"oldValue": "x", "newValue": "y"}, {}),
        ("StringJoin", {"inputClaim": ("a", "b")}, {"delimiter": ", "}, {"outputclaim": "a, b"}),
        ("StringJoin", {"inputClaim": None}, {"delimiter": ","}, {"outputclaim": ""}),
        ("StringSplit", {"inputClaim": "a,,b"}, {"delimiter": ","}, {"outputclaim": ("a", "", "b")}),
        ("StringSplit", {"inputClaim": "a, b"}, {"delimiter": ", "}, {"outputclaim": ("a", "b")}),
        ("StringSplit", {"inputClaim": "a,b"}, {"delimiter": ""}, {"outputclaim": ("a,b",)}),
        ("StringSplit", {"inputClaim": None}, {"delimiter": ","}, {}),
        (
            "BuildUri",
            {"path": "Contoso demo:emily@contoso.example", "query.secret": "fay lhu"},
            {"scheme": "otpauth", "host": "totp", "query.issuer": "Contoso demo"},
            {"outputclaim": "otpauth://totp/Contoso%20demo:emily@contoso.example?secret=fay+lhu&issuer=Contoso+demo"},
        ),
        (
            "BuildUri",
            {"path": "a/b?c", "query.Secret": None},
            {"scheme": "otpauth", "host": "totp", "query.issuer": "{AuthenticatorIssuer}"},
            {"outputclaim": "otpauth://totp/a%2Fb%3Fc?issuer=fab.onmicrosoft.com"},
        ),
        ("BuildUri", {"path": "p"}, {"scheme": "https", "host": "h"}, {"outputclaim": "https://h/p"}),
        ("BuildUri", {"path": None}, {"scheme": "https", "host": "h"}, {}),
    ],
)
def test_text_is_built_and_changed(transform, method, inputs, parameters, expected):
    assert transform(method, inputs, parameters) == expected


@pytest.mark.parametrize(
    ("method", "inputs", "parameters"),
    [
        ("ChangeCase", {"inputClaim1": "a"}, {"toCase": "TITLE"}),
        ("CreateStringClaim", {}, {}),
        ("FormatStringClaim", {"inputClaim": "a"}, {"stringFormat": "{1}"}),
        ("FormatStringMultipleClaims", {"inputClaim1": "a"}, {"stringFormat": "{0"}),
        ("StringSubstring", {"inputClaim": "abc"}, {"startIndex": "2", "length": "2"}),
        ("StringSubstring", {"inputClaim": "abc"}, {"startIndex": "-1", "length": "1"}),
        ("StringSubstring", {"inputClaim": "abc"}, {"startIndex": "0", "length": "-1"}),
        ("StringSubstring", {"inputClaim": "😀"}, {"startIndex": "0", "length": "1"}),
        ("StringSubstring", {"inputClaim": "abc"}, {"startIndex": "0"}),
        ("StringReplace", {"inputClaim": "abc"}, {"oldValue": "", "newValue": "y"}),
        ("StringJoin", {"inputClaim": ("a",)}, {}),
        ("BuildUri", {"path": "p"}, {"scheme": "https"}),
    ],
)
def test_what_cannot_be_computed_is_an_error(transform, method, inputs, parameters):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform(method, inputs, parameters)

    assert caught.value.message_id == "ClaimsTransformationError"


DIGITS = PredicateValidation(
    "Digits",
    (PredicateGroup("G", "", 1, (compile_predicate("D", "MatchesRegex", {"RegularExpression": r"^\+?\d+$"}, ""),)),),
)


@pytest.mark.parametrize(
    ("validation", "value", "expected"),
    [
        (DIGITS, "+4722334455", {"outputclaim": "+4722334455"}),
        (DIGITS, "ann", {}),
        (None, "+4722334455", {"outputclaim": "+4722334455"}),
        (DIGITS, None, {}),
    ],
)
def test_a_claim_is_copied_when_the_predicates_of_the_target_hold(transform, validation, value, expected):
    target = ClaimType("phone", DataType.PHONE_NUMBER, predicate_validation=validation)

    outputs = transform(
        "CopyClaimIfPredicateMatch",
        {"inputClaim": value},
        outputs={"outputClaim": "phoneNumber"},
        output_claims={"outputclaim": target},
    )

    assert outputs == expected


def test_a_conditional_copy_without_a_known_target_is_an_error(transform):
    with pytest.raises(ClaimsTransformationError, match="not known"):
        transform("CopyClaimIfPredicateMatch", {"inputClaim": "x"})
