from __future__ import annotations

import pytest
from multidict import CIMultiDict

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.bearer_key import BearerKey
from journeyman.connector.errors import CredentialMissingError
from journeyman.secret import Secret


def test_the_token_is_sent_as_it_is_stored():
    headers = CIMultiDict()
    BearerKey("REST-Loyalty", Secret("SG.abc=="), Credential()).authenticate(headers, {})

    assert headers["Authorization"] == "Bearer SG.abc=="


@pytest.mark.parametrize("token", ["", "a\r\nb", "a\n", b"\xff\xfe"])
def test_a_token_that_makes_no_header_is_never_sent(token):
    headers = CIMultiDict()
    with pytest.raises(CredentialMissingError):
        BearerKey("REST-Loyalty", Secret(token), Credential()).authenticate(headers, {})

    assert not headers


def test_an_empty_key_has_a_code_of_its_own():
    with pytest.raises(CredentialMissingError) as empty:
        BearerKey("REST-Loyalty", Secret(""), Credential()).authenticate(CIMultiDict(), {})

    assert empty.value.service_code == "AADB2C90191"
    assert "REST-Loyalty" in str(empty.value)
