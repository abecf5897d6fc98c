import pytest

from journeyman.errors import ClaimsTransformationError


@pytest.mark.parametrize(
    ("method", "first", "second", "expected"),
    [
        ("AndClaims", True, True, True),
        ("AndClaims", True, False, False),
        ("AndClaims", None, True, False),
        ("OrClaims", False, False, False),
        ("OrClaims", None, True, True),
        ("OrClaims", None, None, False),
    ],
)
def test_two_booleans_are_combined_and_an_absent_one_is_false(transform, method, first, second, expected):
    assert transform(method, {"inputClaim1": first, "inputClaim2": second}) == {"outputclaim": expected}


@pytest.mark.parametrize(("value", "expected"), [(True, False), (False, True), (None, True), ("true", False)])
def test_a_boolean_is_negated(transform, value, expected):
    assert transform("NotClaims", {"inputClaim": value}) == {"outputclaim": expected}


@pytest.mark.parametrize(
    ("value", "compared", "expected"),
    [(True, "true", True), (False, "False", True), (True, "false", False), (None, "false", False), ("True", "1", True)],
)
def test_a_boolean_is_compared_to_a_value(transform, value, compared, expected):
    outputs = transform("CompareBooleanClaimToValue", {"inputClaim": value}, {"valueToCompareTo": compared})

    assert outputs == {"compareresult": expected}


def test_an_assertion_that_holds_writes_nothing(transform):
    parameters = {"valueToCompareTo": "true"}

    assert transform("AssertBooleanClaimIsEqualToValue", {"inputClaim": True}, parameters) == {}


@pytest.mark.parametrize("value", [False, None])
def test_an_assertion_that_does_not_hold_is_an_error_with_its_id(transform, value):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("AssertBooleanClaimIsEqualToValue", {"inputClaim": value}, {"valueToCompareTo": "true"})

    assert caught.value.message_id == "UserMessageIfClaimsTransformationBooleanValueIsNotEqual"
    assert caught.value.user_message == 'boolean comparison failed for claim type "inputClaim"'


@pytest.mark.parametrize("parameters", [{}, {"valueToCompareTo": "maybe"}])
def test_a_missing_or_wrong_parameter_is_an_error(transform, parameters):
    with pytest.raises(ClaimsTransformationError, match="valuetocompareto"):
        transform("CompareBooleanClaimToValue", {"inputClaim": True}, parameters)


def test_an_input_that_is_no_boolean_is_an_error_without_its_value(transform):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("NotClaims", {"inputClaim": "hunter2"})

    assert caught.value.message_id == "ClaimsTransformationError"
    assert "hunter2" not in str(caught.value)
