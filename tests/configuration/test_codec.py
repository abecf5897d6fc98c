from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.configuration.codec import KIND_OF, decode, encode
from journeyman.configuration.errors import DamagedObjectError
from journeyman.configuration.store import Entry
from journeyman.settings.bearer_model import BearerSettings, ClientAuthentication
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    AttributeAssignment,
    AttributeOption,
    AttributeType,
    BasicCredentials,
    CertificateCredentials,
    ConnectorStep,
    FlowPage,
    IdentityProvider,
    InputType,
    ManagedBearerCredentials,
    StaticBearerCredentials,
    TokenLifetimes,
    UserAttribute,
    UserFlow,
    UserFlowType,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONNECTOR = ApiConnector("c1", "Loyalty", "https://api.example/x", BasicCredentials("user", "B2C_1A_Password"))
FLOW = UserFlow(
    "B2C_1_SignIn",
    UserFlowType.SIGN_UP_OR_SIGN_IN,
    type_version=3,
    attributes=(
        AttributeAssignment("city", "City", input_type=InputType.RADIO_SINGLE_SELECT, options=(AttributeOption("A", "a", is_default=True),)),
    ),
    connectors={ConnectorStep.PRE_TOKEN_ISSUANCE: "c1"},
    tokens=TokenLifetimes(sliding_window_days=None),
    pages={"unifiedSignIn": FlowPage("https://cdn.example/a.html")},
    languages=("en", "fr"),
    texts={"fr": {"heading": "Bonjour"}},
)  # fmt: skip


def entry_of(value, **changed) -> Entry:
    record = json.loads(json.dumps(encode(value) | changed))
    return Entry(KIND_OF[type(value)], value.id, record, 1, NOON, NOON)


@pytest.mark.parametrize(
    "credentials",
    [
        BasicCredentials("user", "B2C_1A_Password"),
        CertificateCredentials("B2C_1A_Certificate"),
        StaticBearerCredentials("B2C_1A_Token"),
        ManagedBearerCredentials(
            BearerSettings("https://sts.example/token", "id", "B2C_1A_S", ClientAuthentication.PRIVATE_KEY_JWT, "a b")
        ),
        ApiKeyCredentials("x-key", "B2C_1A_Key"),
    ],
)
def test_a_connector_survives_the_way_through_json_with_each_kind_of_credentials(credentials):
    connector = replace(CONNECTOR, credentials=credentials)

    assert decode(entry_of(connector), ApiConnector) == connector


@pytest.mark.parametrize(
    "value",
    [
        FLOW,
        UserAttribute("extension_0_Shoe", "Shoe", "Size", AttributeType.INT64),
        IdentityProvider("Facebook-OAUTH", "Facebook", "FB", "id", "B2C_1A_S", claims_mapping={"userId": "sub"}),
        IdentityProvider("OIDC-V1-a-1", "OpenIDConnect", "A", "id", None),
    ],
)
def test_every_other_object_survives_the_way_through_json(value):
    assert decode(entry_of(value), type(value)) == value


def test_a_record_names_its_fields_and_its_kind_of_credentials():
    assert encode(CONNECTOR) == {
        "id": "c1",
        "display_name": "Loyalty",
        "target_url": "https://api.example/x",
        "credentials": {"type": "basic", "username": "user", "password_key": "B2C_1A_Password"},
    }


def test_a_field_that_an_older_record_lacks_has_its_default():
    entry = Entry(KIND_OF[UserFlow], "B2C_1_a", {"id": "B2C_1_a", "type": "signIn"}, 1, NOON, NOON)

    assert decode(entry, UserFlow) == UserFlow("B2C_1_a", UserFlowType.SIGN_IN)


def test_a_member_that_a_newer_release_wrote_is_left_out():
    assert decode(entry_of(CONNECTOR, colour="blue"), ApiConnector) == CONNECTOR


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"display_name": 5}, "display_name has the wrong type"),
        ({"credentials": {"type": "basic", "username": "u"}}, "credentials/password_key is missing"),
        ({"credentials": {"type": "magic"}}, "credentials/type is not known"),
        ({"credentials": []}, "credentials has the wrong type"),
        ({"id": "c2"}, "id names another object"),
    ],
)
def test_a_damaged_connector_names_itself_and_the_member(changed, told):
    with pytest.raises(DamagedObjectError, match=rf"apiConnector 'c1' is damaged: {told}"):
        decode(entry_of(CONNECTOR, **changed), ApiConnector)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"type": "signOut"}, "type is not known"),
        ({"javascript": 1}, "javascript has the wrong type"),
        ({"type_version": True}, "type_version has the wrong type"),
        ({"languages": "en"}, "languages has the wrong type"),
        ({"languages": ["en", 2]}, "languages/1 has the wrong type"),
        ({"tokens": {"access_token_minutes": True}}, "tokens/access_token_minutes has the wrong type"),
        ({"connectors": {"never": "c1"}}, "connectors/never is not known"),
        ({"texts": {"fr": {"heading": None}}}, "texts/fr/heading has the wrong type"),
    ],
)
def test_a_damaged_user_flow_names_itself_and_the_member(changed, told):
    with pytest.raises(DamagedObjectError, match=rf"userFlow 'B2C_1_SignIn' is damaged: {told}"):
        decode(entry_of(FLOW, **changed), UserFlow)


def test_a_record_that_is_no_object_is_damaged():
    with pytest.raises(DamagedObjectError, match="the record has the wrong type"):
        decode(replace(entry_of(CONNECTOR), record=["x"]), ApiConnector)


def test_what_is_no_object_of_the_configuration_has_no_record():
    with pytest.raises(TypeError, match="str is no object"):
        encode("text")
