from __future__ import annotations

import json
from datetime import date

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from journeyman.claims.values import DataType
from journeyman.connector.answer import AnswerPlan, Output, Place, Rejection, Success, read_answer
from journeyman.connector.client import Answer
from journeyman.connector.errors import (
    AnswerMappingError,
    CredentialRefusedError,
    HttpStatusError,
    UnparsableAnswerError,
)
from journeyman.connector.json_path import compile_path
from journeyman.trace.records import Verdict

PLACE = Place("LoyaltyExchange", "Order=2, Type=ClaimsExchange")
ERROR = {
    "version": "1.0.0",
    "status": 409,
    "userMessage": "That number is unknown.",
    "code": "API12345",
    "requestId": "50f0bd91",
    "developerMessage": "No row",
    "moreInfo": "https://help.example/API12345",
}


def read(status, body=b"", *, reason="", content_type="application/json", **plan):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = CIMultiDictProxy(CIMultiDict({"Content-Type": content_type}))
    return read_answer(AnswerPlan("REST-Loyalty", **plan), Answer(status, reason, headers, content), PLACE)


def output(name, data_type=DataType.STRING, *, path=False):
    return Output(name, compile_path(name) if path else None, data_type)


# --- success -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_status_from_200_to_299_is_success(status):
    assert read(status, {"tier": "gold", "extra": 1}, outputs=(output("tier"),)) == Success({"tier": "gold"})


@pytest.mark.parametrize("body", [b"", b"  "])
def test_an_empty_body_is_success_without_values(body):
    assert read(200, body, outputs=(output("tier"),)) == Success({})


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{", b"[1", b"NaN", b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":Infinity}', b"\xff\xfe{", b"[" * 100_000],
)
def test_a_body_that_is_not_json_is_ignored_with_a_note(body):
    result = read(200, body, outputs=(output("a"),))

    assert result.values == {}
    assert "only defaults were applied" in result.note


@pytest.mark.parametrize(("depth", "found"), [(60, True), (70, False), (900, False)])
def test_a_body_nested_too_deeply_is_not_json(depth, found):
    body = b'{"a":"x","b":' + b"[" * depth + b"]" * depth + b"}"

    assert ("a" in read(200, body, outputs=(output("a"),)).values) is found


def test_an_object_in_an_answer_that_is_no_object_has_no_members():
    assert read(200, b"[1]", outputs=(output("a"),)).values == {}


def test_the_content_type_does_not_matter_for_success():
    assert read(200, {"a": "1"}, content_type="text/plain", outputs=(output("a"),)).values == {"a": "1"}


def test_names_are_literal_and_case_counts_without_json_paths():
    body = {"a.b": "dotted", "A": "upper", "a": {"b": "deep"}}
    found = read(200, body, outputs=(output("a.b"), output("A"), output("B"))).values

    assert found == {"a.b": "dotted", "A": "upper"}


def test_json_paths_reach_into_the_answer():
    body = {"contacts": [{"email": "a@x"}], "plain": "p"}
    outputs = (
        output("contacts[0].email", path=True),
        output("plain", path=True),
        output("contacts[1].email", path=True),
    )

    assert read(200, body, outputs=outputs).values == {"contacts[0].email": "a@x", "plain": "p"}


def test_null_counts_as_absent():
    assert read(200, {"a": None, "b": ""}, outputs=(output("a"), output("b"))).values == {"b": ""}


@pytest.mark.parametrize(
    ("data_type", "sent", "value"),
    [
        (DataType.STRING, 1234, "1234"),
        (DataType.STRING, True, "true"),
        (DataType.STRING, {"x": [1, 2]}, '{"x":[1,2]}'),
        (DataType.BOOLEAN, "True", True),
        (DataType.BOOLEAN, 0, False),
        (DataType.INT, "42", 42),
        (DataType.LONG, 42.0, 42),
        (DataType.DATE, "1990-04-02", date(1990, 4, 2)),
        (DataType.STRING_COLLECTION, ["a", "b"], ("a", "b")),
        (DataType.STRING_COLLECTION, "a", ("a",)),
        (DataType.STRING_COLLECTION, [], ()),
    ],
)
def test_values_are_converted_to_the_type_of_their_claim(data_type, sent, value):
    assert read(200, {"a": sent}, outputs=(output("a", data_type),)).values == {"a": value}


def test_a_value_that_does_not_fit_fails_naming_the_claim_and_not_the_value():
    with pytest.raises(AnswerMappingError) as caught:
        read(200, {"age": "canary"}, outputs=(output("age", DataType.INT),))

    assert caught.value.service_code == "AADB2C90261"
    assert caught.value.operator == "the value of 'age' in the answer is not a int"
    assert "canary" not in str(caught.value) + caught.value.operator


def test_a_200_with_an_error_inside_is_not_an_error():
    assert read(200, ERROR, outputs=(output("code"),)) == Success({"code": "API12345"})


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 404, 409, 422, 429, 499])
def test_a_4xx_with_a_user_message_is_a_refusal(status):
    assert read(status, ERROR) == Rejection("That number is unknown.")


@pytest.mark.parametrize("inner", ["409", 409])
def test_the_inner_status_may_be_a_number_or_a_text(inner):
    assert read(400, {**ERROR, "status": inner}).note == ""


@pytest.mark.parametrize("inner", [400, None, "x"])
def test_another_inner_status_is_noted(inner):
    assert "should be 409" in read(409, {**ERROR, "status": inner}).note


