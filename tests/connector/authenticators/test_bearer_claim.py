from __future__ import annotations

import pytest
from multidict import CIMultiDict

from journeyman.connector.authenticators.bearer_claim import BearerClaim
from journeyman.connector.errors import CredentialMissingError

BEARER = BearerClaim("REST-GetProfile", "bearerToken")


def test_the_claim_is_sent_as_an_opaque_token():
    headers = CIMultiDict()
    BEARER.authenticate(headers, {"bearerToken": "ey.J.x", "email": "jo@example.com"})

    assert headers["Authorization"] == "Bearer ey.J.x"


def test_a_claim_that_is_not_there_is_aadb2c90194_and_lists_names_only():
    with pytest.raises(CredentialMissingError) as caught:
        BEARER.authenticate(CIMultiDict(), {"email": "canary", "objectId": "canary"})

    assert caught.value.service_code == "AADB2C90194"
    assert str(caught.value) == (
        "Claim with id 'bearerToken' specified by 'UseClaimAsBearerToken' of profile 'REST-GetProfile' is not among "
        "the available claims. Available claims: email, objectId"
    )


def test_an_empty_claim_is_aadb2c90195():
    with pytest.raises(CredentialMissingError) as caught:
        BEARER.authenticate(CIMultiDict(), {"bearerToken": ""})

    assert caught.value.service_code == "AADB2C90195"


@pytest.mark.parametrize("token", ["canary\r\nX: y", "canary\n", "\0canary"])
def test_a_token_with_a_control_character_is_never_sent(token):
    headers = CIMultiDict()
    with pytest.raises(CredentialMissingError) as caught:
        BEARER.authenticate(headers, {"bearerToken": token})

    assert "canary" not in str(caught.value)
    assert not headers
