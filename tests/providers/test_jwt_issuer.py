from __future__ import annotations

from types import SimpleNamespace

import pytest

from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.diagnostics import Location
from journeyman.providers.jwt_issuer import JWT_ISSUER_SPEC, build_jwt_issuer

KEYS = {"Issuer_Secret": "B2C_1A_Signing", "issuer_refresh_token_key": "B2C_1A_Encryption"}
TENANT_ID = "11111111-2222-3333-4444-555555555555"


def profile(keys=KEYS, **metadata):
    return TechnicalProfile("JwtIssuer", JWT_ISSUER, Location("p.xml", 1, 1), metadata=Metadata(metadata), keys=keys)


def findings(given):
    check = SimpleNamespace(profile=given, place=lambda _: given.location, policy_id="P", tenant_id="T")
    return [(one.code, one.message) for one in JWT_ISSUER_SPEC.check(check)]


def test_the_defaults_of_an_issuer():
    issuer = build_jwt_issuer(profile())

    assert (issuer.access_s, issuer.id_s, issuer.refresh_s, issuer.rolling_s) == (3600, 3600, 1_209_600, 7_776_000)
    assert (issuer.signing_key, issuer.acr, issuer.json_numbers) == ("B2C_1A_Signing", True, True)
    assert (issuer.policy_in_issuer, issuer.refresh_journey) == (False, None)
    assert issuer.name("https://login.example", TENANT_ID, "B2C_1A_Test") == f"https://login.example/{TENANT_ID}/v2.0/"


def test_what_the_metadata_sets():
    issuer = build_jwt_issuer(
        profile(
            {},
            token_lifetime_secs=" 300 ",
            id_token_lifetime_secs="400",
            refresh_token_lifetime_secs="86400",
            allow_infinite_rolling_refresh_token="true",
            IssuanceClaimPattern="AuthorityWithTfp",
            AuthenticationContextReferenceClaimPattern="None",
            SendTokenResponseBodyWithJsonNumbers="false",
            RefreshTokenUserJourneyId="RedeemRefreshToken",
        )
    )

    assert (issuer.access_s, issuer.id_s, issuer.refresh_s, issuer.rolling_s) == (300, 400, 86_400, None)
    assert (issuer.signing_key, issuer.acr, issuer.json_numbers) == ("", False, False)
    assert issuer.refresh_journey == "RedeemRefreshToken"
    assert (
        issuer.name("https://login.example", TENANT_ID, "B2C_1A_Test")
        == f"https://login.example/tfp/{TENANT_ID}/b2c_1a_test/v2.0/"
    )


@pytest.mark.parametrize("text", ["299", "86401", "soon", "", "-300", "٣٦٠٠", "9" * 5000])
def test_a_lifetime_outside_its_range_is_an_error(text):
    ((code, message),) = findings(profile(token_lifetime_secs=text))

    assert code == "JM1451"
    assert "from 300 to 86400" in message


def test_a_lifetime_inside_its_range_is_fine():
    assert findings(profile(token_lifetime_secs="300", rolling_refresh_token_lifetime_secs="31536000")) == []


def test_an_issuer_without_a_signing_key_is_the_error_of_the_service():
    ((code, message),) = findings(profile({}))

    assert code == "JM1452"
    assert message.startswith("AADB2C90025: Profile 'JwtIssuer' in policy 'P' in tenant 'T'")
