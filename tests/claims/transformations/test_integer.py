import pytest

from journeyman.errors import ClaimsTransformationError


@pytest.mark.parametrize(
    ("value", "parameters", "expected"),
    [
        (4, {"Operator": "DECREMENT"}, 3),
        (4, {"operator": "increment"}, 5),
        (4, {}, 5),
        (None, {"Operator": "INCREMENT"}, 1),
        ("7", {"Operator": "Decrement"}, 6),
    ],
)
def test_a_number_is_adjusted_by_one(transform, value, parameters, expected):
    assert transform("AdjustNumber", {"inputClaim": value}, parameters) == {"outputclaim": expected}


@pytest.mark.parametrize(("value", "operator"), [(2147483647, "increment"), (-2147483648, "decrement"), (1, "double")])
def test_an_adjustment_out_of_range_or_unknown_is_an_error(transform, value, operator):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("AdjustNumber", {"inputClaim": value}, {"Operator": operator})

    assert caught.value.message_id == "ClaimsTransformationError"


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("LessThan", 4, True),
        ("LESSTHAN", 5, False),
        ("GreaterThan", 10, True),
        ("GreaterThan", 5, False),
        ("GreaterThanOrEqual", 5, True),
        ("LessThanOrEqual", 5, True),
        ("LessThanOrEqual", 6, False),
        ("Equal", 5, True),
        ("NotEqual", 5, False),
    ],
)
def test_a_comparison_is_the_result_when_no_error_is_wanted(transform, operator, value, expected):
    parameters = {"CompareToValue": "5", "Operator": operator, "throwError": "false"}

    assert transform("AssertNumber", {"inputClaim": value}, parameters) == {"outputclaim": expected}


@pytest.mark.parametrize("throw", [{}, {"throwError": "true"}])
def test_the_assertion_is_that_the_comparison_does_not_hold(transform, throw):
    parameters = {"CompareToValue": "5", "Operator": "GreaterThan", **throw}

    assert transform("AssertNumber", {"inputClaim": 4}, parameters) == {"outputclaim": False}
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("AssertNumber", {"inputClaim": 10}, parameters)
    assert caught.value.message_id == "AssertNumberError"


@pytest.mark.parametrize(
    ("value", "parameters"),
    [
        (None, {"CompareToValue": "5", "Operator": "Equal"}),
        (5, {"Operator": "Equal"}),
        (5, {"CompareToValue": "5"}),
        (5, {"CompareToValue": "five", "Operator": "Equal", "throwError": "false"}),
    ],
)
def test_an_assertion_that_cannot_be_made_is_an_error(transform, value, parameters):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("AssertNumber", {"inputClaim": value}, parameters)

    assert caught.value.message_id == "ClaimsTransformationError"


@pytest.mark.parametrize(("value", "expected"), [(12334, "12334"), (-9223372036854775808, "-9223372036854775808")])
def test_a_number_becomes_text_without_grouping(transform, value, expected):
    assert transform("ConvertNumberToStringClaim", {"inputClaim": value}) == {"outputclaim": expected}


def test_an_absent_number_writes_nothing(transform):
    assert transform("ConvertNumberToStringClaim", {"inputClaim": None}) == {}
