from datetime import UTC, date, datetime

import pytest

from journeyman.errors import ClaimsTransformationError

TEN = "2031-04-02T10:00:00Z"
THREE_PAST_TEN = "2031-04-02T10:03:00Z"


@pytest.mark.parametrize(
    ("left", "right", "parameters"),
    [
        (TEN, THREE_PAST_TEN, {"TreatAsEqualIfWithinMillseconds": "300000", "AssertIfEqualTo": "false"}),
        (THREE_PAST_TEN, TEN, {}),
        (TEN, TEN, {"AssertIfEqualTo": "false"}),
        (TEN, None, {"AssertIfRightOperandIsNotPresent": "true"}),
        (datetime(2031, 4, 2, 11, tzinfo=UTC), TEN, {"TreatAsEqualIfWithinMillseconds": ""}),
    ],
)
def test_a_later_left_operand_passes(transform, left, right, parameters):
    inputs = {"leftOperand": left, "rightOperand": right}

    assert transform("AssertDateTimeIsGreaterThan", inputs, parameters) == {}


@pytest.mark.parametrize(
    ("left", "right", "parameters"),
    [
        (TEN, THREE_PAST_TEN, {"TreatAsEqualIfWithinMillseconds": "0", "AssertIfEqualTo": "false"}),
        (TEN, THREE_PAST_TEN, {"TreatAsEqualIfWithinMillseconds": "300000", "AssertIfEqualTo": "true"}),
        (TEN, TEN, {}),
        (TEN, None, {}),
        (TEN, None, {"AssertIfRightOperandIsNotPresent": "false"}),
        (None, TEN, {}),
    ],
)
def test_a_left_operand_that_is_not_later_is_an_error_with_its_id(transform, left, right, parameters):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("AssertDateTimeIsGreaterThan", {"leftOperand": left, "rightOperand": right}, parameters)

    assert caught.value.message_id == "DateTimeGreaterThan"


def test_a_time_becomes_a_date_and_a_date_midnight(transform):
    moment = datetime(2031, 4, 2, 23, 59, 59, 5, tzinfo=UTC)

    assert transform("ConvertDateTimeToDateClaim", {"inputClaim": moment}) == {"outputclaim": date(2031, 4, 2)}
    assert transform("ConvertDateToDateTimeClaim", {"inputClaim": date(2031, 4, 2)}) == {
        "outputclaim": datetime(2031, 4, 2, tzinfo=UTC)
    }


@pytest.mark.parametrize("method", ["ConvertDateTimeToDateClaim", "ConvertDateToDateTimeClaim"])
def test_an_absent_date_writes_nothing(transform, method):
    assert transform(method, {"inputClaim": None}) == {}


@pytest.mark.parametrize(
    ("first", "second", "operator", "seconds", "expected"),
    [
        ("2031-01-01", "2031-01-01T12:00:00Z", "later than", "86400", True),
        ("2031-01-01", "2031-01-01T12:00:00Z", "Earlier Than", "0", True),
        ("2031-01-01", "2031-01-01T12:00:00Z", "greater than", "0", False),
        ("2031-01-01", "2031-01-01T12:00:00Z", "less than", "0", True),
        ("2031-01-01T00:01:20Z", "2031-01-01", "same", "-80", True),
        ("2031-04-02T09:59:00Z", None, "earlier than", "0", True),
        ("2031-04-02T09:59:00Z", None, "later than", "160", True),
    ],
)
def test_two_times_are_compared_after_a_shift(transform, first, second, operator, seconds, expected):
    parameters = {"operator": operator, "timeSpanInSeconds": seconds}

    outputs = transform("DateTimeComparison", {"firstDateTime": first, "secondDateTime": second}, parameters)

    assert outputs == {"result": expected}


@pytest.mark.parametrize(
    ("first", "parameters"),
    [
        (None, {"operator": "same"}),
        ("2031-01-01", {}),
        ("2031-01-01", {"operator": "about"}),
        ("9999-12-31", {"operator": "same", "timeSpanInSeconds": "2147483647"}),
        ("tomorrow", {"operator": "same"}),
    ],
)
def test_a_comparison_that_cannot_be_made_is_an_error(transform, first, parameters):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("DateTimeComparison", {"firstDateTime": first}, parameters)

    assert caught.value.message_id == "ClaimsTransformationError"


def test_the_current_time_comes_from_the_clock(transform):
    assert transform("GetCurrentDateTime") == {"currentdatetime": datetime(2031, 4, 2, 10, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("consent", "update", "required"),
    [
        ("2030-05-01", "2030-06-01", True),
        ("2030-06-01", "2030-06-01T00:00:00Z", False),
        ("2030-07-01", "2030-06-01", False),
        (None, "2030-06-01", True),
    ],
)
def test_consent_older_than_the_text_is_required_again(transform, consent, update, required):
    outputs = transform(
        "IsTermsOfUseConsentRequired",
        {"termsOfUseConsentDateTime": consent},
        {"termsOfUseTextUpdateDateTime": update},
    )

    assert outputs == {"result": required}


def test_a_wrong_time_of_the_text_is_an_error(transform):
    with pytest.raises(ClaimsTransformationError, match="termsOfUseTextUpdateDateTime"):
        transform("IsTermsOfUseConsentRequired", {}, {"termsOfUseTextUpdateDateTime": "soon"})
