from __future__ import annotations

import pytest

from journeyman.compiler.passes import compile_policy
from journeyman.engine.registry import SPECS
from journeyman.policy.load import load_policies

ENDPOINTS = {"authorization_endpoint": "https://idp.example/auth", "client_id": "c"}
KEY = '<Key Id="client_secret" StorageReferenceId="B2C_1A_Secret" />'


@pytest.fixture
def diagnostics_of(xml, tmp_path):
    """Return the codes of what is said of a profile with this protocol and metadata."""

    def run(protocol, metadata, keys=KEY, more="</TechnicalProfile>"):
        profile = xml.profile("Provider", protocol, metadata, outputs=('id PartnerClaimType="sub"',))
        profile = profile.replace("<OutputClaims>", f"<CryptographicKeys>{keys}</CryptographicKeys><OutputClaims>", 1)
        profile = profile.replace("</TechnicalProfile>", more)
        text = xml.policy(xml.step(E="Provider"), claims=(xml.claim("id"),), profiles=(profile,), outputs=("id",))
        (tmp_path / "policy.xml").write_text(text, encoding="utf-8")
        loaded = load_policies([tmp_path / "policy.xml"], settings={}, tenant_name=None)
        merged, _ = loaded.merged(next(iter(loaded.policies.values())).policy_id)
        _, found = compile_policy(merged, specs=SPECS, keys=None, engine_production=False)
        return {one.rule.code for one in found}

    return run


def test_an_openid_profile_needs_no_discovery_document_when_it_says_what_would_stand_there(diagnostics_of):
    said = {**ENDPOINTS, "JWKS": "https://idp.example/keys", "issuer": "https://idp.example"}

    assert "JM1155" not in diagnostics_of("OpenIdConnect", said)
    assert "JM1155" in diagnostics_of("OpenIdConnect", ENDPOINTS)


def test_a_response_mode_that_never_reaches_a_server_is_reported(diagnostics_of):
    metadata = {**ENDPOINTS, "AccessTokenEndpoint": "https://idp.example/token", "response_mode": "fragment"}

    assert "JM1540" in diagnostics_of("OAuth2", metadata)


def test_a_code_without_a_credential_is_reported(diagnostics_of):
    metadata = {**ENDPOINTS, "AccessTokenEndpoint": "https://idp.example/token", "response_types": "code"}

    assert "JM1473" in diagnostics_of("OAuth2", metadata, keys="")


def test_tokens_of_any_issuer_need_a_list_of_issuers(diagnostics_of):
    metadata = {**ENDPOINTS, "METADATA": "https://idp.example/d", "DiscoverMetadataByTokenIssuer": "true"}

    assert "JM1474" in diagnostics_of("OpenIdConnect", metadata)


@pytest.mark.parametrize(
    "inner",
    [
        "<ErrorResponseFormat>xml</ErrorResponseFormat><ResponseMatch>$.error</ResponseMatch><Action>Reauthenticate</Action>",
        "<ResponseMatch>error is bad</ResponseMatch><Action>Reauthenticate</Action>",
        "<ResponseMatch>$.error</ResponseMatch><Action>Explode</Action>",
    ],
)
def test_an_error_handler_that_never_acts_is_reported(diagnostics_of, inner):
    metadata = {**ENDPOINTS, "AccessTokenEndpoint": "https://idp.example/token"}
    more = f"<ErrorHandlers><ErrorHandler>{inner}</ErrorHandler></ErrorHandlers></TechnicalProfile>"

    assert "JM1542" in diagnostics_of("OAuth2", metadata, more=more)


@pytest.mark.parametrize(
    ("item", "value", "reported"),
    [
        ("token_endpoint_auth_method", "tls_client_auth", True),
        ("token_endpoint_auth_method", "Client_Secret_Basic", False),
        ("token_signing_algorithm", "HS256", True),
        ("token_signing_algorithm", "RS512", False),
    ],
)
def test_a_way_to_prove_the_client_that_is_not_known_is_an_error(diagnostics_of, item, value, reported):
    metadata = {**ENDPOINTS, "METADATA": "https://idp.example/d", item: value}

    assert ("JM1543" in diagnostics_of("OpenIdConnect", metadata)) is reported
