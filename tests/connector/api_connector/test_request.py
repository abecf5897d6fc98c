"""The request of an API connector: the members of rest-connectors.md §15.3 and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.values import DataType, UserIdentity
from journeyman.compiler.compiled import ClaimMapping
from journeyman.connector.api_connector.request import ConnectorRequestPlan, build_connector_request
from journeyman.connector.api_connector.step import Step
from journeyman.connector.errors import RequestRefusedError
from journeyman.connector.service_url import compile_service_url

CLIENT = "93fd07aa-333c-409d-955d-96008fd08dd9"
CODE = "extension_11112222333344445555666677778888_Code"


def pair(claim_id, value, name=None, data_type=DataType.STRING, control=None):
    return ClaimMapping(ClaimType(claim_id, data_type, user_input_type=control), name or claim_id), value


@pytest.fixture
def build(resolution):
    known = replace(resolution, parameters={"client_id": CLIENT})

    def make(step, *inputs, claims=None, parameters=None, **options):
        url = compile_service_url("https://api.example/x?code=1", (), placeholders=False, resolvers=False)
        plan = ConnectorRequestPlan(url, step, "contoso.onmicrosoft.com", frozenset({"newPassword"}), **options)
        now = replace(known, claims=claims or {}, parameters=known.parameters if parameters is None else parameters)
        return build_connector_request(plan, inputs, now)

    return make


def test_the_request_of_a_federated_sign_up(build):
    request = build(
        Step.POST_FEDERATION_SIGNUP,
        pair("email", "john@fabrikam.example"),
        pair("identityProvider", "facebook.com", "identities.federated.issuer"),
        pair("issuerUserId", "0123456789", "identities.federated.issuerAssignedId"),
        pair("displayName", "John Smith"),
        pair("surname", ""),
    )

    assert (request.method, str(request.url)) == ("POST", "https://api.example/x?code=1")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "email": "john@fabrikam.example",
        "identities": [{"signInType": "federated", "issuer": "facebook.com", "issuerAssignedId": "0123456789"}],
        "displayName": "John Smith",
        "step": "PostFederationSignup",
        "client_id": CLIENT,
        "ui_locales": "en-US",
    }


@pytest.mark.parametrize(
    ("name", "kind"), [("identities.emailAddress", "emailAddress"), ("identities.userName", "userName")]
)
def test_the_identity_of_a_local_account_is_issued_by_the_tenant(build, name, kind):
    body = json.loads(build(Step.POST_ATTRIBUTE_COLLECTION, pair("signInName", "ada", name)).body)

    assert body["identities"] == [
        {"signInType": kind, "issuer": "contoso.onmicrosoft.com", "issuerAssignedId": "ada"},
    ]


def test_stored_identities_are_sent_as_their_issuers_wrote_them_and_once(build):
    held = (UserIdentity("google.com", "MTIzNDU="), UserIdentity("plain.example", "not base64!"))
    body = json.loads(
        build(
            Step.PRE_TOKEN_ISSUANCE,
            pair("ids", held, "identities", DataType.USER_IDENTITY_COLLECTION),
            pair("identityProvider", "google.com", "identities.federated.issuer"),
            pair("issuerUserId", "12345", "identities.federated.issuerAssignedId"),
        ).body
    )

    assert body["identities"] == [
        {"signInType": "federated", "issuer": "google.com", "issuerAssignedId": "12345"},
        {"signInType": "federated", "issuer": "plain.example", "issuerAssignedId": "not base64!"},
    ]


@pytest.mark.parametrize(
    "inputs",
    [
        (pair("identityProvider", "google.com", "identities.federated.issuer"),),
        (pair("issuerUserId", "1", "identities.federated.issuerAssignedId"),),
        (pair("ids", "text", "identities"),),
        (pair("email", "", "identities.emailAddress"),),
    ],
)
def test_half_an_identity_is_none(build, inputs):
    assert "identities" not in json.loads(build(Step.PRE_TOKEN_ISSUANCE, *inputs).body)


def test_values_have_their_json_types_and_what_is_empty_is_left_out(build):
    body = json.loads(
        build(
            Step.POST_ATTRIBUTE_COLLECTION,
            pair("extension_Code", "x", CODE),
            pair("extension_Adult", False, CODE.replace("Code", "Adult"), DataType.BOOLEAN),
            pair("extension_Age", 41, CODE.replace("Code", "Age"), DataType.LONG),
            pair("extension_Since", datetime(2026, 1, 31, 10, tzinfo=UTC), "since", DataType.DATE_TIME),
            pair("mails", ("a", "b"), "otherMails", DataType.STRING_COLLECTION),
            pair("none", (), "none", DataType.STRING_COLLECTION),
            pair("city", ""),
        ).body
    )

    assert body == {
        CODE: "x",
        CODE.replace("Code", "Adult"): False,
        CODE.replace("Code", "Age"): 41,
        "since": "2026-01-31T10:00:00.0000000Z",
        "otherMails": ["a", "b"],
        "step": "PostAttributeCollection",
        "client_id": CLIENT,
        "ui_locales": "en-US",
    }


@pytest.mark.parametrize(
    "forbidden",
    [
        pair("newPassword", "p4ss"),
        pair("secretWord", "p4ss", "displayName", control=UserInputType.PASSWORD),
        pair("anything", "p4ss", "password"),
        pair("Password", "p4ss", "displayName"),
        pair("copy", "hunter2", "displayName"),
        pair("step", "PreTokenIssuance"),
        pair("app", "evil", "client_id"),
        pair("lang", "evil", "ui_locales"),
        pair("objectId", "u-1"),
    ],
)
def test_a_password_or_what_the_engine_says_itself_never_comes_from_a_claim(build, forbidden):
    body = json.loads(build(Step.POST_ATTRIBUTE_COLLECTION, forbidden, claims={"newPassword": "hunter2"}).body)

    assert body == {"step": "PostAttributeCollection", "client_id": CLIENT, "ui_locales": "en-US"}


def test_the_object_id_is_sent_before_the_token_only(build):
    assert json.loads(build(Step.PRE_TOKEN_ISSUANCE, pair("objectId", "u-1")).body)["objectId"] == "u-1"


def test_without_an_application_there_is_no_client_id(build):
    assert "client_id" not in json.loads(build(Step.PRE_TOKEN_ISSUANCE, parameters={}).body)


def test_of_two_claims_with_one_name_the_last_wins(build):
    request = build(Step.PRE_TOKEN_ISSUANCE, pair("a", "1", "city"), pair("b", "2", "city"))

    assert json.loads(request.body)["city"] == "2"


@pytest.mark.parametrize("text", ['"}],"step":"x', "\u2028\n\t\\", "<script>", "ß𝄞"])
def test_no_value_can_leave_its_place(build, text):
    body = json.loads(build(Step.PRE_TOKEN_ISSUANCE, pair("city", text)).body)

    assert body["city"] == text
    assert body["step"] == "PreTokenIssuance"


@pytest.mark.parametrize("value", ["\ud800", "x" * 1_100_000])
def test_what_makes_no_safe_request_is_refused(build, value):
    with pytest.raises(RequestRefusedError):
        build(Step.PRE_TOKEN_ISSUANCE, pair("city", value))


def test_headers_of_ours_are_sent_when_the_settings_ask_for_them(build):
    plain, extended = (
        build(Step.PRE_TOKEN_ISSUANCE),
        build(Step.PRE_TOKEN_ISSUANCE, idempotency_key=True, traceparent=True),
    )

    assert {"Idempotency-Key", "traceparent"} & set(plain.headers) == set()
    assert extended.headers["traceparent"].startswith("00-99999999222233334444555555555555-")
    assert len(extended.headers["Idempotency-Key"]) == 36
