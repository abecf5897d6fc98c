from __future__ import annotations

import pytest
from multidict import CIMultiDict

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.api_key_header import ApiKeyHeader
from journeyman.connector.errors import CredentialMissingError
from journeyman.secret import Secret


def test_the_key_replaces_a_header_that_a_claim_has_set():
    headers = CIMultiDict({"X-Functions-Key": "from a claim", "other": "1"})
    ApiKeyHeader("x-functions-key", Secret("s3cret/+=="), Credential()).authenticate(headers, {})

    assert headers.getall("x-functions-key") == ["s3cret/+=="]
    assert headers["other"] == "1"


@pytest.mark.parametrize("key", ["", "a\r\nHost: evil", "a\n"])
def test_a_key_that_makes_no_header_is_never_sent(key):
    headers = CIMultiDict()
    with pytest.raises(CredentialMissingError, match="x-functions-key"):
        ApiKeyHeader("x-functions-key", Secret(key), Credential()).authenticate(headers, {})

    assert not headers
