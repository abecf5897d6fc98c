from __future__ import annotations

import json

import pytest

POLICY = """<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06"
 PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Base"
 PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_Base">
<ClaimsProviders><ClaimsProvider><DisplayName>x</DisplayName><TechnicalProfiles>
<TechnicalProfile Id="REST-Check"><DisplayName>x</DisplayName>
<Protocol Name="Proprietary" Handler="Web.TPEngine.Providers.RestfulProvider, Web.TPEngine"/>
<Metadata><Item Key="ServiceUrl">https://api.example.com/check</Item><Item Key="AuthenticationType">ApiKeyHeader</Item></Metadata>
<CryptographicKeys><Key Id="x-functions-key" StorageReferenceId="B2C_1A_ApiKey"/></CryptographicKeys></TechnicalProfile>
</TechnicalProfiles></ClaimsProvider></ClaimsProviders></TrustFrameworkPolicy>"""


@pytest.fixture
def keys(journeyman, tenant):
    (tenant / "policies" / "Base.xml").write_text(POLICY, encoding="utf-8")

    def call(*arguments):
        return journeyman("keys", *arguments, "--dir", tenant)

    return call


def test_the_uses_of_a_key_are_told_as_json(keys):
    ended = keys("uses", "apikey", "--json")

    assert json.loads(ended.out) == {
        "id": "B2C_1A_apikey",
        "exists": False,
        "uses": [
            {
                "kind": "rest call",
                "user": "REST-Check",
                "key": "x-functions-key",
                "handler": "Web.TPEngine.Providers.RestfulProvider",
                "policies": [],
                "authentication_type": "ApiKeyHeader",
                "service_url": "https://api.example.com/check",
                "path": "policies/Base.xml",
                "line": 8,
            }
        ],
    }


def test_without_a_name_keys_that_nothing_uses_and_keys_that_are_missing_are_told(keys):
    keys("generate", "Spare", "--type", "secret")
    ended = keys("uses")

    assert ended.out.splitlines() == [
        "B2C_1A_ApiKey  (there is no such policy key yet)",
        "  rest call REST-Check  x-functions-key  ApiKeyHeader https://api.example.com/check  policies/Base.xml:8",
        "B2C_1A_JourneymanPlatformSigning  (there is no such policy key yet)",
        "  token endpoint /contoso.onmicrosoft.com/oauth2/v2.0/token  signing key",
        "B2C_1A_Spare  used by nothing",
    ]


def test_without_a_name_json_is_an_array(keys):
    assert [row["id"] for row in json.loads(keys("uses", "--json").out)] == [
        "B2C_1A_ApiKey",
        "B2C_1A_JourneymanPlatformSigning",
    ]


def test_a_name_that_nobody_knows_is_an_error(keys):
    ended = keys("uses", "Nothing")

    assert ended.code == 1
    assert ended.err == (
        "error JM5102: AADB2C90073: KeyContainer with 'id': 'B2C_1A_Nothing' cannot be found in the directory "
        "'contoso.onmicrosoft.com', and no policy names it; `journeyman keys list` shows those there are\n"
    )


def test_the_uses_are_named_when_a_key_is_deleted(keys):
    keys("generate", "ApiKey", "--type", "secret")
    ended = keys("delete", "ApiKey", "--yes")

    assert ended.err == "warning: policies/Base.xml: rest call REST-Check needs B2C_1A_ApiKey\n"
