from __future__ import annotations

import pytest

from journeyman.engine.key_uses import UseKind, key_uses, uses_of
from journeyman.settings import load_settings

HEAD = (
    '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
    'PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="{id}" '
    'PublicPolicyUri="http://yourtenant.onmicrosoft.com/{id}">'
)
BASE_POLICY = "<BasePolicy><TenantId>yourtenant.onmicrosoft.com</TenantId><PolicyId>B2C_1A_Base</PolicyId></BasePolicy>"
RELYING_PARTY = (
    '<RelyingParty><DefaultUserJourney ReferenceId="Start"/><TechnicalProfile Id="PolicyProfile">'
    '<DisplayName>x</DisplayName><Protocol Name="OpenIdConnect"/></TechnicalProfile></RelyingParty>'
)
REST = """<TechnicalProfile Id="REST-Check"><DisplayName>x</DisplayName>
<Protocol Name="Proprietary" Handler="Web.TPEngine.Providers.RestfulProvider, Web.TPEngine, Version=1.0.0.0"/>
<Metadata><Item Key="ServiceUrl">https://api.example.com/check</Item><Item Key="AuthenticationType">Basic</Item></Metadata>
<CryptographicKeys><Key Id="BasicAuthenticationUsername" StorageReferenceId="B2C_1A_User"/>
<Key Id="BasicAuthenticationPassword" StorageReferenceId="B2C_1A_Word"/></CryptographicKeys></TechnicalProfile>"""
ISSUER = """<TechnicalProfile Id="JwtIssuer"><DisplayName>x</DisplayName><Protocol Name="None"/>
<OutputTokenFormat>JWT</OutputTokenFormat>
<CryptographicKeys><Key Id="issuer_secret" StorageReferenceId="B2C_1A_Signing"/></CryptographicKeys></TechnicalProfile>"""


def profiles(text):
    return (
        "<ClaimsProviders><ClaimsProvider><DisplayName>x</DisplayName><TechnicalProfiles>"
        f"{text}</TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
    )


