import base64
import re

import pytest

from journeyman.errors import ClaimsTransformationError

GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.mark.parametrize("method", ["CreateRandomString", "GuidAndRandomGenerator"])
def test_a_guid_is_lower_case_and_never_the_same(transform, method):
    texts = {transform(method, {}, {"randomGeneratorType": "GUID"})["outputclaim"] for _ in range(20)}

    assert len(texts) == 20
    assert all(re.fullmatch(GUID, text) for text in texts)


def test_an_integer_stays_below_the_maximum(transform):
    parameters = {"randomGeneratorType": "Integer", "maximumNumber": "3"}

    texts = {transform("CreateRandomString", {}, parameters)["outputclaim"] for _ in range(100)}

    assert texts == {"0", "1", "2"}


def test_an_integer_without_a_maximum_fits_an_int(transform):
    text = transform("CreateRandomString", {}, {"randomGeneratorType": "INTEGER"})["outputclaim"]

    assert 0 <= int(text) < 2147483647


def test_the_same_seed_gives_the_same_number(transform):
    parameters = {"randomGeneratorType": "INTEGER", "maximumNumber": "1000000", "seed": "7"}

    first = transform("CreateRandomString", {}, parameters)
    assert transform("CreateRandomString", {}, parameters) == first
    assert transform("CreateRandomString", {}, {**parameters, "seed": "8"}) != first


def test_the_text_is_formatted_then_encoded(transform):
    parameters = {
        "randomGeneratorType": "INTEGER",
        "maximumNumber": "1",
        "stringFormat": "OTP_{0:D4}",
        "base64": "true",
    }

    assert transform("CreateRandomString", {}, parameters) == {"outputclaim": base64.b64encode(b"OTP_0000").decode()}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"randomGeneratorType": "dice"},
        {"randomGeneratorType": "INTEGER", "maximumNumber": "0"},
        {"randomGeneratorType": "GUID", "stringFormat": "{1}"},
    ],
)
def test_wrong_parameters_are_an_error(transform, parameters):
    with pytest.raises(ClaimsTransformationError) as caught:
        transform("CreateRandomString", {}, parameters)

    assert caught.value.message_id == "ClaimsTransformationError"


def test_an_otp_secret_has_sixteen_characters_of_base32(transform):
    texts = {transform("CreateOtpSecret")["outputclaim"] for _ in range(20)}

    assert len(texts) == 20
    assert all(re.fullmatch("[a-z2-7]{16}", text) for text in texts)