def test_a_refusal_is_read_whatever_the_content_type():
    assert read(409, ERROR, content_type="text/plain").user_message == "That number is unknown."


def test_debug_mode_shows_the_members_for_developers_one_per_line():
    assert read(409, ERROR, debug=True).user_message == (
        "That number is unknown.\ncode: API12345\nrequestId: 50f0bd91\ndeveloperMessage: No row\n"
        "moreInfo: https://help.example/API12345"
    )


def test_debug_mode_leaves_out_what_is_not_there():
    body = {"userMessage": "No.", "code": "", "moreInfo": None, "requestId": 7, "developerMessage": ["a"]}

    assert read(409, body, debug=True).user_message == "No.\nrequestId: 7\ndeveloperMessage: ['a']"


def test_a_user_message_has_no_control_characters_and_an_end():
    message = read(409, {"userMessage": "a\x00b\u202ec\x1b[31m" + "x" * 10_000}).user_message

    assert message.startswith("abc[31mx")
    assert len(message) == 4_000


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_401_and_403_are_about_the_credential_even_with_a_user_message(status):
    with pytest.raises(CredentialRefusedError) as caught:
        read(status, ERROR)

    assert caught.value.service_code == "AADB2C90027"
    assert str(caught.value) == (
        "Basic credentials specified for 'REST-Loyalty' are invalid. Check that the credentials are correct and that "
        "access has been granted by the resource."
    )


@pytest.mark.parametrize("status", [401, 403])
def test_401_and_403_are_about_the_certificate_where_one_was_shown(status):
    with pytest.raises(CredentialRefusedError) as caught:
        read(status, certificate=True)

    assert caught.value.service_code == "AADB2C90028"
    assert caught.value.verdict is Verdict.CREDENTIAL_REFUSED
    assert str(caught.value).startswith("Client certificate specified for 'REST-Loyalty' is invalid.")


@pytest.mark.parametrize(
    ("status", "sent", "code", "reason"),
    [
        (404, "Not Found", "NotFound", "Not Found"),
        (400, "", "BadRequest", "Bad Request"),
        (409, "Conflict", "Conflict", "Conflict"),
        (500, "Internal Server Error", "InternalServerError", "Internal Server Error"),
        (502, "", "BadGateway", "Bad Gateway"),
        (503, "Busy", "ServiceUnavailable", "Busy"),
        (302, "Found", "Found", "Found"),
        (304, "", "NotModified", "Not Modified"),
        (413, "", "RequestEntityTooLarge", "Request Entity Too Large"),
        (499, "", "499", ""),
    ],
)
def test_another_status_is_aadb2c90075_with_the_name_of_the_status(status, sent, code, reason):
    with pytest.raises(HttpStatusError) as caught:
        read(status, b"", reason=sent)

    assert caught.value.service_code == "AADB2C90075"
    assert str(caught.value) == (
        "The claims exchange 'LoyaltyExchange' specified in step 'Order=2, Type=ClaimsExchange' returned HTTP error "
        f"response with Code '{code}' and Reason '{reason}'."
    )


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (500, json.dumps(ERROR).encode(), "application/json"),
        (400, b"{}", "application/json"),
        (400, b'{"userMessage":""}', "application/json"),
        (400, b'{"userMessage":7}', "application/json"),
        (400, b"<html>no</html>", "text/html"),
        (400, b"plain words", "text/plain"),
        (400, b'"quoted" words', "text/plain"),
        (400, b"", "application/json"),
    ],
)
def test_an_error_without_a_usable_message_is_aadb2c90075(status, body, content_type):
    with pytest.raises(HttpStatusError):
        read(status, body, content_type=content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"not json", "application/json"),
        (b"{broken", "text/plain"),
        (b"[1,2]", "text/plain"),
        (b'"text"', "application/json"),
        (b'"text"', "text/plain"),
        (b"42", "application/problem+json"),
        (b"[" * 50_000, "application/json"),
    ],
)
@pytest.mark.parametrize("status", [400, 409, 500])
def test_an_error_body_that_should_be_json_and_is_not_an_object_is_aadb2c90261(status, body, content_type):
    with pytest.raises(UnparsableAnswerError) as caught:
        read(status, body, content_type=content_type)

    assert caught.value.service_code == "AADB2C90261"
    assert str(caught.value) == (
        "The claims exchange 'LoyaltyExchange' specified in step 'Order=2, Type=ClaimsExchange' returned HTTP error "
        "response that could not be parsed."
    )


def test_a_reason_that_is_not_fit_to_show_is_replaced():
    with pytest.raises(HttpStatusError, match="Reason 'Not Found'"):
        read(404, reason="x" * 65)


def test_what_was_entrusted_to_the_api_is_taken_out_of_every_text_for_people():
    told = json.dumps({"userMessage": "You sent Canary-1.", "code": "Canary-1", "status": 409}).encode()
    headers = CIMultiDictProxy(CIMultiDict({"Content-Type": "application/json"}))
    refused = Answer(409, "Conflict", headers, told)
    failed = Answer(404, "Canary-1", headers, b"")

    shown = read_answer(AnswerPlan("P", debug=True), refused, PLACE, lambda text: text.replace("Canary-1", "(secret)"))
    with pytest.raises(HttpStatusError, match=r"Reason '\(secret\)'"):
        read_answer(AnswerPlan("P"), failed, PLACE, lambda text: text.replace("Canary-1", "(secret)"))

    assert shown == Rejection("You sent (secret).\ncode: (secret)", "")
