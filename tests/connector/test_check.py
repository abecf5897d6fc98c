from __future__ import annotations

import pytest

from journeyman.compiler.compiled import DeploymentMode, Metadata, TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.compiler.spec import KeyInfo, ProfileCheck
from journeyman.connector.check import check_profile
from journeyman.diagnostics import Location, Severity

SECRET = KeyInfo("B2C_1A_Secret", "oct", has_private_key=False, has_certificate=False, has_active_key=True)
PFX = KeyInfo("B2C_1A_Pfx", "RSA", has_private_key=True, has_certificate=True, has_active_key=True)
CER = KeyInfo("B2C_1A_Cer", "RSA", has_private_key=False, has_certificate=True, has_active_key=True)
STORED = {info.id.lower(): info for info in (SECRET, PFX, CER)}


def found(
    *, production=False, inputs=(), outputs=(), keys=None, stored=STORED, mode=DeploymentMode.PRODUCTION, **metadata
):
    """Check a profile that is fine but for what is given; None takes an item away."""
    items = {"ServiceUrl": "https://api.example.com/a", "AuthenticationType": "ApiKeyHeader"} | metadata
    profile = TechnicalProfile(
        id="REST-Loyalty",
        location=Location("policy.xml", 7, 3),
        handler=RESTFUL,
        metadata=Metadata({name: value for name, value in items.items() if value is not None}),
        keys={"x-functions-key": "B2C_1A_Secret"} if keys is None else keys,
        input_claims=tuple(inputs),
        output_claims=tuple(outputs),
    )
    check = ProfileCheck(
        policy_id="B2C_1A_SignUp",
        tenant_id="contoso.onmicrosoft.com",
        profile=profile,
        deployment_mode=mode,
        production=production and mode is DeploymentMode.PRODUCTION,
        keys=stored,
        place=lambda name: Location("policy.xml", 9, len(name)),
        engine_production=production,
    )
    return list(check_profile(check))


def summary(diagnostics):
    return [(one.code, one.severity.value, one.message.partition(":")[0]) for one in diagnostics]


@pytest.mark.parametrize("production", [True, False])
def test_a_good_profile_has_no_diagnostics(production):
    assert found(production=production) == []


def test_a_diagnostic_names_profile_place_and_remedy():
    (one,) = found(AuthenticationType="Digest", keys={})

    assert (one.element, one.location) == ("REST-Loyalty", Location("policy.xml", 9, len("AuthenticationType")))
    assert one.message == (
        "AADB2C90024: Profile 'REST-Loyalty' contains the unsupported authentication type 'Digest'. Expected one of "
        "'None', 'Basic', 'Bearer', 'ClientCertificate' or 'ApiKeyHeader'."
    )
    assert one.help


@pytest.mark.parametrize("item", ["ServiceUrl", "AuthenticationType"])
def test_a_missing_item_is_aadb2c90023(item):
    (one,) = found(**{item: None})

    assert one.message == f"AADB2C90023: Profile 'REST-Loyalty' does not contain the required metadata key '{item}'."
    assert one.severity is Severity.ERROR


@pytest.mark.parametrize(
    "url", ["", "api/a", "ftp://a.example/", "https://user:canary@a.example/?code=canary", "https://127.1/"]
)
def test_a_service_url_that_is_not_one_is_aadb2c90026_and_shows_no_credential(url):
    (one,) = found(ServiceUrl=url)

    assert summary([one]) == [("JM1402", "error", "AADB2C90026")]
    assert "canary" not in one.message + one.help


def test_a_host_that_depends_on_a_claim_is_an_error(claim):
    assert summary(found(ServiceUrl="https://{host}.example.com/", inputs=[claim("host")])) == [
        ("JM1403", "error", "AADB2C90026")
    ]


def test_an_unknown_mode_is_aadb2c90029():
    assert summary(found(SendClaimsIn="Cookie")) == [("JM1405", "error", "AADB2C90029")]


@pytest.mark.parametrize("value", ["body", "Body", " FORM ", "querystring", "URL", "Header"])
def test_modes_and_types_are_read_without_regard_to_case(value):
    assert found(SendClaimsIn=value, AuthenticationType="apikeyheader") == []


@pytest.mark.parametrize("value", ["yes", "1", ""])
def test_a_boolean_that_is_none_is_aadb2c90030(value):
    assert summary(found(DebugMode=value)) == [("JM1406", "error", "AADB2C90030")]


@pytest.mark.parametrize("value", ["true", "True", "FALSE", " false "])
def test_a_boolean_in_any_case_is_fine(value):
    assert found(ResolveJsonPathsInJsonTokens=value) == []


