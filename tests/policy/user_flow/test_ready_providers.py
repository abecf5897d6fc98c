"""Each ready identity provider makes a user flow without a fault; the well-known ones say what public policies say."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from journeyman.policy.user_flow.identity_providers import ProviderClaim, provider_fragment
from journeyman.policy.user_flow.ready_providers import READY
from journeyman.settings.identity import IdentityProvider, IdentitySettings, UserFlow, UserFlowType
from journeyman.settings.provider_types import OPENID_CONNECT, PROVIDER_TYPES, provider_type

CORPUS = Path(os.environ.get("JOURNEYMAN_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))


def of_type(name, **extra):
    return IdentityProvider(provider_type(name).id, name, "", client_id="c1", secret_key="B2C_1A_Secret", **extra)


def test_every_type_that_can_be_used_is_ready():
    assert READY.keys() == {each.name for each in PROVIDER_TYPES if not each.refused and each is not OPENID_CONNECT}


@pytest.mark.parametrize("name", sorted(READY))
def test_a_user_flow_with_a_ready_provider_compiles_without_a_warning(compile_flow, name):
    provider = of_type(name)
    flow = UserFlow("B2C_1_x", UserFlowType.SIGN_UP_OR_SIGN_IN, identity_providers=(provider.id,))

    result = compile_flow(flow, tenant=IdentitySettings(identity_providers=(provider,)))

    assert [str(each) for each in result.diagnostics if each.code not in {"JM1157", "JM1181"}] == []
    (profile,) = (p for p in result.policies["b2c_1_x"].technical_profiles.values() if p.id == provider.id)
    assert profile.domains == (provider_type(name).domain,)


@pytest.mark.corpus
def test_the_endpoints_of_facebook_are_those_of_the_starter_pack():
    pack = (CORPUS / "starterpack/SocialAndLocalAccounts/TrustFrameworkBase.xml").read_text(encoding="utf-8-sig")
    profile = re.search(r'<TechnicalProfile Id="Facebook-OAUTH">.*?</TechnicalProfile>', pack, re.DOTALL)[0]
    said = dict(re.findall(r'<Item Key="([^"]+)">([^<]*)</Item>', profile))
    extensions = (CORPUS / "starterpack/SocialAndLocalAccounts/TrustFrameworkExtensions.xml").read_text("utf-8-sig")
    said |= dict(re.findall(r'<Item Key="(scope|ClaimsEndpoint)">([^<]*)</Item>', extensions))
    claims = re.findall(r'<OutputClaim ClaimTypeReferenceId="(\w+)" PartnerClaimType="(\w+)"', profile)

    ours = provider_fragment(of_type("Facebook"))

    names = ("authorization_endpoint", "AccessTokenEndpoint", "ClaimsEndpoint", "HttpBinding", "scope", "ProviderName")
    assert {name: ours.metadata[name] for name in names} == {name: said[name] for name in names}
    assert set(claims) <= {(each.claim, each.partner) for each in ours.claims}
    assert ProviderClaim("identityProvider", default="facebook.com", always=True) in ours.claims


def test_a_scope_of_ones_own_replaces_the_usual_one():
    assert provider_fragment(of_type("GitHub", scope="read:user")).metadata["scope"] == "read:user"


def test_apple_signs_a_client_secret_for_each_request_when_it_has_the_key():
    by_key = provider_fragment(of_type("Apple", developer_id="ABCDE12345", key_id="KEY1234567")).metadata
    by_secret = provider_fragment(of_type("Apple")).metadata

    assert by_key["token_endpoint_auth_method"] == "signed_client_secret"
    assert (by_key["ClientSecretIssuer"], by_key["ClientSecretKeyId"]) == ("ABCDE12345", "KEY1234567")
    assert "token_endpoint_auth_method" not in by_secret


@pytest.mark.parametrize("tenant", ["common", "organizations"])
def test_the_document_of_all_entra_tenants_lets_each_tenant_be_its_own_issuer(tenant):
    url = f"https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration"
    entra = IdentityProvider("OIDC-V1-E", "OpenIDConnect", "E", "c", "B2C_1A_S", url)

    metadata = provider_fragment(entra).metadata

    assert metadata["ValidTokenIssuerPrefixes"] == "https://login.microsoftonline.com/"
    assert metadata["DiscoverMetadataByTokenIssuer"] == "true"


def test_a_provider_that_was_stored_and_cannot_be_used_is_reported_and_its_flow_is_not_served(compile_flow):
    twitter = IdentityProvider("Twitter-OAUTH1", "Twitter", "Twitter", "c", "B2C_1A_S")
    flow = UserFlow("B2C_1_x", UserFlowType.SIGN_UP_OR_SIGN_IN, identity_providers=("Twitter-OAUTH1",))

    result = compile_flow(flow, tenant=IdentitySettings(identity_providers=(twitter,)))

    (error,) = (each for each in result.diagnostics if each.code == "JM1541")
    assert "OAuth 1.0a" in error.message
    assert "b2c_1_x" not in result.policies
