"""What the answer of an API connector means at each step: rest-connectors.md §15.4 and §15.5 as a table."""

from __future__ import annotations

import json

import pytest
from multidict import CIMultiDict

from journeyman.claims.values import DataType
from journeyman.connector.answer import Blocking, Place, Rejection, Success
from journeyman.connector.api_connector.answer import (
    ConnectorAnswerPlan,
    ConnectorOutput,
    read_connector_answer,
)
from journeyman.connector.api_connector.step import Step
from journeyman.connector.client import Answer
from journeyman.connector.errors import (
    AnswerMappingError,
    ConnectorError,
    CredentialRefusedError,
    HttpStatusError,
    UnparsableAnswerError,
)

FEDERATION, ATTRIBUTES, TOKEN = Step.POST_FEDERATION_SIGNUP, Step.POST_ATTRIBUTE_COLLECTION, Step.PRE_TOKEN_ISSUANCE
APP = "11112222333344445555666677778888"
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 409: "Conflict", 500: "Internal Server Error"}
GO = {"version": "1.0.0", "action": "Continue"}
BLOCK = {"version": "1.0.0", "action": "ShowBlockPage", "userMessage": "Not you."}
INVALID = {"version": "1.0.0", "action": "ValidationError", "status": 400, "userMessage": "Wrong city."}


def read(step, status, body, *outputs, certificate=False, conceal=str):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(status, REASONS.get(status, ""), CIMultiDict(), content)
    plan = ConnectorAnswerPlan("ApiConnector-A", step, outputs, certificate=certificate)
    return read_connector_answer(plan, answer, Place(step.exchange_id, "Order=3, Type=ClaimsExchange"), conceal)


def failure(step, status, body, *outputs, **options):
    with pytest.raises(ConnectorError) as caught:
        read(step, status, body, *outputs, **options)
    return caught.value


# --- the actions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", Step)
def test_continue_takes_the_claims_that_were_asked_for_and_no_others(step):
    body = {**GO, "city": "Ulm", "objectId": "evil", "sub": "evil", "isAdmin": True}

    result = read(step, 200, body, ConnectorOutput("city", DataType.STRING))

    assert isinstance(result, Success)
    assert result.values == {"city": "Ulm"}


@pytest.mark.parametrize("step", [FEDERATION, ATTRIBUTES])
def test_show_block_page_ends_the_journey(step):
    assert read(step, 200, BLOCK) == Blocking("Not you.", "ShowBlockPage")


def test_show_block_page_is_ignored_before_the_token_and_gives_no_claims():
    result = read(TOKEN, 200, {**BLOCK, "city": "Ulm"}, ConnectorOutput("city", DataType.STRING))

    assert isinstance(result, Success)
    assert result.values == {}
    assert "has no effect" in result.note


@pytest.mark.parametrize("status", [400, "400"])
def test_a_validation_error_refuses_the_attributes(status):
    assert read(ATTRIBUTES, 400, {**INVALID, "status": status}) == Rejection("Wrong city.", "ValidationError")


@pytest.mark.parametrize("step", [FEDERATION, TOKEN])
def test_a_validation_error_where_it_is_not_allowed_is_a_failure(step):
    error = failure(step, 400, INVALID)

    assert isinstance(error, HttpStatusError)
    assert error.service_code == "AADB2C90075"
    assert error.operator.endswith(f"ValidationError is not allowed at {step.value}")
    assert "Wrong city." not in str(error)


# --- what is malformed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [FEDERATION, TOKEN])
@pytest.mark.parametrize("body", [{"version": "1.0.0", "city": "Ulm"}, {"action": None, "city": "Ulm"}])
def test_no_action_counts_as_continue_where_nothing_is_decided(step, body):
    result = read(step, 200, body, ConnectorOutput("city", DataType.STRING))

    assert isinstance(result, Success)
    assert result.values == {"city": "Ulm"}
    assert "taken as Continue" in result.note