def test_http_is_an_error_in_production_and_a_warning_in_development():
    url = "http://api.example.com/a?lang=canary"

    assert summary(found(production=True, ServiceUrl=url)) == [("JM1407", "error", "AADB2C90256")]
    assert summary(found(ServiceUrl=url)) == [("JM1408", "warning", "AADB2C90257")]
    assert "canary" not in found(production=True, ServiceUrl=url)[0].message


@pytest.mark.parametrize(("flag", "severity"), [(None, "error"), ("false", "error")])
def test_none_without_the_opt_in_is_an_error_in_production_with_the_observed_text(flag, severity):
    (one,) = found(production=True, AuthenticationType="None", AllowInsecureAuthInProduction=flag, keys={})

    assert one.severity.value == severity
    assert one.message == (
        "AADB2C90258: Profile 'REST-Loyalty' uses an insecure authentication mode that is only allowed in production "
        "mode policies with metadata key 'AllowInsecureAuthInProduction' set to true."
    )


@pytest.mark.parametrize(("production", "severity"), [(True, "error"), (False, "warning")])
def test_none_without_the_opt_in_counts_debugging_as_production(production, severity):
    diagnostics = found(production=production, mode=DeploymentMode.DEBUGGING, AuthenticationType="None", keys={})

    assert summary(diagnostics) == [("JM1409", severity, "AADB2C90258")]


def test_none_without_the_opt_in_is_a_warning_in_development():
    assert summary(found(AuthenticationType="None", keys={})) == [("JM1409", "warning", "AADB2C90258")]


def test_none_with_the_opt_in_is_allowed_and_warned_about_in_production():
    options = {"AuthenticationType": "None", "AllowInsecureAuthInProduction": "True", "keys": {}}

    assert [(one.code, one.severity.value) for one in found(production=True, **options)] == [("JM1425", "warning")]
    assert found(**options) == []


@pytest.mark.parametrize("flag", ["true", "false"])
def test_the_opt_in_has_no_effect_on_other_types(flag):
    assert found(production=True, AllowInsecureAuthInProduction=flag) == []


def test_metadata_for_development_only_is_aadb2c90259():
    assert summary(found(production=True, IgnoreServerCertificateErrors="true")) == [("JM1410", "error", "AADB2C90259")]
    assert summary(found(IgnoreServerCertificateErrors="true")) == [("JM1410", "warning", "AADB2C90259")]


def test_debug_mode_has_no_effect_in_production():
    assert [one.code for one in found(production=True, DebugMode="true")] == ["JM1423"]
    assert found(DebugMode="true") == []


@pytest.mark.parametrize(
    ("kind", "keys", "missing"),
    [
        ("Basic", {}, ["BasicAuthenticationUsername", "BasicAuthenticationPassword"]),
        ("Basic", {"BasicAuthenticationUsername": "B2C_1A_Secret"}, ["BasicAuthenticationPassword"]),
        ("Basic", {"basicauthenticationusername": "B2C_1A_Secret", "BASICAUTHENTICATIONPASSWORD": "B2C_1A_Secret"}, []),
        ("ClientCertificate", {}, ["ClientCertificate"]),
        ("ApiKeyHeader", {}, ["x-functions-key"]),
    ],
)
def test_a_missing_key_is_aadb2c90025(kind, keys, missing):
    diagnostics = found(AuthenticationType=kind, keys=keys)

    assert [one.message for one in diagnostics] == [
        f"AADB2C90025: Profile 'REST-Loyalty' does not contain the required cryptographic key '{key}'."
        for key in missing
    ]


def test_a_bearer_without_source_is_aadb2c90192(claim):
    assert summary(found(AuthenticationType="Bearer", keys={})) == [("JM1412", "error", "AADB2C90192")]
    assert summary(found(AuthenticationType="Bearer", keys={}, UseClaimAsBearerToken="")) == [
        ("JM1412", "error", "AADB2C90192")
    ]


def test_a_bearer_claim_that_is_no_input_claim_is_aadb2c90193(claim):
    options = {"AuthenticationType": "Bearer", "keys": {}, "UseClaimAsBearerToken": "bearerToken"}

    assert found(inputs=[claim("BEARERTOKEN")], **options) == []
    (one,) = found(inputs=[claim("email")], **options)
    assert one.message == (
        "AADB2C90193: Restful profile 'REST-Loyalty' does not have the input claim 'bearerToken' referenced by "
        "'UseClaimAsBearerToken'."
    )


