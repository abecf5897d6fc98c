from journeyman.policy.user_flow.identity_providers import ProviderClaim, provider_fragment
from journeyman.settings.identity import IdentityProvider

CONTOSO = IdentityProvider(
    id="OIDC-V1-Contoso & Co-11111111-2222-3333-4444-555555555555",
    type="OpenIDConnect",
    display_name="Contoso & Co",
    client_id="journeyman",
    secret_key="B2C_1A_ContosoSecret",
    metadata_url="https://login.contoso.example/.well-known/openid-configuration",
    scope="openid profile",
    domain_hint="contoso.example",
    claims_mapping={"userId": "employee", "surname": ""},
)


def test_an_openid_connect_provider_is_a_technical_profile_with_discovery():
    fragment = provider_fragment(CONTOSO)

    assert fragment.protocol == "OpenIdConnect"
    assert fragment.domain == "contoso.example"
    assert fragment.keys == {"client_secret": "B2C_1A_ContosoSecret"}
    assert fragment.metadata == {
        "ProviderName": "https://login.contoso.example/.well-known/openid-configuration",
        "METADATA": "https://login.contoso.example/.well-known/openid-configuration",
        "client_id": "journeyman",
        "response_types": "code",
        "response_mode": "form_post",
        "scope": "openid profile",
        "UsePolicyInRedirectUri": "false",
    }


def test_ids_hold_only_what_ids_of_elements_may_hold():
    fragment = provider_fragment(CONTOSO)

    assert fragment.profile_id == "OIDC-V1-Contoso-Co-11111111-2222-3333-4444-555555555555"
    assert fragment.exchange_id == "OIDC-V1-Contoso-Co-11111111-2222-3333-4444-555555555555Exchange"


def test_the_claims_mapping_wins_over_the_standard_claims_and_leaves_out_what_is_empty():
    claims = provider_fragment(CONTOSO).claims

    assert claims == (
        ProviderClaim("issuerUserId", "employee"),
        ProviderClaim("displayName", "name"),
        ProviderClaim("givenName", "given_name"),
        ProviderClaim("email", "email"),
        ProviderClaim("identityProvider", "iss", default="contoso.example"),
    )
