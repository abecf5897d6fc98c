from __future__ import annotations

import pytest

from journeyman.compiler.handlers import handler_of
from journeyman.diagnostics import Location
from journeyman.policy.model import ClaimReference, Item, Protocol, TechnicalProfile

HERE = Location("policy.xml", 1, 1)


def profile(protocol: str, handler: str | None = None, **fields: object) -> TechnicalProfile:
    return TechnicalProfile("P", HERE, protocol=Protocol(protocol, handler, None, HERE), **fields)


@pytest.mark.parametrize(
    ("technical_profile", "handler"),
    [
        (profile("Proprietary", "A.B.Provider, A, Version=1.0.0.0"), "A.B.Provider"),
        (profile("Proprietary"), ""),
        (profile("None", output_token_format="JWT"), "JWT issuer"),
        (profile("OpenIdConnect", output_token_format="jwt"), "JWT issuer"),
        (profile("None", output_token_format="SAML2"), "SAML issuer"),
        (profile("None", output_token_format="JSON"), "UserInfo issuer"),
        (profile("OAuth2", output_token_format="OAuth2Error"), "OAuth2Error issuer"),
        (profile("OpenIdConnect"), "OpenIdConnect identity provider"),
        (profile("OAuth2"), "OAuth2 identity provider"),
        (profile("OAuth1"), "OAuth1 identity provider"),
        (profile("SAML2"), "SAML2 identity provider"),
        (profile("None"), "Protocol None"),
        (profile("WsFed"), "WsFed"),
    ],
)
def test_protocol_handler_and_format_name_the_handler(technical_profile, handler):
    assert handler_of(technical_profile) == handler


def test_an_openid_connect_profile_with_a_password_grant_signs_in_local_accounts():
    grant = ClaimReference("grant_type", HERE, default_value="Password")

    assert handler_of(profile("OpenIdConnect", input_claims=(grant,))) == "OpenIdConnect password grant"


def test_a_profile_without_protocol_has_no_handler():
    assert handler_of(TechnicalProfile("P", HERE)) == ""


@pytest.mark.parametrize(
    ("protocol", "token_format", "item", "handler"),
    [
        ("OpenIdConnect", "JWT", "METADATA", "OpenIdConnect identity provider"),
        ("OpenIdConnect", "JWT", "authorization_endpoint", "OpenIdConnect identity provider"),
        ("SAML2", "SAML2", "PartnerEntity", "SAML2 identity provider"),
        ("OAuth2", "JSON", "authorization_endpoint", "OAuth2 identity provider"),
        ("OpenIdConnect", "JWT", "client_id", "JWT issuer"),
    ],
)
def test_an_identity_provider_may_name_a_token_format(protocol, token_format, item, handler):
    metadata = {item.lower(): Item(item, "https://login.contoso.com", HERE)}

    assert handler_of(profile(protocol, output_token_format=token_format, metadata=metadata)) == handler
