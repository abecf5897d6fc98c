from __future__ import annotations

import pytest
from yarl import URL

from journeyman.connector.errors import (
    ApiTimeoutError,
    ApiUnreachableError,
    CircuitOpenError,
    EgressRefusedError,
    NameResolutionError,
    ServerCertificateError,
)
from journeyman.connector.messages import MessageValues, configured_default, failure_message, shown_url

VALUES = MessageValues("https://api.example.com/a", 10.0)


def message(kind, **texts):
    return failure_message(kind("what happened"), texts.get, VALUES)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            ApiUnreachableError,
            "Failed to establish connection to restful service end point. Restful service URL: https://api.example.com/a",
        ),
        (
            EgressRefusedError,
            "Failed to establish connection to restful service end point. Restful service URL: https://api.example.com/a",
        ),
        (
            ServerCertificateError,
            "Failed to establish connection to restful service end point. Restful service URL: https://api.example.com/a",
        ),
        (
            NameResolutionError,
            "Failed to resolve the hostname of the restful service endpoint. Restful service URL: https://api.example.com/a",
        ),
        (
            ApiTimeoutError,
            (
                "Failed to establish connection to restful service end point within timeout limit 10 seconds. Restful "
                "service URL: https://api.example.com/a"
            ),
        ),
        (
            CircuitOpenError,
            "The service is not available at the moment. Restful Service URL: https://api.example.com/a",
        ),
    ],
)
def test_each_kind_has_its_built_in_text(kind, text):
    assert message(kind) == text


@pytest.mark.parametrize(
    ("kind", "text_id"),
    [
        (NameResolutionError, "UserMessageIfDnsResolutionFailed"),
        (ApiTimeoutError, "UserMessageIfRequestTimeout"),
        (CircuitOpenError, "UserMessageIfCircuitOpen"),
        (ApiUnreachableError, "DefaultUserMessageIfRequestFailed"),
    ],
)
def test_the_specific_text_of_the_policy_wins_over_its_default(kind, text_id):
    texts = {"DefaultUserMessageIfRequestFailed": "Default.", text_id: "Specific."}

    assert message(kind, **texts) == "Specific."


@pytest.mark.parametrize("kind", [NameResolutionError, ApiTimeoutError, CircuitOpenError, ApiUnreachableError])
def test_the_default_text_of_the_policy_wins_over_the_built_in_one(kind):
    assert message(kind, DefaultUserMessageIfRequestFailed="Sorry: {0}") == "Sorry: https://api.example.com/a"


def test_braces_in_a_text_of_the_policy_do_no_harm():
    assert message(ApiTimeoutError, UserMessageIfRequestTimeout="{0.__class__} {x} {} {0}") == "{0.__class__} {x} {} 10"


def test_a_limit_that_is_no_whole_number_is_shown_as_it_is():
    values = MessageValues("u", 2.5)

    assert "timeout limit 2.5 seconds" in failure_message(ApiTimeoutError("x"), {}.get, values)


def test_the_url_is_shown_without_query_in_development_and_not_at_all_in_production():
    url = URL("https://api.example.com/a?code=canary", encoded=True)

    assert shown_url(url, development=True) == "https://api.example.com/a"
    assert shown_url(url, development=False) == "******"


def test_without_a_default_text_there_is_none():
    assert configured_default({}.get, VALUES) is None