def test_two_sources_of_a_bearer_are_a_warning(claim):
    codes = found(
        AuthenticationType="Bearer",
        keys={"BearerAuthenticationToken": "B2C_1A_Secret"},
        UseClaimAsBearerToken="bearerToken",
        inputs=[claim("bearerToken")],
    )

    assert [(one.code, one.severity.value) for one in codes] == [("JM1424", "warning")]


@pytest.mark.parametrize(
    ("kind", "key", "stored", "code"),
    [
        ("ClientCertificate", "ClientCertificate", "B2C_1A_Secret", "AADB2C90028"),
        ("ClientCertificate", "ClientCertificate", "B2C_1A_Cer", "AADB2C90028"),
        ("ClientCertificate", "ClientCertificate", "B2C_1A_Pfx", None),
        ("ApiKeyHeader", "x-functions-key", "B2C_1A_Pfx", "AADB2C90019"),
        ("Bearer", "BearerAuthenticationToken", "b2c_1a_pfx", "AADB2C90019"),
        ("Bearer", "BearerAuthenticationToken", "B2C_1A_Unknown", None),
    ],
)
def test_a_key_of_the_wrong_kind_is_an_error(kind, key, stored, code):
    codes = [one.message.partition(":")[0] for one in found(AuthenticationType=kind, keys={key: stored})]

    assert codes == ([code] if code else [])


def test_without_a_tenant_the_kind_of_a_key_is_not_judged():
    assert found(AuthenticationType="ClientCertificate", keys={"ClientCertificate": "B2C_1A_Secret"}, stored=None) == []


@pytest.mark.parametrize(
    ("header", "severity"),
    [
        ("Host", "error"),
        ("x key", "error"),
        ("Content-Length", "error"),
        ("Authorization", "warning"),
        ("Cookie", "warning"),
    ],
)
def test_a_header_that_cannot_carry_a_key_is_reported(header, severity):
    diagnostics = found(keys={header: "B2C_1A_Secret"})

    assert [(one.code, one.severity.value) for one in diagnostics] == [("JM1415", severity)]


def test_a_second_key_header_is_a_warning_that_names_both():
    (one,) = found(keys={"x-api-key": "B2C_1A_Secret", "x-other": "B2C_1A_Secret"})

    assert one.severity is Severity.WARNING
    assert one.message == "AuthenticationType ApiKeyHeader sends one key; 'x-api-key' is sent, 'x-other' not."


def test_placeholders_that_nothing_fills_are_warnings(claim):
    url = "https://api.example.com/{objectId}/{other}"

    assert [one.message for one in found(ServiceUrl=url, SendClaimsIn="Url", inputs=[claim("objectId")])] == [
        "No input claim fills {other} in ServiceUrl; it is sent as it stands."
    ]
    assert [one.code for one in found(ServiceUrl=url, inputs=[claim("objectId")])] == ["JM1419", "JM1419"]


def test_an_input_claim_that_cannot_be_a_header_is_an_error(claim):
    inputs = [claim("name", "first name"), claim("token", "Authorization"), claim("fine", "X-Fine")]

    assert [one.code for one in found(SendClaimsIn="Header", inputs=inputs)] == ["JM1417"]
    assert found(SendClaimsIn="Body", inputs=inputs) == []


def test_the_payload_claim_must_be_an_input_claim_and_the_mode_body(claim):
    payload = {"ClaimUsedForRequestPayload": "payload"}

    assert found(inputs=[claim("payload")], **payload) == []
    assert [one.code for one in found(**payload)] == ["JM1420"]
    assert [one.code for one in found(SendClaimsIn="Form", inputs=[claim("payload")], **payload)] == ["JM1421"]


def test_a_path_that_is_none_is_a_warning(claim):
    outputs = [claim("a", "contacts[0].email"), claim("b", "a..b")]

    assert [one.code for one in found(ResolveJsonPathsInJsonTokens="true", outputs=outputs)] == ["JM1422"]
    assert found(outputs=outputs) == []


def test_the_order_is_that_of_the_real_service():
    codes = [
        one.message.partition(":")[0]
        for one in found(
            production=True,
            AuthenticationType=None,
            ServiceUrl="http://{x}",
            SendClaimsIn="x",
            DebugMode="x",
            IgnoreServerCertificateErrors="true",
        )
    ]

    assert codes == [
        "AADB2C90023", "AADB2C90026", "AADB2C90029", "AADB2C90030", "AADB2C90256", "AADB2C90259",
    ]  # fmt: skip
