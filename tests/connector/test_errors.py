from __future__ import annotations

import pytest

from journeyman.connector import errors
from journeyman.connector.errors import ApiTimeoutError, ConnectorError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ConnectorError)]


def test_each_kind_has_a_code_of_its_own_but_for_finer_kinds_of_one_cause():
    codes = [kind.code for kind in KINDS if kind.__bases__[0] in {ConnectorError, errors.ServiceError}]

    assert sorted(codes) == [*(f"JM40{number:02}" for number in range(16)), "JM4075", "JM4076"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_published_error_keeps_its_kind_and_what_the_operator_reads(kind):
    error = kind("api.example.com: what happened").published("Text.", service_code="AADB2C90075", user_message="Sorry.")

    assert type(error) is kind
    assert (str(error), error.user_message, error.operator) == ("Text.", "Sorry.", "api.example.com: what happened")


def test_only_failures_of_transport_are_tried_again():
    retried = {kind.__name__ for kind in KINDS if kind.retryable}

    assert retried == {"ApiUnreachableError", "NameResolutionError", "ApiTimeoutError"}
    assert ApiTimeoutError("x").oauth_error == "server_error"
