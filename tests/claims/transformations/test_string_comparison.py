import pytest

from journeyman.errors import ClaimsTransformationError

DOMAINS = {"red.example": "1", "blue.example": "2"}


@pytest.mark.parametrize(
    ("first", "second", "comparison"),
    [("a", "a", "ordinal"), ("a", "A", "ordinalIgnoreCase"), (None, None, "Ordinal"), (5, "5", "ORDINAL")],
)
def test_equal_texts_pass_the_assertion(transform, first, second, comparison):
    inputs = {"inputClaim1": first, "inputClaim2": second}

    assert transform("AssertStringClaimsAreEqual", inputs, {"stringComparison": comparison}) == {}


@pytest.mark.parametrize(
    ("first", "second", "comparison", "name"),
    [
        ("a", "A", "ordinal", "Ordinal"),
        ("ß", "ss", "OrdinalIgnoreCase", "OrdinalIgnoreCase"),
        (None, "a", "ordinal", "Ordinal"),
        ("a", None, "ordinal", "Ordinal"),
    ],
)
def test_different_texts_are_an_error_with_its_id(transform, first, second, comparison, name):
    inputs = {"inputClaim1": first, "inputClaim2": second}

    with pytest.raises(ClaimsTransformationError) as caught:
        transform("AssertStringClaimsAreEqual", inputs, {"stringComparison": comparison})

    assert caught.value.message_id == "UserMessageIfClaimsTransformationStringsAreNotEqual"
    assert caught.value.user_message == f'comparison failed using StringComparison "{name}"'


@pytest.mark.parametrize(
    ("first", "second", "parameters", "expected"),
    [
        ("a", "a", {"operator": "EQUAL"}, True),
        ("a", "A", {"operator": "EQUAL"}, False),
        ("a", "A", {"operator": "equal", "ignoreCase": "true"}, True),
        ("a", "b", {"operator": "NOT EQUAL"}, True),
        ("a", "a", {"operator": "not equal", "ignoreCase": "False"}, False),
        (None, None, {"operator": "EQUAL"}, True),
        (None, "", {"operator": "EQUAL"}, False),
        ("x", None, {"operator": "NOT EQUAL"}, True),
    ],
)
def test_two_claims_are_compared(transform, first, second, parameters, expected):
    outputs = transform("CompareClaims", {"inputClaim1": first, "inputClaim2": second}, parameters)

    assert outputs == {"outputclaim": expected}


@pytest.mark.parametrize(
    ("value", "parameters", "expected"),
    [
        ("v1", {"compareTo": "V1", "operator": "EQUAL", "ignoreCase": "true"}, True),
        ("v1", {"compareTo": "V1", "operator": "not equal"}, True),
        (None, {"compareTo": "", "operator": "EQUAL"}, False),
    ],
)
def test_a_claim_is_compared_to_a_constant(transform, value, parameters, expected):
    assert transform("CompareClaimToValue", {"inputClaim1": value}, parameters) == {"outputclaim": expected}


@pytest.mark.parametrize(
    ("value", "parameters", "outputs", "expected"),
    [
        ("blue.example", DOMAINS, {}, {"outputclaim": "2"}),
        ("Blue.Example", DOMAINS, {}, {"outputclaim": "2"}),
        ("green.example", DOMAINS, {}, {}),
        ("green.example", {**DOMAINS, "errorOnFailedLookup": "false"}, {}, {}),
        (None, DOMAINS, {}, {}),
        ("errorOnFailedLookup", {"errorOnFailedLookup": "false"}, {}, {}),
        ("vip", {"vip": "True"}, {"outputClaim": "boolean"}, {"outputclaim": True}),
    ],
)
def test_a_value_is_looked_up_among_the_parameters(transform, value, parameters, outputs, expected):
    assert transform("LookupValue", {"inputParameterId": value}, parameters, outputs) == expected


@pytest.mark.parametrize("value", ["green.example", None, "errorOnFailedLookup"])
def test_a_failed_lookup_is_an_error_when_the_policy_says_so(transform, value):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("LookupValue", {"inputParameterId": value}, {**DOMAINS, "errorOnFailedLookup": "true"})

    assert caught.value.message_id == "LookupNotFound"


@pytest.mark.parametrize(
    ("value", "match_to", "expected"),
    [(True, "true", {"outputclaim": "yes"}), (False, "true", {}), ("False", "false", {"outputclaim": "yes"})],
)
def test_a_claim_is_set_when_booleans_match(transform, value, match_to, expected):
    parameters = {"matchTo": match_to, "outputClaimIfMatched": "yes"}

    assert transform("SetClaimIfBooleansMatch", {"claimToMatch": value}, parameters) == expected


