from __future__ import annotations

import pytest
from multidict import CIMultiDict

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.managed_bearer import ManagedBearer
from journeyman.connector.errors import CredentialMissingError
from journeyman.secret import Secret

CREDENTIAL = Credential((("B2C_1A_Secret", "1"),))


def test_the_token_is_sent_in_place_of_what_a_claim_has_put_there():
    headers = CIMultiDict(authorization="from a claim")
    ManagedBearer(Secret("t0ken"), CREDENTIAL).authenticate(headers, {})

    assert headers.getall("Authorization") == ["Bearer t0ken"]


@pytest.mark.parametrize("token", ["", "a\r\nX-Admin: 1"])
def test_a_token_that_would_smuggle_a_header_is_refused(token):
    with pytest.raises(CredentialMissingError, match="managed bearer"):
        ManagedBearer(Secret(token), CREDENTIAL).authenticate(CIMultiDict(), {})