@pytest.mark.parametrize("step", [FEDERATION, TOKEN])
@pytest.mark.parametrize("status", [200, 204])
def test_an_answer_without_a_body_has_no_action(step, status):
    result = read(step, status, b"")

    assert isinstance(result, Success)


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"{}", b'{"version": "1.0.0"}', b'{"action": null}'],
)
def test_a_check_of_attributes_is_not_passed_without_an_action(body):
    error = failure(ATTRIBUTES, 200, body)

    assert isinstance(error, UnparsableAnswerError)
    assert error.service_code == "AADB2C90261"
    assert "PreUserWriteRestful" in str(error)


BAD_BODIES = [
    b"<html>ok</html>",
    b'"{\\"action\\":\\"Continue\\"}"',
    b"[]",
    b"null",
    b"true",
    b'{"action":"Continue"',
    b'{"action":"Continue"}{}',
    b'{"action":"ShowBlockPage","action":"Continue"}',
    b'{"action":"Continue","city":{"a":1,"a":2}}',
    b'{"action":"Continue","n":NaN}',
    b"\xff\xfe",
    b'{"action":"Continue","deep":' + b"[" * 70 + b"]" * 70 + b"}",
    b'{"action":"continue"}',
    b'{"action":"Continue "}',
    b'{"action":"Allow"}',
    b'{"action":1}',
    b'{"action":true}',
    b'{"action":["Continue"]}',
    b'{"action":{"Continue":1}}',
    b'{"action":""}',
    b'{"Action":"Block","action":"BlockPage"}',
    b'{"action":"ValidationError","status":400,"userMessage":"x"}',
]


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("body", BAD_BODIES)
def test_a_body_that_says_nothing_that_can_be_relied_on_fails_closed(step, body):
    error = failure(step, 200, body)

    assert isinstance(error, UnparsableAnswerError)
    assert error.service_code == "AADB2C90261"
    assert str(error) == (
        f"The claims exchange '{step.exchange_id}' specified in step 'Order=3, Type=ClaimsExchange' returned HTTP "
        "error response that could not be parsed."
    )


@pytest.mark.parametrize("step", [FEDERATION, ATTRIBUTES])
@pytest.mark.parametrize("message", [None, "", "  ", 1, ["x"], {"text": "x"}, "\x00\x01"])
def test_a_block_page_needs_a_message(step, message):
    assert isinstance(failure(step, 200, {**BLOCK, "userMessage": message}), UnparsableAnswerError)


INVALID_400 = [
    b"",
    b"Bad Request",
    b'"{\\"action\\":\\"ValidationError\\"}"',
    b"[]",
    {},
    {"version": "1.0.0", "status": 400, "userMessage": "x"},
    {**INVALID, "action": "Continue"},
    {**INVALID, "action": "validationerror"},
    {**INVALID, "status": 409},
    {**INVALID, "status": "409"},
    {**INVALID, "status": True},
    {**INVALID, "status": 400.5},
    {**INVALID, "status": [400]},
    {**INVALID, "status": None},
    {**INVALID, "userMessage": ""},
    {**INVALID, "userMessage": None},
    {**INVALID, "userMessage": 7},
    b'{"action":"ValidationError","action":"ValidationError","status":400,"userMessage":"x"}',
]


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("body", INVALID_400)
def test_400_without_a_good_validation_error_is_told_as_the_real_service_tells_it(step, body):
    error = failure(step, 400, body)

    assert isinstance(error, HttpStatusError)
    assert str(error) == (
        f"The claims exchange '{step.exchange_id}' specified in step 'Order=3, Type=ClaimsExchange' returned HTTP "
        "error response with Code 'BadRequest' and Reason 'Bad Request'."
    )


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", [301, 302, 404, 409, 429, 500, 503])
@pytest.mark.parametrize("body", [b"", GO, BLOCK, INVALID])
def test_any_other_status_is_a_failure_whatever_the_body_says(step, status, body):
    error = failure(step, status, body)

    assert isinstance(error, HttpStatusError)
    assert error.service_code == "AADB2C90075"
    assert step.exchange_id in str(error)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("certificate", "code"), [(False, "AADB2C90027"), (True, "AADB2C90028")])