def test_an_absent_boolean_to_match_is_an_error(transform):
    with pytest.raises(ClaimsTransformationError, match="claimToMatch"):
        transform("SetClaimIfBooleansMatch", {}, {"matchTo": "true", "outputClaimIfMatched": "yes"})


@pytest.mark.parametrize(
    ("value", "parameters", "expected"),
    [
        (
            "ann@x.io",
            {"matchTo": "(?<alias>.*)@(?<tld>z)?.*$", "extractGroups": "true"},
            {"alias": "ann", "tld": "", "regexcompareresultclaim": True},
        ),
        (
            "ann@x.io",
            {"matchTo": "@", "outputClaimIfMatched": "isEmail"},
            {"outputclaim": "isEmail", "regexcompareresultclaim": True},
        ),
        ("ann@x.io", {"matchTo": "(?<alias>.*)@"}, {"regexcompareresultclaim": True}),
        (
            "ann",
            {"matchTo": "@", "outputClaimIfMatched": "isEmail"},
            {"outputclaim": None, "regexcompareresultclaim": False},
        ),
        (None, {"matchTo": ".*"}, {"outputclaim": None, "regexcompareresultclaim": False}),
        ("a,a", {"matchTo": r"^(?=([^,]+)).+(?=(\1))"}, {"regexcompareresultclaim": True}),
    ],
)
def test_claims_are_set_by_a_regular_expression(transform, value, parameters, expected):
    assert transform("setClaimsIfRegexMatch", {"claimToMatch": value}, parameters) == expected


def test_the_result_of_a_comparison_is_text_in_a_string_claim(transform):
    outputs = transform(
        "SetClaimsIfRegexMatch", {"claimToMatch": "a"}, {"matchTo": "a"}, {"regexCompareResultClaim": "string"}
    )

    assert outputs == {"regexcompareresultclaim": "True"}


@pytest.mark.parametrize(("expression", "text"), [("(", "a"), (r"(.*)*x(.*)*y\1z", "x" * 2000)])
def test_an_expression_that_is_wrong_or_too_slow_is_an_error(transform, expression, text):
    with pytest.raises(ClaimsTransformationError, match="matchto"):
        transform("SetClaimsIfRegexMatch", {"claimToMatch": text}, {"matchTo": expression})


EQUAL = {
    "matchTo": "new",
    "stringComparison": "ordinalIgnoreCase",
    "stringMatchMsg": "Welcome",
    "stringMatchMsgCode": "W1",
}


@pytest.mark.parametrize(
    ("value", "parameters", "expected"),
    [
        ("NEW", EQUAL, {"outputclaim1": "Welcome", "outputclaim2": "W1", "stringcompareresultclaim": True}),
        ("old", EQUAL, {"stringcompareresultclaim": False}),
        (None, EQUAL, {"stringcompareresultclaim": False}),
        ("a", {"matchTo": "a", "stringComparison": "Ordinal"}, {"stringcompareresultclaim": True}),
    ],
)
def test_claims_are_set_when_strings_are_equal(transform, value, parameters, expected):
    assert transform("SetClaimsIfStringsAreEqual", {"inputClaim": value}, parameters) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("minor", {"outputclaim": "B2C_V1_90001", "stringcompareresultclaim": True}),
        ("Minor", {"outputclaim": None, "stringcompareresultclaim": False}),
        (None, {"outputclaim": None, "stringcompareresultclaim": False}),
    ],
)
def test_a_claim_is_set_or_removed_when_strings_match(transform, value, expected):
    parameters = {"matchTo": "minor", "stringComparison": "ordinal", "outputClaimIfMatched": "B2C_V1_90001"}

    assert transform("SetClaimsIfStringsMatch", {"claimToMatch": value}, parameters) == expected


@pytest.mark.parametrize(
    ("value", "parameters", "expected"),
    [
        ("Admin, Approver", {"contains": "admin", "ignoreCase": "true"}, True),
        ("Admin, Approver", {"contains": "admin"}, False),
        ("Admin", {"contains": ""}, True),
        (None, {"contains": ""}, False),
    ],
)
def test_a_text_contains_another(transform, value, parameters, expected):
    assert transform("StringContains", {"inputClaim": value}, parameters) == {"outputclaim": expected}
