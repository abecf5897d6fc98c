"""What is wrong with a connector is found before the first call."""

from __future__ import annotations

import pytest

from journeyman.claims.claim_type import UserInputType
from journeyman.compiler.compiled import DeploymentMode, Metadata, TechnicalProfile
from journeyman.compiler.spec import KeyInfo, ProfileCheck
from journeyman.connector.api_connector.check import ConnectorChecks
from journeyman.diagnostics import Location
from journeyman.settings import BearerSettings, ProfileSettings

BASIC = {
    "ServiceUrl": "https://api.example/x?code=1",
    "Step": "PostAttributeCollection",
    "AuthenticationType": "Basic",
    "Connector": "A",
    "BasicAuthenticationUsername": "ada",
}
MANAGED = {
    **BASIC,
    "AuthenticationType": "managedbearer",
    "BearerTokenUrl": "https://login.example/token",
    "BearerClientId": "app",
}
PASSWORD = {"BasicAuthenticationPassword": "B2C_1A_Secret"}
CODE = "extension_11112222333344445555666677778888_Code"
KEYS = {
    "b2c_1a_secret": KeyInfo("B2C_1A_Secret", "oct", False, False, True),
    "b2c_1a_pair": KeyInfo("B2C_1A_Pair", "RSA", True, False, True),
    "b2c_1a_cert": KeyInfo("B2C_1A_Cert", "RSA", True, True, True),
    "b2c_1a_empty": KeyInfo("B2C_1A_Empty", "", False, False, False),
}


def found(metadata, keys=None, *, inputs=(), outputs=(), known=KEYS, mapped=(), settings=None):
    profile = TechnicalProfile(
        "Connector",
        Location("p.xml", 1, 1),
        "Journeyman.ApiConnector",
        metadata=Metadata(metadata),
        keys=keys if keys is not None else PASSWORD,
        input_claims=inputs,
        output_claims=outputs,
    )
    place = {"ServiceUrl": Location("p.xml", 5, 1)}
    check = ProfileCheck(
        policy_id="B2C_1_x",
        tenant_id="t",
        profile=profile,
        deployment_mode=DeploymentMode.PRODUCTION,
        production=False,
        keys=known,
        place=lambda name: place.get(name, Location("p.xml", 1, 1)),
    )
    return [
        (one.rule.code, one.message)
        for one in ConnectorChecks(mapped, {"connector": settings} if settings else {})(check)
    ]


def codes(*arguments, **options):
    return [code for code, _ in found(*arguments, **options)]


def test_a_good_connector_has_nothing_wrong_with_it(claim):
    good = (claim("email"), claim("email2", "identities.emailAddress"), claim("x", CODE))

    assert codes(BASIC, inputs=good, outputs=(claim("city"),)) == []
    assert codes(BASIC, known=None) == []
    assert codes(MANAGED, {"bearerclientkey": "B2C_1A_Secret"}) == []
    assert codes({**BASIC, "AuthenticationType": "ApiKeyHeader"}, {"x-api-key": "B2C_1A_Secret"}) == []
    assert codes({**BASIC, "AuthenticationType": "ClientCertificate"}, {"ClientCertificate": "B2C_1A_Cert"}) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Step": "PreUserWrite"}, "JM1520"),
        ({"AuthenticationType": "None"}, "JM1521"),
        ({"AuthenticationType": "Digest"}, "JM1521"),
        ({"ServiceUrl": "api.example"}, "JM1522"),
        ({"ServiceUrl": "https://u:p@api.example"}, "JM1522"),
        ({"ServiceUrl": "http://api.example/x"}, "JM1523"),
        ({"BasicAuthenticationUsername": " "}, "JM1524"),
    ],
)
def test_a_wrong_item_is_named(change, code):
    assert codes({**BASIC, **change}) == [code]


def test_a_managed_bearer_of_the_settings_takes_the_place_of_the_credential():
    bearer = BearerSettings("https://login.example/t", "c", "B2C_1A_Nowhere")

    assert codes(BASIC, {}, settings=ProfileSettings(bearer=bearer)) == ["JM1164", "JM1460"]


def test_items_that_are_missing_are_left_to_the_compiler():
    assert codes({"Connector": "A"}, {}) == []


def test_plain_http_needs_an_entry_in_the_egress_map():
    metadata = {**BASIC, "ServiceUrl": "http://api.example/x"}

    assert codes(metadata, mapped=("http://api.example",)) == []


