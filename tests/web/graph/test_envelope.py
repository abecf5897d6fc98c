"""Errors of every layer in, status, code and text of the answer out."""

import json
from datetime import UTC, datetime

import pytest

from journeyman.applications.errors import ApplicationChangedError, ApplicationNotFoundError
from journeyman.configuration.errors import ConfigurationChangedError, ObjectExistsError, ObjectNotFoundError
from journeyman.directory.errors import UserChangedError, WeakPasswordError
from journeyman.errors import (
    ConfigurationError,
    KeySetNotFoundError,
    KeyStoreError,
    SealError,
    SettingsError,
    StorageError,
    UserExistsError,
    UserNotFoundError,
)
from journeyman.management.errors import InvalidError, ThrottledError, UnauthenticatedError
from journeyman.service_codes import service_error
from journeyman.web.graph.envelope import Marks, error_answer, refusal

MARKS = Marks("own", "theirs", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
HIDDEN = "The request cannot be carried out now. The log has more, under the request id."


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (ObjectNotFoundError("x"), 404, "AADB2C90073", "x"),
        (ObjectExistsError("x"), 409, "Conflict", "x"),
        (ConfigurationChangedError("x"), 412, "PreconditionFailed", "x"),
        (ConfigurationError("x"), 400, "BadRequest", "x"),
        (ApplicationNotFoundError("x"), 404, "Request_ResourceNotFound", "x"),
        (ApplicationChangedError("x"), 412, "PreconditionFailed", "x"),
        (UserNotFoundError("x"), 404, "Request_ResourceNotFound", "x"),
        (UserExistsError("x"), 409, "Request_MultipleObjectsWithSameKeyValue", "x"),
        (UserChangedError("x"), 412, "PreconditionFailed", "x"),
        (WeakPasswordError("x"), 400, "Request_BadRequest", "x"),
        (KeySetNotFoundError("AADB2C90073: not here"), 404, "AADB2C90073", "not here"),
        (KeyStoreError("AADB2C90213: wrong password"), 400, "AADB2C90213", "wrong password"),
        (SealError("the record of /secret/place"), 500, "InternalServerError", HIDDEN),
        (StorageError("disk of /secret/place is full"), 503, "ServiceUnavailable", HIDDEN),
        (SettingsError("x"), 400, "BadRequest", "x"),
        (service_error(90117, "s"), 400, "AADB2C90117", str(service_error(90117, "s"))),
        (InvalidError("a/b is missing", member="a/b"), 400, "BadRequest", "a/b is missing"),
    ],
)
def test_an_error_has_its_status_code_and_text(error, status, code, message):
    answer = refusal(MARKS, error)
    told = json.loads(answer.body)["error"]

    assert (answer.status_code, told["code"], told["message"]) == (status, code, message)
    assert told["innerError"] == {
        "date": "2026-01-02T03:04:05",
        "request-id": "own",
        "client-request-id": "theirs",
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.headers["request-id"], answer.headers["client-request-id"]) == ("own", "theirs")


def test_who_should_come_back_is_told_when():
    assert refusal(MARKS, ThrottledError("x", retry_after_s=7)).headers["Retry-After"] == "7"
    assert refusal(MARKS, StorageError("x")).headers["Retry-After"] == "1"
    assert refusal(MARKS, UnauthenticatedError("x")).headers["WWW-Authenticate"] == "Bearer"


def test_a_message_is_never_empty():
    assert json.loads(error_answer(MARKS, 400, "Code", "").body)["error"]["message"] == "Code"


def test_the_member_that_is_wrong_is_the_target():
    body = json.loads(refusal(MARKS, InvalidError("x", member="a/b")).body)

    assert body["error"]["target"] == "a/b"