def policy(id, *parts):
    return HEAD.format(id=id) + "".join(parts) + "</TrustFrameworkPolicy>"


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "journeyman.toml").write_text('[tenant]\nname = "contoso.onmicrosoft.com"\n', encoding="utf-8")
    (tmp_path / "policies" / "Base.xml").write_text(policy("B2C_1A_Base", profiles(REST + ISSUER)), encoding="utf-8")
    for name in ("SignUp", "SignIn"):
        text = policy(f"B2C_1A_{name}", BASE_POLICY, RELYING_PARTY)
        (tmp_path / "policies" / f"{name}.xml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path, environment={})


def test_a_rest_call_is_named_with_its_address_its_authentication_and_its_policies(settings):
    (use,) = uses_of(key_uses(settings), "b2c_1a_WORD")

    assert (use.kind, use.user, use.key_name) == (UseKind.REST_CALL, "REST-Check", "BasicAuthenticationPassword")
    assert (use.authentication_type, use.service_url) == ("Basic", "https://api.example.com/check")
    assert use.policies == ("B2C_1A_SignIn", "B2C_1A_SignUp")
    assert (use.location.path, use.location.line) == ("policies/Base.xml", 5)


def test_an_issuer_is_named_as_one(settings):
    (use,) = uses_of(key_uses(settings), "B2C_1A_Signing")

    assert (use.kind, use.user, use.key_name) == (UseKind.ISSUER, "JwtIssuer", "issuer_secret")


def test_the_token_endpoint_uses_the_platform_key(settings):
    (use,) = uses_of(key_uses(settings), "B2C_1A_JourneymanPlatformSigning")

    assert (use.kind, use.user) == (UseKind.TOKEN_ENDPOINT, "/contoso.onmicrosoft.com/oauth2/v2.0/token")


def test_a_policy_without_its_base_still_says_what_it_needs(settings):
    (settings.folder / "policies" / "Base.xml").unlink()
    text = policy("B2C_1A_SignUp", BASE_POLICY, profiles(REST), RELYING_PARTY)
    (settings.folder / "policies" / "SignUp.xml").write_text(text, encoding="utf-8")

    assert [use.policies for use in uses_of(key_uses(settings), "B2C_1A_User")] == [("B2C_1A_SignUp",)]


def test_a_profile_that_includes_another_uses_its_keys_too(settings):
    text = (
        REST
        + '<TechnicalProfile Id="REST-More"><DisplayName>x</DisplayName><IncludeTechnicalProfile ReferenceId="REST-Check"/></TechnicalProfile>'
    )
    (settings.folder / "policies" / "Base.xml").write_text(policy("B2C_1A_Base", profiles(text)), encoding="utf-8")

    assert [use.user for use in uses_of(key_uses(settings), "B2C_1A_User")] == ["REST-Check", "REST-More"]


def test_a_managed_bearer_is_named_with_its_token_endpoint_and_the_policies_of_its_profile(tmp_path, settings):
    (tmp_path / "journeyman.toml").write_text(
        '[tenant]\nname = "contoso.onmicrosoft.com"\n[profiles."rest-CHECK".bearer]\n'
        'token_url = "https://login.example/token"\nclient_id = "c"\nkey = "B2C_1A_Managed"\n'
        '[profiles."Unknown".bearer]\ntoken_url = "https://login.example/token"\nclient_id = "c"\nkey = "B2C_1A_Managed"\n',
        encoding="utf-8",
    )
    uses = uses_of(key_uses(load_settings(tmp_path, environment={})), "B2C_1A_MANAGED")

    assert [(use.kind, use.user, use.key_name) for use in uses] == [
        (UseKind.MANAGED_BEARER, "REST-Check", "bearer.key"),
        (UseKind.MANAGED_BEARER, "unknown", "bearer.key"),
    ]
    assert uses[0].policies == ("B2C_1A_SignIn", "B2C_1A_SignUp")
    assert (uses[0].authentication_type, uses[0].service_url) == ("client_secret_basic", "https://login.example/token")


CONNECTORS = """
[[api_connectors]]
name = "Called"
url = "https://api.example/a"
authentication = { type = "basic", username = "u", password_key = "B2C_1A_Called" }
[[api_connectors]]
name = "Managed"
url = "https://api.example/b"
authentication = { type = "managed", token_url = "https://login.example/t", client_id = "c", key = "B2C_1A_Managed" }
[[api_connectors]]
name = "Idle"
url = "https://api.example/c"
authentication = { type = "certificate", key = "B2C_1A_Idle" }
[[user_flows]]
id = "B2C_1_a"
type = "signUp"
connectors = { postAttributeCollection = "Called", preTokenIssuance = "Managed" }
"""


@pytest.mark.parametrize(
    ("set_id", "kind", "user", "key_name", "method", "url", "policies"),
    [
        (
            "B2C_1A_Called", UseKind.REST_CALL, "PreUserWriteRestful", "BasicAuthenticationPassword", "Basic",
            "https://api.example/a", ("B2C_1_a",),
        ),
        (
            "B2C_1A_Managed", UseKind.MANAGED_BEARER, "PreSendClaimsRestful", "BearerClientKey", "client_secret_basic",
            "https://login.example/t", ("B2C_1_a",),
        ),
        (
            "B2C_1A_Idle", UseKind.REST_CALL, "API connector Idle", "ClientCertificate", "ClientCertificate",
            "https://api.example/c", (),
        ),
    ],
)  # fmt: skip
def test_an_api_connector_is_named_whether_a_user_flow_calls_it_or_not(
    settings, set_id, kind, user, key_name, method, url, policies
):
    with (settings.folder / "journeyman.toml").open("a", encoding="utf-8") as toml:
        toml.write(CONNECTORS)
    (use,) = uses_of(key_uses(load_settings(settings.folder, environment={})), set_id)

    assert (use.kind, use.user, use.key_name) == (kind, user, key_name)
    assert (use.authentication_type, use.service_url, use.policies) == (method, url, policies)
