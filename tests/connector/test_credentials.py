from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict

from journeyman.connector.credentials import FromPolicyKeys, Needs, api_key_header, basic, bearer, client_certificate
from journeyman.connector.errors import CredentialMissingError
from journeyman.errors import SealError

PAST = datetime(2020, 1, 1, tzinfo=UTC)
FUTURE = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def of(ring):
    def make(factory, *key_ids, needs=Needs.SECRET):
        return FromPolicyKeys(ring, key_ids, factory, "contoso.onmicrosoft.com", "REST-Loyalty", needs)

    return make


def headers(authenticator):
    found = CIMultiDict()
    authenticator.authenticate(found, {})
    return dict(found)


def test_the_active_keys_make_the_authenticator(ring, of):
    ring.put("B2C_1A_User", "jo", "k1")
    ring.put("B2C_1A_Password", "pass word", "k2")
    authenticator = of(basic, "B2C_1A_User", "B2C_1A_Password").made()

    assert headers(authenticator) == {"Authorization": "Basic am86cGFzcyB3b3Jk"}
    assert authenticator.credential.versions == (("B2C_1A_User", "k1"), ("B2C_1A_Password", "k2"))


def test_the_same_keys_make_no_new_authenticator_and_a_rotated_key_makes_one(ring, of):
    ring.put("B2C_1A_Token", "old", "k1")
    credentials = of(bearer("REST-Loyalty"), "B2C_1A_Token")
    first = credentials.made()
    again = credentials.made()
    ring.put("B2C_1A_Token", "new", "k2", not_before=PAST)
    rotated = credentials.made()

    assert again is first
    assert headers(rotated) == {"Authorization": "Bearer new"}
    assert rotated.credential.labels == ("B2C_1A_Token (kid k2)",)


def test_a_key_that_does_not_exist_is_aadb2c90130(of):
    with pytest.raises(CredentialMissingError) as caught:
        of(bearer("REST-Loyalty"), "B2C_1A_Token").made()

    assert caught.value.service_code == "AADB2C90130"
    assert str(caught.value) == (
        "The key container in tenant 'contoso.onmicrosoft.com' with storageReferenceId 'B2C_1A_Token' does not exist."
    )


@pytest.mark.parametrize("when", [{"expires_at": PAST}, {"not_before": FUTURE}, {"enabled": False}])
def test_a_key_that_is_not_active_is_aadb2c90019(ring, of, when):
    ring.put("B2C_1A_Token", "canary", **when)
    with pytest.raises(CredentialMissingError) as caught:
        of(bearer("REST-Loyalty"), "B2C_1A_Token").made()

    assert caught.value.service_code == "AADB2C90019"
    assert "canary" not in str(caught.value)


def test_a_certificate_that_is_not_active_is_aadb2c90220(ring, of, authority):
    ring.put("B2C_1A_Cert", replace(authority.client_key(), expires_at=PAST))
    with pytest.raises(CredentialMissingError) as caught:
        of(client_certificate, "B2C_1A_Cert", needs=Needs.CERTIFICATE).made()

    assert caught.value.service_code == "AADB2C90220"


def test_a_certificate_without_private_key_is_aadb2c90028(ring, of, authority):
    ring.put("B2C_1A_Cert", replace(authority.client_key(), private_key=None))
    with pytest.raises(CredentialMissingError) as caught:
        of(client_certificate, "B2C_1A_Cert", needs=Needs.CERTIFICATE).made()

    assert caught.value.service_code == "AADB2C90028"


def test_a_secret_is_no_certificate_and_a_key_pair_no_secret(ring, of, authority):
    ring.put("B2C_1A_Secret", "x")
    ring.put("B2C_1A_Pair", authority.client_key())

    with pytest.raises(CredentialMissingError, match="does not contain a valid certificate"):
        of(client_certificate, "B2C_1A_Secret", needs=Needs.CERTIFICATE).made()
    with pytest.raises(CredentialMissingError, match="holds no secret"):
        of(api_key_header("x-api-key"), "B2C_1A_Pair").made()


def test_a_key_that_cannot_be_read_is_aadb2c90019():
    class Damaged:
        def active(self, key_id):
            raise SealError("record 7 was damaged")

    credentials = FromPolicyKeys(
        Damaged(), ("B2C_1A_Token",), bearer("REST-Loyalty"), "contoso.onmicrosoft.com", "REST-Loyalty"
    )
    with pytest.raises(CredentialMissingError, match="it cannot be read") as caught:
        credentials.made()

    assert caught.value.service_code == "AADB2C90019"


def test_a_key_that_disappears_fails_the_next_call(ring, of):
    ring.put("B2C_1A_Token", "x")
    credentials = of(bearer("REST-Loyalty"), "B2C_1A_Token")
    credentials.made()
    ring.sets.clear()

    with pytest.raises(CredentialMissingError):
        credentials.made()


def test_a_key_without_private_part_cannot_sign(of, ring):
    ring.put("B2C_1A_Secret", "s")
    with pytest.raises(CredentialMissingError, match="it holds no private key") as missing:
        of(client_certificate, "B2C_1A_Secret", needs=Needs.PRIVATE_KEY).made()

    assert missing.value.service_code == "AADB2C90019"