def test_a_refused_credential_names_the_connector(step, status, certificate, code):
    error = failure(step, status, GO, certificate=certificate)

    assert isinstance(error, CredentialRefusedError)
    assert error.service_code == code
    assert "'ApiConnector-A'" in str(error)


@pytest.mark.parametrize("body", [{"action": "Continue"}, {"version": 1, "action": "Continue"}])
def test_a_missing_version_is_noted_and_accepted(body):
    assert read(ATTRIBUTES, 200, body).note == "the answer has no version"
    assert read(ATTRIBUTES, 200, {**BLOCK, "version": None}).note == "ShowBlockPage; the answer has no version"
    assert read(ATTRIBUTES, 400, {**INVALID, "version": None}).note == "ValidationError; the answer has no version"


# --- claims ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ({f"extension_{APP}_Code": "long"}, "long"),
        ({"extension_Code": "short"}, "short"),
        ({"extension_Code": "short", f"extension_{APP}_Code": "long"}, "long"),
        ({"extension_Code": "short", f"extension_{APP}_Code": None}, "short"),
        ({f"extension_{APP[::-1]}_Code": "of another application"}, None),
        ({"Code": "bare"}, None),
        ({"extension_code": "another case"}, None),
    ],
)
def test_a_custom_attribute_may_leave_out_the_id_of_the_application(body, value):
    name = f"extension_{APP}_Code"

    result = read(TOKEN, 200, {**GO, **body}, ConnectorOutput(name, DataType.STRING))

    assert result.values.get(name) == value


@pytest.mark.parametrize(
    ("kind", "value", "taken"),
    [
        (DataType.STRING, "", ""),
        (DataType.STRING, 7, "7"),
        (DataType.BOOLEAN, True, True),
        (DataType.BOOLEAN, "false", False),
        (DataType.LONG, 12, 12),
        (DataType.STRING_COLLECTION, ["a", "b"], ("a", "b")),
        (None, "as it is", "as it is"),
    ],
)
def test_values_have_the_type_of_their_claim(kind, value, taken):
    assert read(TOKEN, 200, {**GO, "city": value}, ConnectorOutput("city", kind)).values == {"city": taken}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DataType.LONG, "many"),
        (DataType.BOOLEAN, "perhaps"),
        (DataType.STRING, {"a": 1}),
        (DataType.STRING, ["a"]),
        (DataType.STRING_COLLECTION, [["a"]]),
        (DataType.STRING_COLLECTION, [{"a": 1}]),
        (DataType.STRING_COLLECTION, {"a": "b"}),
        (None, {"a": 1}),
        (None, [{}]),
    ],
)
def test_a_value_that_does_not_fit_fails_and_is_not_told(kind, value):
    error = failure(TOKEN, 200, {**GO, "city": value}, ConnectorOutput("city", kind))

    assert isinstance(error, AnswerMappingError)
    assert error.service_code == "AADB2C90261"
    assert error.operator.startswith("the value of 'city' in the answer is not a ")


# --- messages -------------------------------------------------------------------------------------------


def test_a_message_is_cleaned_concealed_and_cut():
    def conceal(text):
        return text.replace("hunter2", "…")

    blocked = read(FEDERATION, 200, {**BLOCK, "userMessage": "hunter2\x07 no" + "x" * 9000}, conceal=conceal)
    refused = read(ATTRIBUTES, 400, {**INVALID, "userMessage": " <b>hunter2</b> "}, conceal=conceal)

    assert blocked.user_message.startswith("… no")
    assert len(blocked.user_message) == 4000
    assert refused.user_message == "<b>…</b>"  # the page escapes it