def test_a_url_is_told_without_its_secrets():
    ((_, message),) = found({**BASIC, "ServiceUrl": "http://api.example/x?code=hunter2"})

    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("metadata", "keys", "code"),
    [
        (BASIC, {}, "JM1525"),
        (BASIC, {"BasicAuthenticationPassword": "B2C_1A_Pair"}, "JM1526"),
        ({**BASIC, "AuthenticationType": "ClientCertificate"}, {"ClientCertificate": "B2C_1A_Secret"}, "JM1526"),
        ({**BASIC, "AuthenticationType": "ApiKeyHeader"}, {}, "JM1525"),
        ({**BASIC, "AuthenticationType": "ApiKeyHeader"}, {"Host": "B2C_1A_Secret"}, "JM1527"),
        ({**BASIC, "AuthenticationType": "ApiKeyHeader"}, {"a": "B2C_1A_Secret", "b": "B2C_1A_Secret"}, "JM1527"),
        ({**MANAGED, "BearerClientAuthentication": "mtls"}, {"BearerClientKey": "B2C_1A_Secret"}, "JM1528"),
        ({**MANAGED, "BearerClientAuthentication": "private_key_jwt"}, {"BearerClientKey": "B2C_1A_Secret"}, "JM1526"),
        ({**MANAGED, "BearerClientAuthentication": "tls_client_auth"}, {"BearerClientKey": "B2C_1A_Pair"}, "JM1526"),
        ({**MANAGED, "BearerTokenUrl": "http://login.example"}, {"BearerClientKey": "B2C_1A_Secret"}, "JM1523"),
        ({**MANAGED, "BearerClientId": ""}, {"BearerClientKey": "B2C_1A_Secret"}, "JM1524"),
    ],
)
def test_a_credential_that_cannot_serve_is_named(metadata, keys, code):
    assert codes(metadata, keys) == [code]


def test_a_key_that_is_not_there_or_empty_is_left_to_the_compiler():
    assert codes(BASIC, {"BasicAuthenticationPassword": "B2C_1A_Nowhere"}) == []
    assert codes(BASIC, {"BasicAuthenticationPassword": "B2C_1A_Empty"}) == []
    jwt = {**MANAGED, "BearerClientAuthentication": "private_key_jwt"}
    assert codes(jwt, {"BearerClientKey": "B2C_1A_Pair"}) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("password", "JM1529"),
        ("step", "JM1529"),
        ("objectId", "JM1529"),
        ("extension_Code", "JM1531"),
        ("identities.federated.issuer", "JM1533"),
        ("identities.federated.issuerAssignedId", "JM1533"),
    ],
)
def test_an_input_claim_that_cannot_be_sent_is_named(claim, name, code):
    assert codes(BASIC, inputs=(claim("x", name),)) == [code]


def test_a_password_field_cannot_be_sent_under_any_name(claim):
    from dataclasses import replace

    mapping = claim("word", "displayName")
    secret = replace(mapping, claim=replace(mapping.claim, user_input_type=UserInputType.PASSWORD))

    assert codes(BASIC, inputs=(secret,)) == ["JM1529"]


@pytest.mark.parametrize("name", ["objectId", "sub", "identities", "identities.emailAddress", "newPassword", "action"])
@pytest.mark.parametrize("step", ["PostFederationSignup", "PostAttributeCollection", "PreTokenIssuance"])
def test_an_answer_cannot_say_who_the_user_is(claim, name, step):
    assert codes({**BASIC, "Step": step}, outputs=(claim("x", name),)) == ["JM1530"]
    assert codes({**BASIC, "Step": step}, outputs=(claim("signInNames.emailAddress", "city"),)) == ["JM1530"]


def test_the_address_in_a_token_cannot_be_replaced(claim):
    assert codes({**BASIC, "Step": "PreTokenIssuance"}, outputs=(claim("email"),)) == ["JM1530"]
    assert codes({**BASIC, "Step": "PostFederationSignup"}, outputs=(claim("email"),)) == []


def test_two_claims_with_one_name_are_named_once(claim):
    twice = (claim("a", "city"), claim("b", "city"), claim("c", CODE))

    assert codes(BASIC, inputs=twice) == ["JM1532"]
    assert codes(BASIC, outputs=twice) == ["JM1532"]
